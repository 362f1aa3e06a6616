"""The one form in which two spellings of a payment reference are equal, and whether one is whole.

In: references as printed, typed or sent by a bank. Out: keys to join on. Never: a digit mended.
"""

from __future__ import annotations

import re

import polars as pl
from stdnum import iso11649, luhn
from stdnum.ch import esr

from recon.references import fik, kid, viitenumero
from recon.text import in_steps, only_where

JOINED = "~"
"""Mark before a key made of digits that stood apart in a text: it may be part of something else."""

_FIK = r"^\+?(?:71|75|04|15)[<#/]?(\d{15,16})(?:\+\d{7,8}<?)?$"
_FIK_SHORT = r"^\+(?:71|75|04|15)<?(\d{1,16})\+\d{7,8}<?$"
_FIK_PARTS = re.compile(r"\+?(71|75|04|15)[<#/]?(\d{1,16})(?:\+\d{7,8}<?)?")


def is_complete(reference: str) -> bool:
    """Whether this is a whole payment reference of a known standard whose check digit holds.

    >>> is_complete("+71<12345674+12345678<"), is_complete("RF18 5390 0754 7034"), is_complete("12344")
    (True, True, False)
    """
    bare = re.sub(r"\s", "", reference).upper()
    if bare.startswith("RF"):
        return bool(iso11649.is_valid(bare))
    if (line := _FIK_PARTS.fullmatch(bare)) and ("+" in bare or "#" in bare):
        return bool(luhn.is_valid(line[2].zfill(fik.DIGITS[line[1]])))
    if not re.fullmatch(r"\d{6,26}[\d-]", bare):
        return False
    return kid.is_valid(bare) or viitenumero.is_valid(bare) or _is_qrr(bare)


def _is_qrr(digits: str) -> bool:
    """A Swiss QR reference of more than padding."""
    return len(digits.lstrip("0")) >= 5 and bool(esr.is_valid(digits))


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
