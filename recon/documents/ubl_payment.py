"""How an electronic invoice wants to be paid: by when, with which reference, to which account.

In: the `PaymentMeans` of a UBL 2.1 document. Out: `Means`. Never: a check digit mended.
Sources: Peppol BIS Billing 3, rules DK-R-007..011; OIOUBL 2.1 payment means, rules F-LIB145, 153, 275;
means codes: UNCL4461.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from recon.documents.payment_reference import printed
from recon.references import fik
from recon.xml import first, text

NOBODY_TRANSFERS: Final = {
    "48": "by card",
    "54": "by credit card",
    "55": "by debit card",
    "49": "by direct debit",
    "59": "by SEPA direct debit",
    "97": "to the NemKonto",
}
"""Means by which the money moves without anybody typing the reference."""

_SLIPS: Final = ("93", "50")
# OIOUBL writes the card type alone, Peppol card type, `#` and payment id.
_CARD: Final = re.compile(r"(71|73|75|01|04|15)(?:#\s*(\d[\d ]*)?)?")
_PRINTED: Final = re.compile(r"\+(\d\d)<(\d*)\+\d{7,8}<")
_REGISTRATION_NO: Final = re.compile(r"\d{4}")
_NATIONAL: Final = re.compile(r"\d{1,10}")


@dataclass(frozen=True)
class Means:
    """One way to pay. `note` is the text the payer is to give beside or instead of a reference."""

    code: str | None
    due: str | None
    reference: str | None
    account: str | None
    note: str | None


def read_means(means: Element) -> Means:
    """One `cac:PaymentMeans`."""
    return Means(
        code=text(means, "PaymentMeansCode"),
        due=text(means, "PaymentDueDate"),
        reference=_reference(means),
        account=_account(means),
        note=first(means, "PayeeFinancialAccount/PaymentNote", "InstructionNote"),
    )


def wrong_check_digit(reference: str | None) -> bool:
    """Whether a Danish payment slip's id fails its own check."""
    found = _PRINTED.fullmatch(reference or "")
    return bool(found) and not fik.is_valid(found[0])


def _reference(means: Element) -> str | None:
    """As printed for the payer: a Danish code line, else the payment id without blanks."""
    told = text(means, "PaymentID")
    card = _CARD.fullmatch(told or "")
    if text(means, "PaymentMeansCode") not in _SLIPS or card is None:
        return printed(told or text(means, "InstructionID"))
    payment_id = re.sub(r"\s", "", card[2] or text(means, "InstructionID") or "")
    creditor = _slip_creditor(means)
    if creditor is None:
        return f"{card[1]}#{payment_id}" if payment_id else None
    return printed(f"+{card[1]}<{payment_id}+{creditor}<")


def _slip_creditor(means: Element) -> str | None:
    told = first(means, "CreditAccount/AccountID", "PayeeFinancialAccount/ID")
    bare = re.sub(r"\D", "", told or "")
    return bare if len(bare) in (7, 8) else None


def _account(means: Element) -> str | None:
    """IBAN or national number in capitals without blanks; a Danish one begins with its registration number."""
    told = first(means, "PayeeFinancialAccount/ID", "CreditAccount/AccountID")
    bare = re.sub(r"[\W_]", "", told or "").upper()
    branch = text(means, "PayeeFinancialAccount/FinancialInstitutionBranch/ID") or ""
    slip = text(means, "PaymentMeansCode") in _SLIPS
    if _REGISTRATION_NO.fullmatch(branch) and _NATIONAL.fullmatch(bare) and not slip:
        return branch + bare.zfill(10)
    return bare or None
