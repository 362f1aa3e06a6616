"""The day rates of a year, and what an amount in another currency comes to in kroner."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from recon.bench.books.draw import Floats, Ints, stream

BASE = "DKK"
START = date(2025, 1, 1)
LAST_DAY = 395
"""The last day a line is booked, counted from START: an invoice of December is paid in January."""

RATES = {"EUR": 7.46, "SEK": 0.655, "NOK": 0.634, "USD": 6.85, "GBP": 8.72}


def make_rates(seed: int) -> pl.DataFrame:
    """`date currency rate`: kroner for one unit, a walk of a third of a per cent a day (the euro: hardly any)."""
    dice = stream(seed, "rates")
    days = LAST_DAY + 30
    parts = []
    for currency, start in RATES.items():
        steps = dice.normal(0, 0.0002 if currency == "EUR" else 0.0035, days)
        drift = 1 + np.cumsum(steps - steps.mean())
        parts.append(
            pl.DataFrame(
                {"day": np.arange(-5, days - 5), "currency": currency, "rate": np.round(start * drift, 6)}
            )
        )
    frame = pl.concat(parts)
    return frame.select(date=pl.lit(START) + pl.duration(days="day"), currency="currency", rate="rate")


def rates_of(rates: pl.DataFrame, currency: pl.Series, days: Ints) -> Floats:
    """The rate of each currency on each day."""
    table = {
        code: part["rate"].to_numpy() for (code,), part in rates.group_by("currency", maintain_order=True)
    }
    codes = list(table)
    grid = np.stack([table[code] for code in codes])
    row = currency.replace_strict({code: place for place, code in enumerate(codes)}).to_numpy()
    return grid[row, np.clip(days + 5, 0, grid.shape[1] - 1)]
