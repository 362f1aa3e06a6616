"""Telling the client that something happened: bodies, both signature schemes, retries, and bad manners.

In: events of the bank. Out: POSTs from a thread of its own, so that no request waits for them. At least
once, 20 tries, waits doubling from 30 seconds of the sandbox's clock. Never: a promise of order.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from recon.sandbox.clock import SandboxClock

TRIES = 20
FIRST_WAIT = timedelta(seconds=30)
TIMEOUT_MS = 5000
GATHER_SECONDS = 0.15
WRAPPERS = {"AccountVerifiedForPayments": "accountsVerifiedForPaymentsWebhook"}


@dataclass
class Manners:
    """How deliveries behave. signing: both | old | new | none | bad; copies: how often each is sent;
    reverse: what waits together goes out last first; pascal: inner keys as in 2019."""

    signing: str = "both"
    copies: int = 1
    reverse: bool = False
    pascal: bool = False


@dataclass
class Delivery:
    """One event on its way. `answers` holds what came back: a status, or None where nobody answered."""

    event: str
    event_id: str
    at: datetime
    body: bytes
    due: datetime
    answers: list[int | None] = field(default_factory=list)
    done: bool = False


def signatures(secret: str, timestamp: str, event_id: str, event: str, body: bytes) -> tuple[str, str]:
    """The old signature (body alone) and the new one (timestamp, id, event and body); hex of HMAC-SHA256."""
    message = f"{timestamp}|{event_id}|{event}|".encode() + body
    old, new = (hmac.new(secret.encode(), text, hashlib.sha256).hexdigest() for text in (body, message))
    return old, new


def body_of(event: str, consent_id: str, data: Any, *, pascal: bool = False) -> bytes:
    """One wrapper, named after the event, around consent, data and event."""
    inner: dict[str, Any] = {"consentId": consent_id, "data": data, "event": event}
    if pascal:
        inner = {key[0].upper() + key[1:]: value for key, value in inner.items()}
    wrapper = WRAPPERS.get(event, f"{event[0].lower()}{event[1:]}Webhook")
    return json.dumps({wrapper: inner}, separators=(",", ":")).encode()


class Postman:
    """Holds deliveries and sends those due. Without an address it keeps them unsent, to be looked at."""

    def __init__(self, clock: SandboxClock, url: str | None = None, secret: str | None = None) -> None:
        self.clock, self.url, self.secret = clock, url, secret
        self.manners = Manners()
        self.deliveries: list[Delivery] = []
        self._lock, self._wake, self._stop = threading.Lock(), threading.Event(), False
        self._thread: threading.Thread | None = None

    def post(self, event: str, consent_id: str, data: Any) -> None:
        """Put an event in the outbox; it goes out in its own time."""
        now = self.clock.now()
        body = body_of(event, consent_id, data, pascal=self.manners.pascal)
        delivery = Delivery(event, str(uuid.uuid4()), now, body, now)
        with self._lock:
            self.deliveries.append(delivery)
            del self.deliveries[:-2000]
        self._wake.set()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop = True
        self._wake.set()
        if self._thread:
            self._thread.join(timeout=2)

    def wake(self) -> None:
        """Look again at what is due: the clock was moved, or the address set."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stop:
            self._wake.wait(0.5)
            self._wake.clear()
            if self.manners.reverse:
                threading.Event().wait(GATHER_SECONDS)
            for delivery in self._due():
                if self._stop:
                    return
                self._deliver(delivery)

    def _due(self) -> list[Delivery]:
        if not self.url:
            return []
        now = self.clock.now()
        with self._lock:
            due = [each for each in self.deliveries if not each.done and each.due <= now]
        return due[::-1] if self.manners.reverse else due

    def _deliver(self, delivery: Delivery) -> None:
        headers = self._headers(delivery)
        for _ in range(self.manners.copies):
            status = _send(str(self.url), delivery.body, headers)
            delivery.answers.append(status)
            delivery.done = delivery.done or status == 200
        if not delivery.done:
            tries = len(delivery.answers)
            delivery.done = tries >= TRIES
            delivery.due = self.clock.now() + FIRST_WAIT * 2 ** (tries - 1)

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        timestamp = str(int(delivery.at.timestamp()))
        headers = {
            "Content-Type": "application/json;charset=UTF-8",
            "X-Aiia-TimeStamp": timestamp,
            "X-Aiia-EventId": delivery.event_id,
            "X-Aiia-Event": delivery.event,
            "X-Aiia-Timeout": str(TIMEOUT_MS),
        }
        signing = self.manners.signing
        if not self.secret or signing == "none":
            return headers
        secret = f"not-{self.secret}" if signing == "bad" else self.secret
        old, new = signatures(secret, timestamp, delivery.event_id, delivery.event, delivery.body)
        if signing != "old":
            headers["X-Aiia-Signature"] = new
        if signing != "new":
            headers["X-Viia-Signature"] = old
        return headers


def _send(url: str, body: bytes, headers: dict[str, str]) -> int | None:
    """POST once; the status, or None where nobody answered."""
    where = urlsplit(url)
    maker = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    line = maker(where.hostname or "", where.port, timeout=TIMEOUT_MS / 1000)
    try:
        line.request("POST", (where.path or "/") + (f"?{where.query}" if where.query else ""), body, headers)
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()
