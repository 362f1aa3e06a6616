"""An Excel workbook: the journal and, where given, what was matched, what was not, and the proofs.

Real dates and numbers, text typed as text and inert, a table with filters and a frozen heading a sheet, bank
account numbers masked. The same input gives the same bytes: nothing of the moment of writing is inside.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

from recon.errors import UsageError
from recon.money import minor_digits, plain, to_decimal
from recon.post.formats.cells import inert_frame, masked
from recon.post.formats.export import Export, Format, rows

if TYPE_CHECKING:
    from xlsxwriter.format import Format as CellFormat
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575
"""Rows of a sheet below its heading; set by Excel, as are the next two."""
_MOST_CHARS = 32_767
_EXACT_MINOR = 10**15
_WIDEST = 60
_UPPER = ("erp", "iban", "bban")
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed date without a zone, as the file format has it


def _write(export: Export) -> bytes:
    import xlsxwriter  # here, since it takes 0.1 s and no command but this export needs it

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": f"Journal {export.batch}", "created": _CREATED})
        for number, (name, frame) in enumerate(_sheets(export).items(), 1):
            _write_sheet(book, name, f"Table{number}", frame)
    return out.getvalue()


def _sheets(export: Export) -> dict[str, pl.DataFrame]:
    given = {
        "Journal": _journal(export),
        "Matched": export.matched,
        "Unmatched lines": export.unmatched_lines,
        "Unmatched documents": export.unmatched_documents,
        "Differences": export.differences,
        "Balance proof": export.balance_proof,
        "Audit": export.audit,
    }
    return {name: frame for name, frame in given.items() if frame is not None}


def _journal(export: Export) -> pl.DataFrame:
    amount = pl.col("amount_minor")
    return rows(export).select(
        "voucher_no",
        "date",
        "erp_account",
        "account_name",
        "text",
        debit_minor=pl.when(pl.col("side") == "debit").then(amount),
        credit_minor=pl.when(pl.col("side") == "credit").then(amount),
        currency="currency",
        document_no="document_no",
        counterparty_name="counterparty_name",
        line_id="line_id",
        journal_id="journal_id",
    )


def _write_sheet(book: Workbook, name: str, table: str, frame: pl.DataFrame) -> None:
    if frame.height > MOST_ROWS:
        raise UsageError(
            f"The sheet {name} would have {frame.height:,} rows and Excel holds {MOST_ROWS:,}. Nothing was "
            "written; export a shorter period, or as csv."
        )
    sheet = book.add_worksheet(name)
    cells = _as_cells(frame)
    headings = [_heading(column) for column in frame.columns]
    formats = _Formats(book)
    for at, column in enumerate(frame.columns):
        widest = _write_column(sheet, at, column, cells, formats)
        sheet.set_column(at, at, min(_WIDEST, max(widest, len(headings[at]) + 3) + 1))
    area = {"name": table, "columns": [{"header": heading} for heading in headings]}
    sheet.add_table(0, 0, max(1, cells.height), cells.width - 1, area)
    sheet.freeze_panes(1, 0)


def _heading(column: str) -> str:
    """`debit_minor` → `Debit`, for a cell shows whole amounts; `erp_account` → `ERP account`."""
    words = [word.upper() if word in _UPPER else word for word in column.removesuffix("_minor").split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _as_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as one text, instants without zone, account numbers masked, all text inert and short enough."""
    texts = frame.with_columns(
        (cs.categorical() | cs.enum()).cast(pl.String), cs.by_dtype(pl.List(pl.String)).list.join(", ")
    )
    timed = texts.with_columns(cs.datetime().dt.convert_time_zone("UTC").dt.replace_time_zone(None))
    return inert_frame(masked(timed)).with_columns(cs.string().str.head(_MOST_CHARS))


class _Formats:
    """The book's cell formats, made once each: dates, instants, and amounts by their number of decimals."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, CellFormat] = {}

    def of(self, pattern: str) -> CellFormat:
        if pattern not in self._made:
            self._made[pattern] = self._book.add_format({"num_format": pattern})
        return self._made[pattern]

    def amount(self, currency: str) -> CellFormat:
        digits = minor_digits(currency)
        return self.of("#,##0" + ("." + "0" * digits if digits else ""))


def _write_column(sheet: Worksheet, at: int, column: str, cells: pl.DataFrame, formats: _Formats) -> int:
    """Write one column below its heading; returns the width of its widest text."""
    if column.endswith("_minor"):
        currencies = cells[_currency_column(column, cells)]
        return _write_amounts(sheet, at, cells[column], currencies, formats)
    widest = 0
    for row, value in enumerate(cells[column], 1):
        widest = max(widest, _write_cell(sheet, row, at, value, formats))
    return widest


def _write_amounts(
    sheet: Worksheet, at: int, minor: pl.Series, currencies: pl.Series, formats: _Formats
) -> int:
    widest = 0
    for row, (amount, currency) in enumerate(zip(minor, currencies, strict=True), 1):
        if amount is None or currency is None:
            continue
        # Excel keeps 15 digits, so up to there a float is exact; beyond, text rather than rounding.
        if abs(amount) >= _EXACT_MINOR:
            sheet.write_string(row, at, plain(amount, currency))
        else:
            sheet.write_number(row, at, float(to_decimal(amount, currency)), formats.amount(currency))
        widest = max(widest, len(str(amount)) * 4 // 3 + 2)
    return widest


def _write_cell(sheet: Worksheet, row: int, at: int, value: Any, formats: _Formats) -> int:
    """Write one value by its own type; returns its width."""
    if value is None:
        return 0
    if isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, at, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, at, value, formats.of("yyyy-mm-dd hh:mm"))
        return 16
    elif isinstance(value, date):
        sheet.write_datetime(row, at, value, formats.of("yyyy-mm-dd"))
        return 10
    else:
        sheet.write_string(row, at, str(value))
    return len(str(value))


def _currency_column(column: str, cells: pl.DataFrame) -> str:
    """The column with an amount's currency: `original_currency` for `original_minor`, else `currency`."""
    stem = column.removesuffix("_minor").removesuffix("_amount")
    for name in (f"{stem}_currency", "currency"):
        if name in cells.columns:
            return name
    raise UsageError(f"The column {column} has no currency beside it. Nothing was written; add `currency`.")


WORKBOOK = Format(
    name="Excel workbook",
    extension="xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    how_to="Opens in Excel, LibreOffice and Numbers; each sheet is a table with filters.",
    writer=_write,
)
