"""How the engine would have done on what people decided since: replayed, not remembered.

In: decided lines, documents as open as before they were decided, and what was known by then. Out: for each line what
people gave it, what the engine would have said, and how likely it held the right answer. Never writes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from recon.clock import BANK_ZONE
from recon.flow.matching import own_accounts, propose
from recon.flow.workspace import Store
from recon.policy import Policy
from recon.schema import LINES, History, Matching, conform
from recon.store import statements

ACCOUNT = "account:"
_LEAST = 2.0**-10
"""What an answer that was not proposed is taken to have been given, at least."""


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
    def auto_coverage(self) -> float:
        """Share of the decided lines whose proposal was marked `auto`."""
        return _share(self.lines["auto"])

    @property
    def auto_precision(self) -> float:
        """Share of the proposals marked `auto` that named exactly the documents people chose."""
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
    left out: they name no document. policy: as in the workspace where none is given. model: that weighs, else
    the stated weights.
    """
    history = store.history()
    asked = history.accepted.filter(_in_period(since, until) & ~pl.col("item_id").str.starts_with(ACCOUNT))
    known = pl.col("decided_at") < asked["decided_at"].min() if asked.height else pl.lit(value=True)
    before = replace(
        history,
        items=reopened(history.items, asked),
        accepted=history.accepted.filter(known),
        rejected=history.rejected.filter(known),
    )
    lines = history.lines.join(asked, on="line_id", how="semi")
    result = replayed(store, lines, before, whole_policy(store, policy), model)
    answered = answers(result, asked)
    return Backtest(answered.select("line_id", "decided", "proposed", "probability", "auto", "right"))


def replayed(store: Store, lines: pl.DataFrame, before: History, policy: Policy, model: Any) -> Matching:
    """The engine's word on these lines, with `before.items` as open as they say, and what was decided before.

    lines: LINES, whole amounts. Batched lines keep their parts.
    """
    with store.database.read() as c:
        parts = statements.parts(c).join(lines, on="line_id", how="semi")
    return propose(conform(lines, LINES), before.items, parts, policy=policy, model=model, history=before)


def whole_policy(store: Store, policy: Policy | None = None) -> Policy:
    """The policy, by default the workspace's, with the company's own accounts, between which money is transferred."""
    chosen = policy or store.preferences().policy
    return replace(chosen, own_accounts=tuple(dict.fromkeys((*chosen.own_accounts, *own_accounts(store)))))


def reopened(items: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """ITEMS with what the asked decisions (ACCEPTED) settled open again."""
    given = asked.group_by("item_id").agg(pl.col("item_amount_minor").sum().alias("given"))
    return (
        items.join(given, on="item_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(open_minor=pl.col("open_minor") + pl.col("given").fill_null(0))
        .drop("given")
    )


def answers(result: Matching, asked: pl.DataFrame) -> pl.DataFrame:
    """What the engine said of decided lines, one row each, by line id.

    asked: ACCEPTED. Returns `line_id decided proposed probability auto right chance`: chance is the probability that
    the engine gave to what people chose, a document or none. A fee booked beside documents is no document, and of a
    line booked to accounts alone the answer is none: whoever proposes a document for it is wrong.
    """
    decided = asked.group_by("line_id").agg(decided=documents())
    claims = (
        result.legs.group_by("proposal_id", "line_id")
        .agg(proposed=documents())
        .join(result.proposals, on="proposal_id")
    )
    best = claims.filter(pl.col("rank") == 1).select("line_id", "proposed", "probability", "auto")
    rows = decided.join(best, on="line_id", how="left", validate="1:1").join(
        _chances(claims, decided), on="line_id", how="left", validate="1:1"
    )
    named = pl.col("proposed").list.len() > 0
    return rows.sort("line_id").with_columns(
        pl.col("auto").fill_null(value=False),
        right=(pl.col("decided") == pl.col("proposed")).fill_null(value=False),
        names_document=named.fill_null(value=False),
    )


def documents() -> pl.Expr:
    """The documents of a line or proposal as a sorted list; empty where money went to accounts alone."""
    item = pl.col("item_id")
    return item.filter(~item.str.starts_with(ACCOUNT)).unique().sort()


def _chances(claims: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """`line_id chance` of what people chose; of no document, whatever documents leave over."""
    weighed = claims.sort("line_id", "proposal_id").join(decided, on="line_id")
    hit = pl.col("proposed") == pl.col("decided")
    right = pl.col("probability").filter(hit).sum()
    other = pl.col("probability").filter(pl.col("proposed").list.len() > 0).sum()
    none = pl.col("decided").list.len() == 0
    told = weighed.group_by("line_id", maintain_order=True).agg(
        chance=pl.when(none.first()).then(1.0 - other).otherwise(right)
    )
    every = decided.join(told, on="line_id", how="left").select(
        "line_id", chance=pl.col("chance").fill_null(pl.when(none).then(1.0).otherwise(0.0))
    )
    return every.with_columns(pl.col("chance").clip(_LEAST, 1.0))


def _in_period(since: date | None, until: date | None) -> pl.Expr:
    day = pl.col("decided_at").dt.convert_time_zone(str(BANK_ZONE)).dt.date()
    after = day >= since if since else pl.lit(value=True)
    return after & (day < until) if until else after


def _share(flags: pl.Series) -> float:
    return int(flags.sum()) / flags.len() if flags.len() else 0.0
