"""The rules on the Settings page: tried while typing, added, ordered, taken away, and at work in the review."""

from __future__ import annotations

import pytest
from page_company import fill, line_of

from recon.flow.matching import match
from recon.flow.review import accept, book
from recon.flow.rules import add_rule
from recon.flow.workspace import Store

FEE = -9800
GEBYR = 'text has "gebyr" -> account 7220'
HOTEL = 'counterparty is "Hotel Skagen" and amount > 0 -> account 4210'


@pytest.fixture
def company(at_home, tmp_path) -> Store:
    """The small company of page_company, not yet matched, on the day its table ends."""
    store = at_home(tmp_path / "company", CLOCK="2026-10-31T10:00:00Z", VIIA_BASE_URL="http://127.0.0.1:9")
    fill(store, matched=False)
    return store


def typed(page, rule: str):
    app = page("settings")
    app.text_input(key="settings_rule_text_0").set_value(rule).run()
    assert not app.exception
    return app


def figures(app) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def said(app) -> str:
    return "\n".join(one.value for many in (app.info, app.error, app.warning, app.caption) for one in many)


def kept(store: Store) -> tuple[str, ...]:
    return store.preferences().policy.rules


def test_a_rule_shows_what_it_would_have_met_before_it_is_added(company, page):
    app = typed(page, GEBYR)
    assert figures(app).items() >= {
        "Lines it would have met": "1", "Decided the same way": "0", "Still open": "1", "Conflicts": "0",
    }.items()  # fmt: skip
    assert kept(company) == ()
    app.button(key="settings_rule_add").click().run()
    assert not app.exception
    assert kept(company) == (GEBYR,)
    assert app.text_input(key="settings_rule_text_1").value == ""
    assert GEBYR in [one.value for one in app.code]


def test_conflicts_are_shown_with_what_became_of_the_lines(company, page):
    book(company, line_of(company, FEE), "7230", by="anna")
    app = typed(page, GEBYR)
    assert figures(app)["Conflicts"] == "1"
    conflicts = app.dataframe[0].value
    assert conflicts["why"].to_list() == ["Decided: account 7230"]
    assert conflicts["amount"].to_list() == ["-98.00 DKK"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("gebyr to 7220", "was not understood at gebyr"),
        ('text has "gebyr" -> account 9999', "9999 is not in the chart"),
        ('text has "gebyr" -> party C77', "No document here is of the party C77"),
    ],
)
def test_what_cannot_work_is_said_at_once(company, page, rule, words):
    app = typed(page, rule)
    assert words in said(app).replace("\\", "")
    assert kept(company) == ()


def test_an_account_that_is_not_in_the_chart_is_refused(company, page):
    app = typed(page, 'text has "gebyr" -> account 9999')
    app.button(key="settings_rule_add").click().run()
    assert "add the account to the chart first" in said(app)
    assert kept(company) == ()


def test_a_rule_that_is_there_cannot_be_added_twice(company, page):
    add_rule(company, GEBYR, by="anna")
    app = typed(page, "TEXT has “gebyr” → account 7220")
    assert "in the list already" in said(app)
    assert "settings_rule_add" not in [one.key for one in app.button]


def test_rules_are_ordered_and_taken_away(company, page):
    for rule in (GEBYR, HOTEL):
        add_rule(company, rule, by="anna")
    app = page("settings")
    assert app.button(key="settings_rule_up_1").disabled and app.button(key="settings_rule_down_2").disabled
    app.button(key="settings_rule_up_2").click().run()
    assert kept(company) == (HOTEL, GEBYR)
    app.button(key="settings_rule_down_1").click().run()
    assert kept(company) == (GEBYR, HOTEL)
    app.button(key="settings_rule_away_1").click().run()
    assert not app.exception
    assert kept(company) == (HOTEL,)


def test_other_settings_leave_the_rules_alone(company, page):
    add_rule(company, GEBYR, by="anna")
    app = page("settings")
    app.number_input(key="settings_days_after").set_value(90)
    app.button(key="settings_matching_save").click().run()
    assert kept(company) == (GEBYR,)


def test_what_a_rule_says_is_proposed_in_the_review_and_told_in_the_trail(company, page):
    add_rule(company, GEBYR, by="anna")
    match(company)
    line_id = line_of(company, FEE)
    legs = company.legs().filter(line_id=line_id, item_id="account:7220")
    accept(company, legs["proposal_id"].item(), by="anna")
    assert company.allocations().filter(line_id=line_id)["erp_account"].to_list() == ["7220"]
    told = "\n".join(str(frame.value.to_dict()) for frame in page("activity").dataframe)
    assert "Rule added" in told


def test_the_review_shows_a_proposal_of_a_rule(company, page):
    add_rule(company, GEBYR, by="anna")
    match(company)
    app = page("review")
    app.session_state["review_line"] = line_of(company, FEE)
    app.run()
    assert not app.exception
    shown = "\n".join(str(one.value) for many in (app.markdown, app.caption, app.button) for one in many)
    assert "ERP account 7220" in shown
