"""How the engine would have done on what people decided since: replayed, not remembered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from recon.clock import BANK_ZONE
from recon.flow.matching import own_accounts, propose
from recon.flow.workspace import Store
from recon.policy import Policy
from recon.schema import History


@dataclass(frozen=True)
class Backtest:
    """One row a decided line: `line_id decided proposed probability auto right`, documents as sorted lists.

    `decided` is what people gave the line to, `proposed` the engine's rank 1 (null where it had none).
    """

    lines: pl.DataFrame

    @property
    def coverage(self) -> float:
        """Share of the decided lines for which the engine had a rank 1 proposal."""
        return _share(self.lines["proposed"].is_not_null())

    @property
    def precision(self) -> float:
        """Share of those proposals that named exactly the documents people chose."""
        return _share(self.lines.filter(pl.col("proposed").is_not_null())["right"])

    @property
    def auto_precision(self) -> float:
        """The same among proposals marked `auto`."""
        return _share(self.lines.filter(pl.col("auto"))["right"])


def backtest(
    store: Store,
    policy: Policy | None = None,
    since: date | None = None,
    until: date | None = None,
    model: Any = None,
) -> Backtest:
    """Propose anew for the lines decided from `since` up to before `until`, knowing only what was decided before.

    Documents are put back as open as they were before those decisions. Bookings to an account alone are
    left out, since the engine proposes documents. policy: as in the workspace where none is given.
    """
    history = store.history()
    asked = history.accepted.filter(_in_period(since, until) & ~pl.col("item_id").str.starts_with("account:"))
    known = pl.col("decided_at") < asked["decided_at"].min() if asked.height else pl.lit(value=True)
    before = replace(
        history, accepted=history.accepted.filter(known), rejected=history.rejected.filter(known)
    )
    lines = history.lines.join(asked, on="line_id", how="semi")
    chosen = policy or store.preferences().policy
    result = propose(
        lines,
        _reopened(history, asked),
        policy=replace(chosen, own_accounts=(*chosen.own_accounts, *own_accounts(store))),
        model=model,
        history=before,
    )
    best = result.legs.join(result.proposals.filter(rank=1), on="proposal_id", how="inner")
    proposed = best.group_by("line_id").agg(
        pl.col("item_id").sort().alias("proposed"), pl.col("probability").first(), pl.col("auto").first()
    )
    decided = asked.group_by("line_id").agg(pl.col("item_id").sort().alias("decided"))
    rows = decided.join(proposed, on="line_id", how="left", validate="1:1").sort("line_id")
    right = (pl.col("decided") == pl.col("proposed")).fill_null(value=False)
    return Backtest(
        rows.select(
            "line_id",
            "decided",
            "proposed",
            "probability",
            pl.col("auto").fill_null(value=False),
            right.alias("right"),
        )
    )


def _in_period(since: date | None, until: date | None) -> pl.Expr:
    day = pl.col("decided_at").dt.convert_time_zone(str(BANK_ZONE)).dt.date()
    after = day >= since if since else pl.lit(value=True)
    return after & (day < until) if until else after


def _reopened(history: History, asked: pl.DataFrame) -> pl.DataFrame:
    """ITEMS with what the asked decisions settled open again."""
    given = asked.group_by("item_id").agg(pl.col("item_amount_minor").sum().alias("given"))
    return (
        history.items.join(given, on="item_id", how="left", validate="1:1")
        .with_columns(open_minor=pl.col("open_minor") + pl.col("given").fill_null(0))
        .drop("given")
    )


def _share(flags: pl.Series) -> float:
    return int(flags.sum()) / flags.len() if flags.len() else 0.0
