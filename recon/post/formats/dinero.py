"""Ledger items for Dinero's journal (Kassekladde): a CSV whose columns are the fields of its API's ledger items.

    VoucherNumber,VoucherDate,AccountNumber,AccountVatCode,Amount,BalancingAccountNumber,BalancingAccountVatCode,Description
    1,2026-01-05,5600,,-100.00,5820,,Invoice 1042 · Nordic Customer A/S

A positive Amount debits AccountNumber and credits BalancingAccountNumber. Dinero keeps its journal in DKK, and
customers have no accounts of their own in it: what they pay is on the control account. VAT codes stay empty, for a
payment moves no VAT. Source: https://api.dinero.dk/docs (ledger items). Never tried on a live organisation.
"""

from __future__ import annotations

import polars as pl

from recon.errors import UsageError
from recon.post.amounts import amount_text
from recon.post.formats.cells import csv_bytes
from recon.post.formats.daybook import daybook
from recon.post.formats.export import Export, Format
from recon.post.formats.vouchers import only_currency

_CURRENCY = "DKK"
_TEXT_CHARS = 250


def _write(export: Export) -> bytes:
    if (currency := only_currency(export, "Dinero")) not in (None, _CURRENCY):
        raise UsageError(
            f"Dinero's journal is kept in {_CURRENCY}, and this batch is in {currency}. Nothing was written; use "
            "another format."
        )
    return csv_bytes(
        daybook(export).select(
            VoucherNumber="voucher_no",
            VoucherDate="date",
            AccountNumber="erp_account",
            AccountVatCode=pl.lit(None, pl.String),
            Amount=amount_text("signed", "currency"),
            BalancingAccountNumber="contra",
            BalancingAccountVatCode=pl.lit(None, pl.String),
            Description=pl.col("text").str.head(_TEXT_CHARS),
        ),
        numbers=("Amount",),
    )


DINERO = Format(
    name="Dinero journal (CSV)",
    extension="csv",
    media_type="text/csv",
    how_to=(
        "For Dinero's Kassekladde: one row a ledger item, the columns named as in Dinero's API. Bring it in with a "
        "program that speaks the API, or by hand."
    ),
    writer=_write,
)
