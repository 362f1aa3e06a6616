"""Dice: one stream of random numbers for each part of the books, so a change in one leaves the others alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

_GOLDEN = 0.6180339887498949


def stream(seed: int, part: str) -> np.random.Generator:
    """The dice of one part of the books, by its name."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *part.encode()])))


def choose(dice: np.random.Generator, size: int, weights: Sequence[float] | Floats) -> Ints:
    """`size` places in `weights`, each as often as its weight says."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(edges, dice.random(size) * edges[-1], side="right")
    return np.minimum(found, len(edges) - 1).astype(np.int64)


def pick(dice: np.random.Generator, size: int, shares: dict[str, float]) -> pl.Series:
    """`size` words, each as often as its share says."""
    return pl.Series(list(shares), dtype=pl.String).gather(choose(dice, size, list(shares.values())))


def words(dice: np.random.Generator, size: int, some: Sequence[str], steepness: float = 0.0) -> pl.Series:
    """`size` of the words; with `steepness` the first are commoner than the last (Zipf)."""
    return pl.Series(list(some), dtype=pl.String).gather(choose(dice, size, zipf(len(some), steepness)))


def zipf(size: int, steepness: float) -> Floats:
    """Weights that fall with the rank."""
    return 1.0 / np.arange(1, size + 1, dtype=np.float64) ** steepness


def evenly(dice: np.random.Generator, size: int) -> Floats:
    """Numbers 0-1 spread evenly along the rows: sorted by weight, every habit has large and small parties."""
    return (dice.random() + np.arange(size, dtype=np.float64) * _GOLDEN) % 1.0


def by_share(points: Floats, shares: dict[str, float]) -> pl.Series:
    """The word whose stretch of 0-1 each point falls in; shares are of one whole."""
    edges = np.cumsum(list(shares.values()))
    places = np.minimum(np.searchsorted(edges / edges[-1], points, side="right"), len(shares) - 1)
    return pl.Series(list(shares), dtype=pl.String).gather(places)


def by_part(parts: pl.Series, make: dict[str, Callable[[Ints], pl.Series]]) -> pl.Series:
    """Texts made by the rule of each row's part, which is given the rows' places; null where no rule is."""
    places = [(parts == part).fill_null(False).arg_true().cast(pl.Int64).to_numpy() for part in make]
    made = [rule(here) for rule, here in zip(make.values(), places, strict=True)]
    rest = (~parts.is_in(list(make))).fill_null(True).arg_true().cast(pl.Int64).to_numpy()
    order = np.argsort(np.concatenate([*places, rest]), kind="stable")
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(rest))
    return pl.concat([*made, nothing]).gather(order)


def words_by(
    dice: np.random.Generator, parts: pl.Series, tables: Mapping[str, Sequence[str]], steepness: float
) -> pl.Series:
    """One of the words of each row's part, the first the commonest."""

    def of(some: Sequence[str]) -> Callable[[Ints], pl.Series]:
        return lambda here: words(dice, len(here), some, steepness)

    return by_part(parts, {part: of(some) for part, some in tables.items()})


def pick_by(dice: np.random.Generator, parts: pl.Series, tables: Mapping[str, dict[str, float]]) -> pl.Series:
    """One of the words of each row's part, each as often as its share says."""

    def of(shares: dict[str, float]) -> Callable[[Ints], pl.Series]:
        return lambda here: pick(dice, len(here), shares)

    return by_part(parts, {part: of(shares) for part, shares in tables.items()})


def workday(days: Ints) -> Ints:
    """The same day, or the Monday after a weekend. Day 0 is a Wednesday, the first of January 2025."""
    weekday = (days + 2) % 7
    return days + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))
