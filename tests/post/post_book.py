"""Small books as text: a table a frame, columns by name, amounts as a person writes them, `-` for nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from recon.money import parse_amount, plain
from recon.post.chart import Roles
from recon.post.journal import journal
from recon.schema import ACCOUNTS, ALLOCATIONS, ITEMS, LINES, Table, conform

ROLES = Roles()

BANKS = """
account_id  name     currency  erp_account  iban
drift       Drift    DKK       5820         DK5000400440116243
savings     Savings  DKK       5830         DK8330003617483000
euro        Euro     EUR       5840         DK2112345678901234
"""


def table(text: str) -> list[dict[str, Any]]:
    """Rows of a text table whose columns stand two or more blanks apart."""
    heading, *rows = [line for line in text.strip().splitlines() if line.strip()]
    names = heading.split()
    cells = ([cell.strip() for cell in row.split("  ") if cell.strip()] for row in rows)
    return [
        {name: None if cell == "-" else cell for name, cell in zip(names, row, strict=True)} for row in cells
    ]


def _typed(row: dict[str, Any], currency: str) -> dict[str, Any]:
    typed = dict(row)
    for name, value in row.items():
        if name.endswith("_date"):
            typed[name] = date.fromisoformat(value)
        elif name.endswith("_minor"):
            typed[name] = parse_amount(value, currency)
    return typed


def _frame(rows: list[dict[str, Any]], form: Table) -> pl.DataFrame:
    return conform(pl.DataFrame(rows, schema=_schema(rows, form)), form)


def _schema(rows: list[dict[str, Any]], form: Table) -> dict[str, Any]:
    names = rows[0] if rows else form.types
    return {name: form.types[name] for name in names}


def accounts(text: str = BANKS) -> pl.DataFrame:
    return _frame([{**row, "on": True} for row in table(text)], ACCOUNTS)


def lines(text: str) -> pl.DataFrame:
    """LINES; columns that are not in the table are null."""
    return _frame([{"source": "test", **_typed(row, row["currency"])} for row in table(text)], LINES)


def items(text: str) -> pl.DataFrame:
    """ITEMS; `open_minor` is the whole document."""
    rows = [_typed(row, row["currency"]) for row in table(text)]
    return _frame([{"source": "test", "open_minor": row["total_minor"], **row} for row in rows], ITEMS)


def allocations(text: str) -> pl.DataFrame:
    """ALLOCATIONS; two decimals, the same amount in the document's currency unless told."""
    rows = [_typed(row, "DKK") for row in table(text)]
    return _frame([{"item_amount_minor": row["amount_minor"], **row} for row in rows], ALLOCATIONS)


def book(
    bank_lines: str, documents: str, given: str, banks: str = BANKS, **options: Any
) -> tuple[pl.DataFrame, ...]:
    """The postings of a book and what they came from: `postings, allocations, lines, items, accounts`."""
    frames = (allocations(given), lines(bank_lines), items(documents), accounts(banks))
    return (journal(*frames, ROLES, **options), *frames)


def entries(postings: pl.DataFrame) -> list[str]:
    """Entries as a person reads them: `2026-01-05 debit 5820 95.00 DKK Invoice 1042`."""
    return [
        f"{each['date']} {each['side']} {each['erp_account']} "
        f"{plain(each['amount_minor'], each['currency'])} {each['currency']} {each['text']}"
        for each in postings.sort("date", "journal_id", "entry_no").iter_rows(named=True)
    ]


def net(postings: pl.DataFrame) -> dict[tuple[str, str], int]:
    """What each ERP account and currency holds after these postings, debit positive; zeros left out."""
    held: dict[tuple[str, str], int] = {}
    for row in postings.iter_rows(named=True):
        sign = 1 if row["side"] == "debit" else -1
        key = (row["erp_account"], row["currency"])
        held[key] = held.get(key, 0) + sign * row["amount_minor"]
    return {key: amount for key, amount in held.items() if amount}
