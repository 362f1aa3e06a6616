"""Home on a new and on a used workspace."""

from __future__ import annotations

from recon.flow import review
from recon.flow.accounts import set_account
from recon.ui.steps import first_steps

NOTHING = {"lines": 0, "items": 0, "accounts": 0, "unbooked": 0, "decisions": 0, "exports": 0}


def figures(app) -> dict[str, tuple[str, str]]:
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}


def test_a_new_workspace_gets_first_steps_and_no_figures(workspace, page):
    app = page("home")
    assert any("First steps" in one.value and "0 of 5 done" in one.value for one in app.markdown)
    assert not app.metric


def test_a_used_workspace_gets_its_figures(filled, page):
    waiting = filled.open_lines().height
    shown = figures(page("home"))
    assert shown["Lines waiting for review"][0] == f"{waiting:,}"
    assert shown["Lines matched"] == ("0%", f"0 of {waiting:,}")
    assert shown["Bank accounts up to date"] == ("–", "none is linked")


def test_what_is_accepted_no_longer_waits(filled, page):
    best = filled.proposals().filter(rank=1).sort("probability", descending=True)["proposal_id"].to_list()[:5]
    review.accept(filled, best, by="anna")
    booked, waiting = filled.lines().height, filled.open_lines().height
    assert figures(page("home"))["Lines matched"][1] == f"{booked - waiting} of {booked}"


def test_money_is_shown_by_currency_and_never_added_across(filled, page):
    app = page("home")
    tables = [table.value for table in app.dataframe if "money_in" in table.value.columns]
    open_lines = filled.open_lines()
    assert [list(table["currency"]) for table in tables] == [sorted(set(open_lines["currency"]))]
    inward = open_lines.filter(open_lines["amount_minor"] > 0)["amount_minor"].sum()
    assert list(tables[0]["money_in"]) == [f"{inward / 100:,.2f}"]


def test_the_trend_can_be_told_in_money(filled, page):
    app = page("home")
    app.segmented_control(key="home_measure").set_value("Money").run()
    assert not app.exception
    assert "DKK" in [caption.value for caption in app.caption]


def test_steps_are_ticked_off_as_they_are_done():
    table = [
        ({}, [False] * 5),
        ({"lines": 9, "accounts": 1, "unbooked": 1}, [True, False, False, False, False]),
        ({"lines": 9, "accounts": 1}, [True, False, True, False, False]),
        ({"lines": 9, "accounts": 1, "items": 4, "decisions": 1, "exports": 1}, [True] * 5),
    ]
    for counted, done in table:
        assert [step.done for step in first_steps(NOTHING | counted)] == done


def test_an_account_without_its_erp_account_says_so(filled, page):
    account = filled.accounts()["account_id"][0]
    assert any("ERP account missing" in one.value for one in page("home").markdown)
    set_account(filled, account, by="anna", erp_account="5820")
    shown = [one.value for one in page("home").markdown]
    assert not any("ERP account missing" in one for one in shown)
    assert any("ERP account 5820" in one for one in shown)
