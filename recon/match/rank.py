"""Which drafts are shown, in what place, and who is their strongest rival.

In: drafts with probabilities and the choice. Out: `d probability rank rival`. A line keeps at most
`policy.per_line` proposals; without a chosen one its places start at 2.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.match.drafts import Drafts
from recon.policy import Policy

SHOWN_FROM = 0.001


def standing(some: Drafts, likely: pl.DataFrame) -> pl.DataFrame:
    """`d l probability` of the drafts worth a look: likely enough to be shown, or the best of a line of theirs.

    likely: `d probability` of all drafts, in the order of `d`.
    """
    draft, line = some.legs["d"].to_numpy(), some.legs["l"].to_numpy()
    probability = likely["probability"].to_numpy()[draft]
    best = np.zeros(int(line.max(initial=0)) + 1)
    np.maximum.at(best, line, probability)
    worth = np.zeros(likely.height, dtype=bool)
    worth[draft[(probability >= SHOWN_FROM) | (probability == best[line])]] = True
    rows = pl.DataFrame({"d": draft, "l": line, "probability": probability}).filter(pl.Series(worth[draft]))
    return rows.unique().sort("l", "probability", "d", descending=[False, True, False])


def ranked(standing: pl.DataFrame, first: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`d probability rank`: the kept drafts. Rank 1 is chosen; a draft of several lines has its best place.

    standing: of the function of this name. first: `d` that were chosen.
    """
    told = standing.join(
        first.with_columns(first=pl.lit(value=True)), on="d", how="left", maintain_order="left"
    )
    told = told.with_columns(pl.col("first").fill_null(value=False))
    of_lines = told.sort(
        "l", "first", "probability", "d", descending=[False, True, True, False]
    ).with_columns(place=pl.int_range(1, pl.len() + 1).over("l"), settled=pl.col("first").any().over("l"))
    places = of_lines.group_by("d").agg(
        pl.col("probability", "first").first(),
        best=(pl.col("place") + (~pl.col("settled")).cast(pl.Int64)).min(),
        worst=pl.col("place").max(),
    )
    shown = (pl.col("probability") >= SHOWN_FROM) | (pl.col("worst") == 1)
    kept = places.filter(pl.col("first") | ((pl.col("worst") <= policy.per_line) & shown))
    rank = pl.when("first").then(1).otherwise(pl.max_horizontal("best", pl.lit(2)))
    return kept.select("d", "probability", rank=rank.cast(pl.Int64)).sort("d")


def rivals(kept: pl.DataFrame, some: Drafts, contested: pl.DataFrame) -> pl.DataFrame:
    """`d rival rival_probability`: the most probable other draft that wants the same line or contested document.

    contested: of contest.contested_items.
    """
    legs = some.legs.join(kept.select("d", "probability"), on="d")
    contested = legs.drop_nulls("i").join(contested, on="i", how="semi")
    # Lines have even keys, documents odd ones.
    places = pl.concat(
        [
            legs.select("d", "probability", key=pl.col("l").cast(pl.UInt64) * 2),
            contested.select("d", "probability", key=pl.col("i").cast(pl.UInt64) * 2 + 1),
        ]
    ).unique()
    ordered = places.filter(pl.len().over("key") > 1).sort(
        "key", "probability", "d", descending=[False, True, False]
    )
    two = ordered.group_by("key", maintain_order=True).head(2)
    two = two.select("key", rival="d", rival_probability="probability")
    others = ordered.select("d", "key").join(two, on="key")
    return (
        others.filter(pl.col("d") != pl.col("rival"))
        .sort("d", "rival_probability", "rival", descending=[False, True, False])
        .unique("d", keep="first", maintain_order=True)
        .select("d", "rival", "rival_probability")
    )
