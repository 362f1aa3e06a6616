"""Do balances join up: opening + lines = closing, and each running balance follows from the one before?

In: stored lines (LINES) and what the bank stated (BALANCES, STATED). Out: FINDINGS, one a break, with its days
and amount. Never: a line or balance changed, or a break explained away.

A day's lines come in no sure order, but their running balances chain up like dominoes: the balance before
one line is the balance after another. Taken together all cancel out but one "before", where the day begins,
and one "after", where it ends. More left over, or a day that does not begin where the last one ended, is a
break.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, Final, NamedTuple

import polars as pl

from recon.money import show
from recon.schema import STATED, finding, findings_frame
from recon.statements.moves import unexplained_moves

INTRADAY: Final = "camt.052"
"""Reports within a day: their closing balance is that of a moment, so a day's lines may be more than theirs."""

Rows = list[dict[str, object]]


def continuity(
    lines: pl.DataFrame, balances: pl.DataFrame, stated: pl.DataFrame | None = None
) -> pl.DataFrame:
    """FINDINGS `balance_break`, `statement_does_not_tie`, `statements_do_not_join`, `balance_moved`.

    By account and day. lines: LINES, all booked ones that stand. balances: BALANCES, any number of statements
    in the order they came; with `source` (who stated them) where known. stated: STATED, which proves what has
    no opening balance. `amount_minor` is what is missing: money the balances tell of and the lines do not
    (+ came in).
    """
    balances = balances if "source" in balances.columns else balances.with_columns(source=pl.lit(""))
    rows: Rows = []
    for (account, currency), own in _by_account(lines):
        rows += _chain(str(account), str(currency), own)
    for (account, currency), own_stated in _by_account(balances):
        own = lines.filter(pl.col("account_id") == account, pl.col("currency") == currency)
        rows += _statements(str(account), str(currency), own_stated, own)
    opened = balances.filter(pl.col("opening_minor").is_not_null()).select("account_id", "source")
    unopened = (STATED.empty() if stated is None else stated).join(
        opened, on=["account_id", "source"], how="anti"
    )
    return pl.concat([findings_frame(rows), unexplained_moves(lines, unopened)])


def _by_account(frame: pl.DataFrame) -> list[tuple[tuple[Any, ...], pl.DataFrame]]:
    parts = frame.partition_by("account_id", "currency", as_dict=True)
    return sorted(parts.items(), key=lambda part: part[0])


class _Day(NamedTuple):
    """One day's chain: balances nothing leads to (`starts`), those nothing follows (`ends`), all of them."""

    day: date
    starts: list[int]
    ends: list[int]
    values: list[int]
    moved: int

    def joins(self, reached: int) -> bool:
        """Whether the day is one piece and begins at the balance reached before it."""
        return self.starts == [reached] or (not self.starts and reached in self.values)


def _chain(account: str, currency: str, lines: pl.DataFrame) -> Rows:
    """Breaks in the running balance of one account."""
    stated = lines.filter(pl.col("balance_minor").is_not_null())
    silent = lines.filter(pl.col("balance_minor").is_null())
    days = _days(stated)
    rows: Rows = []
    reached: int | None = None
    # A loop over days, not lines.
    for last, today, following in zip([None, *days], days, [*days[1:], None], strict=False):
        ends = _ends_at(today, following, stated, reached)
        whole = len(today.starts) < 2
        if not whole or (reached is not None and not today.joins(reached)):
            since = last.day if last else today.day
            missing = None if reached is None or ends is None else ends - reached - today.moved
            unstated = silent.filter(pl.col("booking_date").is_between(since, today.day))[
                "amount_minor"
            ].sum()
            if missing is None or missing != unstated:
                rows.append(_break(account, currency, since, today.day, missing))
        reached = ends
    return rows


def _ends_at(today: _Day, following: _Day | None, stated: pl.DataFrame, reached: int | None) -> int | None:
    """The balance the day ends at; None where its pieces leave it open."""
    if len(today.ends) == 1:
        return today.ends[0]
    if not today.ends and reached in today.values:
        return reached
    # Where the next day begins decides between several ends (or, on a day that moved nothing, beginnings).
    possible = today.ends or today.values
    if following and len(following.starts) == 1 and following.starts[0] in possible:
        return following.starts[0]
    if len(today.ends) == 2 and reached in today.starts:
        piece = _piece(stated.filter(pl.col("booking_date") == today.day), reached)
        return next((end for end in today.ends if end not in piece), None)
    return None


def _piece(lines: pl.DataFrame, start: int) -> set[int]:
    """All balances of one day that hang together with `start`. Looked at only on a day that is broken."""
    steps = [
        (after - amount, after) for after, amount in lines.select("balance_minor", "amount_minor").iter_rows()
    ]
    piece = {start}
    while grown := {value for step in steps if piece & set(step) for value in step} - piece:
        piece |= grown
    return piece


