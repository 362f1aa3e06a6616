"""The n-th write, fsync, rename, lock, statement or clock fails, for every n that a step has.

After each failure: the error was one of ours and has words, nothing is half there, and the same process does
the step again and has the whole. A failure comes before the call, as from a full disk, or after it, as when
only the answer was lost.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from recon.errors import ReconError
from tests.prove.deeds import DEEDS, Deed, looked
from tests.prove.forks import apart, tried
from tests.prove.outcome import Outcome
from tests.prove.seams import Seams, installed

EVERYTHING = 1_000_000
"""As a count: every crossing of every deed."""


@dataclass(frozen=True)
class Failure:
    """One crossing of one deed's first step, and how it goes wrong there."""

    deed: Deed
    kind: str
    at: int


def prove(count: int, seed: int) -> Outcome:
    """Try `count` of all failures, or all of them; case `seed + k` is `prove(1, seed + k)`."""
    with tempfile.TemporaryDirectory() as folder:
        templates = Path(folder)
        failures = [one for deed in DEEDS for one in _failures(deed, templates)]
        random.Random(0).shuffle(failures)  # so that a few of them come from everywhere
        cases = range(seed, seed + min(count, len(failures)))
        found = tried(cases, lambda case: _case(failures[case % len(failures)], templates))
    return Outcome(len(cases), found, f"of {len(failures)} crossings")


def _failures(deed: Deed, templates: Path) -> list[Failure]:
    """Every crossing of the deed's first step; what is not a clock can also fail after it was carried out."""
    apart(lambda: deed.prepare(templates / deed.name))
    names = apart(lambda: _crossings(deed, templates))
    early = [Failure(deed, "fails", at) for at in range(1, len(names) + 1)]
    late = [Failure(deed, "late", at) for at, name in enumerate(names, 1) if name != "clock"]
    return early + late


def _crossings(deed: Deed, templates: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(templates / deed.name, Path(folder) / "home"))
        with installed(Seams()) as seams:
            deed.do(home, 1)
    return seams.passed


def _case(failure: Failure, templates: Path) -> list[str]:
    deed, told = failure.deed, None
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(templates / deed.name, Path(folder) / "home"))
        with installed(Seams(failure.at, failure.kind)) as seams:
            try:
                deed.do(home, 1)
            except ReconError as error:
                told = error.words or "no words"
            except Exception as error:
                told = f"no error of ours: {type(error).__name__}: {error}"
        found = [] if told is None or not told.startswith("no ") else [told]
        found += looked(deed, home, 1, perhaps=0) if told is None else looked(deed, home, 0, perhaps=1)
        if not found:
            deed.do(home, 1)
            found = [f"done again: {words}" for words in looked(deed, home, 1, rebuild=failure.at % 5 == 0)]
    where = f"{deed.name}, crossing {failure.at} ({seams.fired}) {failure.kind}"
    return [f"{where}: {words}" for words in found]
