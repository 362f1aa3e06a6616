"""Whether stated probabilities hold, and how much could be accepted by them.

In: `probability right`, one row a proposal or a line. Out: reliability table, calibration error, Brier score,
coverage at a precision. Never: a figure for something that was given no probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

BINS = 15


@dataclass(frozen=True)
class Calibration:
    """ece: mean distance of stated and true share, bins weighed by size. brier: mean square. over: how many."""

    over: int
    ece: float | None
    brier: float | None
    table: pl.DataFrame


def calibration(judged: pl.DataFrame, bins: int = BINS) -> Calibration:
    """Stated beside true shares in bins of equal mass; `judged` has `proposal_id probability right`.

    The table is `bin proposals stated right low high`, from the least sure to the surest.
    """
    known = judged.filter(pl.col("probability").is_not_null()).sort("probability", "proposal_id")
    size = known.height
    parts = min(bins, size)
    binned = known.with_columns(bin=pl.int_range(pl.len()) * parts // max(size, 1))
    table = (
        binned.group_by("bin")
        .agg(
            proposals=pl.len().cast(pl.Int64),
            stated=pl.col("probability").mean(),
            right=pl.col("right").cast(pl.Float64).mean(),
            low=pl.col("probability").min(),
            high=pl.col("probability").max(),
        )
        .sort("bin")
    )
    if not size:
        return Calibration(0, None, None, table)
    gap = ((table["stated"] - table["right"]).abs() * table["proposals"]).sum() / size
    square = (known["probability"] - known["right"].cast(pl.Float64)) ** 2
    return Calibration(size, float(gap), float(square.sum()) / size, table)


def coverage(lines: pl.DataFrame, precision: float) -> float | None:
    """The largest share of all lines that can be accepted from the surest down at this precision.

    lines: `answered probability right`, every line of the books. Lines equally sure are taken together, for
    no threshold can part them. None where nothing states how sure it is.
    """
    known = lines.filter("answered", pl.col("probability").is_not_null())
    if known.is_empty():
        return None
    steps = (
        known.group_by("probability")
        .agg(lines=pl.len().cast(pl.Int64), right=pl.col("right").cast(pl.Int64).sum())
        .sort("probability", descending=True)
        .with_columns(pl.col("lines", "right").cum_sum())
        .filter(pl.col("right") >= precision * pl.col("lines"))
    )
    return max(steps["lines"].to_list(), default=0) / lines.height
