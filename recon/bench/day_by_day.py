"""The same books met as a company meets them: some days at a time, what is sure accepted and never touched again.

In: labelled books. Out: each line's documents as accepted on the way, or as proposed on the last day; and how far that
agrees with one run over everything. And, with a ledger kept in memory, how far its proposals stay those of a full run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from recon.bench.books import LabelledBooks
from recon.flow.matching import propose
from recon.match.resident.ledger import Ledger
from recon.normalise.items import normalise_items
from recon.normalise.lines import normalise_lines
from recon.schema import Matching

SURE = 0.9
"""Probability from which a proposal of rank 1 is accepted on its day."""


@dataclass(frozen=True)
class Agreement:
    """Lines both ways decide, and of those how many alike; `line_id apart together` shows each."""

    lines: pl.DataFrame

    @property
    def both(self) -> int:
        return self.lines.drop_nulls(["apart", "together"]).height

    @property
    def share(self) -> float:
        """Share of the lines both decide that get the same documents."""
        decided = self.lines.drop_nulls(["apart", "together"])
        return decided.select((pl.col("apart") == pl.col("together")).mean()).item() or 0.0


@dataclass(frozen=True)
class Kept:
    """How a ledger told of some days at a time compares with full runs by its weights.

    steps: steps taken. whole: those that went through everything. moved: lines, over all other steps, that a full run
    says something else of than it did before. missed: those of them that the ledger did not follow, to six digits.
    lines: lines, over the same steps. chosen_otherwise: those with other documents of rank 1.
    """

    steps: int
    whole: int
    moved: int
    missed: int
    lines: int
    chosen_otherwise: int


def kept_in_memory(books: LabelledBooks, days: int = 1, steps: int = 10) -> Kept:
    """The last steps of the books, told to a ledger as they come, beside a full run after each."""
    lines, items = normalise_lines(books.lines), normalise_items(books.items)
    last: date = lines["booking_date"].max()  # ty: ignore[invalid-assignment]
    day = last - timedelta(days=days * steps)
    ledger = Ledger.of(items, lines.filter(pl.col("booking_date") <= day), policy=books.policy)
    before, counts = ledger.matching, [0, 0, 0, 0, 0]
    for _ in range(steps):
        until = day + timedelta(days=days)
        new = pl.col("booking_date").is_between(day, until, closed="right")
        ledger, day = ledger.with_lines(lines.filter(new)), until
        now = ledger.gone_through().matching
        if ledger.rematched < ledger.lines.count:
            news, off = _apart(before, now), _apart(now, ledger.matching)
            chosen = _documents(_first(now)).join(
                _documents(_first(ledger.matching)), on="line_id", how="full", coalesce=True
            )
            other = chosen.filter(pl.col("documents").ne_missing(pl.col("documents_right"))).height
            found = (0, len(news), len(news & off), ledger.lines.count, other)
        else:
            found = (1, 0, 0, 0, 0)
        counts = [one + more for one, more in zip(counts, found, strict=True)]
        before = now
    return Kept(steps, *counts)


def _first(matching: Matching) -> pl.DataFrame:
    return matching.legs.join(matching.proposals.filter(rank=1), on="proposal_id", how="semi")


def _apart(one: Matching, other: Matching) -> set[str]:
    """Lines of which the two do not say the same, probabilities to six digits."""
    a, b = (
        each.legs.select("line_id", "proposal_id").unique().join(
            each.proposals.select("proposal_id", "rank", pl.col("probability").round(6)), on="proposal_id"
        )
        for each in (one, other)
    )  # fmt: skip
    both = pl.concat([a.join(b, on=a.columns, how="anti"), b.join(a, on=a.columns, how="anti")])
    return set(both["line_id"])


def agreement(books: LabelledBooks, days: int = 7) -> Agreement:
    """Walk through the books `days` at a time, and compare with all of them at once."""
    whole = propose(books.lines, books.items, policy=books.policy)
    together = _documents(whole.legs.join(whole.proposals.filter(rank=1), on="proposal_id", how="semi"))
    apart = _documents(day_by_day(books, days))
    lines = books.lines.select("line_id").join(apart.rename({"documents": "apart"}), on="line_id", how="left")
    lines = lines.join(together.rename({"documents": "together"}), on="line_id", how="left")
    return Agreement(lines.sort("line_id"))


def day_by_day(books: LabelledBooks, days: int) -> pl.DataFrame:
    """LEGS of what was accepted on its day, and of what is proposed for the rest on the last day.

    Accepted lines and what they settle are taken off before the next step; nothing is ever given twice.
    """
    lines, items = books.lines.sort("booking_date", "line_id"), books.items
    day: date = lines["booking_date"][0]
    last: date = lines["booking_date"][-1]
    done: list[pl.DataFrame] = []
    settled: pl.Series = pl.Series("line_id", [], dtype=pl.String)
    while True:
        day = min(day + timedelta(days=days), last)
        known = lines.filter(pl.col("booking_date") <= day, ~pl.col("line_id").is_in(settled.implode()))
        result = propose(known, items.filter(_issued(day)), policy=books.policy)
        least = 0.0 if day == last else SURE
        best = result.proposals.filter(pl.col("rank") == 1, pl.col("probability") >= least)
        legs = result.legs.join(best, on="proposal_id", how="semi")
        done.append(legs)
        if day == last:
            return pl.concat(done)
        settled = pl.concat([settled, legs["line_id"]]).unique()
        items = _less(items, legs)


def _issued(day: date) -> pl.Expr:
    return (pl.col("issue_date") <= pl.lit(day)).fill_null(value=True)


def _less(items: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """Documents with what the legs settle taken off what is open."""
    given = legs.group_by("item_id").agg(given=pl.col("item_amount_minor").sum())
    left = items.join(given, on="item_id", how="left", maintain_order="left")
    return left.with_columns(open_minor=pl.col("open_minor") - pl.col("given").fill_null(0)).drop("given")


def _documents(legs: pl.DataFrame) -> pl.DataFrame:
    return legs.group_by("line_id").agg(documents=pl.col("item_id").unique().sort().str.join(" "))
