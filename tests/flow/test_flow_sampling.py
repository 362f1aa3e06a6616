"""The sample of what the engine accepted alone: drawn by lot, looked over by people, and what follows where it errs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from taught_company import at, bear, sampled

from recon.errors import AlreadyDecided, NothingToUndo, UsageError
from recon.flow.matching import match
from recon.flow.sampling import drawn, say_right, say_wrong, to_look_over, watched

MONDAY = datetime(2026, 8, 10, 12, tzinfo=UTC)
ON = {"on": True, "approved_by": "anna", "measured": True}


@pytest.fixture
def store(tmp_path):
    return sampled(tmp_path / "company")


def decisions(*hours: int) -> list[dict]:
    return [
        {"decision_id": f"d_{place}", "decided_at": MONDAY + timedelta(hours=hour)}
        for place, hour in enumerate(hours)
    ]


def test_of_each_week_at_least_one_is_drawn_and_of_no_week_none():
    assert drawn([], 0.05) == []
    weeks = decisions(0, 0, 1, 24, 24 * 7, 24 * 8, 24 * 21)
    days = [one["decided_at"].date().isoformat() for one in drawn(weeks, 0.0)]
    assert days == ["2026-08-10", "2026-08-17", "2026-08-31"]
    assert drawn(weeks, 1.0) == weeks


@given(st.lists(st.integers(0, 2000), max_size=40), st.floats(0.0, 0.5), st.integers(0, 40))
def test_a_later_decision_never_takes_an_earlier_one_out(hours, share, known):
    """The lot is cast by the id, so that anybody draws the same sample, today and next week."""
    every = decisions(*sorted(hours))
    earlier = [one for one in every if one["decided_at"] < MONDAY + timedelta(hours=50 * known)]
    assert [one for one in drawn(every, share) if one in earlier] == drawn(earlier, share)


def test_a_share_of_many_is_drawn_by_chance():
    many = [{"decision_id": f"d_{place}", "decided_at": MONDAY} for place in range(4000)]
    assert 150 <= len(drawn(many, 0.05)) <= 250


def test_a_person_sees_the_line_what_it_settles_and_why(store):
    waiting = to_look_over(store)
    assert len(waiting) == 10
    first = waiting[0]
    assert first.settles[0][0].startswith("Invoice A-0320-DK · Kunde")
    assert first.line["amount_minor"] == first.settles[0][1]
    assert first.evidence == ("The amount is exact.",)


def test_right_takes_it_off_the_list_and_is_in_the_audit_trail(store):
    first = to_look_over(store)[0]
    say_right(store, first.decision_id, by="bent")
    assert first.decision_id not in {one.decision_id for one in to_look_over(store)}
    assert store.events().row(0, named=True)["kind"] == "auto_checked"
    seen = watched(store)
    assert (seen.accepted, seen.drawn, seen.waiting, seen.right, seen.wrong, seen.broken) == (
        10,
        10,
        9,
        1,
        0,
        False,
    )
    with pytest.raises(AlreadyDecided):
        say_right(store, first.decision_id, by="anna")
    with pytest.raises(UsageError, match="no match that recon made"):
        say_right(store, store.decisions()["decision_id"][0], by="anna")


def test_wrong_undoes_it_with_a_reason(store):
    first = to_look_over(store)[0]
    with pytest.raises(UsageError, match="with a reason"):
        say_wrong(store, first.decision_id, by="bent", reason=" ")
    say_wrong(store, first.decision_id, by="bent", reason="another customer")
    last = store.decisions().filter(action="undo").row(0, named=True)
    assert (last["by"], last["reason"], last["line_id"]) == (
        "bent",
        "another customer",
        first.line["line_id"],
    )
    assert first.line["line_id"] in store.open_lines()["line_id"]
    with pytest.raises(NothingToUndo):
        say_wrong(store, first.decision_id, by="anna", reason="again")


def test_too_many_wrong_ones_switch_it_off_and_say_why(store):
    """One wrong of one is not what 2 % wrong looks like."""
    first = to_look_over(store)[0]
    assert say_wrong(store, first.decision_id, by="bent", reason="another customer")
    auto = store.preferences().auto
    assert not auto.on and auto.approved_by == "anna"
    assert "1 of 1 looked over was wrong" in str(auto.stopped) and "2 %" in str(auto.stopped)
    event = store.events().row(0, named=True)
    assert (event["kind"], event["done_by"]) == ("auto_stopped", "engine")
    assert match(store).auto == 0


def test_one_wrong_of_very_many_is_borne(store):
    bear(store, 0.3, sample=1.0, **ON)
    for one in to_look_over(store)[:9]:
        say_right(store, one.decision_id, by="bent")
    assert not say_wrong(store, to_look_over(store)[0].decision_id, by="bent", reason="another customer")
    assert store.preferences().auto.on


def test_an_undo_elsewhere_counts_and_stops_the_next_run(store):
    from recon.flow.review import undo

    undo(store, to_look_over(store)[3].decision_id, by="bent")
    assert store.preferences().auto.on
    assert match(store).auto == 0, "matching looks at the sample first"
    assert not store.preferences().auto.on


def test_switched_on_again_it_begins_anew(store):
    say_wrong(store, to_look_over(store)[0].decision_id, by="bent", reason="another customer")
    bear(store, 0.02, sample=1.0, **ON)
    seen = watched(store)
    assert (seen.accepted, seen.wrong, seen.broken) == (0, 0, False)
    assert len(to_look_over(store)) == 9, "the others are still worth a look"
    match(store)
    assert store.preferences().auto.on


def test_what_is_older_than_ninety_days_is_not_watched(store):
    assert watched(at(store, 175 + 200)).accepted == 0
