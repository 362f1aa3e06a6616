"""The balance proof, statement by statement: opening + our lines = closing, or by how much it misses.

In: LINES that stand and BALANCES as the bank stated them. Out: one row a statement. Never: a balance that the
bank did not state, or a line counted that is not in the books. Breaks between statements are `continuity.py`'s.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from recon.statements.continuity import INTRADAY

_SCHEMA = {
    "account_id": pl.String,
    "currency": pl.String,
    "statement_no": pl.String,
    "opening_date": pl.Date,
    "opening_minor": pl.Int64,
    "lines_minor": pl.Int64,
    "closing_date": pl.Date,
    "closing_minor": pl.Int64,
    "off_minor": pl.Int64,
}


def balance_proof(lines: pl.DataFrame, balances: pl.DataFrame) -> pl.DataFrame:
    """One row a statement, newest first in each account.

    Returns `account_id currency statement_no opening_date opening_minor lines_minor closing_date closing_minor
    off_minor`: `lines_minor` is what our own lines of those days add up to, `off_minor` what is missing for
    the closing balance (+ money we have no line for came in), null where the bank states no balance. A report
    within the day (`source`, where known) is held against its own entries: the day goes on after it.
    """
    days = lines.group_by("account_id", "currency", "booking_date").agg(pl.col("amount_minor").sum())
    stated = balances.unique(maintain_order=True).sort(
        "account_id", "currency", "closing_date", descending=[False, False, True], nulls_last=True
    )
    # A loop over statements, not lines: a handful a month.
    rows = [_row(one, days) for one in stated.to_dicts()]
    return pl.DataFrame(rows, schema=_SCHEMA)


def _row(stated: dict[str, Any], days: pl.DataFrame) -> dict[str, Any]:
    opening, closing = stated["opening_minor"], stated["closing_minor"]
    known = {name: stated[name] for name in _SCHEMA if name in stated}
    if None in (opening, closing, stated["opening_date"], stated["closing_date"]):
        return known | {"lines_minor": stated["booked_minor"], "off_minor": None}
    if stated.get("source") == INTRADAY:
        booked = stated["booked_minor"]
        return known | {"lines_minor": booked, "off_minor": closing - opening - booked}
    own = days.filter(pl.col("account_id") == stated["account_id"], pl.col("currency") == stated["currency"])
    first, last = stated["opening_date"], stated["closing_date"]
    # Some banks date the opening balance by the day before, when it was the closing one.
    sums = (_moved(own, first, last, "both"), _moved(own, first, last, "right"))
    moved = min(sums, key=lambda total: abs(closing - opening - total))
    return known | {"lines_minor": moved, "off_minor": closing - opening - moved}


def _moved(days: pl.DataFrame, first: date, last: date, ends: Any) -> int:
    return int(days.filter(pl.col("booking_date").is_between(first, last, closed=ends))["amount_minor"].sum())
