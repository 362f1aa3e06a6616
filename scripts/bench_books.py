"""Made-up books of any size for the benchmark: a statement file, a document file, and what belongs together.

In: how many lines, and a seed. Out: bytes and the truth, the same for the same two. Never: a real party.
One company, Danish kroner: subscriptions at equal prices beside invoices of their own amount, paid with a
full payment reference, with the number in the text, by name only, two at once, less a fee, or not at all.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from recon.money import plain
from recon.sandbox.checkdigits import payment_id

CREDITOR = "81947362"
FIRST_DAY = date(2026, 1, 1)
PRICES = (99500, 119500, 249500, 499500)
WAYS = {"reference": 35, "number": 25, "name": 15, "two": 8, "fee": 7, "nothing": 10}
_FIRST = (
    "Møllehøj", "Lyngby", "Hotel", "Havne", "Strand", "Skov", "Birke", "Kanal",
    "Torve", "Sønder", "Vester", "Nørre", "Øster", "Bro", "Eng",
)  # fmt: skip
_MIDDLE = ("gaard", "hus", "bakke", "dal", "lund", "vang", "mark", "holm", "sø", "kilde")
_TRADE = (
    "Bryghus", "Arkitekter", "Ejendomme", "Tømrer", "Reklame", "Rederi", "Bageri", "Klinik", "Revision", "Design",
)  # fmt: skip


@dataclass(frozen=True)
class Invoice:
    """One document: `minor` in øre."""

    number: str
    party: str
    minor: int
    issued: date

    @property
    def reference(self) -> str:
        return f"+71<{payment_id(int(self.number))}+{CREDITOR}<"


@dataclass(frozen=True)
class Payment:
    """One bank line and the numbers of the invoices it pays; none for one that belongs to nothing here."""

    minor: int
    day: date
    text: str
    party: str
    pays: tuple[str, ...]


@dataclass(frozen=True)
class BenchBooks:
    """As many payments as were asked for, oldest first, and as many invoices."""

    payments: list[Payment]
    invoices: list[Invoice]

    def documents(self) -> bytes:
        """The invoices in the import template."""
        rows = [
            f"invoice,{one.number},{one.party},{one.issued},{one.issued + timedelta(days=14)},DKK,"
            f"{plain(one.minor, 'DKK')},{one.reference}"
            for one in self.invoices
        ]
        head = "kind,number,party_name,issue_date,due_date,currency,total,payment_reference"
        return "\n".join([head, *rows, ""]).encode()

    def statement(self) -> bytes:
        """The payments as a camt.053 whose balances tie."""
        entries = "".join(_entry(place, one) for place, one in enumerate(self.payments))
        total = sum(one.minor for one in self.payments)
        return _STATEMENT.format(entries=entries, closing=plain(total, "DKK")).encode()


def make_bench_books(size: int, seed: int = 7) -> BenchBooks:
    """`size` payments against `size` invoices."""
    dice = random.Random(seed)
    names = [f"{first}{middle} {trade} ApS" for first in _FIRST for middle in _MIDDLE for trade in _TRADE]
    parties = dice.sample(names, max(10, size // 25))
    invoices = [
        Invoice(
            number=str(200000 + place),
            party=dice.choice(parties),
            minor=dice.choice(PRICES) if dice.random() < 0.3 else dice.randrange(20_000, 3_000_000, 25),
            issued=FIRST_DAY + timedelta(days=place * 270 // size),
        )
        for place in range(size)
    ]
    waiting = list(reversed(invoices))
    payments = [_pay(dice, waiting, parties, place * 270 // size) for place in range(size)]
    return BenchBooks(sorted(payments, key=lambda one: one.day), invoices)


def _pay(dice: random.Random, waiting: list[Invoice], parties: list[str], day: int) -> Payment:
    way = dice.choices(list(WAYS), list(WAYS.values()))[0]
    if way == "nothing" or len(waiting) < 2:
        when = FIRST_DAY + timedelta(days=day)
        return Payment(dice.randrange(5_000, 900_000), when, "Overførsel", dice.choice(parties), ())
    one = waiting.pop()
    when = one.issued + timedelta(days=dice.randrange(8, 20))
    other = (
        next((each for each in reversed(waiting) if each.party == one.party), None) if way == "two" else None
    )
    if other:
        waiting.remove(other)
        when = max(when, other.issued + timedelta(days=8))
        text = f"Faktura {one.number} og {other.number}"
        return Payment(one.minor + other.minor, when, text, one.party, (one.number, other.number))
    text = {"reference": one.reference, "number": f"Faktura {one.number}", "fee": f"Invoice {one.number}"}
    fee = dice.choice((500, 1000, 2500)) if way == "fee" else 0
    return Payment(one.minor - fee, when, text.get(way, one.party.upper()[:20]), one.party, (one.number,))


def _entry(place: int, one: Payment) -> str:
    return (
        f'<Ntry><Amt Ccy="DKK">{plain(one.minor, "DKK")}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{one.day}</Dt></BookgDt><ValDt><Dt>{one.day}</Dt></ValDt>"
        f"<AcctSvcrRef>bench{place:08d}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>{one.party}</Nm>"
        f"</Dbtr></RltdPties><RmtInf><Ustrd>{one.text.replace('<', '&lt;')}</Ustrd></RmtInf></TxDtls></NtryDtls>"
        "</Ntry>"
    )


_STATEMENT = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr>'
    "<MsgId>BENCH</MsgId><CreDtTm>2026-12-31T18:00:00</CreDtTm></GrpHdr><Stmt><Id>BENCH</Id>"
    "<CreDtTm>2026-12-31T18:00:00</CreDtTm><Acct><Id><IBAN>DK8398760012345678</IBAN></Id><Ccy>DKK</Ccy></Acct>"
    '<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="DKK">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    "<Dt><Dt>2026-01-01</Dt></Dt></Bal>"
    '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="DKK">{closing}</Amt>'
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-12-31</Dt></Dt></Bal>{entries}</Stmt></BkToCstmrStmt></Document>"
)
