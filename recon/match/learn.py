"""Weights refitted to what people decided, held to the stated weights where decisions are few.

In: a History. Out: a Model. Each decided line is one question: which of its drafts, or none, is right? The
weights that answer best are sought (softmax over a line's alternatives), each drawn back to its stated value,
so that a few decisions move little and many move much. Payer memory takes no part, or accepted pairs would
prove themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.match.book import open_book
from recon.match.drafts import Drafts
from recon.match.propose import all_drafts
from recon.match.score import level_column
from recon.match.weights import FEATURES, STATED, Model
from recon.policy import Policy
from recon.schema import ITEMS, LINES, REJECTED, History, conform

_SPREAD = 1.5
"""How far, in bits, a weight is expected to lie from its stated value before any decision is seen."""
_STEPS = 200
_BIT = float(np.log(2.0))
_LEAST = 20
"""Decided lines below which nothing is refitted."""


@dataclass(frozen=True)
class _Questions:
    """Drafts of decided lines: the line of each, whether it is the answer, its kind and levels as numbers."""

    line: np.ndarray
    right: np.ndarray
    codes: np.ndarray
    names: list[tuple[str, str]]
    answers: int


def fit(history: History, policy: Policy | None = None) -> Model:
    """The Model this history teaches. With fewer than twenty decided lines it is the stated one.

    Documents are looked at as open by their total, as they were before they were settled.
    """
    decided = history.accepted["line_id"].n_unique() if history.accepted.height else 0
    if decided < _LEAST:
        return STATED
    asked = _questions(history, policy or Policy())
    stated = np.array([_stated(name) for name in asked.names])
    weights = _sought(asked, stated)
    told = {name: float(round(weight, 6)) for name, weight in zip(asked.names, weights, strict=True)}
    priors = {
        **STATED.priors,
        **{level: told[feature, level] for feature, level in told if feature == "prior"},
    }
    levels = {**STATED.weights, **{name: weight for name, weight in told.items() if name[0] != "prior"}}
    return Model(weights=levels, priors=priors, decisions=asked.answers)


def _stated(name: tuple[str, str]) -> float:
    feature, level = name
    return STATED.priors[level] if feature == "prior" else STATED.weights.get(name, 0.0)


def _questions(history: History, policy: Policy) -> _Questions:
    items = history.items.with_columns(open_minor=pl.col("total_minor"))
    lines = history.lines.join(history.accepted.select("line_id").unique(), on="line_id", how="semi")
    book = open_book(conform(lines, LINES), conform(items, ITEMS), None, REJECTED.empty())
    some = all_drafts(book, policy, STATED, History())
    marked = _marked(some, history, book.lines)
    columns = {"prior": pl.col("kind"), **{feature: pl.col(level_column(feature)) for feature in FEATURES}}
    levels = marked.select(expr.alias(feature) for feature, expr in columns.items())
    names = sorted(
        {(feature, level) for feature in columns for level in levels[feature].drop_nulls().unique()}
    )
    number = {name: place for place, name in enumerate(names)}
    none = len(names)  # a level that says nothing
    codes = np.column_stack(
        [[number.get((feature, level), none) for level in levels[feature]] for feature in columns]
    ).astype(np.int64)  # fmt: skip
    return _Questions(
        line=(marked["l"].rank("dense") - 1).cast(pl.Int64).to_numpy(),
        right=marked["right"].cast(pl.Float64).to_numpy(),
        codes=codes.reshape(marked.height, len(columns)),
        names=names,
        answers=marked["l"].n_unique(),
    )


def _marked(some: Drafts, history: History, lines: pl.DataFrame) -> pl.DataFrame:
    """Drafts of one line each, `right` where the documents are exactly those people gave that line.

    A fee booked beside the documents is no document; a line booked to accounts alone has none.
    """
    to_account = pl.col("item_id").str.starts_with("account:")
    taken = history.accepted.join(lines.select("line_id", "l"), on="line_id").filter(
        ~to_account | to_account.all().over("l")
    )
    truth = taken.group_by("l").agg(truth=pl.col("item_id").unique().sort().str.join("\x1f"))
    single = pl.col("l").n_unique().over("d") == 1
    claims = some.legs.filter(single).group_by("d").agg(
        pl.col("l").first(), claim=pl.col("item_id").sort().str.join("\x1f")
    )  # fmt: skip
    marked = claims.join(truth, on="l").join(some.heads, on="d").sort("l", "d")
    return marked.with_columns(right=pl.col("claim") == pl.col("truth"))


def _sought(asked: _Questions, stated: np.ndarray) -> np.ndarray:
    """The weights of greatest likelihood under a normal prior around the stated ones; always the same ones.

    Each step follows the slope, scaled by the curvature of each weight, and is halved until it gains.
    """
    size, features = len(stated), asked.codes.shape[1]
    weights, pace = stated.copy(), 1.0
    worth, share = _likelihood(asked, weights, stated)
    for _ in range(_STEPS):
        slope = _BIT * _by_level(asked.codes, asked.right - share, size) - (weights - stated) / _SPREAD**2
        curve = _BIT**2 * features * _by_level(asked.codes, share * (1.0 - share), size) + 1.0 / _SPREAD**2
        tried = weights + pace * slope / curve
        new_worth, new_share = _likelihood(asked, tried, stated)
        if new_worth <= worth:
            pace /= 2.0
            continue
        weights, worth, share, pace = tried, new_worth, new_share, min(1.0, pace * 1.5)
    return weights


def _likelihood(asked: _Questions, weights: np.ndarray, stated: np.ndarray) -> tuple[float, np.ndarray]:
    """Log likelihood of the answers with the prior's part, and each draft's share of its line."""
    score = np.append(weights, 0.0)[asked.codes].sum(axis=1)
    odds = np.exp2(np.clip(score, -40.0, 40.0))
    total = 1.0 + np.bincount(asked.line, odds)
    answered = np.bincount(asked.line, asked.right * odds)
    chance = np.where(answered > 0, answered, 1.0) / total
    distance = float(((weights - stated) ** 2).sum()) / (2.0 * _SPREAD**2)
    return float(np.log(chance).sum()) - distance, odds / total[asked.line]


def _by_level(codes: np.ndarray, of_drafts: np.ndarray, size: int) -> np.ndarray:
    """The sum over drafts for each level they have."""
    spread = np.repeat(of_drafts[:, None], codes.shape[1], axis=1)
    return np.bincount(codes.ravel(), spread.ravel(), size + 1)[:size]
