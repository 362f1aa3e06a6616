"""The balance proof: opening + our lines = closing, or by how much it misses."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from recon.schema import BALANCES, LINES, conform
from recon.statements.proof import balance_proof

# day  amount
BOOKED = ((1, 500), (2, -200), (3, 1000))


def lines() -> pl.DataFrame:
    rows = [
        {
            "line_id": f"l{day}", "account_id": "drift", "booking_date": date(2026, 11, day),
            "amount_minor": amount, "currency": "DKK", "text": "x", "source": "test",
        }
        for day, amount in BOOKED
    ]  # fmt: skip
    return conform(pl.DataFrame(rows), LINES)


def stated(
    first: int, opening: int | None, last: int, closing: int | None, number: str = "1"
) -> pl.DataFrame:
    row = {
        "statement_no": number, "account_id": "drift", "currency": "DKK",
        "opening_date": date(2026, 11, first), "opening_minor": opening,
        "closing_date": date(2026, 11, last), "closing_minor": closing, "booked_minor": 0, "ties": None,
    }  # fmt: skip
    return conform(
        pl.DataFrame([row], schema_overrides={"opening_minor": pl.Int64, "closing_minor": pl.Int64}), BALANCES
    )


@pytest.mark.parametrize(
    ("first", "opening", "last", "closing", "moved", "off"),
    [
        (1, 0, 3, 1300, 1300, 0),
        (1, 0, 3, 1250, 1300, -50),
        (
            1,
            500,
            3,
            1300,
            800,
            0,
        ),  # the opening balance is dated by the day before, when it was the closing one
        (2, 500, 3, 1300, 800, 0),
        (4, 1300, 9, 1300, 0, 0),
        (1, None, 3, 1300, 0, None),
        (1, 0, 3, None, 0, None),
    ],
)
def test_opening_and_our_lines_against_closing(first, opening, last, closing, moved, off):
    row = balance_proof(lines(), stated(first, opening, last, closing)).to_dicts()[0]
    assert (row["lines_minor"], row["off_minor"]) == (moved, off)


def test_the_newest_statement_comes_first_and_the_same_one_once():
    first, second = stated(1, 0, 1, 500, "1"), stated(2, 500, 3, 1300, "2")
    proof = balance_proof(lines(), pl.concat([first, second, first]))
    assert proof["statement_no"].to_list() == ["2", "1"]


def test_another_accounts_lines_do_not_count():
    other = lines().with_columns(account_id=pl.lit("savings"))
    assert balance_proof(other, stated(1, 0, 3, 1300))["off_minor"].to_list() == [1300]


def test_nothing_gives_an_empty_frame():
    assert balance_proof(LINES.empty(), BALANCES.empty()).is_empty()
