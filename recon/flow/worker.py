"""The app's own hand: serves asked-for fetches, and fetches by itself every six hours while the app runs.

It is one thread beside the pages. A request is a row in the workspace, so that a webhook, a page or another
process can ask; who takes it notes that. `status()` tells pages how far the present sync is.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recon.errors import LockBusy, ReconError
from recon.flow.matching import match
from recon.flow.outcome import SyncReport
from recon.flow.sync import sync
from recon.flow.workspace import Store
from recon.store import consents, fetching

EVERY = timedelta(hours=6)
_PAUSES = {"needs_login": timedelta(hours=24), "failed": timedelta(minutes=15)}
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

    def look(self) -> bool:
        """Serve what was asked for, or what is due; True when a sync was made."""
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

    def _sync(self, by: str, *, fresh: bool) -> None:
        self._status = Status(running=True)
        try:
            report = sync(
                self._store, by=by, fresh=True if fresh else None, attended=fresh, progress=self._tell
            )
            if any(one.outcome == "new" for one in report.accounts):
                match(self._store)
            self._status = Status(report=report)
        except LockBusy as error:
            self._status = Status(error=error.words)

    def _tell(self, done: int, total: int, words: str) -> None:
        self._status = Status(running=True, done=done, total=total, words=words)


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
        row["last_tried_at"] is None or now - row["last_tried_at"] > _PAUSES.get(row["outcome"], EVERY)
        for row in accounts
        if row["consent_id"] and row["is_on"]
    )
