"""A ledger for notebooks and for a process that stays: prepared once, then told what is new.

In: frames as received, or a workspace. Out: for notebooks a Ledger; for `recon.flow.matching` the Matching of
everything open, made anew only where something changed. What this process knows it forgets when it ends;
nothing of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path

import polars as pl

from recon.match.propose import Progress, propose
from recon.match.resident.ledger import Ledger as Prepared
from recon.match.weights import Model
from recon.normalise.items import normalise_items
from recon.normalise.lines import normalise_lines, normalise_parts
from recon.policy import Policy
from recon.schema import ITEMS, LINES, PARTS, History, Matching

ROWS_LEAST = 50_000
"""Open lines and documents below which a look at everything takes no longer."""
_TOLD = [name for name in LINES.columns if name != "references"]
"""Columns by which a line is seen to have changed; references are made of them."""


@dataclass(frozen=True)
class Ledger:
    """Documents and open lines prepared once, so that a few more lines cost what they can touch. Frozen:
    every method gives a new one. `prepared` is the engine's own.

    Frames as received are normalised as `rc.propose` does."""

    prepared: Prepared

    @property
    def matching(self) -> Matching:
        """What is proposed for all lines the ledger knows."""
        return self.prepared.matching

    def propose(self, lines: pl.DataFrame, parts: pl.DataFrame | None = None) -> Matching:
        """What `rc.propose` says of these LINES beside all that the ledger knows. The ledger stays as it was."""
        return self.prepared.propose(normalise_lines(lines), _parts(parts))

    def with_lines(self, lines: pl.DataFrame, parts: pl.DataFrame | None = None) -> Ledger:
        """With LINES added, or changed where their ids are known. parts: PARTS of these lines."""
        return Ledger(self.prepared.with_lines(normalise_lines(lines), _parts(parts)))

    def with_items(self, items: pl.DataFrame) -> Ledger:
        """With ITEMS added, or changed where their ids are known; settled ones have `open_minor` 0."""
        return Ledger(self.prepared.with_items(normalise_items(items)))

    def without(self, ids: list[str]) -> Ledger:
        """Without the lines and documents of these ids."""
        return Ledger(self.prepared.without(ids))


def ledger(
    items: pl.DataFrame,
    lines: pl.DataFrame | None = None,
    parts: pl.DataFrame | None = None,
    policy: Policy = Policy(),  # noqa: B008 - a frozen value
    model: Model | None = None,
    history: History | None = None,
    progress: Progress | None = None,
) -> Ledger:
    """Prepare a ledger to be asked about a few lines at a time. Pure: no store, no clock.

    items: ITEMS. lines: LINES that are open already, matched at once. The others as for `rc.propose`.
    The weights are those of now: what further lines would teach is learnt when a ledger is prepared anew.
    """
    told = history and normalised(history)
    prepared = Prepared.of(
        normalise_items(items), None if lines is None else normalise_lines(lines), _parts(parts), policy, model,
        told, progress,
    )  # fmt: skip
    return Ledger(prepared)


def normalised(history: History) -> History:
    """History whose lines and documents are normalised like those it is to teach about."""
    return replace(history, lines=normalise_lines(history.lines), items=normalise_items(history.items))


def _parts(parts: pl.DataFrame | None) -> pl.DataFrame | None:
    return None if parts is None else normalise_parts(parts)


@dataclass(frozen=True)
class Books:
    """Everything open in a workspace now, normalised, and by what it is to be matched. model: the version
    kept, if any."""

    lines: pl.DataFrame
    items: pl.DataFrame
    parts: pl.DataFrame
    policy: Policy
    model: Model | None
    history: History
    day: date


@dataclass(frozen=True)
class _Kept:
    books: Books
    prepared: Prepared
    run_id: str


_kept: dict[Path, _Kept] = {}
"""The workspace this process matched last."""


def matched(
    home: Path, books: Books, last_run: str | None, run_id: str, progress: Progress | None, *, whole: bool
) -> tuple[Matching, int]:
    """The Matching of everything open, and how many lines were looked at for it.

    Only what changed since this process last matched, and what that touches, is looked at. Everything is where asked to
    (`whole`), where another process matched since, on a new day, where policy, rules or model changed, and in small
    books. last_run: of the store. run_id: of this one.
    """
    before = _kept.pop(home, None)
    _kept.clear()
    told = (books.parts, books.policy, books.model, books.history)
    if whole or books.lines.height + books.items.height < ROWS_LEAST:
        return propose(books.lines, books.items, *told, progress=progress), books.lines.height
    if before is not None and before.run_id == last_run and _as_before(before.books, books):
        prepared = _brought_up(before, books)
    else:
        prepared = Prepared.of(books.items, books.lines, *told, progress=progress)
    _kept[home] = _Kept(books, prepared, run_id)
    return prepared.matching, prepared.rematched


def _as_before(one: Books, other: Books) -> bool:
    """Whether the same policy and model weigh on the same day."""
    if one.day != other.day or (one.model and one.model.version) != (other.model and other.model.version):
        return False
    return all(
        _alike(getattr(one.policy, each.name), getattr(other.policy, each.name)) for each in fields(Policy)
    )


def _alike(one: object, other: object) -> bool:
    if isinstance(one, pl.DataFrame) and isinstance(other, pl.DataFrame):
        return one.equals(other)
    return not isinstance(one, pl.DataFrame) and not isinstance(other, pl.DataFrame) and one == other


def _brought_up(before: _Kept, books: Books) -> Prepared:
    old = before.books
    lines = [
        _news(books.lines, old.lines, _TOLD, "line_id"),
        _news(books.parts, old.parts, PARTS.columns, "line_id"),
    ]
    items = _news(books.items, old.items, ITEMS.columns, "item_id")
    gone = [_gone(old.lines, books.lines, "line_id"), _gone(old.items, books.items, "item_id")]
    renewed = pl.col("line_id").is_in(pl.concat(lines).implode())
    return before.prepared.changed(
        lines=books.lines.filter(renewed),
        parts=books.parts.filter(renewed),
        items=books.items.filter(pl.col("item_id").is_in(items.implode())),
        gone=pl.concat(gone),
        history=books.history,
    ).written()


def _news(now: pl.DataFrame, before: pl.DataFrame, columns: list[str], key: str) -> pl.Series:
    """The keys of rows that are new, or not as they were."""
    return now.join(before.select(columns), on=columns, how="anti", nulls_equal=True)[key]


def _gone(before: pl.DataFrame, now: pl.DataFrame, key: str) -> pl.Series:
    return before.join(now, on=key, how="anti")[key]
