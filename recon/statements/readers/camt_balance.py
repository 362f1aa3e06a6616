"""The balances a camt statement states, and whether its summary fits its entries.

In: a statement's record and the sums of its entries. Out: opening and closing balance, and findings that say
by how much something misses. Never: a balance computed where the bank states none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from recon.errors import DataRefused
from recon.money import parse_amount, show
from recon.schema import finding
from recon.statements.readers.building import Balance, Row
from recon.statements.readers.camt_entry import day
from recon.statements.readers.camt_words import money, side
from recon.statements.readers.records import Record

Findings = list[dict[str, object]]


class _Stated(NamedTuple):
    kind: str
    balance: Balance


@dataclass
class Sums:
    """What the entries of a statement come to: counts and minor units, by side, and what is booked."""

    entries: int = 0
    credits: int = 0
    debits: int = 0
    booked: int = 0

    def add(self, row: Row, *, booked: bool, currency: str) -> None:
        """Add an entry; only what is booked in the account's currency moves its balance."""
        amount = row["amount_minor"]
        if amount > 0:
            self.credits += amount
        else:
            self.debits -= amount
        if booked and row["currency"] == currency:
            self.booked += amount


def stated_currency(statement: Record) -> str | None:
    """The currency of the first balance that names one."""
    return next((found for bal in statement.all("Bal") if (found := bal.currency("Amt"))), None)


def read_balances(
    statement: Record, currency: str, where: str
) -> tuple[Balance | None, Balance | None, Findings]:
    """Opening and closing balance, and findings on those that cannot be read."""
    findings: Findings = []
    stated = []
    for bal in statement.all("Bal"):
        try:
            stated.append(_read(bal, currency))
        except DataRefused as error:
            words = f"A balance cannot be read: {error.words} It counts as not stated."
            findings.append(finding("warning", "balance_unreadable", where, words))
    return *_ends(stated), findings


def check_summary(statement: Record, sums: Sums, currency: str, where: str) -> Findings:
    """Findings where the statement's own count and sums (`TxsSummry`) miss its entries."""
    findings: Findings = []
    count = statement.text("TxsSummry/TtlNtries/NbOfNtries")
    # Entries of nothing have a side of their own; only the count of all is sure to hold them.
    declares = count is not None and count.isascii() and count.isdecimal()
    if declares and count.lstrip("0") != str(sums.entries).lstrip("0"):
        words = f"The statement declares {count[:20]} entries and holds {sums.entries}."
        findings.append(finding("warning", "entries_missing", where, words))
    held = {
        "TtlNtries": sums.credits + sums.debits,
        "TtlCdtNtries": sums.credits,
        "TtlDbtNtries": sums.debits,
    }
    for tag, total in held.items():
        declared = _sum_or_none(statement.text(f"TxsSummry/{tag}/Sum"), currency)
        if declared is not None and declared != total:
            words = f"The statement declares a sum ({tag}) of {show(declared, currency)}, its entries give "
            words += f"{show(total, currency)}."
            findings.append(finding("warning", "sum_differs", where, words, declared - total))
    return findings


def _read(bal: Record, currency: str) -> _Stated:
    kind = bal.first(("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd")) or ""
    minor, stated = money(bal, "Amt", currency)
    return _Stated(kind, Balance(minor * side(bal), stated, day(bal.first(("Dt/Dt", "Dt/DtTm")))))


def _ends(stated: list[_Stated]) -> tuple[Balance | None, Balance | None]:
    """Opening and closing balance: OPBD, else the previous closing PRCD; CLBD.

    A page within a statement opens and closes with interim balances (ITBD) where these are missing.
    """
    interim = [balance for kind, balance in stated if kind == "ITBD"]
    opening = next((b for kind in ("OPBD", "PRCD") for is_kind, b in stated if is_kind == kind), None)
    closing = next((b for kind, b in reversed(stated) if kind == "CLBD"), None)
    if opening is None and (len(interim) > 1 or (closing and interim)):
        opening = interim[0]
    if closing is None and interim and interim[-1] is not opening:
        closing = interim[-1]
    return opening, closing


def _sum_or_none(words: str | None, currency: str) -> int | None:
    try:
        return parse_amount(words, currency) if words else None
    except DataRefused:
        return None
