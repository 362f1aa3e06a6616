"""One MT940 or MT942 message, or page of one → lines, a row of BALANCES, findings.

In: its fields in file order. Out: told to `Building`. Never: a balance computed where the bank states none, a
finding for each of a hundred thousand entries where one for all says it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from recon.errors import DataRefused
from recon.money import INT64_MAX, MINOR_DIGITS, show
from recon.statements.readers import mt940_account
from recon.statements.readers.building import Account, Balance, Building
from recon.statements.readers.mt940_entry import amount_minor, read_balance, read_entry_line
from recon.statements.readers.mt940_fields import Field
from recon.statements.readers.mt940_letters import REPLACED, Decode, national
from recon.statements.readers.mt940_row import original, read_row

_CURRENCY_AHEAD: Final = re.compile(
    rb"[\r\n]:(?:(20):|(?:6[0245][FM]?:[CD]R?\d{6}|90[CD]:\d{1,5})([A-Z]{3})\d[\d.]*(?:,\d*)?[ ]*(?:[\r\n]|\Z))"
)
_SUM: Final = re.compile(r"\s*(\d{1,5})\s*([A-Z]{3})\s*([\d.]*\d,?\d*)\s*")
_FLOOR: Final = re.compile(r"\s*([A-Z]{3})")
_LONGEST: Final = 80
"""Signs of a field in head or tail that are read; SWIFT has 35 at most."""


@dataclass(frozen=True)
class Source:
    """The file all messages of it share, and what was given with the import."""

    data: bytes
    building: Building
    decode: Decode
    seven_bit: bool
    converted: bool
    currency: str | None
    account_id: str | None


class Message:
    """The message under way. It ends where the next begins, or a further page in it."""

    def __init__(self, where: str, source: Source, before: Message | None) -> None:
        self.place = self.where = where
        self.source, self.building, self.before = source, source.building, before
        self.tag = ""
        self.account_text: str | None = None
        self.statement_no: str | None = None
        self.account: Account | None = None
        self.currency: str | None = None
        self.country: str | None = None
        self.balances: dict[str, Balance | None] = {}
        self.sums: dict[str, tuple[int, int]] = {}
        self.amounts = {"C": [0, 0], "D": [0, 0], "RC": [0, 0], "RD": [0, 0], "EC": [0, 0], "ED": [0, 0]}
        self.booked = self.entries = 0
        self.undated: list[int] = []
        self.moved: list[int] = []
        self.letters_lost = False
        self.waiting: list[str] | None = None
        self.details: list[str] = []
        self.non_swift: list[str] = []

    @property
    def holds_something(self) -> bool:
        return bool(self.entries or self.balances or self.sums or self.currency)

    def ends_before(self, tag: str) -> bool:
        """Whether a field of this tag belongs to a message or page of its own."""
        if tag == "20":
            return bool(self.tag)
        closed = "62" in self.balances or bool(self.sums)
        if tag in ("25", "25P"):
            return closed
        return tag in ("60F", "60M") and (closed or self.entries > 0 or self.waiting is not None)

    def take(self, field: Field) -> None:
        """One field, in file order. Raises DataRefused."""
        tag, lines = field.tag, self._lines(field.content)
        if tag == "61":
            self._settle()
            self._open_entry(field, lines)
        elif tag in ("86", "NS"):
            if self.waiting is not None:
                (self.details if tag == "86" else self.non_swift).extend(lines)
        else:
            self._settle()
            self._take_head_or_tail(tag, lines)
        self.tag = tag

    def close(self) -> None:
        """The end: the last entry, the row of BALANCES, findings. Raises DataRefused."""
        self._settle(last=True)
        self.place = self.where
        if not self.holds_something:
            return
        if not self.entries and not (self.currency or self.source.currency):
            words = "The statement states no currency and holds no entry; it was left out."
            self.building.note("no_currency", self.where, words)
            return
        account = self._owner()
        opening, closing = self.balances.get("60"), self.balances.get("62")
        if abs(self.booked) > INT64_MAX:
            raise DataRefused("The entries add up to more than this program can hold.")
        self.building.state(self.where, account, self.statement_no, opening, closing, self.booked)
        self._tell(account, opening, closing)

    def _lines(self, content: bytes) -> list[str]:
        text = self.source.decode(content)
        if REPLACED in text:
            self.letters_lost = True
            text = text.replace(REPLACED, "?")
        return [line for line in text.splitlines() if line]

    def _take_head_or_tail(self, tag: str, lines: list[str]) -> None:
        first = lines[0].strip()[:_LONGEST] if lines else ""
        if tag in ("25", "25P"):
            if self.account_text not in (None, first):
                raise DataRefused(
                    f"The statement names two accounts, “{self.account_text}” and “{first[:40]}”."
                )
            self.account_text = first
            self.country = mt940_account.bic_country(lines[1].strip()) if len(lines) > 1 else None
        elif tag in ("28", "28C"):
            self.statement_no = first or None
        elif tag == "34F" and (found := _FLOOR.match(first)) and found[1] in MINOR_DIGITS:
            self.currency = self.currency or found[1]
        elif tag[:2] in ("60", "62"):
            self._take_balance(tag, first)
        elif tag in ("90C", "90D") and (found := _SUM.fullmatch(first)) and found[2] in MINOR_DIGITS:
            self.currency = self.currency or found[2]
            self.sums[tag[2]] = int(found[1]), amount_minor(found[3], found[2])

    def _take_balance(self, tag: str, text: str) -> None:
        balance = read_balance(text)
        if balance is None:
            words = f"A balance cannot be read: “{text[:40]}” (:{tag}:). It counts as not stated."
            self.building.note("balance_unreadable", self.where, words)
        # The last closing counts, as the first opening does.
        if tag[:2] == "62" or "60" not in self.balances:
            self.balances[tag[:2]] = balance
            self.balances[tag] = balance
        self.currency = self.currency or (balance.currency if balance else None)

    def _owner(self) -> Account:
        """The statement's account, made when its currency is known."""
        if self.account is None:
            stated = mt940_account.read_account(
                self.account_text or "", self.source.data, self.currency, self.country
            )
            currency = stated.currency or self.source.currency
            if currency is None:
                raise DataRefused("No currency is stated; give one with the import.", missing="currency")
            self.currency = currency
            self.country = stated.country
            self.account = self.building.own(
                self.where, currency, stated.iban, stated.bban, stated.bank, account_id=self.source.account_id
            )
        return self.account

    def _open_entry(self, field: Field, lines: list[str]) -> None:
        self.entries += 1
        self.place = f"{self.where}, entry {self.entries}"
        if self.account is None:
            if self.currency is None and (found := _CURRENCY_AHEAD.search(self.source.data, field.at + 1)):
                stated = found[2].decode() if found[2] else None
                self.currency = stated if stated in MINOR_DIGITS else None
            self._owner()
        self.waiting = lines or [""]

    def _settle(self, *, last: bool = False) -> None:
        """Book the entry that waits for its details."""
        if self.waiting is None:
            return
        lines, details, non_swift = self.waiting, self.details, self.non_swift
        self.waiting, self.details, self.non_swift = None, [], []
        account = self._owner()
        line = read_entry_line(lines[0], account.currency)
        if last and not line.type and not details:
            raise DataRefused("The file ends within this entry.")
        count = self.amounts[line.mark]
        count[0] += 1
        count[1] += abs(line.amount)
        if line.entry is None:
            self.undated.append(self.entries)
        if line.moved:
            self.moved.append(self.entries)
        further = lines[1:]
        if self.country and self.source.seven_bit:
            further, details, non_swift = (
                [national(words, self.country) for words in each] for each in (further, details, non_swift)
            )
        row = read_row(line, further, details, non_swift, account.currency)
        if self.source.converted:
            row |= original(line.amount, account.currency, " ".join((*further, *details)))
        if line.mark[0] == "E":
            self.building.expect(account, row)
        else:
            self.booked += line.amount
            self.building.book(account, row)

    def _tell(self, account: Account, opening: Balance | None, closing: Balance | None) -> None:
        """The findings that concern the whole message."""
        note = self.building.note
        if self.undated:
            words = f"{_of(self.undated)} no entry date; the value date was taken."
            note("no_booking_date", self.where, words, severity="note")
        if self.moved:
            words = f"{_of(self.moved)} a day such as 30 February; the last day of the month was taken."
            note("day_moved", self.where, words)
        if self.letters_lost:
            words = "Letters were lost before the file was made; they are shown as question marks."
            note("letters_lost", self.where, words, severity="note")
        if opening and "62" not in self.balances:
            words = "The statement states no closing balance (:62F:); the file may have been cut short."
            note("no_closing_balance", self.where, words)
        self._tell_page(account, opening)
        self._tell_sums(account)

    def _tell_page(self, account: Account, opening: Balance | None) -> None:
        """A page opens with what the page before it closed with."""
        page = self.before.balances.get("62M") if self.before else None
        if not (
            page and opening and self.balances.get("60M") and self.before and self.before.account == account
        ):
            return
        missing = opening.minor - page.minor
        if missing and page.currency == opening.currency == account.currency:
            ends, starts, off = (
                show(minor, account.currency) for minor in (page.minor, opening.minor, missing)
            )
            words = f"The page before closes with {ends}, this one opens with {starts}: {off} between them."
            self.building.note("pages_do_not_join", self.where, words, missing)

    def _tell_sums(self, account: Account) -> None:
        """The message's own count and sum of debits and credits (`:90D:`, `:90C:`)."""
        for side, (count, declared) in self.sums.items():
            reversal = "RD" if side == "C" else "RC"
            same = self.amounts[side], self.amounts[f"E{side}"]
            # Banks count a reversal where the money goes, or where it was booked, or not at all.
            readings = [
                [sum(each[place] for each in (*same, *more)) for place in (0, 1)]
                for more in ((self.amounts[reversal],), (self.amounts[f"R{side}"],), ())
            ]
            if [count, declared] in readings:
                continue
            held = readings[0]
            word = "credits" if side == "C" else "debits"
            figures = [show(minor, account.currency) for minor in (declared, held[1])]
            words = (
                f"The message declares {count} {word} of {figures[0]} and holds {held[0]} of {figures[1]}."
            )
            self.building.note("sum_differs", self.where, words, declared - held[1])


def _of(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"Entry {numbers[0]} has"
    return f"{len(numbers):,} entries (the first is entry {numbers[0]}) have"
