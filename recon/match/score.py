"""Adds up: prior + the weights of the levels = the score of a draft, in log2 odds against "none of these".

In: drafts with a level per feature, a Model. Out: the same with `prior` and `score`; and what documents that
were too many to list are worth together for a line.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.match.amounts import RELATIONS
from recon.match.block import Candidates
from recon.match.book import Book
from recon.match.drafts import KINDS, says_column
from recon.match.weights import FEATURES, Model


def weight(column: pl.Series, feature: str, model: Model) -> np.ndarray:
    """The weights of a column of levels; silence weighs nothing."""
    table = np.array([*model.levels(feature), 0.0])
    return table[column.to_physical().fill_null(len(table) - 1).to_numpy()]


def scored(heads: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Heads with `prior` by kind and `score`; a feature without a column says nothing."""
    priors = np.array([model.priors.get(kind, -9.0) for kind in KINDS.categories])
    prior = priors[heads["kind"].to_physical().to_numpy()]
    total = prior.copy()
    for feature in FEATURES:
        if says_column(feature) in heads.columns:
            total += weight(heads[says_column(feature)], feature, model)
    return heads.with_columns(prior=pl.Series(prior), score=pl.Series(total))


def unseen(book: Book, found: Candidates, model: Model) -> pl.DataFrame:
    """`l odds`: what documents of the line's exact amount that were not listed weigh for it, all together.

    Each counts as one of which nothing is known but its amount, and that its name is not the one shown.
    """
    exact = found.pairs.filter(pl.col("relation") == pl.lit("exact", dtype=RELATIONS))
    listed = exact.group_by("l").agg(listed=pl.len())
    many = found.crowd.join(listed, on="l", how="left").with_columns(
        left=pl.col("same").cast(pl.Int64) - pl.col("listed").fill_null(0).cast(pl.Int64)
    )
    many = many.filter(pl.col("left") > 0).join(
        book.lines.select("l", named=pl.col("counterparty_name").is_not_null()), on="l"
    )
    sizes = {"exact_few": 5, "exact_some": 24, "exact_common": 200}
    level = pl.lit(model.weights["amount", "exact_dense"])
    for name, size in reversed(sizes.items()):
        level = pl.when(pl.col("same") <= size).then(model.weights["amount", name]).otherwise(level)
    differs = pl.when("named").then(model.weights["name", "differs"]).otherwise(0.0)
    bits = model.priors["one_to_one"] + level + differs
    return many.select("l", odds=pl.lit(2.0).pow(bits) * pl.col("left")).sort("l")
