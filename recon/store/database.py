"""One workspace's database: read and write leases, the event chain and its anchor."""

from __future__ import annotations

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from recon.clock import Clock
from recon.errors import StorageFailed
from recon.store import events
from recon.store.connection import Lease, lease
from recon.store.migrate import migrate, migrations, version


@dataclass
class Writer:
    """A write lease that knows who writes and when, and adds the event that goes with the change."""

    c: Lease
    by: str
    at: datetime
    engine_version: str
    last: events.Head

    def event(self, kind: str, subject: str, /, **payload: Any) -> None:
        """Append what was done, in this transaction."""
        self.last = events.add(
            self.c,
            self.last,
            at=self.at,
            by=self.by,
            kind=kind,
            subject=subject,
            payload=payload,
            engine_version=self.engine_version,
        )


@dataclass
class Database:
    """`recon.duckdb` of one workspace. Holds nothing open."""

    home: Path
    clock: Clock
    engine_version: str
    _ready: bool = field(default=False, repr=False)

    @property
    def path(self) -> Path:
        return self.home / "recon.duckdb"

    @property
    def anchor_path(self) -> Path:
        return self.home / "anchor"

    @contextmanager
    def read(self) -> Generator[Lease]:
        """A read lease, beside other readers."""
        self._prepare()
        with lease(self.path, write=False) as c:
            yield c

    @contextmanager
    def write(self, by: str) -> Generator[Writer]:
        """A write lease, alone; checked against the anchor before, told to it after the commit."""
        self._prepare()
        with self._writing(by) as writer:
            yield writer

    @contextmanager
    def _writing(self, by: str) -> Generator[Writer]:
        written: list[Writer] = []

        def tell_anchor() -> None:
            events.write_anchor(self.anchor_path, written[0].last)

        with lease(self.path, write=True, committed=tell_anchor) as c:
            if version(c):
                events.compare(c, events.read_anchor(self.anchor_path))
            else:
                migrate(c)
            written.append(Writer(c, by, self.clock.now(), self.engine_version, events.head(c)))
            yield written[0]

    def _prepare(self) -> None:
        """Make the workspace if there is none, and bring an older one to today's shape; once a process."""
        if self._ready and self.path.exists():
            return
        self._make_folder()
        if not self.path.exists() or self._shape() != migrations()[-1][0]:
            with self._writing("recon") as writer:
                migrate(writer.c)
                writer.event("workspace_prepared", str(migrations()[-1][0]))
        self.path.chmod(0o600)
        self._ready = True

    def _shape(self) -> int:
        with lease(self.path, write=False) as c:
            return version(c)

    def _make_folder(self) -> None:
        try:
            (self.home / "exports").mkdir(mode=0o700, parents=True, exist_ok=True)
            self.home.chmod(0o700)
        except OSError as error:
            raise StorageFailed(
                f"The workspace folder {self.home} cannot be made: {error.strerror}. Nothing was changed; "
                "choose another with --home or RECON_HOME."
            ) from error


def new_id(prefix: str) -> str:
    """A fresh id that sorts by nothing and collides with nothing."""
    return f"{prefix}_{uuid.uuid4().hex[:20]}"
