"""A whole month from a bank file to every ERP's file: import, match, accept, export, and each file read back.

What a program can check itself, it does; every file must move the money that was decided.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from recon.flow.accounts import set_account
from recon.flow.check import check
from recon.flow.files import import_files
from recon.flow.matching import match
from recon.flow.posting import export
from recon.flow.review import accept, undo
from recon.flow.workspace import Store, open_store
from recon.post.formats import FORMATS
from recon.settings import Secret, Settings

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
BANK = "5820"


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The demo's statement and documents, matched, and every sure single-currency proposal accepted."""
    home = tmp_path_factory.mktemp("month") / "workspace"
    store = open_store(home, Settings(home=home, vault_key=Secret("month")))
    import_files(store, [DEMO / "documents.csv", DEMO / "statement-drift.xml"], by="anna")
    (account,) = store.accounts()["account_id"].to_list()
    set_account(store, account, by="anna", erp_account=BANK)
    match(store)
    sure = store.proposals().filter(pl.col("rank") == 1, pl.col("probability") > 0.95)
    assert sure.height > 50
    accept(store, sure["proposal_id"].to_list(), by="anna")
    return store


def decided(store: Store) -> int:
    """What the decisions say that the bank account moved."""
    return int(store.allocations()["amount_minor"].sum())


def moved(store: Store, name: str) -> int:
    """What a format's file says that the bank account moved, debit positive, in minor units."""
    content = export(store, name, by="anna").content
    return {
        "economic": _economic, "economic-api": _economic_api, "dinero": _dinero, "sie4": _sie, "csv": _plain,
    }[name](content)  # fmt: skip


def _economic(content: bytes) -> int:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    return sum(-_minor(row["Beløb"]) for row in rows if row["Modkonto"] == BANK)


def _economic_api(content: bytes) -> int:
    told = json.loads(content, parse_float=Decimal)["vouchers"]
    entries = [entry for one in told for some in one["entries"].values() for entry in some]
    return sum(
        -int(100 * entry["amount"])
        for entry in entries
        if entry["contraAccount"]["accountNumber"] == int(BANK)
    )


def _dinero(content: bytes) -> int:
    rows = csv.DictReader(io.StringIO(content.decode()))
    return sum(-_minor(row["Amount"]) for row in rows if row["BalancingAccountNumber"] == BANK)


def _sie(content: bytes) -> int:
    rows = [line.split() for line in content.decode("cp437").splitlines() if line.startswith("#TRANS")]
    return sum(_minor(row[3]) for row in rows if row[1] == BANK)


def _plain(content: bytes) -> int:
    rows = [row for row in csv.DictReader(io.StringIO(content.decode())) if row["erp_account"] == BANK]
    return sum(_minor(row["debit"]) - _minor(row["credit"]) for row in rows)


def _minor(text: str) -> int:
    return int(100 * Decimal(text.replace(",", "."))) if text else 0


@pytest.mark.parametrize("name", ["economic", "economic-api", "dinero", "sie4", "csv"])
def test_every_file_moves_the_money_that_was_decided(month, name):
    assert moved(month, name) == decided(month) != 0


def test_beancount_takes_the_month(month, tmp_path):
    loader = pytest.importorskip("beancount.loader", reason="beancount is not installed")
    path = tmp_path / "month.beancount"
    path.write_bytes(export(month, "beancount", by="anna").content)
    entries, errors, _ = loader.load_file(str(path))
    postings = [one for entry in entries for one in getattr(entry, "postings", ())]
    bank = [one.units.number for one in postings if f":{BANK}-" in one.account]
    assert not errors and int(100 * sum(bank)) == decided(month)


def test_hledger_takes_the_month(month, tmp_path):
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("hledger is not installed on this machine (Debian: apt install hledger)")
    path = tmp_path / "month.journal"
    path.write_bytes(export(month, "hledger", by="anna").content)
    subprocess.run([program, "-f", str(path), "check", "--strict"], check=True, capture_output=True)
    asked = [program, "-f", str(path), "balance", f":{BANK}-", "--no-total", "-O", "csv"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    (_, amount) = list(csv.reader(io.StringIO(told)))[1]
    assert _minor(amount.split()[0]) == decided(month)


def test_an_undo_after_the_export_is_answered_in_every_format(month):
    """Runs last: what went out is never taken back, only answered."""
    for name in FORMATS:
        export(month, name, by="anna")
    before = decided(month)
    decision = month.decisions()["decision_id"][0]
    undo(month, decision, by="anna")
    after = decided(month)
    assert moved(month, "csv") == after - before != 0
    assert check(month).ok
