"""Every bank line once, whatever the bank does: simulated histories, and a proof that is able to fail.

`make prove` lives thousands of them (`tests/prove/histories.py`); here are a few, and each that once failed.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from recon.bank import wire
from recon.sandbox.history import Habits, History
from recon.schema import EXPECTED, conform
from recon.statements import pairing
from recon.store import statements
from tests.prove import histories, histories_over_http
from tests.truth.model import Model, Told

DAY = date(2026, 1, 5)
SOME = range(360, 376)
"""A calendar of four syncs."""
NUMBERED = [3344]
"""A bank whose ids are numbers."""


def test_histories_are_stored_as_they_are_true():
    assert histories.live(SOME) == []


def test_a_history_over_http_is_stored_as_it_is_true():
    assert histories_over_http.live(39) == []


@pytest.mark.parametrize(
    ("seed", "wound"),
    [
        (169, "numbered ids: one line moved, one was taken out and one put in, in one go"),
        (1018, "numbered ids: a line moved"),
        (3344, "numbered ids moved on over twins, one of them at another price: a copy was added"),
        (5053, "numbered ids moved on to a line of the same amount by chance: a copy was added"),
    ],
)
def test_a_history_that_failed_once_holds(seed, wound):
    assert histories.live([seed]) == [], wound


# ── the proof is able to fail ─────────────────────────────────────────────────────────────────────────


def _drop_twins(monkeypatch):
    whole = pairing.once_per_reference
    fields = ["account_id", "booking_date", "amount_minor", "currency", "text"]
    monkeypatch.setattr(
        pairing, "once_per_reference", lambda rows: whole(rows.unique(fields, maintain_order=True))
    )


def _add_reissued_copies(monkeypatch):
    monkeypatch.setattr(pairing, "_COMPLETE", ())


def _book_what_is_reserved(monkeypatch):
    monkeypatch.setattr(wire.Transaction, "booked", property(lambda row: True))


def _forget_what_was_withdrawn(monkeypatch):
    def forget(c, line_ids, at, *, withdrawn):
        if withdrawn and line_ids:
            c.run("DELETE FROM line_sources WHERE line_id IN (SELECT unnest($ids))", ids=line_ids)
            c.run("DELETE FROM lines WHERE line_id IN (SELECT unnest($ids))", ids=line_ids)

    monkeypatch.setattr(statements, "note_withdrawals", forget)


def _leave_what_was_withdrawn(monkeypatch):
    monkeypatch.setattr(statements, "note_withdrawals", lambda c, line_ids, at, *, withdrawn: None)


def _trust_handed_on_ids(monkeypatch):
    monkeypatch.setattr(pairing, "without_handed_on", lambda rows, known, source_kind, period: rows)


@pytest.mark.parametrize(
    "mutate",
    [
        _drop_twins,
        _add_reissued_copies,
        _book_what_is_reserved,
        _forget_what_was_withdrawn,
        _leave_what_was_withdrawn,
        _trust_handed_on_ids,
    ],
)
def test_a_program_broken_on_purpose_does_not_pass(mutate, monkeypatch):
    mutate(monkeypatch)
    assert any(histories.live(seeds, until_wrong=True) for seeds in (SOME, NUMBERED))


def test_a_ghost_of_pending_money_does_not_pass(monkeypatch):
    def add_only(c, account_id, rows):
        c.insert("expected", conform(rows, EXPECTED))

    monkeypatch.setattr(statements, "replace_expected", add_only)
    assert any("reserved" in words for seed in (39, 79) for words in histories_over_http.live(seed))


# ── the bank and the model are what they say ──────────────────────────────────────────────────────────


def _lived(seed: int, habits: Habits) -> History:
    history = History(seed, DAY - timedelta(days=60), habits)
    history.begin(30, DAY)
    for day in range(30):
        history.live(DAY + timedelta(days=day))
    return history


@pytest.mark.parametrize("ids", ["kept", "numbered", "none"])
def test_a_history_is_the_same_each_time_and_its_balances_chain(ids):
    history = _lived(5, Habits(ids=ids))
    assert history.shown() == _lived(5, Habits(ids=ids)).shown()
    assert history.shown() != _lived(6, Habits(ids=ids)).shown()
    booked = [row for row in history.shown() if row.booked]
    assert history.opening_minor + sum(row.amount_minor for row in booked) == (
        _lived(5, Habits(ids=ids)).balance_minor()
        or history.opening_minor + sum(r.amount_minor for r in booked)
    )
    assert len(Counter(history.told)) > 10, "many different things happen"


def test_histories_hold_what_banks_do():
    """Twins, reservations far ahead, lines taken back, numbered and blank ids: all of it occurs in a few seeds."""
    seen = Counter(
        words.split(" ", 1)[1] for seed in range(30) for words in _lived(seed, Habits(misprices=True)).told
    )
    assert min(seen.values()) >= 5
    assert len(seen) == 15
    shown = [row for seed in range(10) for row in _lived(seed, Habits()).shown()]
    twins = Counter((row.day, row.amount_minor, row.text) for row in shown)
    assert max(twins.values()) >= 2
    assert any(not row.booked and row.day > DAY + timedelta(days=100) for row in shown)


def test_the_model_says_what_a_person_would():
    """Two coffees are two; ids issued anew are no new lines; what is gone is withdrawn and returns as itself."""
    coffee, fee = Told(DAY, -2500, "Kaffe", "a"), Told(DAY, -100, "Gebyr", "c")
    twin, anew = Told(DAY, -2500, "KAFFE ", "b"), Told(DAY, -2500, "Kaffe", "x")
    model = Model()
    model.fetch([coffee, twin, fee], DAY, DAY)
    assert model.stored() == {(DAY, -2500): 2, (DAY, -100): 1}
    model.fetch([anew, twin], DAY, DAY)
    assert model.stored() == {(DAY, -2500): 2, (DAY, -100): 1}
    assert model.standing() == {(DAY, -2500, "kaffe"): 2}
    model.file([Told(DAY, -2500, "DKT KAFFE")] * 2 + [Told(DAY, -700, "Is")], "camt.053")
    assert model.stored() == {(DAY, -2500): 2, (DAY, -100): 1, (DAY, -700): 1}
    model.fetch([anew, twin, fee], DAY, DAY)
    assert model.standing()[DAY, -100, "gebyr"] == 1
