"""Shares, documents and candidates as a bookkeeper reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from recon.errors import AmountInexact
from recon.flow.candidates import Leg
from recon.match import say_probability
from recon.ui.choices import typed_amount
from recon.ui.frame import money

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
    "none": "is not explained",
    "fee": "looks like a fee kept on the way",
    "tolerance": "is within the tolerance",
    "discount": "looks like a cash discount",
    "fx": "is an exchange difference",
    "overpaid": "is more than the documents ask for",
    "unexplained": "is not explained",
}


def short_day(when: date | None) -> str:
    """`12 Nov`, for narrow columns."""
    return f"{when:%-d %b}" if when else ""


def share(probability: float | None) -> str:
    """A probability in whole percent that never claims certainty: `> 99 %`."""
    return "" if probability is None else say_probability(probability)


def bare(minor: int, currency: str) -> str:
    """An amount without its currency, where a heading names it."""
    return money(minor, currency).removesuffix(f" {currency}")


def document(leg: Leg) -> str:
    """`Invoice 100236`."""
    return f"{DOCUMENTS[leg.kind]} {leg.number}"


def in_short(legs: Sequence[Leg]) -> str:
    """What a candidate names in a few words, and whose it is."""
    first = legs[0]
    numbers = ", ".join(leg.number for leg in legs[:3]) + (" …" if len(legs) > 3 else "")
    named = document(first) if len(legs) == 1 else f"{len(legs)} documents: {numbers}"
    if len(legs) == 1 and first.kind != "account" and abs(first.item_amount_minor) < abs(first.open_minor):
        named = f"Part of {named[0].lower()}{named[1:]}"
    parties = dict.fromkeys(leg.party for leg in legs if leg.party)
    whose = next(iter(parties), "") if len(parties) < 2 else f"{len(parties)} parties"
    return " · ".join(word for word in (named, whose) if word)


def who(line: dict[str, Any]) -> str:
    """The other party of a line, else its text."""
    return str(line["counterparty_name"] or line["text"] or "")


def maybe_amount(words: str, currency: str) -> int | None:
    """The amount typed into a search box, without sign, or None where the words are none."""
    try:
        return typed_amount(words, currency, "The search")
    except AmountInexact:
        return None
