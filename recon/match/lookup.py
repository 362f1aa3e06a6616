"""What one frame says of each row of another, found by whole-number keys instead of by a join.

In: rows with one or two columns of numbers, and a frame that has each key at most once. Out: the frame's other
columns beside the rows, null where it says nothing. Several times quicker than a join where both sides are long.
"""

from __future__ import annotations

import numpy as np
import polars as pl


def looked_up(rows: pl.DataFrame, frame: pl.DataFrame, *on: str) -> pl.DataFrame:
    """The columns of `frame` but `on`, one row for each of `rows`, in their order."""
    asked, known = _key(rows, on), _key(frame, on)
    others = pl.exclude(on)
    if not len(known) or not len(asked):
        return frame.select(others).clear(len(asked))
    order = np.argsort(known, kind="stable")
    known = known[order]
    place = np.searchsorted(known, asked)
    place[place == len(known)] = 0
    found = pl.Series(order[place].astype(np.uint32)).set(pl.Series(known[place] != asked), None)
    return frame.select(others.gather(found))


def _key(frame: pl.DataFrame, on: tuple[str, ...]) -> np.ndarray:
    """One number of the columns; a null asks for nothing."""
    nothing = 0xFFFFFFFF
    columns = [frame[name].cast(pl.UInt64).fill_null(nothing).to_numpy() for name in on]
    return columns[0] if len(columns) == 1 else (columns[0] << np.uint64(32)) | columns[1]
