"""The empty template people fill in, as CSV or Excel.

In: which of the two. Out: bytes, always the same. Never: sample rows somebody could import by mistake.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Literal

from recon.documents.columns import COLUMNS
from recon.errors import UsageError

SHEET = "documents"
NOTES = "notes"
_MADE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def write_template(kind: Literal["csv", "xlsx"]) -> bytes:
    """The empty template. CSV: semicolons, UTF-8 with its mark, as Danish spreadsheets open it.

    Excel: a sheet `documents` with the header, text and date columns formatted, and a sheet `notes` that
    explains each column. Raises UsageError for another kind.
    """
    if kind == "csv":
        return ("\ufeff" + ";".join(COLUMNS) + "\r\n").encode()
    if kind == "xlsx":
        return _workbook()
    raise UsageError(f"The template comes as csv or xlsx, not as “{kind}”.")


def _workbook() -> bytes:
    import xlsxwriter  # here, since only this function needs it and a start should be quick

    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": "Documents", "created": _MADE})
        head = book.add_format({"bold": True, "bottom": 1})
        formats = {
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "amount": book.add_format({"num_format": "0.00"}),
            # Text, so that a number such as 0012 keeps its zeros.
            "text": book.add_format({"num_format": "@"}),
        }
        sheet = book.add_worksheet(SHEET)
        for place, column in enumerate(COLUMNS):
            kind = (
                "date"
                if column.endswith("_date")
                else "amount"
                if column in ("total", "open_amount")
                else "text"
            )
            sheet.set_column(place, place, max(12, len(column) + 2), formats[kind])
            sheet.write_string(0, place, column, head)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet(NOTES)
        notes.set_column(0, 0, 26)
        notes.set_column(1, 1, 90)
        notes.write_row(0, 0, ["column", "what it holds"], head)
        for line, (column, words) in enumerate(COLUMNS.items(), 1):
            notes.write_row(line, 0, [column, words])
    return out.getvalue()
