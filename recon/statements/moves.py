"""Did the balance a bank states move by more than our lines? The proof where no line carries a balance.

In: STATED, what the bank said is booked on some days beside what our lines added up to then, and the lines as
they are now. Out: FINDINGS, one a stretch of days in which money moved without a line. Never: a balance guessed.

    stated on a day - our lines then = the balance before the first line

which is the same on every day while no line is missing. A line that comes late or was put back ends a break,
since the difference then is again what it was.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

import polars as pl

from recon.money import show
from recon.schema import finding, findings_frame


class _Level(NamedTuple):
    """The balance before the first line, from the day it was first found so; `last` is the day before that."""

    minor: int
    last: date
    since: date


def unexplained_moves(lines: pl.DataFrame, stated: pl.DataFrame) -> pl.DataFrame:
    """FINDINGS `balance_moved`, by account and source.

    lines: LINES that stand. stated: STATED, any order. `amount_minor` is money the bank has and our lines do
    not tell of (+ came in).
    """
    rows: list[dict[str, object]] = []
    for (account, _), told in sorted(stated.partition_by("account_id", "source", as_dict=True).items()):
        own = lines.filter(pl.col("account_id") == account, pl.col("currency") == told["currency"][0])
        levels = _levels(told.sort("stated_on").to_dicts(), own)
        rows += [_finding(str(account), told["currency"][0], *pair) for pair in pairwise(levels)]
    return findings_frame(rows)


def _levels(days: list[dict[str, Any]], lines: pl.DataFrame) -> list[_Level]:
    """The levels that stand at the end; one that was reached again has ended those after it."""
    levels: list[_Level] = []
    before: dict[str, Any] | None = None
    for day in days:
        levels = _reach(levels, before, day, day["stated_minor"] - day["booked_minor"])
        before = day
    last = days[-1]
    # What came since the last word of the bank, from a file say, may be the line that was missing.
    now = int(lines.filter(pl.col("booking_date") <= last["stated_on"])["amount_minor"].sum())
    known = [level.minor for level in levels]
    return (
        levels[: known.index(last["stated_minor"] - now) + 1]
        if last["stated_minor"] - now in known
        else levels
    )


def _reach(
    levels: list[_Level], before: dict[str, Any] | None, day: dict[str, Any], minor: int
) -> list[_Level]:
    known = [level.minor for level in levels]
    if minor in known:
        return levels[: known.index(minor) + 1]
    since = day["stated_on"]
    older = before and before["first_day"] and day["first_day"] and day["first_day"] < before["first_day"]
    if before is None or before["first_day"] is None or older:
        # More of the past was fetched: its lines belong to the balance before, so the count begins anew.
        return [_Level(minor, since, since)]
    return [*levels, _Level(minor, before["stated_on"], since)]


def _finding(account: str, currency: str, level: _Level, higher: _Level) -> dict[str, object]:
    missing = higher.minor - level.minor
    when = (
        f"On {higher.since}" if higher.last == higher.since else f"Between {higher.last} and {higher.since}"
    )
    words = f"{when} the balance that the bank states moved by {show(missing, currency)} more than our lines say. "
    words += "Fetch these days again, or import a statement of them."
    return finding("warning", "balance_moved", f"account {account}, {higher.since}", words, missing)
