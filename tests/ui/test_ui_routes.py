"""The app's own addresses: a login that must return to its browser, and webhooks that only ever ask."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from recon.flow import accounts
from recon.flow.worker import Worker, sync_is_waiting
from recon.flow.workspace import open_store
from recon.sandbox import running
from recon.settings import Secret, Settings
from recon.ui.routes import routes

WEBHOOK = "webhook-s3cret-of-the-routes"


class Running(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """The test's own process keeps its signals."""


@pytest.fixture
def bank():
    with running(webhook_secret=WEBHOOK) as up:
        yield up


@pytest.fixture
def app(bank, tmp_path):
    """The routes on a real server; yields (address, store)."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = Settings(
        home=tmp_path / "workspace",
        viia_base_url=bank.url,
        viia_client_id=bank.client_id,
        viia_client_secret=Secret(bank.client_secret),
        viia_redirect_uri=f"{address}/oauth/return",
        viia_webhook_secret=Secret(WEBHOOK),
        vault_key=Secret("k"),
        app_url=address,
    )
    store = open_store(settings=settings)
    server = Running(uvicorn.Config(Starlette(routes=routes(store)), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield address, store
    server.should_exit = True
    thread.join(timeout=5)


@pytest.fixture
def browser():
    with httpx.Client(follow_redirects=False) as one:
        yield one


def log_in(bank, url: str, *, cancel: bool = False) -> str:
    attempt = bank.bank.start_attempt(dict(parse_qsl(urlsplit(url).query)) | {"providerId": "DK_Havbanken"})
    attempt.username = "anna"
    if cancel:
        return bank.bank.cancel(attempt)
    return bank.bank.accept(attempt, [account.key for account in bank.bank.offered(attempt)])


def told(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 303
    assert urlsplit(answer.headers["location"]).path == "/bank_accounts"
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def test_a_login_returns_to_the_browser_that_began_it(bank, app, browser):
    address, store = app
    start = browser.get(f"{address}/oauth/start?by=anna")
    assert "HttpOnly" in start.headers["set-cookie"] and "SameSite=lax" in start.headers["set-cookie"]
    back = told(browser.get(log_in(bank, start.headers["location"])))
    assert back["login"] == "connected"
    assert store.consents()["status"].to_list() == ["connecting"], "until a person confirmed the accounts"
    assert store.accounts().is_empty()
    accounts.link(store, back["consent"], accounts.offered(store, back["consent"]), by="anna")
    assert store.consents()["status"].to_list() == ["active"]
    assert sync_is_waiting(store)


def test_another_browser_is_refused(bank, app, browser):
    """Somebody sends a victim the return of their own login: the victim must not get their account linked."""
    address, store = app
    callback = log_in(bank, browser.get(f"{address}/oauth/start").headers["location"])
    with httpx.Client() as victim:
        assert "Nothing was linked" in told(victim.get(callback))["problem"]
    assert store.consents().is_empty()


def test_a_code_is_taken_once(bank, app, browser):
    address, store = app
    start = browser.get(f"{address}/oauth/start")
    cookie = start.headers["set-cookie"].split(";")[0]
    callback = log_in(bank, start.headers["location"])
    assert told(browser.get(callback))["login"] == "connected"
    again = told(httpx.get(callback, headers={"cookie": cookie}))
    assert "taken already" in again["problem"]
    assert store.consents().height == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda query: query | {"state": "forged"}, "another login"),
        (lambda query: {name: value for name, value in query.items() if name != "consentId"}, "no consent"),
        (lambda query: query | {"code": "forged"}, "did not accept"),
        (lambda query: query | {"consentId": "somebody-elses"}, "another consent"),
    ],
    ids=["wrong state", "no consent", "forged code", "other consent"],
)
def test_a_return_that_was_tampered_with_links_nothing(bank, app, browser, change, words):
    address, store = app
    callback = urlsplit(log_in(bank, browser.get(f"{address}/oauth/start").headers["location"]))
    query = change(dict(parse_qsl(callback.query)))
    answer = browser.get(f"{address}/oauth/return", params=query)
    assert words in told(answer)["problem"]
    assert store.accounts().is_empty()
    assert store.vault.consents() == []


def test_two_logins_at_once_are_not_mixed_up(bank, app, browser):
    address, _ = app
    first = browser.get(f"{address}/oauth/start").headers["location"]
    browser.get(f"{address}/oauth/start")  # the second tab overwrites the cookie
    assert "another login" in told(browser.get(log_in(bank, first)))["problem"]


def test_a_cancelled_login_changes_nothing(bank, app, browser):
    address, store = app
    start = browser.get(f"{address}/oauth/start")
    assert told(browser.get(log_in(bank, start.headers["location"], cancel=True)))["login"] == "cancelled"
    assert store.consents().is_empty()


def test_a_return_out_of_nowhere_is_refused(app, browser):
    address, _ = app
    answer = browser.get(f"{address}/oauth/return?code=x&consentId=y&next=https://evil.example")
    assert "refused" in told(answer)["problem"]
    assert "evil" not in answer.headers["location"]


def signed(body: bytes, secret: str = WEBHOOK, event_id: str = "e-1") -> dict[str, str]:
    stamp = str(int(time.time()))
    message = f"{stamp}|{event_id}|SyncDone|".encode() + body
    return {
        "X-Aiia-TimeStamp": stamp,
        "X-Aiia-EventId": event_id,
        "X-Aiia-Event": "SyncDone",
        "X-Aiia-Signature": hmac.new(secret.encode(), message, hashlib.sha256).hexdigest(),
    }


BODY = json.dumps(
    {"syncDoneWebhook": {"consentId": "c", "data": {"syncedAccountIds": []}, "event": "SyncDone"}}
).encode()


def test_a_signed_message_is_taken_once(app, browser):
    address, store = app
    for _ in range(3):
        assert browser.post(f"{address}/hooks/viia", content=BODY, headers=signed(BODY)).status_code == 200
    assert store.events().filter(kind="bank_told").height == 1


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, BODY, 401),
        (signed(BODY, secret="guessed"), BODY, 401),
        (signed(BODY), BODY.replace(b"c", b"d", 1), 401),
        (signed(b"x" * 70_000), b"x" * 70_000, 413),
    ],
    ids=["unsigned", "other secret", "changed body", "too large"],
)
def test_an_unproven_message_does_nothing(app, browser, headers, body, status):
    address, store = app
    assert browser.post(f"{address}/hooks/viia", content=body, headers=headers).status_code == status
    assert store.events().filter(kind="bank_told").is_empty()
    assert not sync_is_waiting(store)


def test_the_worker_serves_what_was_asked_for_and_matches(bank, app, browser):
    address, store = app
    back = told(browser.get(log_in(bank, browser.get(f"{address}/oauth/start").headers["location"])))
    accounts.link(store, back["consent"], accounts.offered(store, back["consent"]), by="anna")
    worker = Worker(store)
    assert worker.look()
    assert store.lines().height > 50
    assert not sync_is_waiting(store)
    assert worker.status.report is not None and worker.status.report.exit_code == 0
    assert not worker.look(), "nothing is due"
    with store.database.read() as c:
        assert c.value("SELECT count(*) FROM match_runs") == 1
