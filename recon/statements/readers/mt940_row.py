"""What was read of one `:61:` and its details → one row.

In: `EntryLine`, its supplementary lines, the lines of `:86:` or `:NS:`. Out: a row named as in LINES.
Never: a reference that only says where the reference is.
"""

from __future__ import annotations

import re
from typing import Any, Final

from recon.errors import DataRefused
from recon.money import MINOR_DIGITS, to_decimal
from recon.statements.readers.mt940_details import read_details, read_non_swift, swift_kind
from recon.statements.readers.mt940_entry import EntryLine, amount_minor
from recon.statements.readers.words import given, once

_ELSEWHERE: Final = frozenset(("KREF", "EREF", "PREF", "MARF", "MREF", "IREF", "CREF", "SVWZ"))
"""Customer references that only say which word of the details holds the reference."""

_LEAST_REFERENCE: Final = 6
"""A shorter customer reference is a running number or a letter of the form."""

_OTHER_ACCOUNT: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}|P\d{9}")
_LOCAL_ACCOUNT: Final = re.compile(r"P?\d{7,10}|[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BARE_CODE: Final = re.compile(r"/TRCD/\w{1,6}/?")
_ORIGINAL: Final = re.compile(r"/OCMT/([A-Z]{3})\s?([\d.]*\d,?\d*)(?=/|\s|$)")


def read_row(
    line: EntryLine, further: list[str], details: list[str], non_swift: list[str], currency: str
) -> dict[str, Any]:
    """The row of one entry. further: supplementary lines of the `:61:`. details: `:86:`. non_swift: `:NS:`."""
    flows_in = line.amount > 0
    told = read_non_swift(non_swift) if non_swift and not details else read_details(details, flows_in)
    extra = [words.strip() for words in further]
    other = next(filter(_OTHER_ACCOUNT.fullmatch, extra), None)
    reference = _reference(line.customer_ref)
    # Dutch banks put the other party's account where the customer's reference belongs.
    account = _LOCAL_ACCOUNT if line.name else _OTHER_ACCOUNT
    if reference and account.fullmatch(reference):
        other, reference = other or reference, None
    said = [words for words in extra if words != other and not _BARE_CODE.fullmatch(words)]
    text = once([*told.pieces, *said]) or line.name
    return {
        "booking_date": line.entry or line.value,
        "value_date": line.value,
        "amount_minor": line.amount,
        "currency": currency,
        "text": text or given(line.customer_ref) or given(line.bank_ref) or line.type.strip(),
        "counterparty_name": told.name or line.name or None,
        "counterparty_account": told.account or other,
        "end_to_end_id": told.end_to_end_id or reference,
        "creditor_reference": told.creditor_reference,
        "kind": told.kind or swift_kind(line.type),
        "bank_ref": given(line.bank_ref),
    }


def original(amount: int, currency: str, words: str) -> dict[str, Any]:
    """Amount and currency before conversion (`/OCMT/USD100,00/`), with the line's sign; left out if unreadable."""
    found = _ORIGINAL.search(words)
    if found is None or found[1] == currency or found[1] not in MINOR_DIGITS:
        return {}
    try:
        before = amount_minor(found[2], found[1])
    except DataRefused:
        return {}
    if not before:
        return {}
    rate = abs(to_decimal(amount, currency)) / to_decimal(before, found[1])
    return {
        "original_minor": before if amount >= 0 else -before,
        "original_currency": found[1],
        "exchange_rate": float(rate) or None,
    }


def _reference(words: str) -> str | None:
    reference = given(words)
    if reference is None or len(reference) < _LEAST_REFERENCE or reference.rstrip("+") in _ELSEWHERE:
        return None
    return reference
