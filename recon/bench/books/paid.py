"""Payments before they look like bank lines.

PAYS: `pay kind party day account currency extra_minor shows mate original_minor original_currency rate`;
`extra_minor` is what a line holds beyond its legs (a fee kept, an overpayment, or all of a line that belongs
to nothing), `shows` the document its text may name, `mate` the other end of an own transfer.
LEGS: `pay item amount_minor item_amount_minor`. Numbers of pays are local until `together`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.bench.books.draw import Ints

PAYS = pl.Schema(
    {
        "pay": pl.Int64, "kind": pl.String, "party": pl.Int64, "day": pl.Int64, "account": pl.Int64,
        "currency": pl.String, "extra_minor": pl.Int64, "shows": pl.Int64, "mate": pl.Int64,
        "original_minor": pl.Int64, "original_currency": pl.String, "rate": pl.Float64, "hint": pl.String,
    }
)  # fmt: skip
LEGS = pl.Schema({"pay": pl.Int64, "item": pl.Int64, "amount_minor": pl.Int64, "item_amount_minor": pl.Int64})

OWN_CURRENCIES = ("DKK", "DKK", "EUR", "SEK", "NOK")
"""The company's accounts by number: running, payments, and three in other currencies."""


@dataclass(frozen=True)
class Paid:
    """Some payments and what they settle."""

    pays: pl.DataFrame
    legs: pl.DataFrame


def paid(pays: pl.DataFrame, legs: pl.DataFrame | None = None) -> Paid:
    """Payments from frames with some of the columns; the rest is null, or nothing extra."""
    whole = pays.select(
        (pl.col(name) if name in pays.columns else pl.lit(0 if name == "extra_minor" else None))
        .cast(kind)
        .alias(name)
        for name, kind in PAYS.items()
    )
    some = (
        pl.DataFrame(schema=LEGS) if legs is None else legs.select(pl.col(n).cast(t) for n, t in LEGS.items())
    )
    return Paid(whole, some)


def together(parts: list[Paid]) -> Paid:
    """All of them with numbers of their own."""
    pays, legs, start = [], [], 0
    for part in parts:
        pays.append(part.pays.with_columns(pl.col("pay") + start, pl.col("mate") + start))
        legs.append(part.legs.with_columns(pl.col("pay") + start))
        start += part.pays.height
    return Paid(pl.concat(pays), pl.concat(legs))


def with_amounts(some: Paid) -> pl.DataFrame:
    """PAYS with `amount_minor` and `documents`, how many documents each settles."""
    sums = some.legs.group_by("pay", maintain_order=True).agg(
        legs_minor=pl.col("amount_minor").sum(), documents=pl.len().cast(pl.Int64)
    )
    joined = some.pays.join(sums, on="pay", how="left", maintain_order="left")
    return joined.with_columns(
        amount_minor=pl.col("legs_minor").fill_null(0) + pl.col("extra_minor"),
        documents=pl.col("documents").fill_null(0),
    ).drop("legs_minor")


def only(some: Paid, keep: pl.Expr) -> Paid:
    """The payments that `keep` names, numbered anew, with their legs."""
    kept = some.pays.filter(keep).with_columns(now=pl.int_range(pl.len(), dtype=pl.Int64))
    numbers = kept.select("pay", "now")
    legs = (
        some.legs.join(numbers, on="pay", how="inner", maintain_order="left")
        .with_columns(pay="now")
        .drop("now")
    )
    mates = numbers.rename({"pay": "mate", "now": "mate_now"})
    pays = kept.join(mates, on="mate", how="left", maintain_order="left")
    return Paid(pays.with_columns(pay="now", mate="mate_now").select(list(PAYS)), legs)


def own_account(currency: pl.Series, points: Ints) -> Ints:
    """Which of our accounts money in a currency goes over; kroner over two, one much busier; others in kroner too."""
    place = currency.replace_strict({"EUR": 2, "SEK": 3, "NOK": 4}, default=0).to_numpy().astype(np.int64)
    return np.where((place == 0) & (points % 100 < 20), 1, place)
