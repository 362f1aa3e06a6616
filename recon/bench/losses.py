"""Where the lines that are not right were lost: before they were shown, behind another, or at the choice.

In: Shown and books. Out: lines by where they ended. Never: a blame of one stage for what another cut.
"""

from __future__ import annotations

import polars as pl

from recon.bench.shown import Books, Shown, judged_sets, truth_of

PLACES = (
    "right",
    "shown and likeliest, not chosen",
    "shown behind another",
    "not shown",
)


def losses(shown: Shown, books: Books) -> pl.DataFrame:
    """`documents place lines`, of lines that belong to something: `one` or `several` documents, PLACES.

    Not shown is the loss of blocking, of grouping, and of what was cut below the best few.
    """
    truth = truth_of(books).group_by("line_id").agg(documents=pl.len())
    sets = judged_sets(shown, books).join(shown.proposals, on="proposal_id")
    chance = pl.col("probability").fill_null(1.0)
    best = sets.group_by("line_id").agg(
        chosen=(pl.col("whole") & (pl.col("rank") == 1)).any(),
        shown=pl.col("whole").any(),
        likeliest=chance.filter("whole").max() >= chance.max(),
    )
    places = truth.join(best, on="line_id", how="left").with_columns(
        documents=pl.when(pl.col("documents") == 1).then(pl.lit("one")).otherwise(pl.lit("several")),
        place=pl.when("chosen")
        .then(pl.lit(PLACES[0]))
        .when(pl.col("shown") & pl.col("likeliest"))
        .then(pl.lit(PLACES[1]))
        .when("shown")
        .then(pl.lit(PLACES[2]))
        .otherwise(pl.lit(PLACES[3])),
    )
    return places.group_by("documents", "place").agg(lines=pl.len().cast(pl.Int64)).sort("documents", "place")
