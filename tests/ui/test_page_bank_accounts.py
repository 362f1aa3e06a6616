"""Bank accounts: what the page says in each state, the confirmation after the bank, and an account's settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from recon.flow import accounts, connect
from recon.flow.outcome import SyncReport
from recon.flow.overview import AccountState
from recon.flow.worker import Status, sync_is_waiting
from recon.sandbox import running
from recon.ui import consent, sync
from recon.ui.accounts import freshness

NOW = datetime(2026, 10, 31, 10, tzinfo=UTC)
CALLBACK = "http://127.0.0.1:8501/oauth/return"


def words(app) -> str:
    """Everything the page says in words."""
    boxes = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    return "\n".join(str(one.value) for many in boxes for one in many)


@pytest.fixture(scope="module")
def sandbox() -> Iterator:
    with running(client_secret="client-of-the-ui-tests") as up:
        yield up


@pytest.fixture
def linked(sandbox, at_home, tmp_path):
    """A workspace whose person has just come back from the bank, nothing confirmed yet: (store, consent id)."""
    store = at_home(
        tmp_path / "company",
        VIIA_BASE_URL=sandbox.url,
        VIIA_CLIENT_ID=sandbox.client_id,
        VIIA_CLIENT_SECRET="client-of-the-ui-tests",
        VIIA_REDIRECT_URI=CALLBACK,
    )
    begun = connect.begin(store, by="anna", origin="app", provider_id="DK_Havbanken")
    attempt = sandbox.bank.start_attempt(dict(parse_qsl(urlsplit(begun.url).query)))
    attempt.username = "anna"
    address = sandbox.bank.accept(attempt, [one.key for one in sandbox.bank.offered(attempt)])
    query = dict(parse_qsl(urlsplit(address).query))
    done = connect.finish(store, query, by="anna", origin="app", session_state=begun.state)
    assert done.consent_id
    return store, done.consent_id


def press_in_dialog(app, opener: str, button: str):
    """A browser runs the dialog alone; AppTest runs the whole page, so the button that opens it counts again."""
    app.button(key=opener).click()
    return app.button(key=button).click().run()


def confirm(page, consent_id: str):
    return page("bank_accounts", login="connected", consent=consent_id)


def test_without_a_bank_connection_the_page_says_so_and_offers_files(workspace, page):
    app = page("bank_accounts")
    assert "switched off" in words(app)
    assert app.button(key="bank_accounts_synchronize").disabled
    app.button(key="bank_accounts_new").click().run()
    assert "Import a file" in words(app)


def test_an_account_from_a_file_is_listed_with_its_lines(filled, page):
    told = words(page("bank_accounts"))
    assert "Driftskonto" in told
    assert f"{filled.lines().height} lines" in told
    assert "ERP account missing" in told


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"login": "cancelled"}, "cancelled at the bank"),
        ({"login": "returned"}, "Back from the bank"),
        ({"problem": "The bank said *no*."}, "The bank said \\*no\\*\\."),
        ({"login": "connected", "consent": "unknown"}, "not known here"),
    ],
)
def test_a_return_from_the_bank_is_told_in_words(filled, page, query, said):
    assert said in words(page("bank_accounts", **query))


def test_the_settings_of_an_account_are_saved(filled, page):
    account = filled.accounts()["account_id"][0]
    key = f"bank_accounts_{account}"
    app = page("bank_accounts")
    app.button(key=f"{key}_settings").click().run()
    app.selectbox(key=f"{key}_erp_account").set_value("5820")
    app.text_input(key=f"{key}_name").set_value("Daily")
    app.date_input(key=f"{key}_sync_from").set_value(date(2026, 3, 1))
    press_in_dialog(app, f"{key}_settings", f"{key}_save")
    assert not app.exception
    saved = filled.accounts().row(0, named=True)
    assert (saved["erp_account"], saved["name"], saved["sync_from"]) == ("5820", "Daily", date(2026, 3, 1))


def test_confirming_links_with_settings_and_asks_for_the_first_fetch(linked, page):
    store, consent_id = linked
    offers = accounts.offered(store, consent_id)
    assert len(offers) == 2
    app = confirm(page, consent_id)
    assert "Havbanken" in words(app) and "Nordlys" in words(app)
    assert store.accounts().is_empty() and not sync_is_waiting(store)
    first, second = (f"bank_accounts_confirm_{one.account_id}" for one in offers)
    app.selectbox(key=f"{first}_erp_account").set_value("5820")
    app.text_input(key=f"{first}_name").set_value("Daily")
    app.date_input(key=f"{first}_sync_from").set_value(date(2026, 5, 1))
    app.checkbox(key=f"{second}_tick").uncheck()
    app.button(key="bank_accounts_link").click().run()
    assert not app.exception
    kept = store.accounts().to_dicts()
    assert [
        (one["account_id"], one["name"], one["erp_account"], one["sync_from"], one["on"]) for one in kept
    ] == [(offers[0].account_id, "Daily", "5820", date(2026, 5, 1), True)]
    assert sync_is_waiting(store)
    assert store.consents()["status"].to_list() == ["active"]
    assert "login" not in app.query_params


def test_the_start_date_offered_is_the_years_first_day(linked, page):
    store, consent_id = linked
    offer = accounts.offered(store, consent_id)[0]
    app = confirm(page, consent_id)
    shown = app.date_input(key=f"bank_accounts_confirm_{offer.account_id}_sync_from").value
    assert shown == accounts.suggested_start(store.clock.today())
    table = [(date(2027, 3, 31), 2026), (date(2027, 4, 1), 2027), (date(2026, 11, 22), 2026)]
    assert [accounts.suggested_start(today) for today, _ in table] == [date(year, 1, 1) for _, year in table]


def test_linking_nothing_is_refused_in_words(linked, page):
    store, consent_id = linked
    app = confirm(page, consent_id)
    for box in app.checkbox:
        box.uncheck()
    app.button(key="bank_accounts_link").click().run()
    assert "No account was chosen" in words(app)
    assert store.accounts().is_empty()


def test_not_linking_forgets_the_login(linked, page):
    store, consent_id = linked
    app = confirm(page, consent_id)
    app.button(key="bank_accounts_link_not").click().run()
    assert not app.exception
    assert store.consents()["status"].to_list() == ["revoked"]
    assert store.accounts().is_empty()


def test_a_login_that_was_never_confirmed_waits_on_the_page(linked, page):
    _, consent_id = linked
    app = page("bank_accounts")
    assert "Not confirmed yet" in words(app)
    app.button(key=f"bank_accounts_{consent_id}_choose").click().run()
    assert "Confirm the accounts to link" in [one.value for one in app.subheader]


def test_synchronize_asks_for_a_fetch_once_and_then_waits(linked, page):
    store, consent_id = linked
    accounts.link(store, consent_id, accounts.offered(store, consent_id), by="anna")
    with store.database.write("worker") as writer:
        writer.c.run("UPDATE fetch_requests SET taken_at = $at", at=writer.at)
    app = page("bank_accounts")
    app.button(key="bank_accounts_synchronize").click().run()
    assert not app.exception
    assert sync_is_waiting(store)
    assert app.button(key="bank_accounts_synchronize").disabled
    asked = [one for one in store.events(5).to_dicts() if one["kind"] == "fetch_asked"]
    assert len(asked) == 1


def test_disconnecting_keeps_the_accounts_and_says_where_to_revoke(linked, page):
    store, consent_id = linked
    accounts.link(store, consent_id, accounts.offered(store, consent_id), by="anna")
    app = page("bank_accounts")
    app.button(key=f"bank_accounts_{consent_id}_disconnect").click().run()
    assert "app.aiia.eu" in words(app)
    assert store.consents()["status"].to_list() == ["active"]
    press_in_dialog(app, f"bank_accounts_{consent_id}_disconnect", "bank_accounts_disconnect_yes")
    assert store.consents()["status"].to_list() == ["revoked"]
    assert store.accounts().height == 2


def test_a_renewed_access_asks_nothing_again_and_fetches(linked, page):
    store, consent_id = linked
    accounts.link(store, consent_id, accounts.offered(store, consent_id), by="anna")
    before = store.accounts()
    app = confirm(page, consent_id)
    assert "bank_accounts_link" not in {button.key for button in app.button}
    assert store.accounts().equals(before)


BASE = AccountState(
    account_id="acc", name="Drift", masked="…4711", currency="DKK", bank="Havbanken", owner=None, erp_account=None,
    sync_from=None, on=True, consent_id="c", consent_status="active", lines=3, first_day=date(2026, 10, 1),
    last_day=date(2026, 10, 30), outcome="none", reason=None, last_tried_at=NOW, last_success_at=NOW, fresh=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("what", "label"),
    [
        ({}, "Up to date"),
        ({"fresh": False, "last_success_at": NOW - timedelta(days=2)}, "Older than a day"),
        ({"fresh": False, "outcome": "failed", "reason": "No answer."}, "Fetch failed"),
        ({"fresh": False, "outcome": "limited"}, "Bank said wait"),
        ({"fresh": False, "outcome": "partial"}, "Incomplete"),
        ({"fresh": False, "outcome": "needs_login"}, "Needs a login"),
        ({"fresh": False, "consent_status": "needs_login"}, "Needs a login"),
        ({"fresh": False, "consent_status": "expired"}, "Access ended"),
        ({"fresh": False, "consent_status": "revoked"}, "Disconnected"),
        ({"fresh": False, "outcome": None, "last_tried_at": None}, "Not fetched yet"),
        ({"on": False}, "Off"),
        ({"consent_id": None, "consent_status": None, "fresh": False}, "From files"),
    ],
)
def test_up_to_date_is_said_only_where_it_is_true(what, label):
    assert freshness(replace(BASE, **what)).label == label


def test_a_failure_is_told_with_its_reason_and_the_last_good_fetch():
    told = freshness(
        replace(BASE, fresh=False, outcome="failed", reason="The bank gave no answer.", last_success_at=NOW)
    )
    assert "The bank gave no answer." in told.words
    assert "Last complete fetch 31 Oct 2026 11:00" in told.words


def test_a_fetch_that_ends_while_the_page_is_drawn_draws_it_anew(linked, page, monkeypatch):
    """Else its top would go on asking for the login that its table already knows of."""
    drawn, now = [], [Status()]
    monkeypatch.setattr(sync, "worker_status", lambda: now[-1])

    def notices_of(_store) -> list:
        drawn.append(now[-1].report)
        if len(drawn) == 2:
            now.append(Status(report=SyncReport(NOW, NOW)))
        return []

    monkeypatch.setattr(consent, "notices", notices_of)
    page("bank_accounts")
    assert drawn == [None, None, now[-1].report], "Home, the page, and the page once more"
