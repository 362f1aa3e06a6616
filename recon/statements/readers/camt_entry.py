"""One `Ntry` of a camt message → one line, booked or expected, and the parts of a batch.

In: the entry's element and its account. Out: `Entry`. Never: a sign turned for a reversal (`CdtDbtInd`
already says which way the money went), a day passed through a time zone, words of the bank left out.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from recon.errors import DataRefused
from recon.money import to_decimal
from recon.schema import finding
from recon.statements.readers import camt_batch, camt_words
from recon.statements.readers.camt_words import money, side
from recon.statements.readers.xml import first, text

_BOOKED: Final = "BOOK"
_EXPECTED: Final = ("PDNG", "INFO", "FUTR")

# ISO 20022 external code set "bank transaction": family, or sub-family where that says more.
_FAMILIES: Final = {
    "RCDT": "transfer", "ICDT": "transfer", "RRCT": "transfer", "IRCT": "transfer",
    "CCRD": "card", "MCRD": "payout", "RDDT": "direct_debit", "IDDT": "direct_debit",
}  # fmt: skip
_SUB_FAMILIES: Final = {"CHRG": "fee", "COMM": "fee", "FEES": "fee", "INTR": "interest", "POSD": "card"}
_CLOSE: Final = Decimal("0.05")


class Account(NamedTuple):
    """The account of a statement, under our id."""

    account_id: str
    iban: str | None
    bban: str | None
    currency: str
    bank: str | None
    name: str | None


@dataclass
class Entry:
    """row: LINES without `line_id` + `bank_ref`. parts: PARTS without ids, adding up to the row's amount."""

    row: dict[str, Any]
    booked: bool
    parts: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, object]] = field(default_factory=list)


def read_entry(node: ET.Element, account: Account, kind: str, where: str) -> Entry:
    """Read one entry. Raises DataRefused without a sure amount, side or (when booked) day."""
    amount, currency = money(node.find("Amt"), account.currency)
    amount *= side(node)
    details = [*node.iterfind("NtryDtls/TxDtls"), *node.iterfind("TxDtls")]
    only = details[0] if len(details) == 1 else None
    entry = Entry({}, booked=True)
    entry.booked = _is_booked(node, kind, where, entry.findings)
    own = account.iban or account.bban
    flows_in = (amount > 0 or text(node, "CdtDbtInd") == "CRDT") != (text(node, "RvslInd") == "true")
    if len(details) > 1:
        entry.parts, held = camt_batch.read_parts(node, details, amount, currency, own, flows_in, where)
        entry.findings += held
    entry.row = (
        {"account_id": account.account_id, "amount_minor": amount, "currency": currency, "source": kind}
        | _days(node, entry.booked, where, entry.findings)
        | {"text": camt_words.entry_text(node, [] if entry.parts else details, flows_in)}
        | camt_words.party(only, flows_in, own)
        | camt_words.references(only)
        | _foreign(node, only, amount, currency)
        | {"kind": _kind(node, only), "bank_ref": _bank_ref(node, only)}
    )
    if currency != account.currency:
        words = f"The entry is in {currency}, its account in {account.currency}; no balance counts it."
        entry.findings.append(finding("warning", "other_currency", where, words, amount))
    return entry


def _is_booked(node: ET.Element, kind: str, where: str, findings: list[dict[str, object]]) -> bool:
    status = first(node, "Sts/Cd", "Sts/Prtry", "Sts")
    if status == _BOOKED:
        return True
    if status in _EXPECTED:
        return False
    # A statement (053) holds booked entries by definition; elsewhere an unknown word proves nothing.
    booked = status is None and kind == "camt.053"
    taken = "booked" if booked else "expected, not booked"
    words = f"The entry's status is {f'“{status}”' if status else 'missing'}; it was taken as {taken}."
    findings.append(finding("warning", "status_unknown", where, words))
    return booked


def _days(
    node: ET.Element, booked: bool, where: str, findings: list[dict[str, object]]
) -> dict[str, date | None]:
    booking, value = (day(first(node, f"{tag}/Dt", f"{tag}/DtTm")) for tag in ("BookgDt", "ValDt"))
    if booking is None and value is not None:
        words = f"The entry has no booking date; the value date {value} was taken."
        findings.append(finding("warning" if booked else "note", "no_booking_date", where, words))
    if booking is None and value is None and booked:
        raise DataRefused("The entry has neither a booking date nor a value date.")
    return {"booking_date": booking or value, "value_date": value}


def day(words: str | None) -> date | None:
    """The calendar day as written; an hour and its zone behind it never move it. Raises DataRefused."""
    if words is None:
        return None
    try:
        return date.fromisoformat(words[:10])
    except ValueError:
        raise DataRefused(f"“{words}” is no date.") from None


def _bank_ref(node: ET.Element, only: ET.Element | None) -> str | None:
    return camt_words.given(text(node, "AcctSvcrRef") or text(only, "Refs/AcctSvcrRef"))


def _kind(node: ET.Element, only: ET.Element | None) -> str | None:
    """The line's kind where the bank's transaction code tells it, else null."""
    for holder in (node, only):
        code = holder.find("BkTxCd/Domn/Fmly") if holder is not None else None
        if kind := _SUB_FAMILIES.get(text(code, "SubFmlyCd") or "") or _FAMILIES.get(text(code, "Cd") or ""):
            return kind
    return None


def _foreign(node: ET.Element, only: ET.Element | None, amount: int, currency: str) -> dict[str, Any]:
    """Amount, currency and rate before conversion. The amount has the line's sign.

    Bookkeeping does not hang on these: an amount that cannot be read is left out, with all else kept.
    """
    original = original_currency = stated = None
    for holder in (only, node):
        for path in ("AmtDtls/InstdAmt", "AmtDtls/TxAmt", "AmtDtls/CntrValAmt", "AmtDtls/PrtryAmt", "."):
            spot = holder.find(path) if holder is not None else None
            found = spot.find("Amt") if spot is not None else None
            if original is None and found is not None and found.get("Ccy", currency) != currency:
                original, original_currency = _amount_or_none(found)
            stated = stated or _rate(first(spot, "CcyXchg/XchgRate"), spot)
    if not original:
        return {"exchange_rate": float(stated) if stated else None}
    original = abs(original) if amount >= 0 else -abs(original)
    rate = _per_unit(
        stated, abs(to_decimal(amount, currency) / to_decimal(original, original_currency or ""))
    )
    return {
        "original_minor": original,
        "original_currency": original_currency,
        "exchange_rate": float(rate) if rate else None,
    }


def _amount_or_none(found: ET.Element) -> tuple[int | None, str | None]:
    try:
        return money(found, "")
    except DataRefused:
        return None, None


def _rate(words: str | None, spot: ET.Element | None) -> Decimal | None:
    """The rate stated; banks also write 0, or a rate from a currency to itself, for none."""
    if not words or first(spot, "CcyXchg/SrcCcy") == first(spot, "CcyXchg/TrgtCcy", "CcyXchg/UnitCcy"):
        return None
    try:
        rate = Decimal(words)
    except ArithmeticError:
        return None
    return rate if rate.is_finite() and 0 < rate < 10**9 else None


def _per_unit(stated: Decimal | None, actual: Decimal) -> Decimal | None:
    """The stated rate as units of the line's currency for one unit of the original.

    Danish banks quote per 100 units, others turn the pair round: the amounts tell which.
    """
    if not stated or not actual:
        return stated
    readings = (stated, stated / 100, 1 / stated, 100 / stated)
    best = min(readings, key=lambda rate: abs(rate / actual - 1))
    return best if abs(best / actual - 1) <= _CLOSE else stated
