"""Sums over all ways to settle, against going through every one of them by the rules as they are told."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.match.contest import BOOKED_LATER, Contest, contest
from recon.match.drafts import Drafts
from recon.match.drafts import drafts as drafts_of
from recon.match.matchings import PASSED_OVER, exact

AGAIN = 2.0**-8

# A draft: its lines, its documents, its score, whether it names no document.
single = st.tuples(st.integers(0, 3).map(lambda n: (n,)), st.integers(0, 3).map(lambda n: (n,)))
several_lines = st.tuples(st.sampled_from([(0, 1), (1, 3), (0, 2, 3)]), st.integers(0, 3).map(lambda n: (n,)))
several_documents = st.tuples(
    st.integers(0, 3).map(lambda n: (n,)), st.sampled_from([(0, 1), (1, 2), (0, 2, 3)])
)
shapes = st.lists(
    st.one_of(single, single, single, several_lines, several_documents), min_size=2, max_size=7, unique=True
)
days = st.tuples(*[st.integers(0, 2)] * 4)


def made(shape, scores, soft, day) -> Contest:
    """The Contest of drafts that all want documents of one party and amount, the first the oldest."""
    legs = [
        {"d": d, "l": line, "i": item, "amount_minor": 100, "item_amount_minor": 100}
        for d, (lines, documents) in enumerate(shape)
        for line in lines
        for item in documents
    ]
    heads = [
        {"d": d, "kind": "one_to_one", "way": "party" if quiet else "reference", "difference_kind": "none"}
        for d, quiet in enumerate(soft)
    ]
    some = drafts_of(pl.DataFrame(heads), pl.DataFrame(legs))
    some = Drafts(some.heads.with_columns(score=pl.Series(scores)), some.legs)
    items = pl.DataFrame(
        {"i": range(4), "p": [7] * 4, "c": [0] * 4, "open_minor": [100] * 4, "anchor_day": [1, 2, 2, 4]},
        schema_overrides={"i": pl.UInt32},
    )
    lines = pl.DataFrame({"l": range(4), "day": day})
    odds = 2.0 ** np.array(scores)
    return contest(some, odds, np.ones(len(odds)), np.ones(4), items, items.select("i"), lines)


AGE = (1, 2, 2, 4)


def charged(way, shape, soft, day) -> int:
    """How many older documents were passed over and still open on the evening of a day."""
    alone = {(lines[0], documents[0]) for lines, documents in shape if len(lines) == len(documents) == 1}
    seen, taken = set(), set()
    for today in sorted(set(day)):
        passed = set()
        for d in way:
            lines, documents = shape[d]
            # What several lines pay together is taken with the first of them.
            if min(day[line] for line in lines) == today:
                taken |= set(documents)
            if day[lines[0]] == today and len(lines) == len(documents) == 1 and soft[d]:
                passed |= {
                    item
                    for line, item in alone
                    if line == lines[0]
                    and AGE[item] < AGE[documents[0]]
                    and _is_soft(shape, soft, line, item)
                }
        seen |= passed - taken
    return len(seen)


def _is_soft(shape, soft, line, item) -> bool:
    return soft[shape.index(((line,), (item,)))]


def enumerated(shape, scores, soft, day) -> list[float]:
    odds, total, paid = [2.0**score for score in scores], 0.0, [0.0] * len(shape)
    doubles = [len(lines) == len(documents) == 1 for lines, documents in shape]
    for use in product(*[(0, 1, 2) if double else (0, 1) for double in doubles]):
        way = [d for d, how in enumerate(use) if how == 1]
        again = [d for d, how in enumerate(use) if how == 2]
        lines = [line for d in way + again for line in shape[d][0]]
        documents = [item for d in way for item in shape[d][1]]
        if len(set(lines)) < len(lines) or len(set(documents)) < len(documents):
            continue
        since = {item: min(day[line] for line in shape[d][0]) for d in way for item in shape[d][1]}
        if any(since.get(shape[d][1][0], 99) >= day[shape[d][0][0]] for d in again):
            continue
        weight = PASSED_OVER ** charged(way, shape, soft, day)
        for d in way + again:
            weight *= odds[d] * (AGAIN if d in again else 1.0)
        total += weight
        twice = {shape[d][1][0] for d in again}
        for d in way:
            paid[d] += weight * (1.0 - BOOKED_LATER * bool(twice & set(shape[d][1])))
        for d in again:
            paid[d] += weight * BOOKED_LATER
    return [weight / total for weight in paid]


@settings(max_examples=150, deadline=None)
@given(shapes, st.data(), days)
def test_the_sum_is_that_of_every_way_to_settle(shape, data, day):
    scores = data.draw(st.lists(st.floats(-4.0, 9.0), min_size=len(shape), max_size=len(shape)))
    soft = data.draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
    some = made(shape, scores, soft, day)
    want = enumerated(shape, scores, soft, day)
    # Who of two payers counts is told by the document as a whole: a few thousandths.
    assert exact(some).tolist() == pytest.approx([want[d] for d in some.drafts], abs=2 * BOOKED_LATER)


def test_who_pays_without_a_number_pays_the_oldest():
    shape = [((0,), (0,)), ((0,), (3,))]
    quiet = exact(made(shape, [5.0, 5.0], [True, True], (0, 0, 0, 0)))
    naming = exact(made(shape, [5.0, 5.0], [True, False], (0, 0, 0, 0)))
    assert quiet[0] / quiet[1] == pytest.approx(1 / PASSED_OVER) and naming[0] == naming[1]


def test_equal_lines_of_one_day_stay_equal():
    shape = [((line,), (item,)) for line in (0, 1) for item in (0, 3)]
    one_day = exact(made(shape, [6.0] * 4, [True] * 4, (1, 1, 1, 1)))
    assert one_day[0] == pytest.approx(one_day[2], abs=1e-12) and one_day[1] == pytest.approx(
        one_day[3], abs=1e-12
    )


def test_what_is_too_large_is_left_to_the_messages():
    shape = [((0,), (item,)) for item in range(4)]
    some = made(shape, [3.0] * 4, [False] * 4, (0, 0, 0, 0))
    crowd = Contest(
        drafts=np.arange(40), odds=np.ones(40), soft=np.zeros(40, dtype=bool), draft=np.arange(40),
        line=np.arange(40) // 20, none=np.ones(2), day=np.zeros(2, dtype=np.int64), claimer=np.arange(40),
        wanted=np.arange(40) % 20, paid=np.zeros(40, dtype=np.int64), again=np.zeros(40),
        series=np.zeros(20, dtype=np.int64), age=np.zeros(20, dtype=np.int64),
    )  # fmt: skip
    order = np.lexsort((crowd.claimer, crowd.wanted))
    assert np.isnan(exact(Contest(**{**vars(crowd), "claimer": order, "wanted": crowd.wanted[order]}))).all()
    assert not np.isnan(exact(some)).any()
