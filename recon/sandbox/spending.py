"""Money out that has a paper to it: supplier bills, direct debits, bills from abroad, card purchases.

In: a draft. Out: the draft with bills and receipts, and the entries that pay them.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from recon.references import fik
from recon.sandbox.checkdigits import rf
from recon.sandbox.draft import Draft, Entry, business_day
from recon.sandbox.figures import Document, Original, Party
from recon.sandbox.paying import from_party

GOODS, PREMISES, CARD_COSTS = "2010", "4010", "4130"
RATE_EUR = "7.4605"
MERCHANTS = """
Brændstof & Bil Vejle|Papirhjørnet|Byggeskuret Odense|Café Mokka|Nordbus Rejsekort|Broafgift Sundet
Frokosthuset|Værktøjsboden|Skærm og Tast|Hotel Fjordblik
"""
FOREIGN_SHOPS = (("Werkzeug Kontor Online", 8), ("Cloudberg Hosting", 11))


def write_spending(draft: Draft) -> None:
    """Every flow of money out with a document."""
    _bills(draft)
    _service_bills(draft)
    _bills_from_abroad(draft)
    _bill_credits(draft)
    _card_purchases(draft)
    _card_purchases_abroad(draft)


def _bill(
    party: Party,
    number: str,
    day: date,
    total: int,
    *,
    terms: int = 21,
    currency: str = "DKK",
    account: str = GOODS,
) -> Document:
    return Document(
        "bill", number, party, day, day + timedelta(days=terms), currency, total, text="Varer og ydelser",
        erp_account=account,
    )  # fmt: skip


def _bill_number(party: Party, count: int, day: date) -> str:
    """Every supplier has a number series of its own."""
    base = int(party.id) % 1000 * 97 + count
    return (f"{base}", f"F{base}", f"INV-{base}", f"{day.year}-{base}")[int(party.id) // 10 % 4]


def _bills(draft: Draft) -> None:
    """Bills paid from the bank: by number, by the supplier's payment card, or by direct debit."""
    rng = draft.dice("bills")
    for count, day in enumerate(draft.days(5, rng, 2)):
        party = rng.choice(draft.parties.suppliers)
        number = _bill_number(party, 4000 + count, day)
        bill = _bill(party, number, day, rng.randrange(300, 14_000) * 125)
        way = rng.choices(("bill_transfer", "bill_fik", "bill_direct_debit", "never"), (9, 6, 4, 2))[0]
        paid = business_day(bill.due_date + timedelta(days=rng.choice((-3, -1, 0, 0, 0, 2))))
        if way == "never":
            draft.unpaid(bill)
        elif way == "bill_fik":
            _pay_by_card_line(draft, rng, bill, paid)
        elif way == "bill_direct_debit":
            text = f"LS {party.name[:20]} {rng.randrange(10**5, 10**6)}"
            entry = from_party("drift", paid, -bill.total_minor, text, way, party, bill)
            entry.type = "DirectDebit"
            draft.add(entry, bill)
        else:
            text = rng.choice(
                (f"Faktura {number}", f"{party.name} {number}", f"Betaling {number}", party.name)
            )
            entry = from_party("drift", paid, -bill.total_minor, text, way, party, bill)
            entry.end_to_end_id = f"NL{bill.issue_date:%y%m}{count:05d}"
            draft.add(entry, bill)


def _pay_by_card_line(draft: Draft, rng: random.Random, bill: Document, paid: date) -> None:
    """The supplier's own FIK 71 line: its payment id is the bill's reference."""
    payload = f"{int(bill.party.id):07d}{rng.randrange(10**6, 10**7)}"
    creditor = f"8{int(bill.party.id) * 137 % 10**7:07d}"
    paid_by = f"{payload}{fik.calc_check_digit(payload)}"
    bill = replace(bill, payment_reference=f"+71<{paid_by}+{creditor}<", payment_reference_type="FIK71")
    text = rng.choice(
        (f"FI-kort {bill.payment_reference}", f"Indbet. +71 {paid_by} +{creditor}", f"FIK {paid_by}")
    )
    entry = from_party("drift", paid, -bill.total_minor, text, "bill_fik", bill.party, bill)
    entry.creditor_reference = paid_by if rng.random() < 0.6 else None
    draft.add(entry, bill)


def _service_bills(draft: Draft) -> None:
    """Power, lines, rent, insurance, waste: through Betalingsservice, the name cut after 20 characters."""
    rng = draft.dice("services")
    fixed = {1: 59_900, 2: 1_875_000, 3: 214_025}
    for month in draft.months():
        for place, party in enumerate(draft.parties.services):
            if place == 4 and month.month % 3 != 1:
                continue
            total = fixed.get(place) or rng.randrange(900, 3200) * 125
            number = _bill_number(party, month.year % 100 * 12 + month.month, month)
            bill = _bill(party, number, month - timedelta(days=9), total, terms=9, account=PREMISES)
            text = f"{rng.choice(('BS', 'Bs betaling', 'BS'))} {party.name[:20]}"
            entry = Entry(
                "drift", business_day(month), -total, text, "bill_bs", type="DirectDebit", name=party.name
            )
            entry.settles = [(bill, -total)]
            draft.add(entry, bill)


