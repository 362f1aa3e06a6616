"""Settings: each form changes what it says, says what it changed, and refuses what would break the books."""

from __future__ import annotations

import polars as pl
import pytest

from recon.errors import AmountInexact, UsageError
from recon.flow.accounts import set_account
from recon.flow.workspace import Preferences, save_erp_accounts
from recon.ui.choices import changes, typed_amount


def said(app) -> str:
    return "\n".join(one.value for many in (app.success, app.info, app.error) for one in many)


def test_bounds_of_matching_are_saved_exactly(workspace, page):
    app = page("settings")
    app.number_input(key="settings_days_after").set_value(90)
    app.text_input(key="settings_fee_max").set_value("75,50")
    app.number_input(key="settings_fx_band").set_value(1.5)
    app.button(key="settings_matching_save").click().run()
    assert not app.exception
    policy = workspace.preferences().policy
    assert (policy.days_after, policy.fee_max_minor, policy.fx_band) == (90, 7550, 0.015)
    assert "120 → 90" in said(app) and r"50\.00 DKK → 75\.50 DKK" in said(app)


def test_an_amount_that_is_none_changes_nothing(workspace, page):
    before = workspace.preferences()
    app = page("settings")
    for typed in ("12,345", "ten", "", "-5"):
        app.text_input(key="settings_tolerance").set_value(typed)
        app.button(key="settings_matching_save").click().run()
        assert "Nothing was changed" in said(app).replace("\\", ""), typed
        assert workspace.preferences() == before


def test_saving_nothing_new_says_so_and_leaves_no_event(workspace, page):
    app = page("settings")
    events = workspace.events().height
    app.button(key="settings_roles_save").click().run()
    assert "Nothing was different" in said(app)
    assert workspace.events().height == events


def test_acting_alone_is_off_and_names_who_allows_it(workspace, page):
    app = page("settings")
    assert app.toggle(key="settings_auto_on").value is False
    app.toggle(key="settings_auto_on").set_value(True)
    app.text_input(key="settings_approved_by").set_value(" ")
    app.button(key="settings_alone_save").click().run()
    assert "needs a person" in said(app)
    assert workspace.preferences().auto.on is False
    app.text_input(key="settings_approved_by").set_value("Anna Holm")
    app.text_input(key="settings_auto_max").set_value("2500")
    app.button(key="settings_alone_save").click().run()
    auto = workspace.preferences().auto
    assert (auto.on, auto.approved_by, auto.max_minor) == (True, "Anna Holm", 250_000)


def test_who_we_are_and_how_long_a_login_holds(workspace, page):
    app = page("settings")
    app.text_area(key="settings_own_ids").set_value("43144960\n\n Nordlys Interiør ApS \n43144960")
    app.radio(key="settings_consent_days").set_value(180)
    app.selectbox(key="settings_texts").set_value("fenerum")
    app.button(key="settings_company_save").click().run()
    chosen = workspace.preferences()
    assert chosen.own_ids == ("43144960", "Nordlys Interiør ApS")
    assert (chosen.consent_days, chosen.texts) == (180, "fenerum")


def test_a_role_is_given_to_another_account(workspace, page):
    app = page("settings")
    app.selectbox(key="settings_role_bank_fees").set_value("7230")
    app.button(key="settings_roles_save").click().run()
    assert workspace.preferences().roles.bank_fees == "7230"
    assert "7220 → 7230" in said(app)


def test_the_chart_takes_new_accounts_and_keeps_those_in_use(workspace):
    chart = workspace.erp_accounts()
    more = pl.concat([chart, pl.DataFrame({"number": ["0100"], "name": ["Plant"], "kind": ["asset"]})])
    save_erp_accounts(workspace, more, by="anna")
    assert "0100" in workspace.erp_accounts()["number"]
    table = [
        ("a role", chart.filter(pl.col("number") != "7220"), "bank fees"),
        ("twice", pl.concat([chart, chart.head(1)]), "number of its own"),
        ("no number", chart.with_columns(number=pl.lit(" ")), "number of its own"),
        ("a kind", chart.with_columns(kind=pl.lit("magic")), "magic"),
    ]
    for reason, broken, words in table:
        with pytest.raises(UsageError, match=words):
            save_erp_accounts(workspace, broken, by="anna")
        assert "0100" in workspace.erp_accounts()["number"], reason


def test_the_account_of_a_bank_account_cannot_leave_the_chart(filled):
    set_account(filled, filled.accounts()["account_id"][0], by="anna", erp_account="5830")
    with pytest.raises(UsageError, match="belongs to a bank account"):
        save_erp_accounts(filled, filled.erp_accounts().filter(pl.col("number") != "5830"), by="anna")


def test_matching_again_is_one_button_away(filled, page):
    with filled.database.write("test") as writer:
        writer.c.run("DELETE FROM proposals")
    app = page("settings")
    app.button(key="settings_match").click().run()
    assert not app.exception
    assert filled.proposals().height > 0


def test_amounts_are_typed_in_either_language():
    for text, minor in [("1.234,50", 123450), ("1,234.50", 123450), ("0", 0), ("1234.5", 123450)]:
        assert typed_amount(text, "DKK", "Fee") == minor
    with pytest.raises(AmountInexact, match="thousands or decimals"):
        typed_amount("1.234", "DKK", "Fee")


def test_no_change_is_no_words():
    assert changes(Preferences(), Preferences()) == []
