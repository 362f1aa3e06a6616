"""One line for several documents of one party: what a customer pays together, or nets with a credit note.

In: a Book, hits and parties of its lines, a Policy. Out: drafts of kind one_to_many, by four passes in the
order of how sure they are: documents named in the text, everything open, a run in due order, some that add up.
Every sum is exact or short by no more than a fee; each pass stays linear or bounded.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from recon.match.book import Book
from recon.match.drafts import Drafts, drafts, nothing, together
from recon.match.evidence import date_level, document_hits, is_reference_hit
from recon.match.subset import MOST, chance, subsets
from recon.policy import Policy

PARTY_MAX = 400
"""Open documents of a party among which runs are looked for."""
SEARCHES_MAX = 4_000
"""Exact searches for sums in one run of the engine; lines beyond get the other passes alone."""
_CHANCE_MAX = 0.25
_RUNS_KEPT = 3
_NAMES_SHOWN = 6
_STRONG = ["same", "memory", "memory_account", "memory_name", "exact", "prefix", "in_text", "close"]


def group_drafts(
    book: Book, hits: pl.DataFrame, parties: pl.DataFrame, pairs: pl.DataFrame, policy: Policy
) -> Drafts:
    """Drafts of one line and several documents of one party and the line's currency.

    pairs: drafts of single documents; a line whose party has the exact amount as one document is not searched for sums.
    """
    items = book.open_items.select(
        "i", "item_id", "party", "open_minor", "currency", "issue_date", "anchor", "document_no", "counterparty_name"
    ).drop_nulls("party")  # fmt: skip
    lines = book.lines.filter(pl.col("amount_minor") != 0).select(
        "l", "booking_date", "amount_minor", "currency"
    )
    named = _named(lines, items, hits, book, policy)
    ledgers = _ledgers(lines, items, parties, named, book, policy)
    everything = _everything(ledgers)
    runs = _runs(lines, items, parties, policy)
    explained = pl.concat(
        [
            *(found.select("l") for found in (named, everything, runs)),
            pairs.filter(pl.col("relation") == "exact", pl.coalesce("account", "name").is_in(_STRONG)).select(
                "l"
            ),
        ]
    ).unique()
    some = _some(ledgers.join(explained, on="l", how="anti"))
    return together(
        [_as_drafts(found, lines, items, parties, policy) for found in (named, everything, runs, some)]
    )


# Each pass gives `g l party i amount_says` – a group number, and a row a document.


def _named(
    lines: pl.DataFrame, items: pl.DataFrame, hits: pl.DataFrame, book: Book, policy: Policy
) -> pl.DataFrame:
    """All documents a text names, when they add up; without the weakly named ones if they spoil the sum."""
    by_reference = hits.filter(is_reference_hit(), pl.col("open")).select("l", "i", sure=pl.lit(True))
    by_number = document_hits(hits, book).filter("open")
    by_number = by_number.select("l", "i", sure=pl.col("document_level").is_in(["exact", "crowded"]))
    told = pl.concat([by_reference, by_number]).group_by("l", "i").agg(pl.col("sure").any())
    rows = told.join(lines, on="l").join(items, on=["i", "currency"]).sort("l", "party", "anchor", "i")
    rows = rows.join(book.rejected, on=["l", "item_id"], how="anti", maintain_order="left")
    whole = _adding_up(rows, policy)
    rest = rows.filter("sure").join(whole.select("l").unique(), on="l", how="anti", maintain_order="left")
    return _numbered(pl.concat([whole, _adding_up(rest, policy)]))


def _adding_up(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The groups whose sum is the line's amount, or more by no more than a fee or the tolerance."""
    over = ["l", "party"]
    gap = pl.col("amount_minor") - pl.col("open_minor").sum().over(over)
    short = (gap < 0) & (gap.abs() <= max(policy.fee_max_minor, policy.tolerance_minor))
    same_way = pl.col("open_minor").sum().over(over).sign() == pl.col("amount_minor").sign()
    says = pl.when(gap == 0).then(pl.lit("sum_named")).when(short & same_way).then(pl.lit("sum_fee"))
    grouped = rows.with_columns(amount_says=says, n=pl.len().over(over))
    return grouped.filter(pl.col("amount_says").is_not_null(), pl.col("n") >= 2).select(
        "l", "party", "i", "amount_says"
    )


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(g=(pl.struct("l", "party").rank("dense") - 1).cast(pl.UInt32)).select(
        "g", "l", "party", "i", "amount_says"
    )


