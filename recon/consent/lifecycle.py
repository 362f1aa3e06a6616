"""The life of a consent: what state it is in, until when, and what changes it.

    connecting → active → expiring → expired      a login at the bank leads back to active
                    └──────┴─→ needs_login        the bank wants a person before the date
    revoked                                       only a new connection helps

In: a `Consent` and now. Out: status, dates, the consent after an event. Never: a clock, a store, words
for people (`notice.py`). Events and their meaning: Viia API section 8.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from recon.clock import BANK_ZONE

Status = Literal["connecting", "active", "expiring", "needs_login", "expired", "revoked"]

EXPIRING_DAYS = 30
"""From so many days before its end on a consent counts as expiring."""


@dataclass(frozen=True)
class Consent:
    """What we know of one consent. Instants are UTC; None: has not happened, or is not known.

    granted_at: a person agreed at the bank. linked_at: its accounts were confirmed here.
    last_login_at: a person last logged in at the bank. announced_expires_at: the end the bank announced, at
    announced_at. login_required_at: since when the bank wants a person. revoked_at: permission withdrawn.
    """

    consent_id: str
    bank: str
    granted_at: datetime | None = None
    linked_at: datetime | None = None
    last_login_at: datetime | None = None
    announced_expires_at: datetime | None = None
    announced_at: datetime | None = None
    login_required_at: datetime | None = None
    revoked_at: datetime | None = None


def expires_at(consent: Consent, days: int) -> datetime | None:
    """The end the bank announced, else `days` after the last login, else None: unknown."""
    if consent.announced_expires_at is not None:
        return consent.announced_expires_at
    if consent.last_login_at is None:
        return None
    return consent.last_login_at + timedelta(days=days)


def days_left(consent: Consent, now: datetime, days: int) -> int | None:
    """Days at the bank's calendar until the consent ends: 0 is today, never below 0; None: unknown."""
    ends = expires_at(consent, days)
    if ends is None:
        return None
    left = ends.astimezone(BANK_ZONE).date() - now.astimezone(BANK_ZONE).date()
    return max(0, left.days)


def status_of(consent: Consent, now: datetime, days: int) -> Status:
    """The one status that matters most, in this order: revoked, connecting, expired, needs_login, expiring.

    days: how long a login holds where the bank announces nothing. A consent whose last login is unknown
    reads as needs_login: nothing says that it still works, and a login is what answers that.
    """
    if consent.revoked_at is not None:
        return "revoked"
    if consent.granted_at is None or consent.linked_at is None:
        return "connecting"
    ends = expires_at(consent, days)
    if ends is not None and ends <= now:
        return "expired"
    if ends is None or consent.login_required_at is not None:
        return "needs_login"
    left = days_left(consent, now, days)
    return "expiring" if left is not None and left <= EXPIRING_DAYS else "active"


def logged_in(consent: Consent, at: datetime) -> Consent:
    """The consent after a person logged in at the bank: everything said before counts no more."""
    return replace(
        consent,
        granted_at=consent.granted_at or at,
        last_login_at=at,
        announced_expires_at=None,
        announced_at=None,
        login_required_at=None,
        revoked_at=None,
    )


def linked(consent: Consent, at: datetime) -> Consent:
    """The consent after a person confirmed its bank, owner and accounts."""
    return replace(consent, linked_at=consent.linked_at or at)


def needs_login(consent: Consent, at: datetime) -> Consent:
    """The consent after the bank refused to go on without a person (dead token, supervised update)."""
    return replace(consent, login_required_at=consent.login_required_at or at)


def apply_event(
    consent: Consent,
    event: str,
    at: datetime,
    *,
    expires_at: datetime | None = None,
    account_ids: Collection[str] = (),
    own_account_ids: Collection[str] = (),
) -> Consent:
    """The consent after a message of the bank. Applying one twice, or an old one late, changes nothing more.

    A message can warn, ask for a login or end a consent. None says that a person logged in: data newer than
    the bank's wish says that, and only a fetch brings it.

    at: when the message originated, or came. account_ids: it speaks of; own_account_ids: the consent covers
    (both the bank's ids). Messages about data only, and those we do not know, change nothing.
    """
    if _overtaken(consent, at):
        return consent
    whole = bool(own_account_ids) and set(own_account_ids) <= set(account_ids)
    if event == "ConnectionUpdateRequired":
        return _announced(consent, at, expires_at)
    if event == "ConsentNeedsUpdate":
        return needs_login(consent, at)
    if event == "ConsentRevoked" or (event == "ConnectionRemoved" and whole):
        return replace(consent, revoked_at=consent.revoked_at or at)
    return consent


def _overtaken(consent: Consent, at: datetime) -> bool:
    """Retries come late and out of order: a message from before the last login says nothing new."""
    return consent.last_login_at is not None and at < consent.last_login_at


def _announced(consent: Consent, at: datetime, expires_at: datetime | None) -> Consent:
    """With a date ahead it is a warning; without one, or with one past, unattended access failed."""
    if expires_at is None:
        return needs_login(consent, at)
    if consent.announced_at is not None and at < consent.announced_at:
        return consent
    told = replace(consent, announced_expires_at=expires_at, announced_at=at)
    return needs_login(told, at) if expires_at <= at else told
