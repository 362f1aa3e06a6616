"""One column of dates as people write them → dates, the order decided over the whole column.

In: the column's texts. Out: a date, None for an empty cell, or a `Bad` cell. Never: month before day unless it was
told, a year of two digits, a date that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal

from recon.tables.amounts import Bad

First = Literal["day", "month"]

# Spreadsheets write midnight behind a date.
_MIDNIGHT: Final = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
_YEAR_FIRST: Final = re.compile(r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})")
_DAY_FIRST: Final = re.compile(r"(?P<d>\d{1,2})([-/.])(?P<m>\d{1,2})\2(?P<y>\d{4})")
_MONTH_FIRST: Final = re.compile(r"(?P<m>\d{1,2})([-/.])(?P<d>\d{1,2})\2(?P<y>\d{4})")
# With slashes both orders are in use; points and hyphens stand in dates that begin with the day.
_EITHER: Final = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}")


def read_dates(cells: Sequence[str | None], first: First = "day") -> list[date | Bad | None]:
    """The dates of one column, all year first or all the other way, whichever reads more of its cells.

    first: whether dates that do not begin with the year begin with the day or the month.
    """
    orders = (_YEAR_FIRST, _MONTH_FIRST if first == "month" else _DAY_FIRST)
    readings = [[_read(_bare(cell), order) for cell in cells] for order in orders]
    return max(readings, key=lambda dates: sum(not isinstance(found, Bad) for found in dates))


def reads_both_ways(cells: Iterable[str | None]) -> str | None:
    """A date such as `03/04/2026` where no date of the file says which is the day; None where one does."""
    slashed = [found for cell in cells if (found := _EITHER.fullmatch(_bare(cell)))]
    if any(int(part) > 12 for found in slashed for part in found.groups()):
        return None
    return next((found[0] for found in slashed if found[1] != found[2]), None)


def _bare(cell: str | None) -> str:
    return _MIDNIGHT.sub("", (cell or "").strip())


def _read(text: str, order: re.Pattern[str]) -> date | Bad | None:
    if not text:
        return None
    found = order.fullmatch(text)
    try:
        return (
            date(int(found["y"]), int(found["m"]), int(found["d"])) if found else Bad(f"“{text}” is no date")
        )
    except ValueError:
        return Bad(f"“{text}” is no date")
