"""Lines that pay no document: second payments, money between own accounts, fees, interest, and all the rest.

In: what was paid, the size of the books. Out: Paid without legs, the whole amount `extra_minor`. Half of the
rest is meant to tempt: strangers at subscription prices, customers' surnames, numbers that are somebody's.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.documents import amounts, prices
from recon.bench.books.draw import choose, pick, stream, words, workday
from recon.bench.books.paid import Paid, paid, with_amounts
from recon.bench.books.rates import LAST_DAY
from recon.bench.books.words import EARNED, FEES, INTEREST, SPENT

DUPLICATES, TRANSFERS, BANK_FEES, BANK_INTEREST, NOISE = 0.006, 0.0095, 0.016, 0.003, 0.13
"""For each bank line; transfers in pairs."""

NOISE_KINDS = {"price": 0.18, "stranger": 0.14, "number": 0.10, "earned": 0.13, "spent": 0.45}


def pay_twice(some: Paid, size: int, seed: int) -> Paid:
    """The same document paid again some days later, by the same party in the same way."""
    dice = stream(seed, "duplicates")
    fit = with_amounts(some).filter(pl.col("kind") == "single", pl.col("day") < LAST_DAY - 25)
    chosen = fit[np.sort(dice.permutation(fit.height)[: round(size * DUPLICATES)])]
    again = pl.Series(workday(chosen["day"].to_numpy() + dice.integers(1, 20, chosen.height)))
    pays = chosen.with_columns(
        pay=pl.int_range(pl.len(), dtype=pl.Int64),
        kind=pl.lit("duplicate"),
        day=again,
        extra_minor="amount_minor",
    )
    return paid(pays)


def move_own_money(size: int, seed: int) -> Paid:
    """Out of one kroner account and into the other, the same day or the next working day."""
    dice = stream(seed, "transfers")
    count = max(2, round(size * TRANSFERS))
    day = workday(dice.integers(2, LAST_DAY - 5, count))
    arrives = workday(day + (dice.random(count) < 0.25))
    out = choose(dice, count, [0.6, 0.4])
    amount = amounts(dice, count, 9.8, 0.9) // 1000 * 1000 + 1000
    ends = np.arange(count)
    return paid(
        pl.DataFrame(
            {
                "pay": np.arange(2 * count),
                "kind": ["transfer"] * (2 * count),
                "day": np.concatenate([day, arrives]),
                "account": np.concatenate([out, 1 - out]),
                "currency": ["DKK"] * (2 * count),
                "extra_minor": np.concatenate([-amount, amount]),
                "mate": np.concatenate([ends + count, ends]),
            }
        )
    )


def charge(size: int, seed: int) -> Paid:
    """The bank's fees and interest."""
    dice = stream(seed, "charges")
    fees, interest = max(3, round(size * BANK_FEES)), max(2, round(size * BANK_INTEREST))
    price = np.array([500, 1000, 2000, 2500, 4000, 7500, 10_000])[choose(dice, fees, [3, 3, 2, 2, 1, 1, 1])]
    earned = np.where(dice.random(interest) < 0.6, -1, 1) * dice.integers(300, 90_000, interest)
    count = fees + interest
    return paid(
        pl.DataFrame(
            {
                "pay": np.arange(count),
                "kind": ["fee"] * fees + ["interest"] * interest,
                "day": workday(dice.integers(1, LAST_DAY - 2, count)),
                "account": choose(dice, count, [0.8, 0.2]),
                "currency": ["DKK"] * count,
                "extra_minor": np.concatenate([-price, earned]),
                "hint": pl.concat([words(dice, fees, FEES, 0.8), words(dice, interest, INTEREST, 0.5)]),
            }
        )
    )


def make_noise(size: int, seed: int) -> Paid:
    """Money in and out that no document explains; `hint` says what its text begins with."""
    dice = stream(seed, "noise")
    count = round(size * NOISE)
    kind = pick(dice, count, NOISE_KINDS)
    priced = (kind == "price").to_numpy() | ((kind == "number").to_numpy() & (dice.random(count) < 0.5))
    value = np.where(priced, prices(dice, count), amounts(dice, count, 7.4, 1.2))
    outward = (kind == "spent").to_numpy() | ((kind == "number").to_numpy() & (dice.random(count) < 0.2))
    hint = (
        pl.when(pl.Series(outward))
        .then(words(dice, count, SPENT, 0.4))
        .otherwise(words(dice, count, EARNED, 0.7))
    )
    return paid(
        pl.DataFrame({"pay": np.arange(count)}).with_columns(
            kind=pl.format("noise:{}", kind),
            day=pl.Series(workday(dice.integers(1, LAST_DAY - 2, count))),
            account=pl.Series(choose(dice, count, [0.8, 0.2])),
            currency=pl.lit("DKK"),
            extra_minor=pl.Series(np.where(outward, -value, value)),
            hint=hint,
        )
    )
