"""The balance a bank states beside its lines: an opening is told by the lines, or not known."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from recon.schema import LINES
from recon.statements.stated import opening_before, stated_balance


def lines(*rows: tuple[str, int, int | None]) -> pl.DataFrame:
    """Rows of day, amount, running balance."""
    return pl.DataFrame(
        [
            {"booking_date": date.fromisoformat(day), "amount_minor": a, "balance_minor": b}
            for day, a, b in rows
        ],
        schema={name: LINES.types[name] for name in ("booking_date", "amount_minor", "balance_minor")},
    )


@pytest.mark.parametrize(
    ("rows", "opening"),
    [
        ([("2026-09-01", 100, 1100)], 1000),
        ([("2026-09-01", -50, 1050), ("2026-09-01", 100, 1100)], 1000),  # the bank's order is newest first
        ([("2026-09-02", 7, 1107), ("2026-09-01", 100, 1100)], 1000),  # only the first day counts
        ([("2026-09-01", 100, None)], None),  # this bank sends no running balance
        ([("2026-09-01", 100, 1100), ("2026-09-01", -100, 1000)], None),  # a circle has no beginning
        ([("2026-09-01", 100, 1100), ("2026-09-01", 5, 2000)], None),  # a line is missing between
        ([], None),
    ],
)
def test_the_opening_is_certain_or_unknown(rows, opening):
    assert opening_before(lines(*rows)) == opening


@pytest.mark.parametrize(
    ("balance", "closing", "ties"), [(1100, 1150, True), (1100, 1151, False), (None, 1150, None)]
)
def test_it_ties_or_says_so(balance, closing, ties):
    told = stated_balance(
        lines(("2026-09-01", 100, balance), ("2026-09-02", 50, None)),
        "acc",
        "DKK",
        closing,
        date(2026, 9, 30),
    ).row(0, named=True)
    assert (told["ties"], told["booked_minor"], told["closing_minor"]) == (ties, 150, closing)
