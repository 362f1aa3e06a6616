"""The proof: a whole workspace passes, and every kind of tampering is found and ends the command with 40."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from recon.cli import main
from recon.flow.accounts import set_account
from recon.flow.check import check
from recon.flow.files import import_files
from recon.flow.matching import match
from recon.flow.review import accept
from recon.flow.workspace import open_store
from recon.settings import Settings
from recon.store.connection import lease

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A workspace with lines, decisions and journals."""
    store = open_store(tmp_path_factory.mktemp("check") / "workspace", Settings())
    import_files(store, [DEMO / "statement-drift.xml", DEMO / "documents.csv"], by="anna")
    set_account(store, store.accounts()["account_id"][0], by="anna", erp_account="5820")
    match(store)
    accept(store, store.proposals().filter(rank=1)["proposal_id"].head(20).to_list(), by="anna")
    return store.home


@pytest.fixture
def home(original, tmp_path):
    return shutil.copytree(original, tmp_path / "workspace")


def test_a_workspace_left_alone_proves_itself(home, capsys):
    assert main(["check", "--json", "--home", str(home)]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "findings": []}


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ("UPDATE events SET payload = payload || ' ' WHERE seq = 3", "event 3"),
        ("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)", "does not hold event"),
        (
            "DELETE FROM lines WHERE line_id = (SELECT min(line_id) FROM open_lines)",
            "the table of lines holds",
        ),
        (
            "UPDATE lines SET amount_minor = amount_minor + 1 WHERE line_id = (SELECT min(line_id) FROM open_lines)",
            "sum",
        ),
        (
            "UPDATE allocations SET amount_minor = amount_minor * 3, item_amount_minor = item_amount_minor * 3",
            "gives",
        ),
        (
            "UPDATE postings SET amount_minor = amount_minor + 1 WHERE side = 'debit' AND entry_no = 1",
            "is off by",
        ),
        (
            "DELETE FROM postings WHERE journal_id = (SELECT min(journal_id) FROM postings)",
            "than its decision allocates",
        ),
    ],
)
def test_what_was_tampered_with_is_found(home, capsys, harm, found):
    with lease(home / "recon.duckdb", write=True) as c:
        c.run(harm)
    assert main(["check", "--json", "--home", str(home)]) == 40
    told = json.loads(capsys.readouterr().out)
    assert not told["ok"]
    assert any(found in one["words"] for one in told["findings"]), told["findings"]


def test_a_statement_with_a_hole_is_named_but_is_no_alarm(home, tmp_path):
    """The records are whole; it is the bank's file that misses a line."""
    text = (DEMO / "statement-drift.xml").read_text("utf-8")
    start = text.index("<Ntry>")
    holed = tmp_path / "holed.xml"
    holed.write_text(text[:start] + text[text.index("</Ntry>", start) + len("</Ntry>") :], "utf-8")
    store = open_store(tmp_path / "other", Settings())
    import_files(store, [holed], by="anna")
    proof = check(store)
    assert proof.ok
    assert any(one["severity"] in ("warning", "error") and one["amount_minor"] for one in proof.findings)
