"""Everybody who trades with the company, with the habits that make their payments alike.

In: the size of the books and a seed. Out: PARTIES, one row a party, numbered from 0, subscribers before
customers before suppliers. A habit stays for the year: who has seen a party pay once can know it again.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.checks import danish_iban
from recon.bench.books.draw import Ints, by_share, choose, evenly, pick, pick_by, stream
from recon.bench.books.names import companies, people, spelled

HABITS = {
    "subscriber": {"each": 0.63, "batch": 0.23, "provider": 0.14},
    "customer": {
        "each": 0.411,
        "batch": 0.32,
        "provider": 0.06,
        "instalment": 0.059,
        "fx": 0.09,
        "nets": 0.06,
    },
    "supplier": {"each": 0.52, "batch": 0.12, "card": 0.09, "direct_debit": 0.19, "fx": 0.06, "nets": 0.02},
}
"""How a party pays, or is paid: every document by itself, several at once, through a card provider, in
instalments, in another currency into a DKK account, by direct debit or card, or less its credit notes."""

SHARES = {"subscriber": 0.47 / 8.8, "customer": 0.043, "supplier": 0.011}
"""Parties of a role for each bank line."""

STYLES = {"number": 0.89, "name": 0.08, "bare": 0.03}
"""What a payer writes: the document's number, only a name, nothing."""

CURRENCY = {"DK": "DKK", "SE": "SEK", "NO": "NOK", "FI": "EUR", "DE": "EUR", "US": "USD", "GB": "GBP"}
FOREIGN = {"SE": 0.33, "NO": 0.22, "FI": 0.22, "DE": 0.23}
SCHEMES = {
    "DK": {"fik71": 0.52, "fik75": 0.10, "rf": 0.03, "none": 0.35},
    "SE": {"ocr": 0.45, "ocrlen": 0.25, "none": 0.3},
    "NO": {"kid10": 0.5, "kid11": 0.25, "none": 0.25},
    "FI": {"viite": 0.5, "rf": 0.3, "none": 0.2},
    "DE": {"rf": 0.5, "none": 0.5},
}
"""Payment references by the payer's country."""


def make_parties(size: int, seed: int) -> pl.DataFrame:
    """`party role country is_company name first last alias alias_own account account_shown style scheme habit
    nets currency terms_days early lag_days lag_spread weight code`, sorted by role and falling weight."""
    dice = stream(seed, "parties")
    parts = [_of_role(dice, role, max(12, round(size * share))) for role, share in SHARES.items()]
    parties = pl.concat(parts).with_row_index("party").with_columns(pl.col("party").cast(pl.Int64))
    named = _named(dice, parties)
    return _paying(dice, named)


def _of_role(dice: np.random.Generator, role: str, count: int) -> pl.DataFrame:
    """Customers and suppliers weigh by Pareto's rule; none is more than a few per cent of its role."""
    weight = np.ones(count) if role == "subscriber" else np.sort(1 + dice.pareto(1.25, count))[::-1]
    weight = np.minimum(weight, weight.sum() * 0.02 + 1)
    habit = by_share(evenly(dice, count), HABITS[role])
    abroad = evenly(dice, count) < (0.06 if role == "subscriber" else 0.14)
    foreign = pick(dice, count, FOREIGN)
    at_home = ~(abroad | (habit == "fx").to_numpy())
    country = pl.select(pl.when(pl.Series(at_home)).then(pl.lit("DK")).otherwise(foreign))[:, 0]
    company = dice.random(count) < {"subscriber": 0.35, "customer": 0.72, "supplier": 1.0}[role]
    return pl.DataFrame(
        {"role": [role] * count, "country": country, "habit": habit, "is_company": company, "weight": weight}
    )


def _named(dice: np.random.Generator, parties: pl.DataFrame) -> pl.DataFrame:
    person = people(dice, parties["country"])
    firm = companies(dice, parties["country"])
    named = parties.with_columns(
        first=person["first"],
        last=person["last"],
        name=pl.when(pl.col("is_company")).then(firm).otherwise(person["name"]),
    )
    return spelled(dice, named, people(dice, parties["country"]))


def _paying(dice: np.random.Generator, parties: pl.DataFrame) -> pl.DataFrame:
    count = parties.height
    home = parties["country"].replace_strict(CURRENCY)
    abroad = (home != "DKK") & ((parties["habit"] == "fx") | pl.Series(dice.random(count) < 0.5))
    distant = pl.Series(dice.random(count) < 0.35) & (parties["habit"] == "fx")
    far = pick(dice, count, {"USD": 0.6, "GBP": 0.4})
    currency = pl.when(distant).then(far).when(abroad).then(home).otherwise(pl.lit("DKK"))
    late = dice.random(count)
    lag = np.where(late < 0.25, dice.normal(9, 6, count), dice.normal(-1, 2, count))
    numbers = parties["party"].to_numpy().astype(np.int64)
    return parties.with_columns(
        currency=currency,
        account=accounts(dice, count),
        account_shown=pl.Series(dice.random(count) < 0.46),
        style=pick(dice, count, STYLES),
        scheme=pick_by(dice, parties["country"], SCHEMES),
        nets=pl.col("habit") == "nets",
        terms_days=pl.Series(
            np.array([8, 14, 30, 30, 45])[choose(dice, count, [0.25, 0.35, 0.25, 0.1, 0.05])]
        ),
        early=pl.Series(late > 0.80),
        lag_days=pl.Series(lag),
        lag_spread=pl.Series(0.4 + dice.gamma(1.5, 1.2, count)),
        code=pl.when(pl.col("role") == "supplier").then(pl.lit("L")).otherwise(pl.lit("K"))
        + pl.Series(40_000 + numbers).cast(pl.String),
    )


def accounts(dice: np.random.Generator, count: int) -> pl.Series:
    """Danish IBANs of invented accounts."""
    bank: Ints = dice.integers(5000, 9900, count)
    return danish_iban(bank, dice.integers(10**5, 10**10, count))
