"""A backup is proven before it is named, opens only with its key, shows every harm, and never lands on something."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from recon.cli import main
from recon.clock import read_clock
from recon.errors import DataRefused, IntegrityAlarm, ReconError, UsageError
from recon.flow.accounts import set_account
from recon.flow.backup import backup, daily, restore
from recon.flow.check import check
from recon.flow.files import import_files
from recon.flow.matching import match
from recon.flow.posting import export
from recon.flow.review import accept
from recon.flow.workspace import Store, open_store
from recon.settings import Secret, Settings
from recon.store.connection import lease
from recon.vault import Tokens

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
KEY = Secret("a long passphrase of the test")
TOKEN = "refresh-token-that-must-stay-here"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = open_store(tmp_path_factory.mktemp("backup") / "company", Settings(vault_key=KEY))
    import_files(store, [DEMO / "statement-drift.xml", DEMO / "documents.csv"], by="anna")
    set_account(store, store.accounts()["account_id"][0], by="anna", erp_account="5820")
    match(store)
    accept(store, store.proposals().filter(rank=1)["proposal_id"].head(10).to_list(), by="anna")
    export(store, "csv", by="anna")
    now = store.clock.now()
    store.vault.save("c_1", Tokens(Secret("access"), Secret(TOKEN), now, now))
    return store.home


@pytest.fixture
def store(original: Path, tmp_path: Path) -> Store:
    shutil.copytree(original, tmp_path / "company")
    return open_store(tmp_path / "company", Settings(vault_key=KEY))


@pytest.fixture(scope="module")
def sealed(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One backup for the tests that only read it."""
    home = shutil.copytree(original, tmp_path_factory.mktemp("sealed") / "company")
    return backup(open_store(home, Settings(vault_key=KEY)), by="anna").path


def elsewhere(tmp_path: Path, key: Secret = KEY) -> Store:
    return open_store(tmp_path / "elsewhere", Settings(vault_key=key))


def test_what_comes_back_is_what_was_there(store: Store, tmp_path: Path) -> None:
    made = backup(store, by="anna")
    there = elsewhere(tmp_path)
    done = restore(there, made.path, by="bent")
    assert done.seq == made.seq
    for frame in ("lines", "items", "decisions", "allocations", "postings", "proposals"):
        assert getattr(there, frame)().equals(getattr(store, frame)()), frame
    exports = [path.name for path in (store.home / "exports").iterdir()]
    assert exports and [path.name for path in (there.home / "exports").iterdir()] == exports
    assert there.events(1).row(0, named=True)["kind"] == "restored"
    assert store.events(1).row(0, named=True)["subject"] == made.path.name
    assert check(there, rebuild=True).ok


def test_nothing_of_it_can_be_read_and_no_token_is_in_it(store: Store, tmp_path: Path) -> None:
    made = backup(store, by="anna")
    content = made.path.read_bytes()
    assert TOKEN.encode() not in content and b"Havnens" not in content and b"recon.duckdb" not in content
    assert made.path.stat().st_mode & 0o077 == 0
    there = elsewhere(tmp_path)
    restore(there, made.path, by="bent")
    assert not (there.home / "tokens.enc").exists()
    assert there.home.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in there.home.rglob("*") if path.is_file())


def test_another_key_opens_nothing(sealed: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="RECON_BACKUP_KEY"):
        restore(elsewhere(tmp_path, Secret("wrong")), sealed, by="bent")
    assert list(tmp_path.iterdir()) == []


