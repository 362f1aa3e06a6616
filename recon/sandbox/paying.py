"""The ways in which a customer pays one invoice, from a perfect reference to a bare name.

In: an invoice and dice. Out: entries on the draft, each knowing what it settles. The forms of a FIK
reference are those of the payment reference notes, 2.3. Never: a payment before the invoice.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from recon.sandbox.checkdigits import payment_id
from recon.sandbox.draft import Draft, Entry, business_day
from recon.sandbox.figures import Document, Party

NUMBER_TEXTS = (
    "Faktura {n}",
    "Fakt.nr. {n}",
    "fakt {n}",
    "Betaling af faktura {n}",
    "{n}",
    "INV {n}",
    "Vedr. {n} {name}",
    "{name} {n}",
)
HELPERS = ("Kjær Holding ApS", "Mester Invest A/S", "Lone Friborg", "Ejendomsselskabet Ny Havn", "P. Ravn")
RARE = ("third_party", "instalments", "small_difference", "paid_twice", "fik_grouped")
STYLES: dict[str, int] = {
    "fik": 15,
    "fik_printed": 6,
    "fik_stripped": 9,
    "fik_grouped": 5,
    "document_number": 21,
    "name_only": 11,
    "third_party": 4,
    "instalments": 4,
    "small_difference": 4,
    "paid_twice": 2,
    "never": 8,
}


def pay(draft: Draft, rng: random.Random, document: Document, style: str | None = None) -> None:
    """Let the customer pay in the style given, or in one the dice choose by weight."""
    chosen = style or rng.choices(list(STYLES), weights=list(STYLES.values()))[0]
    if chosen == "never":
        draft.unpaid(document)
        return
    _WAYS[chosen](draft, rng, document, chosen)


def pay_day(rng: random.Random, document: Document) -> date:
    """When customers pay: mostly about the due date, some early, some weeks late."""
    late = rng.choices((-6, -2, -1, 0, 0, 0, 1, 2, 4, 9, 21), k=1)[0]
    return business_day(
        max(document.issue_date + timedelta(days=1), document.due_date + timedelta(days=late))
    )


def from_party(
    account: str, day: date, amount: int, text: str, kind: str, party: Party, document: Document | None = None
) -> Entry:
    """A transfer with the other party's name and account, settling the document with all of it."""
    settles: list[tuple[Document | None, int]] = [(document, amount)] if document else []
    return Entry(account, day, amount, text, kind, name=party.name, iban=party.iban, settles=settles)


def fik_text(style: str, document: Document, rng: random.Random) -> str:
    """What the statement says of a FIK payment, in one of its written forms."""
    paid = payment_id(int(document.number))
    if style == "fik_printed":
        return document.payment_reference
    if style == "fik_stripped":
        return f"{rng.choice(('Indbetalingskort', 'Indb.kort', 'DK-FIK', 'FI'))} {paid.lstrip('0')}"
    if style == "fik_grouped":
        return "FI-kort 71 " + " ".join(paid[at : at + 4] for at in range(0, 15, 4))
    return rng.choice(("Indbetaling", "FI-kort 71 indbetaling", "Indbetalingskort"))


def number_text(rng: random.Random, document: Document) -> str:
    return rng.choice(NUMBER_TEXTS).format(n=document.number, name=document.party.name)


def _fik(draft: Draft, rng: random.Random, document: Document, style: str) -> None:
    text = fik_text(style, document, rng)
    entry = from_party(
        "drift", pay_day(rng, document), document.total_minor, text, style, document.party, document
    )
    if style == "fik":
        entry.creditor_reference = payment_id(int(document.number))
    draft.add(entry, document)


def _number(draft: Draft, rng: random.Random, document: Document, style: str) -> None:
    account = rng.choices(("drift", "webshop"), weights=(4, 1))[0]
    text = number_text(rng, document)
    entry = from_party(
        account, pay_day(rng, document), document.total_minor, text, style, document.party, document
    )
    entry.message = text if rng.random() < 0.6 else None
    draft.add(entry, document)


def _name_only(draft: Draft, rng: random.Random, document: Document, style: str) -> None:
    account = rng.choice(("drift", "webshop"))
    text = document.party.name.upper()[:20]
    entry = from_party(
        account, pay_day(rng, document), document.total_minor, text, style, document.party, document
    )
    entry.iban = entry.iban if rng.random() < 0.5 else None
    draft.add(entry, document)


def _third_party(draft: Draft, rng: random.Random, document: Document, style: str) -> None:
    payer = replace(rng.choice(draft.parties.buyers), name=rng.choice(HELPERS))
    text = number_text(rng, document) if rng.random() < 0.7 else f"For {document.party.name}"
    draft.add(
        from_party("drift", pay_day(rng, document), document.total_minor, text, style, payer, document),
        document,
    )


def _instalments(draft: Draft, rng: random.Random, document: Document, style: str) -> None:
    """Two or three parts a few weeks apart; one in four stops before the last."""
    count = rng.choice((2, 2, 3))
    part = document.total_minor // count // 100 * 100
    amounts = [part] * (count - 1) + [document.total_minor - part * (count - 1)]
    day = pay_day(rng, document)
    for place, amount in enumerate(amounts[: -1 if rng.random() < 0.25 else count], 1):
        text = rng.choice(
            (f"Rate {place} faktura {document.number}", f"{document.number} rate {place} af {count}")
        )
        draft.add(from_party("drift", day, amount, text, style, document.party, document), document)
        day = business_day(day + timedelta(days=rng.choice((14, 28, 30))))


def _small_difference(draft: Draft, rng: random.Random, document: Document, style: str) -> None:
    """A few øre or kroner too little or too much; the invoice is meant to be closed."""
    rest = rng.choice((-1, 1)) * rng.choice((1, 25, 50, 75, 100, 500, 1000))
    entry = from_party(
        "drift",
        pay_day(rng, document),
        document.total_minor + rest,
        number_text(rng, document),
        style,
        document.party,
    )
    entry.settles = [(document, document.total_minor), (None, rest)]
    draft.add(entry, document)


def _paid_twice(draft: Draft, rng: random.Random, document: Document, style: str) -> None:
    text, day = number_text(rng, document), pay_day(rng, document)
    draft.add(
        from_party("drift", day, document.total_minor, text, "document_number", document.party, document),
        document,
    )
    again = business_day(day + timedelta(days=rng.choice((1, 3, 7))))
    draft.add(from_party("drift", again, document.total_minor, text, style, document.party))


_WAYS: dict[str, Callable[[Draft, random.Random, Document, str], None]] = {
    "fik": _fik,
    "fik_printed": _fik,
    "fik_stripped": _fik,
    "fik_grouped": _fik,
    "document_number": _number,
    "name_only": _name_only,
    "third_party": _third_party,
    "instalments": _instalments,
    "small_difference": _small_difference,
    "paid_twice": _paid_twice,
}
