"""The small file outside the database that repeats the last event and the totals, and what it is held against.

In: a lease on the database and the file `anchor`. Out: everything that is off, in words. Never: a word of mending.

    anchor   {"hash": …, "seq": 41, "totals": {"lines": {"rows": 812, "amount_minor": …}, …}}

It is written after each commit, with fsync. A database that is one transaction ahead is the trace of a crash between
the two; one that is behind, further ahead, or holds anything else was damaged, replaced or put back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from recon.disk import write_durably
from recon.errors import IntegrityAlarm, StorageFailed
from recon.store import events
from recon.store.changes import Table
from recon.store.connection import Lease
from recon.store.events import Head
from recon.store.migrate import TOLD_SINCE, version
from recon.store.record import reaches, record_of
from recon.store.totals import Totals, differences, filled, over, totals

ADVICE = (
    "Nothing was changed and no file was removed; run `python -m recon check`, and restore the latest backup into an "
    "empty folder."
)


@dataclass(frozen=True)
class Anchor:
    """What was last confirmed. totals: None where an older version of the program wrote it."""

    seq: int
    hash: str
    totals: Totals | None

    @property
    def head(self) -> Head:
        return Head(self.seq, self.hash)


def read_anchor(path: Path) -> Anchor | None:
    """What the anchor says, None where there is none. Raises IntegrityAlarm where it is not what was written."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read ({error.strerror}). Nothing was changed.") from error
    try:
        told = json.loads(content)
        anchor = Anchor(told["seq"], told["hash"], told.get("totals"))
        sound = content in (_bytes(anchor), _old_bytes(anchor)) and isinstance(anchor.seq, int)
    except (ValueError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise IntegrityAlarm(f"The anchor file {path.name} is not what recon wrote. {ADVICE}")
    return anchor


def write_anchor(path: Path, anchor: Anchor) -> None:
    """Tell the anchor what was committed, so that it survives a crash."""
    write_durably(path, _bytes(anchor))


def anchor_of(c: Lease, anchor: Anchor | None) -> Anchor | None:
    """What the anchor should say of this database, which is not more than one transaction ahead; None before totals."""
    last = events.last(c) if version(c) >= TOLD_SINCE else None
    if last is None or last["totals"] is None:
        return None
    if anchor and (anchor.seq, anchor.hash) == (last["seq"], last["hash"]):
        return anchor
    before = (anchor.totals if anchor else None) or {}
    return Anchor(last["seq"], last["hash"], over(before, json.loads(last["totals"])))


def what_is_off(c: Lease, anchor: Anchor | None, known: dict[str, Table], log: Path) -> list[str]:
    """Everything a quick look finds wrong, in words: the last event, the anchor, the totals. `check` looks at the rest.

    known: the tables of this database. log: its `changes.log`.
    """
    if version(c) < TOLD_SINCE:
        return _off_before_totals(c, anchor)
    last = events.last(c)
    if last is None:
        return [f"the anchor saw event {anchor.seq}, the database holds none"] if anchor else []
    found = []
    if c.value("SELECT count(*) FROM events") != last["seq"]:
        found.append("an event is missing")
    if last["hash"] != events.event_hash(last):
        found.append(f"event {last['seq']} ({last['kind']}) is not what was written")
    found += _off_anchor(c, anchor)
    due = anchor_of(c, anchor)
    if due is None or due.totals is None:
        return [*found, f"event {last['seq']} tells no totals"]
    if not reaches(log, record_of(last)):
        found.append(f"{log.name} lacks what event {last['seq']} did to rows")
    return found + differences(due.totals, totals(c, filled(c, known)))


def refuse(found: list[str], anchor: Anchor | None) -> None:
    """Raise IntegrityAlarm where anything is off."""
    if found:
        more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
        raise IntegrityAlarm(
            f"The workspace does not prove itself: {found[0]}{more}. {ADVICE}",
            found=found,
            anchor_seq=anchor.seq if anchor else None,
        )


def _off_anchor(c: Lease, anchor: Anchor | None) -> list[str]:
    """The database against the anchor: it must hold what that saw, and at most one transaction more."""
    since = anchor.seq if anchor else 0
    ahead = c.value("SELECT count(*) FROM events WHERE seq > $since AND totals IS NOT NULL", since=since)
    if anchor is None:
        # Only a crash between the very first commit and its anchor leaves a database without one.
        return (
            [] if ahead <= 1 and c.value("SELECT count(*) FROM events WHERE totals IS NULL") == 0 else [_GONE]
        )
    seen = events.one(c, anchor.seq)
    if seen is None or seen["hash"] != anchor.hash:
        return [_behind(anchor)]
    if ahead > 1:
        return [f"the anchor is older than the database by {ahead} transactions: one of them was put back"]
    if (anchor.totals is None) != (seen["totals"] is None):
        return ["the anchor file tells no totals, its event does"]
    return []


_GONE = "the anchor file is gone"


def _behind(anchor: Anchor) -> str:
    return f"the database does not hold event {anchor.seq} as it was written: it was replaced, damaged or rolled back"


def _off_before_totals(c: Lease, anchor: Anchor | None) -> list[str]:
    """A workspace of a version whose events told no totals."""
    if version(c) == 0:
        return [f"the anchor saw event {anchor.seq}, the database is empty"] if anchor else []
    if anchor is None:
        return [_GONE] if events.head(c).seq > 1 else []
    seen = c.row("SELECT hash FROM events WHERE seq = $seq", seq=anchor.seq)
    return [] if seen and seen["hash"] == anchor.hash else [_behind(anchor)]


def _bytes(anchor: Anchor) -> bytes:
    told = {"seq": anchor.seq, "hash": anchor.hash, "totals": anchor.totals}
    return json.dumps(told, sort_keys=True).encode()


def _old_bytes(anchor: Anchor) -> bytes:
    """As written before there were totals."""
    return json.dumps({"seq": anchor.seq, "hash": anchor.hash}).encode() if anchor.totals is None else b""
