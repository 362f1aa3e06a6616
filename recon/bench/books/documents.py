"""What was invoiced over the year, before anybody paid.

In: PARTIES. Out: one row a document: `item kind party currency total_minor issue due never`, `issue` and
`due` in days from the first of January 2025, amounts in the sign of the cash awaited.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.draw import Floats, Ints, choose, stream, zipf

PRICES = np.array(
    [9900, 4900, 14900, 19900, 7900, 29900, 24900, 12900, 39900, 49900, 5900, 9500, 17900, 34900, 59900, 6900, 11900,
     22500, 79900, 99900, 44900, 8900, 27500, 16900, 13900, 69900, 54900, 18900, 31900, 21900, 149900, 129900, 89900,
     3900, 2900, 10000, 15000, 20000, 25000, 30000, 50000, 12500, 37500, 62500, 75000, 87500, 119900, 199900, 249900,
     299900]
)  # fmt: skip
"""Monthly prices in minor units, commonest first."""

NEVER_PAID = 0.05
CUSTOMER_ITEMS, SUPPLIER_ITEMS = 0.365, 0.20
"""Documents for each bank line."""


def make_documents(parties: pl.DataFrame, size: int, seed: int) -> pl.DataFrame:
    """Subscriptions, ad-hoc invoices and bills, in that order."""
    parts = [
        _subscriptions(parties.filter(pl.col("role") == "subscriber"), stream(seed, "subscriptions")),
        _ad_hoc(
            parties.filter(pl.col("role") == "customer"), round(size * CUSTOMER_ITEMS), stream(seed, "ad hoc")
        ),
        _bills(
            parties.filter(pl.col("role") == "supplier"), round(size * SUPPLIER_ITEMS), stream(seed, "bills")
        ),
    ]
    dice = stream(seed, "documents")
    items = pl.concat(parts).join(
        parties.select("party", "currency", "terms_days"), on="party", maintain_order="left"
    )
    return items.select(
        item=pl.int_range(pl.len(), dtype=pl.Int64),
        kind="kind",
        party="party",
        currency="currency",
        total_minor="total_minor",
        issue="issue",
        due=pl.col("issue") + pl.col("terms_days"),
        never=pl.Series(dice.random(items.height) < NEVER_PAID),
    )


def prices(dice: np.random.Generator, count: int) -> Ints:
    """Price points times quantity less discount: thousands of equal amounts."""
    price = PRICES[choose(dice, count, zipf(len(PRICES), 1.0))]
    quantity = 1 + choose(dice, count, [0.78, 0.11, 0.05, 0.03, 0.03])
    discount = np.array([0, 10, 20, 25])[choose(dice, count, [0.86, 0.08, 0.04, 0.02])]
    return price * quantity * (100 - discount) // 100


def amounts(dice: np.random.Generator, count: int, middle: float, width: float) -> Ints:
    """Ad-hoc amounts in minor units: about half in whole units, a quarter in whole hundreds."""
    exact: Ints = np.rint(100 * np.exp(dice.normal(middle, width, count))).astype(np.int64)
    step = np.array([1, 25, 100, 10_000])[choose(dice, count, [0.42, 0.08, 0.28, 0.22])]
    return np.maximum(exact // step * step, 2500)


def _subscriptions(parties: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    """One invoice a month from the month they joined, on their day; some get dearer in the year, some leave."""
    count = parties.height
    start = np.where(dice.random(count) < 0.45, 0, dice.integers(0, 12, count))
    end = np.where(dice.random(count) < 0.12, np.minimum(12, start + dice.integers(1, 9, count)), 12)
    months = end - start
    row = np.repeat(np.arange(count), months)
    month = np.arange(len(row)) - np.repeat(np.cumsum(months) - months, months) + np.repeat(start, months)
    price, rise = prices(dice, count), dice.random(count) < 0.08
    dearer = np.repeat(rise, months) & (month >= 6)
    total = np.where(dearer, price[row] * 105 // 100, price[row])
    day = np.where(dice.random(count) < 0.6, 0, dice.integers(0, 28, count))
    first = (np.datetime64("2025-01") + np.arange(12)).astype("datetime64[D]") - np.datetime64("2025-01-01")
    return _frame("invoice", parties["party"].gather(row), total, first.astype(np.int64)[month] + day[row])


def _ad_hoc(parties: pl.DataFrame, count: int, dice: np.random.Generator) -> pl.DataFrame:
    row = choose(dice, count, parties["weight"].to_numpy())
    # Shops that are paid by card sell small things.
    web = (parties["habit"] == "provider").to_numpy()[row]
    total = np.where(web, amounts(dice, count, 6.0, 0.7), amounts(dice, count, 7.9, 1.15))
    return _frame("invoice", parties["party"].gather(row), total, dice.integers(0, 346, count))


def _bills(parties: pl.DataFrame, count: int, dice: np.random.Generator) -> pl.DataFrame:
    """A third of the suppliers bill the same amount every time: rent, lines, licences."""
    row = choose(dice, count, parties["weight"].to_numpy())
    usual, steady = amounts(dice, parties.height, 7.0, 1.0), dice.random(parties.height) < 0.33
    cheap = (parties["habit"] == "card").to_numpy()[row]
    free = np.where(cheap, amounts(dice, count, 5.8, 0.8), amounts(dice, count, 7.8, 1.2))
    total = np.where(steady[row], usual[row], free)
    return _frame("bill", parties["party"].gather(row), -total, dice.integers(0, 346, count))


def _frame(kind: str, party: pl.Series, total: Ints, issue: Ints | Floats) -> pl.DataFrame:
    return pl.DataFrame(
        {"kind": [kind] * len(party), "party": party, "total_minor": total, "issue": issue},
        schema_overrides={"total_minor": pl.Int64, "issue": pl.Int64},
    ).sort("party", "issue", "total_minor")
