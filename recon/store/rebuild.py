"""The tables made again from the events alone, in a folder of their own, and held against those that are there.

In: a workspace whose chain of events is whole, and an empty folder. Out: a database that replayed them, its anchor,
and every table that differs. Never: a change to the workspace; a row that no event tells of.

The events are the record. Every table but those of `changes.DERIVED` is what comes of them; those four are what an
engine run makes of the rest.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from recon.errors import IntegrityAlarm
from recon.store import anchor as anchors
from recon.store import events, record
from recon.store.anchor import Anchor
from recon.store.changes import replay, tables
from recon.store.connection import Lease, lease
from recon.store.database import Database
from recon.store.migrate import TOLD_SINCE, migrate, version
from recon.store.totals import over, totals

_CHUNK = 200
"""Events replayed in one transaction."""


@dataclass(frozen=True)
class Rebuilt:
    """How many events were replayed, how many rows each table then held, and what differs, in words."""

    events: int
    rows: dict[str, int]
    differences: list[str]


def rebuild(database: Database, out: Path) -> Rebuilt:
    """Replay every event into `out`/recon.duckdb and hold it against the workspace, row by row, byte by byte.

    out: a folder without a database. Raises IntegrityAlarm where the chain of events is broken: then there is nothing
    to replay that could be trusted.
    """
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = out / database.path.name
    with database.look() as c:
        head = _whole(c)
        there = dumps(c)
        first = int(c.value("SELECT min(seq) FROM events WHERE totals IS NOT NULL"))
        seq, logged = 0, _logged(c, 0, first)
    while not logged.is_empty():
        with lease(path, write=True) as made:
            _replay(made, logged, database.log_path)
        seq = int(logged["seq"][-1])
        with database.look() as c:
            logged = _logged(c, seq, min(seq + _CHUNK, head.seq))
    path.chmod(0o600)
    if database.log_path.exists():
        shutil.copyfile(database.log_path, out / record.NAME)
        (out / record.NAME).chmod(0o600)
    with lease(path, write=False) as made:
        here = dumps(made)
        told = Anchor(head.seq, head.hash, over({}, totals(made, tables(made).values())))
    anchors.write_anchor(out / database.anchor_path.name, told)
    return Rebuilt(seq, {name: len(rows) for name, rows in here.items()}, _differences(there, here))


def dumps(c: Lease) -> dict[str, list[str]]:
    """Every row of every table that events tell of, and the events themselves, as JSON text in one fixed order."""
    return {name: _dump(c, name) for name in [*tables(c), "events"]}


def _dump(c: Lease, table: str) -> list[str]:
    rows = c.frame(f"SELECT to_json({table})::VARCHAR AS told FROM {table}")  # noqa: S608
    return rows["told"].sort().to_list()


def _whole(c: Lease) -> events.Head:
    if version(c) < TOLD_SINCE:
        raise IntegrityAlarm(
            "The events of this workspace do not tell what they did to rows: an older version wrote them. Nothing was "
            "rebuilt; open the workspace once with this version."
        )
    if broken := events.broken_links(c):
        raise IntegrityAlarm(
            f"The chain of events is broken: {broken[0]}. Nothing was rebuilt; restore the latest backup into an empty "
            "folder."
        )
    return events.head(c)


def _logged(c: Lease, after: int, until: int) -> pl.DataFrame:
    """Events in order, `after` excluded, `until` included."""
    return c.frame(
        "SELECT * FROM events WHERE seq > $after AND seq <= $until ORDER BY seq", after=after, until=until
    )


def _replay(made: Lease, logged: pl.DataFrame, log: Path) -> None:
    """Do again what these events did. What came before the first that tells of rows, that one tells at once."""
    for event in logged.to_dicts():
        if event["totals"] is not None and event["kind"] == "workspace_prepared":
            migrate(made, until=int(event["subject"]))
        if place := record.record_of(event):
            replay(made, record.read(log, place), tables(made))
    made.insert("events", logged)


def _differences(there: dict[str, list[str]], here: dict[str, list[str]]) -> list[str]:
    found = []
    for name in sorted(there.keys() | here.keys()):
        held, made = there.get(name, []), here.get(name, [])
        if held != made:
            more, less = Counter(held) - Counter(made), Counter(made) - Counter(held)
            found.append(
                f"the table {name} holds {more.total()} rows that no event tells of, and lacks {less.total()} "
                "that one does"
            )
    return found
