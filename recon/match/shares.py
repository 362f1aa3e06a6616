"""What of an amount falls to each of several documents, in proportion to them and to the last minor unit.

In: rows of a group with the whole amount and each document's own. Out: whole numbers that add up to the amount: each
rounded toward nothing, and what is left given to the largest. Never a float, never more than one group's own money.
"""

from __future__ import annotations

import polars as pl


def shares(rows: pl.DataFrame, whole: str, own: str, group: str, name: str) -> pl.DataFrame:
    """Rows with `name`: the part of `whole` that falls to each row's `own` within its `group`.

    The owns of a group add up to something of the sign of its whole, credit notes among them being negative.
    """
    part, total = pl.col(own).cast(pl.Int128), pl.col(own).cast(pl.Int128).sum().over(group)
    scaled = pl.col(whole).cast(pl.Int128) * part
    toward_nothing = (scaled.abs() // total.abs()) * scaled.sign() * total.sign()
    shared = rows.with_columns(toward_nothing.cast(pl.Int64).alias(name))
    left = pl.col(whole) - pl.col(name).sum().over(group)
    largest = pl.col(own).abs().max().over(group) == pl.col(own).abs()
    first = largest & (largest.cast(pl.Int64).cum_sum().over(group) == 1)
    return shared.with_columns(pl.when(first).then(pl.col(name) + left).otherwise(pl.col(name)).alias(name))
