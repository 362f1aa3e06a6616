"""The limit: the least work any program does for this end. Nothing that matches can be quicker.

In: the two Parquet files. Out: the pairs of one exact join on amount and currency. Never: a look at anything else.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

MOST_SEEN = 24
"""Documents of one amount beyond which it tells nothing; the whole join would be quadratic."""


def read_both(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The columns the join needs, of lines and of items."""
    lines = pl.read_parquet(folder / "lines.parquet", columns=["line_id", "amount_minor", "currency"])
    items = pl.read_parquet(folder / "items.parquet", columns=["item_id", "open_minor", "currency"])
    return lines, items


def exact_join(lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """`line_id item_id` of equal amount and currency, amounts seen at most 24 times among the documents."""
    by = ["amount_minor", "currency"]
    open_items = items.select("item_id", "currency", amount_minor="open_minor")
    rare = open_items.group_by(by).agg(pl.len()).filter(pl.col("len") <= MOST_SEEN)
    return lines.join(open_items.join(rare, on=by, how="semi"), on=by).select("line_id", "item_id")


def lone_pairs(lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Pairs of the join that are the only ones of both their sides: what it can say without guessing."""
    joined = exact_join(lines, items)
    return joined.filter(pl.len().over("line_id") == 1, pl.len().over("item_id") == 1)
