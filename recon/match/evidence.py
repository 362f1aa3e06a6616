"""Levels of evidence for each pair of a line and a document, for and against.

In: candidates of a Book, the hits, parties and habits found. Out: the pairs with a level (or null: says nothing)
per feature of recon.match.weights in columns `<feature>_says`. Weighs nothing itself.
"""

from __future__ import annotations

import polars as pl

from recon.match.amounts import RELATIONS
from recon.match.block import GENERATORS, Candidates, told
from recon.match.book import Book
from recon.match.habits import delay_of_pairs
from recon.match.lookup import looked_up
from recon.match.numbers import document_levels, pointing, reference_levels
from recon.match.weights import LEVELS, says, silent

_BY_NOW, _HARDLY = 45, 3
"""Days a document is due by the last line's day from which it should be paid, and below which it hardly is."""
DUE_STEPS = (_BY_NOW, _HARDLY)
_USUAL, _UNUSUAL = 3, 12
"""Days from a party's usual delay that still are its habit, and that no longer are."""
_NAMING = {
    "reference": ["structured", "printed", "digits", "digits_short", "joined"],
    "document_no": ["exact", "crowded", "dense", "tail"],
}
"""Levels that say the line names the document by its own reference or number."""
_IN_FULL = pl.Series(["exact", "tolerance", "fee", "discount", "fx_stated"], dtype=RELATIONS).implode()


def pair_evidence(
    book: Book,
    found: Candidates,
    hits: pl.DataFrame,
    near: pl.DataFrame,
    names: pl.DataFrame,
    parties: pl.DataFrame,
    habits: pl.DataFrame,
) -> pl.DataFrame:
    """`found.pairs` with `<feature>_says`, `same` (documents that ask for the amount) and `days` after the anchor."""
    said = parties.rename({name: f"{name}_said" for name in ("name", "account", "customer")})
    pairs = _with_sides(found.pairs, book)
    beside = [
        looked_up(pairs, reference_levels(book, hits), "l", "i"),
        looked_up(pairs, document_levels(hits), "l", "i"),
        looked_up(pairs, near, "l", "i"),
        looked_up(pairs, pointing(book, hits), "l"),
        looked_up(pairs, said, "l", "p"),
        looked_up(pairs, names.rename({"name": "spelled"}), "l", "n"),
        delay_of_pairs(pairs, habits),
        looked_up(pairs, found.crowd, "l"),
    ]
    pairs = pl.concat([pairs, *beside], how="horizontal").with_columns(
        days=pl.col("day") - pl.col("anchor").to_physical(), name_said=_best_name()
    )
    levelled = pairs.with_columns(
        reference_says=_reference(),
        document_no_says=_document(),
        amount_says=_amount(),
        name_says=_name(),
        account_says=_account(),
        customer_says=pl.col("customer_said"),
        date_says=date_level(),
        habit_says=_habit(),
        kind_says=_kind(),
        due_says=due_level(book),
    )
    return levelled.with_columns(order_says=_order())


def _with_sides(pairs: pl.DataFrame, book: Book) -> pl.DataFrame:
    of_line = book.lines.select(
        line_kind="kind", line_account="account_key", named=pl.col("counterparty_name").is_not_null()
    )[pairs["l"]]
    of_item = book.items.select(item_kind="kind", item_account="account_key")[pairs["i"]]
    return pl.concat([pairs, of_line, of_item], how="horizontal")


def _reference() -> pl.Expr:
    """What the pair's own reference says; without one, where the line's reference points."""
    nearly = pl.when(pl.col("reference")).then(says("reference", "near"))
    return pl.coalesce("reference_says", nearly, "points")


def _document() -> pl.Expr:
    """`other` where the text surely names another document's number and the pair has no number at all."""
    exact = pl.col("document_no_says") == says("document_no", "exact")
    names_another = exact.any().over("l") & pl.col("reference_says").is_null()
    nearly = pl.when(pl.col("document")).then(says("document_no", "near"))
    return pl.coalesce("document_no_says", nearly, pl.when(names_another).then(says("document_no", "other")))


