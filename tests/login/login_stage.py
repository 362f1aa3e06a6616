"""Where the attacks are played: the app's own addresses, two browsers, a command line, and the bank."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
from starlette.applications import Starlette

from recon.errors import ReconError
from recon.flow import accounts, connect
from recon.ui.routes import COOKIE, routes
from tests.prove.in_process import InProcess, Socketless
from tests.prove.sandbox_world import APP, World

OTHER_BANK = "DK_Fjordbank"


class Stage:
    """One company with a bank connected, the victim's browser, the attacker's, and what either can do."""

    def __init__(self, world: World) -> None:
        self.world, self.store, self.bank = world, world.store, world.bank
        self._app = InProcess(Starlette(routes=routes(world.store)))
        self.victim, self.attacker = self.browser(), self.browser()

    def browser(self) -> httpx.Client:
        """A browser with no cookies."""
        return httpx.Client(transport=Socketless(self._app), base_url=APP)

    def close(self) -> None:
        self._app.close()

    @property
    def consent_id(self) -> str:
        """The access that was there before."""
        return self.store.vault.consents()[0]

    def access(self) -> dict[str, Any]:
        """Everything an attack must leave alone: consents, tokens, links, settings and what is stored."""
        kept = {one: self.store.vault.load(one) for one in self.store.vault.consents()}
        return {
            "consents": self.store.consents().drop("days_left").to_dicts(),
            "accounts": self.store.accounts().to_dicts(),
            "tokens": {one: tokens.access.reveal() for one, tokens in kept.items() if tokens},
            "lines": self.store.lines().height,
        }

    # -- what people do ---------------------------------------------------------------------------------

    def begin(self, browser: httpx.Client, **query: str) -> str:
        """Press Connect in the app; the bank's address."""
        answer = browser.get("/oauth/start", params={"by": "anna"} | query)
        assert answer.status_code == 303
        return answer.headers["location"]

    def at_bank(self, url: str, **options: Any) -> str:
        """Log in there and accept; the address that the bank sends the browser back to."""
        return self.world.log_in(url, **({"provider": OTHER_BANK} | options))

    def come_back(self, browser: httpx.Client, address: str, **headers: str) -> str:
        """Open the address; what the app makes of it: its words, or `connected`, `cancelled`, `returned`."""
        parts = urlsplit(address)
        answer = browser.get(f"{parts.path}?{parts.query}", headers=headers)
        return self.told(answer)

    def told(self, answer: httpx.Response) -> str:
        """What a redirect to the page says; it must stay on this machine's own page."""
        assert answer.status_code == 303
        goes = urlsplit(answer.headers["location"])
        assert (goes.scheme, goes.netloc, goes.path) == ("", "", "/bank_accounts"), goes
        told = {name: values[0] for name, values in parse_qs(goes.query).items()}
        assert set(told) <= {"login", "consent", "problem"}
        return told.get("problem") or told["login"]

    def command(self, address: str, **options: Any) -> str:
        """`connect --callback ADDRESS`; what it says."""
        try:
            done = connect.finish_address(self.store, address, by="anna", **options)
        except ReconError as error:
            return error.words
        return done.outcome

    def begin_command(self, **options: Any) -> connect.Begun:
        return connect.begin(self.store, by="anna", origin="command", **options)

    def message(self, event: str, *, secret: str, consent_id: str | None = None) -> httpx.Response:
        """A webhook, signed with some secret."""
        inner = {"consentId": consent_id or self.consent_id, "data": {"accountIds": []}, "event": event}
        body = json.dumps({"someWebhook": inner}).encode()
        stamp = str(int(self.store.clock.now().timestamp()))
        signed = hmac.new(secret.encode(), f"{stamp}|id-{event}|{event}|".encode() + body, hashlib.sha256)
        headers = {
            "X-Aiia-TimeStamp": stamp,
            "X-Aiia-EventId": f"id-{event}",
            "X-Aiia-Event": event,
            "X-Aiia-Signature": signed.hexdigest(),
        }
        return self.attacker.post("/hooks/viia", content=body, headers=headers)

    def honest_login(self) -> str:
        """The victim connects another bank as anybody would, and confirms."""
        browser = self.browser()
        assert self.come_back(browser, self.at_bank(self.begin(browser))) == "connected"
        (fresh,) = [one for one in self.store.consent_list() if one.linked_at is None]
        accounts.link(self.store, fresh.consent_id, accounts.offered(self.store, fresh.consent_id), by="anna")
        return fresh.consent_id


def changed(address: str, **query: str | None) -> str:
    """The address with some parameters otherwise; None takes one away."""
    parts = urlsplit(address)
    told = dict(parse_qsl(parts.query)) | query
    return parts._replace(query=urlencode({n: v for n, v in told.items() if v is not None})).geturl()


def part(address: str, name: str) -> str:
    """One parameter of an address."""
    return dict(parse_qsl(urlsplit(address).query))[name]


def cookie_of(browser: httpx.Client) -> str:
    return browser.cookies[COOKIE]
