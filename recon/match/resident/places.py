"""Where documents stand: by a key and a day, so that those of a key nearest a day are found by looking twice.

In: keys as 64-bit numbers, days, row numbers. Out: pairs of question and row. Adding and taking away costs a
copy of the numbers and no sorting. The lowest bits of a key give way to the day; two keys that then are one
only find more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.match.spans import DAY_BITS, nearest, pairs

_DAY = np.uint64((1 << DAY_BITS) - 1)
_ODD = np.uint64(0x9E3779B97F4A7C15)


def key_of(frame: pl.DataFrame) -> np.ndarray:
    """A 64-bit number for each row of values, none of them null; it tells rows apart and orders nothing."""
    mixed = np.zeros(frame.height, dtype=np.uint64)
    for column in frame.iter_columns():
        mixed = (mixed ^ column.hash().to_numpy()) * _ODD
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _placed(key: np.ndarray, day: np.ndarray | int) -> np.ndarray:
    days = np.clip(np.asarray(day, dtype=np.int64), 0, int(_DAY)).astype(np.uint64)
    return (key & ~_DAY) | days


@dataclass(frozen=True)
class Places:
    """keys: key and day in one number, ascending. rows: whose they are, ascending where keys are equal."""

    keys: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(cls, key: np.ndarray, day: np.ndarray | int, rows: np.ndarray) -> Places:
        """rows: ascending."""
        keys = np.broadcast_to(_placed(key, day), key.shape)
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], rows[order])

    def beside(self, other: Places) -> Places:
        """Both together; the other's rows come after ours."""
        at = np.searchsorted(self.keys, other.keys, "right")
        return Places(np.insert(self.keys, at, other.keys), np.insert(self.rows, at, other.rows))

    def without(self, gone: np.ndarray) -> Places:
        """gone: a flag for every row number."""
        kept = ~gone[self.rows]
        return Places(self.keys[kept], self.rows[kept])

    def counted(self, key: np.ndarray, low: np.ndarray | int, high: np.ndarray | int) -> np.ndarray:
        """How many rows of each key have a day from low to high."""
        first, last = self._span(key, low, high)
        return last - first

    def near(
        self,
        key: np.ndarray,
        day: np.ndarray | int,
        most: int,
        low: np.ndarray | int = 0,
        high: np.ndarray | int = int(_DAY),
    ) -> tuple[np.ndarray, np.ndarray]:
        """`question, row` of at most `most` rows on either side of the day, and from low to high."""
        first, last = self._span(key, low, high)
        centre = np.broadcast_to(_placed(key, day), key.shape)
        question, place = pairs(*nearest(self.keys, first, last, centre, 2 * most))
        return question, self.rows[place]

    def _span(
        self, key: np.ndarray, low: np.ndarray | int, high: np.ndarray | int
    ) -> tuple[np.ndarray, np.ndarray]:
        first = np.searchsorted(self.keys, np.broadcast_to(_placed(key, low), key.shape), "left")
        last = np.searchsorted(self.keys, np.broadcast_to(_placed(key, high), key.shape), "right")
        return first, np.maximum(first, last)
