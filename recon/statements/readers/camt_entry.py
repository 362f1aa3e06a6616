"""One `Ntry` of a camt message → one line, booked or expected, and the parts of a batch.

In: the entry's record and its account. Out: `Entry`. Never: a sign turned for a reversal (`CdtDbtInd`
already says which way the money went), a day passed through a time zone, words of the bank left out.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from recon.errors import DataRefused
from recon.money import parse_amount, to_decimal
from recon.schema import finding
from recon.statements.readers import camt_batch, camt_words
from recon.statements.readers.building import Account, Row
from recon.statements.readers.camt_words import money, side
from recon.statements.readers.records import Record
from recon.statements.readers.words import given

_BOOKED: Final = "BOOK"
_EXPECTED: Final = ("PDNG", "INFO", "FUTR")

# ISO 20022 external code set "bank transaction": family, or sub-family where that says more.
_FAMILIES: Final = {
    "RCDT": "transfer", "ICDT": "transfer", "RRCT": "transfer", "IRCT": "transfer",
    "CCRD": "card", "MCRD": "payout", "RDDT": "direct_debit", "IDDT": "direct_debit",
}  # fmt: skip
_SUB_FAMILIES: Final = {"CHRG": "fee", "COMM": "fee", "FEES": "fee", "INTR": "interest", "POSD": "card"}
_FAMILY: Final = "BkTxCd/Domn/Fmly/Cd"
_CLOSE: Final = Decimal("0.05")
_SPOTS: Final = ("AmtDtls/InstdAmt/", "AmtDtls/TxAmt/", "AmtDtls/CntrValAmt/", "AmtDtls/PrtryAmt/", "")
_AMOUNTS: Final = tuple((f"{spot}Amt", f"{spot}Amt@") for spot in _SPOTS)
_RATES: Final = tuple((f"{spot}CcyXchg", f"{spot}CcyXchg/XchgRate") for spot in _SPOTS)


class Entry(NamedTuple):
    """row: LINES without ids and account. parts: PARTS without ids, adding up to the row's amount."""

    row: Row
    booked: bool
    parts: list[Row]
    findings: list[dict[str, object]]


def read_entry(entry: Record, account: Account, kind: str, where: str) -> Entry:
    """Read one entry. Raises DataRefused without a sure amount, side or (when booked) day."""
    amount, currency = money(entry, "Amt", account.currency)
    amount *= side(entry)
    payments = entry.all("TxDtls")
    only = payments[0] if len(payments) == 1 else None
    findings: list[dict[str, object]] = []
    booked = _is_booked(entry, kind, where, findings)
    own = account.iban or account.bban
    flows_in = (amount > 0 or entry.text("CdtDbtInd") == "CRDT") != (entry.text("RvslInd") in ("true", "1"))
    parts: list[Row] = []
    if len(payments) > 1:
        parts, held = camt_batch.read_parts(entry, payments, amount, currency, own, flows_in, where)
        findings += held
    row = {
        "amount_minor": amount,
        "currency": currency,
        "text": camt_words.entry_text(entry, payments, bool(parts), flows_in),
        "kind": _kind(entry, only),
        "bank_ref": _bank_ref(entry, only),
        **_days(entry, booked, where, findings),
        **camt_words.party(only, flows_in, own),
        **camt_words.references(only),
        **_foreign(entry, only, amount, currency),
    }
    if currency != account.currency:
        words = f"The entry is in {currency}, its account in {account.currency}; no balance counts it."
        findings.append(finding("warning", "other_currency", where, words, amount))
    return Entry(row, booked, parts, findings)


def _is_booked(entry: Record, kind: str, where: str, findings: list[dict[str, object]]) -> bool:
    status = entry.first(("Sts", "Sts/Cd", "Sts/Prtry"))
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
    entry: Record, booked: bool, where: str, findings: list[dict[str, object]]
) -> dict[str, date | None]:
    booking = day(entry.first(("BookgDt/Dt", "BookgDt/DtTm")))
    value = day(entry.first(("ValDt/Dt", "ValDt/DtTm")))
    if booking is None and value is not None:
        words = f"The entry has no booking date; the value date {value} was taken."
        findings.append(finding("warning" if booked else "note", "no_booking_date", where, words))
    if booking is None and value is None and booked:
        raise DataRefused("The entry has neither a booking date nor a value date.")
    return {"booking_date": booking or value, "value_date": value}


@lru_cache(maxsize=1024)
def day(words: str | None) -> date | None:
    """The calendar day as written; an hour and its zone behind it never move it. Raises DataRefused."""
    if words is None:
        return None
    try:
        return date.fromisoformat(words[:10])
    except ValueError:
        raise DataRefused(f"“{words}” is no date.") from None


def _bank_ref(entry: Record, only: Record | None) -> str | None:
    found = entry.text("AcctSvcrRef") or (only.text("Refs/AcctSvcrRef") if only else None)
    return given(found)


def _kind(entry: Record, only: Record | None) -> str | None:
    """The line's kind where the bank's transaction code tells it, else null."""
    for holder in (entry, only):
        if holder is None or _FAMILY not in holder.values:
            continue
        narrow = _SUB_FAMILIES.get(holder.text("BkTxCd/Domn/Fmly/SubFmlyCd") or "")
        if kind := narrow or _FAMILIES.get(holder.text(_FAMILY) or ""):
            return kind
    return None


def _foreign(entry: Record, only: Record | None, amount: int, currency: str) -> dict[str, Any]:
    """Amount, currency and rate before conversion. The amount has the line's sign.

    Bookkeeping does not hang on these: an amount that cannot be read is left out, with all else kept.
    """
    original = original_currency = stated = None
    for holder in (only, entry):
        if holder is None:
            continue
        said = holder.values
        for path, in_currency in _AMOUNTS:
            if original is None and in_currency in said and said[in_currency] != currency:
                original, original_currency = _amount_or_none(holder, path, said[in_currency])
        for spot, path in _RATES:
            if stated is None and path in said:
                stated = _rate(holder, spot)
    if not original:
        return {"exchange_rate": float(stated)} if stated else {}
    original = abs(original) if amount >= 0 else -abs(original)
    rate = _per_unit(
        stated, abs(to_decimal(amount, currency) / to_decimal(original, original_currency or ""))
    )
    return {
        "original_minor": original,
        "original_currency": original_currency,
        "exchange_rate": float(rate) if rate else None,
    }


def _amount_or_none(holder: Record, path: str, currency: str) -> tuple[int | None, str | None]:
    try:
        return parse_amount(holder.text(path) or "", currency), currency
    except DataRefused:
        return None, None


def _rate(holder: Record, spot: str) -> Decimal | None:
    """The rate stated; banks also write 0, or a rate from a currency to itself, for none."""
    words = holder.text(f"{spot}/XchgRate")
    if not words or holder.text(f"{spot}/SrcCcy") == holder.first((f"{spot}/TrgtCcy", f"{spot}/UnitCcy")):
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
