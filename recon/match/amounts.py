"""How a line's amount stands to what a document awaits, and what is settled of it.

In: pairs with `amount_minor currency open_minor item_currency` (+ original and rate columns). Out: the relation
(exact, tolerance, fee, partial, overpaid, fx_stated, fx_rate) and whole minor units; a sign against the
document's sign relates to nothing. Rates only choose and value: all sums are of integers.

A bank's charge takes from what comes in and adds to what goes out, so a `fee` difference is always negative.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from recon.money import MINOR_DIGITS
from recon.policy import Policy

_RATE_UNITS = 10**9
_RATE_AGE = timedelta(days=10)
_FEE_SHARE = 5
"""A charge takes at most one part in five of the document."""


def relation(policy: Policy) -> pl.Expr:
    """The relation of a pair, null where the line cannot settle the document at all."""
    amount, awaited = pl.col("amount_minor").abs(), pl.col("open_minor").abs()
    same_way = pl.col("amount_minor").sign() == pl.col("open_minor").sign()
    gap = (amount - awaited).abs()
    incoming = pl.col("amount_minor") > 0
    # The bank keeps a fee of what comes in, and puts it on top of what goes out.
    fee_side = pl.when(incoming).then(amount < awaited).otherwise(amount > awaited)
    fee = fee_side & (gap <= policy.fee_max_minor) & (gap * _FEE_SHARE <= awaited)
    one_currency = (
        pl.when(amount == awaited)
        .then(pl.lit("exact"))
        .when(gap <= policy.tolerance_minor)
        .then(pl.lit("tolerance"))
        .when(fee)
        .then(pl.lit("fee"))
        .when(amount < awaited)
        .then(pl.lit("partial"))
        .otherwise(pl.lit("overpaid"))
    )
    return (
        pl.when(~same_way | (pl.col("amount_minor") == 0))
        .then(None)
        .when(pl.col("currency") == pl.col("item_currency"))
        .then(one_currency)
        .otherwise(_across_currencies(policy))
    )


def _across_currencies(policy: Policy) -> pl.Expr:
    """`fx_stated` where the bank itself names the document's amount, `fx_rate` within the day's band."""
    stated = (pl.col("original_currency") == pl.col("item_currency")) & (
        pl.col("original_minor").abs() == pl.col("open_minor").abs()
    )
    worth = pl.col("worth_minor").abs()
    off = (pl.col("amount_minor").abs() - worth).abs()
    near = (off <= (worth * int(policy.fx_band * 10_000)) // 10_000).fill_null(False)
    return pl.when(stated.fill_null(False)).then(pl.lit("fx_stated")).when(near).then(pl.lit("fx_rate"))


def with_rates(pairs: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Adds `worth_minor`: the open amount in the line's currency at the last rate of at most ten days' age.

    Null where the currencies are equal or no rate is known.
    """
    foreign = pairs.filter(pl.col("currency") != pl.col("item_currency"))
    if policy.fx_rates is None or foreign.is_empty():
        return pairs.with_columns(worth_minor=pl.lit(None, dtype=pl.Int64))
    rates = _rates(policy, foreign)
    rated = _rate_of(_rate_of(foreign, rates, "item_currency", "item_rate"), rates, "currency", "line_rate")
    shift = _digits("currency") - _digits("item_currency")
    scaled = pl.col("open_minor").cast(pl.Int128) * pl.col("item_rate")
    worth = pl.when(shift >= 0).then(scaled * _power(shift)).otherwise(scaled)
    per_line = pl.col("line_rate").cast(pl.Int128) * pl.when(shift < 0).then(_power(-shift)).otherwise(1)
    half = per_line // 2
    rounded = ((worth.abs() + half) // per_line) * worth.sign()
    valued = rated.select("l", "i", worth_minor=rounded.cast(pl.Int64, strict=False))
    return pairs.join(valued, on=["l", "i"], how="left", maintain_order="left")


def _rates(policy: Policy, pairs: pl.DataFrame) -> pl.DataFrame:
    """`currency date rate` in billionths, the base currency at one."""
    assert policy.fx_rates is not None
    told = policy.fx_rates.select(
        "currency", "date", rate=(pl.col("rate") * _RATE_UNITS).round().cast(pl.Int64)
    )
    base = pairs.select(
        currency=pl.lit(policy.base_currency), date=pl.col("booking_date"), rate=pl.lit(_RATE_UNITS)
    ).unique()
    others = told.filter(pl.col("currency") != policy.base_currency)
    return (
        pl.concat([others, base.cast({"rate": pl.Int64})])
        .unique(["currency", "date"], keep="first")
        .sort("date")
    )


def _rate_of(pairs: pl.DataFrame, rates: pl.DataFrame, currency: str, name: str) -> pl.DataFrame:
    return (
        pairs.sort("booking_date", "l", "i")
        .join_asof(
            rates.rename({"currency": currency, "date": "rate_date", "rate": name}),
            left_on="booking_date",
            right_on="rate_date",
            by=currency,
            tolerance=_RATE_AGE,
            check_sortedness=False,
        )
        .drop("rate_date")
    )


def _digits(currency: str) -> pl.Expr:
    return pl.col(currency).replace_strict(MINOR_DIGITS, default=2, return_dtype=pl.Int64)


def _power(digits: pl.Expr) -> pl.Expr:
    return pl.lit(10, dtype=pl.Int64).pow(digits.clip(0, 3)).cast(pl.Int128)


def settled() -> list[pl.Expr]:
    """What a pair settles: `leg_minor` and `item_minor`, and what is left: `difference_minor`, `difference_kind`.

    Line amount = leg + difference. A part payment settles what came and leaves no difference.
    """
    how = pl.col("relation")
    leg = (
        pl.when(how.is_in(["partial", "fx_stated"]))
        .then(pl.col("amount_minor"))
        .when(how == "fx_rate")
        .then(pl.col("worth_minor"))
        .otherwise(pl.col("open_minor"))
    )
    item = pl.when(how == "partial").then(pl.col("amount_minor")).otherwise(pl.col("open_minor"))
    kinds = {"tolerance": "tolerance", "fee": "fee", "overpaid": "overpaid", "fx_rate": "fx"}
    gap = pl.col("amount_minor") - leg
    kind = pl.when(gap == 0).then(pl.lit("none")).otherwise(how.replace_strict(kinds, default="none"))
    return [
        leg.alias("leg_minor"),
        item.alias("item_minor"),
        gap.alias("difference_minor"),
        kind.alias("difference_kind"),
    ]
