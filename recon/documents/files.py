"""A document file → Documents, recognised by content and never by name.

In: a path or bytes, in our template or with a mapping to it. Out: `recon.schema.Documents`.
Never: part of a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from recon.disk import read_bounded
from recon.documents.columns import COLUMNS, NEEDED
from recon.documents.excel import read_excel
from recon.documents.rows import Sheet, read_rows
from recon.documents.table import Table, decode, no, read_csv
from recon.errors import DataRefused, UsageError
from recon.schema import Documents, finding, findings_frame

MAX_BYTES: Final = 20 * 1024 * 1024
_UBL: Final = re.compile(rb"<(\w+:)?(Invoice|CreditNote)[\s>]")
_ZIP: Final = b"PK\x03\x04"
_TELLING: Final = ("number", "total")


def read_documents(
    path: str | Path,
    own_ids: Sequence[str] = (),
    currency: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Documents:
    """Read open invoices, credit notes, bills and receipts from a CSV or Excel file.

    own_ids: CVR, VAT number, EAN, IBAN or exact names of our company; a row whose other party is one of them
    is reported. currency: for rows that name none. mapping: our column → the file's header, for foreign files.
    Returns `items` (ITEMS, an invoice `+`, a bill `-`) and `findings`.
    Raises DataRefused; `fields["problems"]` then lists every bad cell as `line column reason`.
    """
    path = Path(path)
    data = read_bounded(path, MAX_BYTES)
    return read_documents_bytes(data, path.name, own_ids, currency, mapping)


def read_documents_bytes(
    data: bytes,
    name: str,
    own_ids: Sequence[str] = (),
    currency: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Documents:
    """As `read_documents`, from bytes; `name` is the file's name, for words."""
    _refuse_other(data, name)
    table = read_excel(data, name) if data.startswith(_ZIP) else read_csv(data, name)
    places = _places(table.header, mapping or {}, name)
    sheet = Sheet(
        file=name,
        source=table.format,
        lines=table.lines,
        columns={column: table.columns[place] for column, place in places.items()},
        points=frozenset(column for column, place in places.items() if place in table.points),
    )
    documents = read_rows(sheet, own_ids, currency)
    return _with_unread(documents, table, places, name)


def looks_like_documents(data: bytes, name: str = "") -> bool:
    """Whether the bytes look like documents: Excel, a CSV whose header has our columns, or UBL."""
    if data.startswith(_ZIP):
        return b"xl/" in data
    if _is_ubl(data):
        return True
    try:
        lines = decode(data, name).lstrip("\ufeff").split("\n")
    except DataRefused:
        return False
    first = next((line for line in lines if line.strip() and not line.lower().startswith("sep=")), "")
    return set(_TELLING) <= {_plain(cell.strip().strip('"')) for cell in re.split(r"[;,\t]", first)}


def _places(header: list[str], mapping: Mapping[str, str], name: str) -> dict[str, int]:
    """Where each of our columns is. Raises DataRefused for one that is needed, mapped or doubled and not there."""
    strange = sorted(set(mapping) - set(COLUMNS))
    if strange:
        raise UsageError(f"“{strange[0]}” is no column of the template; it has {', '.join(COLUMNS)}.")
    plain = [_plain(title) for title in header]
    places = {}
    for column in COLUMNS:
        wanted = _plain(mapping.get(column, column))
        found = [place for place, title in enumerate(plain) if title == wanted]
        if len(found) > 1:
            raise no(name, f"has two columns called “{header[found[0]]}”. Rename one of them.")
        if found:
            places[column] = found[0]
        elif column in mapping:
            raise no(name, f"has no column “{mapping[column]}”; it has {', '.join(header)}.")
    missing = [column for column in NEEDED if column not in places]
    if missing:
        raise no(
            name,
            f"has no column {' or '.join(missing)}; it has {', '.join(header[:20])[:300]}. Use the template, or "
            "say which of its columns is which.",
        )
    return places


def _plain(title: str) -> str:
    return re.sub(r"[\s_-]+", "_", title.strip().casefold())


def _refuse_other(data: bytes, name: str) -> None:
    if len(data) > MAX_BYTES:
        raise no(name, f"is larger than {MAX_BYTES:,} bytes. Split it.")
    if not data.strip():
        raise no(name, "is empty. Fill in the template.")
    if _is_ubl(data):
        raise no(name, "is an electronic invoice (UBL), which this version does not read. Use CSV or Excel.")
    if data.startswith(b"%PDF"):
        raise no(name, "is a PDF. Documents are read from CSV or Excel.")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise no(name, "is an old Excel file. Save it as xlsx.")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise no(name, "is XML or HTML. Documents are read from CSV or Excel.")


def _is_ubl(data: bytes) -> bool:
    head = data[:4096].replace(b"\x00", b"")
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<") and bool(_UBL.search(head))


def _with_unread(documents: Documents, table: Table, places: dict[str, int], name: str) -> Documents:
    """The documents, with a note of columns that were not read."""
    unread = [title for place, title in enumerate(table.header) if title and place not in places.values()]
    if not unread:
        return documents
    words = f"Columns not read: {', '.join(unread[:20])}."
    note = findings_frame([finding("note", "columns_not_read", name, words)])
    return Documents(documents.items, documents.findings.vstack(note), documents.format)
