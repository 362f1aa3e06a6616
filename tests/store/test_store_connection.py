"""The lease: one transaction, all or nothing, and nothing lost between processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import duckdb
import polars as pl
import pytest

from recon.errors import IntegrityAlarm, LockBusy, StorageFailed, StoreError, UsageError
from recon.store import connection
from recon.store.connection import lease

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "recon.duckdb"
    with lease(path, write=True) as c:
        c.run("CREATE TABLE coins (id BIGINT PRIMARY KEY, worth BIGINT)")
    return path


def count(path: Path) -> int:
    with lease(path, write=False) as c:
        return c.value("SELECT count(*) FROM coins")


def test_what_was_written_is_read(database: Path) -> None:
    with lease(database, write=True) as c:
        c.insert("coins", pl.DataFrame({"id": [1, 2], "worth": [10, 20]}))
        c.add("coins", id=3, worth=30)
    with lease(database, write=False) as c:
        assert c.rows("SELECT * FROM coins ORDER BY id") == [
            {"id": 1, "worth": 10},
            {"id": 2, "worth": 20},
            {"id": 3, "worth": 30},
        ]
        assert c.row("SELECT * FROM coins WHERE id = $id", id=99) is None


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, SystemExit])
def test_anything_raised_rolls_everything_back(database: Path, stop: type[BaseException]) -> None:
    """A page that Streamlit stops raises no Exception; its half-done work must not stay."""
    with pytest.raises(stop), lease(database, write=True) as c:
        c.add("coins", id=1, worth=10)
        raise stop
    assert count(database) == 0


def test_a_reader_cannot_write(database: Path) -> None:
    with pytest.raises(Exception, match="read-only"), lease(database, write=False) as c:
        c.add("coins", id=1, worth=10)
    assert count(database) == 0


def test_a_broken_statement_leaves_nothing_and_the_next_lease_works(database: Path) -> None:
    with pytest.raises(Exception, match="nowhere"), lease(database, write=True) as c:
        c.add("coins", id=1, worth=10)
        c.run("INSERT INTO nowhere VALUES (1)")
    with lease(database, write=True) as c:
        c.add("coins", id=2, worth=10)
    assert count(database) == 1


def test_two_leases_in_one_thread_are_refused(database: Path) -> None:
    """Waiting for oneself would hang the page for ever."""
    with lease(database, write=False), pytest.raises(UsageError, match="open in this thread"):
        with lease(database, write=True):
            pass


def test_a_writer_makes_others_wait_and_says_who_holds_the_lock(database: Path) -> None:
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lease(database, write=True):
            inside.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    try:
        with pytest.raises(LockBusy, match=str(os.getpid())), lease(database, write=False, wait=0.1):
            pass
    finally:
        done.set()
        holder.join()


def test_readers_do_not_wait_for_each_other(database: Path) -> None:
    answers: list[int] = []
    both = threading.Barrier(2, timeout=10)

    def read() -> None:
        with lease(database, write=False) as c:
            both.wait()
            answers.append(c.value("SELECT count(*) FROM coins"))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [0, 0]


def test_the_connection_reaches_nothing_outside_its_folder(
    database: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_text("a\n1\n")
    with pytest.raises(Exception, match="disabled"), lease(database, write=False) as c:
        c.frame(f"SELECT * FROM read_csv('{secret}')")
    with pytest.raises(Exception, match="locked"), lease(database, write=True) as c:
        c.run("SET enable_external_access = true")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "recon.duckdb"
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(IntegrityAlarm, match="no file was removed"), lease(path, write=False):
        pass
    assert path.read_bytes() == b"not a database at all" * 1000


def test_two_statements_in_one_are_refused(database: Path) -> None:
    """DuckDB runs what follows a semicolon as well."""
    with pytest.raises(UsageError, match="one statement"), lease(database, write=True) as c:
        c.run("INSERT INTO coins VALUES (1, 10); DROP TABLE coins")
    with pytest.raises(UsageError, match="one statement"), lease(database, write=True) as c:
        c.value("SELECT 1; DROP TABLE coins")
    assert count(database) == 0


def test_an_engine_that_forgets_a_setting_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MEMORY_LIMIT", ("1GB", "1.8 GiB"))
    with pytest.raises(StorageFailed, match="memory_limit"), lease(tmp_path / "x.duckdb", write=True):
        pass


@pytest.mark.parametrize(
    ("words", "raised"),
    [
        ("IO Error: Could not write file: No space left on device", StorageFailed),
        ("IO Error: Could not fsync file: Input/output error", StorageFailed),
        (
            "IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2",
            IntegrityAlarm,
        ),
    ],
)
def test_an_instance_that_the_file_failed_is_never_used_again(
    database: Path, words: str, raised: type[StoreError]
) -> None:
    with lease(database, write=False) as c:
        kept = c._connection
    with pytest.raises(raised), lease(database, write=False) as c:
        assert c._connection is kept
        raise duckdb.IOException(words)
    with pytest.raises(duckdb.ConnectionException):
        kept.execute("SELECT 1")
    assert count(database) == 0


def test_a_log_that_cannot_be_replayed_is_damage(database: Path) -> None:
    """Cases 11 and 36 of the row "damage": the file behind the log was damaged too, and the error was DuckDB's own."""
    words = "TransactionContext Error: Failure while replaying WAL file: Corrupt database file: computed checksum 1"
    with pytest.raises(IntegrityAlarm, match="is damaged"), lease(database, write=False):
        raise duckdb.TransactionException(words)


def test_an_engine_that_cannot_be_set_up_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 8 of the row "failing_writes"."""

    class NoMemory:
        closed = False

        def execute(self, statement: str) -> None:
            raise duckdb.OutOfMemoryException("Out of Memory Error: could not allocate")

        def close(self) -> None:
            self.closed = True

    engine = NoMemory()
    monkeypatch.setattr(duckdb, "connect", lambda *_: engine)
    with pytest.raises(StorageFailed, match="could not be set up"), lease(tmp_path / "x.duckdb", write=True):
        pass
    assert engine.closed


WRITER = """
    import sys
    from pathlib import Path
    from recon.store.connection import lease
    path, first, many = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for number in range(first, first + many):
        with lease(path, write=True) as c:
            c.add("coins", id=number, worth=1)
        print(number, flush=True)
"""


def start_writer(path: Path, first: int, many: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(path), str(first), str(many)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_three_processes_lose_no_acknowledged_commit(database: Path) -> None:
    """DuckDB 2.0.0 opened by its path loses some of these within seconds, without an error."""
    writers = [start_writer(database, 1000 * one, 60) for one in range(3)]
    acknowledged = sorted(
        int(line) for writer in writers for line in writer.communicate(timeout=120)[0].split()
    )
    with lease(database, write=False) as c:
        kept = c.frame("SELECT id FROM coins ORDER BY id")["id"].to_list()
    assert len(acknowledged) == 180
    assert kept == acknowledged


def test_a_killed_writer_loses_nothing_it_acknowledged(database: Path) -> None:
    writer = start_writer(database, 0, 10_000)
    assert writer.stdout is not None
    for line in writer.stdout:
        if int(line) >= 40:
            break
    writer.send_signal(signal.SIGKILL)
    acknowledged = 41 + sum(1 for _ in writer.stdout)
    writer.wait()
    with lease(database, write=True) as c:
        kept = c.frame("SELECT id FROM coins ORDER BY id")["id"].to_list()
    assert len(kept) in (acknowledged, acknowledged + 1)
    assert kept == list(range(len(kept)))
