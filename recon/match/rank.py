"""Which drafts are shown, in what place, and who is their strongest rival.

In: drafts with probabilities and the choice. Out: `d probability rank rival`. A line keeps at most
`policy.per_line` proposals; without a chosen one its places start at 2.
"""

from __future__ import annotations

import polars as pl

from recon.match.assign import contested_items
from recon.match.drafts import Drafts
from recon.policy import Policy

SHOWN_FROM = 0.001


def ranked(some: Drafts, likely: pl.DataFrame, first: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`d probability rank`: the kept drafts. Rank 1 is chosen; a draft of several lines has its best place."""
    told = likely.join(first.with_columns(first=pl.lit(True)), on="d", how="left").with_columns(
        pl.col("first").fill_null(False)
    )
    of_lines = (
        some.legs.select("d", "l")
        .unique()
        .join(told, on="d")
        .sort("l", "first", "probability", "d", descending=[False, True, True, False])
        .with_columns(place=pl.int_range(1, pl.len() + 1).over("l"), settled=pl.col("first").any().over("l"))
    )
    places = of_lines.group_by("d").agg(
        pl.col("probability", "first").first(),
        best=(pl.col("place") + (~pl.col("settled")).cast(pl.Int64)).min(),
        worst=pl.col("place").max(),
    )
    shown = (pl.col("probability") >= SHOWN_FROM) | (pl.col("worst") == 1)
    kept = places.filter(pl.col("first") | ((pl.col("worst") <= policy.per_line) & shown))
    rank = pl.when("first").then(1).otherwise(pl.max_horizontal("best", pl.lit(2)))
    return kept.select("d", "probability", rank=rank.cast(pl.Int64)).sort("d")


def rivals(kept: pl.DataFrame, some: Drafts, items: pl.DataFrame) -> pl.DataFrame:
    """`d rival rival_probability`: the most probable other draft that wants the same line or contested document."""
    legs = some.legs.join(kept.select("d", "probability"), on="d")
    contested = legs.drop_nulls("i").join(contested_items(some, items), on="i", how="semi")
    places = pl.concat(
        [
            legs.select("d", "probability", key=pl.format("l{}", "l")),
            contested.select("d", "probability", key=pl.format("i{}", "i")),
        ]
    ).unique()
    ordered = places.sort("key", "probability", "d", descending=[False, True, False])
    two = ordered.group_by("key", maintain_order=True).agg(
        pl.col("d").head(2).alias("rival"), pl.col("probability").head(2).alias("rival_probability")
    )
    others = places.select("d", "key").join(two.explode("rival", "rival_probability"), on="key")
    return (
        others.filter(pl.col("d") != pl.col("rival"))
        .sort("d", "rival_probability", "rival", descending=[False, True, False])
        .unique("d", keep="first", maintain_order=True)
        .select("d", "rival", "rival_probability")
    )
