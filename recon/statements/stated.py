"""The balance a bank states of an account beside its lines, as one row of BALANCES.

In: the account's lines and the balance the bank states now. Out: BALANCES, so that the proof by opening +
lines = closing is the same for the bank's interface as for its files; and STATED, by which days without running
balances are proved (`moves.py`). Never: an opening that was guessed.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from recon.schema import BALANCES, conform


def stated_balance(
    lines: pl.DataFrame, account_id: str, currency: str, closing_minor: int, on: date
) -> pl.DataFrame:
    """One row: from the first line kept up to `on`, closing as stated, opening where the lines tell it.

    lines: LINES of the account that stand. closing_minor: what the bank says is booked, minor units; where it
    books ahead, the newest line's day closes. `ties` is null where no opening is known.
    """
    opening = opening_before(lines)
    booked = int(lines["amount_minor"].sum())
    row = {
        "statement_no": None,
        "account_id": account_id,
        "currency": currency,
        "opening_date": lines["booking_date"].min() if lines.height else None,
        "opening_minor": opening,
        "closing_date": max(on, newest) if (newest := lines["booking_date"].max()) else on,
        "closing_minor": closing_minor,
        "booked_minor": booked,
        "ties": None if opening is None else opening + booked == closing_minor,
    }
    return conform(pl.DataFrame([row], schema=BALANCES.schema), BALANCES)


def opening_before(lines: pl.DataFrame) -> int | None:
    """The balance before the first day's lines, from their running balances; None where it is not certain.

    The order within a day is not known: the opening is the one balance that a line starts from and no other
    line of the day ends on.
    """
    first = lines.filter(pl.col("booking_date") == pl.col("booking_date").min())
    if first.is_empty() or first["balance_minor"].null_count():
        return None
    starts = (first["balance_minor"] - first["amount_minor"]).to_list()
    ends = first["balance_minor"].to_list()
    left = list(starts)
    for end in ends:
        if end in left:
            left.remove(end)
    return left[0] if len(left) == 1 else None
