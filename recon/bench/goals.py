"""The goals, each beside what was measured.

In: Runs. Out: rows of goal, aim, ours, and whether it is met. Never: a goal called met on a run of another size than
the goal names; what was not run is said to be so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recon.bench.runs import Runs
from recon.bench.ways import RECON, TAUGHT, WORDS, Result

MIDDLE, LARGE = 100_000, 1_000_000
KINDS = {
    "batch": 0.85,
    "instalment": 0.88,
    "fx": 0.88,
    "payout": 0.98,
    "netted": 0.80,
    "duplicate": 0.97,
}


@dataclass(frozen=True)
class Goal:
    """`met` is None where it was not measured."""

    words: str
    aim: str
    ours: str
    met: bool | None


def goals(runs: Runs) -> list[Goal]:
    """Every goal of the engine in the order they were set."""
    return [
        *_found(runs),
        *_auto(runs),
        *_sure(runs),
        *_quick(runs),
        *_kinds(runs),
        _groups(runs),
        _explained(runs),
    ]


def _goal(
    words: str, aim: float, ours: float | None, form: str = ".3f", *, most: bool = False, unit: str = ""
) -> Goal:
    sign = "≤" if most else "≥"
    told = f"{sign} {aim:{form}}{unit}"
    if ours is None:
        return Goal(words, told, "not run", None)
    return Goal(words, told, f"{ours:{form}}{unit}", ours <= aim if most else ours >= aim)


def _found(runs: Runs) -> Iterator[Goal]:
    for size, aim in ((MIDDLE, 0.955), (LARGE, 0.940)):
        ours = runs.mean(RECON, size, lambda one: one.scores.line.f1)
        yield _goal(f"line F1 at {size:,}, no decisions", aim, ours)
    for size in (MIDDLE, LARGE):
        wrong = runs.mean(RECON, size, lambda one: one.scores.wrong_on_nothing)
        yield _goal(f"wrong proposals on no-match lines at {size:,}", 0.005, wrong, ".2%", most=True)


def _auto(runs: Runs) -> Iterator[Goal]:
    for risk, aim in ((0.005, 0.73), (0.001, 0.60)):
        coverage = runs.mean(TAUGHT, MIDDLE, lambda one, risk=risk: _under(one, risk)[0])
        error = runs.mean(TAUGHT, MIDDLE, lambda one, risk=risk: _under(one, risk)[1])
        goal = _goal(
            f"auto coverage of all lines, realised error ≤ {risk:.1%}, {runs.decisions:,} decisions",
            aim,
            coverage,
        )
        if goal.met is None:
            yield goal
        else:
            told = f"{goal.ours} at " + ("no error to tell" if error is None else f"{error:.2%} wrong")
            yield Goal(goal.words, goal.aim, told, goal.met and error is not None and error <= risk)


def _under(one: Result, risk: float) -> tuple[float | None, float | None]:
    found = [auto for auto in one.autos if auto.risk == risk]
    return (found[0].coverage, found[0].error) if found else (None, None)


def _sure(runs: Runs) -> Iterator[Goal]:
    for way, aim, words in ((TAUGHT, 0.005, f"{runs.decisions:,} decisions"), (RECON, 0.02, "none")):
        ours = runs.mean(way, MIDDLE, lambda one: one.scores.chosen.ece if one.scores.chosen else None)
        yield _goal(f"calibration error of rank 1 at {MIDDLE:,}, {words}", aim, ours, ".4f", most=True)


def _quick(runs: Runs) -> Iterator[Goal]:
    yield _goal(
        f"{LARGE:,} × {LARGE:,}, files to stored proposals",
        10,
        runs.seconds(RECON, LARGE),
        ".1f",
        most=True,
        unit=" s",
    )
    yield _goal("the same in limits", 22, runs.times_limit(RECON, LARGE), ".0f", most=True)
    peak = runs.mean(RECON, LARGE, lambda one: one.scores.peak_mb and one.scores.peak_mb / 1024)
    yield _goal("the same, peak memory", 2, peak, ".1f", most=True, unit=" GB")
    exponent = runs.exponent(RECON, MIDDLE, LARGE)
    yield _goal(f"growth exponent {MIDDLE:,} → {LARGE:,}", 1.10, exponent, ".2f", most=True)
    complete = runs.mean(RECON, LARGE, lambda one: one.scores.completeness.among)
    yield _goal(f"true single pairs among those shown at {LARGE:,}", 0.96, complete)
    few = runs.few.get(LARGE)
    middle, late = (few[len(few) // 2] * 1000, few[-1] * 1000) if few else (None, None)
    yield _goal(
        f"100 new lines against {LARGE:,} documents, median", 50, middle, ".0f", most=True, unit=" ms"
    )
    yield _goal("the same, the slowest", 100, late, ".0f", most=True, unit=" ms")


def _kinds(runs: Runs) -> Iterator[Goal]:
    table = runs.shares(RECON, MIDDLE, "kinds")
    for kind, aim in KINDS.items():
        rows = table.filter(name=kind)
        ours = rows["right"][0] / rows["lines"][0] if rows.height else None
        yield _goal(f"{kind} lines right at {MIDDLE:,}", aim, ours)


def _groups(runs: Runs) -> Goal:
    def share(one: Result) -> float | None:
        return one.scores.sure_groups_right / one.scores.sure_groups if one.scores.sure_groups else None

    return _goal(f"group proposals with p ≥ 0.9 right at {MIDDLE:,}", 0.99, runs.mean(RECON, MIDDLE, share))


def _explained(runs: Runs) -> Goal:
    def rate(one: Result) -> float | None:
        words = one.scores.seconds.get(WORDS)
        return one.explained / words if words else None

    size = LARGE if runs.of(RECON, LARGE) else MIDDLE
    return _goal("explanations rendered a second", 20_000, runs.mean(RECON, size, rate), ",.0f")
