"""A CSV file for the daybook of Visma e-conomic; layout of file-formats.md 8.2 (a), our own and stable.

    Dato;Bilagsnr;Type;Konto/Kundenr/Leverandørnr;Modkonto;Tekst;Fakturanr;Beløb;Valuta;Kurs;Momskode
    05-01-2026;1;Kundebetaling;10042;5820;Invoice 1042 · Nordic Customer A/S;1042;-100,00;DKK;;

One row a counter entry with the bank as Modkonto, so that each row balances; a positive Beløb debits the
first account. A payment settles a customer or supplier only where the document says who that is in the ERP
(counterparty_id) and is booked on a control account; otherwise it is a Finans row on that account. Kurs stays
empty: e-conomic then takes its own rate of the day, which is the one the rest of its books use.
"""

from __future__ import annotations

import polars as pl

from recon.post.amounts import amount_text
from recon.post.formats.cells import csv_bytes
from recon.post.formats.export import Export, Format, rows
from recon.post.journal import SIGNED
from recon.post.texts import filled

_TEXT_CHARS = 250
_VOUCHER = ("voucher_no", "date", "currency")


def _write(export: Export) -> bytes:
    entries = rows(export).with_columns(signed=SIGNED.cast(pl.Int64))
    bank, counter = _split(entries)
    daybook = pl.concat(
        [_against_bank(counter, bank), _between_banks(_bank_left(counter, bank))], how="diagonal"
    ).sort("voucher_no", "entry_no")
    return csv_bytes(
        daybook.select(
            Dato="date",
            Bilagsnr="voucher_no",
            Type=pl.coalesce("type", pl.lit("Finans")),
            **{"Konto/Kundenr/Leverandørnr": pl.coalesce("party", "erp_account")},
            Modkonto="contra",
            Tekst=pl.col("text").str.head(_TEXT_CHARS),
            Fakturanr="document_no",
            Beløb=amount_text("signed", "currency", mark=","),
            Valuta="currency",
            Kurs=pl.lit(None, pl.String),
            Momskode=pl.lit(None, pl.String),
        ),
        numbers=("Beløb",),
        separator=";",
        dates="%d-%m-%Y",
        bom=True,
    )


def _split(entries: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The bank's entries (a line and no document) and the counter entries."""
    is_bank = pl.col("item_id").is_null()
    return entries.filter(is_bank), entries.filter(~is_bank)


def _against_bank(counter: pl.DataFrame, bank: pl.DataFrame) -> pl.DataFrame:
    """Counter entries with their line's bank account as Modkonto; without where documents net to zero."""
    own_bank = bank.select("journal_id", "line_id", contra="erp_account")
    customer = pl.col("item_kind").is_in(["invoice", "credit_note"]) & (pl.col("account_kind") == "debtor")
    supplier = pl.col("item_kind").is_in(["bill", "bill_credit"]) & (pl.col("account_kind") == "creditor")
    known = filled("counterparty_id")
    return counter.join(own_bank, on=["journal_id", "line_id"], how="left", validate="m:1").with_columns(
        type=pl.when(known.is_null())
        .then(None)
        .when(customer)
        .then(pl.lit("Kundebetaling"))
        .when(supplier)
        .then(pl.lit("Leverandørbetaling")),
        party=pl.when(customer | supplier).then(known),
    )


def _bank_left(counter: pl.DataFrame, bank: pl.DataFrame) -> pl.DataFrame:
    """What of a bank entry no counter entry answers: the sides of a direct transfer between own accounts."""
    answered = counter.group_by("journal_id", "line_id").agg(answered=pl.col("signed").sum())
    return (
        bank.join(answered, on=["journal_id", "line_id"], how="left", validate="1:1")
        .with_columns(signed=pl.col("signed") + pl.col("answered").fill_null(0))
        .filter(pl.col("signed") != 0)
        .drop("answered")
    )


def _between_banks(left: pl.DataFrame) -> pl.DataFrame:
    """Two opposite bank entries of a voucher as one row, receiver against sender; others a row each."""
    counted = left.with_columns(sides=pl.len().over(_VOUCHER))
    pair = pl.col("sides") == 2
    sender = counted.filter(pair & (pl.col("signed") < 0)).select(*_VOUCHER, contra="erp_account")
    return (
        counted.filter(~(pair & (pl.col("signed") < 0)))
        .join(sender, on=list(_VOUCHER), how="left", validate="m:1")
        .drop("sides")
    )


ECONOMIC = Format(
    name="e-conomic daybook (CSV)",
    extension="csv",
    media_type="text/csv",
    how_to=(
        "In e-conomic, import the file into a daybook (Kassekladde): semicolon, skip the first row, "
        "columns in the order of the heading, dates as dd-mm-yyyy. Save that as a template for next time."
    ),
    writer=_write,
)
