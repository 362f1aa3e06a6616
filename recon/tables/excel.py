"""An Excel file → a table of texts, each row with its line in the sheet.

In: bytes. Out: `Table`. Never: a workbook whose size in memory was not bounded first.
"""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Context, Decimal
from typing import Final

from recon.errors import DataRefused
from recon.tables.table import Table, make_table, no

MAX_UNPACKED: Final = 200 * 1024 * 1024
MAX_RATIO: Final = 100
MAX_MEMBERS: Final = 100
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 200
_CELL: Final = re.compile(rb"""\br(?:ef)?\s*=\s*["']([A-Za-z]*)(\d+)(?::([A-Za-z]*)(\d+))?["']""")
_SHOWN: Final = Context(prec=15)


def read_excel(data: bytes, name: str) -> Table:
    """The table in a workbook: its sheet `documents`, else its first. Raises DataRefused."""
    import fastexcel  # here, since only this function needs it and a start should be quick

    _refuse_bomb(data, name)
    try:
        book = fastexcel.read_excel(data)
        sheet = next((title for title in book.sheet_names if title.strip().lower() == "documents"), 0)
        texts = book.load_sheet(sheet, dtypes="string").to_polars()
        full = [title for title in texts.columns if texts[title].null_count() < texts.height]
        typed = book.load_sheet(sheet, use_columns=full, schema_sample_rows=None) if full else None
        numbers = (
            {c.name for c in typed.available_columns() if c.dtype in ("int", "float")} if typed else set()
        )
    except fastexcel.FastExcelError as error:
        raise no(name, f"cannot be read as Excel ({str(error).splitlines()[0]}). Save it again.") from error
    cells = {t: [_shown(c) if t in numbers else c for c in texts[t].to_list()] for t in texts.columns}
    rows = [(line, [c or "" for c in row]) for line, row in enumerate(zip(*cells.values(), strict=True), 2)]
    kept = [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
    header = ["" if title.startswith("__UNNAMED__") else title for title in texts.columns]
    if not any(header):
        raise no(name, "is empty. Fill in the template.")
    table = make_table([(1, header), *kept], "xlsx", name)
    points = frozenset(place for place, title in enumerate(texts.columns) if title in numbers)
    return Table(table.header, table.lines, table.columns, table.format, points)


def _shown(cell: str | None) -> str | None:
    """A spreadsheet's number as it shows it: 15 digits, so that 0.1 + 0.2 is 0.3 again."""
    if cell is None:
        return None
    try:
        number = _SHOWN.create_decimal(Decimal(cell)).normalize()
    except ArithmeticError:
        return cell
    return format(number, "f") if abs(number.adjusted()) < 20 else cell


def _refuse_bomb(data: bytes, name: str) -> None:
    """Count what the file unpacks to, not what its own directory claims, and how far its cells reach.

    A single cell in the last row and column makes a reader set aside memory for all cells before it.
    """
    total = 0
    allowed = min(MAX_UNPACKED, max(MAX_RATIO * len(data), 1 << 20))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MAX_MEMBERS:
                raise no(name, "has too many parts for a spreadsheet.")
            if "xl/workbook.xml" not in archive.namelist():
                raise no(name, "is an archive and no Excel file. Unpack it and import what is in it.")
            for member in archive.infolist():
                with archive.open(member) as part:
                    body = part.read(allowed - total + 1)
                total += len(body)
                if total > allowed:
                    raise no(name, "unpacks to far more than a spreadsheet holds.")
                _refuse_far_cells(body, name)
    except DataRefused:
        raise
    except Exception as error:  # a damaged archive fails in many ways
        raise no(name, "is a damaged Excel file. Save it again as xlsx.") from error


def _refuse_far_cells(body: bytes, name: str) -> None:
    for found in _CELL.finditer(body):
        for column, row in (found.group(1, 2), found.group(3, 4)):
            if row and (int(row) > MAX_ROWS or _place(column) > MAX_COLUMNS):
                cell = (column + row).decode()
                raise no(name, f"has a cell {cell}; {MAX_ROWS:,} rows and {MAX_COLUMNS} columns are read.")


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters.upper():
        place = place * 26 + letter - 64
    return place
