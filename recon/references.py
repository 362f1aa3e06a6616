"""Payment references: their check digits, and the one form in which two spellings are equal.

In: references as printed, typed or sent by a bank. Out: keys to join on, and whether a reference is complete.
A check digit alone never proves a payment: one random number in ten has a valid one.
Sources: giro-kort.dk and Peppol DK-R-008..011 (FIK), Mastercard Payment Services (KID), Bankgirot (OCR),
Finance Finland (viitenumero), ISO 11649 (RF), SIX (QRR; the check is python-stdnum's).
"""

from __future__ import annotations

import re

import polars as pl
from stdnum import iso11649, luhn
from stdnum.ch import esr

from recon.text import in_steps, only_where

FIK_DIGITS = {"71": 15, "75": 16, "04": 16, "15": 16}
"""Digits of the payment id by card type; 73 and 01 carry none."""

JOINED = "~"
"""Mark before a key made of digits that stood apart in a text: it may be part of something else."""

_FIK = r"^\+?(?:71|75|04|15)[<#/]?(\d{15,16})(?:\+\d{7,8}<?)?$"
_FIK_SHORT = r"^\+(?:71|75|04|15)<?(\d{1,16})\+\d{7,8}<?$"
_FIK_PARTS = re.compile(r"\+?(71|75|04|15)[<#/]?(\d{1,16})(?:\+\d{7,8}<?)?")


def luhn_ok(digits: str) -> bool:
    """Mod 10, as FIK 71/75, giro 04/15, KID and Swedish OCR use it.

    >>> luhn_ok("000000012345674"), luhn_ok("000000012345675")
    (True, False)
    """
    return digits.isascii() and digits.isdigit() and luhn.is_valid(digits)


def fik_ok(card: str, payment_id: str) -> bool:
    """A Danish payment id for its card type: 71, 75, 04 or 15 with all its digits; 73 and 01 have none.

    >>> fik_ok("71", "000000012345674"), fik_ok("71", "12345674"), fik_ok("73", "")
    (True, False, True)
    """
    if card in ("73", "01"):
        return payment_id == ""
    return len(payment_id) == FIK_DIGITS.get(card) and luhn_ok(payment_id)


def kid_ok(reference: str) -> bool:
    """A Norwegian KID: 2-25 digits, mod 10 or mod 11 as the payee agreed; mod 11 may end in `-`.

    >>> kid_ok("12344"), kid_ok("12343"), kid_ok("104-"), kid_ok("12345")
    (True, True, True, False)
    """
    if not re.fullmatch(r"\d{1,24}[\d-]", reference):
        return False
    return luhn_ok(reference) or _mod11_digit(reference[:-1]) == reference[-1]


def _mod11_digit(payload: str) -> str:
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(payload)))
    rest = 11 - total % 11
    return {11: "0", 10: "-"}.get(rest, str(rest))


def ocr_ok(reference: str, *, with_length: bool = False) -> bool:
    """A Swedish OCR: 2-25 digits, mod 10; `with_length` asks that the last digit but one tells the length.

    >>> ocr_ok("123455"), ocr_ok("1234574", with_length=True), ocr_ok("123451")
    (True, True, False)
    """
    if not re.fullmatch(r"\d{2,25}", reference) or not luhn_ok(reference):
        return False
    return not with_length or int(reference[-2]) == len(reference) % 10


def viite_ok(reference: str) -> bool:
    """A Finnish viitenumero: 3-19 digits and a check digit by weights 7, 3, 1; padding zeros pass.

    >>> viite_ok("1234561"), viite_ok("00000000000001234561"), viite_ok("1234562")
    (True, True, False)
    """
    digits = reference.lstrip("0")
    if not re.fullmatch(r"\d{4,20}", digits):
        return False
    total = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(digits[:-1])))
    return (10 - total % 10) % 10 == int(digits[-1])


def rf_ok(reference: str) -> bool:
    """An ISO 11649 creditor reference, `RF` and mod 97; any case, blanks pass.

    >>> rf_ok("RF18 5390 0754 7034"), rf_ok("RF19539007547034")
    (True, False)
    """
    return bool(iso11649.is_valid(reference.replace(" ", "").upper()))


def qrr_ok(reference: str) -> bool:
    """A Swiss QR reference: 27 digits with padding, recursive mod 10.

    >>> qrr_ok("21 00000 00003 13947 14300 09017"), qrr_ok("210000000003139471430009018")
    (True, False)
    """
    digits = reference.replace(" ", "")
    return len(digits.lstrip("0")) >= 5 and bool(esr.is_valid(digits))


def is_complete(reference: str) -> bool:
    """Whether this is a whole payment reference of a known standard whose check digit holds."""
    bare = re.sub(r"\s", "", reference).upper()
    if bare.startswith("RF"):
        return rf_ok(bare)
    if (fik := _FIK_PARTS.fullmatch(bare)) and ("+" in bare or "#" in bare):
        return luhn_ok(fik[2].zfill(FIK_DIGITS[fik[1]]))
    if not re.fullmatch(r"\d{6,26}[\d-]", bare):
        return False
    return kid_ok(bare) or viite_ok(bare) or qrr_ok(bare)


def reference_key(reference: pl.Expr) -> pl.Expr:
    """The canonical form of a reference: what the engine joins on.

    Capitals and digits without blanks or punctuation; of a printed FIK line the payment id alone; a
    reference of digits loses its leading zeros. `+71<000000012345674+12345678<`, `71#000000012345674`,
    `0000 0001 2345 674` and `12345674` are all `12345674`; `INV-2026-00123` is `INV202600123`. Empty is null.
    """
    return in_steps(reference, _canonical)


def _canonical(reference: pl.Series) -> pl.Series:
    bare = reference.str.to_uppercase().str.replace_all(r"\s", "")
    printed = bare.str.contains(_FIK) | bare.str.contains(_FIK_SHORT)
    plain = only_where(printed, _payment_id, bare).str.replace_all(r"[^A-Z0-9ÆØÅÄÖ]", "")
    digits = plain.str.contains(r"^[0-9]+$")
    key = plain.str.strip_chars_start("0").zip_with(digits, plain)
    return key.set(key == "", None)


def _payment_id(fik: pl.Series) -> pl.Series:
    whole = fik.str.extract(_FIK, 1)
    return whole.zip_with(whole.is_not_null(), fik.str.extract(_FIK_SHORT, 1))


def national_key(key: pl.Expr) -> pl.Expr:
    """The national digits inside an RF key, for `RF341234561` and `1234561` are one Finnish reference; else null."""
    return key.str.extract(r"^RF\d{2}(\d{4,20})$", 1).str.strip_chars_start("0")


def printed_form(reference: pl.Expr) -> pl.Expr:
    """The characters a payer copies: a payment id with its zeros, or the reference without blanks and signs."""
    bare = reference.str.to_uppercase().str.replace_all(r"\s", "")
    return pl.coalesce(bare.str.extract(_FIK, 1), bare.str.replace_all(r"[^A-Z0-9]", ""))
