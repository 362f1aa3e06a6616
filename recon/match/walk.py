"""The lines of a contest in the order they are gone through, and what each of them may do, as bits of a state.

In: a Contest. Out: its parts, a Walk and Options for recon.match.matchings. A state has four groups of SLOTS bits:
what is taken, what was taken before today, what was passed over today, and what being passed over was charged for.
A slot stands for a document, or for a line that a draft of several lines has taken in advance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.match.contest import Contest

SLOTS = 16
"""Documents that may be waiting at once in one part."""
LINES = 120
"""Lines of a part beyond which nobody would wait for the sum."""
_BIT = np.uint64(1) << np.arange(SLOTS, dtype=np.uint64)
_ALL_FOUR = np.uint64(sum(1 << SLOTS * group for group in range(4)))


@dataclass(frozen=True)
class Walk:
    """Lines sorted by step, then part. begin: where each step begins, and the end. turns: whether a new day of the part
    begins after the line, or nothing; clear: the bits forgotten then. slot: of each document; slot_of_line: of each
    line (of the Contest), SLOTS for none. at: the place of each line of the Contest. line: the line at each place."""

    line: np.ndarray
    at: np.ndarray
    part: np.ndarray
    begin: np.ndarray
    turns: np.ndarray
    clear: np.ndarray
    slot: np.ndarray
    slot_of_line: np.ndarray


@dataclass(frozen=True)
class Options:
    """What a line may do, sorted by its place in the walk: `must` be set and `free` not be set before, `put` is set
    after. begin: the first option of each place, and the end. draft: -1 where it does nothing."""

    at: np.ndarray
    begin: np.ndarray
    draft: np.ndarray
    second: np.ndarray
    must: np.ndarray
    free: np.ndarray
    put: np.ndarray
    worth: np.ndarray


def parts_of(some: Contest) -> np.ndarray:
    """The number of the part of each line: lines that share a draft or a document, and theirs."""
    draft = np.concatenate([some.draft, some.claimer])
    place = np.concatenate([some.line, some.wanted + len(some.none)])
    label, old = np.arange(len(some.odds)), None
    least = np.zeros(int(place.max(initial=-1)) + 1, dtype=np.int64)
    while old is None or not np.array_equal(label, old):
        old = label
        least[:] = len(label)
        np.minimum.at(least, place, label[draft])
        label = label.copy()
        np.minimum.at(label, draft, least[place])
        label = label[label]
    return np.unique(least[: len(some.none)], return_inverse=True)[1]


def walk_of(some: Contest, part: np.ndarray) -> tuple[Walk, np.ndarray]:
    """The walk, and which parts have room in their slots."""
    lines = np.arange(len(part))
    order = np.lexsort((lines, some.day, part))
    first = np.searchsorted(part[order], np.arange(int(part.max(initial=-1)) + 1))
    step = np.empty(len(part), dtype=np.int64)
    step[order] = lines - first[part[order]]
    same_part = np.append(part[order][1:] == part[order][:-1], False)
    same_day = np.append(some.day[order][1:] == some.day[order][:-1], False)
    turns = np.empty(len(part), dtype=bool)
    turns[order] = ~(same_part & same_day)
    # The step at which the day of each line ends.
    ends = np.flatnonzero(turns[order])
    day_end = np.empty(len(part), dtype=np.int64)
    day_end[order] = order[ends[np.searchsorted(ends, lines)]]
    line = np.lexsort((part, step))
    at = np.empty(len(part), dtype=np.int64)
    at[line] = lines
    begin = np.append(np.searchsorted(step[line], np.arange(int(step.max(initial=-1)) + 1)), len(part))
    slot, slot_of_line, clear, fits = _slots(some, part, step, day_end)
    return Walk(line, at, part[line], begin, turns[line], clear[line], slot, slot_of_line), fits


def _slots(
    some: Contest, part: np.ndarray, step: np.ndarray, day_end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Slots of documents and of lines taken in advance; one is used again when its day is over.

    Also the bits to clear after each line, and which parts need no more slots than there are.
    """
    documents = len(some.series)
    slot = np.full(documents + len(part), SLOTS)
    clear = np.zeros(len(part), dtype=np.uint64)
    fits = np.ones(int(part.max(initial=-1)) + 1, dtype=bool)
    now, ends = -1, [-1] * SLOTS
    for its_part, first, place, last, line in _waits(some, part, step, day_end).iter_rows():
        if its_part != now:
            now, ends = its_part, [-1] * SLOTS
        free = next((number for number in range(SLOTS) if ends[number] < first), None)
        if free is None:
            fits[its_part] = False
            continue
        ends[free] = last
        slot[place] = free
        clear[line] |= _BIT[free] * _ALL_FOUR
    return slot[:documents], slot[documents:], clear, fits


