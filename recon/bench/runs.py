"""All results of one benchmark, and the figures that need several of them.

In: Results of every way, size and seed. Out: means over seeds, ratios, exponents. Never: a figure of a way that
was not run; it is None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from recon.bench.measure import growth
from recon.bench.ways import LIMIT, Result


@dataclass(frozen=True)
class Runs:
    """results: of all ways. few: seconds of a hundred new lines, by size."""

    results: list[Result]
    few: dict[int, list[float]]
    decisions: int

    @property
    def sizes(self) -> list[int]:
        return sorted({one.size for one in self.results})

    @property
    def seeds(self) -> list[int]:
        return sorted({one.seed for one in self.results})

    @property
    def ways(self) -> list[str]:
        return list(dict.fromkeys(one.way for one in self.results))

    def of(self, way: str, size: int) -> list[Result]:
        return [one for one in self.results if one.way == way and one.size == size]

    def mean(self, way: str, size: int, figure: Callable[[Result], float | None]) -> float | None:
        """Over the seeds that state the figure."""
        stated = [value for one in self.of(way, size) if (value := figure(one)) is not None]
        return sum(stated) / len(stated) if stated else None

    def seconds(self, way: str, size: int) -> float | None:
        return self.mean(way, size, lambda one: one.seconds)

    def times_limit(self, way: str, size: int) -> float | None:
        ours, least = self.seconds(way, size), self.seconds(LIMIT, size)
        return ours / least if ours and least else None

    def exponent(self, way: str, small: int, large: int) -> float | None:
        """How seconds grow from one size to the other."""
        first, second = self.seconds(way, small), self.seconds(way, large)
        return growth((small, first), (large, second)) if first and second else None

    def shares(self, way: str, size: int, part: str) -> pl.DataFrame:
        """`name lines right wrong silent` of `kinds` or `classes`, added up over the seeds."""
        tables = [getattr(one.scores, part) for one in self.of(way, size)]
        if not tables:
            return pl.DataFrame(schema={"name": pl.String, "lines": pl.Int64, "right": pl.Int64})
        return (
            pl.concat(tables)
            .group_by("name")
            .agg(pl.col("lines", "right", "wrong", "silent").sum())
            .sort("name")
        )

    def lost(self, way: str, size: int) -> pl.DataFrame:
        """`documents place lines` added up over the seeds."""
        tables = [one.scores.losses for one in self.of(way, size)]
        empty = pl.DataFrame(schema={"documents": pl.String, "place": pl.String, "lines": pl.Int64})
        return pl.concat([empty, *tables]).group_by("documents", "place").agg(pl.col("lines").sum())
