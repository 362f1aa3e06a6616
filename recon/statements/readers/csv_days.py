"""A column of days as banks write them → dates, one way of writing for the whole column.

In: the texts of a column. Out: dates, in file order; or the text that leaves its order open. Never: month before day
unless it was told, a date that does not exist, two ways of writing in one column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

_TIME: Final = re.compile(r"[T ]+\d{1,2}[:.]\d{2}([:.]\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
_NAMES: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_ALSO: Final = {"mär": 3, "maj": 5, "mai": 5, "okt": 10, "dez": 12, "des": 12}
_MONTHS: Final = {name: number for number, name in enumerate(_NAMES, 1)} | _ALSO
_WAYS: Final = {
    "year": re.compile(
        r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})\.?|(?P<Y>\d{4})(?P<M>\d{2})(?P<D>\d{2})"
    ),
    "day": re.compile(r"(?P<d>\d{1,2})([-/. ])(?P<m>\d{1,2})\2(?P<y>\d{4}|\d{2})\.?"),
    "month": re.compile(r"(?P<m>\d{1,2})(/)(?P<d>\d{1,2})/(?P<y>\d{4}|\d{2})"),
    "named": re.compile(r"(?P<d>\d{1,2})[-. ]+(?P<n>[^\W\d]{3})[^\W\d]*\.?[-. ]+(?P<y>\d{4}|\d{2})"),
}


def read_days(cells: Sequence[str], first: str | None = None) -> list[date] | str:
    """The dates of the cells, none of them empty; a sentence's middle where they cannot be read surely.

    first: `day` or `month`, where slashes leave it open.
    """
    bare = [_TIME.sub("", cell.strip()) for cell in cells]
    readings = {way: [_read(cell, pattern) for cell in bare] for way, pattern in _WAYS.items()}
    whole = {way: [day for day in days if day] for way, days in readings.items() if None not in days}
    if "day" in whole and "month" in whole and whole["day"] != whole["month"]:
        if first is None:
            shown = next(
                cell for cell, d, m in zip(bare, whole["day"], whole["month"], strict=True) if d != m
            )
            return f"leaves open whether “{shown}” begins with the day or the month"
        return whole[first]
    if not whole:
        best = max(readings.values(), key=lambda days: sum(day is not None for day in days))
        wrong = next(cell for cell, day in zip(cells, best, strict=True) if day is None)
        return f"has “{wrong}” where a date belongs"
    return next(iter(whole.values()))


def _read(text: str, way: re.Pattern[str]) -> date | None:
    found = way.fullmatch(text)
    if not found:
        return None
    told = {name.lower(): value for name, value in found.groupdict().items() if value}
    month = _MONTHS.get(told["n"].casefold()) if "n" in told else int(told["m"])
    year = int(told["y"]) + (2000 if len(told["y"]) == 2 else 0)
    try:
        return date(year, month or 0, int(told["d"]))
    except ValueError:
        return None
