"""Which days to ask a bank for, and when it is worth asking.

In: start date of the account, the watermark (newest day fetched so far), today, now. Out: dates.
Never: the clock. Windows are half-open: `since` counts, `until` does not.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from recon.statements.pairing import FAR_DAYS

OVERLAP_DAYS = 14
"""Banks add and correct lines late; the provider asks for at least seven days."""
MOVED_DAYS = FAR_DAYS
"""A bank may move a booked line to an earlier day; so many days more are read to know it again there."""
FIRST_YEARS = 2
"""The provider keeps no more."""
DUE_AFTER = timedelta(hours=6)


class Window(NamedTuple):
    """The days `since` ≤ day < `until`; `since == until` means there is nothing to ask for.

    gone_from: from this day on a line that is missing is gone; an earlier one may have been moved out.
    """

    since: date
    until: date
    gone_from: date


def fetch_window(sync_from: date | None, watermark: date | None, today: date) -> Window:
    """The days to fetch: all since the start date at first, later the overlaps before the watermark onwards.

    sync_from: nothing older is ever asked for; without one, two years. The watermark comes from the data
    (`newest_day`), so a wrong server clock cannot skip a day. Tomorrow is the end: today counts.
    """
    start = sync_from or _years_before(today, FIRST_YEARS)
    gone_from = start if watermark is None else max(start, watermark - timedelta(days=OVERLAP_DAYS))
    since = max(start, gone_from - timedelta(days=MOVED_DAYS))
    return Window(since, max(since, today + timedelta(days=1)), gone_from)


def newest_day(watermark: date | None, booked: list[date], today: date) -> date | None:
    """The watermark after a complete fetch: the newest booking date seen, never after today, never back."""
    known = [day for day in (watermark, *booked) if day is not None and day <= today]
    return max(known, default=watermark)


def due(last_synchronized: datetime | None, now: datetime, after: timedelta = DUE_AFTER) -> bool:
    """Whether the bank's data is older than six hours. Never synchronised (None, or the year 1970) is due."""
    if last_synchronized is None or last_synchronized.year <= 1970:
        return True
    return _utc(now) - _utc(last_synchronized) > after


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
