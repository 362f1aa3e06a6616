"""Numbers with a check digit, made for the sandbox's invented parties: FIK, RF, Finnish reference, IBAN, CVR.

In: the digits to protect. Out: the whole number as it would be printed. Never: a number of a real party
on purpose; an invented account or company number that happens to exist is chance.
"""

from __future__ import annotations

import random

CVR_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)


def luhn(payload: str) -> str:
    """The mod 10 check digit of a payload, weights 2,1,2,1 from the right (FIK, KID-10, Swedish OCR).

    >>> luhn("00000000012345"), luhn("02684014996532")
    ('5', '8')
    """
    total = 0
    for place, digit in enumerate(reversed(payload)):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return str(-total % 10)


def payment_id(number: int) -> str:
    """The 15 digits of a FIK card type 71 for an invoice number.

    >>> payment_id(12345)
    '000000000123455'
    """
    payload = f"{number:014d}"
    return payload + luhn(payload)


def finnish_reference(number: int) -> str:
    """A Finnish viitenumero: weights 7,3,1 from the right.

    >>> finnish_reference(123456), finnish_reference(20260001)
    ('1234561', '202600017')
    """
    total = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(str(number))))
    return f"{number}{-total % 10}"


def rf(reference: str) -> str:
    """An ISO 11649 creditor reference around a bare reference.

    >>> rf("1234561"), rf("INV2026A")
    ('RF341234561', 'RF38INV2026A')
    """
    return f"RF{98 - _mod97(reference + 'RF00'):02d}{reference}"


def iban(country: str, bban: str) -> str:
    """The IBAN of a country's BBAN (digits, no spaces).

    >>> iban("DK", "00400440116243")
    'DK5000400440116243'
    """
    return f"{country}{98 - _mod97(bban + country + '00'):02d}{bban}"


def cvr(rng: random.Random) -> str:
    """A Danish company number that passes its mod 11 check."""
    while True:
        payload = str(rng.randrange(3_000_000, 4_500_000))
        check = -sum(int(d) * w for d, w in zip(payload, CVR_WEIGHTS, strict=True)) % 11
        if check < 10:
            return f"{payload}{check}"


def _mod97(text: str) -> int:
    return int("".join(str(int(c, 36)) for c in text)) % 97