def _ledgers(
    lines: pl.DataFrame,
    items: pl.DataFrame,
    parties: pl.DataFrame,
    named: pl.DataFrame,
    book: Book,
    policy: Policy,
) -> pl.DataFrame:
    """What is open with each party a line points to, issued by its day: a row a line and document."""
    pointed = parties.filter(pl.col("how").is_in(_STRONG)).select("l", "party")
    small = items.group_by("party").len("n").filter(pl.col("n") <= PARTY_MAX // 4)
    rows = (
        pointed.join(small.select("party"), on="party", how="semi")
        .join(lines, on="l")
        .join(items, on=["party", "currency"])
        .filter(_issued(policy))
    )
    return rows.join(book.rejected, on=["l", "item_id"], how="anti").sort("l", "party", "anchor", "i")


def _issued(policy: Policy) -> pl.Expr:
    known = pl.coalesce("issue_date", "anchor") <= pl.col("booking_date") + timedelta(days=policy.days_before)
    return known.fill_null(True)


def _everything(ledgers: pl.DataFrame) -> pl.DataFrame:
    """All open in the line's direction, or all open with the credit notes taken off."""
    over = ["l", "party"]
    same_way = pl.col("open_minor").sign() == pl.col("amount_minor").sign()
    owed = ledgers.filter(same_way).with_columns(net=pl.lit(False))
    netted = ledgers.with_columns(
        net=pl.lit(True), mixed=(same_way.any().over(over)) & (same_way.not_().any().over(over))
    )
    rows = pl.concat([owed, netted.filter("mixed").drop("mixed")])
    whole = rows.filter(
        pl.col("open_minor").sum().over([*over, "net"]) == pl.col("amount_minor"),
        pl.len().over([*over, "net"]) >= 2,
    )
    return whole.with_columns(
        g=(pl.struct("l", "party", "net").rank("dense") - 1).cast(pl.UInt32), amount_says=pl.lit("sum_all")
    ).select("g", "l", "party", "i", "amount_says")


def _runs(lines: pl.DataFrame, items: pl.DataFrame, parties: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Neighbours in due order: two prefix sums of the party's documents that differ by the amount."""
    series = ["party", "currency", "way"]
    ordered = (
        items.with_columns(way=pl.col("open_minor").sign())
        .filter(pl.len().over(series).is_between(3, PARTY_MAX))
        .sort(*series, "anchor", "i")
        .with_columns(
            after=pl.col("open_minor").cum_sum().over(series), place=pl.int_range(pl.len()).over(series)
        )
    )
    ordered = ordered.with_columns(before=pl.col("after") - pl.col("open_minor"), size=pl.len().over(series))
    pointed = parties.filter(pl.col("how").is_in(_STRONG)).select("l", "party")
    starts = (
        pointed.join(lines, on="l")
        .with_columns(way=pl.col("amount_minor").sign())
        .join(ordered.select(*series, "before", "size", first="place"), on=series)
        .with_columns(after=pl.col("before") + pl.col("amount_minor"))
    )
    ends = starts.join(
        ordered.select(*series, "after", "issue_date", "anchor", last="place"), on=[*series, "after"]
    ).filter(
        pl.col("last") > pl.col("first"),
        pl.col("last") - pl.col("first") + 1 < pl.col("size"),
        _issued(policy),
    )
    found = ends.sort("l", "party", "last", descending=[False, False, True]).group_by(
        "l", "party", maintain_order=True
    ).head(_RUNS_KEPT).with_row_index("g")  # fmt: skip
    places = found.with_columns(place=pl.int_ranges("first", pl.col("last") + 1)).explode("place")
    return places.join(ordered.select(*series, "place", "i"), on=[*series, "place"]).select(
        "g", "l", "party", "i", amount_says=pl.lit("sum_run")
    )


def _some(ledgers: pl.DataFrame) -> pl.DataFrame:
    """Some of a party's documents that add up exactly, where few choices could do so by chance."""
    sized = ledgers.with_columns(n=pl.len().over("l", "party"))
    groups = (
        sized.filter(pl.col("n").is_between(3, MOST))
        .group_by("l", "party", maintain_order=True)
        .agg("i", "open_minor", pl.col("amount_minor").first())
        .head(SEARCHES_MAX)
    )
    rows: list[tuple[int, int, str, int, str]] = []
    number = 0
    for line, party, numbers, amounts, target in groups.iter_rows():
        if chance(amounts) > _CHANCE_MAX:
            continue
        for places in subsets(amounts, target):
            rows += [(number, line, party, numbers[place], "sum_some") for place in places]
            number += 1
    schema = {"g": pl.UInt32, "l": pl.UInt32, "party": pl.String, "i": pl.UInt32, "amount_says": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _as_drafts(
    found: pl.DataFrame, lines: pl.DataFrame, items: pl.DataFrame, parties: pl.DataFrame, policy: Policy
) -> Drafts:
    if found.is_empty():
        return nothing()
    rows = found.join(lines, on="l").join(items.drop("party", "currency"), on="i").sort("g", "anchor", "i")
    heads = _heads(rows, parties, policy)
    legs = rows.select("l", "i", "item_id", d="g", amount_minor="open_minor", item_amount_minor="open_minor")
    return drafts(heads, legs)


def _heads(rows: pl.DataFrame, parties: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    heads = (
        rows.group_by("g", maintain_order=True)
        .agg(
            pl.col("l", "party", "amount_says", "amount_minor", "currency", "booking_date").first(),
            pl.col("anchor", "issue_date").max(),
            name_text=pl.col("counterparty_name").first(),
            money_minor=pl.col("open_minor").sum(),
            count=pl.len(),
            document_text=pl.col("document_no").head(_NAMES_SHOWN).str.join(", "),
        )
        .join(parties, on=["l", "party"], how="left", maintain_order="left")
    )
    gap = pl.col("amount_minor") - pl.col("money_minor")
    named = pl.col("amount_says").is_in(["sum_named", "sum_fee"])
    more = pl.when(pl.col("count") > _NAMES_SHOWN).then(pl.lit(" …")).otherwise(pl.lit(""))
    return heads.select(
        "currency",
        "amount_says",
        "name_text",
        "money_minor",
        "count",
        d="g",
        kind=pl.lit("one_to_many"),
        document_text=pl.col("document_text") + more,
        difference_minor=gap,
        difference_kind=pl.when(gap == 0)
        .then(pl.lit("none"))
        .when(gap.abs() <= policy.tolerance_minor)
        .then(pl.lit("tolerance"))
        .otherwise(pl.lit("fee")),
        document_no_says=pl.when(named).then(pl.lit("all_named")),
        name_says="name_as",
        account_says="account_as",
        date_says=date_level(),
        days=(pl.col("booking_date") - pl.col("anchor")).dt.total_days(),
        gap_minor=gap.abs(),
    )
