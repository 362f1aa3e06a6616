"""The plainest runner: one company after the other, here, with all of polars' threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recon.scale.partition import Partition
from recon.scale.work import Asked, Done, work


@dataclass(frozen=True)
class InProcess:
    """For one company or a few, for notebooks and tests. Nothing travels, so there is nothing to bundle."""

    def run(self, companies: list[Partition], asked: Asked) -> Iterator[list[Done]]:
        """Answer for one company at a time."""
        for one in companies:
            yield [work(one, asked)]
