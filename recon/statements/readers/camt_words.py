"""What an entry or one of its payments says: amount, other party, references, text.

In: records of a camt file. Out: plain values named as in LINES. Never: our own side as the other party, a
sign or currency guessed.
"""

from __future__ import annotations

from typing import Any, Final

from recon.errors import DataRefused
from recon.money import parse_amount
from recon.statements.accounts import clean_iban
from recon.statements.readers.records import Record
from recon.statements.readers.words import given, once

_FULL_WIDTHS: Final = (35, 140)
"""Widths at which banks break free text hard, in the middle of a number if need be."""
_ROLES: Final = ("Dbtr", "Cdtr", "UltmtDbtr", "UltmtCdtr")
_NAMES: Final = {
    role: tuple(
        f"RltdPties/{role}/{path}"
        for path in ("Nm", "Pty/Nm", "Agt/FinInstnId/Nm", "PstlAdr/AdrLine", "Pty/PstlAdr/AdrLine")
    )
    for role in _ROLES
}
_NUMBERS: Final = {
    role: tuple(
        f"RltdPties/{role}Acct/{path}" for path in ("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN")
    )
    for role in _ROLES
}
_PAYMENT_REFERENCES: Final = ("Refs/InstrId", "Refs/PmtInfId", "Refs/TxId")
_LAST_WORDS: Final = ("Btch/PmtInfId", "NtryDtls/Btch/PmtInfId", "Btch/MsgId", "NtryDtls/Btch/MsgId")
_FREE_TEXT: Final = "RmtInf/Ustrd"
_DOCUMENTS: Final = tuple(
    f"RmtInf/Strd/{path}" for path in ("RfrdDocInf/Nb", "RfrdDocInf/RfrdDocNb", "AddtlRmtInf")
)
_CREDITOR: Final = tuple(f"RmtInf/Strd/CdtrRefInf/{path}" for path in ("Ref", "CdtrRef"))
_BEHIND: Final = ("AddtlTxInf", "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/AddtlInf")
_NUMBERED: Final = ("Refs/MndtId", "Refs/ChqNb")
_FURTHER: Final = frozenset(
    (*_DOCUMENTS, *_CREDITOR, *_NUMBERED, *_BEHIND, *_NAMES["UltmtDbtr"], *_NAMES["UltmtCdtr"])
)
_OWN_ID: Final = ("Refs/InstrId", "Refs/TxId")

# ISO 20022 external code set "return reason", those that banks in the Nordic countries and SEPA send.
_REASONS: Final = {
    "AC01": "wrong account number", "AC04": "account closed", "AC06": "account blocked",
    "AG01": "payment not allowed on this account", "AM04": "not enough money", "AM05": "paid twice",
    "BE04": "address of the payee missing", "BE05": "sender not known", "CUST": "asked for by the customer",
    "FOCR": "after a recall", "MD01": "no valid mandate", "MD06": "refund asked for by the payer",
    "MD07": "payer has died", "MS02": "refused by the customer, no reason given",
    "MS03": "refused by the bank, no reason given", "NARR": "see text", "RC01": "wrong bank code",
    "RR04": "rules of the authorities", "SL01": "service of the payer's bank", "TM01": "too late",
    "UPAY": "payment not due",
}  # fmt: skip


def money(record: Record, path: str, currency: str) -> tuple[int, str]:
    """Minor units and currency of the amount at a path; `currency` where it names none. Raises DataRefused."""
    words = record.text(path)
    if words is None:
        raise DataRefused("The amount is missing.")
    currency = (record.currency(path) or currency).strip()
    minor = parse_amount(words, currency)
    if minor < 0:
        raise DataRefused(
            f"The amount {words} has a sign of its own beside its side, so its sign is not sure."
        )
    return minor, currency


def side(record: Record) -> int:
    """+1 where the money came in (CRDT), -1 where it went out (DBIT). Raises DataRefused."""
    words = record.text("CdtDbtInd")
    if words == "CRDT":
        return 1
    if words == "DBIT":
        return -1
    raise DataRefused(f"The side (CdtDbtInd) is {f'“{words}”' if words else 'missing'}, not CRDT or DBIT.")


