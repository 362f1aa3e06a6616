"""One company through the engine, wherever that happens: the work that every runner does alike.

In: a Partition and what was asked of all. Out: a `Done`, which holds frames or says what failed.
Never: an error that would stop the other companies.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Protocol

import polars as pl

from recon.errors import ReconError
from recon.flow.matching import propose
from recon.scale.partition import Partition
from recon.schema import EVIDENCE, LEGS, PROPOSALS, UNMATCHED

RESULTS: Final = {"proposals": PROPOSALS, "legs": LEGS, "evidence": EVIDENCE, "unmatched": UNMATCHED}
COMPANY_FAILS: Final = (Exception, pl.exceptions.PanicException)
"""What one company may die of without the others; polars' panic is not an `Exception`."""


@dataclass(frozen=True)
class Asked:
    """What holds for every company of a run: the day, and whether evidence is wanted (its words take time)."""

    today: date | None = None
    evidence: bool = True


@dataclass(frozen=True)
class Done:
    """One company's frames by name, or the class and words of the error that it failed with."""

    key: str
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    error: str | None = None
    words: str = ""


class Runner(Protocol):
    """Where the work is done. Gives an answer for every company, some at a time, in any order."""

    def run(self, companies: list[Partition], asked: Asked) -> Iterator[list[Done]]: ...


def work(one: Partition, asked: Asked) -> Done:
    """Match one company; whatever it fails with is told, not raised."""
    try:
        result = propose(
            one.lines, one.items, one.parts, one.policy, one.model, history=one.history, today=asked.today
        )
        names = [name for name in RESULTS if asked.evidence or name != "evidence"]
        return Done(one.key, {name: getattr(result, name) for name in names})
    except COMPANY_FAILS as error:
        return failed(one.key, error)


def failed(key: str, error: BaseException) -> Done:
    """The company's failure as its error tells it."""
    words = error.words if isinstance(error, ReconError) else str(error).strip()
    return Done(key, error=type(error).__name__, words=words or "The error said nothing more.")


def lost(key: str, why: str) -> Done:
    """The failure of a company whose worker went down with it alone on board."""
    return Done(
        key,
        error="WorkerLost",
        words=f"The worker process ended while it matched this company: {why}. Nothing was proposed for it; "
        "often memory ran out, so try again with fewer workers.",
    )


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def own_paths() -> str:
    """Where this process finds its modules, for one that shall find the same."""
    return os.pathsep.join(path or str(Path.cwd()) for path in sys.path)


def threads_each(workers: int) -> int:
    """Polars threads a worker gets, so that all together use the cores once."""
    return max(1, cores() // workers)
