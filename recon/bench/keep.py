"""Labelled books kept as Parquet, so that every way reads the same files and none pays for making them.

In: size, seed, and how many decisions were taken before. Out: a folder, and the books in it.
Never: anything outside the folder it is given; what is kept there is only ever read back by the program that wrote it.
"""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from recon.policy import Policy
from recon.schema import History

FRAMES = ("lines", "items", "links", "cases")


@dataclass(frozen=True)
class Kept:
    """Books with their truth, read back. `history` holds what was decided before these lines."""

    folder: Path
    lines: pl.DataFrame
    items: pl.DataFrame
    links: pl.DataFrame
    cases: pl.DataFrame
    policy: Policy
    history: History | None = None


def keep(books: Any, folder: Path, history: History | None = None) -> None:
    """Write books into a folder; it holds all of them or, if this breaks off, no `done`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FRAMES:
        getattr(books, name).write_parquet(folder / f"{name}.parquet")
    (folder / "rest.pickle").write_bytes(pickle.dumps((books.policy, history)))
    (folder / "done").touch()


def kept(folder: Path) -> Kept:
    """Books of a folder."""
    frames = {name: pl.read_parquet(folder / f"{name}.parquet") for name in FRAMES}
    policy, history = rest_of(folder)
    return Kept(folder, **frames, policy=policy, history=history)


def rest_of(folder: Path) -> tuple[Policy, History | None]:
    """Policy and history of a folder."""
    return pickle.loads((folder / "rest.pickle").read_bytes())


def books_of(root: Path, size: int, seed: int, decisions: int) -> tuple[Path, Path]:
    """Two folders: the whole books, and what is left of them after so many decisions; made where not yet there."""
    name = f"{size}-{seed}-{_maker()}"
    whole, later = root / name, root / f"{name}-after-{decisions}"
    if not ((whole / "done").exists() and (later / "done").exists()):
        from recon.bench.books import make_books  # takes its time to load, and only who makes books needs it

        books = make_books(size, seed)
        history = books.history(decisions)
        keep(books, whole)
        keep(books.after(history), later, history)
    return whole, later


def _maker() -> str:
    """A mark of the generator's source, so that books of an older one are not taken for its own."""
    sources = sorted((Path(__file__).parent / "books").glob("*.py"))
    return hashlib.blake2b(b"".join(one.read_bytes() for one in sources), digest_size=4).hexdigest()
