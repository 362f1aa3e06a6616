"""data/demo is what the script makes, byte for byte, and its statements tie."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
NS = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"}


def signed(element):
    amount = Decimal(element.findtext("c:Amt", namespaces=NS))
    return amount if element.findtext("c:CdtDbtInd", namespaces=NS) == "CRDT" else -amount


@pytest.fixture(scope="module", params=["drift", "euro"])
def statement(request):
    return ET.parse(DEMO / f"statement-{request.param}.xml").getroot().find(".//c:Stmt", NS)


def test_the_script_makes_the_same_files_again(tmp_path):
    subprocess.run([sys.executable, "scripts/make_demo.py", tmp_path], cwd=ROOT, check=True)
    made, kept = ({file.name: file.read_bytes() for file in folder.iterdir()} for folder in (tmp_path, DEMO))
    assert made == kept, "run python scripts/make_demo.py and look at the difference"
    assert sum(len(text) for text in kept.values()) < 400_000


def test_opening_and_entries_make_the_closing_balance(statement):
    balances = {
        balance.findtext("c:Tp/c:CdOrPrtry/c:Cd", namespaces=NS): signed(balance)
        for balance in statement.findall("c:Bal", NS)
    }
    entries = [signed(entry) for entry in statement.findall("c:Ntry", NS)]
    assert len(entries) > 10
    assert balances["OPBD"] + sum(entries) == balances["CLBD"]


def test_batched_entries_add_up_and_carry_their_references():
    root = ET.parse(DEMO / "statement-drift.xml").getroot()
    batches = [entry for entry in root.iterfind(".//c:Ntry", NS) if len(entry.findall(".//c:TxDtls", NS)) > 1]
    assert batches
    for entry in batches:
        parts = [Decimal(a.text) for a in entry.iterfind(".//c:AmtDtls/c:TxAmt/c:Amt", NS)]
        assert sum(parts) == signed(entry) == Decimal(entry.findtext(".//c:Btch/c:TtlAmt", namespaces=NS))
        references = entry.findall(".//c:RmtInf/c:Strd/c:CdtrRefInf/c:Ref", NS)
        assert len(references) == len(parts) and all(len(r.text) == 15 for r in references)


def test_fik_references_belong_to_documents():
    documents = pl.read_csv(DEMO / "documents.csv", infer_schema=False)
    known = set(documents["payment_reference"].str.extract(r"\+71<(\d{15})").drop_nulls())
    root = ET.parse(DEMO / "statement-drift.xml").getroot()
    found = {ref.text for ref in root.iterfind(".//c:CdtrRefInf/c:Ref", NS)}
    assert len(found & known) > 20


def test_the_truth_speaks_of_the_statements_entries(statement):
    truth = pl.read_csv(DEMO / "truth.csv", infer_schema=False)
    ids = set(truth["bank_transaction_id"].str.replace_all("-", ""))
    assert {
        entry.findtext("c:AcctSvcrRef", namespaces=NS) for entry in statement.findall("c:Ntry", NS)
    } <= ids
