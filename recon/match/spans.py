"""Range joins without a blow-up: for each question the rows of a sorted key between two bounds.

In: a sorted array of whole numbers, and a lowest and highest number for each question. Out: pairs of positions.
Never more than `most` rows a question: those nearest to its centre.
"""

from __future__ import annotations

import numpy as np

AMOUNT_BITS, PARTY_BITS, DAY_BITS = 24, 24, 15


def spans(keys: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and one past the last position of each question's rows, both ends counted in."""
    first = np.searchsorted(keys, low, "left")
    return first, np.maximum(np.searchsorted(keys, high, "right"), first)


def nearest(
    keys: np.ndarray, first: np.ndarray, last: np.ndarray, centre: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """The spans cut to about `most` rows around where `centre` would stand."""
    middle = np.searchsorted(keys, centre, "left")
    begin = np.clip(middle - most // 2, first, np.maximum(last - most, first))
    return begin, np.minimum(begin + most, last)


def pairs(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`question, row` for every row of every span, questions in their order."""
    count = last - first
    question = np.repeat(np.arange(len(count)), count)
    start = np.repeat(count.cumsum() - count, count)
    return question, np.arange(len(question)) - start + np.repeat(first, count)


def composite(major: np.ndarray, minor: np.ndarray, bits: int) -> np.ndarray:
    """One number of two, the second in its lowest bits; negative ones stand at 0."""
    room = (1 << bits) - 1
    return (major.astype(np.int64) << bits) | np.clip(minor.astype(np.int64), 0, room)
