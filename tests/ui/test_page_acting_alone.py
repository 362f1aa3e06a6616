"""Acting alone, learning and what-if on their pages: what is shown before the switch, and what the switch then does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_company import fill, line_of, proposal_of
from streamlit.testing.v1 import AppTest

from recon.flow import review
from recon.flow.models import Judged, Learnt
from recon.flow.workspace import save_preferences
from recon.match.bound import AutoBounds, Bound
from recon.review.policy import AutoAccept

KANALHUSET, SKAGEN = 119500, 87550


def words(app: AppTest) -> str:
    every = (*app.markdown, *app.caption, *app.info, *app.success, *app.warning, *app.error, *app.text)
    return "\n".join(one.value for one in every).replace("\\", "")


def accepted_alone(store, amount: int) -> str:
    return str(review.accept(store, proposal_of(store, amount), by="engine", auto=True))


def switch_on(store, **more) -> None:
    chosen = store.preferences()
    auto = AutoAccept(on=True, approved_by="anna", sample=1.0, **more)
    save_preferences(store, replace(chosen, auto=auto), by="anna")


def test_a_short_history_lets_only_full_references_act_and_says_so(workspace, page):
    fill(workspace)
    app = page("settings")
    assert app.checkbox(key="settings_auto_measured").disabled
    told = words(app)
    assert "1,151 more decisions" in told and "check digit holds" in told
    assert [one.value for one in app.metric][:1] == ["–"]
    app.toggle(key="settings_auto_on").set_value(True)
    app.button(key="settings_alone_save").click().run()
    auto = workspace.preferences().auto
    assert auto.on and not auto.measured


def test_what_decisions_bear_out_is_told_by_way_and_can_then_be_allowed(workspace, page, monkeypatch):
    number = Bound("number", 0.991, 0.991, 1412, 0, 0.00163, "holds")
    amount = Bound("amount", None, 0.97, 40, 3, 0.2, "contradicts")
    bounds = AutoBounds(
        0.002, 0.9, Bound("all ways", 0.991, 0.991, 1452, 0, 0.0016, "holds"), (amount, number)
    )
    judged = Judged(lines=500, proposed=480, right=478, wrong=2, auto=320, auto_right=320, log_loss=0.05)
    known = Learnt("m_1", None, "anna", 2000, 2100, 1151, 0, judged, bounds)
    monkeypatch.setattr("recon.ui.acting_alone.learnt", lambda _: known)
    app = page("settings")
    told = {one.label: (one.value, one.delta) for one in app.metric}
    assert told["Would be accepted alone"] == ("71%", "1,412 of 2,000 decided lines")
    assert told["Of these right"] == ("100.0 %", "1,412 of 1,412")
    assert "320 would have been accepted alone, 320 of them right" in words(app)
    ways = next(one.value for one in app.dataframe if "may" in one.value.columns)
    assert ways["way"].to_list() == ["All ways together", "By amount alone", "By document number"]
    assert ways["may"].to_list() == ["", "no", "yes"]
    assert "1,412 decided lines at or above 99.1 %: 0 wrong" in ways["words"][2]
    app.toggle(key="settings_auto_on").set_value(True)
    app.checkbox(key="settings_auto_measured").set_value(True)
    app.button(key="settings_alone_save").click().run()
    assert workspace.preferences().auto.measured


def test_measuring_replays_what_people_decided(workspace, page):
    fill(workspace)
    review.accept(workspace, proposal_of(workspace, KANALHUSET), by="anna")
    app = page("settings")
    app.button(key="settings_measure").click().run()
    assert not app.exception
    assert "Back-test on the last 1 decided line, which" in words(app)


def test_learning_from_too_little_says_from_when_on(workspace, page):
    fill(workspace)
    app = page("settings")
    assert "Stated weights" in words(app)
    app.button(key="settings_refit").click().run()
    assert "a new model is tried from 40 on" in words(app)


def test_what_if_saves_nothing_until_it_is_used(workspace, page):
    fill(workspace)
    review.accept(workspace, proposal_of(workspace, KANALHUSET), by="anna")
    before = workspace.preferences()
    app = page("settings")
    app.number_input(key="settings_try_days_after").set_value(90)
    app.text_area(key="settings_try_rules").set_value('text has "gebyr" and amount < 0 -> account 7220')
    app.button(key="settings_try").click().run()
    assert not app.exception
    counts = next(
        one.value for one in app.dataframe if {"now", "then", "change"} == set(one.value.columns) - {"what"}
    )
    shown = {row["what"]: (row["now"], row["then"]) for row in counts.to_dict("records")}
    assert shown["Lines replayed"] == (6, 6)
    assert shown["With a first choice"] == (4, 5)
    assert (shown["First choice right"], shown["First choice wrong"]) == ((1, 1), (0, 0))
    changed = next(one.value for one in app.dataframe if "decided" in one.value.columns)
    assert changed["then"].to_list() == ["account 7220"] and changed["decided"].to_list() == [
        "nobody decided"
    ]
    assert workspace.preferences() == before
    app.button(key="settings_try_use").click().run()
    policy = workspace.preferences().policy
    assert (policy.days_after, len(policy.rules)) == (90, 1)
    assert "120 → 90" in words(app)


def test_a_rule_that_is_not_understood_is_refused_in_words(workspace, page):
    fill(workspace)
    app = page("settings")
    app.text_area(key="settings_try_rules").set_value("money for nothing")
    app.button(key="settings_try").click().run()
    assert not app.exception and app.error


def test_a_match_of_recon_is_looked_over_and_right(workspace, page):
    fill(workspace)
    switch_on(workspace)
    made = accepted_alone(workspace, KANALHUSET)
    app = page("review")
    told = words(app)
    assert "Invoice 100236 · Kanalhusets Kontorhotel ApS" in told and "The text names invoice 100236." in told
    app.button(key=f"review_right_{made}").click().run()
    assert not app.exception
    assert workspace.events().row(0, named=True)["kind"] == "auto_checked"
    assert not [one for one in app.button if (one.key or "").startswith("review_right")]


def test_a_wrong_one_is_undone_with_its_reason_and_switches_acting_alone_off(workspace, page):
    fill(workspace)
    switch_on(workspace)
    made = accepted_alone(workspace, SKAGEN)
    app = page("review")
    app.button(key=f"review_wrong_{made}").click().run()
    assert "with a reason" in words(app) and workspace.decisions().height == 1
    app.text_input(key=f"review_wrong_why_{made}").set_value("another customer")
    app.button(key=f"review_wrong_{made}").click().run()
    assert line_of(workspace, SKAGEN) in workspace.open_lines()["line_id"]
    assert not workspace.preferences().auto.on
    for name in ("home", "settings"):
        assert "Acting alone was switched off" in words(page(name)), name


def test_switching_it_on_again_takes_the_notice_away(workspace, page):
    fill(workspace)
    chosen = workspace.preferences()
    stopped = AutoAccept(approved_by="anna", stopped="1 of 1 looked over was wrong.")
    save_preferences(workspace, replace(chosen, auto=stopped), by="engine")
    app = page("settings")
    app.toggle(key="settings_auto_on").set_value(True)
    app.button(key="settings_alone_save").click().run()
    assert workspace.preferences().auto.stopped is None
    assert "Acting alone was switched off" not in words(page("home"))


@pytest.mark.parametrize("way", ["list", "waterfall"])
def test_review_tells_how_likely_each_is_and_why(workspace, page, way):
    fill(workspace)
    app = page("review")
    app.segmented_control(key="review_why").set_value(way)
    app.run()
    assert not app.exception
    told = words(app)
    assert "This: > 99 %" in told and "None of these:" in told
    lists = [one.value for one in app.dataframe if "words" in one.value.columns]
    assert [table["words"].str.contains("names invoice 100236").any() for table in lists] == [True] * (
        way == "list"
    )
