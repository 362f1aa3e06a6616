"""Frames as received brought to exact types without changing a value.

In: frames from readers, notebooks or spreadsheets. Out: the same values in the types of recon.schema.
Never: rounds, guesses a format, or lets a float become money. Raises DataRefused, naming the column.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from recon.errors import DataRefused
from recon.schema import Table, conform

# Small enough to stay near the processor, large enough for the work to outweigh its calls.
_SLICE = 50_000


def as_table(raw: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The frame with the table's columns and types; text is trimmed, empty optional text becomes null.

    Whole numbers of any width become Int64; ISO text and datetimes at midnight become dates.
    """
    for name, dtype in table.types.items():
        if name in raw.columns:
            raw = raw.with_columns(_exact(raw[name], dtype, table.name))
    tidy = [
        _empty_is_null(name) for name in raw.columns if name in table.types and raw[name].dtype == pl.String
    ]
    return conform(raw.with_columns(tidy), table)


def by_slices(frame: pl.DataFrame, work: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """`work` of the frame, which must treat each row for itself: slice by slice on all cores, rows in order."""
    if frame.height <= _SLICE:
        return work(frame)
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return pl.concat(pool.map(work, frame.iter_slices(_SLICE)))


def _empty_is_null(name: str) -> pl.Expr:
    # A bank text may begin with a blank that counts; only wholly empty text is no text.
    if name == "text":
        return pl.col(name)
    trimmed = pl.col(name).str.strip_chars()
    return pl.when(trimmed == "").then(None).otherwise(trimmed).alias(name)


def _exact(column: pl.Series, dtype: pl.DataType | type[pl.DataType], table: str) -> pl.Series:
    if column.dtype == pl.Null:
        return column
    if dtype == pl.Int64:
        return _whole_numbers(column, table)
    if dtype == pl.Date:
        return _dates(column, table)
    return column


def _whole_numbers(column: pl.Series, table: str) -> pl.Series:
    whole = column.dtype.is_integer() or (
        column.dtype.is_decimal() and bool((column.cast(pl.Int64, strict=False) == column).all())
    )
    if not whole:
        raise DataRefused(
            f"{table}.{column.name} is {column.dtype}; it must be whole minor units (øre, cent) as integers. "
            "Nothing was kept; convert the amounts exactly, never by way of a float.",
            column=column.name,
        )
    try:
        return column.cast(pl.Int64)
    except pl.exceptions.PolarsError as error:
        raise DataRefused(
            f"{table}.{column.name} is too large to hold exactly.", column=column.name
        ) from error


def _dates(column: pl.Series, table: str) -> pl.Series:
    if column.dtype == pl.Date:
        return column
    if column.dtype == pl.String:
        days = column.str.strip_chars().str.to_date("%Y-%m-%d", strict=False)
        broken = column.is_not_null() & (column.str.strip_chars() != "") & days.is_null()
    elif isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is None:
        days = column.dt.date()
        broken = column.is_not_null() & (column != days.cast(column.dtype))
    else:
        days, broken = column, pl.Series([True])
    if broken.any():
        raise DataRefused(
            f"{table}.{column.name} is not a calendar date everywhere; give dates, or text such as 2026-01-31.",
            column=column.name,
        )
    return days
