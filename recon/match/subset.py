"""Which of a few amounts add up to a sum, exactly.

In: whole minor units, at most MOST of them. Out: tuples of positions. Bounded: never more than 2 × 2^11 sums.
"""

from __future__ import annotations

from collections import defaultdict
from math import gcd

MOST = 22


def subsets(amounts: list[int], target: int, *, limit: int = 3, fewest: int = 2) -> list[tuple[int, ...]]:
    """Positions of amounts that add up to target, fewest first, at most `limit` of them.

    Meets in the middle: all sums of the first half are looked up for each sum of the second.

    >>> subsets([100, 250, 400, -50], 600)
    [(1, 2, 3)]
    """
    if len(amounts) > MOST:
        return []
    half = len(amounts) // 2
    left = defaultdict(list)
    for chosen, total in _sums(amounts[:half], 0):
        left[total].append(chosen)
    found = [
        first + second
        for second, total in _sums(amounts[half:], half)
        for first in left.get(target - total, ())
        if len(first) + len(second) >= fewest
    ]
    return sorted(found, key=lambda places: (len(places), places))[:limit]


def _sums(amounts: list[int], start: int) -> list[tuple[tuple[int, ...], int]]:
    """Every choice of these amounts with its sum."""
    sums: list[tuple[tuple[int, ...], int]] = [((), 0)]
    for place, amount in enumerate(amounts, start):
        sums += [((*chosen, place), total + amount) for chosen, total in sums]
    return sums


def chance(amounts: list[int]) -> float:
    """About how many choices hit a given sum by accident: all choices over all sums they can make.

    Round amounts make fewer different sums, so they hit more often.
    """
    step = gcd(*amounts) or 1
    return 2.0 ** len(amounts) / max(1, sum(map(abs, amounts)) // step)
