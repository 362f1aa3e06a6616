"""The sandbox bank itself: books, clock, consents, the aggregator's copy, faults and webhooks in one hand.

In: calls of the HTTP routes or of a test in the same process; every public method is safe from any
thread. Out: plain values; the wire's shapes are made in `wire.py`. Never: real banks, real people.
"""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from recon.sandbox import state as disk
from recon.sandbox.bankside import BankSide
from recon.sandbox.books import Books, make_books
from recon.sandbox.clock import SandboxClock, stamp
from recon.sandbox.consents import Connection, Consent, Switches
from recon.sandbox.faults import Fault, Faults
from recon.sandbox.figures import OwnAccount
from recon.sandbox.grants import (
    CODE_LIFE,
    Attempt,
    Code,
    check_redirect,
    new_code,
    proves,
    read_attempt,
    returning,
)
from recon.sandbox.habits import HOUSES
from recon.sandbox.refusal import Refusal, invalid, unauthorized
from recon.sandbox.service import Service
from recon.sandbox.tokens import ACCESS_LIFE, Mint, rotate
from recon.sandbox.webhooks import Postman

_books = lru_cache(maxsize=4)(make_books)  # nothing in Books changes, so sandboxes may share them
SERVICE_EVENTS = ("remove_connection", "revoke_consent", "rate_limited", "consent_needs_update")


