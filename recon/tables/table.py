"""A CSV file → a table of texts, each row with its line in the file.

In: bytes. Out: `Table`. Never: a type inferred by a reader; cells stay as written, leading zeros kept.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from recon.errors import DataRefused

_DELIMITERS: Final = ";,\t"
_SEEN: Final = 60
# UTF-8 read as Windows-1252 and saved again.
_TWICE: Final = re.compile("Ã[¦¸¥†˜…]")


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
        raise no(name, "is in an encoding that is not read here. Save it as UTF-8.")
    if "\x00" in text or "\ufffd" in text:
        raise no(name, "is no text file, or letters were lost when it was saved. Export it again.")
    if _TWICE.search(text):
        try:
            return text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            raise no(
                name, "has letters that were saved in the wrong encoding (Ã¦). Export it again."
            ) from None
    return text


def read_csv(data: bytes, name: str) -> Table:
    """The table in a CSV file. Raises DataRefused for one that is empty, breaks off or has ragged rows."""
    return make_table(csv_rows(data, name), "csv", name)


def csv_rows(data: bytes, name: str, delimiter: str | None = None) -> list[tuple[int, list[str]]]:
    """Every row of a CSV file that holds something, with its line; the first may be a header.

    delimiter: where it is known; else the sign by which most lines fall into as many cells.
    """
    text = decode(data, name).lstrip("\ufeff")
    told = re.match(r"(?i)sep=(.)\r?\n", text)
    body = text[told.end() :] if told else text
    first = next((line for line in body.splitlines() if line.strip()), "")
    if not first:
        raise no(name, "is empty. Fill in the template.")
    sign = told[1] if told else delimiter or _delimiter(body)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=sign, strict=True)
    shift = 1 if told else 0
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num + shift, row))
    except csv.Error as error:
        raise no(name, f"breaks off at line {reader.line_num + shift} ({error}). Export it again.") from error
    return rows


def _delimiter(body: str) -> str:
    """Decimal commas and commas in texts make rows of uneven length, and a heading above the table is one cell."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in body.splitlines()[:_SEEN] if line.strip()]

    def evenness(sign: str) -> tuple[int, int]:
        counts = Counter(count for line in lines if (count := line.count(sign)))
        return max(((lines_alike, count) for count, lines_alike in counts.items()), default=(0, 0))

    return max(_DELIMITERS, key=evenness)


def make_table(rows: list[tuple[int, list[str]]], kind: str, name: str) -> Table:
    """The table of rows with their lines; the first row is the header."""
    (_, first), body = rows[0], rows[1:]
    header = [cell.strip() for cell in first]
    while header and not header[-1]:
        header.pop()
    wide = next((line for line, row in body if any(cell.strip() for cell in row[len(header) :])), None)
    if wide:
        raise no(
            name, f"has more cells in line {wide} than in its header. Put texts with the separator in quotes."
        )
    columns = [
        [row[place].strip() or None if place < len(row) else None for _, row in body]
        for place in range(len(header))
    ]
    return Table(header, [line for line, _ in body], columns, kind)


def no(name: str, why: str) -> DataRefused:
    """The refusal of a file: what is the matter, and that nothing was imported."""
    return DataRefused(f"“{name}” {why} Nothing was imported.", file=name)
