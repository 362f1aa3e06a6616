"""Raw probabilities bent to what people decided, so that of all shown with 0.9 nine in ten are right.

In: OUTCOMES, the engine's best proposal of each decided line and whether people chose it. Out: Curves, one for
each way a proposal can come about; calibrated probabilities; measures of how well they hold. It never changes
the order of two proposals of one way and never claims certainty. Method: isotonic regression by pooling
adjacent violators (Ayer et al. 1955), linear between block means (Jiang et al. 2011), in log odds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from recon.errors import DataRefused
from recon.schema import INSTANT, Table, conform

OUTCOMES: Final = Table(
    "OUTCOMES",
    {"line_id": pl.String, "way": pl.String, "probability": pl.Float64, "right": pl.Boolean,
     "decided_at": INSTANT},
    required=frozenset({"line_id", "way", "probability", "right"}),
    key=("line_id",),
)  # fmt: skip
"""One decided line a row: the way and raw probability of its best proposal, and whether people chose it."""

Knots = tuple[tuple[float, float], ...]
"""Places of a curve, in natural log odds: the raw probability's, and what is added there."""

_EDGE = 1e-12
"""Nearest to 0 and 1 that any probability comes."""
_PSEUDO = 100.0
"""Pseudo-observations of the prior, laid out like the decisions: 20 decisions move by a sixth, 2,000 by 95 %."""
_OWN = 300
"""Decisions of a way at which the other ways say nothing more about it."""
_BINS, _LEAST_IN_BIN = 10, 25
_IDENTITY = 0.01
"""Share of the identity in every curve, so that it rises everywhere."""
_APART = 1e-6
"""Knots nearer than this, in log odds, become one."""


@dataclass(frozen=True)
class Curves:
    """What is added to the log odds of a raw probability: by way, and pooled for ways never decided.

    Without knots a curve is the identity. `decisions` is how many decided lines shaped them.
    """

    pooled: Knots = ()
    ways: tuple[tuple[str, Knots], ...] = ()
    decisions: int = 0

    def told(self) -> dict[str, Any]:
        """Plain values for JSON; `of_told` reads them back as an equal value."""
        return {
            "decisions": self.decisions,
            "pooled": [list(knot) for knot in self.pooled],
            "ways": {way: [list(knot) for knot in knots] for way, knots in self.ways},
        }

    @classmethod
    def of_told(cls, told: dict[str, Any]) -> Curves:
        """The Curves that `told` described."""
        ways = sorted((str(way), _knots_of(knots)) for way, knots in told["ways"].items())
        return cls(_knots_of(told["pooled"]), tuple(ways), int(told["decisions"]))