def _days(stated: pl.DataFrame) -> list[_Day]:
    before = (pl.col("balance_minor") - pl.col("amount_minor")).alias("value")
    after = pl.col("balance_minor").alias("value")
    sides = pl.concat(
        [
            stated.select("booking_date", before, side=pl.lit(1)),
            stated.select("booking_date", after, side=pl.lit(-1)),
        ]
    )
    side = pl.col("side")
    left = sides.group_by("booking_date", "value").agg(side.sum()).sort("booking_date", "value")
    loose = left.group_by("booking_date", maintain_order=True).agg(
        starts=pl.col("value").repeat_by(side.clip(lower_bound=0)).explode().drop_nulls(),
        ends=pl.col("value").repeat_by((-side).clip(lower_bound=0)).explode().drop_nulls(),
        values=pl.col("value"),
    )
    moved = stated.group_by("booking_date").agg(moved=pl.col("amount_minor").sum())
    days = loose.join(moved, on="booking_date").sort("booking_date")
    return [
        _Day(*row) for row in days.select("booking_date", "starts", "ends", "values", "moved").iter_rows()
    ]


def _break(account: str, currency: str, since: date, day: date, missing: int | None) -> dict[str, object]:
    when = f"On {day}" if since == day else f"Between {since} and {day}"
    by = "" if missing is None else f" by {show(missing, currency)}"
    words = f"{when} the running balance moved{by} without a line that says why. Fetch these days again."
    return finding("warning", "balance_break", f"account {account}, {day}", words, missing)


def _statements(account: str, currency: str, balances: pl.DataFrame, lines: pl.DataFrame) -> Rows:
    """Statements whose lines are not all here, and statements that do not join the one before."""
    # A report within the day is followed by a fuller one with the same beginning; the last one counts.
    same = ["opening_date", "opening_minor", "closing_date"]
    whole = balances.drop_nulls([*same, "closing_minor"]).unique(same, keep="last", maintain_order=True)
    intraday = whole.filter(source=INTRADAY).to_dicts()
    stated = whole.filter(pl.col("source") != INTRADAY).sort("closing_date", "opening_date").to_dicts()
    rows: Rows = [
        _untied(account, currency, row, missing) for row in intraday if (missing := _own_missing(row))
    ]
    for row in stated:
        # Some banks date the opening balance by the day before, when it was the closing one. The reading of
        # the dates that misses less is the bank's.
        change = row["closing_minor"] - row["opening_minor"]
        with_first, without_first = (
            change - _moved(lines, row["opening_date"], row["closing_date"], ends)
            for ends in ("both", "right")
        )
        row["opens_with_day"] = abs(with_first) <= abs(without_first)
        missing = with_first if row["opens_with_day"] else without_first
        if missing:
            rows.append(_untied(account, currency, row, missing))
    for last, row in pairwise(stated):
        rows += _joint(account, currency, last, row, lines)
    return rows


def _own_missing(row: dict[str, Any]) -> int:
    """What a report's own entries leave of its balances."""
    return row["closing_minor"] - row["opening_minor"] - row["booked_minor"]


def _untied(account: str, currency: str, row: dict[str, Any], missing: int) -> dict[str, object]:
    words = f"Statement {row['statement_no'] or ''}, {row['opening_date']} to {row['closing_date']}: opening "
    words += f"balance and lines miss the closing balance by {show(missing, currency)}."
    where = f"account {account}, {row['closing_date']}"
    return finding("warning", "statement_does_not_tie", where, words, missing)


def _joint(
    account: str, currency: str, last: dict[str, Any], row: dict[str, Any], lines: pl.DataFrame
) -> Rows:
    """A finding where a statement does not begin where the one before and the lines between end."""
    if row["opening_date"] < last["closing_date"] or row["opening_date"] == last["opening_date"]:
        return []
    ends = "none" if row["opens_with_day"] else "right"
    between = _moved(lines, last["closing_date"], row["opening_date"], ends)
    missing = row["opening_minor"] - last["closing_minor"] - between
    if not missing:
        return []
    words = f"From the statement that ends on {last['closing_date']} to the one that begins on "
    words += f"{row['opening_date']} the balance moved by {show(missing, currency)} without a line."
    return [
        finding(
            "warning", "statements_do_not_join", f"account {account}, {row['opening_date']}", words, missing
        )
    ]


def _moved(lines: pl.DataFrame, first: date, last: date, ends: Any) -> int:
    return int(
        lines.filter(pl.col("booking_date").is_between(first, last, closed=ends))["amount_minor"].sum()
    )
