"""Plain CSV: one row a posting entry, for people and programs without an ERP's habits.

Comma, UTF-8, CRLF; ISO dates, point decimals, debit and credit in columns of their own.
"""

from __future__ import annotations

import polars as pl

from recon.post.amounts import amount_text
from recon.post.formats.cells import csv_bytes
from recon.post.formats.export import Export, Format, rows


def _write(export: Export) -> bytes:
    amount = amount_text("amount_minor", "currency")
    return csv_bytes(
        rows(export).select(
            "voucher_no",
            "date",
            "erp_account",
            "account_name",
            "text",
            debit=pl.when(pl.col("side") == "debit").then(amount),
            credit=pl.when(pl.col("side") == "credit").then(amount),
            currency="currency",
            document_no="document_no",
            counterparty_name="counterparty_name",
            journal_id="journal_id",
            entry_no="entry_no",
            line_id="line_id",
            item_id="item_id",
        ),
        numbers=("debit", "credit"),
    )


PLAIN_CSV = Format(
    name="Plain CSV",
    extension="csv",
    media_type="text/csv",
    how_to="One row a debit or credit entry, in UTF-8 with commas, ISO dates and decimal points.",
    writer=_write,
)
