"""The inbox folder: what lies there is imported as a person would import it, and nothing else is touched."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from recon.cli import main
from recon.disk import locked
from recon.errors import LockBusy, StorageFailed
from recon.flow import inbox as inbox_module
from recon.flow.files import File, import_files
from recon.flow.inbox import inbox, refused_files, take_inbox
from recon.flow.worker import Worker
from recon.flow.workspace import Store, open_store
from recon.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
DOCUMENTS = "kind;number;party_name;currency;total\ninvoice;1;Bager;DKK;100,00\n"
STATEMENT = "Dato;Tekst;Beløb;Valuta;Kontonummer\n02.03.2026;Bager faktura 1;100,00;DKK;7670 2746936\n"
BAD = "kind;number;currency;total\ninvoice;;DKK;100,00\n"
LATER = 60.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    home = tmp_path / "company"
    return open_store(home, Settings(home=home))


def put(store: Store, **files: str) -> None:
    for name, text in files.items():
        (inbox(store) / name.replace("_", ".")).write_text(text, "utf-8")


def take(store: Store):
    """As if a minute had passed since the files were put there."""
    return take_inbox(store, now=time.time() + LATER)


def lying(store: Store, folder: str = "") -> list[str]:
    return sorted(path.name for path in (store.home / "inbox" / folder).iterdir() if not path.is_dir())


def kinds(store: Store) -> list[str]:
    return store.events()["kind"].to_list()


def test_documents_and_statements_come_in_and_are_matched(store):
    put(store, a_csv=DOCUMENTS, b_csv=STATEMENT)
    done = take(store)
    assert [(one.name, one.imported.new) for one in done if one.imported] == [("a.csv", 1), ("b.csv", 1)]
    assert lying(store) == [] and lying(store, "imported") == ["a.csv", "b.csv"]
    assert store.proposals().height == 1, "the engine ran"
    assert kinds(store).count("imported") == 2
    assert set(store.events().filter(kind="imported")["done_by"]) == {"inbox"}


def test_folders_and_files_are_for_their_owner_alone(store):
    put(store, a_csv=DOCUMENTS)
    take(store)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (store.home / "inbox").rglob("*")}
    assert modes == {"imported": 0o700, "refused": 0o700, "a.csv": 0o600}
    assert inbox(store).stat().st_mode & 0o777 == 0o700


def test_a_refused_file_says_why_and_does_not_block_the_next(store):
    put(store, a_csv=BAD, b_csv=DOCUMENTS)
    refused, fine = take(store)
    assert fine.imported and fine.imported.new == 1
    assert lying(store, "refused") == ["a.csv", "a.csv.txt"]
    why = (store.home / "inbox/refused/a.csv.txt").read_text("utf-8")
    assert why == f"{refused.reason}\n" and "line 2, column number" in why
    (event,) = store.events().filter(kind="inbox_refused").to_dicts()
    assert json.loads(event["payload"])["words"] == refused.reason
    (waiting,) = refused_files(store)
    assert (waiting.name, waiting.reason) == ("a.csv", refused.reason)


def test_a_fault_of_a_reader_is_the_one_files_affair(store, monkeypatch):
    def read_file(store, file, **more):
        if file.name == "a.csv":
            raise RuntimeError("nobody thought of this")
        return real(store, file, **more)

    real = inbox_module.read_file
    monkeypatch.setattr(inbox_module, "read_file", read_file)
    put(store, a_csv=DOCUMENTS, b_csv=DOCUMENTS)
    broken, fine = take(store)
    assert "no reader here was made for" in broken.reason and fine.imported.new == 1


@pytest.mark.parametrize("name", ["a.csv.part", "a.tmp", "a.csv.crdownload", ".a.csv.swp"])
def test_what_is_not_finished_by_its_name_is_left_alone(store, name):
    (inbox(store) / name).write_text(DOCUMENTS, "utf-8")
    assert take(store) == [] and lying(store) == [name]


def test_what_changed_just_now_is_left_alone_even_with_an_old_date(store):
    put(store, a_csv=DOCUMENTS)
    os.utime(inbox(store) / "a.csv", (0, 0))
    assert take_inbox(store) == [] and lying(store) == ["a.csv"]
    assert len(take(store)) == 1


def test_links_and_folders_are_never_followed(store, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text(DOCUMENTS, "utf-8")
    folder = inbox(store)
    (folder / "link.csv").symlink_to(outside)
    (folder / "more").mkdir()
    (folder / "more" / "a.csv").write_text(DOCUMENTS, "utf-8")
    os.mkfifo(folder / "pipe.csv")
    assert take(store) == []
    assert outside.exists() and store.items().is_empty()


def test_an_inbox_that_is_a_link_is_refused(store, tmp_path):
    store.home.mkdir()
    (store.home / "inbox").symlink_to(tmp_path)
    with pytest.raises(StorageFailed, match="is a link"):
        take(store)


def test_the_same_file_again_adds_nothing_and_keeps_both(store):
    put(store, a_csv=DOCUMENTS)
    take(store)
    put(store, a_csv=DOCUMENTS)
    (again,) = take(store)
    assert again.imported.again and store.items().height == 1
    assert lying(store, "imported") == ["a (2).csv", "a.csv"]


def test_a_crash_before_the_file_was_moved_imports_nothing_twice(store, monkeypatch):
    put(store, a_csv=DOCUMENTS)
    with monkeypatch.context() as broken:
        broken.setattr(inbox_module, "rename_durably", lambda *_: (_ for _ in ()).throw(OSError("power")))
        with pytest.raises(OSError, match="power"):
            take(store)
    (again,) = take(store)
    assert again.imported.again and store.items().height == 1 and lying(store) == []


def test_a_statement_that_names_no_account_waits_for_a_person(store):
    nameless = "Dato;Tekst;Beløb;Valuta\n02.03.2026;a;1,00;DKK\n"
    put(store, drift_csv=nameless)
    (one,) = take(store)
    assert "which account" in one.reason and store.accounts().is_empty()
    import_files(store, [File("drift.csv", nameless.encode())], by="anna")
    assert refused_files(store) == [], "a person imported it since"
    put(store, drift_csv=nameless.replace("02.03", "03.03"))
    (next_month,) = take(store)
    assert next_month.imported.new == 1 and store.accounts().height == 1, "known by its name from now on"


@pytest.mark.parametrize("content", [DOCUMENTS, BAD])
def test_a_name_in_another_encoding_is_no_trouble(store, content):
    path = os.fsencode(inbox(store)) + b"/regnskab-\xe6.csv"
    Path(os.fsdecode(path)).write_text(content, "utf-8")
    (one,) = take(store)
    assert one.name == "regnskab-\ufffd.csv" and lying(store) == []
    assert [waiting.name for waiting in refused_files(store)] == ([one.name] if one.reason else [])


def test_two_at_once_do_not_take_the_same_file(store):
    put(store, a_csv=DOCUMENTS)
    with locked(store.home / "inbox.lock", exclusive=True, wait=0.0), pytest.raises(LockBusy):
        take(store)
    assert lying(store) == ["a.csv"]


def test_the_apps_worker_serves_the_inbox(store, monkeypatch):
    monkeypatch.setattr(inbox_module, "QUIET_SECONDS", 0.0)
    put(store, a_csv=DOCUMENTS)
    Worker(store).look()
    assert store.items().height == 1 and lying(store) == []


def test_a_folder_at_fault_does_not_keep_the_worker_from_the_rest(store, tmp_path):
    store.home.mkdir()
    (store.home / "inbox").symlink_to(tmp_path)
    worker = Worker(store)
    with pytest.raises(StorageFailed):
        worker.look()
    assert worker.look() is False, "the next look goes on with the fetches"


def test_the_command_takes_the_inbox_and_says_what_was_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(inbox_module, "QUIET_SECONDS", 0.0)
    home = tmp_path / "company"
    store = open_store(home, Settings(home=home))
    put(store, a_csv=BAD, b_csv=DOCUMENTS)
    assert main(["import", "--inbox", "--home", str(home), "--json"]) == 10
    told = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in told["files"]] == ["b.csv"]
    assert [one["path"] for one in told["refused"]] == ["a.csv"]
    assert main(["import", "--inbox", "--home", str(home)]) == 0
    assert main(["import", "--home", str(home)]) == 2
    assert main(["import", "--inbox", str(DEMO / "documents.csv"), "--home", str(home)]) == 2
