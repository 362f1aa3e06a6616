"""The only door to the database file: a short lease, one transaction, and nothing held open.

lock file (ours) → an in-memory DuckDB instance from a small pool → ATTACH (TYPE duckdb) → one transaction →
DETACH → unlock. The file is never opened by its path: DuckDB 2.0.0 reads the header before it takes its own
lock and so loses other processes' commits; naming the type on ATTACH skips that first look. Our lock lives
on a file beside the database, because DuckDB's own falls when anything else in the process closes the file.

In: a path, and whether to write. Out: a `Lease`. Never: an instance used again after the disk or the file failed it,
a statement that holds two, an error of the file that looks like an error of the caller.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import polars as pl

from recon.disk import locked
from recon.errors import IntegrityAlarm, StorageFailed, UsageError
from recon.store.changes import Changes, target

LOCK_WAIT_SECONDS = 30.0
MEMORY_LIMIT = ("2GB", "1.8 GiB")
"""As it is set, and as DuckDB reads it back."""
_BROKEN = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.OutOfMemoryException,
    duckdb.SerializationException,
)
_DISK = (
    "No space left", "Disk quota", "Input/output error", "Permission denied", "Read-only file system", "fsync",
    "Too many open files", "Could not write", "Could not set lock", "Cannot open file", "Out of Memory", "interrupted",
)  # fmt: skip
"""What DuckDB says when the machine failed it; anything else it cannot read is a damaged file."""
_thread = threading.local()
_idle: dict[tuple[int, Path], list[duckdb.DuckDBPyConnection]] = {}
_proven: set[str] = set()


class Lease:
    """One open transaction. Every statement takes named parameters (`$name`); none is built from data.

    changes: where a writing lease notes each row that it adds, changes or removes.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, changes: Changes | None = None) -> None:
        self._connection = connection
        self._changes = changes

    def frame(self, query: str, **params: Any) -> pl.DataFrame:
        """Rows of one SELECT as polars."""
        return self._connection.sql(self._single(query), params=params or None).pl()

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
        """One INSERT, UPDATE, DELETE or CREATE. What it does to rows is noted where changes are."""
        aim = target(statement) if self._changes else None
        if self._changes is None or aim is None:
            self._execute(statement, params)
        elif aim.verb == "UPDATE" and aim.table not in self._changes.keyed:
            self._run_compared(statement, aim.table, params, self._changes)
        else:
            told = self._execute(f"{statement} RETURNING to_json({aim.table})::VARCHAR", params)
            self._changes.note(aim.table, [row[0] for row in told], gone=aim.verb == "DELETE")

    def _run_compared(self, statement: str, table: str, params: dict[str, Any], changes: Changes) -> None:
        """An UPDATE of rows without a key: which they were is only seen by holding all against all."""
        every = f"SELECT to_json({table})::VARCHAR FROM {table}"  # noqa: S608
        before = Counter(row[0] for row in self._execute(every, {}))
        self._execute(statement, params)
        after = Counter(row[0] for row in self._execute(every, {}))
        changes.note(table, list((before - after).elements()), gone=True)
        changes.note(table, list((after - before).elements()))

    def insert(self, table: str, frame: pl.DataFrame) -> int:
        """Append a frame's rows by column name; the columns must exist. Returns how many."""
        if frame.is_empty():
            return 0
        columns = ", ".join(f'"{name}"' for name in frame.columns)
        statement = f"INSERT INTO {_identifier(table)} ({columns}) SELECT {columns} FROM incoming"  # noqa: S608
        with self.given(incoming=frame):
            self._execute(statement, {})
            if self._changes and target(statement):
                told = self._execute("SELECT to_json(incoming)::VARCHAR FROM incoming", {})
                self._changes.note(table, [row[0] for row in told])
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

    def _execute(self, statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(self._single(statement), params or None).fetchall()

    def _single(self, statement: str) -> str:
        """The statement, unless it is several: DuckDB would run what follows a semicolon as well."""
        if statement not in _proven:
            if len(self._connection.extract_statements(statement)) != 1:
                raise UsageError("A lease runs one statement at a time. Nothing was done.")
            _proven.add(statement)
        return statement


def _identifier(name: str) -> str:
    if not name.replace("_", "").isalnum():
        raise UsageError(f"“{name}” is no table name.")
    return name


@contextmanager
def held(database: Path, *, write: bool, wait: float = LOCK_WAIT_SECONDS) -> Generator[None]:
    """Our lock on a workspace: alone if `write`, beside other readers if not.

    Raises LockBusy after `wait` seconds, UsageError in a thread that holds it already.
    """
    if getattr(_thread, "leased", False):
        raise UsageError("A lease is open in this thread already; finish it before taking another.")
    with locked(lock_file(database), exclusive=write, wait=wait):
        _thread.leased = True
        try:
            yield
        finally:
            _thread.leased = False


def lock_file(database: Path) -> Path:
    """Where our lock on a database lives."""
    return database.with_name(database.name + ".lock")


def write_ahead_file(database: Path) -> Path:
    """DuckDB's own log of what is committed and not yet in the file. Only DuckDB may take it away."""
    return database.with_name(database.name + ".wal")


@contextmanager
def attached(database: Path, *, write: bool) -> Generator[duckdb.DuckDBPyConnection]:
    """An instance that has the file at hand, inside `held`.

    One that the disk or the file failed is closed and never used again. Raises StorageFailed or IntegrityAlarm then.
    """
    connection = _take(database.parent.resolve())
    try:
        _attach(connection, database, write)
        connection.execute("USE recon")
        yield connection
        connection.execute("USE memory")
        connection.execute("DETACH recon")
    except BaseException as error:
        if is_broken(error):
            connection.close()
            _refuse(error, database)
        if _let_go(connection):
            _keep(connection, database)
        else:
            connection.close()
        raise
    _keep(connection, database)


@contextmanager
def transaction(
    connection: duckdb.DuckDBPyConnection, *, write: bool, changes: Changes | None = None
) -> Generator[Lease]:
    """Commits when the block ends, rolls back on anything raised, even a stop of the page."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield Lease(connection, changes)
        connection.execute("COMMIT" if write else "ROLLBACK")
    except BaseException as error:
        if not is_broken(error):
            with suppress(duckdb.Error):  # an instance that cannot even roll back is not kept, see `attached`
                connection.execute("ROLLBACK")
        raise


@contextmanager
def lease(database: Path, *, write: bool, wait: float = LOCK_WAIT_SECONDS) -> Generator[Lease]:
    """One transaction on the file and nothing else: no look at the anchor, no event. `Database` has those."""
    with (
        held(database, write=write, wait=wait),
        attached(database, write=write) as connection,
        transaction(connection, write=write) as c,
    ):
        yield c


def is_broken(error: BaseException) -> bool:
    """Whether DuckDB says that the machine or the file failed it.

    A WAL that it cannot replay is a plain `duckdb.Error`, or a TransactionException where the file is damaged too.
    """
    return (
        isinstance(error, _BROKEN)
        or type(error) is duckdb.Error
        or (isinstance(error, duckdb.Error) and "replaying WAL" in str(error))
    )


def _refuse(error: BaseException, database: Path) -> NoReturn:
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException) or any(words in text for words in _DISK):
        raise StorageFailed(
            f"The disk or memory of this machine failed the workspace {database.parent}: {_first_line(error)} If "
            "this was a change, look whether it is there before you repeat it; what was confirmed before, is."
        ) from error
    raise IntegrityAlarm(
        f"The database {database.name} is damaged: {_first_line(error)} Nothing was changed and no file was removed; "
        "run `python -m recon check`, and restore the latest backup into an empty folder."
    ) from error


def _let_go(connection: duckdb.DuckDBPyConnection) -> bool:
    """Give the file back after something else went wrong; False where even that fails."""
    try:
        connection.execute("USE memory")
        connection.execute("DETACH DATABASE IF EXISTS recon")
    except duckdb.Error:
        return False
    return True


def _take(folder: Path) -> duckdb.DuckDBPyConnection:
    """An instance of this process for this folder, used by one thread at a time."""
    idle = _idle.setdefault((os.getpid(), folder), [])
    try:
        return idle.pop()
    except IndexError:
        return _new_instance(folder)


def _keep(connection: duckdb.DuckDBPyConnection, database: Path) -> None:
    _idle.setdefault((os.getpid(), database.parent.resolve()), []).append(connection)


def _new_instance(folder: Path) -> duckdb.DuckDBPyConnection:
    """In memory, closed to everything but the folder; its settings read back, and refused if they are others."""
    connection = duckdb.connect(":memory:")
    quoted = str(folder).replace("'", "''")
    settings = {
        "TimeZone": ("'UTC'", "UTC"),
        "python_enable_replacements": ("false", False),
        "autoinstall_known_extensions": ("false", False),
        "autoload_known_extensions": ("false", False),
        "allow_community_extensions": ("false", False),
        "memory_limit": (f"'{MEMORY_LIMIT[0]}'", MEMORY_LIMIT[1]),
        "temp_directory": (f"'{quoted}/tmp'", f"{folder}/tmp"),
        "allowed_directories": (f"['{quoted}']", [f"{folder}/", f"{folder}/tmp/"]),
        "enable_external_access": ("false", False),
        "lock_configuration": ("true", True),
    }
    asked = ", ".join(f"current_setting('{name}')" for name in settings)
    try:
        for name, (wanted, _) in settings.items():
            connection.execute(f"SET {name} = {wanted}")
        told = connection.execute(f"SELECT {asked}").fetchall()[0]
    except duckdb.Error as error:
        connection.close()
        raise StorageFailed(
            f"The database engine could not be set up: {_first_line(error)} Nothing was opened or changed; look at "
            "this machine's disk and memory."
        ) from error
    for (name, (_, kept)), now in zip(settings.items(), told, strict=True):
        if now != kept:
            connection.close()
            raise StorageFailed(
                f"The database engine does not keep the setting {name} that protects the workspace (it says “{now}”). "
                "Nothing was opened; install the version of DuckDB that the lock file names."
            )
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
                raise
            time.sleep(random.uniform(0.005, 0.05))


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0]
