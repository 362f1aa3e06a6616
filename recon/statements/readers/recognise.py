"""What a file's first bytes look like, whatever its name says.

In: bytes. Out: one word for it. Never: a promise; the reader decides.
"""

from __future__ import annotations

import re
from typing import Final

_HEAD: Final = 16_384
_CAMT: Final = re.compile(rb"camt\.05[234]|<(\w+:)?BkToCstmr(Stmt|AcctRpt|DbtCdtNtfctn)")
_MT940: Final = re.compile(rb"(^|\n|\})\s*:(20|25|28C?|60[FM]):")
_OFX: Final = re.compile(rb"OFXHEADER|<\?OFX|<OFX>", re.IGNORECASE)
_STARTS: Final = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "a ZIP or Excel file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file"),
)


def looks_like_statement(data: bytes, name: str = "") -> bool:
    """Whether the bytes look like a bank statement, of a format read here or named in the refusal."""
    head = _plain(data)
    return bool(_CAMT.search(head) or _MT940.search(head) or _OFX.search(head))


def what_it_looks_like(data: bytes) -> str:
    """`XML`, `MT940`, `OFX`, `HTML`, `CSV or text`, `empty`, `binary`, or the name of another kind."""
    head = _plain(data)
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    low = head.lower()
    if not head:
        return "empty"
    if low.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if _OFX.search(head[:1000]):
        return "OFX"
    if head.startswith(b"<"):
        return "XML"
    if b"\x00" in data[:_HEAD] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "binary"
    return "MT940" if _MT940.search(head) else "CSV or text"


def _plain(data: bytes) -> bytes:
    """The head of the file without byte order mark, UTF-16's zero bytes and leading blanks."""
    head = data[:_HEAD].replace(b"\x00", b"")
    return head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip()
