"""Money in: invoices one by one and in batches, subscriptions, credit notes, customers abroad, the webshop.

In: a draft. Out: the draft with documents and the entries that pay them. Each flow has its own dice.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from recon.sandbox.checkdigits import finnish_reference, payment_id, rf
from recon.sandbox.draft import Draft, Entry, business_day
from recon.sandbox.figures import Document, Part, Party
from recon.sandbox.paying import RARE, from_party, pay, pay_day

SALES, SUBSCRIPTIONS, WEBSHOP = "1010", "1020", "1030"
KVIKPAY = Party("10990", "Kvikpay ApS", "DK", "", "")


def write_income(draft: Draft) -> None:
    """Every flow of money in."""
    _invoices(draft)
    _rarities(draft)
    _subscriptions(draft)
    _batches(draft)
    _daily_totals(draft)
    _credit_notes(draft)
    _abroad(draft)
    _payouts(draft)


def invoice(
    draft: Draft,
    party: Party,
    day: date,
    total: int,
    *,
    terms: int = 14,
    text: str = "Indretning",
    account: str = SALES,
) -> Document:
    """A Danish invoice with its FIK reference as printed on the card."""
    number = draft.invoice_no(day)
    return Document(
        kind="invoice",
        number=str(number),
        party=party,
        issue_date=day,
        due_date=day + timedelta(days=terms),
        currency="DKK",
        total_minor=total,
        payment_reference=f"+71<{payment_id(number)}+{draft.parties.company.creditor_no}<",
        payment_reference_type="FIK71",
        text=text,
        erp_account=account,
    )


def credit_note(draft: Draft, against: Document, day: date, total: int) -> Document:
    """A credit note against an invoice, in the same number series."""
    number = str(draft.invoice_no(day))
    text = f"Kreditnota til faktura {against.number}"
    return Document(
        "credit_note", number, against.party, day, day, "DKK", total, text=text, erp_account=SALES
    )


def price(rng: random.Random, low: int, high: int) -> int:
    """A total of whole kroner plus 25 % VAT, in øre."""
    return rng.randrange(low, high) * 125


def _invoices(draft: Draft) -> None:
    rng = draft.dice("invoices")
    for day in draft.days(2, rng, 1):
        party = rng.choice(draft.parties.customers)
        pay(
            draft, rng, invoice(draft, party, day, price(rng, 400, 22_000), terms=rng.choice((8, 14, 14, 30)))
        )


def _rarities(draft: Draft) -> None:
    """What seldom happens, in turn, so that every year has some of each."""
    rng = draft.dice("rarities")
    for place, day in enumerate(draft.days(12, rng, 4)):
        party = rng.choice(draft.parties.customers)
        pay(draft, rng, invoice(draft, party, day, price(rng, 400, 12_000)), RARE[place % len(RARE)])


def _subscriptions(draft: Draft) -> None:
    """Equal amounts every month, and from several customers: only the name tells them apart."""
    rng = draft.dice("subscriptions")
    fees = [119_500, 119_500, 119_500, 249_500, 249_500, 68_750]
    for month in draft.months():
        for party, fee in zip(draft.parties.subscribers, fees, strict=True):
            day = business_day(month)
            bill = invoice(draft, party, day, fee, terms=8, text="Plejeabonnement", account=SUBSCRIPTIONS)
            pay(draft, rng, bill, rng.choices(("fik", "fik_stripped", "name_only", "never"), (5, 3, 5, 1))[0])


def _batches(draft: Draft) -> None:
    """One payment for several invoices of one customer, numbers given in one of the usual spellings."""
    rng = draft.dice("batches")
    for day in draft.days(11, rng, 3):
        party = rng.choice(draft.parties.customers)
        bills = [invoice(draft, party, day, price(rng, 300, 9000)) for _ in range(rng.choice((2, 2, 3, 4)))]
        total = sum(bill.total_minor for bill in bills)
        entry = from_party("drift", pay_day(rng, bills[-1]), total, _listed(rng, bills), "batch", party)
        entry.settles = [(bill, bill.total_minor) for bill in bills]
        entry.message = entry.text if rng.random() < 0.5 else None
        draft.add(entry, *bills)


def _listed(rng: random.Random, bills: list[Document]) -> str:
    numbers = [bill.number for bill in bills]
    return rng.choice(
        (
            f"Faktura {', '.join(numbers[:-1])} og {numbers[-1]}",
            "/".join([numbers[0], *(number[-2:] for number in numbers[1:])]),
            f"Fakt. {numbers[0]}-{numbers[-1]}",
            " ".join(numbers),
            f"Samlet betaling {bills[0].party.name}",
        )
    )


def _daily_totals(draft: Draft) -> None:
    """The card clearing's one sum a day for several customers; only a statement file tells the parts."""
    rng = draft.dice("daily totals")
    for day in draft.days(15, rng, 3):
        parties = rng.sample(draft.parties.customers, rng.choice((3, 4, 5)))
        bills = [invoice(draft, party, day, price(rng, 200, 6000)) for party in parties]
        parts = tuple(Part(b.total_minor, b.party.name, payment_id(int(b.number))) for b in bills)
        text = f"Indbetalingskort K {draft.parties.company.creditor_no}-{rng.randrange(10, 99)}.{len(bills)}"
        entry = Entry(
            "drift", pay_day(rng, bills[0]), sum(part.amount_minor for part in parts), text, "fik_batch"
        )
        entry.parts = parts
        entry.settles = [(bill, bill.total_minor) for bill in bills]
        draft.add(entry, *bills)


