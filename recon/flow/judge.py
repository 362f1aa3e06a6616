"""How a model does on decided lines that were not shown to it.

In: what was decided before, what was decided then, a model. Out: how often it was right, and how surprised by the right
answer. Never writes anything, and never lets a model be judged on what taught it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import polars as pl

from recon.flow.backtest import answers, reopened, replayed
from recon.flow.workspace import Store
from recon.match.weights import Model
from recon.policy import Policy
from recon.schema import History


@dataclass(frozen=True)
class Judged:
    """How a model did on decided lines that were not shown to it.

    proposed, right, wrong: its first choices, and those that named exactly, or not, what people chose. auto,
    auto_right: of those it would have accepted by itself. log_loss: bits a line, on average, by which the right
    answer surprised it; 0 is knowing.
    """

    lines: int
    proposed: int
    right: int
    wrong: int
    auto: int
    auto_right: int
    log_loss: float

    @property
    def words(self) -> str:
        """`412 right, 3 wrong of 500 lines; 0.21 bits a line`."""
        return f"{self.right:,} right, {self.wrong:,} wrong of {self.lines:,} lines; {self.log_loss:.3f} bits a line"


def decided_lines(history: History) -> pl.DataFrame:
    """`line_id decided_at` of decided lines that stand, in order of time."""
    given = history.accepted.join(history.lines, on="line_id", how="semi")
    return given.group_by("line_id").agg(pl.col("decided_at").max()).sort("decided_at", "line_id")


def without_last(history: History, held: int) -> tuple[History, pl.DataFrame]:
    """The history before its last decided lines, their documents open again, and what these got (ACCEPTED)."""
    last = decided_lines(history).tail(held)
    asked = history.accepted.join(last, on="line_id", how="semi", maintain_order="left")
    early = pl.col("decided_at") < last["decided_at"].min() if held else pl.lit(value=True)
    before = replace(
        history,
        items=reopened(history.items, asked),
        accepted=history.accepted.join(last, on="line_id", how="anti", maintain_order="left"),
        rejected=history.rejected.filter(early),
    )
    return before, asked


def judge(store: Store, before: History, asked: pl.DataFrame, policy: Policy, model: Model | None) -> Judged:
    """Ask a model, or the stated weights, about lines decided after `before`. asked: ACCEPTED of these lines."""
    lines = before.lines.join(asked, on="line_id", how="semi", maintain_order="left")
    told = answers(replayed(store, lines, before, policy, model), asked)
    proposed = told.filter(pl.col("names_document"))
    alone = told.filter("auto")
    bits = -told.sort("line_id")["chance"].log(2.0)
    return Judged(
        lines=told.height,
        proposed=proposed.height,
        right=int(proposed["right"].sum()),
        wrong=int((~proposed["right"]).sum()),
        auto=alone.height,
        auto_right=int(alone["right"].sum()),
        log_loss=round(math.fsum(bits) / max(1, told.height), 9),
    )
