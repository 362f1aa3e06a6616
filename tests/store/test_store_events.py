"""The audit trail: every event bound to the last, and a database that lost something found out before it is used."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from recon.clock import read_clock
from recon.errors import IntegrityAlarm, StorageFailed
from recon.store import anchor, connection, events
from recon.store.connection import lease
from recon.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(tmp_path / "workspace", read_clock("2026-11-22T08:00:00Z"), "engine-test")
    for number in range(3):
        with made.write("anna") as writer:
            writer.c.add("settings", name=f"thing {number}", value="1")
            writer.event("tested", f"thing {number}", amount_minor=number)
    return made


def broken(database: Database) -> list[str]:
    with database.look() as c:
        return events.broken_links(c)


def tamper(database: Database, statement: str) -> None:
    with lease(database.path, write=True) as c:
        c.run(statement)


def opened_anew(database: Database) -> Database:
    return Database(database.home, database.clock, database.engine_version)


def contents(database: Database) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in database.home.iterdir()
        if path.is_file() and path.suffix != ".lock"
    }


def test_a_chain_left_alone_holds(database: Database) -> None:
    assert broken(database) == []
    with database.read() as c:
        told = database.anchor()
        assert told and events.head(c) == told.head == events.Head(4, told.hash)
        assert told.totals == {"settings": {"rows": 3}}


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ("UPDATE events SET done_by = 'mallory' WHERE seq = 2", "event 2 (tested) is not what was written"),
        ("UPDATE events SET payload = '{}' WHERE seq = 3", "event 3 (tested) is not what was written"),
        ("UPDATE events SET changes_hash = NULL WHERE seq = 3", "event 3 (tested) is not what was written"),
        ("UPDATE events SET totals = NULL WHERE seq = 3", "event 3 (tested) is not what was written"),
        ("UPDATE events SET happened_at = happened_at + INTERVAL 1 DAY WHERE seq = 2", "event 2 (tested)"),
        ("DELETE FROM events WHERE seq = 3", "event 3 is missing"),
    ],
)
def test_every_kind_of_tampering_is_found(database: Database, harm: str, found: str) -> None:
    tamper(database, harm)
    assert any(found in words for words in broken(database))


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ("DELETE FROM settings WHERE name = 'thing 1'", r"settings holds 2 \(rows\), its events tell of 3"),
        ("INSERT INTO settings VALUES ('thing 9', '1')", r"settings holds 4 \(rows\), its events tell of 3"),
        ("INSERT INTO rejected_pairs VALUES ('d', 'l', 'i')", r"rejected_pairs holds 1"),
        (
            "UPDATE events SET done_by = 'mallory' WHERE seq = 4",
            r"event 4 \(tested\) is not what was written",
        ),
        ("DELETE FROM events WHERE seq = 2", "an event is missing"),
        ("DELETE FROM events WHERE seq = 4", "does not hold event 4"),
    ],
)
def test_what_a_quick_look_finds_stops_readers_and_writers(database: Database, harm: str, found: str) -> None:
    tamper(database, harm)
    before = contents(database)
    for one in (database, opened_anew(database)):
        with pytest.raises(IntegrityAlarm, match=found), one.read():
            pass
        with pytest.raises(IntegrityAlarm, match=found), one.write("anna"):
            pass
    assert contents(database) == before


def test_a_database_put_back_to_yesterday_is_not_opened(database: Database) -> None:
    yesterday = database.home / "yesterday.duckdb"
    shutil.copy(database.path, yesterday)
    with database.write("anna") as writer:
        writer.event("tested", "today")
    shutil.copy(yesterday, database.path)
    with pytest.raises(IntegrityAlarm, match="does not hold event 5"), database.write("anna") as writer:
        writer.event("tested", "tomorrow")


def test_an_anchor_put_back_is_an_alarm(database: Database) -> None:
    before = database.anchor_path.read_bytes()
    for _ in range(2):
        with database.write("anna") as writer:
            writer.event("tested", "later")
    database.anchor_path.write_bytes(before)
    with pytest.raises(IntegrityAlarm, match="older than the database by 2"), database.read():
        pass


def test_a_lost_anchor_is_an_alarm(database: Database) -> None:
    database.anchor_path.unlink()
    with pytest.raises(IntegrityAlarm, match="anchor file is gone"), database.write("anna"):
        pass


@pytest.mark.parametrize("gone", [("recon.duckdb",), ("recon.duckdb", "recon.duckdb.wal")])
def test_a_lost_database_is_never_made_anew(database: Database, gone: tuple[str, ...]) -> None:
    for name in gone:
        (database.home / name).unlink(missing_ok=True)
    for one in (database, opened_anew(database)):
        with pytest.raises(IntegrityAlarm, match="is gone, but anchor"), one.read():
            pass
    assert not database.path.exists()


def test_no_byte_of_the_anchor_can_change_unseen(database: Database) -> None:
    whole = database.anchor_path.read_bytes()
    for place in range(len(whole)):
        harmed = whole[:place] + bytes([whole[place] ^ (0x01, 0x20)[place % 2]]) + whole[place + 1 :]
        database.anchor_path.write_bytes(harmed)
        with pytest.raises(IntegrityAlarm), database.read():
            pass
    database.anchor_path.write_bytes(whole)
    with database.read():
        pass


def test_a_crash_between_commit_and_anchor_is_no_alarm(database: Database) -> None:
    """The database may be one transaction ahead of its anchor; the next writer tells the anchor first."""
    before = database.anchor_path.read_bytes()
    with database.write("anna") as writer:
        writer.event("tested", "committed, then the power went")
        writer.event("tested", "both in one transaction")
    database.anchor_path.write_bytes(before)
    with database.read() as c:
        assert events.head(c).seq == 6
    told: list[int] = []
    with pytest.raises(ValueError, match="stop"), database.write("anna"):
        told.append(database.anchor().seq)  # type: ignore[union-attr]
        raise ValueError("stop")
    assert told == [6]
    with database.write("anna") as writer:
        writer.event("tested", "after the crash")
    assert broken(database) == []


def test_a_transaction_that_fails_leaves_no_event(database: Database) -> None:
    with pytest.raises(ValueError, match="stop"), database.write("anna") as writer:
        writer.event("tested", "never")
        raise ValueError("stop")
    with database.read() as c:
        assert events.head(c).seq == 4


def test_a_change_without_an_event_gets_one(database: Database) -> None:
    with database.write("anna") as writer:
        writer.c.add("settings", name="in silence", value="1")
    with database.read() as c:
        last = events.one(c, 5)
    assert last and (last["kind"], last["subject"], last["done_by"]) == ("stored", "settings", "anna")


def test_a_lease_that_does_nothing_leaves_no_trace(database: Database) -> None:
    before = contents(database)
    with database.write("anna"):
        pass
    assert contents(database) == before


def test_an_error_that_was_passed_over_is_found_out(database: Database) -> None:
    """After it COMMIT returns as if all were well, and stores nothing."""
    with pytest.raises((duckdb.TransactionException, StorageFailed)), database.write("anna") as writer:
        writer.event("tested", "believed")
        with suppress(duckdb.ConstraintException):
            writer.c.add("settings", name="thing 1", value="twice")
    with database.read() as c:
        assert events.head(c).seq == 4


def test_a_commit_is_read_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A COMMIT that stores nothing and says nothing must not be believed."""
    execute = connection.duckdb.DuckDBPyConnection.execute

    class Lying:
        """Answers COMMIT by rolling back."""

        def __init__(self, real: duckdb.DuckDBPyConnection) -> None:
            self._real = real

        def execute(self, statement: str, params: object = None) -> object:
            return execute(self._real, "ROLLBACK" if statement == "COMMIT" else statement, params)

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

    new = connection._new_instance
    monkeypatch.setattr(connection, "_new_instance", lambda folder: Lying(new(folder)))
    monkeypatch.setattr(connection, "_idle", {})
    with pytest.raises(StorageFailed, match="did not keep event 5"), database.write("anna") as writer:
        writer.event("tested", "believed")
    told = database.anchor()
    assert told and told.seq == 4