def test_without_a_passphrase_a_key_file_outside_the_workspace_is_made(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    store = open_store(shutil.copytree(original, tmp_path / "company"), Settings())
    made = backup(store, tmp_path / "kept", by="anna")
    key = tmp_path / "config" / "recon" / "keys" / "backup.key"
    assert key.stat().st_mode & 0o077 == 0
    restore(open_store(tmp_path / "one", Settings()), made.path, by="bent")
    key.unlink()
    with pytest.raises(UsageError, match="key file"):
        restore(open_store(tmp_path / "two", Settings()), made.path, by="bent")


@pytest.mark.parametrize("place", [0, 20, 60, 110, 200, 5_000, -30_000, -100, -1])
def test_a_changed_byte_is_refused(sealed: Path, tmp_path: Path, place: int) -> None:
    content = bytearray(sealed.read_bytes())
    content[place] ^= 1
    harmed = tmp_path / "harmed.recon-backup"
    harmed.write_bytes(content)
    with pytest.raises((IntegrityAlarm, DataRefused, UsageError)):
        restore(elsewhere(tmp_path), harmed, by="bent")
    assert [path.name for path in tmp_path.iterdir()] == ["harmed.recon-backup"]


@pytest.mark.parametrize("rest", [0, 10, 90, 2_000, 50_000])
def test_a_backup_cut_short_is_refused(sealed: Path, tmp_path: Path, rest: int) -> None:
    harmed = tmp_path / "harmed.recon-backup"
    harmed.write_bytes(sealed.read_bytes()[:rest])
    with pytest.raises((IntegrityAlarm, DataRefused)):
        restore(elsewhere(tmp_path), harmed, by="bent")
    assert [path.name for path in tmp_path.iterdir()] == ["harmed.recon-backup"]


def test_a_folder_in_use_is_left_alone(store: Store, sealed: Path) -> None:
    before = {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match="holds something"):
        restore(store, sealed, by="bent")
    assert {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()} == before


def test_a_workspace_that_does_not_prove_itself_is_not_backed_up(store: Store, tmp_path: Path) -> None:
    with lease(store.database.path, write=True) as c:
        c.run("UPDATE postings SET amount_minor = amount_minor + 1 WHERE entry_no = 1 AND side = 'debit'")
    with pytest.raises(IntegrityAlarm):
        backup(store, tmp_path / "kept", by="anna")
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_backup_that_does_not_come_back_whole_is_not_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing quick shows an event that was rewritten long ago; the check of the restored copy does."""
    with lease(store.database.path, write=True) as c:
        c.run("UPDATE events SET done_by = 'mallory' WHERE seq = 2")
    with pytest.raises(IntegrityAlarm, match="was not kept"):
        backup(store, tmp_path / "kept", by="anna")
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_backup_a_day_and_only_so_many_stay(original: Path, tmp_path: Path) -> None:
    home = shutil.copytree(original, tmp_path / "company")
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "other-20200101T000000Z-event-00000001.recon-backup").write_bytes(b"of another company")
    store = open_store(home, Settings(vault_key=KEY, backups=folder))
    start = read_clock("2026-11-22T08:00:00Z")
    for number in range(16):
        (folder / f"company-202611{number + 1:02d}T080000Z-event-00000001.recon-backup").write_bytes(b"old")
    today = replace(store, clock=start)
    made = daily(today, by="worker")
    assert made and len(made.removed) == 3
    assert daily(today, by="worker") is None
    later = replace(store, clock=read_clock((start.now() + timedelta(hours=25)).isoformat()))
    again = daily(later, by="worker")
    assert again and len(again.removed) == 1
    assert len(list(folder.glob("company-*"))) == 14 and len(list(folder.glob("other-*"))) == 1
    assert daily(replace(store, settings=Settings(vault_key=KEY)), by="worker") is None


def test_the_commands(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("RECON_VAULT_KEY", KEY.reveal())
    monkeypatch.delenv("RECON_BACKUP_KEY", raising=False)
    home, there, again = str(store.home), str(tmp_path / "there"), str(tmp_path / "again")

    def run(*words: str) -> tuple[int, dict]:
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, made = run("backup", "--home", home, "--to", str(tmp_path / "x.recon-backup"))
    assert (code, made["path"]) == (0, str(tmp_path / "x.recon-backup"))
    code, done = run("restore", made["path"], "--home", there)
    assert (code, done["event"]) == (0, made["event"])
    assert run("restore", made["path"], "--home", there)[1]["error"]["code"] == 2
    assert run("check", "--rebuild", "--home", there) == (0, {"ok": True, "findings": []})
    code, built = run("rebuild", "--home", there, "--out", again)
    assert (code, built["differences"]) == (0, [])
    assert run("check", "--home", again)[0] == 0
    (tmp_path / "x.recon-backup").write_bytes(b"recon backup 1\nnothing")
    assert run("restore", made["path"], "--home", str(tmp_path / "new"))[1]["error"]["kind"] == "DataRefused"
    assert run("restore", str(tmp_path / "no such file"), "--home", str(tmp_path / "new"))[0] == 60
    assert not (tmp_path / "new").exists()
    assert issubclass(DataRefused, ReconError)
