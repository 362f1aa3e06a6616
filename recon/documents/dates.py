"""One column of dates as people write them → dates, the order decided over the whole column.

In: the column's texts. Out: a date, None for an empty cell, or a `Bad` cell. Never: month before day, a year
of two digits, a date that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from recon.documents.amounts import Bad

# Spreadsheets write midnight behind a date.
_MIDNIGHT: Final = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
_ORDERS: Final = (
    re.compile(r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})([-/.])(?P<m>\d{1,2})\2(?P<y>\d{4})"),
)


def read_dates(cells: Sequence[str | None]) -> list[date | Bad | None]:
    """The dates of one column, all year first or all day first, whichever reads more of its cells."""
    plain = [_MIDNIGHT.sub("", (cell or "").strip()) for cell in cells]
    readings = [[_read(text, order) for text in plain] for order in _ORDERS]
    return max(readings, key=lambda dates: sum(not isinstance(found, Bad) for found in dates))


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
