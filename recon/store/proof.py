"""What only a full look finds: damaged records, keys that their index lost. The quick look is `anchor.what_is_off`.

In: a lease; for the index one that may write and is rolled back afterwards. Out: findings in words. Never: a change
that stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from recon.errors import IntegrityAlarm
from recon.store import events, record
from recon.store.changes import Table
from recon.store.connection import Lease


def damaged_records(c: Lease, log: Path) -> list[str]:
    """Records of changes that are not what their event was bound to, in words."""
    found = []
    for event in events.walk(c):
        try:
            if place := record.record_of(event):
                record.read(log, place)
        except IntegrityAlarm as alarm:
            found.append(f"event {event['seq']} ({event['kind']}): {alarm.words}")
    return found


def lost_by_index(c: Lease, known: Iterable[Table]) -> list[str]:
    """Rows that a full scan of a table finds and the index of its key does not.

    Every row is put in once more: its key is taken, unless the index does not know it. The caller rolls back.
    """
    found = []
    for table in known:
        columns = ", ".join(f'"{name}"' for name in table.columns)
        lost = c.frame(
            f"""INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {table.name}
            ON CONFLICT DO NOTHING RETURNING 1 AS lost"""  # noqa: S608
        ).height
        if lost:
            found.append(f"the index of {table.name} does not know {lost} of its rows")
    return found
