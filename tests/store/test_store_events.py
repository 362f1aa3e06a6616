"""The audit trail: every event bound to the last, and a database that lost something found out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recon.clock import read_clock
from recon.errors import IntegrityAlarm, StorageFailed
from recon.store import events
from recon.store.connection import lease
from recon.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(tmp_path / "workspace", read_clock("2026-11-22T08:00:00Z"), "engine-test")
    for number in range(3):
        with made.write("anna") as writer:
            writer.event("tested", f"thing {number}", amount_minor=number)
    return made


def broken(database: Database) -> list[str]:
    with database.read() as c:
        return events.broken_links(c)


def tamper(database: Database, statement: str) -> None:
    with lease(database.path, write=True) as c:
        c.run(statement)


def test_a_chain_left_alone_holds(database: Database) -> None:
    assert broken(database) == []
    with database.read() as c:
        assert events.head(c) == events.read_anchor(database.anchor_path)


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ("UPDATE events SET done_by = 'mallory' WHERE seq = 2", "event 2 (tested) is not what was written"),
        ("UPDATE events SET payload = '{}' WHERE seq = 3", "event 3 (tested) is not what was written"),
        ("UPDATE events SET happened_at = happened_at + INTERVAL 1 DAY WHERE seq = 2", "event 2 (tested)"),
        ("DELETE FROM events WHERE seq = 3", "event 3 is missing"),
    ],
)
def test_every_kind_of_tampering_is_found(database: Database, harm: str, found: str) -> None:
    tamper(database, harm)
    assert any(found in words for words in broken(database))


def test_a_database_put_back_to_yesterday_takes_no_more_writes(database: Database) -> None:
    yesterday = database.home / "yesterday.duckdb"
    shutil.copy(database.path, yesterday)
    with database.write("anna") as writer:
        writer.event("tested", "today")
    shutil.copy(yesterday, database.path)
    with pytest.raises(IntegrityAlarm, match="does not hold event 5"), database.write("anna") as writer:
        writer.event("tested", "tomorrow")


def test_a_lost_anchor_is_an_alarm(database: Database) -> None:
    database.anchor_path.unlink()
    with pytest.raises(IntegrityAlarm, match="anchor"), database.write("anna"):
        pass


def test_a_crash_between_commit_and_anchor_is_no_alarm(database: Database) -> None:
    """The database may be ahead of its anchor, never behind."""
    before = database.anchor_path.read_bytes()
    with database.write("anna") as writer:
        writer.event("tested", "committed, then the power went")
    database.anchor_path.write_bytes(before)
    with database.write("anna") as writer:
        writer.event("tested", "after the crash")
    assert broken(database) == []


def test_a_transaction_that_fails_leaves_no_event(database: Database) -> None:
    with pytest.raises(ValueError, match="stop"), database.write("anna") as writer:
        writer.event("tested", "never")
        raise ValueError("stop")
    with database.read() as c:
        assert events.head(c).seq == 4


def test_a_workspace_of_a_newer_program_is_left_alone(database: Database) -> None:
    tamper(database, "INSERT INTO schema_version VALUES (9999)")
    fresh = Database(database.home, database.clock, "engine-test")
    with pytest.raises(StorageFailed, match="newer version"), fresh.write("anna"):
        pass


def test_folder_and_files_are_private(database: Database) -> None:
    assert database.home.stat().st_mode & 0o777 == 0o700
    for path in database.home.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
