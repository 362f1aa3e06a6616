"""Our own id of a bank account, the same from whichever source the account is named.

In: an IBAN, or a national number (BBAN) with its bank, and the currency. Out: `acc_` and 16 hex digits.
Never: the provider's own account id, which may change when a consent is renewed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

_GAPS = re.compile(r"[\s.\-/]+")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}")
_WHOLE = {"FI": 14, "NO": 11, "DE": 18}
_NATIONAL = 10
_DANISH = re.compile(r"(\d{4})[\s.\-]+(\d{1,10})|(\d{4})(\d{10})")


def account_id(
    iban: str | None = None,
    bban: str | None = None,
    bank: str | None = None,
    *,
    currency: str,
    country: str | None = None,
) -> str:
    """The id of the account with this number in this currency.

    The IBAN decides where there is one. A BBAN becomes its IBAN first where that is certain, so that the
    bank's interface and its files give one id: a Danish one (`9876-0012345678`, `98760012345678`), and a
    Finnish, Norwegian or German one where `country` (or the country within a BIC given as `bank`) says so.
    Any other BBAN counts together with its bank. Raises ValueError without a number or a currency.

    >>> account_id("DK83 9876 0012 3456 78", currency="DKK")
    'acc_349ab73aa4a1f157'
    >>> account_id(bban="9876-12345678", currency="DKK")
    'acc_349ab73aa4a1f157'
    """
    if not currency:
        raise ValueError("an account id needs the account's currency")
    country = country or _bic_country(bank)
    number = clean_iban(iban) or danish_iban(bban, country) or _national_iban(bban, country)
    if number:
        return _id("iban", number, currency)
    if not _bare(bban):
        raise ValueError("an account id needs an IBAN or a BBAN")
    return _id("bban", _bare(bank), _bare(bban), currency)


def account_id_from_file_name(name: str, currency: str) -> str:
    """The id of an account that its file does not name: the same file name gives the same id."""
    return _id("file", PurePath(name).stem.casefold(), currency)


def clean_iban(text: str | None) -> str | None:
    """The IBAN without blanks, in capitals; None for nothing. Its check digits are not looked at."""
    return _bare(text) or None


def is_iban(text: str) -> bool:
    """Whether shape and check digits are those of an IBAN (ISO 13616, remainder 1 by 97)."""
    bare = _bare(text)
    return bool(_IBAN.fullmatch(bare)) and _remainder(bare[4:] + bare[:4]) == 1


def danish_iban(bban: str | None, country: str | None = None) -> str | None:
    """The IBAN of a Danish registration and account number, None when the text is no such number.

    >>> danish_iban("0040-440116243")
    'DK5000400440116243'
    """
    if not bban or (country or "DK") != "DK":
        return None
    found = _DANISH.fullmatch(bban.strip())
    if not found:
        return None
    digits = (found[1] or found[3]) + (found[2] or found[4]).zfill(10)
    return f"DK{98 - _remainder(digits + 'DK00'):02d}{digits}"


def same_account(
    known: Iterable[Mapping[str, Any]], iban: str | None, bban: str | None, bank: str | None, currency: str
) -> str | None:
    """The id of the one known account of this number and currency, whatever its bank is called there.

    known: rows with `account_id iban bban bank currency`. The bank's interface and its files name a bank
    differently, and a short number (under ten signs) is one bank's only: then, and where several accounts
    or two countries come into question, nothing is sure and None is the answer.
    """
    wanted = {number for number in (_bare(iban), _bare(bban)) if len(number) >= _NATIONAL}
    found = {
        row["account_id"]
        for row in known
        if row["currency"] == currency
        and wanted & {_bare(row["iban"]), _bare(row["bban"])}
        and len({_bic_country(row["bank"]), _bic_country(bank)} - {None}) < 2
    }
    return found.pop() if len(found) == 1 else None


def mask(number: str | None) -> str:
    """An account number as logs and pages may show it: `…4711`, the last four digits."""
    bare = _bare(number)
    return f"…{bare[-4:]}" if bare else ""


def _bare(text: str | None) -> str:
    return _GAPS.sub("", text or "").upper()


def _national_iban(bban: str | None, country: str | None) -> str | None:
    """The IBAN of a BBAN that is all of it but the check digits (IBAN registry: FI, NO, DE)."""
    bare = _bare(bban)
    if country not in _WHOLE or not re.fullmatch(rf"\d{{{_WHOLE[country]}}}", bare):
        return None
    return f"{country}{98 - _remainder(bare + country + '00'):02d}{bare}"


def _bic_country(bank: str | None) -> str | None:
    """The country inside a BIC such as NDEAFIHH; None when `bank` is no BIC."""
    found = re.fullmatch(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?", bank or "")
    return found[1] if found else None


def _remainder(text: str) -> int:
    """The number that letters (A = 10 … Z = 35) and digits spell, modulo 97."""
    return int("".join(str(int(sign, 36)) for sign in text)) % 97


def _id(*parts: str) -> str:
    return "acc_" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
