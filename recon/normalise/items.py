"""Documents as received become ITEMS: exact types, tidy references.

In: a frame with at least the required columns of ITEMS. Out: ITEMS. Never changes an amount or its sign.
"""

from __future__ import annotations

import polars as pl

from recon.normalise.frames import as_table
from recon.schema import ITEMS


def normalise_items(raw: pl.DataFrame) -> pl.DataFrame:
    """ITEMS of any frame that has its required columns; `payment_reference` without blanks, currency in capitals.

    Raises DataRefused naming required columns that are missing or hold nulls, amounts that are not whole
    minor units, and dates that are none.
    """
    items = as_table(raw, ITEMS)
    return items.with_columns(
        pl.col("currency").str.to_uppercase(),
        pl.col("payment_reference").str.replace_all(r"\s", ""),
    )
