"""What happened, in order, each event bound to the one before by its hash.

An event is added in the transaction of its effect. The last event of a transaction also carries where its
changes of rows lie in `changes.log`, and what the tables that it touched hold from then on (`totals`); its hash binds
them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

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
_BOUND = ("totals", "changes_at", "changes_length", "changes_hash")
"""Bound by the hash where they are there."""
_READ = f"SELECT {', '.join((*_FIELDS, *_BOUND))}, hash FROM events"  # noqa: S608
CHUNK = 2_000
"""Events read at once where all of them are walked."""


@dataclass(frozen=True)
class Head:
    """The last event: its number and hash."""

    seq: int
    hash: str


def head(c: Lease) -> Head:
    """The last event of the database."""
    last = c.row("SELECT seq, hash FROM events WHERE seq = (SELECT max(seq) FROM events)")
    return Head(last["seq"], last["hash"]) if last else Head(0, FIRST_HASH)


def make(last: Head, **told: Any) -> dict[str, Any]:
    """The event behind the last, ready to be added.

    told: `happened_at done_by kind subject payload engine_version`, and of the last in a transaction `totals` and the
    columns of its record.
    """
    event = (
        dict.fromkeys(_BOUND)
        | told
        | {
            "seq": last.seq + 1,
            "event_id": f"e_{last.seq + 1:08d}",
            "payload": json.dumps(told["payload"], ensure_ascii=False, sort_keys=True, default=str),
            "previous_hash": last.hash,
        }
    )
    return event | {"hash": event_hash(event)}


def event_hash(event: dict[str, Any]) -> str:
    """SHA-256 over the event's fields, the hash before it, its totals and its record of changes."""
    told = {name: event[name] for name in _FIELDS}
    told["happened_at"] = event["happened_at"].isoformat()
    told |= {name: event[name] for name in _BOUND if event[name] is not None}
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def broken_links(c: Lease) -> list[str]:
    """Every place where the chain does not hold, in words."""
    before, expected, breaks = FIRST_HASH, 1, []
    for event in walk(c):
        if event["seq"] != expected:
            breaks.append(f"event {expected} is missing")
        if event["previous_hash"] != before or event["hash"] != event_hash(event):
            breaks.append(f"event {event['seq']} ({event['kind']}) is not what was written")
        before, expected = event["hash"], event["seq"] + 1
    return breaks


def walk(c: Lease, since: int = 1) -> Iterator[dict[str, Any]]:
    """Events in order with everything their hashes bind, `since` included."""
    while found := c.rows(f"{_READ} WHERE seq >= $since ORDER BY seq LIMIT {CHUNK}", since=since):
        yield from found
        since = found[-1]["seq"] + 1


def last(c: Lease) -> dict[str, Any] | None:
    """The last event with everything its hash binds; None in an empty log."""
    return one(c, head(c).seq)


def one(c: Lease, seq: int) -> dict[str, Any] | None:
    """One event with everything its hash binds."""
    return c.row(f"{_READ} WHERE seq = $seq", seq=seq)


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
