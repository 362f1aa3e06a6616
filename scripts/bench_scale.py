"""`make bench-scale`: many companies one after the other, and on a pool, as ratios of the first.

    python scripts/bench_scale.py [--companies 8] [--lines 2000] [--workers 2] [--ray]

In: made-up books of one seed a company (`bench_books.py`). Out: a table on the screen; stops where a runner's
bytes differ. Never: seconds as a claim about the program, since they tell of the machine.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from bench_books import make_bench_books  # noqa: E402

import recon as rc  # noqa: E402
from recon.scale import InProcess, OnRay, Partition, Pool, Runner, Scaled, propose_all  # noqa: E402
from recon.statements.readers import read_statement_bytes  # noqa: E402

_ONE_THREAD = "--one-thread"


def companies(count: int, lines: int) -> list[Partition]:
    """Books of their own for each company, normalised as a store would give them."""
    return [company(f"company {n:04}", lines, seed=n) for n in range(count)]


def company(key: str, lines: int, seed: int) -> Partition:
    """One company's made-up books, read as files are."""
    books = make_bench_books(lines, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "documents.csv"
        path.write_bytes(books.documents())
        items = rc.read_documents(path).items
    statement = read_statement_bytes(books.statement(), "statement.xml").lines
    return Partition(key, rc.normalise_lines(statement), rc.normalise_items(items))


def fingerprint(scaled: Scaled) -> list[bytes]:
    """Every frame as the bytes of its Arrow file."""
    files = []
    for frame in (scaled.proposals, scaled.legs, scaled.evidence, scaled.unmatched, scaled.failures):
        file = io.BytesIO()
        frame.write_ipc(file)
        files.append(file.getvalue())
    return files


def measured(runner: Runner, some: list[Partition], times: int) -> tuple[float, list[bytes]]:
    """Seconds of the quickest run, workers' start included, and what it gave."""
    taken: list[float] = []
    done = None
    for _ in range(times):
        begun = time.perf_counter()
        done = propose_all(some, runner)
        taken.append(time.perf_counter() - begun)
    assert done is not None and done.failures.is_empty(), done
    return min(taken), fingerprint(done)


def one_thread_seconds() -> float:
    """The same run in a fresh process whose polars has one thread, as a worker's has."""
    command = [sys.executable, __file__, *sys.argv[1:], _ONE_THREAD]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--companies", type=int, default=8)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--ray", action="store_true", help="also on Ray, where it is installed")
    parser.add_argument(_ONE_THREAD, action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    some = companies(given.companies, given.lines)
    propose_all(some[:1])  # the first call loads what later ones have
    serial, bytes_here = measured(InProcess(), some, given.times)
    if given.one_thread:
        sys.stdout.write(f"{serial}\n")
        return
    runners: dict[str, Runner] = {f"pool of {given.workers}": Pool(given.workers)}
    if given.ray:
        runners[f"Ray, {given.workers} cores"] = OnRay(workers=given.workers)
    rows = [("in this process, all threads", serial), ("in this process, one thread", one_thread_seconds())]
    for name, runner in runners.items():
        seconds, found = measured(runner, some, given.times)
        if found != bytes_here:
            sys.exit(f"{name} gave other bytes than this process")
        rows.append((name, seconds))
    sys.stdout.write(f"{given.companies} companies of {given.lines:,} lines; the same bytes on each\n")
    for name, seconds in rows:
        sys.stdout.write(f"{serial / seconds:6.2f} × as quick  {name}  ({seconds:.2f} s here)\n")


if __name__ == "__main__":
    main()
