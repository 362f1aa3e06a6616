"""`make bench`: how long each step takes, told as ratios of things measured beside it in the same run.

    python scripts/bench.py [--lines 10000] [--write]

In: made-up books of one seed (`bench_books.py`). Out: a table on the screen, with `--write` in docs/benchmark.md.
Never: a figure in seconds in a document, since that tells of the machine and not of the program.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from bench_books import BenchBooks, make_bench_books  # noqa: E402

import recon as rc  # noqa: E402
from recon.flow import queue  # noqa: E402
from recon.flow.files import File, import_read, read_file  # noqa: E402
from recon.flow.workspace import Store  # noqa: E402
from recon.statements.readers import read_statement_bytes  # noqa: E402

SMALL = 1000
Found = dict[str, frozenset[str]]
"""Line id → the document numbers that a way of matching gives it."""


@dataclass(frozen=True)
class Step:
    """One row of the first table: seconds it took, and seconds of the least that could do."""

    name: str
    seconds: float
    floor: str
    floor_seconds: float


@dataclass(frozen=True)
class Score:
    """One row of the last table: lines that a way of matching got right, got wrong, and left alone."""

    name: str
    right: int
    wrong: int
    silent: int
    lines: int


def least(times: int, work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the quickest of several runs, and what the last one gave."""
    taken, answer = [], None
    for _ in range(times):
        begun = time.perf_counter()
        answer = work()
        taken.append(time.perf_counter() - begun)
    return min(taken), answer