def party(payment: Record | None, flows_in: bool, own: str | None) -> dict[str, str | None]:
    """Name and account of the other party: who paid, or who was paid.

    `flows_in` is the way of the payment itself, so for a returned one the opposite of its entry's. `own` is
    our account's number, bare.
    """
    if payment is None:
        return {}
    near, far = ("Dbtr", "Cdtr") if flows_in else ("Cdtr", "Dbtr")
    number = _number(payment, near)
    if own and number == own:
        near, number = far, _number(payment, far)
    name = _name(payment, near) or _name(payment, f"Ultmt{near}")
    return {"counterparty_name": name, "counterparty_account": number}


def references(payment: Record | None) -> dict[str, str | None]:
    """The payer's id and the payee's structured reference."""
    if payment is None:
        return {}
    structured = _structured(payment)
    return {
        "end_to_end_id": given(payment.text("Refs/EndToEndId")),
        "creditor_reference": structured[0] if structured else None,
    }


def entry_text(entry: Record, payments: list[Record], in_parts: bool, flows_in: bool) -> str:
    """All the bank says of an entry in words; of a batch kept in parts only what concerns the whole."""
    pieces: list[str] = []
    for payment in () if in_parts else payments:
        pieces += payment_words(payment, flows_in)
    words = once(pieces + entry.texts(("AddtlNtryInf",)))
    return words or _last_words(entry, payments) or ""


def payment_text(payment: Record, flows_in: bool) -> str | None:
    """All the bank says of one payment of a batch in words."""
    return once(payment_words(payment, flows_in)) or payment.first(_OWN_ID)


def payment_words(payment: Record, flows_in: bool) -> list[str]:
    """Free text, document numbers, further references, mandate, ultimate party, the bank's own remark."""
    free = _joined(payment.every(_FREE_TEXT))
    if _FURTHER.isdisjoint(payment.values):
        return [free]
    ultimate = _name(payment, "UltmtDbtr" if flows_in else "UltmtCdtr")
    return [
        free,
        *payment.texts(_DOCUMENTS),
        *_structured(payment)[1:],
        *payment.texts(_NUMBERED),
        *([ultimate] if ultimate else []),
        *map(_meant, payment.texts(_BEHIND)),
    ]


def _meant(words: str) -> str:
    """The bank's words; a code that says why a payment came back with its meaning behind."""
    return f"{words}: {_REASONS[words]}" if words in _REASONS else words


def _last_words(entry: Record, payments: list[Record]) -> str | None:
    """Where the bank says nothing in words: a number of its own, or at least its transaction code."""
    if words := entry.first(_LAST_WORDS):
        return words
    for path in _PAYMENT_REFERENCES:
        if words := next((words for payment in payments if (words := payment.text(path))), None):
            return words
    return entry.text("BkTxCd/Prtry/Cd")


def _structured(payment: Record) -> list[str]:
    return [words for words in payment.texts(_CREDITOR) if given(words)]


def _joined(lines: list[str]) -> str:
    """Lines of free text as one. Lines broken hard at full width continue without a blank."""
    if len(lines) < 2:
        return lines[0].strip() if lines else ""
    widths = {len(line) for line in lines[:-1]}
    broken = len(widths) == 1 and widths <= set(_FULL_WIDTHS)
    return "".join(lines).strip() if broken else " ".join(line.strip() for line in lines).strip()


def _name(payment: Record, role: str) -> str | None:
    return given(payment.first(_NAMES[role]))


def _number(payment: Record, role: str) -> str | None:
    return clean_iban(given(payment.first(_NUMBERS[role])))


def part_row(amount: int, payment: Record, flows_in: bool, own: str | None) -> dict[str, Any]:
    """One row of PARTS without ids."""
    words = {"amount_minor": amount, "text": payment_text(payment, flows_in)}
    return words | party(payment, flows_in, own) | references(payment)
