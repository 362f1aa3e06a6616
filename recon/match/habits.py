"""When a party usually pays: days after the due day, learnt from payments that leave no doubt.

In: a Book, candidates, hits of long references, and decisions. Out: `p delay`, the middle one of at least three.
"""

from __future__ import annotations

import polars as pl

from recon.match.amounts import RELATIONS
from recon.match.block import Candidates
from recon.match.book import Book
from recon.schema import History
from recon.text import name_fold, name_key

PAYMENTS_LEAST = 3


def habits_of_parties(book: Book, found: Candidates, history: History) -> pl.DataFrame:
    """`p delay`, in days after the anchor (due day, else issue day); negative is before it."""
    sure = found.pairs.filter(
        pl.col("by") & pl.lit(1, pl.UInt8) != 0, pl.col("relation") == pl.lit("exact", dtype=RELATIONS)
    )
    seen = sure.select("p", days=pl.col("day") - pl.col("anchor").to_physical())
    known = pl.concat([seen, _decided(book, history)]).drop_nulls()
    middle = known.group_by("p").agg(delay=pl.col("days").median(), payments=pl.len())
    return (
        middle.filter(pl.col("payments") >= PAYMENTS_LEAST)
        .select("p", pl.col("delay").cast(pl.Int32))
        .sort("p")
    )


def _decided(book: Book, history: History) -> pl.DataFrame:
    party = pl.coalesce("counterparty_id", "name:" + name_key(name_fold(pl.col("counterparty_name"))))
    items = history.items.select("item_id", party=party, anchor=pl.coalesce("due_date", "issue_date"))
    lines = history.lines.select("line_id", "booking_date")
    pairs = history.accepted.select("line_id", "item_id").join(items, on="item_id").join(lines, on="line_id")
    return pairs.join(book.parties, on="party").select(
        "p", days=pl.col("booking_date").to_physical() - pl.col("anchor").to_physical()
    )
