"""The aggregator's copy of the banks: what it fetched at its last sync is what it serves, nothing fresher.

In: what a bank shows (`bankside.py`) at an instant. Out: stored rows, and what changed, for the webhooks.
A row the bank no longer shows stays, marked deleted. Never: a row between two syncs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from recon.sandbox.bankside import BankSide, Row
from recon.sandbox.clock import bank_day, stamp
from recon.sandbox.consents import Connection, Consent, Switches
from recon.sandbox.habits import HOUSES

EVERY = timedelta(hours=6)


@dataclass
class Stored:
    """One row as last fetched."""

    row: Row
    deleted: bool = False


@dataclass
class Held:
    """One account as last fetched: its rows by id and its two balances."""

    rows: dict[str, Stored] = field(default_factory=dict)
    booked: int | None = None
    available: int | None = None

    def take(self, rows: list[Row]) -> list[Row]:
        """Replace what is held by what the bank shows now; the rows that differ come back."""
        changed: list[Row] = []
        for row in rows:
            known = self.rows.get(row.id)
            if known is None or known.deleted or _face(known.row) != _face(row):
                changed.append(row)
            self.rows[row.id] = Stored(row)
        shown = {row.id for row in rows}
        for stored in self.rows.values():
            if stored.row.id not in shown and not stored.deleted:
                stored.deleted = True
                changed.append(stored.row)
        return changed


def _face(row: Row) -> tuple[Any, ...]:
    """What a reader sees of a row."""
    return row.state, row.date, row.text, row.balance_minor, row.detail, row.line


Tell = Callable[[str, str, Any], None]


class Service:
    """Syncs connections when they are due and keeps what it fetched. `tell` posts a webhook."""

    def __init__(self, bankside: BankSide, switches: Switches, tell: Tell) -> None:
        self.bankside, self.switches, self.tell = bankside, switches, tell
        self.held: dict[tuple[str, str], Held] = {}

    def account(self, consent: Consent, key: str) -> Held:
        return self.held.setdefault((consent.id, key), Held())

    def catch_up(self, consent: Consent, now: datetime) -> bool:
        """Do what has come due for a consent: queued syncs, six-hourly ones, warnings. Whether any had."""
        before = [(c.last_sync, len(c.told)) for c in consent.connections.values()]
        for connection in consent.connections.values():
            if connection.removed or not consent.alive(now):
                continue
            if connection.sync_due and connection.sync_due <= now:
                connection.sync_due = None
                self.sync(consent, connection, now)
            self._six_hourly(consent, connection, now)
            self._warn(consent, connection, now)
        return before != [(c.last_sync, len(c.told)) for c in consent.connections.values()]

    def queue(self, connection: Connection, now: datetime) -> None:
        """Ask for a sync; it ends `sync_seconds` from now."""
        connection.sync_due = connection.sync_due or now + timedelta(seconds=self.switches.sync_seconds)

    def needs_person(self, connection: Connection, now: datetime) -> bool:
        """Whether the bank lets nobody in without the account holder."""
        ended = now >= connection.expires_at(self.switches.sca_days)
        return ended or not HOUSES[connection.provider].unattended

    def sync(self, consent: Consent, connection: Connection, at: datetime) -> None:
        """Fetch every account of a connection as the bank shows it at that instant, and tell."""
        changes, synced = [], []
        for key in connection.accounts:
            account_id = connection.account_id(key)
            if self._orphaned(consent, connection, key):
                continue
            changed = self._fetch(consent, key, at)
            self.tell("SyncProgressUpdate", consent.id, {"accountId": account_id})
            synced.append(account_id)
            if changed:
                changes.append(_change(account_id, changed))
        connection.last_sync = at
        if changes:
            self.tell("AccountsUpdated", consent.id, {"changedAccounts": changes})
        self.tell("SyncDone", consent.id, {"syncedAccountIds": synced})

    def _fetch(self, consent: Consent, key: str, at: datetime) -> list[Row]:
        account, held = self.bankside.books.account(key), self.account(consent, key)
        day = bank_day(at)
        held.booked, held.available = self.bankside.balance(account, day)
        return held.take(self.bankside.rows(account, day))

    def _orphaned(self, consent: Consent, connection: Connection, key: str) -> bool:
        """Whether the bank no longer shows the account; tells when that changed."""
        gone, known = key in self.bankside.marks["orphaned"], key in connection.orphaned
        if gone != known:
            connection.orphaned.append(key) if gone else connection.orphaned.remove(key)
            event = "AccountsOrphaned" if gone else "AccountsUnorphaned"
            self.tell(event, consent.id, {"accountIds": [connection.account_id(key)]})
        return gone

    def _six_hourly(self, consent: Consent, connection: Connection, now: datetime) -> None:
        """The last of the six-hourly syncs that fell due; those between would have shown no more."""
        if connection.last_sync is None or not HOUSES[connection.provider].unattended:
            return
        limit = min(now, connection.expires_at(self.switches.sca_days))
        rounds = (limit - connection.last_sync) // EVERY
        if rounds > 0:
            self.sync(consent, connection, connection.last_sync + rounds * EVERY)

    def _warn(self, consent: Consent, connection: Connection, now: datetime) -> None:
        """ConnectionUpdateRequired, once before the bank login runs out and once when it has."""
        ends = connection.expires_at(self.switches.sca_days)
        for name, when in (("soon", ends - timedelta(days=self.switches.announce_days)), ("ended", ends)):
            if now >= when and name not in connection.told:
                connection.told.append(name)
                ids = [connection.account_id(key) for key in connection.accounts]
                data = {"accountIds": ids, "expiresAt": stamp(ends), "reason": None}
                self.tell("ConnectionUpdateRequired", consent.id, data)


def _change(account_id: str, rows: list[Row]) -> dict[str, Any]:
    """One entry of `changedAccounts`: from the oldest day touched to the newest."""
    days = sorted(row.date for row in rows)
    first, last = (f"{day.isoformat()}T00:00:00Z" for day in (days[0], days[-1]))
    return {
        "accountId": account_id,
        "transactionsChanged": True,
        "oldestTransactionChangedAt": first,
        "transactionSpan": f"{first}/{last}",
    }