def test_statements_that_no_event_could_tell_of_are_refused(database: Database) -> None:
    for statement in ("CREATE TABLE hidden (i BIGINT)", "DROP TABLE settings"):
        with pytest.raises(Exception, match="no way to change rows"), database.write("anna") as writer:
            writer.c.run(statement)


def test_a_workspace_of_a_newer_program_is_left_alone(database: Database) -> None:
    tamper(database, "INSERT INTO schema_version VALUES (9999)")
    before = contents(database)
    for one in (database, opened_anew(database)):
        with pytest.raises(StorageFailed, match="newer version"), one.write("anna"):
            pass
        with pytest.raises(StorageFailed, match="newer version"), one.read():
            pass
    assert contents(database) == before


def test_a_crash_while_the_workspace_is_made_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    home.mkdir()
    (home / ".recon.duckdb.first").write_bytes(b"half a header")
    with Database(home, read_clock("2026-11-22T08:00:00Z"), "engine-test").read() as c:
        assert events.head(c).seq == 1


def test_folder_and_files_are_private(database: Database) -> None:
    assert database.home.stat().st_mode & 0o777 == 0o700
    for path in database.home.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_an_anchor_from_before_there_were_totals_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    path.write_bytes(b'{"seq": 3, "hash": "abc"}')
    assert anchor.read_anchor(path) == anchor.Anchor(3, "abc", None)
