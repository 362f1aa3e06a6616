"""Sync runs, what came of each account, bank accesses counted against the quota, and asked-for fetches."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from recon.store.connection import Lease
from recon.store.database import new_id


def start_run(c: Lease, at: datetime, by: str, *, attended: bool) -> str:
    """Note that a sync began; returns its id."""
    run_id = new_id("run")
    c.add("sync_runs", run_id=run_id, started_at=at, started_by=by, attended=attended)
    return run_id


def finish_run(c: Lease, run_id: str, at: datetime) -> None:
    """Note that a sync ended."""
    c.run("UPDATE sync_runs SET finished_at = $at WHERE run_id = $run_id", run_id=run_id, at=at)


def add_outcome(c: Lease, **values: Any) -> None:
    """What came of one account in one run."""
    c.add("sync_outcomes", **values)


def runs(c: Lease, limit: int | None = None) -> pl.DataFrame:
    """SYNC_RUNS, newest first."""
    return c.frame(
        """SELECT run_id, started_at, finished_at, started_by AS by, account_id, outcome, fetched, new, changed,
            withdrawn, since AS "from", until, reason
        FROM sync_runs JOIN sync_outcomes USING (run_id) ORDER BY started_at DESC, account_id LIMIT $limit""",
        limit=limit or 1_000_000,
    )


def unattended_accesses(c: Lease, account_ids: list[str], now: datetime) -> int:
    """How often the most asked of these accounts was asked for without a person there, in the last 24 hours.

    Counted by account and not by consent, so that connecting anew does not begin the day anew.
    """
    return int(
        c.value(
            """SELECT coalesce(max(asked), 0) FROM (
                SELECT account_id, count(*) AS asked FROM (
                    SELECT unnest(account_ids) AS account_id FROM bank_accesses
                    WHERE NOT attended AND asked_at > $since
                ) WHERE account_id IN (SELECT unnest($account_ids::VARCHAR[])) GROUP BY account_id
            )""",
            account_ids=account_ids,
            since=now - timedelta(hours=24),
        )
    )


def add_access(
    c: Lease, consent_id: str, account_ids: list[str], at: datetime, by: str, *, attended: bool
) -> None:
    """Count one request to the bank for these accounts, before it is made. attended: a person asked for it."""
    c.add(
        "bank_accesses",
        consent_id=consent_id,
        account_ids=account_ids,
        asked_at=at,
        attended=attended,
        asked_by=by,
    )


def ask_for_fetch(c: Lease, at: datetime, by: str, reason: str, *, fresh: bool) -> str:
    """Ask whoever syncs next to do so soon; returns the request's id."""
    request_id = new_id("req")
    c.add("fetch_requests", request_id=request_id, asked_at=at, asked_by=by, reason=reason, fresh=fresh)
    return request_id


def waiting_requests(c: Lease) -> list[dict[str, Any]]:
    """Requests nobody took yet, oldest first."""
    return c.rows("SELECT * FROM fetch_requests WHERE taken_at IS NULL ORDER BY asked_at")


def take_requests(c: Lease, request_ids: list[str], at: datetime) -> None:
    """Note that these requests are being served."""
    c.run(
        "UPDATE fetch_requests SET taken_at = $at WHERE request_id IN (SELECT unnest($ids))",
        ids=request_ids,
        at=at,
    )


def add_webhook_event(c: Lease, event_id: str, event: str, consent_id: str | None, at: datetime) -> bool:
    """Remember an event of the bank; False when it was delivered before."""
    if c.row("SELECT 1 AS known FROM webhook_events WHERE event_id = $event_id", event_id=event_id):
        return False
    c.add("webhook_events", event_id=event_id, event=event, consent_id=consent_id, received_at=at)
    return True
