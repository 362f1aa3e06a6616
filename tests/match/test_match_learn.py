"""Learning from decisions: few move nothing, many move the weights the decisions speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
from match_book import first, items_of, lines_of, match

import recon as rc
from recon.match.learn import fit
from recon.match.weights import STATED
from recon.policy import Policy
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


def same_names(count: int) -> History:
    """Customers whose invoices they pay themselves, with the exact amount, under their own name."""
    history = third_parties(count)
    return replace(
        history,
        lines=history.lines.with_columns(
            counterparty_name=pl.format("Xyz Fiskehus {}", pl.col("line_id").str.slice(1))
        ),
    )


def test_few_decisions_leave_the_stated_weights():
    assert fit(History()) == STATED and fit(third_parties(19)) == STATED


def test_many_decisions_move_what_they_speak_of_and_nothing_else():
    model = fit(third_parties(60))
    assert model.decisions == 60
    assert model.weights["name", "differs"] > STATED.weights["name", "differs"] + 0.5
    assert model.weights["reference", "structured"] == STATED.weights["reference", "structured"]


def test_the_same_history_teaches_the_same():
    assert fit(third_parties(40)) == fit(third_parties(40))


def test_the_order_of_rows_changes_nothing():
    history = third_parties(40)
    turned = History(history.lines.reverse(), history.items.reverse(), history.accepted.reverse())
    assert fit(turned).version == fit(history).version


def test_a_history_as_received_teaches_the_same_as_a_normalised_one():
    """References and kinds are found in it first; without them every document number in a text went unseen."""
    history = third_parties(40)
    raw = History(history.lines.drop("references", "kind"), history.items, history.accepted, history.rejected)
    assert rc.fit(raw).version == fit(history).version


def test_history_alone_bears_out_more_than_references():
    """Nobody handed in a model: what was decided is held against the stated one."""
    line = {"id": "new", "amount": "9041.13", "name": "Fiskehus Lone Lund"}
    item = {"id": "item", "no": "55501", "total": "9041.13", "name": "Fiskehus Lone Lund"}
    policy = Policy(auto_risk=0.02)
    assert not first(match([line], [item], policy), "new")["auto"]
    few, many = same_names(100), same_names(330)
    assert not first(match([line], [item], policy, history=few), "new")["auto"]
    assert first(match([line], [item], policy, history=many), "new")["auto"]
    told = match([line], [item], policy, history=many, model=STATED)
    assert not first(told, "new")["auto"]


def test_a_model_changes_what_is_proposed():
    line = {"id": "l", "amount": "88.41", "name": "Bodil Bogholder"}
    item = {"id": "i", "no": "20001", "total": "88.41", "name": "Xyz Fiskehus"}
    assert first(match([line], [item]), "l") is None
    assert first(match([line], [item], model=fit(third_parties(120))), "l")["items"] == ["i"]
