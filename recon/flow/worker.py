"""The app's own hand: serves asked-for fetches and the inbox, and fetches by itself every six hours.

It is one thread beside the pages. A request is a row in the workspace, so that a webhook, a page or another
process can ask; who takes it notes that. `status()` tells pages how far the present sync is.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recon.bank.client import ViiaClient
from recon.errors import LockBusy, ReconError
from recon.flow.backup import daily
from recon.flow.inbox import take_inbox
from recon.flow.matching import match
from recon.flow.outcome import SyncReport
from recon.flow.renewal import keep_access
from recon.flow.sync import sync
from recon.flow.workspace import Store
from recon.store import consents, fetching

EVERY = timedelta(hours=6)
SOON = timedelta(minutes=15)
_PAUSES = {"needs_login": timedelta(hours=24), "failed": SOON}
LOOK_SECONDS = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """What the worker does now, and what came of its last sync."""

    running: bool = False
    done: int = 0
    total: int = 0
    words: str = ""
    report: SyncReport | None = None
    error: str | None = None


class Worker:
    """Start once per process with the workspace; `stop` ends it within a second."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="recon-worker", daemon=True)
        self._status = Status()
        self._cared_at: datetime | None = None
        self._tried_backup_at: datetime | None = None
        self._inbox_failed_at: datetime | None = None

    @property
    def status(self) -> Status:
        return self._status

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except ReconError as error:
                _log.warning("worker: %s", error.kind)
                self._status = replace(self._status, running=False, error=error.words)
            except Exception:  # a fetch that nobody foresaw must not be the last one of this process
                _log.exception("worker")
                self._status = replace(self._status, running=False, error=_SURPRISE)

    def look(self) -> bool:
        """Serve what was asked for, or what is due; True when a sync was made."""
        self._keep_access()
        self._back_up()
        self._serve_inbox()
        with self._store.database.read() as c:
            asked = fetching.waiting_requests(c)
            due = _due(consents.accounts(c), self._store.clock.now())
        if not asked and not due:
            return False
        if asked:
            with self._store.database.write("worker") as writer:
                fetching.take_requests(writer.c, [one["request_id"] for one in asked], writer.at)
                writer.event(
                    "fetch_taken", f"{len(asked)} requests", reasons=[one["reason"] for one in asked]
                )
        if not self._store.settings.viia_on:
            return False
        by_person = [one for one in asked if one["fresh"]]
        self._sync(by_person[0]["asked_by"] if by_person else "schedule", fresh=bool(by_person))
        return True

    def _back_up(self) -> None:
        """Make today's backup where the settings name a folder for it; one that failed is tried again later."""
        now = self._store.clock.now()
        if self._tried_backup_at is None or now - self._tried_backup_at >= SOON:
            self._tried_backup_at = now
            daily(self._store, by="worker")

    def _serve_inbox(self) -> None:
        """Import what was put into the inbox; where workspace or folder are at fault, it is tried again later."""
        now = self._store.clock.now()
        if self._inbox_failed_at and now - self._inbox_failed_at < SOON:
            return
        self._inbox_failed_at = now
        with suppress(LockBusy):  # another process is at it
            take_inbox(self._store)
        self._inbox_failed_at = None

    def _keep_access(self) -> None:
        """See every quarter of an hour to tokens that are a day old, those of consents that wait included."""
        now = self._store.clock.now()
        if self._cared_at and now - self._cared_at < SOON:
            return
        self._cared_at = now
        keep_access(
            self._store, lambda: ViiaClient(self._store.settings, self._store.vault, self._store.clock)
        )

    def _sync(self, by: str, *, fresh: bool) -> None:
        self._status = Status(running=True)
        try:
            report = sync(
                self._store, by=by, fresh=True if fresh else None, attended=fresh, progress=self._tell
            )
            if any(one.outcome == "new" for one in report.accounts):
                match(self._store, whole=False)
            self._status = Status(report=report)
        except LockBusy as error:
            self._status = Status(error=error.words)

    def _tell(self, done: int, total: int, words: str) -> None:
        self._status = Status(running=True, done=done, total=total, words=words)


_SURPRISE = "A fetch met something it was not made for. What was stored stays; see the log."


def ask_for_sync(store: Store, *, by: str) -> None:
    """The Synchronize button: ask the banks anew, now; a person is there."""
    with store.database.write(by) as writer:
        fetching.ask_for_fetch(writer.c, writer.at, by, "synchronize", fresh=True)
        writer.event("fetch_asked", "all accounts", reason="synchronize")


def sync_is_waiting(store: Store) -> bool:
    """Whether a fetch was asked for that nobody took yet."""
    with store.database.read() as c:
        return bool(fetching.waiting_requests(c))


def _due(accounts: list[dict], now: datetime) -> bool:
    """Whether an account that is linked and on was last tried long enough ago.

    One that waits for a person is looked at daily: often enough to keep its access alive, and to see a login
    that was made elsewhere. One that failed is tried again soon.
    """
    return any(
        row["last_tried_at"] is None or now - row["last_tried_at"] > _pause(row)
        for row in accounts
        if row["consent_id"] and row["is_on"]
    )


def _pause(row: dict) -> timedelta:
    """How long to leave an account alone after its last try; not long where the bank is still collecting."""
    collecting = row["outcome"] == "partial" and row["last_synchronized_at"] is None
    return SOON if collecting else _PAUSES.get(row["outcome"], EVERY)
