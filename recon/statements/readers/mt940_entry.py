"""`:61:` statement line and balance fields of MT940/MT942 → days, amounts, references.

In: the text of one field. Out: `EntryLine`, `Balance`. Never: a sign from anything but the table of marks, a
float, a day moved except 29 and 30 February to the end of that month.
Source: SWIFT User Handbook, category 9, fields 60a, 61, 62a, 64, 65, 34F, 90C, 90D.

    :61:  yymmdd [mmdd] mark [3rd letter of currency] amount  type(1!a3!c) customer-ref [//bank-ref]
          [supplementary details]
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from recon.errors import AmountInexact, DataRefused
from recon.money import MINOR_DIGITS, parse_amount
from recon.statements.readers.building import Balance

# Which way the money goes: the mark says how it was booked, R takes that back, E only announces it.
SIDES: Final = {"C": 1, "D": -1, "RC": -1, "RD": 1, "EC": 1, "ED": -1}
_LINE: Final = re.compile(
    r"\s*(\d{6})(\d{4}|[ ]{4})?\s*(E?[CD]|R[CD])([A-Z])?[ ]*(\d[\d.]*,?\d*)[ ]*(?:([NFS][A-Z0-9 ]{3})(.*))?(.*)"
)
_BALANCE: Final = re.compile(r"\s*([CD])R?\s*(\d{6})\s*([A-Z]{3})\s*([\d.]*\d,?\d*)\s*")
_GROUPED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+,\d*|\d+\.\d{1,2}")
_MOST_DIGITS: Final = 15
"""Signs of a SWIFT amount (15d), leading zeros not counted."""
_REFERENCE_WIDTH: Final = 16
_LONGEST: Final = 60
"""Signs of a balance; patterns would try a longer one in too many ways."""


class EntryLine(NamedTuple):
    """The first line of a `:61:`. amount: minor units, `+` is money in. entry: None where it states none."""

    value: date
    entry: date | None
    amount: int
    mark: str
    type: str
    customer_ref: str
    bank_ref: str
    name: str
    """What stands behind a customer reference filled up to its 16 signs: some banks put a name there."""
    moved: bool
    """A 29 or 30 February that is none was taken as the last day of the month."""


def read_entry_line(line: str, currency: str) -> EntryLine:
    """Read the first line of a `:61:`. Raises DataRefused without a sure day, mark or amount."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise DataRefused(f"The entry line “{line[:60]}” has no day, mark and amount as MT940 writes them.")
    value_text, entry_text, mark, _funds, figure, kind, references, odd = found.groups()
    value, moved = value_day(value_text)
    entry, entry_moved = entry_day(entry_text, value) if entry_text else (None, False)
    amount = amount_minor(figure, currency) * SIDES[mark]
    customer, name, bank = _references(references if kind else odd)
    return EntryLine(value, entry, amount, mark, kind or "", customer, bank, name, moved or entry_moved)


def read_balance(text: str) -> Balance | None:
    """A balance such as `C260131DKK1234,56`; None where it cannot be read for sure."""
    found = _BALANCE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or found[3] not in MINOR_DIGITS:
        return None
    try:
        minor = amount_minor(found[4], found[3])
        day = None if found[2] == "000000" else value_day(found[2])[0]
    except DataRefused:
        return None
    return Balance(minor if found[1] == "C" else -minor, found[3], day)


@lru_cache(maxsize=4096)
def value_day(text: str) -> tuple[date, bool]:
    """The day of `yymmdd`, and whether it was moved: banks that count 30 days a month write 30 February.

    Two-digit years 80 to 99 are 1980 to 1999. Raises DataRefused.
    """
    year = int(text[:2])
    return _day(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:6]), text)


@lru_cache(maxsize=4096)
def entry_day(text: str, value: date) -> tuple[date | None, bool]:
    """The booking day of `mmdd`, in the year that brings it nearest to the value day.

    >>> entry_day("1231", date(2026, 1, 2))
    (datetime.date(2025, 12, 31), False)
    """
    if not text.strip("0 "):
        return None, False
    near = []
    for year in (value.year, value.year - 1, value.year + 1):
        try:
            near.append(_day(year, int(text[:2]), int(text[2:]), text))
        except DataRefused:
            continue
    if not near:
        raise DataRefused(f"“{text}” is no entry date (month and day).")
    # In a year that has it a 29 February stands as written.
    return min(near, key=lambda each: (abs((each[0] - value).days), each[1]))


def amount_minor(figure: str, currency: str) -> int:
    """Minor units of an amount with a comma: `1234,5`, `12,`, `500`. Raises DataRefused."""
    whole, _, rest = figure.partition(",")
    if len(rest) == 2 == MINOR_DIGITS.get(currency) and whole.isdecimal() and len(whole) < _MOST_DIGITS - 2:
        return int(whole + rest)
    plain = figure
    if "." in figure:
        if not _GROUPED.fullmatch(figure):
            raise AmountInexact(f"“{figure}” is not an amount such as 1234,56.", amount=figure)
        plain = figure.replace(".", "") if "," in figure else figure
    if len(plain.lstrip("0")) > _MOST_DIGITS:
        raise AmountInexact(f"“{figure[:40]}” is longer than an amount of MT940 can be.", currency=currency)
    return parse_amount(plain.replace(",", "."), currency)


def _day(year: int, month: int, day: int, text: str) -> tuple[date, bool]:
    if month == 2 and day in (29, 30):
        last = calendar.monthrange(year, 2)[1]
        return date(year, 2, min(day, last)), day > last
    try:
        return date(year, month, day), False
    except ValueError:
        raise DataRefused(f"“{text}” is no date.") from None


def _references(text: str) -> tuple[str, str, str]:
    """Customer reference, the name behind it if any, bank reference."""
    customer, _, bank = text.partition("//")
    head, rest = customer[:_REFERENCE_WIDTH], customer[_REFERENCE_WIDTH:]
    filled = rest.strip() and (head.endswith(" ") or rest.startswith(" "))
    if filled:
        return head.strip(), rest.strip(), bank.strip()
    return customer.strip(), "", bank.strip()
