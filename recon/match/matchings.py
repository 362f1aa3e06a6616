"""Small contests summed up exactly: every way their drafts fit together, in the order of the days.

In: a Contest cut down to what is still likely. Out: how likely each draft is, for the parts that are small enough.

The lines of a part are gone through by day. What matters of all that came before is which documents are taken, so
ways that leave the same documents taken are added up (forward), and what may still come is added up the same way
from the end (backward). A document is forgotten on the day after the last line that wants it.

Who pays equal documents without naming one pays the oldest: passing over an open one costs `PASSED_OVER`, once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recon.match.contest import BOOKED_LATER, Contest, cut
from recon.match.walk import LINES, SLOTS, Options, Walk, options_of, parts_of, walk_of

PASSED_OVER = 2.0**-3
"""How often a party leaves a document open and pays a later one that asks for the same."""
_WAYS = 1500
"""Ways kept apart at once in one part; with more it is left to the messages."""
_TINY = 1e-300
_GROUP = np.uint64((1 << SLOTS) - 1)
_BEFORE, _PASSED, _CHARGED = (np.uint64(SLOTS * group) for group in (1, 2, 3))


@dataclass(frozen=True)
class _Ways:
    """Ways that leave the same documents taken, sorted by `part state`; the likeliest of a part weighs one."""

    part: np.ndarray
    state: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class _Moves:
    """From which way, by which option, to which way, at what worth; and of which part."""

    came: np.ndarray
    option: np.ndarray
    went: np.ndarray
    worth: np.ndarray
    part: np.ndarray


def exact(some: Contest) -> np.ndarray:
    """How likely each draft is that it pays; not a number for drafts of parts that are too large."""
    part = parts_of(some)
    line = np.zeros(len(some.odds), dtype=np.int64)
    line[some.draft] = some.line
    small = (np.bincount(part) <= LINES)[part[line]]
    likely = np.full(len(some.odds), np.nan)
    if small.any():
        likely[small] = _of_small_parts(cut(some, small, some.odds, some.none))
    return likely


def _of_small_parts(some: Contest) -> np.ndarray:
    part = parts_of(some)
    walk, fits = walk_of(some, part)
    options = options_of(some, walk)
    likely, done = _summed(walk, options, fits)
    first, second = (options.draft >= 0) & ~options.second, options.second
    pays = np.bincount(options.draft[first], likely[first], len(some.odds))
    again = np.bincount(options.draft[second], likely[second], len(some.odds))
    line = np.zeros(len(some.odds), dtype=np.int64)
    line[some.draft] = some.line
    return np.where(done[part[line]], _counted(some, pays, again), np.nan)


def _counted(some: Contest, pays: np.ndarray, again: np.ndarray) -> np.ndarray:
    """Of two payments of one document the later one may be the one that counts."""
    draft, document = some.claimer, some.wanted
    twice = np.bincount(document, again[draft])
    share = np.minimum(twice / np.maximum(np.bincount(document, pays[draft]), 1e-12), 1.0)
    lost = np.zeros(len(pays))
    np.maximum.at(lost, draft, BOOKED_LATER * share[document])
    return pays * (1.0 - lost) + BOOKED_LATER * again


def _summed(walk: Walk, options: Options, fits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How likely each option is, and which parts were gone through to the end."""
    start = np.flatnonzero(fits)
    ways = [_Ways(start, np.zeros(len(start), dtype=np.uint64), np.ones(len(start)))]
    moves, done = [], fits.copy()
    for number in range(len(walk.begin) - 1):
        move, after = _forward(walk, options, number, ways[-1], len(fits))
        crowded = np.bincount(after.part, minlength=len(fits)) > _WAYS
        done &= ~crowded
        keeps = ~crowded[after.part]
        stays, renumbered = keeps[move.went], np.cumsum(keeps) - 1
        columns = (move.came, move.option, renumbered[move.went], move.worth, move.part)
        moves.append(_Moves(*(column[stays] for column in columns)))
        ways.append(_Ways(after.part[keeps], after.state[keeps], after.weight[keeps]))
    return _backward(moves, ways, len(fits), len(options.worth)), done


def _backward(moves: list[_Moves], ways: list[_Ways], parts: int, options: int) -> np.ndarray:
    """How likely each option is: what came before, times its worth, times what may still come."""
    likely = np.zeros(options)
    still = np.ones(len(ways[-1].part))
    for move, before in zip(reversed(moves), reversed(ways[:-1]), strict=True):
        worth = move.worth * still[move.went]
        whole = worth * before.weight[move.came]
        total = np.bincount(move.part, whole, parts)
        likely += np.bincount(move.option, whole / np.maximum(total[move.part], _TINY), options)
        over = np.bincount(move.part, minlength=parts)[before.part] == 0
        still = np.where(over, 1.0, np.bincount(move.came, worth, len(before.part)))
        still /= np.maximum(_most(before.part, still, parts)[before.part], _TINY)
    return likely


def _forward(walk: Walk, options: Options, number: int, ways: _Ways, parts: int) -> tuple[_Moves, _Ways]:
    """All that the next line of each part may do. Parts without another line are done."""
    here = slice(walk.begin[number], walk.begin[number + 1])
    line_of = np.full(parts, -1)
    line_of[walk.part[here]] = np.arange(here.start, here.stop)
    at = line_of[ways.part]
    goes = np.flatnonzero(at >= 0)
    many = options.begin[at[goes] + 1] - options.begin[at[goes]]
    came = np.repeat(goes, many)
    option = np.arange(len(came)) - np.repeat(np.cumsum(many) - many - options.begin[at[goes]], many)
    state = ways.state[came]
    able = ((state & options.must[option]) == options.must[option]) & ((state & options.free[option]) == 0)
    came, option = came[able], option[able]
    state, worth = _turned(walk, at[came], ways.state[came] | options.put[option], options.worth[option])
    part = ways.part[came]
    order = np.lexsort((state, part))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (part[order][1:] != part[order][:-1]) | (state[order][1:] != state[order][:-1])
    went = np.empty(len(order), dtype=np.int64)
    went[order] = np.cumsum(new) - 1
    weight = np.bincount(went, ways.weight[came] * worth)
    after = _Ways(part[order][new], state[order][new], weight)
    scaled = weight / np.maximum(_most(after.part, weight, parts)[after.part], _TINY)
    return _Moves(came, option, went, worth, part), _Ways(after.part, after.state, scaled)


def _turned(
    walk: Walk, at: np.ndarray, state: np.ndarray, worth: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The states on the next day: what was passed over and is still open is charged, what is over is forgotten."""
    taken, charged = state & _GROUP, state >> _CHARGED
    due = (state >> _PASSED) & _GROUP & ~taken & ~charged
    morning = (taken | (taken << _BEFORE) | ((charged | due) << _CHARGED)) & ~walk.clear[at]
    turns = walk.turns[at]
    cost = np.where(turns, PASSED_OVER ** np.bitwise_count(due), 1.0)
    return np.where(turns, morning, state), worth * cost


def _most(part: np.ndarray, weight: np.ndarray, parts: int) -> np.ndarray:
    most = np.zeros(parts)
    np.maximum.at(most, part, weight)
    return most
