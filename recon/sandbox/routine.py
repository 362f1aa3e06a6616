"""Lines with no document: bank fees, interest, wages, tax, transfers between own accounts, the unexplained.

In: a draft. Out: the draft with their entries. Never: a document.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from recon.sandbox.draft import Draft, Entry, business_day

OTHER = "Unknown"
UNEXPLAINED_OUT = (
    "MobilePay Anne S.",
    "Udlæg Mette",
    "Privat hævning",
    "Overførsel",
    "P-afgift Kolding",
    "Støtte til Bøgelund IF",
    "Kontant hævet",
)
UNEXPLAINED_IN = (
    "Overførsel",
    "MobilePay 2245 salg",
    "Kontant indsat",
    "Erstatning Tryghavn",
    "Tilskud Erhvervshus Syd",
    "Depositum retur",
    "Indbetaling",
    "Fra Lone",
)


def write_routine(draft: Draft) -> None:
    """Every flow of money without a document."""
    _fees_and_interest(draft)
    _wages_and_tax(draft)
    _to_savings(draft)
    _between_banks(draft)
    _unexplained(draft)


def _fees_and_interest(draft: Draft) -> None:
    rng = draft.dice("fees")
    texts = {"drift": "Gebyr netbank erhverv", "webshop": "Gebyr", "euro": "Palvelumaksu"}
    fees = {"drift": 9500, "webshop": 4500, "euro": 1250}
    for month in draft.months():
        for key, text in texts.items():
            draft.add(
                Entry(
                    key, business_day(month), -fees[key] - rng.randrange(0, 9) * 150, text, "bank_fee", OTHER
                )
            )
        if month.month % 3 == 1:
            for key, text in (("drift", "Renter og provision"), ("skat", "Rente tilskrevet")):
                amount = rng.randrange(900, 26_000) * (1 if key == "skat" else -1)
                draft.add(Entry(key, business_day(month), amount, text, "interest", OTHER))


def _wages_and_tax(draft: Draft) -> None:
    rng = draft.dice("wages")
    for month in draft.months():
        wages = rng.randrange(9_600_000, 10_400_000)
        draft.add(Entry("drift", business_day(month.replace(day=28)), -wages, "Lønoverførsel", "wages"))
        withheld = wages * 58 // 100
        draft.add(
            Entry("skat", business_day(month.replace(day=10)), -withheld, "Skattestyrelsen A-skat", "tax")
        )
        if month.month % 3 == 0:
            vat = rng.randrange(3_000_000, 7_000_000)
            draft.add(Entry("skat", business_day(month.replace(day=2)), -vat, "Skattestyrelsen moms", "tax"))
            draft.add(
                Entry("drift", business_day(month.replace(day=5)), -852_000, "ATP Samlet Betaling", "tax")
            )


def _to_savings(draft: Draft) -> None:
    """Once a month, same day at the same bank."""
    rng = draft.dice("savings")
    for month in draft.months():
        day, amount = business_day(month.replace(day=4)), rng.randrange(60, 82) * 100_000
        _transfer(draft, "drift", "skat", day, day, amount, "Til skat og moms", "Fra Driftskonto")


def _between_banks(draft: Draft) -> None:
    """The webshop's takings go to the operating account, there the same day or the next."""
    rng = draft.dice("between banks")
    for day in draft.days(14, rng, 3):
        arrives = business_day(day + timedelta(days=rng.choice((0, 1, 1))))
        amount = rng.randrange(6, 30) * 50_000
        _transfer(
            draft,
            "webshop",
            "drift",
            day,
            arrives,
            amount,
            "Til Nordlys drift",
            "Overførsel fra Nordlys Interiør",
        )


def _transfer(
    draft: Draft, source: str, goal: str, day: date, arrives: date, amount: int, out_text: str, in_text: str
) -> None:
    ibans = {account.key: account.iban for account in draft.parties.accounts}
    us = draft.parties.company.name
    out = Entry(source, day, -amount, out_text, "own_transfer", name=us, iban=ibans[goal])
    into = Entry(goal, arrives, amount, in_text, "own_transfer", name=us, iban=ibans[source], other=out)
    out.other = into
    draft.add(out)
    draft.add(into)


def _unexplained(draft: Draft) -> None:
    """Lines nobody has a document for; some carry, by chance, just the amount of an open one."""
    rng = draft.dice("unexplained")
    for day in draft.days(4, rng, 3):
        into = rng.random() < 0.5
        account = rng.choices(("drift", "webshop"), weights=(3, 1))[0]
        amount = _chance_amount(draft, rng, day) if rng.random() < 0.15 else rng.randrange(5_000, 600_000)
        text = rng.choice(UNEXPLAINED_IN if into else UNEXPLAINED_OUT)
        draft.add(Entry(account, day, amount if into else -min(amount, 300_000), text, "no_match"))


def _chance_amount(draft: Draft, rng: random.Random, day: date) -> int:
    near = [
        d.total_minor for d in draft.documents if d.currency == "DKK" and 0 <= (day - d.issue_date).days < 30
    ]
    return rng.choice(near) if near else 125_000
