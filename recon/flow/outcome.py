"""What came of a sync: an outcome for each account, and the worst of them as an exit code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from recon.errors import BankError, ConsentError, LoginRequired, RateLimited, ReconError
from recon.flow.asking import UNATTENDED_PER_DAY, Asked
from recon.flow.keep import Kept
from recon.statements.window import Window

_EXIT_BY_OUTCOME = {"needs_login": 20, "limited": 30, "partial": 10, "failed": 10}
STALE_AFTER = timedelta(hours=24)
_WORST_FIRST = (40, 60, 50, 20, 30, 10, 0)


@dataclass(frozen=True)
class Outcome:
    """What came of one account; `since` counts, `until` does not."""

    account_id: str
    outcome: str
    fetched: int = 0
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    since: date | None = None
    until: date | None = None
    reason: str | None = None
    exit_code: int = 0

    def told(self) -> dict[str, Any]:
        """The contracted fields of `sync --json`."""
        return {
            "account_id": self.account_id,
            "outcome": self.outcome,
            "fetched": self.fetched,
            "new": self.new,
            "changed": self.changed,
            "withdrawn": self.withdrawn,
            "from": self.since,
            "until": self.until,
            "reason": self.reason,
        }


@dataclass
class SyncReport:
    """One run: outcomes by account, and the logins that banks ask for: `consent_id bank url`."""

    started_at: datetime
    finished_at: datetime | None = None
    accounts: list[Outcome] = field(default_factory=list)
    logins: list[dict[str, str]] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The worst of all accounts, in the contracted order."""
        codes = {one.exit_code or _EXIT_BY_OUTCOME.get(one.outcome, 0) for one in self.accounts}
        codes |= {20} if self.logins else {0}
        return next(code for code in _WORST_FIRST if code in codes)


def last_fetch_is_fresh(account: dict[str, Any], now: datetime) -> bool:
    """Whether an account is up to date: a complete fetch less than 24 hours ago, and none failed since."""
    last = account["last_success_at"]
    return last is not None and now - last < STALE_AFTER and account["outcome"] in ("new", "none")


def shortfall(
    synced_at: datetime | None, asked: Asked, login: str | None, now: datetime, *, moved: bool
) -> tuple[str, str] | None:
    """Why what was read in full is not up to date: the outcome to tell and its reason; None where it is.

    synced_at: when the service last fetched from the bank. moved: it did so in this very run.
    """
    if login is not None:
        return "needs_login", "The bank wants a person to log in before it gives newer data."
    if isinstance(asked.trouble, RateLimited):
        return "limited", asked.trouble.words
    if synced_at is None:
        return (
            "partial",
            "The bank has not sent this account in full yet. What came is kept; the next sync looks again.",
        )
    if asked.trouble:
        return "partial", f"Fresh data could not be asked for; what the service held is kept. {asked.trouble}"
    if moved or now - synced_at < STALE_AFTER:
        return None
    told = f"The newest data here is of {synced_at:%d %B %Y %H:%M} UTC"
    if asked.spent:
        return (
            "limited",
            f"{told}. The bank was asked {UNATTENDED_PER_DAY} times in 24 hours, which is all that the law allows "
            "without a person there; press Synchronize, or wait.",
        )
    return "partial", f"{told}: the service has not fetched from the bank since. What it held is kept."


def outcome_of(
    account_id: str, kept: Kept, fetched: int, window: Window, short: tuple[str, str] | None
) -> Outcome:
    """What came of a fetch that was read and kept in full. short: of `shortfall`."""
    outcome, reason = ("new" if kept.new or kept.changed or kept.withdrawn or kept.returned else "none"), None
    if kept.held:
        outcome, reason = (
            "partial",
            f"{kept.held} lines contradict what is stored and were held back; see Reconciliation.",
        )
    if short:
        outcome, reason = short
    return Outcome(
        account_id,
        outcome,
        fetched,
        kept.new,
        kept.changed,
        kept.withdrawn,
        window.since,
        window.until,
        reason,
    )


def failed(account_id: str, error: ReconError, window: Window | None = None) -> Outcome:
    """What an error means for an account; nothing of it was stored."""
    if isinstance(error, RateLimited):
        outcome = "limited"
    elif isinstance(error, LoginRequired):
        outcome = "needs_login"
    else:
        outcome = "failed"
    since, until = window[:2] if window else (None, None)
    code = error.exit_code if isinstance(error, BankError | ConsentError) else 10
    return Outcome(account_id, outcome, since=since, until=until, reason=error.words, exit_code=code)
