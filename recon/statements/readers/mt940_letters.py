"""Bytes of an MT940 file → words: encoding, control bytes, and the national letters of 7-bit files.

In: the file's bytes, pieces of it. Out: text. Never: the replacement character, a byte dropped that is a letter.
Sources: SWIFT X character set (MT940 itself is ASCII), ISO 646 national variants DK/NO (NS 4551), SE/FI
(SEN 850200) and DE (DIN 66003), which put letters where ASCII has brackets.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Final

CONTROL: Final = bytes(sign for sign in range(32) if sign not in b"\t\n\r") + b"\x7f"
_HAS_CONTROL: Final = re.compile(b"[" + re.escape(CONTROL) + b"]")
_SLICE: Final = 1 << 20
REPLACED: Final = "\ufffd"
"""What a sender's own program leaves of a letter it could not read; there is no getting it back."""

_NORDIC: Final = str.maketrans("[\\]{|}", "ÆØÅæøå")
_SWEDISH: Final = str.maketrans("[\\]{|}", "ÄÖÅäöå")
_GERMAN: Final = str.maketrans("[\\]{|}~", "ÄÖÜäöüß")
_LETTERS: Final = {
    "DK": _NORDIC, "NO": _NORDIC, "FO": _NORDIC, "GL": _NORDIC,
    "SE": _SWEDISH, "FI": _SWEDISH, "DE": _GERMAN, "AT": _GERMAN,
}  # fmt: skip
_BRACKETED_OR_LETTER: Final = re.compile(
    r"((?<!\w)(?:\[[^\[\]]*\]|\{[^{}]*\})(?!\w))"
    r"|(?<=[A-Z])[\[\\\]]{1,3}|[\[\\\]]{1,3}(?=[A-Za-z])|(?<=[a-z])[{|}~]{1,3}|[{|}~]{1,3}(?=[a-z])"
)
_MAYBE_LETTERS: Final = re.compile(rb"[\[\\\]|~]|[a-z][{}]|[{}][a-z]")

Decode = Callable[[bytes], str]


def decoder(data: bytes) -> Decode:
    """How the pieces of this file become text: as UTF-8 where all of it is, else as Windows-1252.

    Control bytes go, blanks at line ends stay: they tell where a word was broken.
    """
    decode = _utf8 if _is_utf8(data) else windows_1252
    if _HAS_CONTROL.search(data):
        return lambda piece: decode(piece.translate(None, CONTROL))
    return decode


def seven_bit(data: bytes) -> bool:
    """Whether the file is plain ASCII and holds signs that may stand for letters."""
    return data.isascii() and _MAYBE_LETTERS.search(data) is not None


def national(text: str, country: str | None) -> str:
    r"""The words of a 7-bit file with their letters; brackets round a word are left alone.

    >>> national("K\\BENHAVN BR\\D", "DK"), national("[ref 7]", "DK")
    ('KØBENHAVN BRØD', '[ref 7]')
    """
    letters = _LETTERS.get(country or "")
    if letters is None:
        return text
    return _BRACKETED_OR_LETTER.sub(lambda found: found[0] if found[1] else found[0].translate(letters), text)


def _is_utf8(data: bytes) -> bool:
    # By slices: decoded whole, a long file would lie in memory twice.
    try:
        steps = codecs.getincrementaldecoder("utf-8")()
        for start in range(0, len(data), _SLICE):
            steps.decode(data[start : start + _SLICE])
        steps.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf8(piece: bytes) -> str:
    # A piece may begin or end inside a letter only where a tag stands in it, which no letter does.
    return piece.decode("utf-8")


def windows_1252(piece: bytes) -> str:
    """Windows-1252; its five unused bytes as Latin-1 has them, without the control signs they are there."""
    try:
        return piece.decode("cp1252")
    except UnicodeDecodeError:
        return "".join(chr(sign) for sign in piece if not 0x80 <= sign < 0xA0)
