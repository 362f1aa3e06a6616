"""The balances a statement states, and whether they and its summary fit its entries.

In: a statement's element and its lines. Out: one row of BALANCES, and findings that say by how much
something misses. Never: a balance computed where the bank states none.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date
from typing import Any, NamedTuple

from recon.errors import DataRefused
from recon.money import parse_amount, show
from recon.schema import finding
from recon.statements.readers.camt_entry import Account, day
from recon.statements.readers.camt_words import money, side
from recon.statements.readers.xml import first, text

Row = dict[str, Any]


class _Balance(NamedTuple):
    kind: str
    minor: int
    currency: str
    day: date | None


def stated_currency(statement: ET.Element) -> str | None:
    """The currency of the first balance or entry that names one."""
    amounts = [*statement.iterfind("Bal/Amt"), *statement.iterfind("Ntry/Amt")]
    return next((currency for amt in amounts if (currency := amt.get("Ccy"))), None)


def read_balance(
    statement: ET.Element, account: Account, booked: list[Row], where: str
) -> tuple[Row, list[dict[str, object]]]:
    """One row of BALANCES and its findings. `booked` are the statement's booked lines."""
    findings: list[dict[str, object]] = []
    stated = []
    for node in statement.iterfind("Bal"):
        try:
            stated.append(_read(node, account.currency))
        except DataRefused as error:
            words = f"A balance cannot be read: {error.words} It counts as not stated."
            findings.append(finding("warning", "balance_unreadable", where, words))
    opening, closing = _ends(stated)
    total = sum(row["amount_minor"] for row in booked if row["currency"] == account.currency)
    ties = None
    if opening and closing:
        missing = closing.minor - opening.minor - total
        alike = opening.currency == closing.currency == account.currency
        ties = alike and missing == 0
        if not ties:
            findings.append(_does_not_tie(opening, closing, total, missing, account, where, alike=alike))
    row = {
        "statement_no": first(statement, "LglSeqNb", "ElctrncSeqNb", "Id"),
        "account_id": account.account_id,
        "currency": account.currency,
        "opening_date": opening and opening.day,
        "opening_minor": opening and opening.minor,
        "closing_date": closing and closing.day,
        "closing_minor": closing and closing.minor,
        "booked_minor": total,
        "ties": ties,
    }
    return row, findings


def check_summary(
    statement: ET.Element, entries: list[Row], currency: str, where: str
) -> list[dict[str, object]]:
    """Findings where the statement's own count and sums (`TxsSummry`) miss its entries."""
    amounts = [row["amount_minor"] for row in entries]
    figures = {
        "TtlNtries": amounts,
        "TtlCdtNtries": [amount for amount in amounts if amount > 0],
        "TtlDbtNtries": [amount for amount in amounts if amount < 0],
    }
    findings = []
    for tag, held in figures.items():
        count = text(statement, f"TxsSummry/{tag}/NbOfNtries")
        # Entries of nothing have a side of their own; only the count of all is sure to hold them.
        if tag == "TtlNtries" and count is not None and count.isdecimal() and int(count) != len(held):
            words = f"The statement declares {int(count)} entries and holds {len(held)}."
            findings.append(finding("warning", "entries_missing", where, words))
        declared = _sum_or_none(text(statement, f"TxsSummry/{tag}/Sum"), currency)
        total = sum(map(abs, held))
        if declared is not None and declared != total:
            words = f"The statement declares a sum ({tag}) of {show(declared, currency)}, its entries give "
            words += f"{show(total, currency)}."
            findings.append(finding("warning", "sum_differs", where, words, declared - total))
    return findings


def _read(node: ET.Element, currency: str) -> _Balance:
    kind = first(node, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd") or ""
    minor, stated = money(node.find("Amt"), currency)
    return _Balance(kind, minor * side(node), stated, day(first(node, "Dt/Dt", "Dt/DtTm")))


def _ends(stated: list[_Balance]) -> tuple[_Balance | None, _Balance | None]:
    """Opening and closing balance: OPBD, else the previous closing PRCD; CLBD.

    A page within a statement opens and closes with interim balances (ITBD) where these are missing.
    """
    interim = [balance for balance in stated if balance.kind == "ITBD"]
    opening = next((b for kind in ("OPBD", "PRCD") for b in stated if b.kind == kind), None)
    closing = next((b for b in reversed(stated) if b.kind == "CLBD"), None)
    if opening is None and (len(interim) > 1 or (closing and interim)):
        opening = interim[0]
    if closing is None and interim and interim[-1] is not opening:
        closing = interim[-1]
    return opening, closing


def _does_not_tie(
    opening: _Balance,
    closing: _Balance,
    total: int,
    missing: int,
    account: Account,
    where: str,
    *,
    alike: bool,
) -> dict[str, object]:
    if not alike:
        words = (
            f"The balances are in {opening.currency} and {closing.currency}, not both in {account.currency}."
        )
        return finding("warning", "balance_does_not_tie", where, words)
    starts, moved, ends, off = (
        show(m, account.currency) for m in (opening.minor, total, closing.minor, missing)
    )
    words = f"Opening {starts} and entries {moved} miss the closing balance {ends} by {off}."
    return finding("warning", "balance_does_not_tie", where, words, missing)


def _sum_or_none(words: str | None, currency: str) -> int | None:
    try:
        return parse_amount(words, currency) if words else None
    except DataRefused:
        return None