def exact_join(lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The limit: one join on amount and currency, nothing else looked at."""
    return lines.select("line_id", "amount_minor", "currency").join(
        items.select("document_no", "currency", amount_minor="open_minor"), on=["amount_minor", "currency"]
    )


def unique_pairs(joined: pl.DataFrame) -> Found:
    """What the join can say without guessing: pairs that are the only ones of both their sides."""
    alone = joined.filter(pl.len().over("line_id") == 1, pl.len().over("document_no") == 1)
    return {line: frozenset([number]) for line, number in alone.select("line_id", "document_no").iter_rows()}


def loop_matcher(lines: pl.DataFrame, items: pl.DataFrame) -> Found:
    """What one writes first: every line against every document, the best points win, equals are left alone."""
    found: Found = {}
    documents = items.select("document_no", "counterparty_name", "open_minor", "currency").to_dicts()
    for line in lines.select("line_id", "text", "counterparty_name", "amount_minor", "currency").to_dicts():
        best, points, tie = "", 1, False
        for one in documents:
            if one["currency"] != line["currency"]:
                continue
            now = 2 * (one["open_minor"] == line["amount_minor"])
            now += 3 * (one["document_no"] in line["text"])
            now += one["counterparty_name"] == line["counterparty_name"]
            if now > points:
                best, points, tie = one["document_no"], now, False
            elif now == points:
                tie = True
        if best and points >= 3 and not tie:
            found[line["line_id"]] = frozenset([best])
    return found


def best_of(result: Any) -> Found:
    """The engine's proposals of rank 1."""
    legs = result.legs.join(result.proposals.filter(rank=1), on="proposal_id", how="semi")
    named = legs.join(result.items.select("item_id", "document_no"), on="item_id")
    return {
        line: frozenset(numbers) for line, numbers in named.group_by("line_id").agg("document_no").iter_rows()
    }


def score(name: str, found: Found, truth: Found, lines: pl.DataFrame) -> Score:
    """Against the truth: silence about a line that belongs to nothing is neither right nor wrong."""
    right = sum(1 for line, numbers in found.items() if truth.get(line) == numbers)
    return Score(name, right, len(found) - right, len(truth.keys() - found.keys()), len(truth))


def truth_of(books: BenchBooks, lines: pl.DataFrame) -> Found:
    """Lines come in the order of the file, which is that of the payments."""
    pairs = zip(lines["line_id"], books.payments, strict=True)
    return {line: frozenset(one.pays) for line, one in pairs if one.pays}


def read_both(books: BenchBooks) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines and items of books, normalised."""
    lines = read_statement_bytes(books.statement(), "bench.xml").lines
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.csv"
        path.write_bytes(books.documents())
        items = rc.read_documents(path).items
    return rc.normalise_lines(lines), rc.normalise_items(items)


def measure_steps(books: BenchBooks) -> tuple[list[Step], float, list[Score]]:
    """Every step on the large books, the join's seconds, and what join and engine found."""
    statement, documents = books.statement(), books.documents()
    read, lines = least(2, lambda: rc.normalise_lines(read_statement_bytes(statement, "bench.xml").lines))
    parse, _ = least(3, lambda: ElementTree.fromstring(statement))
    _, items = read_both(books)
    join, joined = least(7, lambda: exact_join(lines, items))
    think, result = least(2, lambda: rc.propose(lines, items))
    with tempfile.TemporaryDirectory() as folder:
        store = rc.open_store(Path(folder) / "workspace")
        given = [
            read_file(store, File(name, data)) for name, data in (("b.xml", statement), ("b.csv", documents))
        ]
        keep, _ = least(1, lambda: import_read(store, given, by="bench"))
        write, _ = least(3, lambda: _to_parquet(Path(folder), lines, items))
        steps = [
            Step("read a statement and normalise its lines", read, "parse the same XML", parse),
            Step("propose", think, "exact join on amount and currency", join),
            Step("import both into a workspace, once read", keep, "write both frames to Parquet", write),
            *measure_page(store),
        ]
    truth = truth_of(books, lines)
    found = [
        score("exact join, unique pairs only", unique_pairs(joined), truth, lines),
        score("propose, rank 1", best_of(result), truth, lines),
    ]
    return steps, join, found


def measure_page(store: Store) -> list[Step]:
    """The review page's query, and one decision, on a workspace that was matched."""
    rc.match_open(store, by="bench")
    page, _ = least(5, lambda: queue.bench(store, queue.Ask()))
    whole, frame = least(3, lambda: store.open_lines())
    proposal = store.proposals().filter(rank=1)["proposal_id"][0]
    accept, _ = least(1, lambda: rc.accept(store, proposal, by="bench"))
    assert frame.height
    return [
        Step("first page of the review queue", page, "read all open lines from the store", whole),
        Step("accept one proposal", accept, "read all open lines from the store", whole),
    ]


def _to_parquet(folder: Path, lines: pl.DataFrame, items: pl.DataFrame) -> None:
    lines.write_parquet(folder / "lines.parquet")
    items.write_parquet(folder / "items.parquet")


def measure_loop() -> tuple[list[tuple[str, float, float]], list[Score]]:
    """Engine and loop on small books: seconds at half the size and at the whole, and what they found."""
    times: dict[str, list[float]] = {"propose": [], "python loop": []}
    found: list[Score] = []
    for size in (SMALL // 2, SMALL):
        books = make_bench_books(size)
        lines, items = read_both(books)
        truth = truth_of(books, lines)
        rc.propose(lines, items)  # the first call loads what later ones have
        engine, result = least(3, lambda: rc.propose(lines, items))  # noqa: B023 - called at once
        loop, matched = least(2, lambda: loop_matcher(lines, items))  # noqa: B023
        times["propose"].append(engine)
        times["python loop"].append(loop)
        found = [
            score("python loop", matched, truth, lines),
            score("propose, rank 1", best_of(result), truth, lines),
        ]
    return [(name, half, whole) for name, (half, whole) in times.items()], found


def ratio(one: float, other: float) -> str:
    """Two digits that mean something: `0.4`, `3.2`, `48`, `1,300`."""
    value = one / other
    if value >= 100:
        return f"{round(value, -1 if value < 1000 else -2):,.0f}"
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def report(size: int) -> tuple[str, str]:
    """The document, and the same with seconds for the screen."""
    steps, join, large = measure_steps(make_bench_books(size))
    times, small = measure_loop()
    rows = [
        f"| {one.name} | {one.floor} | {ratio(one.seconds, one.floor_seconds)} | {ratio(one.seconds, join)} |"
        for one in steps
    ]
    loop = {name: whole for name, _, whole in times}
    growth = [
        f"| {name} | {ratio(whole, half)} | {ratio(whole, loop['python loop'])} |"
        for name, half, whole in times
    ]
    found = [
        f"| {one.name} | {lines:,} | {one.right / one.lines:.1%} | {one.wrong} | {one.silent / one.lines:.1%} |"
        for lines, scores in ((SMALL, small), (size, large))
        for one in scores
    ]
    document = DOCUMENT.format(
        size=f"{size:,}",
        small=f"{SMALL:,}",
        half=f"{SMALL // 2:,}",
        steps="\n".join(rows),
        growth="\n".join(growth),
        found="\n".join(found),
    )
    seconds = [
        f"{one.seconds:8.3f} s  {one.name}\n{one.floor_seconds:8.3f} s    {one.floor}" for one in steps
    ]
    return document, "\n".join(["Seconds on this machine, for whoever sits at it:", *seconds])


DOCUMENT = """# Benchmark

Written by `make bench ARGS=--write`; do not edit. All figures are ratios of things measured side by side in one
run, so they say something about the program rather than about the machine. They move by about a third from run
to run. The books are made up from a seed (`scripts/bench_books.py`): one company, one currency, equal subscription
prices beside invoices of their own amount, paid by reference, by number, by name only, two at once, less a fee, or
not at all. Real books are less tidy.

## Each step, {size} bank lines and {size} documents

The *floor* is the least work that any program has to do for the same end, or the plainest way to do it. The last
column is the same time in *exact joins*: one polars join of the same frames on amount and currency.

| step | floor | times the floor | exact joins |
|---|---|---:|---:|
{steps}

## Against a loop, {small} by {small}

The loop compares every line with every document in plain Python: amount, number in the text, name.

| way | time from {half} to {small} grows by | times the loop |
|---|---:|---:|
{growth}

At this size the loop is still quick, but ten times the books are a hundred times its work. The engine's time grows
with the candidates, not with the pairs.

## What is found

Of the lines that truly belong to documents: exactly right, and left for a person. *Wrong* counts lines, those that
belong to nothing included.

| way | lines | right | wrong | silent |
|---|---:|---:|---:|---:|
{found}
"""


def main() -> None:
    """Measure, show, and write the document where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help="write docs/benchmark.md")
    options = parser.parse_args()
    document, seconds = report(options.lines)
    if options.write:
        (ROOT / "docs" / "benchmark.md").write_text(document, "utf-8")
    sys.stdout.write(f"{document}\n{seconds}\n")


if __name__ == "__main__":
    main()
