"""FIK (Fælles Indbetalingskort, the code line of a Danish payment slip).

The line names a card type, a payment id and the creditor: `+71<000000012345674+12345678<`. Types 71, 75 (FI) and 04,
15 (giro) carry a payment id of 15 or 16 digits whose last is a check digit (mod 10, Luhn); 73 and 01 carry none.
The creditor is eight digits, of a giro seven or eight. Leading zeros of the payment id are often lost on the way.

Sources: https://giro-kort.dk/fi-kort3.html and fi-kort5.html; Peppol BIS Billing 3.0, rules DK-R-008 to DK-R-011
(https://docs.peppol.eu/poacc/billing/3.0/), which write `71#000000012345674` without the creditor.

>>> validate('+71 000000012345674 +12345678')
'+71<000000012345674+12345678<'
>>> validate('71#000000012345674')
'71#000000012345674'
>>> validate('+71<000000012345675+12345678<')
Traceback (most recent call last):
    ...
stdnum.exceptions.InvalidChecksum: The number's checksum or check digit is invalid.
>>> calc_check_digit('00000000012345')
'5'
"""

from __future__ import annotations

import re

from stdnum import luhn
from stdnum.exceptions import InvalidComponent, InvalidFormat, InvalidLength, ValidationError

DIGITS = {"71": 15, "75": 16, "04": 16, "15": 16, "73": 0, "01": 0}
"""Digits of the payment id by card type."""
GIRO = frozenset({"01", "04", "15"})

_LINE = re.compile(r"\+?(\d\d)[<#/]?(\d{0,16})\+(\d{7,8})<?")
_WITHOUT_CREDITOR = re.compile(r"\+?(\d\d)[<#/](\d{0,16})")


def split(number: str) -> tuple[str, str, str]:
    """(card type, payment id with its zeros, creditor) of a line; the creditor is empty where the line names none."""
    bare = re.sub(r"\s+", "", number)
    found = _LINE.fullmatch(bare)
    card, payment_id, creditor = found.groups() if found else (*_without_creditor(bare), "")
    if card not in DIGITS:
        raise InvalidComponent()
    if bool(payment_id) != bool(DIGITS[card]):
        raise InvalidLength()
    return card, payment_id.zfill(DIGITS[card]), creditor


def _without_creditor(bare: str) -> tuple[str, str]:
    found = _WITHOUT_CREDITOR.fullmatch(bare)
    if not found:
        raise InvalidFormat()
    return found[1], found[2]


def compact(number: str) -> str:
    """The line as it is printed, zeros and signs put back; with `#` where it names no creditor."""
    card, payment_id, creditor = split(number)
    return f"+{card}<{payment_id}+{creditor}<" if creditor else f"{card}#{payment_id}"


def calc_check_digit(payload: str) -> str:
    """The last digit of a payment id, from those before it."""
    return str(luhn.calc_check_digit(payload))


def validate(number: str) -> str:
    """Check type, lengths and check digit; returns the compact form."""
    card, payment_id, creditor = split(number)
    if len(payment_id) != DIGITS[card] or (creditor and card not in GIRO and len(creditor) != 8):
        raise InvalidLength()
    if payment_id:
        luhn.validate(payment_id)
    return compact(number)


def is_valid(number: str) -> bool:
    """Whether `validate` has nothing against it."""
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """The printed code line."""
    return compact(number)
