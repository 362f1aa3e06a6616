"""Who takes what, where each document can be taken once: in turn, or the best pair first.

In: candidate pairs `l i` with an order. Out: the pairs that are taken. Never: one line or one document twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

ROUNDS = 60


def in_turn(lines: pl.DataFrame, items: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """`l i`: the first line of equal `by` takes the first document of the same, the second the second.

    lines and items hold `l` and `i` in the order of their turn, smaller first.
    """
    lines = lines.sort("l").with_columns(turn=pl.int_range(pl.len()).over(by))
    items = items.sort("i").with_columns(turn=pl.int_range(pl.len()).over(by))
    return lines.join(items, on=[*by, "turn"]).select("l", "i")


def best_first(pairs: pl.DataFrame) -> pl.DataFrame:
    """Rows of pairs, the highest `score` taken first; equal ones by line and then by document.

    A pair that is the best of both its sides is taken, and both leave; that is repeated until nothing is left.
    """
    left = pairs.sort("score", "l", "i", descending=[True, False, False]).with_row_index("turn")
    taken = [left.clear()]
    for _ in range(ROUNDS):
        if left.is_empty():
            break
        first = pl.col("turn") == pl.col("turn").min()
        now = left.filter(first.over("l"), first.over("i"))
        taken.append(now)
        left = left.join(now, on="l", how="anti").join(now, on="i", how="anti")
    return pl.concat(taken).drop("turn")


def whole_sets(pairs: pl.DataFrame) -> pl.DataFrame:
    """Rows of lines that come first at every one of their documents: sets stand or fall together."""
    marked = pairs.with_columns(first=pl.col("l") == pl.col("l").min().over("i"))
    return marked.filter(pl.col("first").all().over("l")).drop("first")


def without(frame: pl.DataFrame, taken: pl.DataFrame, column: str) -> pl.DataFrame:
    """Rows whose line or document was not taken."""
    return frame.join(taken, on=column, how="anti")
