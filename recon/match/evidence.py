"""Levels of evidence for each pair of a line and a document, for and against.

In: candidates of a Book, the names and parties found. Out: drafts, one row a pair: a level (or null: says
nothing) per feature of recon.match.weights, and the figures its sentence needs. Weighs nothing itself.
"""

from __future__ import annotations

import polars as pl

from recon.match.amounts import settled
from recon.match.block import Candidates
from recon.match.book import Book
from recon.match.party import likeness

LONG_KEY = 7
"""Characters from which a reference is hardly met by chance."""
PADDED = 15
"""Digits of the shortest payment id that is printed with its padding."""
_DIFFERENT = 55.0
_SHORT_SERIES = 5
_ON_DAY, _NEAR, _LATE = 3, 10, 45


def pair_drafts(book: Book, found: Candidates, names: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """Drafts of one line and one document each: `l i` + facts, levels, figures."""
    lines = book.lines.select(
        "l", "line_id", "text_compact", "who_key", "named", "kind", "account_key", "counterparty_name",
        "creditor_reference",
    )  # fmt: skip
    items = book.items.select(
        "i", "kind", "document_no", "payment_reference", "printed", "name", "name_key", "party",
        item_party_name="counterparty_name", item_account_key="account_key",
    )  # fmt: skip
    pairs = (
        found.pairs.join(lines, on="l", maintain_order="left")
        .join(items, on="i", suffix="_item", maintain_order="left")
        .join(names, on=["l", "name"], how="left", maintain_order="left")
        .join(parties.drop("how"), on=["l", "party"], how="left", maintain_order="left")
    )
    pairs = _with_reference(pairs, found.hits)
    pairs = _with_document(pairs, found.hits, book)
    pairs = pairs.with_columns(score=likeness(pairs["who_key"], pairs["name_key"]))
    levels = pairs.with_columns(
        *settled(),
        name=name_level(),
        account=account_level(),
        date=date_level(),
        kind_level=kind_level(),
    )
    return _with_order(_with_amount(levels, book))


# --- reference -------------------------------------------------------------------------------------------


def _with_reference(pairs: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """`reference`, and `reference_text`: the reference the sentence names."""
    mine = is_reference_hit()
    own = (
        hits.filter(mine & pl.col("open"))
        .sort("l", "i", "trust", "key")
        .unique(["l", "i"], keep="first", maintain_order=True)
        .select("l", "i", "key", "trust")
    )
    strong = hits.filter(mine & (pl.col("trust") < 2) & (pl.col("key").str.len_chars() >= LONG_KEY))
    pointing = strong.group_by("l").agg(points_at_open=pl.col("open").any())
    joined = pairs.join(own, on=["l", "i"], how="left").join(pointing, on="l", how="left")
    told = pl.coalesce(
        pl.when(pl.col("trust").is_not_null()).then(pl.coalesce("payment_reference", "key")),
        "creditor_reference",
    )
    return joined.with_columns(reference=_reference_level(), reference_text=told).drop(
        "key", "trust", "points_at_open"
    )


def _reference_level() -> pl.Expr:
    """Structured before found whole before joined before bare digits; without a hit, where the reference points."""
    # Digits joined over blanks make a whole reference only where its padding is there too.
    least = pl.when(pl.col("trust") == 2).then(PADDED).otherwise(LONG_KEY)
    whole = (
        pl.col("text_compact").str.contains(pl.col("printed"), literal=True)
        & (pl.col("printed").str.len_chars() >= least)
        & pl.col("printed").str.contains(r"\d{4}")
    ).fill_null(False)
    return (
        pl.when(pl.col("trust") == 0)
        .then(pl.lit("structured"))
        .when(pl.col("trust").is_not_null() & whole)
        .then(pl.lit("printed"))
        .when(pl.col("trust") == 2)
        .then(pl.lit("joined"))
        .when(pl.col("trust").is_not_null() & (pl.col("key").str.len_chars() >= LONG_KEY))
        .then(pl.lit("digits"))
        .when(pl.col("trust").is_not_null())
        .then(pl.lit("digits_short"))
        .when(pl.col("points_at_open"))
        .then(pl.lit("other"))
        .when(pl.col("points_at_open").not_())
        .then(pl.lit("settled"))
        .when(pl.col("creditor_reference").str.len_chars() >= LONG_KEY)
        .then(pl.lit("foreign"))
    )


def is_reference_hit() -> pl.Expr:
    """A hit on the document's payment reference, or on its number by the line's structured reference."""
    return (pl.col("role") == "reference") | (pl.col("trust") == 0)


# --- document number -------------------------------------------------------------------------------------


def _with_document(pairs: pl.DataFrame, hits: pl.DataFrame, book: Book) -> pl.DataFrame:
    """`document_no` by how easily the number is met by chance among the numbers of this ledger."""
    levelled = document_hits(hits, book)
    order = ["exact", "crowded", "joined", "tail", "dense"]
    own = (
        levelled.filter("open")
        .with_columns(place=pl.col("document_level").replace_strict(order, list(range(len(order)))))
        .sort("l", "i", "place")
        .unique(["l", "i"], keep="first", maintain_order=True)
        .select("l", "i", "document_level")
    )
    sure = levelled.filter(pl.col("document_level") == "exact").select("l", named_other=True).unique()
    joined = pairs.join(own, on=["l", "i"], how="left").join(sure, on="l", how="left")
    level = pl.coalesce(
        "document_level", pl.when("named_other", pl.col("reference").is_null()).then(pl.lit("other"))
    )
    return joined.with_columns(document_no_level=level).drop("document_level", "named_other")


def document_hits(hits: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Hits on document numbers with their `document_level`; a key that is the reference too counts once."""
    mine = hits.filter(~is_reference_hit())
    mine = mine.join(hits.filter(is_reference_hit()), on=["l", "i", "key"], how="anti")
    digits = pl.col("key").str.contains(r"^\d+$")
    length = pl.col("key").str.len_chars()
    series = (
        book.item_keys.filter(pl.col("role") == "document", digits)
        .group_by(length=length)
        .agg(numbers=pl.col("key").n_unique())
    )
    sized = mine.with_columns(length=length).join(series, on="length", how="left", maintain_order="left")
    return sized.with_columns(document_level=_document_level()).drop("length", "numbers")


def _document_level() -> pl.Expr:
    """By the share of all numbers of this length that are documents here, for so often one is met by chance."""
    digits, length = pl.col("key").str.contains(r"^\d+$"), pl.col("length")
    room = 9.0 * pl.lit(10.0).pow(pl.col("length").cast(pl.Float64) - 1.0)
    year = pl.col("key").str.contains(r"^(?:19|20)\d\d$")
    density = pl.col("numbers") / room
    return (
        pl.when(pl.col("trust") == 2)
        .then(pl.lit("joined"))
        .when(year)
        .then(pl.lit("dense"))
        .when(pl.col("role") == "tail")
        .then(pl.lit("tail"))
        .when(~digits | ((density < 0.001) & (length >= _SHORT_SERIES)))
        .then(pl.lit("exact"))
        .when(density < 0.02)
        .then(pl.lit("crowded"))
        .otherwise(pl.lit("dense"))
    )


# --- amount ----------------------------------------------------------------------------------------------


def _with_amount(pairs: pl.DataFrame, book: Book) -> pl.DataFrame:
    """`amount`: an exact amount counts by how many open documents ask for it, `same_amount` says how many."""
    asked = book.open_items.group_by("open_minor", "currency").len("same_amount")
    counted = pairs.join(
        asked, left_on=["open_minor", "item_currency"], right_on=["open_minor", "currency"],
        how="left", maintain_order="left",
    )  # fmt: skip
    # A figure with odd øre, or one no whole hundred, is met by chance less often.
    odd = pl.col("open_minor") % 10_000 != 0
    exact = (
        pl.when((pl.col("same_amount") == 1) & odd)
        .then(pl.lit("exact_rare"))
        .when(pl.col("same_amount") == 1)
        .then(pl.lit("exact_unique"))
        .when(pl.col("same_amount") <= 5)
        .then(pl.lit("exact_few"))
        .otherwise(pl.lit("exact_common"))
    )
    level = pl.when(pl.col("relation") == "exact").then(exact).otherwise(pl.col("relation"))
    return counted.with_columns(amount=level)


# --- name, account, date, kind ---------------------------------------------------------------------------


def name_level() -> pl.Expr:
    """Level of the name; `differs` only where both sides name somebody and the names are far apart."""
    differs = pl.col("named") & pl.col("name_key").is_not_null() & (pl.col("score") < _DIFFERENT)
    return pl.coalesce(
        pl.when(pl.col("name_level") == "exact").then(pl.lit("exact")),
        pl.when(pl.col("name_as") == "memory").then(pl.lit("memory")),
        pl.col("name_level"),
        # Who paid before from the same account may well have another name.
        pl.when(differs, pl.col("account_as").is_null()).then(pl.lit("differs")),
    )


def account_level() -> pl.Expr:
    """`same` account as the document's party, or `memory`: it paid for this party before."""
    same = pl.col("account_key") == pl.col("item_account_key")
    return pl.when(same).then(pl.lit("same")).otherwise(pl.col("account_as"))


def date_level() -> pl.Expr:
    """The booking day against the anchor (due day, else issue day) and the issue day."""
    days = (pl.col("booking_date") - pl.col("anchor")).dt.total_days()
    before_issue = (pl.col("booking_date") - pl.col("issue_date")).dt.total_days() < -_ON_DAY
    return (
        pl.when(before_issue)
        .then(pl.lit("before_issue"))
        .when(days.abs() <= _ON_DAY)
        .then(pl.lit("on_day"))
        .when(days.abs() <= _NEAR)
        .then(pl.lit("near"))
        .when(days < 0)
        .then(pl.lit("early"))
        .when(days <= _LATE)
        .then(pl.lit("late"))
        .when(days > _LATE)
        .then(pl.lit("very_late"))
    )


def kind_level() -> pl.Expr:
    """What the bank says the movement is, against what the document is."""
    line, item = pl.col("kind"), pl.col("kind_item")
    purchase = item.is_in(["bill", "bill_credit"])
    fits = ((line == "payout") & (item == "payout")) | (line.is_in(["card", "direct_debit"]) & purchase)
    against = line.is_in(["fee", "interest"]) | ((line == "card") & ~purchase)
    return pl.when(fits).then(pl.lit("fits")).when(against).then(pl.lit("against"))


def _with_order(pairs: pl.DataFrame) -> pl.DataFrame:
    """`later` where an earlier day's line pays the same document in full by its own reference or number."""
    sure = pl.col("reference").is_in(["structured", "printed", "digits"]) | (
        pl.col("document_no_level") == "exact"
    )
    full = sure & pl.col("relation").is_in(["exact", "tolerance", "fee"])
    first = pl.col("booking_date").filter(full).min().over("i")
    later = full & (pl.col("booking_date") > first)
    return pairs.with_columns(order=pl.when(later).then(pl.lit("later")))
