"""When a party usually pays: days after the due day, learnt from payments that leave no doubt.

In: a Book, candidates, and decisions. Out: `p l delay`, the middle delay of a party whose delays keep together. Where
`l` is a line, it is the delay without that line's own payment, which never proves itself; null means all other lines.
"""

from __future__ import annotations

import polars as pl

from recon.match.amounts import RELATIONS
from recon.match.block import Candidates
from recon.match.book import Book
from recon.match.lookup import looked_up
from recon.schema import History
from recon.text import name_fold, name_key

PAYMENTS_LEAST = 3
STEADY = 14
"""Days between the first and the last quarter of a party's delays up to which it has a habit at all."""


def habits_of_parties(book: Book, found: Candidates, history: History) -> pl.DataFrame:
    """`p l delay`, in days after the anchor (due day, else issue day); negative is before it."""
    paid = pl.concat([delays_seen(found), _decided(book, history), _elsewhere(book)]).drop_nulls(
        ["p", "days"]
    )
    ranked = paid.unique().sort("p", "days", "l").with_columns(
        place=pl.int_range(pl.len()).over("p"), payments=pl.len().over("p").cast(pl.Int64)
    )  # fmt: skip
    steady = ranked.filter(
        pl.col("days").quantile(0.75, "lower").over("p") - pl.col("days").quantile(0.25, "higher").over("p")
        <= STEADY
    )
    return pl.concat([_middle(steady), _middle_without(steady)]).sort("p", "l")


def delays_seen(found: Candidates) -> pl.DataFrame:
    """`l p days` of payments by reference in full: days after the anchor."""
    sure = found.pairs.filter(
        pl.col("by") & pl.lit(1, pl.UInt8) != 0, pl.col("relation") == pl.lit("exact", dtype=RELATIONS)
    )
    return sure.select("l", "p", days=pl.col("day") - pl.col("anchor").to_physical())


def _elsewhere(book: Book) -> pl.DataFrame:
    """The same of lines that are not in this book, numbered after its own."""
    if not book.whole:
        return pl.DataFrame(schema={"l": pl.UInt32, "p": pl.UInt32, "days": pl.Int32})
    known = book.whole.delays.join(book.parties, on="party").with_row_index("l", offset=book.lines.height)
    return known.select("l", "p", "days")


def delay_of_pairs(pairs: pl.DataFrame, habits: pl.DataFrame) -> pl.DataFrame:
    """`delay` of each pair's party, one row for each of `pairs`; null where it has no habit."""
    usual = looked_up(pairs, habits.filter(pl.col("l").is_null()).select("p", "delay"), "p")
    own = habits.drop_nulls("l").select("l", "p", without="delay", own=pl.lit(value=True))
    both = pl.concat([usual, looked_up(pairs, own, "l", "p")], how="horizontal")
    return both.select(delay=pl.when(pl.col("own").fill_null(value=False)).then("without").otherwise("delay"))


def _middle(ranked: pl.DataFrame) -> pl.DataFrame:
    """The lower middle one of at least three."""
    middle = ranked.filter(
        pl.col("payments") >= PAYMENTS_LEAST, pl.col("place") == (pl.col("payments") - 1) // 2
    )
    return middle.select("p", pl.lit(None, pl.UInt32).alias("l"), delay=pl.col("days").cast(pl.Int32))


def _middle_without(ranked: pl.DataFrame) -> pl.DataFrame:
    """For each line of this book, the lower middle one of the others; null where they are fewer than three."""
    middle = (pl.col("payments") - 2) // 2
    own = ranked.drop_nulls("l").unique(["p", "l"], keep="first", maintain_order=True)
    wanted = own.select("p", "l", "payments", place=middle + (pl.col("place") <= middle).cast(pl.Int64)).join(
        ranked.select("p", "place", "days"), on=["p", "place"], how="left"
    )
    enough = pl.col("payments") > PAYMENTS_LEAST
    return wanted.select("p", "l", delay=pl.when(enough).then(pl.col("days").cast(pl.Int32)))


def _decided(book: Book, history: History) -> pl.DataFrame:
    party = pl.coalesce("counterparty_id", "name:" + name_key(name_fold(pl.col("counterparty_name"))))
    items = history.items.select("item_id", party=party, anchor=pl.coalesce("due_date", "issue_date"))
    lines = history.lines.select("line_id", "booking_date")
    pairs = history.accepted.select("line_id", "item_id").join(items, on="item_id").join(lines, on="line_id")
    known = pairs.join(book.parties, on="party").join(
        book.lines.select("l", "line_id"), on="line_id", how="left"
    )
    return known.select("l", "p", days=pl.col("booking_date").to_physical() - pl.col("anchor").to_physical())
