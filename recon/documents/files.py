"""A document file → Documents, recognised by content and never by name.

In: a path or bytes: CSV or Excel in our template or with a mapping to it, a UBL invoice, or a ZIP of such files.
Out: `recon.schema.Documents`. Never: part of a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from recon.archive import is_zip, read_zip
from recon.disk import read_bounded
from recon.documents.bundle import IS_ENCLOSURE, join, one_each
from recon.documents.columns import ANSWERS, COLUMNS, NEEDED
from recon.documents.rows import Sheet, read_rows
from recon.documents.ubl import read_ubl
from recon.errors import DataRefused, UsageError
from recon.schema import Documents, finding, findings_frame
from recon.tables.excel import read_excel
from recon.tables.table import Table, decode, no, read_csv
from recon.xml import read_xml

MAX_BYTES: Final = 20 * 1024 * 1024
_HEAD: Final = 16_384
_UBL: Final = re.compile(rb"<([\w.-]+:)?(Invoice|CreditNote|StandardBusinessDocument)[\s>]")
_TELLING: Final = ("number", "total")


def read_documents(
    path: str | Path,
    own_ids: Sequence[str] = (),
    currency: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Documents:
    """Read open invoices, credit notes, bills and receipts: CSV, Excel, UBL (Peppol, EN 16931, OIOUBL), ZIP.

    own_ids: CVR, VAT number, EAN, IBAN or exact names of our company; they decide whether a UBL document was
    sent or received, and a CSV row whose other party is one of them is reported. currency: for rows that name
    none. mapping: our column → the file's header, for foreign tables, and answers about the whole table
    (`columns.ANSWERS`), such as `{"side": "sales", "decimal_mark": "comma"}`.
    Returns `items` (ITEMS, an invoice `+`, a bill `-`) and `findings`.
    Raises DataRefused; `fields["problems"]` then lists every bad cell of a table as `line column reason`, and
    `fields["asks"]` the answers that only a person can give.
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
    if is_zip(data) and not is_excel(data):
        return _read_archive(data, name, own_ids, currency, mapping)
    _refuse_other(data, name)
    if _is_ubl(data):
        return one_each(read_ubl(read_xml(data, name), name, own_ids), name)
    return _read_table(read_table(data, name), name, own_ids, currency, mapping or {})


def read_table(data: bytes, name: str) -> Table:
    """The table in a CSV or Excel file, as text. Raises DataRefused for what is neither."""
    _refuse_other(data, name)
    if _is_ubl(data):
        raise no(name, "is an electronic invoice and no table; it needs no mapping.")
    return read_excel(data, name) if is_excel(data) else read_csv(data, name)


def looks_like_documents(data: bytes, name: str = "") -> bool:
    """Whether the bytes look like documents: Excel, a CSV whose header has our columns, UBL, or a ZIP of these."""
    if is_excel(data):
        return True
    if is_zip(data):
        return _holds_documents(data, name)
    if _is_ubl(data):
        return True
    try:
        lines = decode(data, name).lstrip("\ufeff").split("\n")
    except DataRefused:
        return False
    first = next((line for line in lines if line.strip() and not line.lower().startswith("sep=")), "")
    return set(_TELLING) <= {plain_title(cell.strip().strip('"')) for cell in re.split(r"[;,\t]", first)}


def is_excel(data: bytes) -> bool:
    """Whether the bytes are an archive with a workbook in it."""
    return is_zip(data) and b"xl/" in data


def plain_title(title: str) -> str:
    """A header to compare by: `Beløb inkl. moms` and `BELØB_INKL. MOMS` are one."""
    return re.sub(r"[\s_-]+", "_", title.strip().casefold())


def _read_archive(
    data: bytes,
    name: str,
    own_ids: Sequence[str],
    currency: str | None,
    mapping: Mapping[str, str] | None,
) -> Documents:
    """Every document file of an archive; pictures and PDFs beside them are told and left out."""
    members = read_zip(data, name)
    files = [one for one in members if not one.content.startswith(IS_ENCLOSURE)]
    if not files:
        raise no(name, "holds no document file, only pictures or PDFs. Import the XML, CSV or Excel files.")
    read = [read_documents_bytes(one.content, one.name, own_ids, currency, mapping) for one in files]
    left_out = [one.name for one in members if one.content.startswith(IS_ENCLOSURE)]
    return join(read, name, left_out)


