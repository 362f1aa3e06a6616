"""Field `:25:` (account identification) of MT940 → account number, bank, currency and country.

In: the field's words, the file's envelope. Out: `Stated`. Never: a number shortened or made up; a national
number stays as the bank writes it.
Source: SWIFT User Handbook, category 9, field 25; basic header block 1 (the bank's BIC behind `F01`).

    DK5000400440116243   DABADKKK/0040440116243   50880050/0194787400888   NL71RABO0123456789EUR   //AT39364/123/EUR
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from recon.money import MINOR_DIGITS
from recon.statements.accounts import danish_iban, is_iban

_BIC: Final = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_ENVELOPE: Final = re.compile(rb"\{1:F01([A-Z]{4}[A-Z]{2}[A-Z0-9]{2})")
_SUFFIX: Final = re.compile(r"(.*?[0-9])[/ ]?([A-Z]{3})")
_IBAN_SHAPE: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_DANISH: Final = re.compile(r"(\d{4})[/ ](\d{5,10})")
_HEAD: Final = 4096

_CURRENCY_COUNTRIES: Final = {"DKK": "DK", "NOK": "NO", "SEK": "SE"}
"""Where an account is likely kept that says nothing but its currency."""


class Stated(NamedTuple):
    """What a `:25:` says; None for what it does not."""

    iban: str | None
    bban: str | None
    bank: str | None
    currency: str | None
    country: str | None


def read_account(text: str, data: bytes, currency: str | None, country: str | None) -> Stated:
    """Read the account of a statement. `data` is the file, whose envelope may tell the country of the bank.

    currency: the statement's. country: of the bank, where a field of its own names it. The envelope's bank is not
    the account's: the same account comes with and without envelope, and its id hangs on number and bank.
    """
    first, _, rest = text.partition("/")
    bank = first if rest and _BIC.fullmatch(first) else None
    if bank is None and country is None and (found := _ENVELOPE.search(data[:_HEAD])):
        country = bic_country(found[1].decode())
    number = text.removeprefix(f"{bank}/") if bank else text
    if (found := _SUFFIX.fullmatch(number)) and found[2] in MINOR_DIGITS:
        number, currency = found[1], currency or found[2]
    bare = number.replace(" ", "")
    if is_iban(bare) or _IBAN_SHAPE.fullmatch(bare):
        return Stated(bare, None, bank, currency, bare[:2])
    country = bic_country(bank) or country or _CURRENCY_COUNTRIES.get(currency or "")
    if country == "DK" and (found := _DANISH.fullmatch(number)):
        return Stated(danish_iban(f"{found[1]}-{found[2]}"), None, bank, currency, country)
    return Stated(None, text or None, bank, currency, country)


def bic_country(bank: str | None) -> str | None:
    """The country inside a BIC; None when the words are none."""
    found = _BIC.fullmatch(bank or "")
    return found[1] if found else None
