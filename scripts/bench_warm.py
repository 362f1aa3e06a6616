"""How long a hundred new lines take against a ledger that is kept in memory, beside a look at everything.

In: made-up books of a seed and some sizes. Out: rows of size, preparation, half of the batches, nineteen in
twenty, full runs. Each batch is other lines. Of several rounds the best is shown, since others may use the
machine; the processor's time beside the clock's tells how much they did.

    make bench-warm ARGS="--sizes 10k,100k,1M"
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

import recon as rc
from recon.bench.books import LabelledBooks, make_books
from recon.bench.report import table
from recon.flow.resident import Ledger

LINES = 100
SIZES = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}


@dataclass(frozen=True)
class Taken:
    """Milliseconds of one piece of work, by the clock and of the processor."""

    clock: float
    processor: float


def timed(work: Callable[[], object]) -> Taken:
    """What it took."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Taken((time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000)


def matched(lines: pl.DataFrame, books: LabelledBooks) -> None:
    """A look at everything, with all evidence in words."""
    assert not rc.propose(lines, books.items, policy=books.policy).evidence.is_empty()


def share(values: list[float], part: float) -> float:
    """The smallest of the values that so large a part of them does not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def best_round(rounds: list[list[Taken]], part: float) -> Taken:
    """The quickest round's share of its batches."""
    clock = min(share([one.clock for one in batches], part) for batches in rounds)
    return Taken(clock, min(share([one.processor for one in batches], part) for batches in rounds))


def measured(size: str, seed: int, rounds: int, batches: int, *, whole: bool) -> list[str]:
    """A row of the report."""
    books = make_books(SIZES[size], seed)
    shuffled = books.lines.sample(fraction=1.0, shuffle=True, seed=seed)
    kept: list[Ledger] = []
    prepared = timed(lambda: kept.append(rc.ledger(books.items, policy=books.policy)))
    asked = [shuffled.slice(place * LINES, LINES) for place in range(rounds * batches)]
    taken = [timed(lambda some=some: kept[0].propose(some).evidence) for some in asked]
    of_rounds = [taken[start : start + batches] for start in range(0, len(taken), batches)]
    half, most = best_round(of_rounds, 0.5), best_round(of_rounds, 0.95)
    cold = min((timed(lambda: matched(asked[0], books)) for _ in "12"), key=lambda one: one.clock)
    row = [size, f"{prepared.clock / 1000:.1f} s", _told(half), _told(most), _ratio(cold, half)]
    full = timed(lambda: matched(books.lines, books)) if whole else None
    return [*row, _ratio(full, half) if full else "", f"{full.clock / 1000:.0f} s" if full else ""]


def _told(taken: Taken) -> str:
    return f"{taken.clock:.0f} ms ({taken.processor:.0f})"


def _ratio(slow: Taken, quick: Taken) -> str:
    return f"{slow.clock / quick.clock:.1f}×"


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10k,100k")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--without-full", action="store_true", help="leave out the look at everything")
    options = parser.parse_args()
    rows = [
        measured(size, options.seed, options.rounds, options.batches, whole=not options.without_full)
        for size in options.sizes.split(",")
    ]
    heads = ["documents", "prepared in", "p50", "p95", "the same lines, cold", "all lines", "that took"]
    sys.stdout.write(table(heads, rows, left=1) + "\n")


if __name__ == "__main__":
    main()
