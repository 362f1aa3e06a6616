"""ERP accounts as names in plain-text accounting: a root by kind, then number and name.

In: rows of an export. Out: names. Never: two accounts of one name, since the number is part of it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from recon.post.formats.vouchers import Voucher

_ROOTS = {
    "income": "Income",
    "expense": "Expenses",
    "asset": "Assets",
    "debtor": "Assets",
    "bank": "Assets",
    "liability": "Liabilities",
    "creditor": "Liabilities",
}
UNCHARTED = "Equity"
"""Root of an account that the chart does not list."""
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa", "ß": "ss"})


def ledger_name(entry: dict[str, Any]) -> str:
    """`Assets:5820-Bank-operations`: ASCII letters, digits and hyphens, as the strictest program wants it."""
    plain = unicodedata.normalize("NFKD", (entry["account_name"] or "").translate(_LETTERS))
    words = re.findall(r"[A-Za-z0-9]+", plain.encode("ascii", "ignore").decode())
    number = re.sub(r"[^A-Za-z0-9]+", "-", entry["erp_account"]).strip("-")
    root = _ROOTS.get(entry["account_kind"], UNCHARTED)
    return f"{root}:{'-'.join([number[:1].upper() + number[1:], *words])}"


def first_used(some: list[Voucher]) -> dict[str, Voucher]:
    """Every account's name and the first voucher that uses it, by name."""
    found: dict[str, Voucher] = {}
    for voucher in some:
        for entry in voucher.entries:
            name = ledger_name(entry)
            if name not in found or voucher.date < found[name].date:
                found[name] = voucher
    return dict(sorted(found.items()))


def one_line(text: str | None) -> str:
    """Without line breaks and other characters that are not seen."""
    return "".join(sign for sign in " ".join((text or "").split()) if unicodedata.category(sign)[0] != "C")
