"""An account whose whole truth is known: a seeded history of everything a bank does to its lines.

In: a seed and a day. Out: true lines (`Fact`) and the rows the bank shows of them (`Row`), step by step. The
truth keeps its own number for each line, whatever id, words, day or state the bank gives it. Never: the wall
clock, or a figure that two runs of one seed would draw differently.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final, Literal

from recon.sandbox.figures import BankLine

State = Literal["reserved", "booked", "gone"]

TEXTS: Final = (
    "Kaffe",
    "Dankort Netto 4711",
    "Husleje",
    "Løn",
    "Bgs Mel & Korn A/S",
    "MobilePay  Anna",
    "Gebyr",
)
AMOUNTS: Final = (-2500, -2500, -2500, -12_345, 10_000, 10_000, 99_950, -1, 0)
"""Few texts and few amounts, so that twins are frequent."""
MOVED_DAYS: Final = 5
"""So far from its first day a booking date is moved: two such days are never too far apart to be one line."""
MOST_LINES: Final = 400


@dataclass(frozen=True)
class Habits:
    """What a bank is like.

    ids: `kept` stay with their line, `numbered` are its place in the list, so that they move on when a row is
    put in before it, `none` are blank. balances: rows carry a running balance. moves: booking dates are
    corrected. misprices: an id comes with other money now and then.
    """

    ids: Literal["kept", "numbered", "none"] = "kept"
    balances: bool = True
    moves: bool = True
    misprices: bool = False


@dataclass
class Fact:
    """One true line as the bank shows it now.

    number: the truth's own. day: as shown now; first_day: as booked at first. order: breaks ties within a day.
    """

    number: int
    first_day: date
    day: date
    amount_minor: int
    text: str
    id: str
    state: State
    order: int


@dataclass(frozen=True)
class Shown:
    """One row as the bank shows it; `number` is for judges only and never leaves the bank."""

    number: int
    id: str
    day: date
    amount_minor: int
    text: str
    balance_minor: int | None
    booked: bool
    order: int

    def as_line(self, account: str, currency: str) -> BankLine:
        """The row in the sandbox's own words."""
        return BankLine(
            id=self.id,
            account=account,
            booking_date=self.day,
            value_date=self.day,
            amount_minor=self.amount_minor,
            currency=currency,
            balance_minor=self.balance_minor or 0,
            text=self.text,
            type="BankTransfer",
        )


