"""What happened, in order, each event bound to the one before by its hash, the last one told to the anchor.

An event is added in the transaction of its effect. `anchor` is a small file beside the database that
repeats the last sequence number and hash: a database that is behind it, or differs, lost something.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from recon.disk import write_durably
from recon.errors import IntegrityAlarm
from recon.store.connection import Lease

FIRST_HASH = "0" * 64
_FIELDS = (
    "seq",
    "event_id",
    "happened_at",
    "done_by",
    "kind",
    "subject",
    "payload",
    "engine_version",
    "previous_hash",
)


@dataclass(frozen=True)
class Head:
    """The last event: its number and hash."""

    seq: int
    hash: str


def head(c: Lease) -> Head:
    """The last event of the database."""
    last = c.row("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")
    return Head(last["seq"], last["hash"]) if last else Head(0, FIRST_HASH)


def add(
    c: Lease,
    last: Head,
    *,
    at: datetime,
    by: str,
    kind: str,
    subject: str,
    payload: dict[str, Any],
    engine_version: str,
) -> Head:
    """Append one event behind the last; returns the new head."""
    event: dict[str, Any] = {
        "seq": last.seq + 1,
        "event_id": f"e_{last.seq + 1:08d}",
        "happened_at": at,
        "done_by": by,
        "kind": kind,
        "subject": subject,
        "payload": json.dumps(payload, ensure_ascii=False, sort_keys=True, default=str),
        "engine_version": engine_version,
        "previous_hash": last.hash,
    }
    digest = event_hash(event)
    c.add("events", **event, hash=digest)
    return Head(event["seq"], digest)


def event_hash(event: dict[str, Any]) -> str:
    """SHA-256 over the event's fields and the hash before it."""
    told = {name: event[name] for name in _FIELDS}
    told["happened_at"] = event["happened_at"].isoformat()
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def broken_links(c: Lease) -> list[str]:
    """Every place where the chain does not hold, in words."""
    before, expected, breaks = FIRST_HASH, 1, []
    for event in c.rows("SELECT * FROM events ORDER BY seq"):
        if event["seq"] != expected:
            breaks.append(f"event {expected} is missing")
        if event["previous_hash"] != before or event["hash"] != event_hash(event):
            breaks.append(f"event {event['seq']} ({event['kind']}) is not what was written")
        before, expected = event["hash"], event["seq"] + 1
    return breaks


def frame(c: Lease, limit: int = 200, offset: int = 0) -> pl.DataFrame:
    """Events, newest first: `seq happened_at done_by kind subject payload engine_version`."""
    return c.frame(
        """SELECT seq, happened_at, done_by, kind, subject, payload, engine_version FROM events
        ORDER BY seq DESC LIMIT $limit OFFSET $offset""",
        limit=limit,
        offset=offset,
    )


def page(
    c: Lease, *, kinds: list[str] | None = None, by: str | None = None, limit: int = 50, offset: int = 0
) -> tuple[int, list[dict[str, Any]]]:
    """One page of events, newest first, of some kinds and one person where given: (how many in all, the page)."""
    chosen = """FROM events WHERE ($kinds IS NULL OR kind IN (SELECT unnest($kinds::VARCHAR[])))
        AND ($by IS NULL OR done_by = $by)"""
    count = c.value(f"SELECT count(*) {chosen}", kinds=kinds, by=by)
    rows = c.rows(
        f"""SELECT seq, happened_at, done_by, kind, subject, payload, engine_version {chosen}
        ORDER BY seq DESC LIMIT $limit OFFSET $offset""",
        kinds=kinds,
        by=by,
        limit=limit,
        offset=offset,
    )
    return int(count), rows


def last_of(c: Lease, kind: str) -> int:
    """The number of the last event of a kind; 0 where there is none."""
    return int(c.value("SELECT coalesce(max(seq), 0) FROM events WHERE kind = $kind", kind=kind))


def people(c: Lease) -> list[str]:
    """Everybody the audit trail names."""
    return c.frame("SELECT DISTINCT done_by FROM events ORDER BY lower(done_by)")["done_by"].to_list()


def read_anchor(path: Path) -> Head | None:
    """What the anchor says, or None before the first commit."""
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text("utf-8"))
        return Head(int(told["seq"]), str(told["hash"]))
    except (ValueError, KeyError, TypeError):
        raise IntegrityAlarm(
            f"The anchor file {path.name} cannot be read. Nothing was changed; restore it from a backup."
        ) from None


def write_anchor(path: Path, last: Head) -> None:
    """Tell the anchor the last event, so that it survives a crash."""
    write_durably(path, json.dumps({"seq": last.seq, "hash": last.hash}).encode())


def compare(c: Lease, anchor: Head | None) -> None:
    """Raise IntegrityAlarm unless the database holds what the anchor saw; a newer database is a crash's trace."""
    if anchor is None:
        # Only a crash between the very first commit and its anchor leaves a database without one.
        if head(c).seq > 1:
            raise IntegrityAlarm(
                "The anchor file of this workspace is gone. Nothing was changed; restore it from a backup."
            )
        return
    seen = (
        c.row("SELECT hash FROM events WHERE seq = $seq", seq=anchor.seq)
        if anchor.seq
        else {"hash": FIRST_HASH}
    )
    if seen is None or seen["hash"] != anchor.hash:
        raise IntegrityAlarm(
            f"The database does not hold event {anchor.seq} as it was written: it was replaced, damaged or "
            "rolled back. Nothing was changed; restore the latest backup, and keep these files for a look.",
            anchor_seq=anchor.seq,
        )
