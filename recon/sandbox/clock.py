"""The sandbox's clock: it runs like any clock, from wherever it is set, and jumps when told.

In: an ISO instant to start from, `+P30D` to run ahead, or nothing for the wall clock. Never goes back.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from recon.clock import BANK_ZONE, read_clock
from recon.errors import UsageError


class SandboxClock:
    """Wall clock plus `ahead`. Unlike a fixed RECON_CLOCK it keeps ticking, or no sync would ever end."""

    def __init__(self, start: str | None = None) -> None:
        told = read_clock(start)
        self.ahead = told.fixed - datetime.now(UTC) if told.fixed else told.ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def today(self) -> date:
        return bank_day(self.now())

    def advance(self, by: timedelta) -> datetime:
        """Jump forward and tell the new instant. Raises UsageError for a step back."""
        if by < timedelta(0):
            raise UsageError("The sandbox's clock only goes forward. Nothing was moved.")
        self.ahead += by
        return self.now()


def bank_day(instant: datetime) -> date:
    """The calendar day at the bank."""
    return instant.astimezone(BANK_ZONE).date()


def stamp(instant: datetime) -> str:
    """An instant as the API writes it: UTC, nine digits after the second."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}300Z"
