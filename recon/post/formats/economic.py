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
from recon.post.formats.daybook import daybook
from recon.post.formats.export import Export, Format

_TEXT_CHARS = 250
_TYPES = {"customer": "Kundebetaling", "supplier": "Leverandørbetaling"}


def _write(export: Export) -> bytes:
    return csv_bytes(
        daybook(export).select(
            Dato="date",
            Bilagsnr="voucher_no",
            Type=pl.col("party_kind").replace_strict(_TYPES, default="Finans"),
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