class SandboxBank:
    """Everything the sandbox knows. With a `state` file it takes up where the last run ended."""

    def __init__(
        self,
        *,
        seed: int = 7,
        clock: str | None = None,
        as_of: date | None = None,
        state: Path | None = None,
        client_id: str = "recon-sandbox",
        client_secret: str = "recon-sandbox-secret",
        redirect_uris: tuple[str, ...] = (),
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        sync_seconds: float = 1.5,
    ) -> None:
        kept = disk.load(state)
        self.state = state
        self.lock = threading.RLock()
        self.clock = SandboxClock(clock)
        self.clock.ahead += timedelta(seconds=kept.ahead_seconds) if kept and not clock else timedelta(0)
        self.client_id, self.client_secret = client_id, client_secret
        self.redirect_uris = list(redirect_uris)
        self.switches = Switches(sync_seconds=sync_seconds)
        self.faults = Faults()
        self.postman = Postman(self.clock, webhook_url, webhook_secret)
        self.mint = (
            Mint(client_id, bytes.fromhex(kept.signing_key)) if kept else Mint.of(client_id, client_secret)
        )
        self.books: Books = _books(
            kept.seed if kept else seed, kept.as_of if kept else as_of or self.clock.today()
        )
        self.bankside = BankSide(self.books)
        self.service = Service(self.bankside, self.switches, self.postman.post)
        self.consents: dict[str, Consent] = {}
        self.attempts: dict[str, Attempt] = {}
        self.codes: dict[str, Code] = {}
        if kept:
            disk.restore(self, kept)

    # -- the clock ------------------------------------------------------------------------------------

    def advance(self, **by: float) -> datetime:
        """Move the clock, as `timedelta` counts (`days=30`, `hours=2`), and do what falls due."""
        with self.lock:
            now = self.clock.advance(timedelta(**by))
            self.catch_up()
            self.save()
        self.postman.wake()
        return now

    def catch_up(self) -> None:
        """Everything that has come due: syncs, warnings."""
        with self.lock:
            now = self.clock.now()
            moved = [self.service.catch_up(consent, now) for consent in self.consents.values()]
            if any(moved):
                self.save()

    # -- connecting -----------------------------------------------------------------------------------

    def start_attempt(self, query: Mapping[str, str]) -> Attempt:
        """Open the connect pages for a client. Raises Refusal."""
        attempt = read_attempt(query, self.client_id, self.redirect_uris)
        with self.lock:
            self.attempts[attempt.id] = attempt
        return attempt

    def offered(self, attempt: Attempt) -> list[OwnAccount]:
        """The accounts the person may share at the bank chosen."""
        house = attempt.house
        return [account for account in self.books.accounts if house and account.provider == house.id]

    def accept(self, attempt: Attempt, keys: list[str]) -> str:
        """The person shares these accounts; the address to return to, with code and consent."""
        with self.lock:
            offered = [account.key for account in self.offered(attempt)]
            chosen = [key for key in offered if key in keys]
            if not chosen or attempt.house is None or self.attempts.pop(attempt.id, None) is None:
                raise invalid("Choose at least one account.", account="missing")
            now = self.clock.now()
            consent = self._consent_for(attempt, now)
            owner = self._owner(attempt, consent)
            connection = Connection(attempt.house.id, owner, chosen, last_login=now)
            consent.connections[attempt.house.id] = connection
            consent.all_selected = chosen == offered
            self.service.queue(connection, now)
            code = self._give_code(consent, attempt, now)
            self.catch_up()
            self.save()
        return returning(attempt.redirect_uri, code=code, consentId=consent.id, state=attempt.state)

    def cancel(self, attempt: Attempt) -> str:
        """The person does not want to; the address to return to, without code and consent."""
        with self.lock:
            self.attempts.pop(attempt.id, None)
            silent = self.faults.take("cancel_without_state") or not self.switches.cancel_with_state
        return returning(attempt.redirect_uri, state=None if silent else attempt.state)

    def _consent_for(self, attempt: Attempt, now: datetime) -> Consent:
        """The consent to put the bank into: the one named by a reconnect, else a new one."""
        old = self.consents.get(attempt.reconnect or "")
        if old and self.switches.same_consent_on_reconnect:
            old.revoked_at, old.granted_at, old.scopes = None, now, attempt.scopes
            return old
        user = old.user_id if old else str(uuid.uuid5(uuid.NAMESPACE_OID, attempt.username or ""))
        consent = Consent(str(uuid.uuid4()), user, str(uuid.uuid4()), attempt.scopes, now)
        consent.group_id, consent.group_name = attempt.group
        self.consents[consent.id] = consent
        return consent

    def _owner(self, attempt: Attempt, consent: Consent) -> str:
        """The user part of the account ids: the same for the same user name, unless switched."""
        if attempt.reconnect and not self.switches.same_accounts_on_reconnect:
            return str(uuid.uuid4())
        return str(uuid.uuid5(uuid.NAMESPACE_OID, attempt.username or consent.user_id))

    def _give_code(self, consent: Consent, attempt: Attempt, now: datetime) -> str:
        code = new_code()
        self.codes[code] = Code(consent.id, attempt.redirect_uri, now + CODE_LIFE, attempt.challenge)
        return code

    # -- tokens ---------------------------------------------------------------------------------------

    def exchange(self, code: str, redirect_uri: str | None, verifier: str | None) -> dict[str, Any]:
        """Tokens for a code, once. Raises Refusal."""
        with self.lock:
            now = self.clock.now()
            given = self.codes.pop(code, None)
            if given is None or now >= given.until:
                raise invalid("The code is unknown, used or too old.", code="invalid")
            if redirect_uri not in (None, given.redirect_uri):
                raise invalid("The address is not the one the code was given for.", redirect_uri="differs")
            if not proves(given.challenge, verifier):
                raise invalid("The verifier does not belong to the challenge.", code_verifier="invalid")
            return self._tokens(self.consents[given.consent_id], now, given.redirect_uri)

    def refresh(self, token: str) -> dict[str, Any]:
        """New tokens for a refresh token. Raises Refusal: 400, as for every dead refresh token."""
        with self.lock:
            now = self.clock.now()
            claims = self.mint.read(token, "RefreshToken", now)
            consent = self.consents.get(claims["consentId"]) if claims else None
            grace = timedelta(seconds=self.switches.refresh_grace_seconds)
            if claims is None or consent is None or not consent.alive(now):
                raise invalid("The refresh token is dead.", refresh_token="invalid")
            if not rotate(consent, claims["jti"], now, grace):
                raise invalid("The refresh token was replaced.", refresh_token="replaced")
            return self._tokens(consent, now, None)

    def _tokens(self, consent: Consent, now: datetime, redirect_uri: str | None) -> dict[str, Any]:
        answer = {
            "access_token": self.mint.access(consent, now),
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "redirect_uri": redirect_uri,
            "refresh_token": self.mint.refresh(consent, now),
            "token_type": "bearer",
        }
        self.save()
        return answer

    def consent_of(self, access_token: str) -> Consent:
        """The consent an access token reads, synced as far as is due. Raises Refusal 401, 403."""
        with self.lock:
            now = self.clock.now()
            claims = self.mint.read(access_token, "ClientUser", now)
            found = [c for c in self.consents.values() if claims and c.session_id == claims["sessionId"]]
            if not found or not found[0].alive(now):
                raise unauthorized("The access token is missing, unknown or has run out.")
            if "accounts" not in found[0].scopes:
                raise Refusal(403, "Forbidden", "The scope accounts was not given.")
            self.catch_up()
            return found[0]

    # -- updates --------------------------------------------------------------------------------------

    def update(self, consent: Consent, redirect_url: str) -> Attempt | None:
        """Ask the banks for fresh data. An attempt comes back where a person must log in first."""
        check_redirect(redirect_url, self.redirect_uris, "redirectUrl")
        with self.lock:
            now = self.clock.now()
            waiting = None
            for connection in consent.connections.values():
                if connection.removed:
                    continue
                if self.service.needs_person(connection, now):
                    waiting = waiting or connection
                else:
                    self.service.queue(connection, now)
            self.catch_up()
            if waiting is None:
                return None
            attempt = Attempt(secrets.token_urlsafe(18), redirect_url, update_of=consent.id)
            attempt.house = HOUSES[waiting.provider]
            self.attempts[attempt.id] = attempt
            return attempt

    def renew(self, attempt: Attempt) -> str:
        """The person logged in again: the sync is queued; the address to return to."""
        with self.lock:
            consent = self.consents.get(attempt.update_of or "")
            if consent is None or self.attempts.pop(attempt.id, None) is None:
                raise invalid("This login has ended; start again.", session="unknown")
            now = self.clock.now()
            for connection in consent.connections.values():
                if not connection.removed and self.service.needs_person(connection, now):
                    connection.last_login, connection.told = now, []
                    self.service.queue(connection, now)
            way = "bare" if self.faults.take("update_return_bare") else self.switches.update_return
            code = self._give_code(consent, attempt, now) if way == "code" else None
            self.catch_up()
            self.save()
        return returning(attempt.redirect_uri, code=code, consentId=None if way == "bare" else consent.id)

    # -- what a test or a curious person may ask for --------------------------------------------------

    def fault(self, name: str, times: int | None = 1, path: str = "", **options: Any) -> Fault:
        """Order a fault; see `faults.NAMES`."""
        with self.lock:
            return self.faults.add(name, times, path, **options)

    def event(self, name: str, **details: Any) -> dict[str, Any]:
        """Let something happen at the bank (seen at the next sync) or to a consent (told at once).

        consent_id: which consent, by default the newest; other details as `BankSide.tell` takes them.
        """
        with self.lock:
            if name in SERVICE_EVENTS:
                done = self._service_event(name, details)
            else:
                done = self.bankside.tell({"name": name, **details}, self.clock.today())
            self.save()
        return done

    def sync_now(self) -> None:
        """Sync every connection at once, whatever is due."""
        with self.lock:
            now = self.clock.now()
            for consent in self.consents.values():
                for connection in consent.connections.values():
                    if consent.alive(now) and not connection.removed:
                        self.service.sync(consent, connection, now)
            self.save()

    def renew_data(self, key: str) -> None:
        """Let an account change and the service take it in, as it may while somebody reads its pages."""
        with self.lock:
            if key in self.bankside.histories:
                self.event("live", account=key)
            self.sync_now()

    def save(self) -> None:
        disk.save(self)

    def _service_event(self, name: str, details: dict[str, Any]) -> dict[str, Any]:
        consents = list(self.consents.values())
        chosen = self.consents.get(details.get("consent_id", ""), consents[-1] if consents else None)
        if chosen is None:
            raise invalid("Nothing is connected yet.", consent_id="unknown")
        ids = [c.account_id(key) for c in chosen.connections.values() for key in c.accounts]
        if name == "revoke_consent":
            chosen.revoked_at = self.clock.now()
            self.postman.post("ConsentRevoked", chosen.id, None)
        elif name == "consent_needs_update":
            self.postman.post("ConsentNeedsUpdate", chosen.id, {"reason": details.get("reason", "Expired")})
        elif name == "remove_connection":
            for connection in chosen.connections.values():
                connection.removed = True
            self.postman.post("ConnectionRemoved", chosen.id, {"accountIds": ids})
        else:
            until = self.clock.now() + timedelta(minutes=float(details.get("minutes", 60)))
            self.postman.post(
                "ConnectionRateLimited", chosen.id, {"accountIds": ids, "rateLimitedUntil": stamp(until)}
            )
        return {"name": name, "consent_id": chosen.id}
