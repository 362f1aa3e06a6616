"""`make prove`: break the workspace on purpose, many times over, and see that nothing is lost, doubled or hidden.

    python scripts/prove.py [--size pr|nightly|release] [--only ROW] [--seed 1] [--write]
    python scripts/prove.py --only kills --case 1234      one case again, alone

In: a size and a seed. Out: a table and each failing case with the command that runs it alone; ends with 1 if
anything failed. --write puts the table into docs/reliability.md. What each row proves is told there.
Rows are cut into parts, each in a process of its own, two at a time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reliability.md"
SIZES = ("pr", "nightly", "release")
AT_ONCE = 2
ALL = 1_000_000


@dataclass(frozen=True)
class Row:
    """One line of the table: how many cases a size asks for, and how many of them make a part (0: no parts)."""

    name: str
    what: str
    counts: tuple[int, int, int]
    part: int = 0
    seconds: bool = False

    def parts(self, count: int, seed: int) -> list[tuple[int, int]]:
        """(count, seed) of each part; a case keeps its seed in whichever part it is."""
        size = self.part or count
        return [(min(size, count - begun), seed + begun) for begun in range(0, count, size)]


ROWS = (
    Row("failing_writes", "n-th write, fsync, lock or clock fails, for every n", (30, ALL, ALL)),
    Row("http_faults", "HTTP fault at every call; truth after a clean sync", (300, ALL, ALL)),
    Row("kills", "kill -9 in sync, import, accept, undo, migration, token refresh", (60, 3_000, 50_000), 500),
    Row(
        "reviewers", "two to eight reviewers at once on 50 lines: over-allocations", (50, 1_000, 10_000), 200
    ),
    Row("histories", "simulated histories of a bank: stored = truth", (500, 20_000, 500_000), 2_400),
    Row("damage", "damaged place in database, WAL, anchor or vault: told", (100, 2_000, 30_000), 500),
    Row("processes", "three kinds of process at once: told = found", (15, 60, 600), seconds=True),
)
"""The longest single parts first, so that two processes end at about the same time. `counts`: of SIZES."""


@dataclass
class Result:
    """What came of a row, or of a part of it."""

    tried: int
    failures: list[str]
    note: str
    seconds: float


def run_part(row: Row, count: int, seed: int) -> Result:
    """One part in a process of its own, which must not run threads before it forks."""
    told = os.environ | {
        "OPENBLAS_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    begun = time.monotonic()
    command = [sys.executable, "-m", "tests.prove", row.name, str(count), str(seed)]
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begun
    if done.returncode:
        words = f"seed {seed}: the proof itself broke: {done.stderr.strip()[-2000:]}"
        return Result(0, [words], "", seconds)
    outcome = json.loads(done.stdout.strip().splitlines()[-1])
    return Result(outcome["tried"], outcome["failures"], outcome["note"], seconds)


def run(rows: list[Row], size: str, seed: int, case: int | None) -> list[tuple[Row, Result]]:
    """Every part of every row, two at a time, and what came of the rows."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        under_way = []
        for row in rows:
            count = row.counts[SIZES.index(size)]
            parts = [(1, case)] if case is not None else row.parts(count, seed)
            under_way.append((row, [pool.submit(run_part, row, *part) for part in parts]))
        return [(row, _together([one.result() for one in parts])) for row, parts in under_way]


def _together(parts: list[Result]) -> Result:
    return Result(
        tried=sum(one.tried for one in parts),
        failures=[words for one in parts for words in one.failures],
        note=next((one.note for one in parts if one.note), ""),
        seconds=sum(one.seconds for one in parts),
    )


def table(results: list[tuple[Row, Result]]) -> str:
    """The rows as Markdown."""
    lines = ["| what | tried | failed | seconds | |", "|---|---:|---:|---:|---|"]
    for row, result in results:
        lines.append(
            f"| {row.what} (`{row.name}`) | {result.tried:,} | {len(result.failures)} | {result.seconds:.0f} "
            f"| {result.note} |"
        )
    return "\n".join(lines) + "\n"


def failures(results: list[tuple[Row, Result]]) -> str:
    """Each failing case, and how to run it alone."""
    told = []
    for row, result in results:
        for words in result.failures:
            number = re.match(r"\D*(\d+)", words)
            again = f" --case {number[1]}" if number and not row.seconds else ""
            told.append(f"FAILED {words}\n       again: python scripts/prove.py --only {row.name}{again}\n")
    return "".join(told)


def write_page(told: str, size: str, seed: int) -> None:
    """Put a table into the page in place of the one of the same size before."""
    cores = len(os.sched_getaffinity(0))
    head = (
        f"`{size}`, {datetime.now(UTC):%d %B %Y}, seed {seed}, {cores} cores ({platform.machine()}, "
        f"{platform.system()}), Python {platform.python_version()}\n"
    )
    page = PAGE.read_text("utf-8")
    begin, end = f"<!-- {size} -->\n", f"<!-- end of {size} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    if not after:
        raise SystemExit(f"{PAGE.name} has no place for the size {size}. Nothing was written.")
    PAGE.write_text(f"{before}{begin}{head}\n{told}{end}{after}", "utf-8")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="pr")
    parser.add_argument("--only", choices=[row.name for row in ROWS])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="one case alone; needs --only")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    given = parser.parse_args(words)
    if given.write and (given.only or given.case is not None):
        parser.error("--write puts down a whole table; leave --only and --case out")
    if given.case is not None and not given.only:
        parser.error("--case needs --only")
    rows = [row for row in ROWS if given.only in (None, row.name)]
    begun = time.monotonic()
    results = run(rows, given.size, given.seed, given.case)
    told = table(results)
    sys.stdout.write(f"{told}\n{failures(results)}{time.monotonic() - begun:.0f} s\n")
    if given.write:
        write_page(told, given.size, given.seed)
    return int(any(result.failures for _, result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
