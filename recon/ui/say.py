"""Dates, shares and documents as a bookkeeper reads them, and amounts as one types them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol

from recon.errors import AmountInexact
from recon.flow.queue import Candidate, Leg
from recon.money import minor_digits, to_minor
from recon.ui.frame import store

DOCUMENTS = {
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "bill": "Bill",
    "bill_credit": "Supplier credit",
    "payout": "Payout",
    "line": "Own account",
    "account": "ERP account",
}
DIFFERENCES = {
    "fee": "looks like a fee kept on the way",
    "tolerance": "is within the tolerance",
    "discount": "looks like a cash discount",
    "fx": "is an exchange difference",
    "overpaid": "is more than the documents ask for",
    "unexplained": "is not explained",
}


def day(when: date | None, *, short: bool = False) -> str:
    """`12 Nov 2026`, short `12 Nov`, in the language of the installation; nothing where there is none."""
    return (
        format_date(when, "d MMM" if short else "d MMM y", locale=store().settings.language) if when else ""
    )


def share(probability: float | None) -> str:
    """A probability in whole percent that never claims certainty: `> 99 %`."""
    if probability is None:
        return ""
    if probability >= 0.995:
        return "> 99 %"
    return "< 1 %" if probability < 0.005 else f"{probability * 100:.0f} %"


def document(leg: Leg) -> str:
    """`Invoice 100236`."""
    return f"{DOCUMENTS[leg.kind]} {leg.number}"


def in_short(candidate: Candidate) -> str:
    """A candidate in a few words: what it settles and for whom."""
    first = candidate.legs[0]
    named = (
        document(first)
        if len(candidate.legs) == 1
        else f"{len(candidate.legs)} documents ({_some([leg.number for leg in candidate.legs])})"
    )
    part = "part of " if candidate.kind == "partial" else ""
    return " · ".join(word for word in (part + named, first.party) if word)


def who(line: dict[str, Any]) -> str:
    """The other party of a line, else its text."""
    return str(line["counterparty_name"] or line["text"])


def read_amount(text: str, currency: str, language: str = "en") -> int:
    """Minor units of an amount as a person types it: `1.234,50` in Danish, `1,234.50` in English, `1234` in both.

    Either mark is read as decimal where it can be nothing else. Raises AmountInexact.
    """
    bare = text.replace(" ", "").replace("\N{NO-BREAK SPACE}", "").removesuffix(currency)
    group, decimal = get_group_symbol(language), get_decimal_symbol(language)
    lone = bare.rpartition(group)
    if bare.count(group) == 1 and decimal not in bare and len(lone[2]) == minor_digits(currency) != 3:
        group, decimal = decimal, group
    try:
        return to_minor(Decimal(bare.replace(group, "").replace(decimal, ".")), currency)
    except InvalidOperation:
        raise AmountInexact(
            f"“{text}” is not an amount. Nothing was booked; type it like 1234{decimal}50.", amount=text
        ) from None


def maybe_amount(text: str, currency: str) -> int | None:
    """The size of an amount typed into a search box, or None where the words are no amount."""
    try:
        return abs(read_amount(text, currency, store().settings.language)) if text.strip() else None
    except AmountInexact:
        return None


def _some(numbers: Sequence[str], most: int = 3) -> str:
    return ", ".join(numbers[:most]) + (" …" if len(numbers) > most else "")