@dataclass
class History:
    """One account's true lines, and the dice that decide what happens next."""

    seed: int
    start: date
    habits: Habits = field(default_factory=Habits)
    opening_minor: int = 100_000
    facts: list[Fact] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    quiet: bool = False
    """The bank tells no balance at the moment."""

    def __post_init__(self) -> None:
        self.dice = Random(f"history {self.seed}")

    def shown(self) -> list[Shown]:
        """Every row of the account, oldest first."""
        here = sorted((f for f in self.facts if f.state != "gone"), key=lambda f: (f.day, f.order))
        balance, place, rows = self.opening_minor, 0, []
        for fact in here:
            booked = fact.state == "booked"
            place, balance = place + booked, balance + fact.amount_minor * booked
            known = balance if booked and self.habits.balances and not self.quiet else None
            row_id = self._id(fact, place)
            rows.append(
                Shown(fact.number, row_id, fact.day, fact.amount_minor, fact.text, known, booked, fact.order)
            )
        return rows

    def _id(self, fact: Fact, place: int) -> str:
        if fact.state == "reserved" or self.habits.ids == "kept":
            return fact.id
        return str(place) if self.habits.ids == "numbered" else ""

    def balance_minor(self) -> int | None:
        """What the bank says is booked; None while it tells no balance."""
        booked = sum(fact.amount_minor for fact in self.facts if fact.state == "booked")
        return None if self.quiet else self.opening_minor + booked

    def begin(self, lines: int, today: date) -> None:
        """The lines booked before anybody looked, over the days from `start` to today."""
        days = (today - self.start).days
        for day in sorted(self.dice.randint(0, days) for _ in range(lines)):
            self._add(self.start + timedelta(days=day))

    def live(self, today: date) -> list[str]:
        """Let a few things happen on a day; returns what, in words."""
        chosen = self.dice.choices(list(_HAPPENINGS), list(_HAPPENINGS.values()), k=self.dice.randint(0, 4))
        happened = [f"{today} {name}" for name in chosen if getattr(self, f"_{name}")(today)]
        self.told += happened
        return happened

    # -- what may happen; each answers whether it did ---------------------------------------------------

    def _book_new(self, today: date) -> bool:
        return all(self._add(today) for _ in range(self.dice.randint(1, 4)))

    def _book_twins(self, today: date) -> bool:
        amount, text = self.dice.choice(AMOUNTS), self.dice.choice(TEXTS)
        return self._add(today, amount, text) and self._add(today, amount, text)

    def _twin_of_old(self, today: date) -> bool:
        """A line equal in all to one that stands, put in on its day."""
        fact = self._one("booked", today)
        return fact is not None and self._add(fact.day, fact.amount_minor, fact.text)

    def _insert_back_dated(self, today: date) -> bool:
        day = today - timedelta(days=self.dice.choice((1, 2, 3, 5, 8, 12, 40)))
        return day >= self.start and self._add(day)

    def _reserve(self, today: date) -> bool:
        return self._add(today + timedelta(days=self.dice.choice((0, 0, 1, 3))), state="reserved")

    def _reserve_far_ahead(self, today: date) -> bool:
        return self._add(today + timedelta(days=self.dice.randint(100, 900)), state="reserved")

    def _book_reserved(self, today: date) -> bool:
        """Booked under a new id, now and then with another amount or other words."""
        fact = self._one("reserved", today)
        if fact is None:
            return False
        fact.state, fact.id, fact.first_day, fact.day = "booked", self._new_id(), today, today
        if self.dice.random() < 0.2:
            fact.amount_minor -= 500
        if self.dice.random() < 0.3:
            fact.text = f"{fact.text} booket"
        return True

    def _drop_reserved(self, today: date) -> bool:
        return self._turn("reserved", "gone", today)

    def _withdraw(self, today: date) -> bool:
        return self._turn("booked", "gone", today)

    def _return(self, today: date) -> bool:
        """A line that was taken back stands again, now and then under a new id."""
        fact = self._one("gone", today)
        if fact is None or fact.day > today:
            return False
        fact.state = "booked"
        if self.dice.random() < 0.3:
            fact.id = self._new_id()
        return True

    def _edit_text(self, today: date) -> bool:
        fact = self._one("booked", today)
        if fact is None:
            return False
        fact.text = self.dice.choice((f"{fact.text} rettet", fact.text.upper(), f" {fact.text}  ", *TEXTS))
        return True

    def _reissue_ids(self, today: date) -> bool:
        """Every row gets a new id, as after a reconnect."""
        for fact in self.facts:
            if fact.state != "gone":
                fact.id = self._new_id()
        return True

    def _move_day(self, today: date) -> bool:
        fact = self._one("booked", today)
        if fact is None or not self.habits.moves:
            return False
        day = fact.first_day + timedelta(days=self.dice.randint(-MOVED_DAYS, MOVED_DAYS))
        fact.day = min(max(day, self.start), today)
        return True

    def _misprice(self, today: date) -> bool:
        """An id comes with other money."""
        fact = self._one("booked", today)
        if fact is None or not self.habits.misprices:
            return False
        fact.amount_minor += self.dice.choice((-100, 7, 5000))
        return True

    def _hush(self, today: date) -> bool:
        """The bank stops telling balances, or begins again."""
        self.quiet = not self.quiet
        return True

    # -- parts of them ---------------------------------------------------------------------------------

    def _add(
        self, day: date, amount: int | None = None, text: str | None = None, state: State = "booked"
    ) -> bool:
        if len(self.facts) >= MOST_LINES:
            return False
        amount = self.dice.choice(AMOUNTS) if amount is None else amount
        number = len(self.facts)
        # A bank sorts a late booking among the day's others as it likes.
        order = number * 10 if self.dice.random() < 0.7 else self.dice.randint(0, number * 10)
        self.facts.append(
            Fact(number, day, day, amount, text or self.dice.choice(TEXTS), self._new_id(), state, order)
        )
        return True

    def _one(self, state: State, today: date) -> Fact | None:
        """A line of that state, mostly one of the last days."""
        there = [fact for fact in self.facts if fact.state == state]
        near = [fact for fact in there if fact.day >= today - timedelta(days=12)]
        of = near if near and self.dice.random() < 0.9 else there
        return self.dice.choice(of) if of else None

    def _turn(self, before: State, after: State, today: date) -> bool:
        fact = self._one(before, today)
        if fact is not None:
            fact.state = after
        return fact is not None

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))


_HAPPENINGS: Final = {
    "book_new": 30, "book_twins": 8, "twin_of_old": 6, "insert_back_dated": 8, "reserve": 10,
    "reserve_far_ahead": 2, "book_reserved": 10, "drop_reserved": 2, "withdraw": 8, "return": 5,
    "edit_text": 7, "reissue_ids": 5, "move_day": 4, "misprice": 4, "hush": 2,
}  # fmt: skip
"""How often each happens, beside the others."""