def _bills_from_abroad(draft: Draft) -> None:
    """Bills in euro, paid in euro, or from the kroner account at the day's rate."""
    rng = draft.dice("bills abroad")
    for count, day in enumerate(draft.days(17, rng, 4)):
        party = rng.choice(draft.parties.foreign)
        number = _bill_number(party, 700 + count, day)
        total = rng.randrange(15_000, 260_000)
        bill = _bill(party, number, day, total, terms=30, currency="EUR")
        paid = business_day(bill.due_date)
        text = f"Invoice {number}"
        if rng.random() < 0.55:
            reference = rf(f"{party.id}{count:04d}")
            bill = replace(bill, payment_reference=reference, payment_reference_type="RF")
            entry = from_party("euro", paid, -total, text, "bill_transfer", party, bill)
            entry.creditor_reference = reference
        else:
            kroner = _in_kroner(total, RATE_EUR)
            entry = from_party("drift", paid, -kroner, f"Udl. overf. {party.name}", "bill_fx", party)
            entry.settles.append((bill, -kroner))
            entry.original = Original(-total, "EUR", RATE_EUR)
            entry.message = text
        draft.add(entry, bill)


def _bill_credits(draft: Draft) -> None:
    """A supplier pays back."""
    rng = draft.dice("bill credits")
    for count, day in enumerate(draft.days(55, rng, 10)):
        party = rng.choice(draft.parties.suppliers)
        number = f"KN-{party.id[-3:]}{count:03d}"
        total = rng.randrange(200, 3000) * 125
        note = Document(
            "bill_credit", number, party, day, day, "DKK", total, text="Kreditnota", erp_account=GOODS
        )
        paid = business_day(day + timedelta(days=rng.randint(4, 12)))
        draft.add(from_party("drift", paid, total, f"Kreditnota {number}", "bill_credit", party, note), note)


def _card_purchases(draft: Draft) -> None:
    """Booked a day or three after the purchase and reserved until then; one receipt in seven is lost."""
    rng = draft.dice("cards")
    shops = [
        Party("", name.strip(), "DK", "", "")
        for row in MERCHANTS.split("\n")
        for name in row.split("|")
        if name
    ]
    for count, day in enumerate(draft.days(5, rng, 2)):
        shop = rng.choice(shops)
        total = rng.randrange(3900, 180_000)
        wait = rng.choice((1, 2, 3))
        text = f"Dankort-nota {shop.name} {rng.randrange(10_000, 99_999)} Den {day:%d.%m}"
        entry = Entry("drift", business_day(day + timedelta(days=wait)), -total, text, "card", type="Card")
        entry.name, entry.reserved_days = shop.name, (business_day(day + timedelta(days=wait)) - day).days
        if rng.random() < 1 / 7:
            entry.kind = "card_no_receipt"
            draft.add(entry)
            continue
        receipt = _receipt(f"K-{1000 + count}", shop, day, "DKK", total)
        entry.settles = [(receipt, -total)]
        draft.add(entry, receipt)


def _card_purchases_abroad(draft: Draft) -> None:
    """Subscriptions in euro on the card: the receipt is in euro, the line in kroner, the rate moves."""
    rng = draft.dice("cards abroad")
    for month in draft.months():
        for place, (name, on) in enumerate(FOREIGN_SHOPS):
            total = (2900, 8900)[place]
            rate = f"7.{rng.randrange(4500, 4700)}"
            kroner = _in_kroner(total, rate)
            day = business_day(month.replace(day=on))
            receipt = _receipt(f"K-{month:%y%m}{place}", Party("", name, "DE", "", ""), day, "EUR", total)
            text = f"Visa køb EUR {total / 100:.2f} {name}"
            entry = Entry(
                "drift", business_day(day + timedelta(days=2)), -kroner, text, "card_fx", type="Card"
            )
            entry.name, entry.original, entry.reserved_days = name, Original(-total, "EUR", rate), 2
            entry.settles = [(receipt, -kroner)]
            draft.add(entry, receipt)


def _receipt(number: str, shop: Party, day: date, currency: str, total: int) -> Document:
    return Document(
        "receipt", number, shop, day, day, currency, total, text="Kvittering", erp_account=CARD_COSTS
    )


def _in_kroner(euro_minor: int, rate: str) -> int:
    """Øre for cents at a rate of four decimals, rounded to nearest."""
    return (euro_minor * int(rate.replace(".", "")) + 5000) // 10_000
