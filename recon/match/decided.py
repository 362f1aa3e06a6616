"""Decided lines as questions with known answers: what people gave each, and the books as they stood before.

In: a History. Out: the truth of each line that was gone through, and a Book of those lines in which what these
decisions settled is open again. Never: a line that nobody may have looked at.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from recon.match.book import Book, open_book
from recon.policy import Policy
from recon.schema import ITEMS, LINES, REJECTED, History, conform

DECISIONS_MOST = 25_000
"""The latest decided lines that are looked at."""
_THOROUGH = 0.6
"""Share decided of the lines of a time, below which nothing is said of those passed over."""
_UNCLAIMED = 0.25
"""Mean chance that lines passed over belong to something, up to which a person is taken to have looked at them."""
_BEHIND = 0.95
"""Share of decided lines by whose day a person is taken to have looked at every line."""
_TERM = 75
"""Days after a line's day by which a document that it pays early is issued."""


def truth_of(history: History, most: int = DECISIONS_MOST) -> pl.DataFrame:
    """`line_id truth decided_at` of the latest lines gone through: the documents given to each, sorted and joined.

    A fee booked beside the documents is no document; a line booked to accounts alone has these. The truth of a line
    that was passed over, where people decided most lines of its time, is empty: it belongs to nothing, if they went
    through all of them.
    """
    document = ~pl.col("item_id").str.starts_with("account:")
    decided = history.accepted.group_by("line_id").agg(
        truth=pl.col("item_id").filter(document | ~document.any()).unique().sort().str.join("\x1f"),
        decided_at=pl.col("decided_at").max(),
    )
    latest = decided.sort("decided_at", "line_id").tail(most)
    return pl.concat([latest, _passed_over(history, latest, decided)]).sort("decided_at", "line_id")


def _passed_over(history: History, latest: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """Lines without a decision among those decided, dated by the last one; none where many were left undone."""
    days = history.lines.join(latest, on="line_id", how="semi")["booking_date"].sort()
    nobody = latest.clear()
    if days.is_empty():
        return nobody
    first, last = days[0], days[int(_BEHIND * (days.len() - 1))]
    gone_through = history.lines.filter(pl.col("booking_date").is_between(first, last))
    left = gone_through.join(decided, on="line_id", how="anti").select("line_id").sort("line_id")
    if left.height > (1.0 - _THOROUGH) * gone_through.height:
        return nobody
    told = left.with_columns(truth=pl.lit(""), decided_at=pl.lit(latest["decided_at"].max()))
    return told.cast(dict(latest.schema))  # type: ignore[arg-type]


def gone_through(truth: pl.DataFrame, chances: pl.DataFrame) -> pl.DataFrame:
    """The truth without lines passed over, unless these look as if nothing of theirs was there to be found.

    Who takes the easy lines first leaves others behind that do belong to something.
    chances: `line_id chance` that a line belongs to something, as far as the engine sees.
    """
    passed = truth.filter(truth="").join(chances, on="line_id", how="left")["chance"].fill_null(0.0)
    doubtful = passed.sum() > _UNCLAIMED * passed.len()
    return truth.filter(pl.col("truth") != "") if doubtful else truth


def decided_book(history: History, truth: pl.DataFrame, policy: Policy) -> Book:
    """The lines of `truth`, and the documents of their time as open as before they were settled by these decisions."""
    given = (
        history.accepted.join(truth, on="line_id", how="semi")
        .group_by("item_id")
        .agg(given=pl.col("item_amount_minor").sum())
    )
    lines = history.lines.join(truth, on="line_id", how="semi")
    before = pl.col("open_minor") + pl.col("given").fill_null(0)
    whole = pl.col("total_minor")
    items = (
        history.items.join(given, on="item_id", how="left")
        .filter(pl.col("given").is_not_null() | _of_their_time(lines, policy))
        .with_columns(open_minor=pl.when(before.abs() > whole.abs()).then(whole).otherwise(before))
    )
    return open_book(conform(lines, LINES), conform(items, ITEMS), None, REJECTED.empty())


def _of_their_time(lines: pl.DataFrame, policy: Policy) -> pl.Expr:
    """Documents that one of the lines might pay, by their days; undated ones always."""
    first, last = lines["booking_date"].min(), lines["booking_date"].max()
    anchor = pl.coalesce("due_date", "issue_date")
    opens = pl.lit(last, pl.Date) + timedelta(days=policy.days_before + _TERM)
    closes = pl.lit(first, pl.Date) - timedelta(days=policy.days_after)
    return (pl.coalesce("issue_date", "due_date") <= opens).fill_null(True) & (anchor >= closes).fill_null(
        True
    )
