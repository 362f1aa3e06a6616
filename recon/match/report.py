"""The frames of a Matching: LEGS and UNMATCHED of what was kept.

In: kept drafts with rank and probability. Out: exact frames of recon.schema, sorted by their keys.
"""

from __future__ import annotations

import polars as pl

from recon.match.assign import CHOSEN_FROM
from recon.match.book import Book
from recon.match.drafts import Drafts
from recon.schema import LEGS, UNMATCHED, conform

_NOTHING_BELOW = 0.05
_TIE_SHARE = 0.95
"""A rival this near in probability makes a tie."""


def legs_frame(ids: pl.DataFrame, some: Drafts, book: Book) -> pl.DataFrame:
    """LEGS of the kept drafts. ids: `d proposal_id`."""
    legs = some.legs.join(ids, on="d").join(book.lines.select("l", "line_id"), on="l")
    legs = legs.join(book.items.select("i", "item_id"), on="i", how="left")
    legs = legs.with_columns(pl.coalesce("item_id", "to").alias("item_id"))
    return conform(legs.sort("proposal_id", "line_id", "item_id"), LEGS)


def unmatched_frame(
    taken: pl.DataFrame,
    standing: pl.DataFrame,
    rivals: pl.DataFrame,
    likely: pl.DataFrame,
    some: Drafts,
    book: Book,
) -> pl.DataFrame:
    """UNMATCHED: lines without a proposal of rank 1, with the probability that nothing here belongs to them.

    taken: `d` of rank 1. standing: of rank.standing. rivals: of rank.rivals. likely: `d probability`.
    """
    matched = some.legs.join(taken, on="d", how="semi").select("l").unique()
    left = book.lines.select("l", "line_id", "kind").join(matched, on="l", how="anti")
    of_lines = some.legs.select("d", "l").unique().join(left, on="l", how="semi").join(likely, on="d")
    sums = (
        of_lines.sort("l", "d")
        .group_by("l", maintain_order=True)
        .agg(some_probability=pl.col("probability").sum())
    )
    best = (
        standing.join(left, on="l", how="semi")
        .unique("l", keep="first", maintain_order=True)
        .join(rivals.select("d", "rival_probability"), on="d", how="left")
        .select("l", "probability", "rival_probability")
    )
    whole = left.join(sums, on="l", how="left").join(best, on="l", how="left")
    none = (1.0 - pl.col("some_probability").fill_null(0.0)).clip(0.0, 1.0).round(12)
    return conform(whole.with_columns(reason=_reason(), none_probability=none).sort("line_id"), UNMATCHED)


def _reason() -> pl.Expr:
    best, rival = pl.col("probability").fill_null(0.0), pl.col("rival_probability").fill_null(0.0)
    likely_one_of_them = (best + rival >= CHOSEN_FROM * 0.99) | (
        pl.col("some_probability").fill_null(0.0) >= CHOSEN_FROM
    )
    alike = (rival >= best * _TIE_SHARE) & (best >= rival * _TIE_SHARE)
    tie = alike & likely_one_of_them & (best > 0)
    return (
        pl.when(tie | (best >= CHOSEN_FROM))
        .then(pl.lit("tie"))
        .when(pl.col("kind").is_in(["fee", "interest"]))
        .then(pl.lit("needs_rule"))
        .when(best < _NOTHING_BELOW)
        .then(pl.lit("nothing_fits"))
        .otherwise(pl.lit("below_threshold"))
    )
