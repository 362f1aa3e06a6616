"""Many companies as one result: run them, then lay their frames under each other in an order of their own.

In: partitions and a runner. Out: `Scaled`. Never: an order that depends on who was ready first.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from recon.errors import UsageError
from recon.scale.inprocess import InProcess
from recon.scale.partition import Partition
from recon.scale.work import RESULTS, Asked, Done, Runner, lost
from recon.schema import Table

Progress = Callable[[int, int, str], None]
FAILURES = pl.Schema({"company": pl.String, "error": pl.String, "words": pl.String})


@dataclass(frozen=True)
class Scaled:
    """PROPOSALS, LEGS, EVIDENCE and UNMATCHED, each with `company` first and sorted by it; and `failures`.

    Ids are unique within a company only. failures: `company! error! words!`, the companies that have no rows in
    the other frames, by the class of the error and what it said.
    """

    proposals: pl.DataFrame
    legs: pl.DataFrame
    evidence: pl.DataFrame
    unmatched: pl.DataFrame
    failures: pl.DataFrame


def propose_all(
    companies: Iterable[Partition],
    runner: Runner = InProcess(),  # noqa: B008 - a frozen value
    *,
    today: date | None = None,
    evidence: bool = True,
    progress: Progress | None = None,
) -> Scaled:
    """Suggest for every company which documents its lines pay, as `rc.propose` would for each alone.

    runner: `InProcess()`, `Pool(workers)` or `OnRay(address)`; the result has the same bytes on each, for any order
    of companies. today, evidence: of all; without evidence its frame is empty. progress: called with (lines
    done, lines in all, words) in the caller's thread.
    A company that fails does not stop the others: it is a row of `failures`. Raises UsageError for two
    companies of one name, and where the runner cannot begin.
    """
    all_of_them = sorted(companies, key=lambda one: one.key)
    _refuse_twins(all_of_them)
    done: dict[str, Done] = {}
    tell = _Teller(all_of_them, progress)
    for answers in runner.run(all_of_them, Asked(today, evidence)):
        for one in answers:
            done[one.key] = one
        tell(done)
    return _laid_together([done.get(one.key) or lost(one.key, "no answer came") for one in all_of_them])


def _refuse_twins(companies: list[Partition]) -> None:
    twins = sorted(key for key, times in Counter(one.key for one in companies).items() if times > 1)
    if twins:
        raise UsageError(
            f"More than one company is called {', '.join(twins)}. Nothing was matched; give each its own key.",
            keys=twins,
        )


class _Teller:
    """Turns answers into progress."""

    def __init__(self, companies: list[Partition], progress: Progress | None) -> None:
        self._lines = {one.key: one.lines.height for one in companies}
        self._all = sum(self._lines.values())
        self._progress = progress

    def __call__(self, done: dict[str, Done]) -> None:
        if self._progress is None:
            return
        failures = sum(1 for one in done.values() if one.error)
        words = f"{len(done):,} of {len(self._lines):,} companies" + (
            f", {failures:,} failed" if failures else ""
        )
        self._progress(sum(self._lines[key] for key in done), self._all, words)


def _laid_together(done: list[Done]) -> Scaled:
    frames = {name: _stacked(done, name, table) for name, table in RESULTS.items()}
    failures = [(one.key, one.error, one.words) for one in done if one.error]
    return Scaled(**frames, failures=pl.DataFrame(failures, schema=FAILURES, orient="row"))


def _stacked(done: list[Done], name: str, table: Table) -> pl.DataFrame:
    """One frame of all companies, in their order; within a company the engine's order stands."""
    none = pl.DataFrame(schema={"company": pl.String, **table.types})
    some = [
        one.frames[name].select(pl.lit(one.key, pl.String).alias("company"), *table.columns)
        for one in done
        if name in one.frames
    ]
    return _same_layout(pl.concat([none, *some]))


def _same_layout(frame: pl.DataFrame) -> pl.DataFrame:
    """Equal frames with equal bytes: where texts lie in memory tells how they got there, so they are laid anew."""
    packed = io.BytesIO()
    frame.write_ipc(packed, compat_level=pl.CompatLevel.oldest(), record_batch_size=max(1, frame.height))
    packed.seek(0)
    return pl.read_ipc(packed)
