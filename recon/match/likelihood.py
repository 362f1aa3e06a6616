"""The weights that answer questions best: of a line's alternatives, or none of them, which is right?

In: for each alternative its line, whether it is the answer, and its levels as numbers. Out: weights of greatest
likelihood (softmax over a line's alternatives, McFadden's conditional logit), each drawn back to the value it
started from, so that a few answers move little and many move much. Always the same weights for the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.match.drafts import KINDS, says_column
from recon.match.weights import LEVELS, Model

SPREAD = 1.5
"""How far, in bits, a stated weight is expected to lie from where it started before any answer is seen."""
_STEPS = 80
_ENOUGH = 1e-6
_BIT = float(np.log(2.0))
PRIOR = "prior"


@dataclass(frozen=True)
class Questions:
    """line, right, fixed (bits of what is not learnt) for each alternative; codes: a row an alternative, places in
    `names` (its length: says nothing). none: odds of "none of these" for each line. worth: what one answer counts."""

    line: np.ndarray
    right: np.ndarray
    fixed: np.ndarray
    codes: np.ndarray
    none: np.ndarray
    names: list[tuple[str, str]]
    worth: float = 1.0


def questions(
    rows: pl.DataFrame, model: Model, learnt: tuple[str, ...], none: pl.DataFrame, worth: float = 1.0
) -> Questions:
    """Questions of rows `l right` + kind and levels. learnt: features whose weights are sought, `prior` for the
    kinds' own. none: `l odds` beyond 1. The other features count as the model has them."""
    ordered = rows.sort("l")
    names, codes, start = [], [], 0
    for feature in learnt:
        levels = KINDS.categories if feature == PRIOR else LEVELS[feature].categories
        column = ordered["kind" if feature == PRIOR else says_column(feature)]
        codes.append(column.to_physical().cast(pl.Int64).fill_null(-start - 1).to_numpy() + start)
        names += [(feature, level) for level in levels]
        start += len(levels)
    number = ordered["l"].rank("dense").to_numpy().astype(np.int64) - 1
    lines = ordered.select("l").unique().sort("l").join(none, on="l", how="left", maintain_order="left")
    table = np.column_stack(codes)
    return Questions(
        line=number,
        right=ordered["right"].to_numpy().astype(np.float64),
        fixed=_fixed(ordered, model, learnt),
        codes=np.where(table < 0, len(names), table),
        none=1.0 + lines["odds"].fill_null(0.0).to_numpy(),
        names=names,
        worth=worth,
    )


def _fixed(rows: pl.DataFrame, model: Model, learnt: tuple[str, ...]) -> np.ndarray:
    from recon.match.score import scored

    silent = rows.with_columns(
        pl.lit(None, dtype=LEVELS[feature]).alias(says_column(feature))
        for feature in learnt
        if feature != PRIOR
    )
    told = scored(silent, model)
    return (told["score"] - told["prior"] if PRIOR in learnt else told["score"]).to_numpy()


def sought(asked: Questions, start: np.ndarray, spread: float = SPREAD) -> np.ndarray:
    """The weights of greatest likelihood under a normal prior around `start`.

    Each step follows the slope, scaled by the curvature of each weight, and is halved until it gains.
    """
    size, features = len(start), asked.codes.shape[1]
    weights, pace = start.copy(), 1.0
    value, share = _likelihood(asked, weights, start, spread)
    for _ in range(_STEPS):
        slope = asked.worth * _BIT * _by_level(asked.codes, asked.right - share, size)
        slope -= (weights - start) / spread**2
        curve = asked.worth * _BIT**2 * features * _by_level(asked.codes, share * (1.0 - share), size)
        tried = weights + pace * slope / (curve + 1.0 / spread**2)
        new_value, new_share = _likelihood(asked, tried, start, spread)
        if new_value <= value:
            pace /= 2.0
            if pace < _ENOUGH:
                break
            continue
        gained = new_value - value
        weights, value, share, pace = tried, new_value, new_share, min(1.5, pace * 1.5)
        if gained < _ENOUGH * abs(value):
            break
    return weights


def _likelihood(
    asked: Questions, weights: np.ndarray, start: np.ndarray, spread: float
) -> tuple[float, np.ndarray]:
    """Log likelihood of the answers with the prior's part, and each alternative's share of its line."""
    score = asked.fixed + np.append(weights, 0.0)[asked.codes].sum(axis=1)
    odds = np.exp2(np.clip(score, -40.0, 40.0))
    total = asked.none + np.bincount(asked.line, odds, len(asked.none))
    answered = np.bincount(asked.line, asked.right * odds, len(asked.none))
    chance = np.where(answered > 0, answered, asked.none) / total
    distance = float(((weights - start) ** 2).sum()) / (2.0 * spread**2)
    return asked.worth * float(np.log(chance).sum()) - distance, odds / total[asked.line]


def _by_level(codes: np.ndarray, of_alternatives: np.ndarray, size: int) -> np.ndarray:
    """The sum over alternatives for each level they have."""
    spread = np.repeat(of_alternatives, codes.shape[1])
    return np.bincount(codes.ravel(), spread, size + 1)[:size]
