"""Range joins and look-ups by whole numbers: the same as the plain loop and the plain join, on any input."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.match.lookup import looked_up
from recon.match.spans import DAY_BITS, composite, nearest, pairs, spans

small = st.integers(0, 30)
numbers = st.lists(small, max_size=30)
ranges = st.lists(st.tuples(small, small), max_size=12)


def arrays(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@given(numbers, ranges)
def test_spans_hold_what_a_loop_finds(keys: list[int], asked: list[tuple[int, int]]) -> None:
    ordered = np.sort(np.array(keys, dtype=np.int64))
    question, row = pairs(*spans(ordered, *arrays(asked)))
    told = [
        (number, place)
        for number, (low, high) in enumerate(asked)
        for place, key in enumerate(ordered)
        if low <= key <= high
    ]
    assert list(zip(question.tolist(), row.tolist(), strict=True)) == told


@given(numbers, ranges, small, st.integers(1, 6))
def test_the_nearest_are_few_and_of_the_span(
    keys: list[int], asked: list[tuple[int, int]], centre: int, most: int
) -> None:
    ordered = np.sort(np.array(keys, dtype=np.int64))
    first, last = spans(ordered, *arrays(asked))
    begin, end = nearest(ordered, first, last, np.full(len(asked), centre), most)
    assert (begin >= first).all() and (end <= last).all()
    assert (end - begin == np.minimum(last - first, most)).all()


def test_the_nearest_stand_around_the_centre() -> None:
    keys = np.array([1, 5, 10, 11, 12, 20, 30])
    begin, end = nearest(keys, np.array([0]), np.array([7]), np.array([11]), 3)
    assert keys[begin[0] : end[0]].tolist() == [10, 11, 12]


@given(st.lists(st.tuples(small, st.integers(-5, 1 << DAY_BITS)), max_size=20))
def test_a_composite_orders_by_its_first_then_its_second(rows: list[tuple[int, int]]) -> None:
    key = composite(*arrays(rows), DAY_BITS)
    kept = [(major, min(max(minor, 0), (1 << DAY_BITS) - 1)) for major, minor in rows]
    assert np.argsort(key, kind="stable").tolist() == sorted(range(len(rows)), key=lambda at: (kept[at], at))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.one_of(st.none(), small), small), max_size=20),
    st.dictionaries(st.tuples(small, small), st.text(max_size=3), max_size=20),
)
def test_a_look_up_is_a_left_join(
    rows: list[tuple[int | None, int]], known: dict[tuple[int, int], str]
) -> None:
    schema = {"l": pl.UInt32, "i": pl.UInt32}
    asked = pl.DataFrame(rows, schema=schema, orient="row")
    table = [(line, item, word) for (line, item), word in known.items()]
    frame = pl.DataFrame(table, schema=schema | {"word": pl.String}, orient="row")
    joined = asked.join(frame, on=["l", "i"], how="left", maintain_order="left").select("word")
    assert looked_up(asked, frame, "l", "i").equals(joined)


def test_one_key_is_looked_up_too_and_silence_is_null() -> None:
    asked = pl.DataFrame({"p": [3, None, 1, 9]}, schema={"p": pl.UInt32})
    frame = pl.DataFrame({"p": [1, 3], "delay": [10, 30]}, schema={"p": pl.UInt32, "delay": pl.Int32})
    assert looked_up(asked, frame, "p")["delay"].to_list() == [30, None, 10, None]
    assert looked_up(asked, frame.clear(), "p")["delay"].to_list() == [None] * 4
