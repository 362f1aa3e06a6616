"""Numbers with a check digit, made for the sandbox's invented parties: FIK, RF, Finnish reference, IBAN, CVR.

In: the digits to protect. Out: the whole number as it would be printed. Never: a number of a real party
on purpose; an invented account or company number that happens to exist is chance.
"""

from __future__ import annotations

import random

from stdnum.iso7064 import mod_97_10

from recon.references import fik, viitenumero

CVR_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)


def payment_id(number: int) -> str:
    """The 15 digits of a FIK card type 71 for an invoice number.

    >>> payment_id(12345)
    '000000000123455'
    """
    payload = f"{number:014d}"
    return payload + fik.calc_check_digit(payload)


def finnish_reference(number: int) -> str:
    """A Finnish viitenumero: weights 7,3,1 from the right.

    >>> finnish_reference(123456), finnish_reference(20260001)
    ('1234561', '202600017')
    """
    return f"{number}{viitenumero.calc_check_digit(str(number))}"


def rf(reference: str) -> str:
    """An ISO 11649 creditor reference around a bare reference.

    >>> rf("1234561"), rf("INV2026A")
    ('RF341234561', 'RF38INV2026A')
    """
    return f"RF{mod_97_10.calc_check_digits(reference + 'RF')}{reference}"


def iban(country: str, bban: str) -> str:
    """The IBAN of a country's BBAN (digits, no spaces).

    >>> iban("DK", "00400440116243")
    'DK5000400440116243'
    """
    return f"{country}{mod_97_10.calc_check_digits(bban + country)}{bban}"


def cvr(rng: random.Random) -> str:
    """A Danish company number that passes its mod 11 check."""
    while True:
        payload = str(rng.randrange(3_000_000, 4_500_000))
        check = -sum(int(d) * w for d, w in zip(payload, CVR_WEIGHTS, strict=True)) % 11
        if check < 10:
            return f"{payload}{check}"
