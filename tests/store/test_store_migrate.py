"""Older workspaces are brought forward whole, with a copy of how they were, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from older_workspace import AT, make_older

from recon.clock import Clock
from recon.errors import IntegrityAlarm
from recon.store import database as database_module
from recon.store import events, migrate, models, preferences
from recon.store.database import Database
from recon.store.rebuild import rebuild

ROWS = {
    "settings": [{"name": "preferences", "value": '{"texts": "plain"}'}],
    "rejected_pairs": [{"decision_id": "d_1", "line_id": "l_1", "item_id": "i_1"}] * 2,
    "items": [
        {
            "item_id": "i_1", "kind": "invoice", "document_no": "0042", "currency": "DKK", "total_minor": 12345,
            "open_minor": 12345, "base_open_minor": 12345, "source": "csv", "first_seen_at": AT, "updated_at": AT,
        }
    ],
}  # fmt: skip


@pytest.fixture(params=[1, 2])
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    make_older(tmp_path / "company", request.param, ROWS)
    return tmp_path / "company"


def files(home: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in home.iterdir() if path.is_file() and path.suffix != ".lock"
    }


def with_one_more(statement: str) -> list[tuple[int, str]]:
    known = migrate.migrations()
    return [*known, (known[-1][0] + 1, statement)]


def test_an_older_workspace_is_brought_forward_with_all_it_holds(home: Path) -> None:
    with Database(home, Clock(), "test").read() as c:
        assert migrate.version(c) == migrate.migrations()[-1][0] > 2
        assert preferences.read_setting(c, "preferences") == {"texts": "plain"}
        assert c.value("SELECT sum(total_minor)::BIGINT FROM items") == 12345
        assert models.kept(c) is None and models.frame(c).is_empty()
        assert events.broken_links(c) == []


def test_the_files_are_kept_as_they_were(home: Path) -> None:
    before = files(home)
    with Database(home, Clock(), "test").read():
        pass
    (kept,) = (home / "backups").iterdir()
    assert files(kept) == before
    assert all(path.stat().st_mode & 0o077 == 0 for path in [kept, *kept.iterdir()])


def test_what_older_events_did_not_tell_the_first_new_one_does(home: Path, tmp_path: Path) -> None:
    database = Database(home, Clock(), "test")
    with database.write("anna") as writer:
        preferences.write_setting(writer.c, "preferences", {"texts": "fenerum"})
        writer.event("settings_changed", "preferences")
    made = rebuild(database, tmp_path / "again")
    assert made.differences == []
    assert (made.events, made.rows["rejected_pairs"], made.rows["settings"]) == (4, 2, 1)


def test_a_tampered_older_workspace_is_not_brought_forward(home: Path) -> None:
    (home / "anchor").write_bytes((home / "anchor").read_bytes().replace(b'"hash": "', b'"hash": "0'))
    before = files(home)
    with pytest.raises(IntegrityAlarm, match="does not hold event 2"), Database(home, Clock(), "test").read():
        pass
    assert files(home) == before


@pytest.mark.parametrize("statement", ["DELETE FROM items", "UPDATE items SET open_minor = open_minor + 1"])
def test_a_migration_that_would_lose_a_row_or_an_amount_changes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    before = files(home)
    more = with_one_more(statement)
    for module in (database_module, migrate):
        monkeypatch.setattr(module, "migrations", lambda: more)
    with pytest.raises(IntegrityAlarm, match="of the table items"), Database(home, Clock(), "test").read():
        pass
    assert files(home) == before


def test_a_migration_that_breaks_half_way_changes_nothing_and_is_tried_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(home)
    more = with_one_more("CREATE TABLE half (i BIGINT);\nCREATE TABLE lines (i BIGINT)")
    with monkeypatch.context() as broken:
        for module in (database_module, migrate):
            broken.setattr(module, "migrations", lambda: more)
        with pytest.raises(Exception, match="already exists"), Database(home, Clock(), "test").read():
            pass
    assert files(home) == before
    with Database(home, Clock(), "test").read() as c:
        assert preferences.read_setting(c, "preferences") == {"texts": "plain"}


def test_later_migrations_are_replayed_where_they_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows told before a migration have the columns of then; the replay migrates at the same place."""
    home = tmp_path / "company"
    with Database(home, Clock(), "test").write("anna") as writer:
        writer.c.add("settings", name="before", value="1")
    more = with_one_more(
        "ALTER TABLE settings ADD COLUMN chosen_by VARCHAR;\nUPDATE settings SET chosen_by = 'nobody'"
    )
    for module in (database_module, migrate):
        monkeypatch.setattr(module, "migrations", lambda: more)
    later = Database(home, Clock(), "test")
    with later.write("anna") as writer:
        writer.c.add("settings", name="after", value="1", chosen_by="anna")
    made = rebuild(later, tmp_path / "again")
    assert made.differences == []
    assert made.rows["settings"] == 2
