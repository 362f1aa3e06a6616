"""Where a step meets the machine: statements, fsyncs, renames, locks, writes and the clock, counted one by one.

In: the number of a crossing and what to do there. Out: how many crossings a step has, and their names.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from recon.clock import Clock

CALLS = ((os, "fsync"), (os, "replace"), (os, "rename"), (os, "open"), (os, "pwrite"), (fcntl, "flock"))
"""System calls as our own code makes them."""
_DISK_FULL = {"open": errno.ENOSPC, "pwrite": errno.ENOSPC, "replace": errno.ENOSPC, "flock": errno.ENOLCK}


@dataclass
class Seams:
    """Counts crossings while installed. At the `at`-th one (from 1) something goes wrong; 0 only counts.

    kind: `fails` raises as a full or broken disk does, `late` raises after the call was carried out (an
    answer that was lost), `kill` ends the process before it. A clock that fails is a day off, no error.
    """

    at: int = 0
    kind: str = "fails"
    passed: list[str] = field(default_factory=list)

    @property
    def fired(self) -> str | None:
        """The crossing that went wrong, once it did."""
        return self.passed[self.at - 1] if 0 < self.at <= len(self.passed) else None

    def cross(self, name: str, call: Callable[[], Any], error: Callable[[], Exception]) -> Any:
        """One crossing."""
        self.passed.append(name)
        if len(self.passed) != self.at:
            return call()
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == "late":
            _finished(call())
        raise error()

    def clock(self, told: datetime) -> datetime:
        """The clock is read; at the crossing it jumps back by 40 days."""
        self.passed.append("clock")
        if len(self.passed) != self.at:
            return told
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return told - timedelta(days=40)


def _finished(answer: Any) -> None:
    """Carried out to its end: DuckDB computes an answer while it is read."""
    if isinstance(answer, duckdb.DuckDBPyRelation):
        answer.pl()
    elif isinstance(answer, duckdb.DuckDBPyConnection):
        answer.fetchall()


class _Counted:
    """A DuckDB connection whose every statement is a crossing."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seams: Seams) -> None:
        self._connection, self._seams = connection, seams

    def execute(self, statement: str, *params: Any) -> Any:
        return self._cross(statement, lambda: self._connection.execute(statement, *params))

    def sql(self, statement: str, **params: Any) -> Any:
        return self._cross(statement, lambda: self._connection.sql(statement, **params))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def _cross(self, statement: str, call: Callable[[], Any]) -> Any:
        name = " ".join(statement.split()[:3])
        return self._seams.cross(
            name, call, lambda: duckdb.IOException("IO Error: Could not write file: No space left on device")
        )


@contextmanager
def installed(seams: Seams) -> Generator[Seams]:
    """Let every crossing inside be counted."""
    real_connect = duckdb.connect
    real = [(module, name, getattr(module, name)) for module, name in CALLS]
    clocks = [(one, one.now) for one in (Clock, *Clock.__subclasses__())]
    duckdb.connect = lambda *given: _Counted(real_connect(*given), seams)  # type: ignore[assignment]
    for module, name, call in real:
        setattr(module, name, _counted(seams, name, call))
    for clock, now in clocks:
        clock.now = lambda self, now=now: seams.clock(now(self))  # type: ignore[method-assign]
    try:
        yield seams
    finally:
        duckdb.connect = real_connect
        for module, name, call in real:
            setattr(module, name, call)
        for clock, now in clocks:
            clock.now = now  # type: ignore[method-assign]


def _counted(seams: Seams, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    code = _DISK_FULL.get(name, errno.EIO)

    def crossing(*given: Any, **named: Any) -> Any:
        return seams.cross(name, lambda: call(*given, **named), lambda: OSError(code, os.strerror(code)))

    return crossing
