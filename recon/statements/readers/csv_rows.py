"""The rows of a CSV or Excel export, read by a layout: days, amounts with their sign, running balances.

In: rows of texts and a Layout. Out: `Rows`, exact minor units, `+` is money in. Never: a sign that the file does not
tell, a row left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from recon.statements.readers.csv_days import read_days
from recon.statements.readers.csv_layout import Layout
from recon.tables.amounts import Bad, read_amounts

PENDING: Final = frozenset(
    {"reserveret", "venter", "reserverad", "reservert", "pending", "afventer", "varaus"}
)
GONE: Final = frozenset({"slettet", "afvist", "declined", "rejected", "reverted", "failed", "annulleret"})
_OUT: Final = frozenset(
    {"af", "d", "db", "dbit", "debit", "debet", "dr", "s", "soll", "ud", "ut", "outflow", "-"}
)
_IN: Final = frozenset(
    {"bij", "c", "cr", "crdt", "credit", "kredit", "h", "haben", "ind", "in", "inn", "inflow", "+"}
)


class Unsure(Exception):
    """What keeps the rows from being read surely: the middle of a sentence whose subject is the file.

    asks: the field of a Layout (`first` or `mark`) that would settle it, where one would.
    """

    def __init__(self, why: str, asks: str | None = None) -> None:
        super().__init__(why)
        self.asks = asks


@dataclass(frozen=True)
class Rows:
    """Rows that stand for money, in file order: the file's line, day (None: not booked yet), amount and balance."""

    lines: list[int]
    cells: list[Sequence[str]]
    days: list[date | None]
    value_days: list[date | None]
    amounts: list[int]
    balances: list[int | None]
    remarks: list[int]
    undated: list[int]


def read_rows(
    lines: Sequence[int],
    rows: Sequence[Sequence[str]],
    layout: Layout,
    currency_of: Callable[[Sequence[str]], str],
) -> Rows:
    """Every row below the titles. currency_of: a row that stands for money. Raises Unsure.

    Rows without an amount and declined payments are `remarks`; what has an amount and no day, as a sum has, is
    `undated`. Both are left out, and listed by their lines.
    """
    kept, remarks, undated = _told(rows, layout)
    cells = [rows[at] for at in kept]
    own = [currency_of(row) for row in cells]
    days = _days(cells, layout, "date")
    return Rows(
        lines=[lines[at] for at in kept],
        cells=cells,
        days=[None if is_pending(row, layout) else day for row, day in zip(cells, days, strict=True)],
        value_days=_days(cells, layout, "value_date"),
        amounts=_amounts(cells, layout, own),
        balances=_column(cells, layout, "balance", own),
        remarks=[lines[at] for at in remarks],
        undated=[lines[at] for at in undated],
    )


def cell(row: Sequence[str], place: int | None) -> str:
    """The text at a place; empty where the row is shorter."""
    return row[place].strip() if place is not None and place < len(row) else ""


def is_pending(row: Sequence[str], layout: Layout) -> bool:
    """Whether the bank says that a row is not booked yet, in its day or its status."""
    told = (cell(row, layout.place("date")), cell(row, layout.place("status")))
    return any(word.casefold() in PENDING for word in told)


def proves_itself(rows: Sequence[Sequence[str]], layout: Layout) -> bool:
    """Whether running balances follow from the amounts, row by row, over at least three rows."""
    try:
        read = read_rows(range(len(rows)), rows, layout, lambda _: "DKK")
    except Unsure:
        return False
    return len(read.amounts) > 2 and in_order(read.amounts, read.balances) is not None


def in_order(amounts: Sequence[int], balances: Sequence[int | None]) -> bool | None:
    """True where the running balances prove oldest first, False newest first; None where they prove neither."""
    if None in balances or len(balances) < 2:
        return None
    told = [
        (amount, balance) for amount, balance in zip(amounts, balances, strict=True) if balance is not None
    ]
    steps = list(pairwise(told))
    oldest_first = all(before[1] + after[0] == after[1] for before, after in steps)
    newest_first = all(after[1] + before[0] == before[1] for before, after in steps)
    return None if oldest_first == newest_first else oldest_first


def _told(rows: Sequence[Sequence[str]], layout: Layout) -> tuple[list[int], list[int], list[int]]:
    """Places of rows that stand for money, of remarks, and of amounts without a day."""
    kept, remarks, undated = [], [], []
    for at, row in enumerate(rows):
        money = any(_has_digit(cell(row, layout.place(role))) for role in ("amount", "money_in", "money_out"))
        day = cell(row, layout.place("date"))
        gone = cell(row, layout.place("status")).casefold() in GONE
        if not money or gone:
            remarks.append(at)
        else:
            (kept if day else undated).append(at)
    return kept, [at for at in remarks if any(text.strip() for text in rows[at])], undated


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _days(rows: Sequence[Sequence[str]], layout: Layout, role: str) -> list[date | None]:
    place = layout.place(role)
    texts = [cell(row, place) for row in rows]
    asked = [text for text in texts if text and text.casefold() not in PENDING]
    read = read_days(asked, layout.first)
    if isinstance(read, str):
        settled = layout.first is None and not isinstance(read_days(asked, "day"), str)
        raise Unsure(read, "first" if settled else None)
    left = iter(read)
    return [next(left) if text and text.casefold() not in PENDING else None for text in texts]


def _amounts(rows: Sequence[Sequence[str]], layout: Layout, currencies: Sequence[str]) -> list[int]:
    sign = -1 if layout.flip else 1
    if layout.place("amount") is not None:
        amounts = _column(rows, layout, "amount", currencies)
        if None in amounts:
            raise Unsure("has a row with a day and without an amount")
        directed = _directed(rows, layout, [amount for amount in amounts if amount is not None])
        return [sign * amount for amount in directed]
    put_in, taken_out = (_column(rows, layout, role, currencies) for role in ("money_in", "money_out"))
    both = zip(put_in, taken_out, strict=True)
    # Some banks write what is taken out with its minus, some without.
    return [sign * ((one or 0) - abs(other or 0)) for one, other in both]


def _directed(rows: Sequence[Sequence[str]], layout: Layout, amounts: list[int]) -> list[int]:
    """Unsigned amounts get their sign from the column that says in or out; signed ones have theirs."""
    place = layout.place("direction")
    if place is None or any(amount < 0 for amount in amounts):
        return amounts
    words = [cell(row, place).casefold() for row in rows]
    unknown = next((word for word in words if word not in _IN | _OUT), None)
    if unknown is not None:
        raise Unsure(f"says “{unknown}” where money in or out belongs")
    return [-amount if word in _OUT else amount for amount, word in zip(amounts, words, strict=True)]


def _column(
    rows: Sequence[Sequence[str]], layout: Layout, role: str, currencies: Sequence[str]
) -> list[int | None]:
    place = layout.place(role)
    if place is None:
        return [None] * len(rows)
    read, wrong = read_amounts([cell(row, place) for row in rows], currencies, layout.mark)
    if wrong:
        raise Unsure(wrong, "mark")
    bad = next((one for one in read if isinstance(one, Bad)), None)
    if bad:
        raise Unsure(f"has a cell that cannot be read: {bad.reason}")
    return [one for one in read if not isinstance(one, Bad)]