def _holds_documents(data: bytes, name: str) -> bool:
    """Whether a file of the archive is surely one of documents; a spreadsheet may be anything."""
    try:
        members = [one for one in read_zip(data, name) if not is_excel(one.content)]
    except DataRefused:
        return False
    return any(looks_like_documents(one.content, one.name) for one in members)


def _read_table(
    table: Table, name: str, own_ids: Sequence[str], currency: str | None, mapping: Mapping[str, str]
) -> Documents:
    places = _places(table.header, mapping, name)
    sheet = Sheet(
        file=name,
        source=table.format,
        lines=table.lines,
        columns={column: table.columns[place] for column, place in places.items()},
        points=frozenset(column for column, place in places.items() if place in table.points),
        answers={answer: mapping[answer] for answer in ANSWERS if answer in mapping},
    )
    documents = read_rows(sheet, own_ids, currency)
    return _with_unread(documents, table, places, name)


def _places(header: list[str], mapping: Mapping[str, str], name: str) -> dict[str, int]:
    """Where each of our columns is. Raises DataRefused for one that is needed, mapped or doubled and not there."""
    _refuse_strange(mapping)
    plain = [plain_title(title) for title in header]
    places = {}
    for column in COLUMNS:
        wanted = plain_title(mapping.get(column, column))
        found = [place for place, title in enumerate(plain) if title == wanted]
        if len(found) > 1:
            raise no(name, f"has two columns called “{header[found[0]]}”. Rename one of them.")
        if found:
            places[column] = found[0]
        elif column in mapping:
            raise no(name, f"has no column “{mapping[column]}”; it has {', '.join(header)}.")
    needed = [column for column in NEEDED if column != "kind" or "side" not in mapping]
    missing = [column for column in needed if column not in places]
    if missing:
        raise no(
            name,
            f"has no column {' or '.join(missing)}; it has {', '.join(header[:20])[:300]}. Use the template, or "
            "say which of its columns is which.",
        )
    return places


def _refuse_strange(mapping: Mapping[str, str]) -> None:
    strange = sorted(set(mapping) - set(COLUMNS) - set(ANSWERS))
    if strange:
        raise UsageError(f"“{strange[0]}” is no column of the template; it has {', '.join(COLUMNS)}.")
    for answer, known in ANSWERS.items():
        if answer in mapping and mapping[answer] not in known:
            raise UsageError(f"{answer} is “{mapping[answer]}”; it can be {' or '.join(known)}.")


def _refuse_other(data: bytes, name: str) -> None:
    if len(data) > MAX_BYTES:
        raise no(name, f"is larger than {MAX_BYTES:,} bytes. Split it.")
    if not data.strip():
        raise no(name, "is empty. Fill in the template.")
    if data.startswith(b"%PDF"):
        raise no(name, "is a PDF. Documents are read from electronic invoices (UBL), CSV or Excel.")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise no(name, "is an old Excel file. Save it as xlsx.")
    if _bare_head(data).startswith(b"<") and not _is_ubl(data):
        raise no(name, "is XML or HTML and no UBL invoice. Documents are read from UBL, CSV or Excel.")


def _is_ubl(data: bytes) -> bool:
    head = _bare_head(data)
    return head.startswith(b"<") and bool(_UBL.search(head))


def _bare_head(data: bytes) -> bytes:
    """The first bytes without UTF-16's zeros, byte order mark and blanks."""
    return data[:_HEAD].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def _with_unread(documents: Documents, table: Table, places: dict[str, int], name: str) -> Documents:
    """The documents, with a note of columns that were not read."""
    unread = [title for place, title in enumerate(table.header) if title and place not in places.values()]
    if not unread:
        return documents
    words = f"Columns not read: {', '.join(unread[:20])}."
    note = findings_frame([finding("note", "columns_not_read", name, words)])
    return Documents(documents.items, documents.findings.vstack(note), documents.format)