def _waits(some: Contest, part: np.ndarray, step: np.ndarray, day_end: np.ndarray) -> pl.DataFrame:
    """`part first place last line`: from what step to what step a place must be remembered, and the last line of its
    last day. Places are documents, and after them lines that a draft of several lines may take in advance."""
    together = np.bincount(some.draft, minlength=len(some.odds))[some.draft] > 1
    stands = pl.DataFrame({"draft": some.draft, "line": some.line})
    wants = pl.DataFrame({"draft": some.claimer, "place": some.wanted})
    ahead = stands.filter(pl.Series(together)).select("draft", place=pl.col("line") + len(some.series))
    rows = pl.concat([wants, ahead]).join(stands, on="draft").select("place", "line")
    line = rows["line"].to_numpy()
    told = rows.select(
        "place", part=pl.Series(part[line]), step=pl.Series(step[line]), end=pl.Series(day_end[line]),
        day=pl.Series(step[day_end[line]]),
    )  # fmt: skip
    waits = told.group_by("place").agg(
        pl.col("part").first(),
        first=pl.col("step").min(),
        last=pl.col("day").max(),
        line=pl.col("end").sort_by("day").last(),
    )
    return waits.select("part", "first", "place", "last", "line").sort("part", "first", "place")


def options_of(some: Contest, walk: Walk) -> Options:
    """Leaving a line alone, going on with what took it in advance, each draft that begins with it, and each second
    payment."""
    taken = np.append(_BIT, np.uint64(0))
    own = taken[walk.slot_of_line]
    count = len(some.odds)
    needs = np.zeros(count, dtype=np.uint64)
    np.bitwise_or.at(needs, some.claimer, taken[walk.slot[some.wanted]])
    np.bitwise_or.at(needs, some.draft, own[some.line])
    begins = np.full(count, len(walk.line))
    np.minimum.at(begins, some.draft, walk.at[some.line])
    puts = needs | _passed_over(some, walk)
    lines, drafts = np.arange(len(some.none)), np.arange(count)
    ahead = np.flatnonzero(own != 0)
    second = np.flatnonzero(some.again > 0)
    payer = some.claimer[second]
    zeros = np.zeros_like
    at = np.concatenate([walk.at[lines], walk.at[ahead], begins, begins[payer]])
    order = np.argsort(at, kind="stable")
    nothing = np.full(len(lines) + len(ahead), -1)
    own_of_payer = own[walk.line[begins[payer]]]
    seen = taken[walk.slot[some.wanted[second]]] << np.uint64(SLOTS)
    whole = [
        at,
        np.concatenate([nothing, drafts, payer]),
        np.repeat([False, True], [len(nothing) + count, len(payer)]),
        np.concatenate([zeros(own), own[ahead], zeros(needs), seen]),
        np.concatenate([own, zeros(own[ahead]), needs, own_of_payer]),
        np.concatenate([zeros(own), zeros(own[ahead]), puts, zeros(seen)]),
        np.concatenate([some.none, np.ones(len(ahead)), some.odds, some.odds[payer] * some.again[second]]),
    ]
    at, draft, again, must, free, put, worth = (column[order] for column in whole)
    begin = np.searchsorted(at, np.arange(len(walk.line) + 1))
    return Options(at, begin, draft, again, must, free, put, worth)


def _passed_over(some: Contest, walk: Walk) -> np.ndarray:
    """For each draft that names no document the bits of older equal ones its line could have paid instead."""
    alone = (np.bincount(some.draft, minlength=len(some.odds)) == 1) & (
        np.bincount(some.claimer, minlength=len(some.odds)) == 1
    )
    mine = np.flatnonzero((alone & some.soft)[some.claimer] & (some.series[some.wanted] > 0))
    draft, document = some.claimer[mine], some.wanted[mine]
    line = np.zeros(len(some.odds), dtype=np.int64)
    line[some.draft] = some.line
    rows = pl.DataFrame(
        {
            "draft": draft,
            "line": line[draft],
            "series": some.series[document],
            "age": some.age[document],
            "document": document,
        }
    )
    older = rows.select("line", "series", older="age", passed="document")
    pairs = rows.join(older, on=["line", "series"]).filter(pl.col("older") < pl.col("age"))
    bits = np.zeros(len(some.odds), dtype=np.uint64)
    passed = np.append(_BIT, np.uint64(0))[walk.slot[pairs["passed"].to_numpy()]] << np.uint64(2 * SLOTS)
    np.bitwise_or.at(bits, pairs["draft"].to_numpy(), passed)
    return bits
