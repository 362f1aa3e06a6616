"""How one bank lays out its CSV or Excel export: which column is what, and how days and amounts are written.

In: the rows of a file. Out: a `Layout`, from a person, a known bank or the titles; or what is left open.
Never: a guess. A layout can be kept as plain values and used for the next file with the same header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from recon.statements.readers.csv_titles import MANY, TITLES, currency_of, is_header, roles_of

ROLES: Final = tuple(TITLES)
"""What a column may be, in the order a person is asked."""
HEADER_WITHIN: Final = 30
"""Rows above the header that a bank writes about the account."""

First = Literal["day", "month"]
_DAY: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\.?|\d{1,2} [^\W\d]{3,9}\.? \d{2,4}")
_MONEY: Final = re.compile(r"[-+\u2212]?\d{1,3}(?:[., '\u00a0]?\d{3})*(?:[.,]\d{1,3})?")
_CODE: Final = re.compile(r"[A-Z]{3}")
_MOSTLY = 0.95


@dataclass(frozen=True)
class Layout:
    """columns: role → places, from 0. header: rows up to and with the titles, 0 for none.

    first: whether a date such as 03/04/2026 begins with the day or the month. mark: the decimal mark. Both only where
    the file leaves them open. delimiter: of a CSV. flip: amounts are written the other way round, as on a card
    statement. currency: of all rows.
    """

    columns: Mapping[str, tuple[int, ...]]
    header: int = 1
    first: First | None = None
    mark: str | None = None
    delimiter: str | None = None
    currency: str | None = None
    flip: bool = False
    bank: str | None = None
    titles: tuple[str, ...] = field(default=(), compare=False)

    def told(self) -> dict[str, Any]:
        """Plain values for JSON; `of_told` reads them back as an equal value."""
        columns = {role: list(places) for role, places in self.columns.items()}
        return asdict(self) | {"columns": columns, "titles": list(self.titles)}

    @classmethod
    def of_told(cls, told: Mapping[str, Any]) -> Layout:
        """The Layout that `told` described."""
        given: dict[str, Any] = dict(told)
        given["columns"] = {role: tuple(places) for role, places in told["columns"].items()}
        given["titles"] = tuple(told["titles"])
        return cls(**given)

    def place(self, role: str) -> int | None:
        """The column of a role that has one."""
        places = self.columns.get(role, ())
        return places[0] if places else None


@dataclass(frozen=True)
class Open:
    """Why no layout follows from the file, in a sentence; titles and the roles found so far, for a person to mend."""

    why: str
    header: int
    titles: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]


def layout_of(rows: Sequence[Sequence[str]]) -> Layout | Open:
    """The layout that the titles of a file tell."""
    at = next((number for number, row in enumerate(rows[:HEADER_WITHIN]) if is_header(row)), None)
    if at is None:
        return _untitled(rows)
    titles = tuple(cell.strip() for cell in rows[at])
    found = roles_of(titles)
    columns = {role: tuple(places) for role, places in found.items()}
    twice = next((role for role, places in columns.items() if len(places) > 1 and role not in MANY), None)
    if twice:
        names = " and ".join(f"“{titles[place]}”" for place in columns[twice])
        return Open(
            f"has {names}, which both could be the {twice.replace('_', ' ')}", at + 1, titles, columns
        )
    money = columns.get("amount", ()) or columns["money_in"]
    return Layout(columns, at + 1, currency=currency_of(titles, money), titles=titles)


def begun(rows: Sequence[Sequence[str]]) -> Layout:
    """What is known of a file's columns for a person to finish: by titles only, a role that two could have left out."""
    found = layout_of(rows)
    if isinstance(found, Layout):
        return found
    header = found.header or next(
        (number for number, row in enumerate(rows[:HEADER_WITHIN], 1) if _could_be_titles(row)), 0
    )
    titles = tuple(cell.strip() for cell in rows[header - 1]) if header else ()
    columns = {role: tuple(places) for role, places in roles_of(titles).items()}
    sure = {role: places for role, places in columns.items() if len(places) == 1 or role in MANY}
    return Layout(sure, header, titles=titles)


def _could_be_titles(row: Sequence[str]) -> bool:
    full = [cell for cell in row if cell.strip()]
    return len(full) > 2 and not any(sign.isdigit() for cell in full for sign in cell)


def _untitled(rows: Sequence[Sequence[str]]) -> Layout | Open:
    """A table without titles tells its columns only where one column alone can hold amounts, and these have signs."""
    wide = max((len(row) for row in rows), default=0)
    cells = [[row[place].strip() for row in rows if place < len(row)] for place in range(wide)]
    days = [place for place, column in enumerate(cells) if _mostly(column, _DAY)]
    money = [place for place, column in enumerate(cells) if _mostly(column, _MONEY)]
    coded = [place for place, column in enumerate(cells) if _mostly(column, _CODE)]
    texts = [place for place in range(wide) if place not in {*days, *money, *coded} and any(cells[place])]
    signed = len(money) == 1 and any(text.startswith(("-", "\u2212")) for text in cells[money[0]])
    if not (days and signed and texts and len(coded) < 2):
        return Open("has no row of titles that is known here", 0, (), {})
    columns = {"date": days[:1], "value_date": days[1:2], "amount": money, "text": texts, "currency": coded}
    return Layout({role: tuple(places) for role, places in columns.items() if places}, header=0)


def _mostly(column: Sequence[str], shape: re.Pattern[str]) -> bool:
    """A remark among the rows is no reason to take a column for something else."""
    full = [text for text in column if text]
    return bool(full) and sum(bool(shape.fullmatch(text)) for text in full) >= _MOSTLY * len(full)
