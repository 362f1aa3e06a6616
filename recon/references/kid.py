"""KID (kundeidentifikasjon, Norwegian payment reference).

2 to 25 digits. The payee agrees with the bank on one check digit, mod 10 (Luhn) or mod 11, and on up to three lengths.
Mod 11 weighs 2 to 7 from the right, over and over; a check of ten is written `-`. Without the agreement both are
tried, and nearly one random number in five passes; with it one in ten.

Source: Mastercard Payment Services (Norway), “KID”, and its system specification for OCR giro.

>>> validate('12344'), validate('12343'), validate('104-')
('12344', '12343', '104-')
>>> validate('12343', algorithm='mod10')
Traceback (most recent call last):
    ...
stdnum.exceptions.InvalidChecksum: The number's checksum or check digit is invalid.
>>> is_valid('12344', lengths=(7, 12))
False
>>> calc_check_digit('1234', 'mod10'), calc_check_digit('1234', 'mod11'), calc_check_digit('104', 'mod11')
('4', '3', '-')
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from stdnum import luhn
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError
from stdnum.util import clean, isdigits

Algorithm = Literal["mod10", "mod11"]
SHORTEST, LONGEST = 2, 25


def compact(number: str) -> str:
    """Without blanks; a hyphen stays, since it may be the check digit."""
    return clean(number, " ").strip()


def calc_check_digit(payload: str, algorithm: Algorithm) -> str:
    """The last character, from the digits before it."""
    if algorithm == "mod10":
        return str(luhn.calc_check_digit(payload))
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(payload)))
    rest = 11 - total % 11
    return {11: "0", 10: "-"}.get(rest, str(rest))


def validate(number: str, lengths: Collection[int] = (), algorithm: Algorithm | None = None) -> str:
    """Check length and check digit; returns the compact form.

    lengths: those agreed on; none: any from 2 to 25. algorithm: the agreed one; None: either.
    """
    number = compact(number)
    if not isdigits(number[:-1]) or not (number[-1:].isdigit() or number[-1:] == "-"):
        raise InvalidFormat()
    if not SHORTEST <= len(number) <= LONGEST or (lengths and len(number) not in lengths):
        raise InvalidLength()
    tried: tuple[Algorithm, ...] = (algorithm,) if algorithm else ("mod10", "mod11")
    if not any(calc_check_digit(number[:-1], one) == number[-1] for one in tried):
        raise InvalidChecksum()
    return number


def is_valid(number: str, lengths: Collection[int] = (), algorithm: Algorithm | None = None) -> bool:
    """Whether `validate` has nothing against it."""
    try:
        return bool(validate(number, lengths, algorithm))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As it is typed: without blanks."""
    return compact(number)
