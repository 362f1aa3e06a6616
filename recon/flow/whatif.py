"""What matching would have said of the last twelve months under another policy, beside what it says under this one.

In: a store and a policy that nobody saved. Out: counts for both, and the lines that change. Both are replayed on the
same lines, with documents as open as they were before any of them was decided and memory of earlier lines only, so
that the two differ in the policy alone. Never writes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from recon.flow.backtest import documents, reopened, replayed, whole_policy
from recon.flow.in_use import model_in_use
from recon.flow.workspace import Store
from recon.match.rules import parse_rules
from recon.policy import Policy
from recon.review.policy import AutoAccept, acceptable
from recon.schema import History, Matching
from recon.store import events, models

_LINE = ["line_id", "booking_date", "amount_minor", "currency", "counterparty_name", "text"]


@dataclass(frozen=True)
class Counts:
    """What came of one replay.

    proposed: lines with a first choice. alone: of them, what would be accepted without a person if that were on.
    right, wrong: first choices for lines that people decided, which name exactly their documents, or not.
    alone_right, alone_wrong: the same of those accepted alone. missed: lines that people found documents for, without
    a first choice.
    """

    lines: int
    proposed: int
    alone: int
    decided: int
    right: int
    wrong: int
    missed: int
    alone_right: int
    alone_wrong: int


@dataclass(frozen=True)
class WhatIf:
    """now: under the workspace's policy; then: under the other one.

    changed: lines whose first choice differs, or whether it would be accepted alone, worse ones first: `line_id
    booking_date amount_minor currency counterparty_name text now then decided now_probability then_probability
    now_alone then_alone change`. `now then decided` are documents in words, null for none; `change` is `worse`,
    `better`, or `open` where nobody decided.
    """

    since: date
    now: Counts
    then: Counts
    changed: pl.DataFrame


def what_if(store: Store, policy: Policy, since: date | None = None) -> WhatIf:
    """Replay the lines booked from `since` on, by default twelve months, under this policy and the present one.

    The model in use weighs both times, with its bound for the policy's `auto_risk`. Raises UsageError where a
    rule is not understood.
    """
    parse_rules(policy.rules)
    since = since or a_year_before(store.clock.today())
    present, chosen = whole_policy(store), store.preferences()
    other = whole_policy(store, policy)
    history = store.history()
    lines = history.lines.filter(pl.col("booking_date") >= since)
    before = _before(history, lines)
    with store.database.read() as c:
        taught = models.taught(c, events.head(c).seq)
    truth = taught.accepted.join(lines, on="line_id", how="semi")
    model = model_in_use(store)
    now = _told(replayed(store, lines, before, present, model), truth, chosen.auto)
    then = _told(replayed(store, lines, before, other, model), truth, chosen.auto)
    return WhatIf(since, _counts(now), _counts(then), _changed(now, then, lines, history.items))


def a_year_before(today: date) -> date:
    """The first day of the twelve months that end today."""
    same_day = today.replace(
        year=today.year - 1, day=28 if (today.month, today.day) == (2, 29) else today.day
    )
    return same_day + timedelta(days=1)


def _before(history: History, lines: pl.DataFrame) -> History:
    """What was decided of earlier lines, and documents as open as before these lines were decided."""
    given = history.accepted.join(lines, on="line_id", how="semi")
    return replace(
        history,
        items=reopened(history.items, given),
        accepted=history.accepted.join(lines, on="line_id", how="anti", maintain_order="left"),
        rejected=history.rejected.join(lines, on="line_id", how="anti", maintain_order="left"),
    )


def _told(result: Matching, truth: pl.DataFrame, auto: AutoAccept) -> pl.DataFrame:
    """`line_id proposed probability alone decided right` of every line replayed, by id."""
    alone = acceptable(result.proposals, result.legs, replace(auto, on=True, approved_by="what if"))
    first = result.proposals.filter(rank=1).select(
        "proposal_id", "probability", alone=pl.col("proposal_id").is_in(alone)
    )
    claims = (
        result.legs.join(first, on="proposal_id")
        .group_by("line_id")
        .agg(
            pl.col("item_id").unique().sort().alias("proposed"),
            documents().alias("named"),
            pl.col("probability", "alone").first(),
        )
    )
    given = truth.group_by("line_id").agg(
        pl.col("item_id").unique().sort().alias("decided"), documents().alias("given")
    )
    rows = (
        result.lines.select("line_id")
        .join(claims, on="line_id", how="left")
        .join(given, on="line_id", how="left")
    )
    return rows.sort("line_id").with_columns(
        pl.col("alone").fill_null(value=False), right=pl.col("named") == pl.col("given")
    )


def _counts(told: pl.DataFrame) -> Counts:
    proposed, decided = told.drop_nulls("proposed"), told.drop_nulls("decided")
    judged = proposed.drop_nulls("decided")
    alone = judged.filter("alone")
    return Counts(
        lines=told.height,
        proposed=proposed.height,
        alone=int(told["alone"].sum()),
        decided=decided.height,
        right=int(judged["right"].sum()),
        wrong=int((~judged["right"]).sum()),
        missed=decided.filter(pl.col("proposed").is_null(), pl.col("given").list.len() > 0).height,
        alone_right=int(alone["right"].sum()),
        alone_wrong=int((~alone["right"]).sum()),
    )


def _changed(now: pl.DataFrame, then: pl.DataFrame, lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    both = now.join(then.drop("decided", "given"), on="line_id", suffix="_then", validate="1:1")
    differs = pl.col("proposed").ne_missing(pl.col("proposed_then")) | (
        pl.col("alone") != pl.col("alone_then")
    )
    answer = pl.col("right_then").fill_null(value=False).cast(pl.Int8) - pl.col("right").fill_null(
        value=False
    ).cast(pl.Int8)
    # Of an answer that was right before and after, acting alone on it is the better one; of a wrong one the worse.
    alone = pl.col("alone_then").cast(pl.Int8) - pl.col("alone").cast(pl.Int8)
    lately = pl.when(pl.col("right_then").fill_null(value=False)).then(alone).otherwise(-alone)
    gain = pl.when(answer != 0).then(answer).otherwise(lately)
    change = (
        pl.when(pl.col("decided").is_null())
        .then(pl.lit("open"))
        .when(gain > 0)
        .then(pl.lit("better"))
        .otherwise(pl.lit("worse"))
    )
    rows = both.filter(differs).with_columns(change=change).join(lines.select(_LINE), on="line_id")
    for column, name in (("proposed", "now"), ("proposed_then", "then"), ("decided", "given_to")):
        rows = rows.join(_in_words(rows, column, name, items), on="line_id", how="left")
    order = pl.col("change").cast(pl.Enum(["worse", "better", "open"]))
    return rows.sort(order, "booking_date", "line_id", descending=[False, True, False]).select(
        *_LINE, "now", "then", decided="given_to", now_probability="probability",
        then_probability="probability_then", now_alone="alone", then_alone="alone_then", change="change",
    )  # fmt: skip


def _in_words(rows: pl.DataFrame, column: str, name: str, items: pl.DataFrame) -> pl.DataFrame:
    """`line_id` and what the column's ids are called: `invoice 1042`, `account 7220`, `own transfer`."""
    ids = rows.select("line_id", item_id=column).drop_nulls().explode("item_id")
    known = ids.join(items.select("item_id", "kind", "document_no"), on="item_id", how="left")
    words = (
        pl.when(pl.col("kind").is_not_null())
        .then(pl.format("{} {}", pl.col("kind").str.replace("_", " "), "document_no"))
        .when(pl.col("item_id").str.starts_with("line:"))
        .then(pl.lit("own transfer"))
        .otherwise(pl.col("item_id").str.replace(":", " "))
    )
    return known.group_by("line_id").agg(words.unique().sort().str.join(", ").alias(name))
