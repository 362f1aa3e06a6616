"""How likely each draft of a Contest is, by what lines and documents tell each other (sum-product on matchings).

In: a Contest. Out: for each claim how likely its place is free, and for each draft how likely it is right. Exact
where the conflicts form a tree, near it elsewhere.

A line holds one draft or none. A document is paid by one draft or none; who comes on a later day may be a second
payment of it, at what `again` says. Then the earlier one pays, but for `BOOKED_LATER`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recon.match.contest import BOOKED_LATER, Contest

_TINY = 1e-300


@dataclass(frozen=True)
class Told:
    """likely: of each draft, that it pays. on_line, on_document: log of the chance that the place is free, by claim."""

    likely: np.ndarray
    on_line: np.ndarray
    on_document: np.ndarray


def passed(some: Contest, rounds: int) -> Told:
    """What stands after so many rounds: always all of them, or what is far away would tell when to stop."""
    log_odds = np.log(some.odds)
    rows = _rows_of(some.wanted, some.paid)
    line, document = np.zeros(len(some.draft)), np.zeros(len(some.claimer))
    pays = np.ones(len(document))
    for _ in range(rounds):
        whole = log_odds + _summed(some, line, document)
        claim = np.exp(whole[some.draft] - line)
        others = np.maximum(np.bincount(some.line, claim, len(some.none))[some.line] - claim, 0.0)
        new_line = 0.5 * line - 0.5 * np.log(some.none[some.line] + others)
        free, pays = _documents(np.exp(whole[some.claimer] - document), some.again, rows)
        line, document = new_line, 0.5 * document + 0.5 * free
    weight = np.exp(np.clip(log_odds + _summed(some, line, document), -700, 700))
    likely = weight / (1.0 + weight)
    likely[some.claimer] *= pays
    return Told(likely, line, document)


def _summed(some: Contest, line: np.ndarray, document: np.ndarray) -> np.ndarray:
    count = len(some.odds)
    return np.bincount(some.draft, line, count) + np.bincount(some.claimer, document, count)


@dataclass(frozen=True)
class _Rows:
    """Documents with about as many claims, a row each: `at` the claim (one past the last: none), `begin`, `after`
    the first column of the claim's day and the first of a later one."""

    at: np.ndarray
    begin: np.ndarray
    after: np.ndarray


def _rows_of(wanted: np.ndarray, paid: np.ndarray) -> list[_Rows]:
    """The claims laid out by document, in widths of powers of two."""
    count = len(wanted)
    sizes = np.bincount(wanted)
    start = np.cumsum(sizes) - sizes
    width = 2 ** np.ceil(np.log2(np.maximum(sizes, 1))).astype(np.int64)
    rows = []
    for wide in np.unique(width):
        mine = np.flatnonzero(width == wide)
        column = np.arange(wide)
        within = column < sizes[mine][:, None]
        at = np.where(within, start[mine][:, None] + column, count)
        day = np.append(paid, np.iinfo(np.int64).max)[at]
        new = np.concatenate([np.ones((len(mine), 1), dtype=bool), day[:, 1:] != day[:, :-1]], axis=1)
        begin = np.maximum.accumulate(np.where(new, column, 0), axis=1)
        ends = np.concatenate([new[:, 1:], np.ones((len(mine), 1), dtype=bool)], axis=1)
        after = np.minimum.accumulate(np.where(ends, column + 1, wide)[:, ::-1], axis=1)[:, ::-1]
        rows.append(_Rows(at, begin, after))
    return rows


def _documents(claim: np.ndarray, again: np.ndarray, rows: list[_Rows]) -> tuple[np.ndarray, np.ndarray]:
    """For each claim the log of the chance that its document has room for it, and the share in which it pays."""
    claim, again = np.append(claim, 0.0), np.append(again, 0.0)
    free, pays = np.zeros(len(claim)), np.ones(len(claim))
    for row in rows:
        free[row.at], pays[row.at] = _row(claim[row.at], again[row.at], row)
    return free[:-1], pays[:-1]


def _row(claim: np.ndarray, again: np.ndarray, row: _Rows) -> tuple[np.ndarray, np.ndarray]:
    """Who is first pays, all of a later day may be second payments; everything is told relative to the likeliest."""
    grows = np.log1p(again * claim)
    later = _before(grows)[:, -1:] - np.take_along_axis(_before(grows), row.after, axis=1)
    first = np.log(np.maximum(claim, _TINY)) + later
    most = np.maximum(first.max(axis=1, keepdims=True), 0.0)
    worth, nobody = np.exp(first - most), np.exp(-most)
    up_to = _before(worth)
    earlier = np.take_along_axis(up_to, row.begin, axis=1)
    others = (up_to[:, :-1] - earlier) + _before(worth[:, ::-1])[:, ::-1][:, 1:]
    paid = earlier * np.exp(-grows)
    pays, again_paid = np.exp(later - most), again * paid
    room = np.maximum(pays + again_paid, _TINY)
    counts = BOOKED_LATER * (nobody + again_paid) + (1.0 - BOOKED_LATER) * pays
    return np.log(room / np.maximum(nobody + paid + others, _TINY)), np.minimum(counts / room, 1.0)


def _before(values: np.ndarray) -> np.ndarray:
    """Running sums of each row, with a column of zeros in front."""
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
