"""A CSV or Excel file → a table of texts, each row with its line in the file.

In: bytes. Out: `Table`. Never: a type inferred by a reader; cells stay as written, leading zeros kept.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Final

from recon.errors import DataRefused

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_UNPACKED: Final = 200 * 1024 * 1024
MAX_RATIO: Final = 100
MAX_MEMBERS: Final = 100
_DELIMITERS: Final = ";,\t"
# UTF-8 read as Windows-1252 and saved again.
_TWICE: Final = re.compile("Ã[¦¸¥†˜…]")
_EXCEL_DIGITS: Final = Context(prec=15)


@dataclass(frozen=True)
class Table:
    """header: as written, trimmed. lines: the file's line of each row. columns: texts by header place.

    points: header places whose cells are numbers of a spreadsheet, so that a point is the decimal mark.
    """

    header: list[str]
    lines: list[int]
    columns: list[list[str | None]]
    format: str
    points: frozenset[int] = field(default_factory=frozenset)


def read_table(data: bytes, name: str) -> Table:
    """The table in a file. Raises DataRefused for what is neither CSV nor Excel, or has no header."""
    if len(data) > MAX_BYTES:
        raise _no(name, f"has {len(data):,} bytes; files up to {MAX_BYTES:,} are read. Split it.")
    return _read_excel(data, name) if data.startswith(b"PK\x03\x04") else _read_csv(data, name)


def decode(data: bytes, name: str) -> str:
    """The text of a file: by its mark, else UTF-8, else Windows-1252. Raises DataRefused."""
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    for encoding in (marks.get(data[:2], "utf-8-sig"), "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _no(name, "is in an encoding that is not read here. Save it as UTF-8.")
    if "\x00" in text or "\ufffd" in text:
        raise _no(name, "is no text file, or letters were lost when it was saved. Export it again.")
    if _TWICE.search(text):
        try:
            return text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            raise _no(
                name, "has letters that were saved in the wrong encoding (Ã¦). Export it again."
            ) from None
    return text


def _read_csv(data: bytes, name: str) -> Table:
    text = decode(data, name).lstrip("\ufeff")
    told = re.match(r"(?i)sep=(.)\r?\n", text)
    body = text[told.end() :] if told else text
    first = next((line for line in body.splitlines() if line.strip()), "")
    if not first:
        raise _no(name, "is empty. Fill in the template.")
    unquoted = re.sub(r'"[^"]*"', "", first)
    delimiter = told[1] if told else max(_DELIMITERS, key=unquoted.count)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    shift = 1 if told else 0
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num + shift, row))
    except csv.Error as error:
        raise _no(
            name, f"breaks off at line {reader.line_num + shift} ({error}). Export it again."
        ) from error
    return _table(rows, "csv", name)


def _table(rows: list[tuple[int, list[str]]], kind: str, name: str) -> Table:
    (_, first), body = rows[0], rows[1:]
    header = [cell.strip() for cell in first]
    while header and not header[-1]:
        header.pop()
    wide = next((line for line, row in body if any(cell.strip() for cell in row[len(header) :])), None)
    if wide:
        raise _no(
            name, f"has more cells in line {wide} than in its header. Put texts with the separator in quotes."
        )
    columns = [
        [row[place].strip() or None if place < len(row) else None for _, row in body]
        for place in range(len(header))
    ]
    return Table(header, [line for line, _ in body], columns, kind)


def _read_excel(data: bytes, name: str) -> Table:
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
        raise _no(
            name, f"cannot be read as Excel ({str(error).splitlines()[0]}). Save it again as xlsx."
        ) from error
    cells = {t: [_number(c) if t in numbers else c for c in texts[t].to_list()] for t in texts.columns}
    rows = [
        (line, [cell or "" for cell in row]) for line, row in enumerate(zip(*cells.values(), strict=True), 2)
    ]
    kept = [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
    header = ["" if title.startswith("__UNNAMED__") else title for title in texts.columns]
    table = _table([(1, header), *kept], "xlsx", name)
    points = frozenset(place for place, title in enumerate(texts.columns) if title in numbers)
    return Table(table.header, table.lines, table.columns, table.format, points)


def _number(cell: str | None) -> str | None:
    """A spreadsheet's number as it shows it: 15 digits, so that 0.1 + 0.2 is 0.3 again."""
    if cell is None:
        return None
    try:
        return format(_EXCEL_DIGITS.create_decimal(Decimal(cell)).normalize(), "f")
    except ArithmeticError:
        return cell


def _refuse_bomb(data: bytes, name: str) -> None:
    """Count what the file unpacks to, not what its own directory claims."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise _no(name, "has too many parts for a spreadsheet.")
            if "xl/workbook.xml" not in archive.namelist():
                raise _no(name, "is an archive and no Excel file. Unpack it and import what is in it.")
            for member in members:
                with archive.open(member) as part:
                    while chunk := part.read(1 << 16):
                        total += len(chunk)
                        if total > min(MAX_UNPACKED, max(MAX_RATIO * len(data), 1 << 20)):
                            raise _no(name, "unpacks to far more than a spreadsheet holds.")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise _no(name, f"is a damaged Excel file ({error}). Save it again as xlsx.") from error
    except Exception as error:
        if isinstance(error, DataRefused):
            raise
        raise _no(name, "is a damaged Excel file. Save it again as xlsx.") from error


def _no(name: str, why: str) -> DataRefused:
    return DataRefused(f"“{name}” {why} Nothing was imported.", file=name)
