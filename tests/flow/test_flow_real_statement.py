"""A real bank's file goes the whole way: import, documents typed for it, propose, accept, export."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest

from recon.flow.accounts import set_account
from recon.flow.check import check
from recon.flow.files import File, import_files
from recon.flow.matching import match
from recon.flow.posting import export
from recon.flow.review import accept
from recon.flow.workspace import open_store
from recon.settings import Settings

SAMPLE = (
    Path(__file__).resolve().parents[3]
    / "shared/samples/camt/Randers-Kommune-Digitalisering+auto-bankposteringer-nordea-kmdopus"
    / "resources__banking__nordea__examples__camt.053e.xml"
)


@pytest.fixture
def store(tmp_path):
    if not SAMPLE.exists():
        pytest.skip("the shared samples of real bank files are not beside this checkout")
    made = open_store(tmp_path / "workspace", Settings())
    import_files(made, [SAMPLE], by="anna")
    return made


def typed_documents(lines: pl.DataFrame) -> str:
    """An open document for each line, as a bookkeeper would type it from the paper."""
    rows = ["kind,number,party_name,issue_date,due_date,currency,total,payment_reference,external_id"]
    for number, row in enumerate(lines.sort("line_id").to_dicts(), 7001):
        kind = "invoice" if row["amount_minor"] > 0 else "bill"
        total = abs(row["amount_minor"]) / 100
        reference = row["creditor_reference"] or ""
        day = row["booking_date"]
        name = (row["counterparty_name"] or "").replace(",", " ")
        rows.append(f"{kind},{number},{name},{day},{day},{row['currency']},{total:.2f},{reference},{number}")
    return "\n".join(rows) + "\n"


def test_nordeas_statement_becomes_a_journal(store):
    lines = store.lines()
    assert lines.height == 6
    assert lines["amount_minor"].sum() == 4258321 - 8025913, "closing less opening, as the bank printed them"
    import_files(store, [File("documents.csv", typed_documents(lines).encode())], by="anna")
    set_account(store, store.accounts()["account_id"][0], by="anna", erp_account="5820")
    match(store)
    best = store.proposals().filter(rank=1)
    assert best.height >= 3, "lines with a name or a reference find their document"
    accept(store, best["proposal_id"].to_list(), by="anna")
    given = store.allocations().group_by("line_id").agg(pl.col("amount_minor").sum())
    assert (
        given.join(lines, on="line_id")
        .filter(pl.col("amount_minor") != pl.col("amount_minor_right"))
        .is_empty()
    )
    rows = list(csv.DictReader(io.StringIO(export(store, "csv", by="anna").content.decode("utf-8-sig"))))
    bank = [row for row in rows if row["erp_account"] == "5820"]
    booked = sum(float(row["debit"] or 0) - float(row["credit"] or 0) for row in bank)
    assert round(booked * 100) == given["amount_minor"].sum()
    assert check(store).ok
