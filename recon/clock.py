"""Now and today, so that no step asks the machine. Instants are UTC; a bank's day is Copenhagen's.

`RECON_CLOCK` moves the clock for tests and the sandbox: an ISO instant stands still, `+P3D` runs ahead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from recon.errors import UsageError

BANK_ZONE = ZoneInfo("Europe/Copenhagen")
_AHEAD = re.compile(r"([+-])P(\d+)D")


@dataclass(frozen=True)
class Clock:
    """The wall clock, moved by `ahead` or standing at `fixed`."""

    ahead: timedelta = timedelta(0)
    fixed: datetime | None = None

    def now(self) -> datetime:
        """The instant, UTC, with its zone."""
        return self.fixed.astimezone(UTC) if self.fixed else datetime.now(UTC) + self.ahead

    def today(self) -> date:
        """The calendar day at the bank."""
        return self.now().astimezone(BANK_ZONE).date()


def read_clock(text: str | None) -> Clock:
    """The clock that `RECON_CLOCK` asks for; None or empty is the wall clock."""
    if not text:
        return Clock()
    if match := _AHEAD.fullmatch(text):
        days = int(match[2]) * (-1 if match[1] == "-" else 1)
        return Clock(ahead=timedelta(days=days))
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"RECON_CLOCK is “{text}”; give an ISO instant such as 2026-11-22T08:00:00Z, or +P3D."
        ) from None
    return Clock(fixed=instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC))
