"""Learning from decisions: few move nothing, many move the weights the decisions speak of."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
from match_book import first, items_of, lines_of, match

from recon.match.learn import fit
from recon.match.weights import STATED
from recon.schema import ACCEPTED, History


def third_parties(count: int) -> History:
    """Customers whose invoices somebody of another name pays, with the exact amount: always right."""
    lines = [
        {"id": f"l{n}", "amount": f"{100 + n}.37", "name": f"Bogholder Krogsgaard {n}"} for n in range(count)
    ]
    items = [
        {"id": f"i{n}", "no": f"{300001 + n}", "total": f"{100 + n}.37", "open": "0.00", "name": f"Xyz Fiskehus {n}",
         "party": f"p{n}"}
        for n in range(count)
    ]  # fmt: skip
    when = datetime(2026, 3, 3, tzinfo=UTC)
    accepted = pl.DataFrame(
        [(f"l{n}", f"i{n}", 10037 + 100 * n, 10037 + 100 * n, when, "anna") for n in range(count)],
        schema=ACCEPTED.schema,
        orient="row",
    )
    return History(lines=lines_of(lines), items=items_of(items), accepted=accepted)


def test_few_decisions_leave_the_stated_weights():
    assert fit(History()) == STATED and fit(third_parties(19)) == STATED


def test_many_decisions_move_what_they_speak_of_and_nothing_else():
    model = fit(third_parties(60))
    assert model.decisions == 60
    assert model.weights["name", "differs"] > STATED.weights["name", "differs"] + 0.5
    assert model.weights["reference", "structured"] == STATED.weights["reference", "structured"]


def test_the_same_history_teaches_the_same():
    assert fit(third_parties(40)) == fit(third_parties(40))


def test_a_model_changes_what_is_proposed():
    line = {"id": "l", "amount": "88.41", "name": "Bodil Bogholder"}
    item = {"id": "i", "no": "20001", "total": "88.41", "name": "Xyz Fiskehus"}
    assert first(match([line], [item]), "l") is None
    assert first(match([line], [item], model=fit(third_parties(120))), "l")["items"] == ["i"]
