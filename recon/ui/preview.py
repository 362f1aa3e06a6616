"""What a file holds, before it is imported: counts, totals by currency, the first rows, and findings."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.schema import Documents, Statement
from recon.statements.accounts import mask
from recon.ui.tables import amount_column, amounts, count, day_column, show_table, span

SHOWN_ROWS = 200
TABLE_ROWS = 8
SIGNS_A_LINE = 85
FORMATS = {
    "csv": "CSV",
    "xlsx": "Excel",
    "ubl": "electronic invoice",
    "mt940": "MT940",
    "mt942": "MT942",
    "ofx": "OFX",
}
KINDS = {
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "bill": "Bill or receipt",
    "bill_credit": "Supplier credit",
    "payout": "Payout",
}
_SEVERITY = {"note": "Note", "warning": "Warning", "error": "Error"}


def show_documents(documents: Documents, key: str) -> None:
    """Documents by kind and currency, then the first rows."""
    items = documents.items
    if items.is_empty():
        st.info("The file is a document file with nothing in it.", icon=":material/info:")
        return
    totals = (
        items.group_by("kind", "currency")
        .agg(pl.len().alias("documents"), pl.col("total_minor", "open_minor").sum())
        .sort("kind", "currency")
    )
    st.caption(
        f"Documents ({_format(documents.format)}): {count(items.height, 'document')}. "
        "Bills are money out, so they are negative."
    )
    show_table(
        totals.with_columns(
            kind=pl.col("kind").replace_strict(KINDS, default=pl.col("kind")),
            total=amounts(totals["total_minor"], totals["currency"]),
            open=amounts(totals["open_minor"], totals["currency"]),
        ),
        {
            "kind": cc.TextColumn("Kind", width="medium"),
            "documents": cc.NumberColumn("Documents", width="small", format="localized"),
            "total": amount_column("Total", width="medium"),
            "open": amount_column("Open", width="medium"),
        },
        key=f"{key}_totals",
    )
    show_items(items.head(SHOWN_ROWS), key=f"{key}_items", rows=TABLE_ROWS)
    _say_cut(items.height)


def show_items(items: pl.DataFrame, *, key: str, rows: int | None = None) -> None:
    """ITEMS as a table."""
    show_table(
        items.with_columns(
            kind=pl.col("kind").replace_strict(KINDS, default=pl.col("kind")),
            total=amounts(items["total_minor"], items["currency"]),
            open=amounts(items["open_minor"], items["currency"]),
        ),
        {
            "kind": cc.TextColumn("Kind", width=105),
            "document_no": cc.TextColumn("Number", width=100),
            "counterparty_name": cc.TextColumn("Customer or supplier", width=215),
            "issue_date": day_column("Issued", width=100),
            "due_date": day_column("Due", width=100),
            "total": amount_column("Total", width=120),
            "open": amount_column("Open", width=120),
            "payment_reference": cc.TextColumn("Payment reference", width=230),
            "text": cc.TextColumn("Text", width=180),
        },
        key=key,
        rows=rows,
    )


def show_statement(statement: Statement, key: str) -> None:
    """Each account of a statement with its days and balances, then the first lines."""
    lines = statement.lines
    expected = statement.expected.height
    st.caption(
        f"Bank statement ({_format(statement.format)}): {count(lines.height, 'booked line')}"
        + (f", {count(expected, 'line')} still to be booked" if expected else "")
        + "."
    )
    _show_accounts(statement, key)
    if lines.is_empty():
        return
    first = lines.head(SHOWN_ROWS)
    show_table(
        first.with_columns(amount=amounts(first["amount_minor"], first["currency"])),
        {
            "booking_date": day_column("Booked", width=105),
            "amount": amount_column("Amount", width=140),
            "text": cc.TextColumn("Text", width=360),
            "counterparty_name": cc.TextColumn("Other party", width=220),
            "end_to_end_id": cc.TextColumn("Payer's id", width=160),
        },
        key=f"{key}_lines",
        rows=TABLE_ROWS,
    )
    _say_cut(lines.height)


def _show_accounts(statement: Statement, key: str) -> None:
    booked = statement.lines.group_by("account_id").agg(
        pl.len().alias("lines"), pl.col("amount_minor").sum().alias("moved_minor")
    )
    told = statement.balances.group_by("account_id", maintain_order=True).agg(
        pl.col("opening_date").first(),
        pl.col("closing_date").last(),
        pl.col("opening_minor").first(),
        pl.col("closing_minor").last(),
        pl.col("ties").all(ignore_nulls=False),
    )
    rows = statement.accounts.join(booked, on="account_id", how="left").join(
        told, on="account_id", how="left"
    )
    number = [mask(row["iban"] or row["bban"]) for row in rows.to_dicts()]
    ties = {True: "They join up", False: "They do not", None: "Not stated"}
    show_table(
        rows.with_columns(
            account=pl.Series(number, dtype=pl.String),
            lines=pl.col("lines").fill_null(0),
            days=pl.Series([_days(row) for row in rows.to_dicts()], dtype=pl.String),
            opening=amounts(rows["opening_minor"], rows["currency"]),
            moved=amounts(rows["moved_minor"], rows["currency"]),
            closing=amounts(rows["closing_minor"], rows["currency"]),
            balance=pl.Series([ties[one] for one in rows["ties"]], dtype=pl.String),
        ),
        {
            "account": cc.TextColumn("Account", width=90),
            "name": cc.TextColumn("Name", width=150),
            "lines": cc.NumberColumn("Lines", width=70, format="localized"),
            "days": cc.TextColumn("Days", width=175),
            "opening": amount_column("Opening", width=125),
            "moved": amount_column("Moved", width=125),
            "closing": amount_column("Closing", width=125),
            "balance": cc.TextColumn("Balances", width=130),
        },
        key=f"{key}_accounts",
    )


def _days(row: dict[str, Any]) -> str:
    return span(row["opening_date"], row["closing_date"])


def show_findings(findings: pl.DataFrame, key: str) -> None:
    """What the reader noticed, worst first; nothing where there is nothing."""
    if findings.is_empty():
        return
    order = pl.col("severity").replace_strict({"error": 0, "warning": 1, "note": 2})
    worded = findings.sort(order, "where").with_columns(severity=pl.col("severity").replace_strict(_SEVERITY))
    shown = worded.head(SHOWN_ROWS)
    st.caption(f"{count(findings.height, 'thing')} to know about this file:")
    show_table(
        shown,
        {
            "severity": cc.TextColumn("", width=100),
            "where": cc.TextColumn("Where", width=160),
            "words": cc.TextColumn("What", width="large"),
        },
        key=f"{key}_findings",
        rows=TABLE_ROWS,
        tall=max(map(len, shown["words"])) > SIGNS_A_LINE,
    )


def _format(told: str) -> str:
    """The format as people call it; an archive may hold several."""
    return ", ".join(FORMATS.get(one, one) for one in re.split(r"\+|, ", told))


def _say_cut(rows: int) -> None:
    if rows > SHOWN_ROWS:
        st.caption(f"The first {SHOWN_ROWS} of {rows:,} are shown; the import takes all of them.")
