"""kill -9 at random moments of sync, import, accept, undo, migration and token refresh.

A child does step after step and says so; it is ended by a timer from outside, or by itself at a random
crossing into database, disk, lock or clock. Then the workspace must open, prove itself, hold every step that
was told, the one under way wholly or not at all, and that one done again must give the whole.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.prove.deeds import DEEDS, Deed, looked
from tests.prove.forks import Tell, apart, reaped, start, tried
from tests.prove.outcome import Outcome
from tests.prove.seams import Seams, installed

STEPS = 1.5
"""How many steps a child gets at most: later ones are like the first and second."""
REBUILT_SHARE = 0.2
"""How many workspaces are also made again from their events; that costs as much as the rest."""


@dataclass(frozen=True)
class Step:
    """What a deed's first step takes here and now: seconds, and crossings into the machine."""

    seconds: float
    crossings: int


def prove(count: int, seed: int) -> Outcome:
    """Kill `count` children; case `seed + k` is `prove(1, seed + k)`, its deed is the case modulo their number."""
    with tempfile.TemporaryDirectory() as folder:
        templates = Path(folder)
        cases = range(seed, seed + count)
        steps = {deed.name: _measured(deed, templates) for deed in DEEDS if _has(deed, cases)}
        failures = tried(cases, lambda case: _case(case, templates, steps))
    return Outcome(count, failures)


def _has(deed: Deed, cases: range) -> bool:
    return any(DEEDS[case % len(DEEDS)] is deed for case in cases[: len(DEEDS)])


def _measured(deed: Deed, templates: Path) -> Step:
    """Make the deed's workspace, and do its first step on a copy."""
    apart(lambda: deed.prepare(templates / deed.name))

    def first() -> tuple[float, int]:
        with tempfile.TemporaryDirectory() as folder, installed(Seams()) as seams:
            home = Path(shutil.copytree(templates / deed.name, Path(folder) / "home"))
            begun = time.monotonic()
            deed.do(home, 1)
            return time.monotonic() - begun, len(seams.passed)

    return Step(*apart(first))


def _case(case: int, templates: Path, steps: dict[str, Step]) -> list[str]:
    draw, deed = random.Random(case), DEEDS[case % len(DEEDS)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(templates / deed.name, Path(folder) / "home"))
        done, moment = _killed(deed, home, draw, steps[deed.name])
        found = looked(deed, home, done, perhaps=1)
        if done < deed.steps and not found:
            deed.do(home, done + 1)
            rebuild = draw.random() < REBUILT_SHARE
            found = [f"done again: {words}" for words in looked(deed, home, done + 1, rebuild=rebuild)]
    return [f"{deed.name}, killed {moment} after {done} steps: {words}" for words in found]


def _killed(deed: Deed, home: Path, draw: random.Random, step: Step) -> tuple[int, str]:
    """How many steps the child told before it was killed, and when that was."""
    if draw.random() < 0.5:
        at = draw.randrange(1, int(STEPS * step.crossings) + 2)
        child = start(lambda tell: _work_until(deed, home, tell, at))
        words, moment = child.rest(), f"at crossing {at}"
    else:
        seconds = draw.uniform(0, STEPS * step.seconds)
        child = start(lambda tell: _work(deed, home, tell))
        with reaped(child):
            child.line()  # ready
            time.sleep(seconds)
        words, moment = child.rest(), f"after {seconds:.3f} s"
    code = child.end()
    if raised := [word["raised"] for word in words if isinstance(word, dict)]:
        raise RuntimeError(f"{deed.name} failed before it was killed {moment} ({code}): {raised[0]}")
    return max((word for word in words if isinstance(word, int)), default=0), moment


def _work(deed: Deed, home: Path, tell: Tell) -> None:
    tell("ready")
    for number in range(1, deed.steps + 1):
        deed.do(home, number)
        tell(number)


def _work_until(deed: Deed, home: Path, tell: Tell, at: int) -> None:
    with installed(Seams(at, "kill")):
        _work(deed, home, tell)
