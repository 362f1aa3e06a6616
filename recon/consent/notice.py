"""What to tell the person about a consent that ends: one notice, in words, with how urgent it is.

In: a `Consent`, the names of its accounts, now. Out: a `Notice` or None. Never: a button, a page, a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from babel.dates import format_date

from recon.clock import BANK_ZONE
from recon.consent.lifecycle import Consent, Status, days_left, expires_at, status_of

Level = Literal["info", "warning", "error"]

MARKS: tuple[tuple[int, Level], ...] = ((1, "error"), (7, "warning"), (14, "warning"), (30, "info"))
"""Days before the end at which the notice appears or grows louder, nearest first."""


NEGLECTED_DAYS = 7
"""After so many days without a renewal the alarm sounds: half of a refresh token's fourteen."""


@dataclass(frozen=True)
class Notice:
    """What a page shows. mark: 30, 14, 7, 1, or 0 once access is gone; it changes when it should be
    shown again to somebody who closed it. action: renew (log in again) or connect (anew)."""

    consent_id: str
    level: Level
    words: str
    action: Literal["renew", "connect"]
    status: Status
    mark: int
    days_left: int | None


_WORDS = {
    "en": {
        "ends": "Access to {bank} ({accounts}) ends {when}. Renew it to keep new lines coming.",
        "expired": "Access to {bank} ({accounts}) ended {when}. New lines no longer arrive; log in at the "
        "bank to renew it. What is stored here stays.",
        "needs_login": "{bank} wants you to log in before it gives more for {accounts}. New lines no longer "
        "arrive until then; what is stored here stays.",
        "revoked": "Access to {bank} ({accounts}) was withdrawn. New lines no longer arrive; connect the "
        "bank again to go on. What is stored here stays.",
        "neglected": "Access to {bank} ({accounts}) was not renewed for {days} days; after 14 it needs "
        "a new login. See that the program runs and reaches the bank, then synchronize.",
        "day": "d MMMM y",
        "today": "today",
        "tomorrow": "tomorrow, on {date}",
        "later": "in {days} days, on {date}",
        "past": "on {date}",
        "none": "no accounts",
        "and": " and ",
    },
    "da": {
        "ends": "Adgangen til {bank} ({accounts}) udløber {when}. Forny den, så der fortsat kommer nye "
        "posteringer.",
        "expired": "Adgangen til {bank} ({accounts}) udløb {when}. Der kommer ikke flere posteringer; log "
        "ind i banken for at forny den. Det, der er gemt her, bliver stående.",
        "needs_login": "{bank} kræver, at du logger ind, før der kan hentes mere for {accounts}. Indtil da "
        "kommer der ikke flere posteringer; det, der er gemt her, bliver stående.",
        "revoked": "Adgangen til {bank} ({accounts}) er trukket tilbage. Der kommer ikke flere posteringer; "
        "tilslut banken igen for at fortsætte. Det, der er gemt her, bliver stående.",
        "neglected": "Adgangen til {bank} ({accounts}) er ikke blevet fornyet i {days} dage; efter 14 kræver den "
        "et nyt login. Se efter, at programmet kører og når banken, og synkronisér så.",
        "day": "d. MMMM y",
        "today": "i dag",
        "tomorrow": "i morgen, {date}",
        "later": "om {days} dage, {date}",
        "past": "{date}",
        "none": "ingen konti",
        "and": " og ",
    },
}


def notice(
    consent: Consent, accounts: Sequence[str], now: datetime, days: int, language: str = "en"
) -> Notice | None:
    """The notice a consent calls for now, naming bank and accounts; None: all is well, or still connecting.

    accounts: names as the person knows them. days: how long a login holds where the bank announces nothing.
    language: `en` or `da`.
    """
    status = status_of(consent, now, days)
    left = days_left(consent, now, days)
    if status in ("expired", "needs_login", "revoked"):
        action = "connect" if status == "revoked" else "renew"
        words = _say(status, consent, accounts, now, days, language)
        return Notice(consent.consent_id, "error", words, action, status, 0, left)
    if status != "expiring" or left is None:
        return None
    mark, level = next((mark, level) for mark, level in MARKS if left <= mark)
    words = _say("ends", consent, accounts, now, days, language)
    return Notice(consent.consent_id, level, words, "renew", status, mark, left)


def neglect(
    consent: Consent,
    accounts: Sequence[str],
    renewed_at: datetime | None,
    now: datetime,
    days: int,
    language: str = "en",
) -> Notice | None:
    """The alarm for an access that nobody renewed for a week; None: it was, or nobody knows.

    renewed_at: when its tokens were last renewed. Other arguments as for `notice`.
    """
    since = None if renewed_at is None else (now - renewed_at).days
    if since is None or since < NEGLECTED_DAYS or consent.linked_at is None:
        return None
    words = _WORDS[language]["neglected"].format(
        bank=consent.bank, accounts=_named(accounts, _WORDS[language]), days=since
    )
    status, left = status_of(consent, now, days), days_left(consent, now, days)
    return Notice(consent.consent_id, "error", words, "renew", status, 1, left)


def _say(
    what: str, consent: Consent, accounts: Sequence[str], now: datetime, days: int, language: str
) -> str:
    told = _WORDS[language]
    return told[what].format(
        bank=consent.bank, accounts=_named(accounts, told), when=_when(consent, now, days, language)
    )


def _when(consent: Consent, now: datetime, days: int, language: str) -> str:
    """The end in words: `in 14 days, on 6 December 2026`."""
    told = _WORDS[language]
    ends, left = expires_at(consent, days), days_left(consent, now, days)
    if ends is None or left is None:
        return ""
    date = format_date(ends.astimezone(BANK_ZONE).date(), told["day"], locale=language)
    if ends <= now:
        return told["past"].format(date=date)
    key = {0: "today", 1: "tomorrow"}.get(left, "later")
    return told[key].format(days=left, date=date)


def _named(accounts: Sequence[str], told: dict[str, str]) -> str:
    """`Drift, Løn and Opsparing`; of many only the first three and how many more."""
    names = list(accounts[:3]) + ([f"+ {len(accounts) - 3}"] if len(accounts) > 3 else [])
    if not names:
        return told["none"]
    return told["and"].join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
