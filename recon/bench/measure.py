"""Seconds by stage and the most memory held, of work done in a process of its own.

In: a function and its arguments. Out: `Measured`. Never: two at once, or memory that somebody before it had taken.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import time
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import log
from pathlib import Path
from typing import Any


@dataclass
class Watch:
    """Seconds by stage, in the order the stages began; a stage entered twice adds up."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        begun = time.perf_counter()
        self.seconds.setdefault(name, 0.0)
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - begun

    @contextmanager
    def laps(self, first: str) -> Generator[Callable[[str], None]]:
        """A stage that says itself when its next part begins."""
        begun, name = time.perf_counter(), first

        def lap(following: str) -> None:
            nonlocal begun, name
            now = time.perf_counter()
            self.seconds[name] = self.seconds.get(name, 0.0) + now - begun
            begun, name = now, following

        try:
            yield lap
        finally:
            lap("")


@dataclass(frozen=True)
class Measured:
    """What the work gave, its seconds by stage, and the peak of its resident memory."""

    value: Any
    seconds: dict[str, float]
    peak_mb: float

    @property
    def whole(self) -> float:
        return sum(self.seconds.values())


def measured(work: Callable[..., Any], *given: Any) -> Measured:
    """Do `work(watch, *given)` in a fresh process; work, arguments and value must be picklable.

    An error of the work is raised here as it is.
    """
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
        return pool.submit(_inside, work, given).result()


def _inside(work: Callable[..., Any], given: tuple[Any, ...]) -> Measured:
    watch = Watch()
    value = work(watch, *given)
    return Measured(value, watch.seconds, peak_mb())


def peak_mb() -> float:
    """The most memory this process held. Linux hands ru_maxrss of a parent on to its children; VmHWM it does not."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text("utf-8"))):
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def growth(small: tuple[int, float], large: tuple[int, float]) -> float:
    """The exponent by which seconds grow with size: 1 is linear, 2 quadratic."""
    return log(large[1] / small[1]) / log(large[0] / small[0])
