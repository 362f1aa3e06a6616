"""A payment reference as it is printed for the payer.

In: the words of an invoice or a bookkeeping export. Out: `+71<000000012345674+12345678<` for a Danish payment
slip, else the reference without blanks. Never: a check digit mended.
Forms: `payment-references.md` 2.3; https://www.giro-kort.dk/fi-kort3.html.
"""

from __future__ import annotations

import re
from typing import Final

_ID_DIGITS: Final = {"71": 15, "75": 16, "04": 16, "15": 16}

# As printed or typed, the gaps still there: card type, payment id, creditor number.
_WITH_ID: Final = re.compile(r"\+?\s*(71|75|04|15)\s*[<#/+\s]\s*(\d[\d ]{0,20}?)\s*[+\s]\s*\+?(\d{7,8})\s*<?")
_WITHOUT_ID: Final = re.compile(r"\+?\s*(73|01)\s*[<#/]?\s*\+\s*(\d{7,8})\s*<?")
_UNDIVIDED: Final = re.compile(r"\+?(71)(\d{15})\+(\d{7,8})<?|\+?(75|04|15)(\d{16})\+(\d{7,8})<?")
_BARE: Final = re.compile(r"<?\s*(\d[\d ]{0,20}?)\s*\+\s*(\d{7,8})\s*<?")


def printed(reference: str | None, kind: str | None = None) -> str | None:
    """The reference as printed for the payer; None for nothing. `kind` is a card type such as 71 or FIK71.

    >>> printed("+71 000000012345674 +12345678"), printed("12345674+12345678", "FIK 71")
    ('+71<000000012345674+12345678<', '+71<000000012345674+12345678<')
    >>> printed("RF18 5390 0754 7034")
    'RF18539007547034'
    """
    text = (reference or "").strip()
    if not text:
        return None
    if found := _WITHOUT_ID.fullmatch(text):
        return f"+{found[1]}<+{found[2]}<"
    if found := _UNDIVIDED.fullmatch(re.sub(r"\s+", "", text)):
        return _slip(*(part for part in found.groups() if part))
    if found := _WITH_ID.fullmatch(text):
        return _slip(*found.groups())
    card = re.sub(r"\D", "", kind or "").zfill(2)
    if (found := _BARE.fullmatch(text)) and card in _ID_DIGITS:
        return _slip(card, *found.groups())
    return re.sub(r"\s+", "", text)


def _slip(card: str, payment_id: str, creditor: str) -> str:
    """The code line; zeros that an export dropped are put back."""
    return f"+{card}<{payment_id.replace(' ', '').zfill(_ID_DIGITS[card])}+{creditor}<"
