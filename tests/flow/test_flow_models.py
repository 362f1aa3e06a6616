"""Learning in a workspace: what beats the old model is used and can be taught again; all else changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest
from taught_company import DECIDED, OPEN, at, bear, decide, pairs_of, taught
from taught_company import learnt as with_model

from recon.errors import DataRefused, IntegrityAlarm, UsageError
from recon.flow.in_use import held_to, model_in_use
from recon.flow.judge import decided_lines, without_last
from recon.flow.matching import match
from recon.flow.models import learnt, measure, models, refit, replay_model
from recon.flow.review import undo
from recon.flow.workspace import open_store
from recon.settings import Settings
from recon.store import events
from recon.store import models as kept_models


@pytest.fixture
def store(tmp_path):
    return taught(tmp_path / "company")


@pytest.fixture
def knowing(tmp_path):
    return with_model(tmp_path / "knowing")


def test_a_new_workspace_learns_nothing_and_says_what_is_missing(tmp_path):
    store = open_store(tmp_path, Settings(home=tmp_path))
    done = refit(store, by="anna")
    assert (done.version, done.promoted) == (None, False)
    assert "0 lines were decided" in done.words and "from 40 on" in done.words
    assert models(store).is_empty() and model_in_use(store) is None and measure(store) is None
    assert (learnt(store).missing, learnt(store).may_act) == (1151, False)


def test_a_model_that_is_less_surprised_is_used_from_then_on(store):
    match(store)
    mean = pl.col("probability").mean()
    before = store.proposals().filter(rank=1).select(mean).item()
    done = refit(store, by="anna")
    assert done.promoted and done.old and done.new
    assert (done.new.lines, done.new.wrong) == (DECIDED // 4, 0)
    assert done.new.log_loss < done.old.log_loss
    match(store)
    assert store.proposals().filter(rank=1).select(mean).item() > before, "it weighs what it was taught"
    tried = models(store)
    assert tried.select("version", "in_use", "by", "decisions").row(0) == (
        done.version,
        True,
        "anna",
        DECIDED,
    )
    event = store.events().filter(kind="model_promoted").row(0, named=True)
    assert (event["subject"], event["done_by"]) == (done.version, "anna")
    assert store.events().filter(kind="matched").head(1)["payload"].str.contains(str(done.version)).item()


def test_a_version_is_taught_again_from_the_log_whatever_was_decided_since(knowing):
    """Later decisions, undone ones and a new statement of what is open do not reach back."""
    version = learnt(knowing).version
    later = at(knowing, 200)
    decide(later, pairs_of(knowing, DECIDED, DECIDED + 10))
    undo(later, later.decisions()["decision_id"][0], by="bent")
    with later.database.write("test") as writer:
        writer.c.run("UPDATE items SET open_minor = 0 WHERE item_id = 'i_3'")
    assert replay_model(later, str(version)).version == version


def test_a_version_that_does_not_follow_any_more_is_refused_with_the_reason(knowing):
    version = str(learnt(knowing).version)
    with pytest.raises(UsageError, match="no model m_0"):
        replay_model(knowing, "m_0")
    with knowing.database.write("test") as writer:
        writer.c.run("UPDATE items SET due_date = due_date - 40")
    with pytest.raises(DataRefused, match="documents have been worded anew"):
        replay_model(knowing, version)


def test_nothing_new_decided_is_nothing_to_learn(knowing):
    again = refit(knowing, by="bent")
    assert (again.version, again.promoted, again.old) == (learnt(knowing).version, False, None)
    assert "0 lines were decided since" in again.words
    assert models(knowing).height == 1


def test_a_model_that_is_no_better_is_noted_and_not_used(store, monkeypatch):
    """What is tried here is the stated model itself: as good, so no better."""
    from recon.match.weights import STATED

    monkeypatch.setattr("recon.flow.models.fit", lambda history, policy: STATED)
    done = refit(store, by="anna")
    assert (done.version, done.promoted) == (None, False)
    assert "no better" in done.words
    assert model_in_use(store) is None
    assert models(store).select("promoted", "in_use").rows() == [(False, False)]
    assert store.events().filter(kind="model_declined").height == 1


def test_both_models_are_judged_on_the_last_lines_which_neither_was_taught(store):
    with store.database.read() as c:
        history = kept_models.taught(c, events.head(c).seq)
    before, asked = without_last(history, 80)
    assert before.accepted.height + asked.height == DECIDED
    last_known = before.accepted.select(pl.col("decided_at").max()).item()
    assert asked.filter(pl.col("decided_at") < last_known).is_empty()
    reopened = before.items.join(asked, on="item_id", how="semi")
    assert (reopened["open_minor"] == reopened["total_minor"]).all()
    settled = before.items.join(before.accepted, on="item_id", how="semi")
    assert (settled["open_minor"] == 0).all()


def test_the_engine_does_not_learn_from_its_own_word(store):
    """What it accepted by itself is not taught before a person looked it over."""
    from recon.flow.sampling import say_right

    made = decide(at(store, 170), pairs_of(store, DECIDED, DECIDED + 2), by="engine", auto=True)
    with store.database.read() as c:
        seen = kept_models.taught(c, events.head(c).seq)
        assert decided_lines(seen).height == DECIDED
        taken = seen.items.filter(item_id=f"i_{DECIDED}")["open_minor"].item()
        assert taken == 0, "its document is settled all the same"
    say_right(at(store, 171), made[0], by="anna")
    with store.database.read() as c:
        assert decided_lines(kept_models.taught(c, events.head(c).seq)).height == DECIDED + 1


@pytest.mark.parametrize(
    ("risk", "auto", "accepted"),
    [
        (0.02, {"on": True, "approved_by": "anna", "measured": True}, OPEN),
        (0.02, {"on": True, "approved_by": "anna"}, 0),  # only full references are allowed
        (0.02, {"measured": True}, 0),  # it is off
        (0.002, {"on": True, "approved_by": "anna", "measured": True}, 0),  # too few decisions to know
    ],
)
def test_match_accepts_what_is_auto_and_allowed(knowing, risk, auto, accepted):
    bear(knowing, risk, **auto)
    assert match(knowing).auto == accepted


def test_what_decisions_bear_out_is_told_by_way(knowing):
    known = learnt(knowing)
    assert known.may_act and known.missing == 0 and known.bounds
    assert "320 decided lines" in known.bounds.words()["amount"]
    bear(knowing, 0.002)
    strict = learnt(knowing)
    assert not strict.may_act and strict.missing > 800, "320 decisions say nothing of 0.2 %"
    bear(knowing, 0.002, on=True, approved_by="anna")
    held = held_to(model_in_use(knowing), knowing.preferences())
    assert held and not held.bounds, "only full references are allowed"


def test_a_kept_model_that_was_tampered_with_is_an_alarm(knowing):
    with knowing.database.write("test") as writer:
        told = json.loads(writer.c.value("SELECT told FROM models"))
        told["weights"]["amount:exact_rare"] += 1
        writer.c.run("UPDATE models SET told = $told", told=json.dumps(told))
    with pytest.raises(IntegrityAlarm, match="not what was written"):
        match(knowing)


def test_measuring_asks_only_lines_decided_since(store, knowing):
    told = measure(store)
    assert told and (told.lines, told.right) == (DECIDED, DECIDED), "the stated weights were taught by none"
    assert measure(knowing) is None
    decide(at(knowing, 200), pairs_of(knowing, DECIDED, DECIDED + 5))
    told = measure(at(knowing, 200))
    assert told and told.lines == 5


def test_a_line_booked_to_an_account_has_no_document_as_its_answer(store):
    from recon.flow.backtest import answers, replayed, whole_policy

    history = store.history()
    line = history.accepted["line_id"][0]
    asked = history.accepted.filter(line_id=line).with_columns(item_id=pl.lit("account:7220"))
    lines = history.lines.filter(line_id=line)
    result = replayed(store, lines, replace(history, accepted=asked.clear()), whole_policy(store), None)
    told = answers(result, asked).row(0, named=True)
    assert told["decided"] == [] and not told["right"]
    shown = float(result.proposals["probability"].sum())
    assert told["chance"] == pytest.approx(max(2.0**-10, 1.0 - shown))
