"""Adds up: prior + the weights of the levels = the score of a draft, in log2 odds.

In: drafts with a level per feature. Out: the same with `prior`, `score` and a weight column per feature.
"""

from __future__ import annotations

import polars as pl

from recon.match.weights import FEATURES, Model


def level_column(feature: str) -> str:
    return f"{feature}_says"


def weight_column(feature: str) -> str:
    return f"{feature}_weight"


def scored(drafts: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Drafts with their weights, `prior` by kind and `score`; a level unknown to the model weighs nothing."""
    weights = [
        pl.col(level_column(feature))
        .replace_strict(model.levels(feature), default=0.0, return_dtype=pl.Float64)
        .fill_null(0.0)
        .alias(weight_column(feature))
        for feature in FEATURES
    ]
    prior = pl.col("kind").replace_strict(dict(model.priors), default=-9.0, return_dtype=pl.Float64)
    total = pl.col("prior")
    for feature in FEATURES:
        total = total + pl.col(weight_column(feature))
    return drafts.with_columns(*weights, prior=prior).with_columns(score=total)
