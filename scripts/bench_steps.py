"""How long each step of the product takes, beside the least work that any program has to do for the same end.

In: a statement file and a document file made up from a seed (`bench_books.py`). Out: rows of step, floor, ratio.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
from bench_books import BenchBooks, make_bench_books

import recon as rc
from recon.bench.report import ratio, table
from recon.flow import queue
from recon.flow.files import File, import_read, read_file
from recon.flow.workspace import Store
from recon.statements.readers import read_statement_bytes


@dataclass(frozen=True)
class Step:
    """Seconds it took, and seconds of the least that could do."""

    name: str
    seconds: float
    floor: str
    floor_seconds: float


def least(times: int, work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the quickest of several runs, and what the last one gave."""
    taken, answer = [], None
    for _ in range(times):
        begun = time.perf_counter()
        answer = work()
        taken.append(time.perf_counter() - begun)
    return min(taken), answer


def steps_report(size: int) -> str:
    """The section of docs/benchmark.md."""
    rows = (
        [one.name, one.floor, ratio(one.seconds / one.floor_seconds)]
        for one in measure_steps(make_bench_books(size))
    )
    return SECTION.format(size=f"{size:,}") + table(["step", "floor", "times the floor"], rows, left=2)


def read_both(books: BenchBooks) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines and items of the two files, normalised."""
    lines = read_statement_bytes(books.statement(), "bench.xml").lines
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.csv"
        path.write_bytes(books.documents())
        items = rc.read_documents(path).items
    return rc.normalise_lines(lines), rc.normalise_items(items)


def measure_steps(books: BenchBooks) -> list[Step]:
    """Reading, matching, keeping, showing and deciding, each once with its floor."""
    statement, documents = books.statement(), books.documents()
    lines, items = read_both(books)
    read, _ = least(2, lambda: rc.normalise_lines(read_statement_bytes(statement, "bench.xml").lines))
    parse, _ = least(3, lambda: ElementTree.fromstring(statement))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = rc.open_store(folder / "workspace")
        given = [
            read_file(store, File(name, data)) for name, data in (("b.xml", statement), ("b.csv", documents))
        ]
        keep, _ = least(1, lambda: import_read(store, given, by="bench"))
        write, _ = least(3, lambda: _to_parquet(folder, lines, items))
        return [
            Step("read a statement and normalise its lines", read, "parse the same XML", parse),
            Step("import both into a workspace, once read", keep, "write both frames to Parquet", write),
            *_measure_page(store),
        ]


def _measure_page(store: Store) -> list[Step]:
    """The review page's query, and one decision, on a workspace that was matched."""
    rc.match_open(store, by="bench")
    page, _ = least(5, lambda: queue.bench(store, queue.Ask()))
    whole, _ = least(3, lambda: store.open_lines())
    proposal = store.proposals().filter(rank=1)["proposal_id"][0]
    accept, _ = least(1, lambda: rc.accept(store, proposal, by="bench"))
    floor = "read all open lines from the store"
    return [
        Step("first page of the review queue", page, floor, whole),
        Step("accept one proposal", accept, floor, whole),
    ]


def _to_parquet(folder: Path, lines: pl.DataFrame, items: pl.DataFrame) -> None:
    lines.write_parquet(folder / "lines.parquet")
    items.write_parquet(folder / "items.parquet")


SECTION = """## Each step around it, {size} bank lines and {size} documents

The *floor* is the least work that any program has to do for the same end, or the plainest way to do it. The files
are simple ones (`scripts/bench_books.py`): one currency, paid by reference, number or name, two at once, less a fee.

"""
