"""The desk on which books are written: documents and entries pile up here, in any order, before being filed.

In: a seed and the days the books cover. Out: documents and entries that point at each other; `books.py`
files them with ids and running balances. Each flow of money has its own dice, so that changing one leaves
the others as they were. Never: dice without a seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from recon.sandbox.figures import Document, Original, Part
from recon.sandbox.parties import Parties


@dataclass
class Entry:
    """A bank line in the making. `settles`: which document gets how much of it, None for a rest."""

    account: str
    date: date
    amount_minor: int
    text: str
    kind: str
    type: str = "BankTransfer"
    name: str | None = None
    iban: str | None = None
    creditor_reference: str | None = None
    reference: str | None = None
    end_to_end_id: str | None = None
    message: str | None = None
    original: Original | None = None
    reserved_days: int = 0
    parts: tuple[Part, ...] = ()
    settles: list[tuple[Document | None, int]] = field(default_factory=list)
    other: Entry | None = None


@dataclass
class Draft:
    """Everything written so far, `since` … `until` both inside the books."""

    seed: int
    since: date
    until: date
    parties: Parties
    documents: list[Document] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)

    def dice(self, flow: str) -> random.Random:
        return random.Random(f"{self.seed}:{flow}")

    def invoice_no(self, day: date) -> int:
        """The next free number of our one invoice series, which grows with the days."""
        number = 100_000 + ((day - self.since).days + 60) * 4
        while number in self.numbers:
            number += 1
        self.numbers.add(number)
        return number

    def add(self, entry: Entry, *documents: Document) -> None:
        """File documents and the entry that pays them. Outside the books' days nothing is kept of a payment
        that came before, and of one still to come only the documents."""
        if entry.date < self.since:
            return
        self.documents += documents
        if entry.date <= self.until:
            if not entry.settles:
                entry.settles = [(None, entry.amount_minor)]
            self.entries.append(entry)

    def unpaid(self, document: Document) -> None:
        """File a document nobody ever pays."""
        if document.issue_date >= self.since:
            self.documents.append(document)

    def days(self, every: int, rng: random.Random, jitter: int = 0) -> list[date]:
        """A business day about every so many days over the whole of the books."""
        day, found = self.since, []
        while day <= self.until:
            found.append(business_day(day + timedelta(days=rng.randint(0, jitter))))
            day += timedelta(days=every)
        return found

    def months(self) -> list[date]:
        """The first of each month the books touch."""
        first, found = self.since.replace(day=1), []
        while first <= self.until:
            found.append(first)
            first = (first + timedelta(days=32)).replace(day=1)
        return found


def business_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
