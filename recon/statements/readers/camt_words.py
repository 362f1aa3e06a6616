"""What an entry or one of its payments says: amount, other party, references, text.

In: camt elements. Out: plain values named as in LINES. Never: our own side as the other party, a sign or
currency guessed.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import Any, Final

from recon.errors import DataRefused
from recon.money import parse_amount
from recon.statements.accounts import clean_iban
from recon.statements.readers.xml import first, text, texts

_ABSENT: Final = re.compile(r"(?i)not\s*provided|notavail(able)?|none|nonref|n/?a|-+|0+")
_FULL_WIDTHS: Final = (35, 140)
"""Widths at which banks break free text hard, in the middle of a number if need be."""

_NAMES: Final = ("Nm", "Pty/Nm", "Agt/FinInstnId/Nm", "PstlAdr/AdrLine", "Pty/PstlAdr/AdrLine")
_NUMBERS: Final = ("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN")
_LAST_WORDS: Final = ("Btch/PmtInfId", "NtryDtls/Btch/PmtInfId", "Btch/MsgId", "NtryDtls/Btch/MsgId",
                      "NtryDtls/TxDtls/Refs/InstrId", "NtryDtls/TxDtls/Refs/PmtInfId",
                      "NtryDtls/TxDtls/Refs/TxId", "BkTxCd/Prtry/Cd")  # fmt: skip


def money(found: ET.Element | None, currency: str) -> tuple[int, str]:
    """Minor units and currency of an `Amt`; `currency` where it names none. Raises DataRefused."""
    words = text(found)
    if found is None or words is None:
        raise DataRefused("The amount is missing.")
    currency = (found.get("Ccy") or currency).strip()
    minor = parse_amount(words, currency)
    if minor < 0:
        raise DataRefused(
            f"The amount {words} has a sign of its own beside its side, so its sign is not sure."
        )
    return minor, currency


def side(node: ET.Element) -> int:
    """+1 where the money came in (CRDT), -1 where it went out (DBIT). Raises DataRefused."""
    words = text(node, "CdtDbtInd")
    if words not in ("CRDT", "DBIT"):
        raise DataRefused(
            f"The side (CdtDbtInd) is {f'“{words}”' if words else 'missing'}, not CRDT or DBIT."
        )
    return 1 if words == "CRDT" else -1


def given(words: str | None) -> str | None:
    """The reference, None where the bank writes a word for none (NOTPROVIDED)."""
    return None if words is None or _ABSENT.fullmatch(words) else words


def party(payment: ET.Element | None, flows_in: bool, own: str | None) -> dict[str, str | None]:
    """Name and account of the other party: who paid, or who was paid.

    `flows_in` is the way of the payment itself, so for a returned one the opposite of its entry's.
    """
    parties = payment.find("RltdPties") if payment is not None else None
    if parties is None:
        return {"counterparty_name": None, "counterparty_account": None}
    sides = ["Dbtr", "Cdtr"] if flows_in else ["Cdtr", "Dbtr"]
    if own and _number(parties, sides[0]) == clean_iban(own):
        sides.reverse()
    name = _name(parties, sides[0]) or _name(parties, f"Ultmt{sides[0]}")
    return {"counterparty_name": name, "counterparty_account": _number(parties, sides[0])}


def references(payment: ET.Element | None) -> dict[str, str | None]:
    """The payer's id and the payee's structured reference."""
    structured = next(iter(_structured(payment)), None)
    return {"end_to_end_id": given(text(payment, "Refs/EndToEndId")), "creditor_reference": structured}


def entry_text(node: ET.Element, payments: Iterable[ET.Element], flows_in: bool) -> str:
    """All the bank says of an entry in words; of a batch kept in parts only what concerns the whole."""
    pieces = [piece for payment in payments for piece in payment_words(payment, flows_in)]
    words = _once([*pieces, *texts(node, "AddtlNtryInf")])
    return words or first(node, *_LAST_WORDS) or ""


def payment_text(payment: ET.Element, flows_in: bool) -> str | None:
    """All the bank says of one payment of a batch in words."""
    return _once(payment_words(payment, flows_in)) or first(payment, "Refs/InstrId", "Refs/TxId")


def payment_words(payment: ET.Element, flows_in: bool) -> list[str]:
    """Free text, document numbers, further references, mandate, ultimate party, the bank's own remark."""
    documents = [
        words
        for path in ("RfrdDocInf/Nb", "RfrdDocInf/RfrdDocNb", "AddtlRmtInf")
        for words in texts(payment, f"RmtInf/Strd/{path}")
    ]
    parties = payment.find("RltdPties")
    ultimate = _name(parties, "UltmtDbtr" if flows_in else "UltmtCdtr") if parties is not None else None
    return [
        _joined([found.text or "" for found in payment.iterfind("RmtInf/Ustrd")]),
        *documents,
        *_structured(payment)[1:],
        *texts(payment, "Refs/MndtId"),
        *texts(payment, "Refs/ChqNb"),
        *([ultimate] if ultimate else []),
        *texts(payment, "AddtlTxInf"),
        *texts(payment, "RtrInf/AddtlInf"),
    ]


def _structured(payment: ET.Element | None) -> list[str]:
    if payment is None:
        return []
    paths = ("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef")
    return [words for path in paths for words in texts(payment, path) if given(words)]


def _joined(lines: list[str]) -> str:
    """Lines of free text as one. Lines broken hard at full width continue without a blank."""
    widths = {len(line) for line in lines[:-1]}
    broken = len(widths) == 1 and widths <= set(_FULL_WIDTHS)
    return "".join(lines).strip() if broken else " ".join(line.strip() for line in lines).strip()


def _once(pieces: list[str]) -> str:
    """The pieces in order, blanks folded; one that an earlier piece says word for word is not said again."""
    told: list[str] = []
    for piece in pieces:
        plain = " ".join(piece.split())
        if plain and not any(f" {plain} " in f" {earlier} " for earlier in told):
            told.append(plain)
    return " ".join(told)


def _name(parties: ET.Element, role: str) -> str | None:
    return given(first(parties, *(f"{role}/{path}" for path in _NAMES)))


def _number(parties: ET.Element, role: str) -> str | None:
    return clean_iban(given(first(parties, *(f"{role}Acct/{path}" for path in _NUMBERS))))


def part_row(amount: int, payment: ET.Element, flows_in: bool, own: str | None) -> dict[str, Any]:
    """One row of PARTS without ids."""
    words = {"amount_minor": amount, "text": payment_text(payment, flows_in)}
    return words | party(payment, flows_in, own) | references(payment)
