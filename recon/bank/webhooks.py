"""What the bank tells us unasked: proven by its signature first, then read into one small `Event`.

In: headers, the raw body, now. Out: Event, which only ever means “look again”. Never: an unsigned, badly
signed or stale message believed, a body parsed before its proof. Viia API section 8.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from recon.bank.wire import instant
from recon.errors import DataRefused
from recon.settings import Secret

MAX_BYTES = 64 * 1024
TOLERANCE = timedelta(seconds=300)
"""How far a signed time may be from our clock. Whoever is refused for it loses a hint: the six-hourly fetch comes."""


@dataclass(frozen=True)
class Event:
    """One message. Repeats carry the same event_id; they are delivered at least once and in any order.

    sent_at: when it originated, proven only by the new scheme; None with the old one (`proven_origin`).
    account_ids: the bank's. Instants are UTC.
    """

    event_id: str
    event: str
    consent_id: str | None
    account_ids: tuple[str, ...] = ()
    expires_at: datetime | None = None
    rate_limited_until: datetime | None = None
    reason: str | None = None
    sent_at: datetime | None = None

    @property
    def proven_origin(self) -> bool:
        """Whether time and id were signed too. Without, the message is a hint and nothing more."""
        return self.sent_at is not None


def receive(headers: Mapping[str, str], body: bytes, secret: Secret | None, now: datetime) -> Event:
    """Verify a webhook and read it. Raises DataRefused; the caller answers 4xx and does nothing.

    The new scheme (X-Aiia-Signature over `timestamp|event id|event|body`) is checked where present, else
    the old one (X-Viia-Signature over the body). The old one proves neither time nor id: one body counts
    once in five minutes, since the same news looks the same every day. No secret means webhooks are off.
    """
    if secret is None:
        raise _refused("webhooks are off, since RECON_VIIA_WEBHOOK_SECRET is not set")
    if len(body) > MAX_BYTES:
        raise _refused(f"it is longer than {MAX_BYTES // 1024} KB")
    told = {name.lower(): value for name, value in headers.items()}
    event_id, sent_at = _verified(told, body, secret, now)
    return _event(body, event_id, sent_at)


def _verified(
    told: Mapping[str, str], body: bytes, secret: Secret, now: datetime
) -> tuple[str, datetime | None]:
    """Event id and time of origin of a message whose signature holds."""
    if "x-aiia-signature" in told:
        stamp, event_id, name = (told.get(f"x-aiia-{word}", "") for word in ("timestamp", "eventid", "event"))
        message = f"{stamp}|{event_id}|{name}|".encode() + body
        _check(told["x-aiia-signature"], message, secret)
        if not event_id or not stamp.isdecimal() or len(stamp) > 11:
            raise _refused("it has no event id or time")
        sent_at = datetime.fromtimestamp(int(stamp), UTC)
        if abs(now - sent_at) > TOLERANCE:
            raise _refused("its time is more than five minutes from ours")
        return event_id, sent_at
    if "x-viia-signature" in told:
        _check(told["x-viia-signature"], body, secret)
        slot = int(now.timestamp() // TOLERANCE.total_seconds())
        return f"{hashlib.sha256(body).hexdigest()}-{slot}", None
    raise _refused("it is not signed")


def _check(signature: str, message: bytes, secret: Secret) -> None:
    """Lower-case hex of HMAC-SHA256 with the UTF-8 secret, compared in constant time."""
    right = hmac.new(secret.reveal().encode(), message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), signature.strip().encode()):
        raise _refused("its signature is wrong")


def _event(body: bytes, event_id: str, sent_at: datetime | None) -> Event:
    """The one inner object `{consentId, data, event}`, whatever its wrapper is called."""
    try:
        outer = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise _refused("it is not JSON") from None
    inner = next(iter(outer.values())) if isinstance(outer, dict) and len(outer) == 1 else None
    fields = _lower(inner)
    name = _text(fields.get("event"))
    if name is None:
        raise _refused("it names no event")
    data = _lower(fields.get("data"))
    return Event(
        event_id=event_id,
        event=name,
        consent_id=_text(fields.get("consentid")),
        account_ids=_account_ids(data),
        expires_at=instant(_text(data.get("expiresat"))),
        rate_limited_until=instant(_text(data.get("ratelimiteduntil"))),
        reason=_text(data.get("reason")),
        sent_at=sent_at,
    )


def _account_ids(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Of `accountIds`, `syncedAccountIds`, `changedAccounts[].accountId` or `accountId`, as it comes."""
    changed = [_lower(one).get("accountid") for one in _list(data.get("changedaccounts"))]
    named = [
        *_list(data.get("accountids")),
        *_list(data.get("syncedaccountids")),
        *changed,
        data.get("accountid"),
    ]
    return tuple(dict.fromkeys(one for one in named if isinstance(one, str)))


def _lower(value: object) -> dict[str, Any]:
    """A JSON object with lower-case keys (they were PascalCase in 2019); empty for anything else."""
    return {str(key).lower(): one for key, one in value.items()} if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _refused(why: str) -> DataRefused:
    return DataRefused(f"A message that claims to come from the bank was refused: {why}. Nothing was done.")
