"""Old and new proposals as one Matching, and whether they fit together.

In: what stood, and what some lines got anew. Out: a Matching in the order of recon.match.propose. Never changes
a proposal.
"""

from __future__ import annotations

import polars as pl

from recon.schema import Matching

_ROUNDED = 1e-9
_DIGITS = 8
"""Of a probability; what moves by less is not passed on."""


def restricted(matching: Matching, line_ids: pl.Series) -> Matching:
    """Only the proposals that touch these lines, with all their legs."""
    touching = (
        matching.legs.filter(pl.col("line_id").is_in(line_ids.implode())).select("proposal_id").unique()
    )
    return _kept(matching, touching, "semi", pl.col("line_id").is_in(line_ids.implode()))


def merged(
    old: Matching, new: Matching, line_ids: pl.Series, lines: pl.DataFrame, items: pl.DataFrame
) -> Matching:
    """`new` for these lines, `old` for all others. lines, items: of the whole ledger now.

    Lines that are no longer among `lines` leave with all their proposals.
    """
    there = pl.col("line_id").is_in(lines["line_id"].implode())
    renewed = pl.col("line_id").is_in(line_ids.implode())
    out = old.legs.filter(renewed | ~there).select("proposal_id").unique()
    stays, comes = _kept(old, out, "anti", ~renewed & there), restricted(new, line_ids)

    def evidence() -> pl.DataFrame:
        return pl.concat([stays.evidence, comes.evidence]).sort(
            "proposal_id", "weight", "feature", descending=[False, True, False]
        )

    return Matching(
        proposals=pl.concat([stays.proposals, comes.proposals]).sort(
            "rank", "probability", "proposal_id", descending=[False, True, False]
        ),
        legs=pl.concat([stays.legs, comes.legs]).sort("proposal_id", "line_id", "item_id"),
        unmatched=pl.concat([stays.unmatched, comes.unmatched]).sort("line_id"),
        lines=lines,
        items=items,
        calibrated=new.calibrated,
        telling=evidence,
    )


def _kept(matching: Matching, some: pl.DataFrame, how: str, lines: pl.Expr) -> Matching:
    def of(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(some, on="proposal_id", how=how, maintain_order="left")  # ty: ignore[invalid-argument-type]

    return Matching(
        proposals=of(matching.proposals),
        legs=of(matching.legs),
        unmatched=matching.unmatched.filter(lines),
        lines=matching.lines,
        items=matching.items,
        calibrated=matching.calibrated,
        telling=lambda: of(matching.evidence),
    )


def differing(old: Matching, new: Matching, line_ids: pl.Series) -> pl.Series:
    """Those of these lines that have other proposals now than before, or the same at another rank or probability."""
    one, other = (_told(each, line_ids) for each in (old, new))
    apart = pl.concat(
        [one.join(other, on=one.columns, how="anti"), other.join(one, on=one.columns, how="anti")]
    )
    return apart["line_id"].unique().sort()


def _told(matching: Matching, line_ids: pl.Series) -> pl.DataFrame:
    some = (
        matching.legs.filter(pl.col("line_id").is_in(line_ids.implode()))
        .select("line_id", "proposal_id")
        .unique()
    )
    told = matching.proposals.select("proposal_id", "rank", pl.col("probability").round(_DIGITS))
    return some.join(told, on="proposal_id")


def beyond(matching: Matching, line_ids: pl.Series) -> pl.Series:
    """Lines outside these with which a proposal of these shares a leg."""
    inside = pl.col("line_id").is_in(line_ids.implode())
    legs = matching.legs.filter(inside.any().over("proposal_id") & ~inside)
    return legs["line_id"].unique().sort()


def sharing(matching: Matching, item_ids: pl.Series) -> pl.Series:
    """Lines that a proposal gives one of these documents."""
    return matching.legs.filter(pl.col("item_id").is_in(item_ids.implode()))["line_id"].unique().sort()


def clashing(matching: Matching, per_line: int) -> pl.Series:
    """Lines whose proposals do not fit together: of rank 1 two, or none and no word of it, or more of a
    document than is open; of all, more than are kept, more than certainty, or a rival that is no longer
    there."""
    chosen = pl.col("rank") == 1
    told = matching.proposals.select(
        "proposal_id", "rank", "probability",
        lost=pl.col("rival").is_not_null() & ~pl.col("rival").is_in(pl.col("proposal_id").implode()),
    )  # fmt: skip
    legs = matching.legs.join(told, on="proposal_id")
    stands = legs.unique(["line_id", "proposal_id"]).with_columns(
        total=pl.col("probability").sum().over("line_id"),
        firsts=chosen.sum().over("line_id"),
        count=pl.len().over("line_id"),
    )
    beyond_all = (pl.col("total") > 1 + _ROUNDED) | (pl.col("firsts") > 1) | (pl.col("count") > per_line)
    first = legs.filter(chosen)
    asked = first.join(matching.items.select("item_id", "open_minor"), on="item_id")
    over = asked.filter(pl.col("item_amount_minor").sum().over("item_id").abs() > pl.col("open_minor").abs())
    once = pl.concat([first.select("line_id").unique(), matching.unmatched.select("line_id")])
    twice = once.filter(once.is_duplicated())
    nowhere = matching.lines.select("line_id").join(once, on="line_id", how="anti")
    some = [stands.filter(beyond_all | pl.col("lost")), over, twice, nowhere]
    return pl.concat([one["line_id"] for one in some]).unique().sort()