def _credit_notes(draft: Draft) -> None:
    """Goods sent back: netted by the customer, or paid back by us."""
    rng = draft.dice("credit notes")
    for day in draft.days(20, rng, 5):
        bill = invoice(draft, rng.choice(draft.parties.customers), day, price(rng, 2000, 12_000))
        note = credit_note(draft, bill, day + timedelta(days=5), bill.total_minor // 500 * 100)
        paid = pay_day(rng, bill)
        if rng.random() < 0.5:
            text = f"Fakt {bill.number} minus kreditnota {note.number}"
            entry = from_party(
                "drift", paid, bill.total_minor - note.total_minor, text, "credit_netted", bill.party
            )
            entry.settles = [(bill, bill.total_minor), (note, -note.total_minor)]
            draft.add(entry, bill, note)
            continue
        pay(draft, rng, bill, "document_number")
        back = business_day(max(paid, note.issue_date) + timedelta(days=6))
        text = f"Retur kreditnota {note.number}"
        draft.add(from_party("drift", back, -note.total_minor, text, "refund", bill.party, note), note)


def _abroad(draft: Draft) -> None:
    """Customers in euro; some banks on the way keep a fee."""
    rng = draft.dice("abroad")
    for day in draft.days(9, rng, 3):
        party = rng.choice(draft.parties.nordic)
        number = draft.invoice_no(day)
        bare = finnish_reference(number)
        own, kind = (bare, "FI") if party.country == "FI" else (rf(bare), "RF")
        due, total = day + timedelta(days=21), rng.randrange(20_000, 480_000)
        bill = Document(
            "invoice", str(number), party, day, due, "EUR", total, own, kind, "Sisustus / interior", SALES
        )
        fee = rng.choice((0, 0, 0, 500, 750, 1250))
        entry = from_party(
            "euro", pay_day(rng, bill), bill.total_minor - fee, f"Invoice {number}", "abroad", party
        )
        entry.settles = [(bill, bill.total_minor)] + ([(None, -fee)] if fee else [])
        entry.kind = "fee_deducted" if fee else "abroad"
        if rng.random() < 0.65:
            entry.text = rng.choice(("SEPA credit transfer", "Viitesiirto", party.name))
            entry.creditor_reference = rf(bare) if rng.random() < 0.3 else own
        entry.end_to_end_id = f"{party.id}-{rng.randrange(10**6)}" if rng.random() < 0.5 else "NOTPROVIDED"
        draft.add(entry, bill)


def _payouts(draft: Draft) -> None:
    """The card acquirer pays the webshop's sales out once a week, less its fee."""
    rng = draft.dice("payouts")
    order = 5000
    for week, day in enumerate(draft.days(7, rng)):
        sales = [_order(draft, rng, order + place, day) for place in range(1, rng.choice((2, 3, 4, 6)) + 1)]
        order += len(sales)
        gross = sum(sale.total_minor for sale in sales)
        fee = gross * 145 // 10_000 + 100 * len(sales)
        paid = business_day(day + timedelta(days=2))
        entry = Entry(
            "webshop", paid, gross - fee, f"Kvikpay udb. {week + 4100}", "payout", name=KVIKPAY.name
        )
        if week % 3 == 2:
            report = Document(
                "payout", f"KP-{week + 4100}", KVIKPAY, paid, paid, "DKK", gross - fee,
                text=f"Afregning af {len(sales)} salg", erp_account=WEBSHOP,
            )  # fmt: skip
            entry.settles = [(report, gross - fee)]
            draft.add(entry, report)
        else:
            entry.settles = [(sale, sale.total_minor) for sale in sales] + [(None, -fee)]
            draft.add(entry, *sales)


def _order(draft: Draft, rng: random.Random, number: int, until: date) -> Document:
    """One sale of the webshop in the week before."""
    buyer = rng.choice(draft.parties.buyers)
    bought = until - timedelta(days=rng.randint(1, 6))
    total = price(rng, 120, 2400)
    return Document(
        "invoice", f"W-{number}", buyer, bought, bought, "DKK", total, text="Webshop", erp_account=WEBSHOP
    )
