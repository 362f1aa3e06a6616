"""One workspace's database: read and write leases, the event chain and its anchor.

In: who writes. Out: leases on a database that was held against its anchor first. Never: a change without an event, a
commit that is only believed, a new database where one was lost.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from recon.clock import Clock
from recon.disk import rename_durably
from recon.errors import IntegrityAlarm, StorageFailed
from recon.store import anchor as anchors
from recon.store import events, record
from recon.store.anchor import Anchor
from recon.store.changes import Changes, Table, everything, tables
from recon.store.connection import Lease, attached, held, lease, transaction, write_ahead_file
from recon.store.migrate import TOLD_SINCE, keep_files, migrate, migrations, refuse_newer, version
from recon.store.record import append
from recon.store.totals import Totals, over, totals

Signature = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True)
class Closed:
    """The last event of a transaction, and what the tables that it touched hold after it."""

    head: events.Head
    held: Totals

    def anchor(self, before: Anchor | None) -> Anchor:
        """What the anchor says from now on."""
        return Anchor(
            self.head.seq, self.head.hash, over((before.totals if before else None) or {}, self.held)
        )


@dataclass
class Writer:
    """A write lease that knows who writes and when, and adds the events that go with the change."""

    c: Lease
    by: str
    at: datetime
    engine_version: str
    _known: dict[str, Table]
    _changes: Changes
    _last: events.Head
    _log: Path
    _waiting: list[dict[str, Any]] = field(default_factory=list)

    @property
    def seq(self) -> int:
        """The number of the last event, those of this transaction included."""
        return self._last.seq + len(self._waiting)

    def event(self, kind: str, subject: str, /, **payload: Any) -> None:
        """Tell what was done, in this transaction. It is written when the transaction ends."""
        self._waiting.append({"kind": kind, "subject": subject, "payload": payload})

    def close(self) -> Closed | None:
        """Write the events, the last with what was done to rows and what is held then; None when nothing was done."""
        if not self._waiting and not self._changes.tables:
            return None
        if not self._waiting:
            self.event("stored", ", ".join(sorted(self._changes.tables)))
        first = self._last.seq == 0
        held = totals(
            self.c, [table for table in self._known.values() if first or table.name in self._changes.tables]
        )
        text = self._changes.text()
        record = append(self._log, text).told() if text else {}
        for waiting in self._waiting[:-1]:
            self._add(waiting)
        self._add(
            self._waiting[-1], totals=json.dumps(over({}, held) if first else held, sort_keys=True), **record
        )
        return Closed(self._last, held)

    def _add(self, waiting: dict[str, Any], **told: Any) -> None:
        event = events.make(
            self._last,
            happened_at=self.at,
            done_by=self.by,
            engine_version=self.engine_version,
            **waiting,
            **told,
        )
        self.c.add("events", **event)
        self._last = events.Head(event["seq"], event["hash"])


@dataclass
class Database:
    """`recon.duckdb` of one workspace. Holds nothing open.

    It is held against its anchor whenever one of its files is not as this object last saw it. Raises IntegrityAlarm
    when they do not fit, StorageFailed when the disk fails or a newer program wrote the workspace.
    """

    home: Path
    clock: Clock
    engine_version: str
    _ready: bool = field(default=False, repr=False)
    _seen: Signature | None = field(default=None, repr=False)
    _known: dict[str, Table] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> Path:
        return self.home / "recon.duckdb"

    @property
    def anchor_path(self) -> Path:
        return self.home / "anchor"

    @property
    def log_path(self) -> Path:
        return self.home / record.NAME

    @contextmanager
    def read(self) -> Generator[Lease]:
        """A read lease, beside other readers, on a database that proved itself."""
        self._prepare()
        with held(self.path, write=False), self._reading() as c:
            yield c

    @contextmanager
    def look(self) -> Generator[Lease]:
        """A read lease that is held against nothing: for `check` and the recovery page."""
        if not self.path.exists():
            raise IntegrityAlarm(f"There is no database {self.path}. {anchors.ADVICE}")
        with lease(self.path, write=False) as c:
            yield c

    @contextmanager
    def still(self) -> Generator[tuple[events.Head, list[Path]]]:
        """The last event of a database that proved itself, and its files, which nobody writes while inside."""
        self._prepare()
        with held(self.path, write=False):
            with self._reading() as c:
                head = events.head(c)
            files = [self.path, write_ahead_file(self.path), self.anchor_path, self.log_path]
            exports = sorted((self.home / "exports").iterdir()) if (self.home / "exports").is_dir() else []
            yield (
                head,
                [path for path in (*files, *exports) if path.is_file() and not path.name.startswith(".")],
            )

    @contextmanager
    def write(self, by: str) -> Generator[Writer]:
        """A write lease, alone. When the block ends its events are added, the commit is proved, the anchor told."""
        self._prepare()
        with held(self.path, write=True):
            if self._seen != self._signature():
                self._confirm()
            with self._writing(by) as writer:
                yield writer

    def anchor(self) -> Anchor | None:
        """What the anchor file says."""
        return anchors.read_anchor(self.anchor_path)

    @contextmanager
    def _reading(self) -> Generator[Lease]:
        """One read transaction, inside our lock; looked over first unless the files are as they were last seen."""
        now = self._signature()
        with (
            attached(self.path, write=False) as connection,
            transaction(connection, write=False) as c,
        ):
            if self._seen != now and self._look_over(c):
                self._seen = now
            yield c

    def _look_over(self, c: Lease) -> bool:
        """Refuse what is off. False where the anchor has still to be told of a commit that a crash kept from it."""
        refuse_newer(version(c))
        anchor = self.anchor()
        anchors.refuse(anchors.what_is_off(c, anchor, self._tables(c), self.log_path), anchor)
        return anchors.anchor_of(c, anchor) == anchor

    def _writer(self, c: Lease, by: str, changes: Changes) -> Writer:
        known, head = self._tables(c), events.head(c)
        return Writer(c, by, self.clock.now(), self.engine_version, known, changes, head, self.log_path)

    def _tables(self, c: Lease) -> dict[str, Table]:
        """The tables of this shape, read once: only a newer program could alter them meanwhile, and is refused."""
        if not self._known:
            self._known = tables(c)
        return self._known

    def _confirm(self) -> None:
        """Look the files over before they are opened for writing, so that those that are off stay as they are.

        The anchor is told of a last commit that it does not know, before there can be a second one.
        """
        told = self.anchor()
        with self._reading() as c:
            due = anchors.anchor_of(c, told)
        if due and due != told:
            anchors.write_anchor(self.anchor_path, due)

    @contextmanager
    def _writing(self, by: str) -> Generator[Writer]:
        """One write transaction, inside our lock."""
        self._seen = None
        changes = Changes(frozenset(name for name, table in self._known.items() if table.key))
        with attached(self.path, write=True) as connection:
            with transaction(connection, write=True, changes=changes) as c:
                writer = self._writer(c, by, changes)
                yield writer
                told = writer.close()
            if told:
                _prove(connection, told.head)
                anchors.write_anchor(self.anchor_path, told.anchor(self.anchor()))
        self._seen = self._signature()

    def _prepare(self) -> None:
        """Make the workspace if there is none, and bring an older one to today's shape; once a process."""
        if self._ready and self.path.exists():
            return
        self._make_folder()
        if self._shape() != migrations()[-1][0]:
            with held(self.path, write=True):
                self._shape_up()
        self._ready = True

    def _shape(self) -> int:
        """Which shape the database has; 0 where there is none yet."""
        if self._is_new():
            return 0
        with held(self.path, write=False), self._reading() as c:
            return version(c)

    def _shape_up(self) -> None:
        """Make or migrate, alone; another process may have done so while this one waited."""
        if self._is_new():
            self._make()
            return
        with self._reading() as c:
            present, seq = version(c), events.head(c).seq
        if present < migrations()[-1][0]:
            keep = f"before-shape-{migrations()[-1][0]}-event-{seq:08d}"
            keep_files(
                [self.path, write_ahead_file(self.path), self.anchor_path, self.log_path],
                self.home / "backups" / keep,
            )
            self._confirm()
            told = self._shaped(self.path, present)
            anchors.write_anchor(self.anchor_path, told.anchor(self.anchor()))

    def _make(self) -> None:
        """A new database, under its name only once it is whole: a crash before leaves nothing that looks like one."""
        first = self.home / ".recon.duckdb.first"
        for left in (first, write_ahead_file(first)):
            left.unlink(missing_ok=True)
        told = self._shaped(first, 0)
        first.chmod(0o600)
        rename_durably(first, self.path)
        anchors.write_anchor(self.anchor_path, told.anchor(None))

    def _shaped(self, path: Path, present: int) -> Closed:
        """Bring a database to today's shape in one transaction; what its events did not tell of rows, this one does."""
        self._seen = None
        with attached(path, write=True) as connection:
            with transaction(connection, write=True) as c:
                migrate(c)
                self._known = {}
                changes = everything(c, self._tables(c)) if 0 < present < TOLD_SINCE else Changes()
                writer = self._writer(c, "recon", changes)
                writer.event("workspace_prepared", str(migrations()[-1][0]))
                told = writer.close()
            assert told is not None
            _prove(connection, told.head)
        return told

    def _is_new(self) -> bool:
        """Whether there is nothing here yet. Raises IntegrityAlarm where a database is missing that was here."""
        if self.path.exists():
            return False
        rests = [path.name for path in (self.anchor_path, write_ahead_file(self.path)) if path.exists()]
        if rests:
            raise IntegrityAlarm(
                f"The database {self.path} is gone, but {' and '.join(rests)} of it is here. {anchors.ADVICE}"
            )
        return True

    def _signature(self) -> Signature:
        """How the files look from outside; asked inside our lock, where nobody writes them."""
        return tuple(
            _look_of(path)
            for path in (self.path, write_ahead_file(self.path), self.anchor_path, self.log_path)
        )

    def _make_folder(self) -> None:
        try:
            (self.home / "exports").mkdir(mode=0o700, parents=True, exist_ok=True)
            self.home.chmod(0o700)
        except OSError as error:
            raise StorageFailed(
                f"The workspace folder {self.home} cannot be made: {error.strerror}. Nothing was changed; "
                "choose another with --home or RECON_HOME."
            ) from error


def _prove(connection: duckdb.DuckDBPyConnection, told: events.Head) -> None:
    """Read the last event back: after an error inside a transaction COMMIT says nothing and stores nothing."""
    with transaction(connection, write=False) as c:
        if events.head(c) != told:
            raise StorageFailed(
                f"The database did not keep event {told.seq} though it said so: an error inside the step was passed "
                "over. Nothing of this step was stored; run `python -m recon check` and report this."
            )


def _look_of(path: Path) -> tuple[int, int, int] | None:
    try:
        told = path.stat()
    except FileNotFoundError:
        return None
    return told.st_ino, told.st_size, told.st_mtime_ns


def new_id(prefix: str) -> str:
    """A fresh id that sorts by nothing and collides with nothing."""
    return f"{prefix}_{uuid.uuid4().hex[:20]}"