def _amount() -> pl.Expr:
    """An exact amount counts by how many documents of the time ask for it; a part payment by whether it is told."""
    how, same = pl.col("relation"), pl.col("same").fill_null(1)
    # A figure with odd minor units, or one no whole hundred, is met by chance less often.
    odd = pl.col("open_minor") % 10_000 != 0
    exact = (
        pl.when((same <= 1) & odd)
        .then(says("amount", "exact_rare"))
        .when(same <= 1)
        .then(says("amount", "exact_unique"))
        .when(same <= 5)
        .then(says("amount", "exact_few"))
        .when(same <= 24)
        .then(says("amount", "exact_some"))
        .when(same <= 200)
        .then(says("amount", "exact_common"))
        .otherwise(says("amount", "exact_dense"))
    )
    # Every other relation is a level of its own by the same name.
    plain = [name for name in RELATIONS.categories if name != "exact"]
    level = how.replace_strict(plain, plain, default=None, return_dtype=LEVELS["amount"])
    untold = ~told()
    return (
        pl.when(how == _is("exact"))
        .then(exact)
        .when(untold & (how == _is("partial")))
        .then(says("amount", "partial_unnamed"))
        .when(untold & (how == _is("overpaid")))
        .then(says("amount", "overpaid_unnamed"))
        .otherwise(level)
    )


def _is(relation: str) -> pl.Expr:
    return pl.lit(relation, dtype=RELATIONS)


def _best_name() -> pl.Expr:
    """Of what is known of the party and how its name is spelled, the level that stands first."""
    known, spelled = pl.col("name_said"), pl.col("spelled")
    better = spelled.is_null() | (known.to_physical() <= spelled.to_physical())
    return pl.when(better).then(known).otherwise(spelled)


def _name() -> pl.Expr:
    """`differs` only where both sides name somebody, and who paid is not known by account either."""
    differs = pl.col("named") & pl.col("n").is_not_null() & pl.col("account_said").is_null()
    shared = pl.col("by") & pl.lit(1 << GENERATORS.index("word"), pl.UInt8) != 0
    return pl.coalesce(
        "name_said", pl.when(shared).then(says("name", "word")).when(differs).then(says("name", "differs"))
    )


def _account() -> pl.Expr:
    other = pl.col("line_account").is_not_null() & pl.col("item_account").is_not_null()
    return pl.coalesce("account_said", pl.when(other).then(says("account", "other")))


def date_level() -> pl.Expr:
    """The booking day against the anchor (`days` after the due day, else issue day) and the issue day."""
    days = pl.col("days")
    before_issue = (pl.col("booking_date") - pl.col("issue_date")).dt.total_days() < -_USUAL
    steps = [
        (-20, "far_before"), (-7, "early"), (-2, "before"), (3, "on_day"), (8, "after"), (21, "late"),
        (46, "later"), (91, "much_later"),
    ]  # fmt: skip
    level = pl.when(days.is_null()).then(silent("date")).when(before_issue).then(says("date", "before_issue"))
    for below, name in steps:
        level = level.when(days < below).then(says("date", name))
    return level.otherwise(says("date", "very_late"))


def due_level(book: Book) -> pl.Expr:
    """A document long due by the last day there are lines of is more likely paid by one of them than one hardly due."""
    left = book.last_day - pl.col("anchor").to_physical()
    return (
        pl.when(left > _BY_NOW)
        .then(says("due", "by_now"))
        .when(left < _HARDLY)
        .then(says("due", "hardly"))
        .otherwise(silent("due"))
    )


def _habit() -> pl.Expr:
    off = (pl.col("days") - pl.col("delay")).abs()
    return (
        pl.when(off <= _USUAL)
        .then(says("habit", "usual"))
        .when(off > _UNUSUAL)
        .then(says("habit", "unusual"))
        .otherwise(silent("habit"))
    )


def _kind() -> pl.Expr:
    """What the bank says the movement is, against what the document is."""
    line, item = pl.col("line_kind"), pl.col("item_kind")
    purchase = item.is_in(["bill", "bill_credit"])
    fits = ((line == "payout") & (item == "payout")) | (line.is_in(["card", "direct_debit"]) & purchase)
    against = line.is_in(["fee", "interest"]) | ((line == "card") & ~purchase)
    return pl.when(fits).then(says("kind", "fits")).when(against).then(says("kind", "against"))


def _order() -> pl.Expr:
    """`later` where an earlier day's line names the same document and pays it in full, and this one is of its party or
    names it too."""
    names_it = _names_by("reference") | _names_by("document_no")
    party = pl.any_horizontal(pl.col("name_said", "account_said", "customer_said").is_not_null())
    in_full = pl.col("relation").is_in(_IN_FULL)
    first = pl.col("booking_date").filter(names_it & in_full).min().over("i")
    later = (names_it | party) & in_full & (pl.col("booking_date") > first)
    return pl.when(later.fill_null(value=False)).then(says("order", "later"))


def _names_by(feature: str) -> pl.Expr:
    named = pl.Series(_NAMING[feature], dtype=LEVELS[feature]).implode()
    return pl.col(f"{feature}_says").is_in(named).fill_null(value=False)
