"""What a file is by its content, whatever its name says.

In: bytes. Out: one word for it. Never: a promise; the reader decides.
"""

from __future__ import annotations

import re
from typing import Final

_HEAD: Final = 16_384
_CAMT: Final = re.compile(rb"camt\.05[234]|<([\w.-]+:)?BkToCstmr(Stmt|AcctRpt|DbtCdtNtfctn)")
_MT940: Final = re.compile(rb"(^|[\r\n}])[ \t]*:(20|25|28C?|60[FM]):")
_OFX: Final = re.compile(rb"OFXHEADER|<\?OFX|<OFX>", re.IGNORECASE)
_HTML: Final = re.compile(
    rb"(<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_STARTS: Final = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "compressed"),
    (b"\xd0\xcf\x11\xe0", "old Excel"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
)


def looks_like_message(data: bytes) -> bool:
    """Whether the bytes look like camt, MT940 or OFX, or like a ZIP of files."""
    head = _plain(data)
    return bool(_CAMT.search(head) or _MT940.search(head) or _OFX.search(head)) or (
        what_it_looks_like(data) == "ZIP"
    )


def what_it_looks_like(data: bytes) -> str:
    """`XML`, `MT940`, `OFX`, `ZIP`, `Excel`, `HTML`, `CSV or text`, `empty`, `binary`, or another kind's name."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return "Excel" if kind == "ZIP" and _is_workbook(data) else kind
    head = _plain(data)
    if not head:
        return "empty" if not data.strip() else "binary"
    if _HTML.match(head):
        return "HTML"
    if _OFX.search(head[:1000]):
        return "OFX"
    if head.startswith(b"<"):
        return "XML"
    if _is_binary(data[:_HEAD]):
        return "binary"
    return "MT940" if _MT940.search(head) else "CSV or text"


def _plain(data: bytes) -> bytes:
    """The head of the file without byte order mark, UTF-16's zero bytes and leading blanks."""
    head = data[:_HEAD].replace(b"\x00", b"")
    return head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip()


def _is_binary(head: bytes) -> bool:
    """Zero bytes are no text, but for UTF-16 with its mark; so are many control characters."""
    if head.startswith(_UTF16):
        return False
    return b"\x00" in head or sum(byte < 9 or 13 < byte < 26 for byte in head) > len(head) // 20


def _is_workbook(data: bytes) -> bool:
    """Excel's workbooks are ZIPs too. Their list of contents at the end names this part, uncompressed."""
    return b"xl/workbook.xml" in data[-65_536:] or b"xl/workbook.xml" in data[:_HEAD]
