"""Viitenumero (Finnish payment reference; Estonia uses the same rule).

3 to 19 digits and a check digit: weights 7, 3, 1 from the right, up to the next ten. Printed in groups of five from the
right; padded with zeros to 20 digits by machines. Inside an RF creditor reference it is the part after `RF` and two
digits.

Source: Finance Finland, “Forming a Finnish reference number”
(https://www.finanssiala.fi/en/topics/payment-services-in-finland/).

>>> validate('00000000000001234561'), validate('12 34561'), validate('RF34 1234 561')
('1234561', '1234561', '1234561')
>>> validate('1234562')
Traceback (most recent call last):
    ...
stdnum.exceptions.InvalidChecksum: The number's checksum or check digit is invalid.
>>> calc_check_digit('20260001'), format('1234567123456784'), to_rf('1234561')
('7', '1 23456 71234 56784', 'RF341234561')
"""

from __future__ import annotations

from stdnum import iso11649
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError
from stdnum.iso7064 import mod_97_10
from stdnum.util import clean, isdigits

SHORTEST, LONGEST = 4, 20


def compact(number: str) -> str:
    """Digits without padding; the core of an RF reference."""
    bare = clean(number, " ").strip().upper()
    return (bare[4:] if bare.startswith("RF") else bare).lstrip("0")


def calc_check_digit(payload: str) -> str:
    """The last digit, from those before it."""
    total = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(payload)))
    return str(-total % 10)


def validate(number: str) -> str:
    """Check length and check digit, those of the RF form too; returns the compact form."""
    if clean(number, " ").strip().upper().startswith("RF"):
        iso11649.validate(number)
    number = compact(number)
    if not isdigits(number):
        raise InvalidFormat()
    if not SHORTEST <= len(number) <= LONGEST:
        raise InvalidLength()
    if calc_check_digit(number[:-1]) != number[-1]:
        raise InvalidChecksum()
    return number


def is_valid(number: str) -> bool:
    """Whether `validate` has nothing against it."""
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As it is printed: groups of five from the right."""
    number = compact(number)
    first = len(number) % 5
    return " ".join(part for part in (number[:first], *_fives(number[first:])) if part)


def to_rf(number: str) -> str:
    """The same reference as ISO 11649 writes it."""
    number = compact(number)
    return f"RF{mod_97_10.calc_check_digits(number + 'RF')}{number}"


def _fives(digits: str) -> list[str]:
    return [digits[start : start + 5] for start in range(0, len(digits), 5)]
