"""A small company whose lines and documents read like a table, stored and matched by the program itself."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from recon.flow.keep import keep_lines
from recon.flow.matching import match
from recon.flow.workspace import Store, open_store
from recon.schema import BALANCES, ITEMS, LINES, conform
from recon.settings import Settings
from recon.store import consents, documents, statements

TODAY = date(2026, 10, 31)

# what        day  amount     party                text
LINES_TOLD = (
    ("exact", 1, 119500, "Kanalhusets Kontorhotel ApS", "Faktura 100236"),
    ("second", 2, 250000, "Tidevand Reklamebureau A/S", "Faktura 100237"),
    ("third", 3, 87550, "Hotel Skagen ApS", "Faktura 100238"),
    ("fee kept", 4, 79500, "Fjelltopp AS", "Invoice 100239"),
    ("no match", 5, -9800, None, "Gebyr netbank erhverv"),
    ("to split", 6, 200000, None, "Overførsel"),
)
# number      amount    party
DOCUMENTS_TOLD = (
    ("100236", 119500, "Kanalhusets Kontorhotel ApS"),
    ("100237", 250000, "Tidevand Reklamebureau A/S"),
    ("100238", 87550, "Hotel Skagen ApS"),
    ("100239", 80000, "Fjelltopp AS"),
    ("200001", 120000, "Egeskov Yogahus ApS"),
    ("200002", 90000, "Birkely Ejendomsservice"),
)
ACCOUNT = "acc_drift"
_KEPT = tempfile.TemporaryDirectory()


def line_of(store: Store, amount_minor: int) -> str:
    """The id that the workspace gave to the line of this amount."""
    return store.lines().filter(amount_minor=amount_minor)["line_id"].item()


def proposal_of(store: Store, amount_minor: int) -> str:
    """The proposal for the line of this amount."""
    legs = store.legs().filter(line_id=line_of(store, amount_minor))
    return legs.join(store.proposals().filter(rank=1), on="proposal_id")["proposal_id"].item()


def fill(store: Store, *, erp_account: str | None = "5820", matched: bool = True) -> None:
    """One account, six lines, six invoices, one statement that ties; matched unless asked otherwise."""
    shutil.copytree(_made(erp_account, matched), store.home, dirs_exist_ok=True)


@cache
def _made(erp_account: str | None, matched: bool) -> Path:
    """The company once for all tests that copy it."""
    home = Path(_KEPT.name) / f"{erp_account}-{matched}"
    store = open_store(home, Settings(home=home))
    lines, items = _lines(), _items()
    with store.database.write("test") as writer:
        consents.put_account(
            writer.c, account_id=ACCOUNT, name="Drift", currency="DKK", is_on=True, erp_account=erp_account
        )
        keep_lines(writer, ACCOUNT, lines.with_columns(bank_ref=pl.col("line_id")), source="test")
        documents.put_items(writer.c, items, writer.at)
        statements.add_balances(writer.c, _balances(lines), "test", writer.at)
    if matched:
        match(store, by="test")
    return home


def _lines() -> pl.DataFrame:
    rows = [
        {
            "line_id": what,
            "account_id": ACCOUNT,
            "booking_date": TODAY - timedelta(days=30 - day),
            "amount_minor": amount,
            "currency": "DKK",
            "text": text,
            "counterparty_name": party,
            "kind": "fee" if text.startswith("Gebyr") else "transfer",
            "source": "test",
        }
        for what, day, amount, party, text in LINES_TOLD
    ]
    return conform(pl.DataFrame(rows), LINES)


def _items() -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "item_id": f"i_{number}",
            "kind": "invoice",
            "document_no": number,
            "counterparty_name": party,
            "currency": "DKK",
            "total_minor": amount,
            "open_minor": amount,
            "issue_date": TODAY - timedelta(days=45),
            "due_date": TODAY - timedelta(days=29),
            "source": "test",
        }
        for number, amount, party in DOCUMENTS_TOLD
    ]
    return conform(pl.DataFrame(rows), ITEMS)


def _balances(lines: pl.DataFrame) -> pl.DataFrame:
    moved = int(lines["amount_minor"].sum())
    row = {
        "statement_no": "10",
        "account_id": ACCOUNT,
        "currency": "DKK",
        "opening_date": lines["booking_date"].min(),
        "opening_minor": 100_000,
        "closing_date": lines["booking_date"].max(),
        "closing_minor": 100_000 + moved,
        "booked_minor": moved,
        "ties": True,
    }
    return conform(pl.DataFrame([row]), BALANCES)
