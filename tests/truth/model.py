"""What the store must hold of one account after each step: a model small enough to be checked by reading.

In: the rows that a bank showed and the lines of files, as they were told. Out: `Line`s that should be there.
Never: anything of recon. Plain lists and dictionaries, and for each rule its reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date

BANK = "viia"


@dataclass(frozen=True)
class Told:
    """One booked row as somebody tells it. `ref`: an id that can be trusted, else None."""

    day: date
    amount: int
    text: str
    ref: str | None = None

    @property
    def words(self) -> str:
        """Blanks and capitals do not make another line."""
        return " ".join(self.text.lower().split())


@dataclass
class Line:
    """One line that should be stored. `words`: as it is stored; `told`: as each source tells it."""

    day: date
    amount: int
    words: str
    told: dict[str, str]
    refs: set[str] = field(default_factory=set)
    withdrawn: bool = False


Key = Hashable | None
Met = list[tuple[Told, Line]]


@dataclass
class Model:
    """One account."""

    lines: list[Line] = field(default_factory=list)

    def fetch(self, rows: Iterable[Told], since: date, gone_from: date) -> None:
        """The bank shows all it has from `since` on."""
        left, met = list(rows), []
        mine = [line for line in self.lines if BANK in line.told]
        # 1 Under an id it had before it is the same line, whatever its day and words are now.
        left = _meet(left, mine, met, lambda row: row.ref, lambda line: line.refs)
        # 2 Equal in day, money and words: its id was issued anew. So many as there are, and no more.
        within = [line for line in mine if line.day >= since]
        left = _meet(left, within, met, _full, lambda line: [(line.day, line.amount, line.told[BANK])])
        # 3 Without ids, a line may have been worded anew.
        left = _meet(
            left, within, met, lambda row: None if row.ref else _slot(row), lambda line: [_slot(line)]
        )
        # 4 What only files told: equal words, then the same day and money in other words.
        left = self._meet_others(left, met, BANK)
        for row, line in met:
            _tell(line, row, BANK)
            line.withdrawn = False
        self._add(left, BANK)
        # 5 What the bank told before and shows no more was taken back.
        seen = {id(line) for _, line in met}
        for line in mine:
            line.withdrawn |= id(line) not in seen and line.day >= gone_from

    def file(self, rows: Iterable[Told], source: str) -> None:
        """A file holds some lines. It adds what is unknown, takes nothing back and brings nothing back."""
        left, met = list(rows), []
        mine = [line for line in self.lines if source in line.told]
        left = _meet(left, mine, met, _full, lambda line: [(line.day, line.amount, line.told[source])])
        left = self._meet_others(left, met, source)
        for row, line in met:
            _tell(line, row, source)
        self._add(left, source)

    def standing(self) -> Counter[tuple[date, int, str]]:
        """Day, money and words of the lines that stand."""
        return Counter((line.day, line.amount, line.words) for line in self.lines if not line.withdrawn)

    def stored(self) -> Counter[tuple[date, int]]:
        """Day and money of all lines, withdrawn ones included."""
        return Counter(_slot(line) for line in self.lines)

    def _meet_others(self, rows: list[Told], met: Met, source: str) -> list[Told]:
        """Lines that this source never told; what was withdrawn comes back in its own words only."""
        others = [line for line in self.lines if source not in line.told]
        left = _meet(rows, others, met, _full, lambda line: [(line.day, line.amount, line.words)])
        standing = [line for line in others if not line.withdrawn]
        return _meet(left, standing, met, _slot, lambda line: [_slot(line)])

    def _add(self, rows: list[Told], source: str) -> None:
        for row in rows:
            refs = {row.ref} if row.ref else set()
            self.lines.append(Line(row.day, row.amount, row.words, {source: row.words}, refs))


def _meet(
    rows: list[Told],
    lines: list[Line],
    met: Met,
    key: Callable[[Told], Key],
    keys: Callable[[Line], Iterable[Key]],
) -> list[Told]:
    """Pair each row with a line of its key that was not met before, standing ones first; what is left over."""
    taken = {id(line) for _, line in met}
    waiting: dict[Key, list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: line.withdrawn, reverse=True):
        for each in keys(line) if id(line) not in taken else ():
            waiting[each].append(line)
    left = []
    for row in rows:
        there = waiting[key(row)] if key(row) is not None else []
        while there and id(there[-1]) in taken:  # met under another of its keys
            there.pop()
        if there:
            met.append((row, there[-1]))
            taken.add(id(there.pop()))
        else:
            left.append(row)
    return left


def _slot(one: Told | Line) -> tuple[date, int]:
    return one.day, one.amount


def _full(row: Told) -> tuple[date, int, str]:
    return row.day, row.amount, row.words


def _tell(line: Line, row: Told, source: str) -> None:
    """The only source of a line may move and reword it; where there are two, the first words stay."""
    line.told[source] = row.words
    line.refs |= {row.ref} if row.ref else set()
    if len(line.told) == 1:
        line.day, line.words = row.day, row.words
