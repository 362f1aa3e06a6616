"""Labelled books: what a bank and a ledger would hand over, and beside it the truth.

In: the frames of `make`. Out: LINES, ITEMS, links and cases; what a bookkeeper decided up to some line;
the books that are left after that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from recon.bench.books.draw import stream
from recon.policy import Policy
from recon.schema import ACCEPTED, REJECTED, History, conform

BY = "bookkeeper"
REJECTED_SHARE = 0.03


@dataclass(frozen=True)
class LabelledBooks:
    """lines: LINES in order of time, as a bank gives them. items: ITEMS, open by their total, or settled (0).

    links: `line_id item_id amount_minor item_amount_minor`, the truth; an own transfer links both lines, its
    `item_id` is `line:<the other>`. cases: `line_id kind evidence`, one row a line. policy: own accounts and rates.
    """

    lines: pl.DataFrame
    items: pl.DataFrame
    links: pl.DataFrame
    cases: pl.DataFrame
    policy: Policy

    def history(self, decisions: int, seed: int = 0) -> History:
        """The first lines in time that belong to something, decided a day after their booking.

        An own transfer is decided with both its ends. Some wrong pairs were rejected on the way: the same
        line with another document of the same amount, or the next larger one. lines and items are the whole books.
        """
        linked = self.lines.join(
            self.links.select("line_id").unique(), on="line_id", how="semi", maintain_order="left"
        )
        early = linked.head(decisions).select("line_id")
        ends = self.links.join(early, on="line_id", how="semi").select(
            line_id=pl.col("item_id").str.extract(r"^line:(.+)$", 1)
        )
        decided = pl.concat([early, ends.drop_nulls()]).unique().sort("line_id")
        pairs = self.links.join(decided, on="line_id", how="semi").sort("line_id", "item_id")
        accepted = conform(self._stamped(pairs), ACCEPTED)
        return History(
            self.lines, self.items, accepted, conform(self._stamped(self._wrong(pairs, seed)), REJECTED)
        )

    def after(self, history: History) -> LabelledBooks:
        """The books with decided lines taken out and documents open by what is left of them."""
        decided = history.accepted.select("line_id").unique()
        given = history.accepted.group_by("item_id").agg(given=pl.col("item_amount_minor").sum())
        items = self.items.join(given, on="item_id", how="left", maintain_order="left")
        rest = pl.col("open_minor") - pl.col("given").fill_null(0)
        return replace(
            self,
            lines=_without(self.lines, decided),
            items=items.with_columns(open_minor=rest).drop("given"),
            links=_without(self.links, decided),
            cases=_without(self.cases, decided),
        )

    def _stamped(self, pairs: pl.DataFrame) -> pl.DataFrame:
        dated = pairs.join(self.lines.select("line_id", "booking_date"), on="line_id", maintain_order="left")
        at = (pl.col("booking_date") + pl.duration(days=1)).cast(pl.Datetime("us")) + pl.duration(hours=9)
        return dated.with_columns(decided_at=at.dt.replace_time_zone("UTC"), by=pl.lit(BY))

    def _wrong(self, pairs: pl.DataFrame, seed: int) -> pl.DataFrame:
        """A few decided lines beside the document that follows theirs by currency and amount."""
        ranked = self.items.sort("currency", "total_minor", "item_id").select(
            "item_id", other=pl.col("item_id").shift(-1)
        )
        alone = pairs.filter(pl.len().over("line_id") == 1)
        dice = stream(seed, "rejected")
        chosen = alone.filter(pl.Series(dice.random(alone.height) < REJECTED_SHARE))
        beside = chosen.join(ranked, on="item_id", maintain_order="left").drop_nulls("other")
        return beside.select("line_id", item_id="other")


def _without(frame: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    return frame.join(decided, on="line_id", how="anti", maintain_order="left")
