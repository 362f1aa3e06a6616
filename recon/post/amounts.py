"""Minor units as text, whole columns at a time. In: Int64 columns. Out: text expressions. Never: a float."""

from __future__ import annotations

import polars as pl

from recon.money import MINOR_DIGITS


def amount_text(minor: str, currency: str, mark: str = ".") -> pl.Expr:
    """Exact text with the currency's own decimals: `-1234.50`, by `mark` `-1234,50`; null if no currency."""
    digits = pl.col(currency).replace_strict(MINOR_DIGITS, default=None, return_dtype=pl.Int64)
    padded = pl.col(minor).abs().cast(pl.String).str.zfill(digits + 1)
    cut = padded.str.len_chars().cast(pl.Int64) - digits
    sign = pl.when(pl.col(minor) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    fraction = pl.when(digits > 0).then(pl.lit(mark) + padded.str.slice(cut)).otherwise(pl.lit(""))
    return sign + padded.str.slice(0, cut) + fraction
