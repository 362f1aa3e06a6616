"""How far the company is: the share that is matched, and how old the rest is.

In: LINES that stand, those with something left, ITEMS, and today. Out: small frames, money always by currency,
never across currencies. Never: a clock, a store, a float amount.
"""

from __future__ import annotations

from datetime import date

import polars as pl

BUCKETS = ("not due", "1–30", "31–60", "61–90", "over 90")
"""Days after the due date; both ends count."""

_AGE = pl.Enum(BUCKETS)


def match_rate(lines: pl.DataFrame, open_lines: pl.DataFrame) -> pl.DataFrame:
    """What is placed of what was booked, by account and currency.

    lines: LINES that stand. open_lines: LINES with what is left in `amount_minor`.
    Returns `account_id currency lines matched_lines moved_minor matched_minor`: a line counts as matched once
    nothing of it is left; money is counted without its sign, part payments by what is placed.
    """
    left = open_lines.select("line_id", left_minor=pl.col("amount_minor").abs())
    return (
        lines.join(left, on="line_id", how="left", validate="1:1")
        .with_columns(pl.col("left_minor").fill_null(0), moved_minor=pl.col("amount_minor").abs())
        .group_by("account_id", "currency")
        .agg(
            lines=pl.len().cast(pl.Int64),
            matched_lines=(pl.col("left_minor") == 0).sum().cast(pl.Int64),
            moved_minor=pl.col("moved_minor").sum(),
            matched_minor=(pl.col("moved_minor") - pl.col("left_minor")).sum(),
        )
        .sort("account_id", "currency")
    )


def age_documents(items: pl.DataFrame, today: date) -> pl.DataFrame:
    """Open ITEMS by how long they are overdue; a document without a due date counts from its issue date.

    Returns `side(receivable|payable) currency age documents open_minor`, every age of each side and currency
    that has open documents. A bill awaits money out, so payables are negative; credit notes are taken off.
    """
    owed = items.filter(pl.col("open_minor") != 0).with_columns(
        side=pl.when(pl.col("kind").is_in(["bill", "bill_credit"]))
        .then(pl.lit("payable"))
        .otherwise(pl.lit("receivable")),
        age=_age((pl.lit(today) - pl.coalesce("due_date", "issue_date")).dt.total_days()),
    )
    return _aged(owed, "side", "documents", "open_minor")


def age_lines(open_lines: pl.DataFrame, today: date) -> pl.DataFrame:
    """Open LINES by how long ago they were booked; “not due” are those of today and later.

    Returns `side(in|out) currency age lines open_minor`, every age of each side and currency with open lines.
    """
    waiting = open_lines.with_columns(
        side=pl.when(pl.col("amount_minor") > 0).then(pl.lit("in")).otherwise(pl.lit("out")),
        age=_age((pl.lit(today) - pl.col("booking_date")).dt.total_days()),
        open_minor=pl.col("amount_minor"),
    )
    return _aged(waiting, "side", "lines", "open_minor")


def _age(days: pl.Expr) -> pl.Expr:
    """The bucket of so many days; without a date nothing is overdue."""
    return (
        pl.when(days.fill_null(0) <= 0)
        .then(pl.lit(BUCKETS[0]))
        .when(days <= 30)
        .then(pl.lit(BUCKETS[1]))
        .when(days <= 60)
        .then(pl.lit(BUCKETS[2]))
        .when(days <= 90)
        .then(pl.lit(BUCKETS[3]))
        .otherwise(pl.lit(BUCKETS[4]))
        .cast(_AGE)
    )


def _aged(rows: pl.DataFrame, side: str, counted: str, summed: str) -> pl.DataFrame:
    """Counts and sums by side, currency and age, with a row for each age that has nothing."""
    found = rows.group_by(side, "currency", "age").agg(
        pl.len().cast(pl.Int64).alias(counted), pl.col(summed).sum()
    )
    ages = pl.DataFrame({"age": BUCKETS}, schema={"age": _AGE})
    every = found.select(side, "currency").unique().join(ages, how="cross")
    return (
        every.join(found, on=[side, "currency", "age"], how="left")
        .with_columns(pl.col(counted, summed).fill_null(0))
        .sort(side, "currency", "age", descending=[side == "side", False, False])
    )
