"""How a line's amount stands to what a document awaits, and what is settled of it.

In: pairs with `amount_minor c open_minor item_c` (+ the original amount and rates). Out: the relation
(exact, tolerance, discount, fee, equal_part, partial, overpaid, fx_stated, fx_rate, fx_loose) and whole minor
units; a sign against the document's sign relates to nothing. Rates only choose and value: all sums are of integers.

A bank's charge takes from what comes in and adds to what goes out, so a `fee` difference is always negative.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from recon.match.book import Book
from recon.money import MINOR_DIGITS
from recon.policy import Policy
from recon.schema import DIFFERENCE_KINDS

RELATIONS = pl.Enum(
    [
        "exact",
        "tolerance",
        "discount",
        "fee",
        "equal_part",
        "partial",
        "overpaid",
        "fx_stated",
        "fx_rate",
        "fx_loose",
    ]
)
DIFFERENCES = pl.Enum(DIFFERENCE_KINDS)
_RATE_UNITS = 10**9
_RATE_AGE = timedelta(days=10)
_FEE_SHARE = 5
"""A charge takes at most one part in five of the document."""
_DISCOUNTS = (10, 15, 20, 25, 30, 40, 50)
"""Terms of early payment in thousandths, as printed on invoices."""
_EQUAL_PARTS = (2, 3, 4, 5, 6)
_LOOSE = 2
"""Times the day's band within which a rate may still explain an amount, as weaker evidence."""


def _is(name: str) -> pl.Expr:
    return pl.lit(name, dtype=RELATIONS)


def relation(policy: Policy) -> pl.Expr:
    """The relation of a pair, null where the line cannot settle the document at all."""
    amount, awaited = pl.col("amount_minor").abs(), pl.col("open_minor").abs()
    same_way = (pl.col("amount_minor") > 0) == (pl.col("open_minor") > 0)
    gap = (amount - awaited).abs()
    incoming = pl.col("amount_minor") > 0
    # The bank keeps a fee of what comes in, and puts it on top of what goes out.
    fee_side = pl.when(incoming).then(amount < awaited).otherwise(amount > awaited)
    fee = fee_side & (gap <= policy.fee_max_minor) & (gap * _FEE_SHARE <= awaited)
    parts = pl.any_horizontal((awaited - amount * count).abs() <= count for count in _EQUAL_PARTS)
    one_currency = (
        pl.when(amount == awaited)
        .then(_is("exact"))
        .when(gap <= policy.tolerance_minor)
        .then(_is("tolerance"))
        .when((amount < awaited) & at_a_discount(gap, awaited))
        .then(_is("discount"))
        .when(fee)
        .then(_is("fee"))
        .when((amount < awaited) & parts)
        .then(_is("equal_part"))
        .when(amount < awaited)
        .then(_is("partial"))
        .otherwise(_is("overpaid"))
    )
    return (
        pl.when(~same_way | (pl.col("amount_minor") == 0))
        .then(pl.lit(None, dtype=RELATIONS))
        .when(pl.col("c") == pl.col("item_c"))
        .then(one_currency)
        .otherwise(_across_currencies(policy))
    )


def at_a_discount(gap: pl.Expr, awaited: pl.Expr, documents: pl.Expr | int = 1) -> pl.Expr:
    """One of the usual terms, to the last minor unit of each document."""
    off = pl.any_horizontal((gap * 1000 - awaited * rate).abs() <= documents * 1000 for rate in _DISCOUNTS)
    return off & (gap > 0)


def _across_currencies(policy: Policy) -> pl.Expr:
    """`fx_stated` where the bank itself names the document's amount, `fx_rate` within the day's band."""
    stated = (pl.col("original_c") == pl.col("item_c")) & (
        pl.col("original_minor").abs() == pl.col("open_minor").abs()
    )
    worth = pl.col("worth_minor").abs()
    off = (pl.col("amount_minor").abs() - worth).abs()
    band = (worth * int(policy.fx_band * 10_000)) // 10_000
    return (
        pl.when(stated.fill_null(False))
        .then(_is("fx_stated"))
        .when((off <= band).fill_null(False))
        .then(_is("fx_rate"))
        .when((off <= band * _LOOSE).fill_null(False))
        .then(_is("fx_loose"))
        .otherwise(pl.lit(None, dtype=RELATIONS))
    )


def with_rates(pairs: pl.DataFrame, book: Book, policy: Policy) -> pl.DataFrame:
    """Adds `worth_minor`: the open amount in the line's currency at the last rate of at most ten days' age.

    Null where the currencies are equal or no rate is known.
    """
    foreign = pairs.with_row_index("row").filter(pl.col("c") != pl.col("item_c"))
    if policy.fx_rates is None or foreign.is_empty():
        return pairs.with_columns(worth_minor=pl.lit(None, dtype=pl.Int64))
    code = book.currencies
    foreign = foreign.join(code, on="c").join(
        code.rename({"c": "item_c", "currency": "item_currency"}), on="item_c"
    )
    rates = _rates(policy, foreign)
    rated = _rate_of(_rate_of(foreign, rates, "item_currency", "item_rate"), rates, "currency", "line_rate")
    shift = _digits("currency") - _digits("item_currency")
    scaled = pl.col("open_minor").cast(pl.Int128) * pl.col("item_rate")
    worth = pl.when(shift >= 0).then(scaled * _power(shift)).otherwise(scaled)
    per_line = pl.col("line_rate").cast(pl.Int128) * pl.when(shift < 0).then(_power(-shift)).otherwise(1)
    half = per_line // 2
    rounded = ((worth.abs() + half) // per_line) * worth.sign()
    valued = rated.select("row", worth_minor=rounded.cast(pl.Int64, strict=False))
    whole = pairs.with_row_index("row").join(valued, on="row", how="left", maintain_order="left")
    return whole.drop("row")


def rate_agrees(ends: pl.DataFrame, book: Book, policy: Policy) -> pl.Series:
    """Whether what left one account (`amount_minor c`) reached the other (`amount_minor_in c_in`) by the day's rate."""
    asked = ends.select(
        "booking_date", "amount_minor", "c", original_minor=pl.lit(None, dtype=pl.Int64), original_c=pl.lit(None),
        open_minor=-pl.col("amount_minor_in"), item_c="c_in",
    )  # fmt: skip
    near = with_rates(asked, book, policy).with_columns(relation=relation(policy))["relation"]
    return near.is_in(pl.Series(["fx_rate", "fx_loose"], dtype=RELATIONS).implode()).fill_null(value=False)


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
        pairs.sort("booking_date", "row")
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
    part = how.is_in(pl.Series(["partial", "equal_part"], dtype=RELATIONS).implode())
    rated = how.is_in(pl.Series(["fx_rate", "fx_loose"], dtype=RELATIONS).implode())
    leg = (
        pl.when(part | (how == "fx_stated"))
        .then(pl.col("amount_minor"))
        .when(rated)
        .then(pl.col("worth_minor"))
        .otherwise(pl.col("open_minor"))
    )
    item = pl.when(part).then(pl.col("amount_minor")).otherwise(pl.col("open_minor"))
    gap = pl.col("amount_minor") - leg
    kinds = ["none", "tolerance", "discount", "fee", "none", "none", "overpaid", "none", "fx", "fx"]
    kind = how.replace_strict(RELATIONS.categories, kinds, return_dtype=DIFFERENCES)
    return [
        leg.alias("leg_minor"),
        item.alias("item_minor"),
        gap.alias("difference_minor"),
        pl.when(gap == 0).then(pl.lit("none", dtype=DIFFERENCES)).otherwise(kind).alias("difference_kind"),
    ]
