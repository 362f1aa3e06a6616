"""Which of a channel's possible documents were in one payout, and how surely.

In: what is paid out of each, how likely each is in it, the sum. Out: sets that give the sum, the likeliest first,
each with its probability. All sets are weighed where they are few enough, else those that differ from the likeliest
by at most four; what was not looked at counts as sets that could fit by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recon.match.spans import pairs

WHOLE_MOST = 20
"""Documents of which every set is weighed."""
DOCUMENTS_MOST = 120
_FOUND_MOST = 20_000
_FLIPS = 4
_ASTRAY = 0.1
"""How often a payout holds something that is not among the documents at all."""
_SHOWN = 3


@dataclass(frozen=True)
class Likely:
    """Up to three sets (a mask each) with their probabilities, and how likely each document is in the payout."""

    sets: list[tuple[np.ndarray, float]]
    each: np.ndarray


def likely_sets(net: np.ndarray, chances: np.ndarray, target: int, slack: int, step: float) -> Likely:
    """Sets whose `net` adds up to target ± slack, the likeliest first.

    chances: of each document to be in the payout. step: how far apart sums lie that sets can have. No sets where
    there are too many documents, or too many sets to tell.
    """
    if len(net) > DOCUMENTS_MOST:
        return Likely([], chances)
    look = _every if len(net) <= WHOLE_MOST else _near
    sets, weight, seen = look(net, chances, target, slack)
    if not len(weight):
        return Likely([], chances)
    wide = max(float(np.sqrt((chances * (1 - chances) * net.astype(float) ** 2).sum()) * 2.5), step)
    by_chance = (1 - seen + _ASTRAY) * step / wide
    order = np.lexsort((*sets.T[::-1], -weight))
    shares = weight[order] / (float(weight[order].sum()) + by_chance)
    each = (sets[order] * shares[:, None]).sum(axis=0) + (1 - shares.sum()) * chances
    return Likely(
        [(sets[place], float(share)) for place, share in zip(order[:_SHOWN], shares, strict=False)], each
    )


_Sets = tuple[np.ndarray, np.ndarray, float]
"""Masks, their weights, and the share of all weight that was looked at."""
_NO_SETS = (np.empty((0, 1), dtype=bool), np.empty(0), 1.0)


def _every(net: np.ndarray, chances: np.ndarray, target: int, slack: int) -> _Sets:
    """All sets, met in the middle."""
    half = len(net) // 2
    left, left_weight = _sums(net[:half], chances[:half])
    right, right_weight = _sums(net[half:], chances[half:])
    met = _met(left, right, target, slack)
    if met is None:
        return _NO_SETS
    one, other = met
    numbers = one | (other << half)
    masks = (numbers[:, None] >> np.arange(len(net))[None, :]) & 1 == 1
    return masks, left_weight[one] * right_weight[other], 1.0


def _met(
    some: np.ndarray, others: np.ndarray, target: int, slack: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """Places of every two that add up to the target within the slack; None where too many do."""
    order = np.argsort(others, kind="stable")
    first = np.searchsorted(others[order], target - slack - some, "left")
    last = np.searchsorted(others[order], target + slack - some, "right")
    if (last - first).sum() > _FOUND_MOST:
        return None
    one, place = pairs(first, last)
    return one, order[place]


def _sums(net: np.ndarray, chances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum and weight of every set, numbered by its bits."""
    sums, weight = np.zeros(1, dtype=np.int64), np.ones(1)
    for value, chance in zip(net, chances, strict=True):
        sums = np.concatenate([sums, sums + value])
        weight = np.concatenate([weight * (1 - chance), weight * chance])
    return sums, weight


def _near(net: np.ndarray, chances: np.ndarray, target: int, slack: int) -> _Sets:
    """Sets that differ from the likeliest by at most four, met as two times two."""
    likeliest = chances > 0.5
    change = np.where(likeliest, -net, net)
    flip = np.minimum(chances, 1 - chances)
    ratio = flip / (1 - flip)
    few, members = _flips(change)
    gap = target - int(net[likeliest].sum())
    met = _met(few, few, gap, slack)
    if met is None:
        return _NO_SETS
    one, other = met
    flipped = np.zeros((len(one), len(net)), dtype=np.int64)
    for part in (members[one], members[other]):
        for column in range(2):
            some = part[:, column] >= 0
            np.add.at(flipped, (np.flatnonzero(some), part[some, column]), 1)
    whole = np.unique(flipped[(flipped <= 1).all(axis=1)] == 1, axis=0)
    base = float(np.prod(1 - flip))
    weight = base * np.prod(np.where(whole, ratio[None, :], 1.0), axis=1)
    return whole ^ likeliest[None, :], weight, _looked_at(flip)


def _flips(change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nothing, one, or two changed: the change of the sum, and which."""
    size = len(change)
    first, second = np.triu_indices(size, 1)
    alone = np.column_stack([np.arange(size), np.full(size, -1)])
    members = np.concatenate([[[-1, -1]], alone, np.column_stack([first, second])])
    return np.concatenate([[0], change, change[first] + change[second]]), members


def _looked_at(flip: np.ndarray) -> float:
    """How likely no more than four are otherwise than thought."""
    many = np.zeros(_FLIPS + 1)
    many[0] = 1.0
    for chance in flip:
        many[1:] = many[1:] * (1 - chance) + many[:-1] * chance
        many[0] *= 1 - chance
    return float(many.sum())
