"""One `STMTTRN` of an OFX statement → one row.

In: the element. Out: a row named as in LINES. Never: a sign turned (`TRNAMT` says which way the money went, on
credit cards too: a purchase is negative), a day moved by an hour or a zone.
Source: OFX 2.2 sections 11.4.4.1 (STMTTRN), 11.4.4.3 (TRNTYPE), 3.2.8.2 (dates), 5.2 (currencies).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from recon.errors import DataRefused
from recon.schema import finding
from recon.statements.accounts import clean_iban, danish_iban
from recon.statements.readers.ofx_amounts import read_amount
from recon.statements.readers.ofx_tree import Node
from recon.statements.readers.words import given, once

_KINDS: Final = {
    "INT": "interest", "FEE": "fee", "SRVCHG": "fee", "POS": "card", "ATM": "card", "XFER": "transfer",
    "DIRECTDEP": "transfer", "PAYMENT": "transfer", "REPEATPMT": "transfer", "DIRECTDEBIT": "direct_debit",
}  # fmt: skip
_DAY: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d(?:\D|$))", re.ASCII)


def read_transaction(
    node: Node, currency: str, mark: str | None, where: str
) -> tuple[dict[str, Any], list[dict[str, object]]]:
    """A booked row and its findings. Raises DataRefused without a sure day or amount."""
    findings = []
    booking, available = day(node.text("DTPOSTED")), day(node.text("DTAVAIL"))
    if booking is None:
        booking = available or day(node.text("DTUSER"))
        if booking is None:
            raise DataRefused("The entry has no day (DTPOSTED).")
        words = f"The entry has no booking date; {booking} was taken."
        findings.append(finding("warning", "no_booking_date", where, words))
    row: dict[str, Any] = _row(node, currency, mark) | {"booking_date": booking, "value_date": available}
    if row["currency"] != currency:
        words = f"The entry is in {row['currency']}, its account in {currency}; no balance counts it."
        findings.append(finding("warning", "other_currency", where, words, row["amount_minor"]))
    return row, findings


def read_expected(node: Node, currency: str, mark: str | None) -> dict[str, Any]:
    """A pending transaction (`STMTTRNP`). Raises DataRefused without a sure amount."""
    return _row(node, currency, mark) | {"booking_date": day(node.text("DTTRAN"))}


def day(words: str | None) -> date | None:
    """The calendar day as written, `20260131120000.000[-5:EST]`; hour and zone never move it. Raises DataRefused."""
    if words is None:
        return None
    found = _DAY.match(words)
    try:
        return date(*map(int, found.groups())) if found else date.fromisoformat(words[:10])
    except ValueError:
        raise DataRefused(f"“{words[:40]}” is no date.") from None


def _row(node: Node, currency: str, mark: str | None) -> dict[str, Any]:
    stated = [child.words for child in node.children if child.tag == "TRNAMT" and child.words.strip()]
    if len(stated) != 1:
        raise DataRefused(f"The entry has {len(stated) or 'no'} amount{'s' if stated else ''} (TRNAMT).")
    converted = (node.text("CURRENCY/CURSYM") or currency).upper()
    name = node.text("NAME") or node.text("PAYEE/NAME") or node.text("EXTDNAME")
    return {
        "amount_minor": read_amount(stated[0], converted, mark),
        "currency": converted,
        "text": _text(node, name),
        "counterparty_name": given(_shown(name)),
        "counterparty_account": _other_account(node, currency),
        "kind": _KINDS.get((node.text("TRNTYPE") or "").upper()),
        "bank_ref": given(node.text("FITID")),
    } | _original(node, currency)


def _text(node: Node, name: str | None) -> str:
    """Name and memo, the longer alone where it begins with the other; numbers of cheque and reference."""
    said = [_shown(words) for words in (name, node.text("EXTDNAME"), node.text("MEMO"))]
    words = [text for text in said if not any(text != other and other.startswith(text) for other in said)]
    numbers = (given(node.text(tag)) for tag in ("CHECKNUM", "REFNUM"))
    return once([*words, *filter(None, numbers)]) or node.text("TRNTYPE") or ""


def _shown(words: str | None) -> str:
    return " ".join((words or "").replace("\ufffd", "?").split())


def _other_account(node: Node, currency: str) -> str | None:
    to = node.find("BANKACCTTO") or node.find("CCACCTTO")
    number = given(to.text("ACCTID")) if to else None
    bank = to.text("BANKID") if to else None
    if number and bank and currency == "DKK" and len(bank) == 4 and (iban := danish_iban(f"{bank}-{number}")):
        return iban
    return clean_iban(number)


def _original(node: Node, currency: str) -> dict[str, Any]:
    """Currency and rate before conversion (`ORIGCURRENCY`); OFX does not state the original amount."""
    original = (node.text("ORIGCURRENCY/CURSYM") or "").upper()
    if not original or original == currency:
        return {}
    try:
        rate = Decimal((node.text("ORIGCURRENCY/CURRATE") or "").replace(",", "."))
    except InvalidOperation:
        return {"original_currency": original}
    usable = rate.is_finite() and 0 < rate < 10**9
    return {"original_currency": original, "exchange_rate": float(rate) if usable else None}
