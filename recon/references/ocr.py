"""OCR (Swedish payment reference, “OCR-referens”).

2 to 25 digits, the last a check digit (mod 10, Luhn). By the payee's agreement the last digit but one tells the
length, both control digits included, mod 10; or the lengths are fixed.

Source: Bankgirot, “OCR-referenskontroll”, technical manual (https://www.bankgirot.se).

>>> validate('123455'), validate('123 4574', length_digit=True)
('123455', '1234574')
>>> validate('123451')
Traceback (most recent call last):
    ...
stdnum.exceptions.InvalidChecksum: The number's checksum or check digit is invalid.
>>> calc_check_digit('12345'), calc_check_digits('1234567890')
('5', '23')
"""

from __future__ import annotations

from collections.abc import Collection

from stdnum import luhn
from stdnum.exceptions import InvalidComponent, InvalidFormat, InvalidLength, ValidationError
from stdnum.util import clean, isdigits

SHORTEST, LONGEST = 2, 25


def compact(number: str) -> str:
    """Digits alone."""
    return clean(number, " -").strip()


def calc_check_digit(payload: str) -> str:
    """The last digit, from those before it."""
    return str(luhn.calc_check_digit(payload))


def calc_check_digits(payload: str) -> str:
    """Length digit and check digit of a payload."""
    length = str((len(payload) + 2) % 10)
    return length + calc_check_digit(payload + length)


def validate(number: str, lengths: Collection[int] = (), *, length_digit: bool = False) -> str:
    """Check length and check digit; returns the compact form.

    lengths: those agreed on; none: any from 2 to 25. length_digit: the last digit but one must tell the length.
    """
    number = compact(number)
    if not isdigits(number):
        raise InvalidFormat()
    if not SHORTEST <= len(number) <= LONGEST or (lengths and len(number) not in lengths):
        raise InvalidLength()
    luhn.validate(number)
    if length_digit and int(number[-2]) != len(number) % 10:
        raise InvalidComponent()
    return number


def is_valid(number: str, lengths: Collection[int] = (), *, length_digit: bool = False) -> bool:
    """Whether `validate` has nothing against it."""
    try:
        return bool(validate(number, lengths, length_digit=length_digit))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As it is typed: without blanks."""
    return compact(number)
