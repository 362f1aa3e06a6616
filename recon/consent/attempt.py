"""One attempt to log in at the bank, and whether a browser that comes back belongs to it.

In: now, a purpose, later the returned query. Out: an `Attempt` to send off, a `Return` to act on. Never:
a clock, a store, a secret kept: the store holds a hash of the state and the sealed verifier (`Record`).

    new_attempt → state, challenge go to the bank; hash, sealed verifier go to the store
    browser returns → check_callback(query, record, now) → accepted | cancelled | returned, or AttemptRefused
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from recon.errors import AttemptRefused
from recon.settings import Secret

Purpose = Literal["connect", "renew", "update"]
Outcome = Literal["accepted", "cancelled", "returned"]

LIFETIME = timedelta(minutes=10)
_CONSENT_ID = re.compile(r"[\w.-]{1,100}")


@dataclass(frozen=True)
class Attempt:
    """What one login starts with; `state` and `verifier` leave memory only as hash and sealed text.

    purpose: connect (a new bank), renew (a consent once more), update (fresh data that wants a person).
    challenge: of the verifier, PKCE S256. consent_id: the consent to renew or update.
    """

    attempt_id: str
    purpose: Purpose
    state: Secret
    verifier: Secret
    challenge: str
    created_at: datetime
    expires_at: datetime
    consent_id: str | None = None

    @property
    def state_hash(self) -> str:
        return state_hash(self.state.reveal())


@dataclass(frozen=True)
class Record:
    """An attempt as the store remembers it. used_at: when a callback was taken for it."""

    attempt_id: str
    purpose: Purpose
    state_hash: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    consent_id: str | None = None


@dataclass(frozen=True)
class Return:
    """What came back. accepted: `code` to exchange and `consent_id`; cancelled: nothing was given and
    existing access stays; returned: from an update, where no code is promised: wait for the data."""

    outcome: Outcome
    code: Secret | None = None
    consent_id: str | None = None


def new_attempt(
    now: datetime,
    purpose: Purpose,
    *,
    consent_id: str | None = None,
    random_text: Callable[[int], str] = secrets.token_urlsafe,
) -> Attempt:
    """A login attempt, good for ten minutes. random_text(n): n random bytes as URL-safe text.

    State has 256 random bits; the verifier 384, which is 64 characters (RFC 7636 section 4.1: 43 to 128).
    """
    verifier = random_text(48)
    return Attempt(
        attempt_id=random_text(12),
        purpose=purpose,
        state=Secret(random_text(32)),
        verifier=Secret(verifier),
        challenge=challenge(verifier),
        created_at=now,
        expires_at=now + LIFETIME,
        consent_id=consent_id,
    )


def challenge(verifier: str) -> str:
    """PKCE S256 of a verifier (RFC 7636 section 4.2).

    >>> challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def state_hash(state: str) -> str:
    """What the store keeps of a state, and finds its attempt by."""
    return hashlib.sha256(state.encode()).hexdigest()


def callback_query(address: str) -> dict[str, str]:
    """Query of the address a browser ended on, decoded once. Raises AttemptRefused for a name given twice."""
    pairs = parse_qsl(urlsplit(address.strip()).query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs):
        raise _refused("its address names the same thing twice")
    return query


def check_callback(
    query: Mapping[str, str], attempt: Record | None, now: datetime, known: Collection[str] = ()
) -> Return:
    """What a return from the bank means for the attempt it claims to end.

    attempt: found by the echoed state's hash or by the session that started it; None: nothing found. known:
    consents that are here already; renewing one must not end in another of them.
    The bank does not promise to echo the state, so a missing one is borne and a wrong one is not.
    A return without code is the bank's way to say cancelled. Raises AttemptRefused.
    """
    if attempt is None:
        raise _refused("no login that was started here expects it")
    state = query.get("state")
    if state and not hmac.compare_digest(state_hash(state), attempt.state_hash):
        raise _refused("it carries another login's mark")
    if attempt.used_at is not None:
        raise _refused(f"it was taken already, at {attempt.used_at:%H:%M} UTC")
    if not attempt.created_at <= now < attempt.expires_at:
        raise _refused(f"the login had to end within {LIFETIME.seconds // 60} minutes")
    # A "+" of the base64-like code turns into a blank where an address is decoded once too often.
    code = query.get("code", "").strip().replace(" ", "+")
    if not code:
        return _without_code(query, attempt)
    if query.get("error"):
        raise _refused("it brings a code and an error at once")
    consent_id = query.get("consentId", "").strip()
    if not _CONSENT_ID.fullmatch(consent_id):
        raise _refused("it has a code but no consent")
    if attempt.purpose == "update" and consent_id != attempt.consent_id:
        raise _refused("it is about another consent than the one that was to be updated")
    if attempt.purpose == "renew" and consent_id != attempt.consent_id and consent_id in known:
        raise _refused("it is about another consent than the one that was to be renewed")
    return Return("accepted", Secret(code), consent_id)


def _without_code(query: Mapping[str, str], attempt: Record) -> Return:
    if attempt.purpose == "update" and "error" not in query:
        return Return("returned", consent_id=attempt.consent_id)
    return Return("cancelled")


def _refused(why: str) -> AttemptRefused:
    return AttemptRefused(
        f"A return from the bank was refused: {why}. Nothing was linked and existing access stays as it is; "
        "start again under Bank accounts."
    )
