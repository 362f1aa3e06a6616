"""The only door to the database file: a short lease, one transaction, and nothing held open.

lock file (ours) → an in-memory DuckDB instance from a small pool → ATTACH (TYPE duckdb) → one transaction →
DETACH → unlock. The file is never opened by its path: DuckDB 2.0.0 reads the header before it takes its own
lock and so loses other processes' commits; naming the type on ATTACH skips that first look. Our lock lives
on a file beside the database, because DuckDB's own falls when anything else in the process closes the file.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from recon.disk import locked
from recon.errors import StorageFailed, UsageError

LOCK_WAIT_SECONDS = 30.0
MEMORY_LIMIT = "2GB"
_BROKEN = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.OutOfMemoryException)
_thread = threading.local()
_idle: dict[tuple[int, Path], list[duckdb.DuckDBPyConnection]] = {}


class Lease:
    """One open transaction. Every statement takes named parameters (`$name`); none is built from data."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def frame(self, query: str, **params: Any) -> pl.DataFrame:
        """Rows of one SELECT as polars."""
        return self._connection.sql(query, params=params or None).pl()

    def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Rows of one small SELECT as dictionaries."""
        return self.frame(query, **params).to_dicts()

    def row(self, query: str, **params: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        found = self.rows(query, **params)
        return found[0] if found else None

    def value(self, query: str, **params: Any) -> Any:
        """The one value of a one-row, one-column SELECT."""
        return self.frame(query, **params).item()

    def run(self, statement: str, **params: Any) -> None:
        """One INSERT, UPDATE, DELETE or CREATE."""
        self._connection.execute(statement, params or None).fetchall()

    def insert(self, table: str, frame: pl.DataFrame) -> int:
        """Append a frame's rows by column name; the columns must exist. Returns how many."""
        if frame.is_empty():
            return 0
        columns = ", ".join(f'"{name}"' for name in frame.columns)
        with self.given(incoming=frame):
            self.run(f"INSERT INTO {_identifier(table)} ({columns}) SELECT {columns} FROM incoming")  # noqa: S608
        return frame.height

    def add(self, table: str, **values: Any) -> None:
        """Append one row."""
        columns = ", ".join(f'"{name}"' for name in values)
        slots = ", ".join(f"${name}" for name in values)
        self.run(f"INSERT INTO {_identifier(table)} ({columns}) VALUES ({slots})", **values)  # noqa: S608

    @contextmanager
    def given(self, **frames: pl.DataFrame) -> Generator[None]:
        """Let statements read these frames by name while inside."""
        for name, frame in frames.items():
            self._connection.register(name, frame)
        try:
            yield
        finally:
            for name in frames:
                self._connection.unregister(name)


def _identifier(name: str) -> str:
    if not name.replace("_", "").isalnum():
        raise UsageError(f"“{name}” is no table name.")
    return name


@contextmanager
def lease(
    database: Path,
    *,
    write: bool,
    wait: float = LOCK_WAIT_SECONDS,
    committed: Callable[[], None] | None = None,
) -> Generator[Lease]:
    """One transaction on the file, alone if `write`, beside other readers if not.

    Commits when the block ends, rolls back on anything raised, even a stop of the page; `committed` is
    called after the commit while the lock is still ours. Raises LockBusy after `wait` seconds,
    StorageFailed when the file cannot be used.
    """
    if getattr(_thread, "leased", False):
        raise UsageError("A lease is open in this thread already; finish it before taking another.")
    with locked(database.with_name(database.name + ".lock"), exclusive=write, wait=wait):
        _thread.leased = True
        try:
            yield from _transaction(database, write)
            if committed:
                committed()
        finally:
            _thread.leased = False


def _transaction(database: Path, write: bool) -> Generator[Lease]:
    with _instance(database.parent.resolve()) as connection:
        _attach(connection, database, write)
        try:
            connection.execute("USE recon")
            connection.execute("BEGIN TRANSACTION")
            try:
                yield Lease(connection)
                connection.execute("COMMIT" if write else "ROLLBACK")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        except _BROKEN as error:
            raise StorageFailed(
                f"The database said no: {_first_line(error)} Nothing of this step was stored; "
                "run `python -m recon check` and try again."
            ) from error
        finally:
            connection.execute("USE memory")
            connection.execute("DETACH recon")


@contextmanager
def _instance(folder: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """An instance of this process for this folder, used by one thread at a time and kept for the next.

    One that failed is not kept.
    """
    idle = _idle.setdefault((os.getpid(), folder), [])
    connection = idle.pop() if idle else _new_instance(folder)
    try:
        yield connection
    except (*_BROKEN, StorageFailed):
        connection.close()
        raise
    except BaseException:
        idle.append(connection)
        raise
    idle.append(connection)


def _new_instance(folder: Path) -> duckdb.DuckDBPyConnection:
    """In memory, and closed to everything but the folder."""
    connection = duckdb.connect(":memory:")
    quoted = str(folder).replace("'", "''")
    for setting in (
        "TimeZone='UTC'",
        "python_enable_replacements=false",
        "autoinstall_known_extensions=false",
        "autoload_known_extensions=false",
        "allow_community_extensions=false",
        f"memory_limit='{MEMORY_LIMIT}'",
        f"temp_directory='{quoted}/tmp'",
        f"allowed_directories=['{quoted}']",
        "enable_external_access=false",
        "lock_configuration=true",
    ):
        connection.execute(f"SET {setting}")
    return connection


def _attach(connection: duckdb.DuckDBPyConnection, database: Path, write: bool) -> None:
    path = str(database.resolve()).replace("'", "''")
    mode = "TYPE duckdb" if write else "TYPE duckdb, READ_ONLY"
    deadline = time.monotonic() + 15
    while True:
        try:
            connection.execute(f"ATTACH '{path}' AS recon ({mode})")
            return
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error) or time.monotonic() > deadline:
                raise StorageFailed(
                    f"The workspace file {database} cannot be opened: {_first_line(error)} Nothing was changed."
                ) from error
            time.sleep(random.uniform(0.005, 0.05))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
