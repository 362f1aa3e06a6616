"""Every way of matching, each run by itself on the files of one folder.

In: a folder of kept books and one for answers. Out: Parquet files of what a way says, its seconds and its memory.
Never: the truth. A way sees lines, documents, the policy and, where it learns, decisions that came before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from inspect import signature
from pathlib import Path

import polars as pl

from recon.bench.baselines.business_central import business_central
from recon.bench.baselines.erpnext import erpnext
from recon.bench.baselines.fenerum import fenerum
from recon.bench.baselines.odoo import odoo
from recon.bench.keep import Kept, rest_of
from recon.bench.limit import exact_join, lone_pairs, read_both
from recon.bench.measure import Measured, Watch, measured
from recon.bench.score import Scores, score, score_shown
from recon.bench.shown import shown_as
from recon.schema import Matching

Answerer = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]

BASELINES: dict[str, Answerer] = {
    "Fenerum-like": fenerum,
    "Odoo-like": odoo,
    "ERPNext-like": erpnext,
    "Business Central-like": business_central,
}
LIMIT = "limit: exact join"
RECON = "recon"
TAUGHT = "recon, taught"
SPLINK = "Splink"
WORDS = "evidence in words"
"""The stage in which every proposal is explained."""


RISKS = (0.005, 0.001)
"""Shares of wrong matches a company may bear; what is taken alone under each is measured on taught runs."""


@dataclass(frozen=True)
class Auto:
    """Under a bound of `risk`: share of all lines taken alone, and share of those that are wrong."""

    risk: float
    coverage: float
    error: float | None


@dataclass(frozen=True)
class Result:
    """What one way did on one set of books. explained: proposals with evidence in words."""

    way: str
    size: int
    seed: int
    scores: Scores
    explained: int = 0
    autos: tuple[Auto, ...] = ()

    @property
    def seconds(self) -> float:
        return sum(self.scores.seconds.values())


def run_limit(books: Kept, size: int, seed: int) -> Result:
    """The limit, and what of it can be said without guessing."""
    done = least_of(3, _limit, books.folder)
    lone = lone_pairs(*read_both(books.folder))
    return Result(LIMIT, size, seed, score_shown(shown_as(lone), books, done.seconds, done.peak_mb))


def run_baseline(way: str, books: Kept, size: int, seed: int) -> Result:
    """One of BASELINES, at the threshold of its own confidence that is best on the truth."""
    out = books.folder / "answers.parquet"
    done = measured(_baseline, way, books.folder, out)
    answers = at_best(pl.read_parquet(out), books)
    return Result(way, size, seed, score_shown(shown_as(answers), books, done.seconds, done.peak_mb))


def run_recon(books: Kept, size: int, seed: int) -> Result:
    """The engine; taught where the books come with a history."""
    out = books.folder / "recon"
    done = measured(_recon, books.folder, out)
    matching = left_in(out)
    way = TAUGHT if books.history else RECON
    scores = score(matching, books, done.seconds, done.peak_mb)
    explained = matching.evidence["proposal_id"].n_unique()
    return Result(way, size, seed, scores, explained, _autos(books, out) if books.history else ())


def run_few(books: Kept, batches: int = 5, lines: int = 100) -> list[float]:
    """Seconds of proposing for a few new lines against all documents, a batch at a time, after a first one."""
    return sorted(measured(_few, books.folder, batches, lines).value)


def _autos(books: Kept, out: Path) -> tuple[Auto, ...]:
    """The same run under each bound."""
    found = []
    for risk in RISKS:
        measured(_recon, books.folder, out, risk)
        scores = score(left_in(out), books)
        found.append(Auto(risk, scores.auto_coverage, scores.auto_error))
    return tuple(found)


def at_best(answers: pl.DataFrame, books: Kept, steps: int = 40) -> pl.DataFrame:
    """Answers at or above the confidence that gives the best F1 by line; chosen on the truth, in their favour."""
    if "confidence" not in answers.columns:
        return answers
    marks = answers.group_by("line_id").agg(pl.col("confidence").min())["confidence"]
    bounds = marks.unique().sort()
    if bounds.len() > steps:
        bounds = pl.Series([marks.quantile(step / steps, "lower") for step in range(steps)]).unique().sort()
    kept = [answers.filter(pl.col("confidence") >= bound) for bound in bounds]
    return max(kept, key=lambda some: score_shown(shown_as(some), books).line.f1, default=answers)


def least_of(times: int, work: Callable[..., object], *given: object) -> Measured:
    """The quickest of several runs."""
    return min((measured(work, *given) for _ in range(times)), key=lambda one: one.whole)


@dataclass(frozen=True)
class Left:
    """What a run of the engine left in its folder."""

    proposals: pl.DataFrame
    legs: pl.DataFrame
    evidence: pl.DataFrame


def left_in(folder: Path) -> Left:
    """The frames the scorer reads."""
    return Left(*(pl.read_parquet(folder / f"{name}.parquet") for name in ("proposals", "legs", "evidence")))


def _limit(watch: Watch, folder: Path) -> int:
    with watch.stage("read"):
        lines, items = read_both(folder)
    with watch.stage("join"):
        return exact_join(lines, items).height


def _read(watch: Watch, folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    with watch.stage("read"):
        return pl.read_parquet(folder / "lines.parquet"), pl.read_parquet(folder / "items.parquet")


def _baseline(watch: Watch, way: str, folder: Path, out: Path) -> None:
    lines, items = _read(watch, folder)
    with watch.stage("match"):
        answers = BASELINES[way](lines, items)
    with watch.stage("write"):
        answers.write_parquet(out)


def _recon(watch: Watch, folder: Path, out: Path, risk: float | None = None) -> None:
    propose, fit = _engine()
    lines, items = _read(watch, folder)
    policy, history = rest_of(folder)
    if risk is not None:
        policy = replace(policy, auto_risk=risk)
    model = None
    if history is not None:
        with watch.stage("learn"):
            model = fit(history, policy)
    with watch.laps("normalising") as lap:
        told = (
            {"progress": lambda share, words: lap(words)}
            if "progress" in signature(propose).parameters
            else {}
        )
        result = propose(lines, items, policy=policy, model=model, history=history, **told)
    with watch.stage(WORDS):
        evidence = result.evidence
    with watch.stage("write"):
        out.mkdir(exist_ok=True)
        evidence.write_parquet(out / "evidence.parquet")
        for name in ("proposals", "legs", "unmatched"):
            getattr(result, name).write_parquet(out / f"{name}.parquet")


def _few(watch: Watch, folder: Path, batches: int, size: int) -> list[float]:
    propose, _ = _engine()
    lines, items = _read(watch, folder)
    policy, _ = rest_of(folder)
    newest = lines.sort("booking_date", "line_id").tail(size * (batches + 1))
    taken = []
    for batch in newest.iter_slices(size):
        with watch.stage(f"batch {len(taken)}"):
            propose(batch, items, policy=policy)
        taken.append(watch.seconds[f"batch {len(taken)}"])
    return taken[1:]


def _engine() -> tuple[Callable[..., Matching], Callable[..., object]]:
    """The engine, loaded in the process that is measured and before its first stage."""
    import recon as rc

    return rc.propose, rc.fit
