"""When a party usually pays: from three steady payments on, and never proved by the line that is asked about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from match_book import first, items_of, level, lines_of, match

from recon.schema import ACCEPTED, History

DUE = date(2026, 3, 1)
WHEN = datetime(2026, 3, 3, tzinfo=UTC)


def paid(delays: list[int]) -> History:
    """Invoices of one party, each paid so many days after its due day in January."""
    due = [date(2025, 6, 1) + timedelta(days=30 * n) for n in range(len(delays))]
    return History(
        lines=lines_of([
            {"id": f"old{n}", "amount": f"{200 + n}.10", "name": "Sen Betaler", "date": day + timedelta(days=delay)}
            for n, (day, delay) in enumerate(zip(due, delays, strict=True))
        ]),
        items=items_of([
            {"id": f"paid{n}", "no": f"6{n:04d}", "total": f"{200 + n}.10", "open": "0.00", "name": "Sen Betaler ApS",
             "party": "sen", "due": day, "issued": day - timedelta(days=14)}
            for n, day in enumerate(due)
        ]),
        accepted=pl.DataFrame(
            [(f"old{n}", f"paid{n}", 20010 + 100 * n, 20010 + 100 * n, WHEN, "anna") for n in range(len(delays))],
            schema=ACCEPTED.schema, orient="row",
        ),
    )  # fmt: skip


#  delays of the party, day of a new payment after its due day, what is said of it
HABITS = [
    ([20, 21, 22], 20, "usual"),
    ([20, 21, 22], 0, "unusual"),
    ([20, 21], 20, None),
    ([20, 21, 90, 22], 20, "usual"),
    ([0, 30, 60, 90, 15, 75], 30, None),  # wild: no habit
]


@pytest.mark.parametrize(("delays", "after", "said"), HABITS)
def test_a_habit_is_told(delays, after, said):
    line = {"id": "l", "amount": "512.40", "name": "Sen Betaler", "date": DUE + timedelta(days=after)}
    item = {
        "id": "i",
        "no": "60999",
        "total": "512.40",
        "name": "Sen Betaler ApS",
        "party": "sen",
        "due": DUE,
    }
    history = paid(delays)
    result = match([line], [item], history=history)
    found = first(result, "l")
    assert found is not None and level(result, found["proposal_id"], "habit") == said


@pytest.mark.parametrize(("lines", "said"), [(3, None), (4, "usual")])
def test_a_payment_does_not_prove_itself(lines, said):
    """Three payments by full references: each has two others, too few for a habit; of four, each has three."""
    references = [f"00000000{n}234567" for n in range(1, lines + 1)]
    issued = [DUE - timedelta(days=40 + 30 * n) for n in range(lines)]
    items = [
        {"id": f"i{n}", "no": f"9{n:04d}", "total": f"{300 + n}.70", "party": "p", "name": "Fast Kunde ApS",
         "reference": reference, "issued": day, "due": day + timedelta(days=14)}
        for n, (reference, day) in enumerate(zip(references, issued, strict=True))
    ]  # fmt: skip
    rows = [
        {"id": f"l{n}", "amount": f"{300 + n}.70", "reference": reference, "date": day + timedelta(days=20)}
        for n, (reference, day) in enumerate(zip(references, issued, strict=True))
    ]
    result = match(rows, items)
    found = first(result, "l0")
    assert found is not None and found["items"] == ["i0"]
    assert level(result, found["proposal_id"], "habit") == said
