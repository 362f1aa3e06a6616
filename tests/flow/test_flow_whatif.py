"""Another policy on the last twelve months: counted beside the present one, line by line, and nothing saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from taught_company import DECIDED, OPEN, learnt, taught

from recon.errors import UsageError
from recon.flow.whatif import a_year_before, what_if


@pytest.fixture
def store(tmp_path):
    return taught(tmp_path / "company")


def test_a_shorter_window_loses_the_late_payers(store):
    """Each tenth pays twelve days late."""
    policy = store.preferences().policy
    before, decisions = store.preferences(), store.decisions()
    told = what_if(store, replace(policy, days_after=0))
    late, late_open = DECIDED // 10, OPEN // 10
    assert (told.now.lines, told.now.proposed, told.now.decided) == (DECIDED + OPEN, DECIDED + OPEN, DECIDED)
    assert (told.now.right, told.now.wrong, told.now.missed) == (DECIDED, 0, 0)
    assert (told.then.right, told.then.wrong, told.then.missed) == (DECIDED - late, 0, late)
    assert told.changed["change"].to_list() == ["worse"] * late + ["open"] * late_open
    first = told.changed.row(0, named=True)
    assert first["now"] == first["decided"] and first["now"].startswith("invoice A-")
    assert first["then"] is None
    assert (store.preferences(), store.decisions().height) == (before, decisions.height)


def test_the_same_policy_changes_nothing(store):
    told = what_if(store, store.preferences().policy)
    assert told.now == told.then
    assert told.changed.is_empty()


def test_a_rule_for_an_account_shows_the_lines_it_would_take(store):
    policy = store.preferences().policy
    told = what_if(store, replace(policy, days_after=0, rules=('text has "overførsel" -> account 7220',)))
    assert told.then.wrong >= DECIDED // 10, "booked to an account, though people found the invoice"
    assert told.then.right + told.then.wrong == DECIDED
    assert "account 7220" in set(told.changed["then"])
    with pytest.raises(UsageError):
        what_if(store, replace(policy, rules=("nonsense",)))


def test_another_risk_shows_what_could_be_accepted_alone(tmp_path):
    store = learnt(tmp_path / "company")
    policy = store.preferences().policy
    told = what_if(store, replace(policy, auto_risk=0.002))
    assert (told.now.alone, told.now.alone_right, told.now.alone_wrong) == (DECIDED + OPEN, DECIDED, 0)
    assert told.then.alone == 0, "320 decisions are too few to know 0.2 %"
    assert told.changed["now_alone"].all() and not told.changed["then_alone"].any()


def test_only_lines_since_the_day_are_replayed(store):
    told = what_if(store, store.preferences().policy, since=date(2026, 8, 1))
    assert told.now.lines == store.lines().filter(booking_date=date(2026, 8, 1)).height + 34


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 22), date(2025, 11, 23)),
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2026, 12, 31), date(2026, 1, 1)),
    ],
)
def test_twelve_months_end_today(today, first):
    assert a_year_before(today) == first
