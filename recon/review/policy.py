"""Which proposals the program may accept by itself: none, until the company says so."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class AutoAccept:
    """The company's word on acting alone. `approved_by` is the person who switched it on.

    measured: also what decided history bears out, not only full payment references. stopped: why it was switched
    off by itself, until a person switches it on again. sample: share of these matches that a person looks over.
    """

    on: bool = False
    approved_by: str | None = None
    max_minor: int = 1_000_000
    measured: bool = False
    stopped: str | None = None
    sample: float = 0.05


def acceptable(proposals: pl.DataFrame, legs: pl.DataFrame, auto: AutoAccept) -> list[str]:
    """Ids of proposals to accept without a person, best first.

    proposals: PROPOSALS; legs: LEGS. Only rank 1, marked `auto` by the engine, without a difference, and
    no leg larger than `max_minor`; none at all unless switched on by a named person.
    """
    if not auto.on or not auto.approved_by:
        return []
    largest = legs.group_by("proposal_id").agg(largest=pl.col("amount_minor").abs().max())
    chosen = proposals.join(largest, on="proposal_id", how="inner", validate="1:1").filter(
        pl.col("auto")
        & (pl.col("rank") == 1)
        & (pl.col("difference_minor") == 0)
        & (pl.col("largest") <= auto.max_minor)
    )
    return chosen.sort("score", "proposal_id", descending=[True, False])["proposal_id"].to_list()