def outcomes_of(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as OUTCOMES, best probability first; `decided_at` may be missing.

    Raises DataRefused where it breaks the table, a line is decided twice, or a probability is outside 0 to 1.
    """
    outcomes = conform(frame, OUTCOMES)
    probability = outcomes["probability"]
    outside = probability.filter(~probability.is_between(0.0, 1.0) | probability.is_nan())
    if outside.len():
        raise DataRefused(
            f"OUTCOMES.probability is {outside[0]}; it must lie from 0 to 1. Nothing was learnt from it.",
            column="probability",
        )
    return outcomes.sort("probability", "line_id", descending=[True, False])


def fit_curves(outcomes: pl.DataFrame) -> Curves:
    """The curves these decisions teach; with none, the identity. The order of rows does not matter.

    A way begins with the curve of all other ways together and grows out of it up to 300 decisions of its own.
    """
    decided = outcomes_of(outcomes)
    ways = sorted(decided["way"].unique(maintain_order=True).to_list())
    return Curves(_fitted(decided), tuple((way, _of_way(decided, way)) for way in ways), decided.height)


def calibrated(frame: pl.DataFrame, curves: Curves) -> pl.Series:
    """The `probability` of each row as its `way` has proved, above 0 and below 1; null stays null.

    Raw values of one way more than 1e-9 apart keep their order. A way never decided follows all together.
    """
    raw = frame["probability"].cast(pl.Float64)
    probability = np.clip(raw.fill_null(0.5).to_numpy(), _EDGE, 1.0 - _EDGE)
    bent = _bent(probability, curves.pooled)
    for way, knots in curves.ways:
        of_way = (frame["way"].cast(pl.String) == way).fill_null(value=False).to_numpy()
        bent[of_way] = _bent(probability[of_way], knots)
    told = pl.Series("probability", bent, dtype=pl.Float64)
    return pl.select(pl.when(raw.is_not_null()).then(told).alias("probability")).to_series()


def calibrated_apart(outcomes: pl.DataFrame, folds: int = 5) -> pl.DataFrame:
    """OUTCOMES with each probability calibrated by curves that never saw its own decision, sorted by line.

    For judging the curves, and for `bound.auto_bounds`, on the same history without flattering either.
    """
    decided = outcomes_of(outcomes).sort("line_id").with_row_index("row")
    parts = []
    for fold in range(folds):
        held = decided.filter(pl.col("row") % folds == fold)
        curves = fit_curves(decided.filter(pl.col("row") % folds != fold))
        parts.append(held.with_columns(calibrated(held, curves)))
    return pl.concat(parts).sort("line_id").drop("row")


def reliability(probability: pl.Series, right: pl.Series, bins: int = 10) -> pl.DataFrame:
    """How often each tenth (or other equal width) of the probabilities was right.

    Returns `bin low high n mean_probability share_right`, one row a bin, null means where it is empty.
    A bin holds `low` and not `high`; the last holds 1.
    """
    p, r = _measured(probability, right)
    place = np.minimum((p * bins).astype(np.int64), bins - 1)
    n, sum_p, sum_r = _by_bin(place, p, r, bins)
    held = np.where(n > 0, n, np.nan)
    frame = pl.DataFrame({
        "bin": np.arange(bins), "low": np.arange(bins) / bins, "high": np.arange(1, bins + 1) / bins,
        "n": n, "mean_probability": sum_p / held, "share_right": sum_r / held,
    })  # fmt: skip
    return frame.with_columns(pl.col("mean_probability", "share_right").fill_nan(None))


def ece(probability: pl.Series, right: pl.Series, bins: int = 15) -> float:
    """Expected calibration error over bins of equal mass: mean distance of probability and share right.

    Equal probabilities share a bin. Without a row it is not a number.
    """
    p, r = _measured(probability, right)
    if not len(p):
        return float("nan")
    _, sum_p, sum_r = _by_bin(_equal_mass(p, bins), p, r, bins)
    return float(np.abs(sum_p - sum_r).sum() / len(p))


def brier(probability: pl.Series, right: pl.Series) -> float:
    """Mean squared distance of probability and outcome; without a row it is not a number."""
    p, r = _measured(probability, right)
    return float(np.sort((p - r) ** 2).sum() / len(p)) if len(p) else float("nan")


def _of_way(decided: pl.DataFrame, way: str) -> Knots:
    """One way's curve. Its prior is that of the others alone, or its own decisions would count twice."""
    own = decided["way"] == way
    mine = decided.filter(own)
    others = () if mine.height >= _OWN else _fitted(decided.filter(~own))
    return _fitted(mine, others)


def _fitted(decided: pl.DataFrame, others: Knots = ()) -> Knots:
    """One curve: shares right in bins of equal mass, drawn to the prior, pooled until they rise."""
    if not decided.height:
        return ()
    p, r = _measured(decided["probability"], decided["right"])
    prior = _bent(p, others, max(0.0, 1.0 - len(p) / _OWN))
    bins = max(1, min(_BINS, len(p) // _LEAST_IN_BIN))
    place = _equal_mass(p, bins)
    n, sum_p, sum_r = _by_bin(place, p, r, bins)
    _, sum_prior, _ = _by_bin(place, prior, r, bins)
    drawn = (len(p) * sum_r + _PSEUDO * sum_prior) / (len(p) + _PSEUDO)
    return _risen([(c, a, b) for c, a, b in zip(n.tolist(), sum_p, drawn, strict=True) if c])


def _risen(bins: list[tuple[int, float, float]]) -> Knots:
    """Adjacent violators pooled: bins of (count, Σ raw, Σ drawn), lowest first, as knots that rise."""
    blocks: list[tuple[int, float, float]] = []
    for count, raw, drawn in bins:
        block = (count, float(raw), float(drawn))
        while blocks and not _rises(blocks[-1], block):
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
    odds = [(_log_odds(raw / count), _log_odds(drawn / count)) for count, raw, drawn in blocks]
    return tuple((round(float(x), 9), round(float((1.0 - _IDENTITY) * (y - x)), 9)) for x, y in odds)


def _rises(before: tuple[int, float, float], block: tuple[int, float, float]) -> bool:
    further = _log_odds(block[1] / block[0]) - _log_odds(before[1] / before[0])
    return bool(further > _APART and before[2] / before[0] < block[2] / block[0])


def _bent(probability: np.ndarray, knots: Knots, share: float = 1.0) -> np.ndarray:
    """Probabilities moved along a curve, or a share of the way; beyond its ends by what the end says."""
    if not knots or not share:
        return probability.copy()
    places, shifts = np.array(knots).T
    odds = _log_odds(probability)
    moved = odds + share * np.interp(odds, places, shifts)
    return np.clip(1.0 / (1.0 + np.exp(-moved)), _EDGE, 1.0 - _EDGE)


def _log_odds(probability: Any) -> Any:
    kept = np.clip(probability, _EDGE, 1.0 - _EDGE)
    return np.log(kept) - np.log1p(-kept)


def _measured(probability: pl.Series, right: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, lowest first, and outcomes as 0 and 1; sums over them do not depend on the rows' order."""
    both = pl.DataFrame({"p": probability.cast(pl.Float64), "r": right.cast(pl.Float64)}).drop_nulls()
    ordered = both.sort("p", "r")
    return np.clip(ordered["p"].to_numpy(), _EDGE, 1.0 - _EDGE), ordered["r"].to_numpy()


def _equal_mass(ordered: np.ndarray, bins: int) -> np.ndarray:
    """The bin of each of the ordered values: by the middle rank of its equals, so equals stay together."""
    first = np.searchsorted(ordered, ordered, side="left")
    after = np.searchsorted(ordered, ordered, side="right")
    return (first + after) * bins // (2 * len(ordered))


def _by_bin(place: np.ndarray, p: np.ndarray, r: np.ndarray, bins: int) -> tuple[np.ndarray, ...]:
    """Count, Σ p and Σ r of each bin."""
    return np.bincount(place, minlength=bins), np.bincount(place, p, bins), np.bincount(place, r, bins)


def _knots_of(told: list[list[float]]) -> Knots:
    return tuple((float(place), float(shift)) for place, shift in told)
