"""What can be said of a workspace that does not open: what is off, which files are here, what still can be read.

In: a workspace. Out: plain values for a page. Never: a write, a mended record, a file moved or removed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recon.errors import LockBusy, StoreError
from recon.flow.workspace import Store
from recon.post.formats.cells import csv_bytes, masked
from recon.sealing import SUFFIX
from recon.store import events, statements
from recon.store.connection import Lease

_COUNTS = ("lines", "items", "decisions", "allocations", "journals", "events")


@dataclass(frozen=True)
class File:
    """One file of the workspace as it lies there."""

    name: str
    size: int
    changed_at: datetime


@dataclass(frozen=True)
class Readable:
    """One part of the records: how much of it can be read, or why it cannot."""

    what: str
    rows: int | None
    words: str


@dataclass(frozen=True)
class Recovery:
    """A workspace that does not open. words: what keeps it; damaged: whether records contradict themselves."""

    words: str
    damaged: bool
    found: list[str]
    files: list[File]
    backups: list[Path]
    readable: list[Readable]
    last: dict[str, Any] | None


def trouble(store: Store) -> StoreError | None:
    """What keeps the workspace from opening; None when it opens, or somebody is just at work on it."""
    try:
        with store.database.read():
            return None
    except LockBusy:
        return None
    except StoreError as error:
        return error


def recovery(store: Store, error: StoreError) -> Recovery:
    """Look at what is left, each part by itself, so that one that is damaged does not hide the others."""
    return Recovery(
        words=error.words,
        damaged=error.exit_code == 40,
        found=list(error.fields.get("found") or ()),
        files=_files(store.home),
        backups=_backups(store),
        readable=[_readable(store, table) for table in _COUNTS],
        last=_last(store),
    )


def lines_that_can_be_read(store: Store) -> bytes | None:
    """Every bank line as CSV, to be looked at beside a backup; None where they cannot be read."""
    lines = _read(store, statements.all_lines)
    if lines is None:
        return None
    return csv_bytes(masked(lines.drop("references")), numbers=())


def _readable(store: Store, table: str) -> Readable:
    try:
        with store.database.look() as c:
            # Every column is read, so that a damaged part of it shows.
            rows = c.frame(f"SELECT to_json({table})::VARCHAR AS row FROM {table}").height  # noqa: S608
    except Exception as error:  # whatever a damaged file makes of it, it is told and not raised
        return Readable(table, None, str(error).splitlines()[0])
    return Readable(table, rows, "")


def _last(store: Store) -> dict[str, Any] | None:
    found = _read(store, lambda c: events.page(c, limit=1)[1])
    return found[0] if found else None


def _read(store: Store, query: Callable[[Lease], Any]) -> Any:
    try:
        with store.database.look() as c:
            return query(c)
    except Exception:  # as above
        return None


def _files(home: Path) -> list[File]:
    paths = sorted(path for path in home.iterdir() if path.is_file()) if home.is_dir() else []
    told = [(path, path.stat()) for path in paths]
    return [
        File(path.name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))
        for path, stat in told
        if path.suffix != ".lock"
    ]


def _backups(store: Store) -> list[Path]:
    """Backups at hand, newest first."""
    folders = [store.home / "backups", *([store.settings.backups] if store.settings.backups else [])]
    found = [path for folder in folders if folder.is_dir() for path in folder.glob(f"*{SUFFIX}")]
    return sorted(
        (path for path in found if not path.name.startswith(".")),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
