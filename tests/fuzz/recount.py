"""What a file's entries come to, counted again in a way of its own: nothing of the readers is used.

In: bytes. Out: how many entries and their sum as a Decimal, money in `+`; None where so simple a count cannot
be sure (a file the readers may well read or refuse). A recount never refuses: it is asked only of files that
were read.
"""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from decimal import Decimal, InvalidOperation
from typing import NamedTuple


class Count(NamedTuple):
    """Entries of any status, and their sum over all currencies."""

    entries: int
    total: Decimal


_PLAIN = re.compile(r"-?\d+(\.\d+)?")
_DANISH = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+),\d\d")
_STATEMENTS = ("Stmt", "Rpt", "Ntfctn")
_MESSAGE = re.compile(r"BkToCstmr(Stmt|AcctRpt|DbtCdtNtfctn)(V01)?")
_ENTRY = re.compile(r":61:\s*\d{6}(?:\d{4})?(RC|RD|C|D)[A-Z]?(\d+,\d*)[A-Z]")
_TRANSACTION = re.compile(
    r"<STMTTRNP?>(.*?)(?=<STMTTRNP?>|</BANKTRANLIST[P]?>|</INVBANKTRAN>|</OFX>|\Z)", re.DOTALL | re.I
)
_AMOUNT = re.compile(r"<TRNAMT>\s*([^<\r\n]*)", re.IGNORECASE)


def camt(data: bytes) -> Count | None:
    """Sums the `Ntry` of each statement by ElementTree, whatever their status."""
    try:
        root = ET.fromstring(data.lstrip())
    except (ET.ParseError, ValueError, LookupError):
        return None
    for element in root.iter():
        element.tag = re.split("[}:]", element.tag)[-1]
    total, entries = Decimal(0), 0
    for message in (element for element in root.iter() if _MESSAGE.fullmatch(element.tag)):
        for statement in (child for child in message if child.tag in _STATEMENTS):
            for entry in (child for child in statement if child.tag == "Ntry"):
                amount = next(child for child in entry if child.tag == "Amt")
                side = next(child for child in entry if child.tag == "CdtDbtInd")
                words = "".join(amount.itertext()).strip()
                total += Decimal(words) * {"CRDT": 1, "DBIT": -1}["".join(side.itertext()).strip()]
                entries += 1
    return Count(entries, total)


def mt940(data: bytes) -> Count | None:
    """Sums what stands behind `:61:` at the start of a line; unsure where one is written otherwise."""
    text = data.decode("latin-1")
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text)]
    starts = [line for line in lines if ":61:" in line]
    if "\x00" in text or any(not line.startswith(":61:") for line in starts):
        return None
    found = [_ENTRY.match(line) for line in starts]
    if not all(found):
        return None
    signs = {"C": 1, "RD": 1, "D": -1, "RC": -1}
    amounts = [signs[one[1]] * Decimal(one[2].replace(",", ".").rstrip(".") or "0") for one in found if one]
    return Count(len(amounts), sum(amounts, Decimal(0)))


def ofx(data: bytes) -> Count | None:
    """Sums one `TRNAMT` per `STMTTRN`; unsure where a transaction has none, two, or one in another spelling."""
    text = data.decode("latin-1")
    if "\x00" in text:
        return None
    total, entries = Decimal(0), 0
    for transaction in _TRANSACTION.findall(text):
        amounts = [words.strip() for words in _AMOUNT.findall(transaction)]
        if len(amounts) != 1 or not _PLAIN.fullmatch(amounts[0].removeprefix("+")):
            return None
        total += Decimal(amounts[0])
        entries += 1
    return Count(entries, total)


def table(data: bytes) -> Count | None:
    """Sums the one column titled `Beløb` or `Amount` where every cell is written the Danish way."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    except (UnicodeError, csv.Error):
        return None
    titles = [cell.strip().casefold() for cell in rows[0]] if rows else []
    places = [place for place, title in enumerate(titles) if title in ("beløb", "amount")]
    if len(places) != 1 or any(len(row) < len(titles) for row in rows[1:]) or b"lettet" in data:
        return None
    cells = [row[places[0]].strip() for row in rows[1:]]
    # A row without a day is passed over with a finding: it is told, and no part of the sum.
    if not all(_DANISH.fullmatch(cell) for cell in cells) or not all(row[0].strip() for row in rows[1:]):
        return None
    return Count(
        len(cells), sum((Decimal(cell.replace(".", "").replace(",", ".")) for cell in cells), Decimal(0))
    )


def ubl(data: bytes) -> Count | None:
    """The payable amount of the one invoice or credit note, without its sign."""
    try:
        root = ET.fromstring(data.lstrip())
    except (ET.ParseError, ValueError, LookupError):
        return None
    for element in root.iter():
        element.tag = re.split("[}:]", element.tag)[-1]
    if root.tag not in ("Invoice", "CreditNote"):
        return None
    found = root.findall("LegalMonetaryTotal/PayableAmount")
    try:
        return Count(1, abs(Decimal((found[0].text or "").strip()))) if len(found) == 1 else None
    except InvalidOperation:
        return None


def documents(data: bytes) -> Count | None:
    """Sums the column `total` of our own CSV template, without signs; unsure of anything that is not plain."""
    try:
        text = data.decode("utf-8-sig")
        mark = ";" if ";" in text.partition("\n")[0] else ","
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except (UnicodeError, csv.Error):
        return None
    titles = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if titles.count("total") != 1:
        return None
    place = titles.index("total")
    if len(set(map(tuple, rows))) < len(rows):
        return None
    amounts = [
        row[place].strip() for row in rows[1:] if any(cell.strip() for cell in row) and len(row) > place
    ]
    if not all(_PLAIN.fullmatch(words) for words in amounts):
        return None
    return Count(len(amounts), sum((abs(Decimal(words)) for words in amounts), Decimal(0)))
