"""When the engine may act alone: the promise is kept, told in words, and withdrawn when it breaks."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from math import comb

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.errors import DataRefused, UsageError
from recon.match.bound import (
    AutoBounds,
    allowed,
    auto_bounds,
    broken,
    lower_share,
    needed,
    upper_share,
)

Risk = Callable[[np.ndarray, np.ndarray], np.ndarray]


def history(count: int, risk: Risk, seed: int = 1) -> pl.DataFrame:
    """Decisions of three ways, wrong with the chance that `risk` gives a probability and a way."""
    draw = np.random.default_rng(seed)
    probability = 1.0 - 10.0 ** -draw.uniform(0.5, 4.0, count)
    way = draw.choice(["reference", "pair", "some"], count, p=[0.5, 0.3, 0.2])
    return pl.DataFrame({
        "line_id": [f"l{n:06}" for n in range(count)], "way": way,
        "probability": probability, "right": draw.random(count) >= risk(probability, way),
    })  # fmt: skip


def table(*rows: tuple[str, int, int, float]) -> pl.DataFrame:
    """Decisions from rows of (way, decided, of them wrong, probability)."""
    flat = [
        (f"{way}{number}-{n}", way, probability, n >= wrong)
        for number, (way, count, wrong, probability) in enumerate(rows)
        for n in range(count)
    ]
    columns = {"line_id": pl.String, "way": pl.String, "probability": pl.Float64, "right": pl.Boolean}
    return pl.DataFrame(flat, schema=columns, orient="row")


def never(probability: np.ndarray, way: np.ndarray) -> np.ndarray:
    return np.zeros(len(probability))


@pytest.mark.parametrize(
    ("risk", "confidence", "decisions"),
    [(0.01, 0.95, 299), (0.05, 0.95, 59), (0.01, 0.9, 230), (0.005, 0.9, 460), (0.002, 0.9, 1151),
     (0.001, 0.9, 2302), (0.5, 0.5, 1)],
)  # fmt: skip
def test_how_many_decisions_without_error_a_risk_needs(risk, confidence, decisions):
    assert needed(risk, confidence) == decisions
    assert upper_share(0, decisions, confidence) <= risk + 1e-12 < upper_share(0, decisions - 1, confidence)


@pytest.mark.parametrize(
    ("wrong", "decided", "confidence", "lower", "upper"),
    [
        (0, 100, 0.95, 0.0, 0.029513),
        (1, 100, 0.95, 0.000513, 0.046560),
        (5, 50, 0.975, 0.033275, 0.218135),  # the textbook's two-sided 95 %
        (10, 10, 0.95, 0.741134, 1.0),
    ],
)
def test_clopper_and_pearsons_bounds(wrong, decided, confidence, lower, upper):
    assert lower_share(wrong, decided, confidence) == pytest.approx(lower, abs=1e-6)
    assert upper_share(wrong, decided, confidence) == pytest.approx(upper, abs=1e-6)


@given(st.integers(1, 150), st.data())
@settings(max_examples=60, deadline=None)
def test_the_bound_is_where_the_exact_tail_meets_the_doubt(decided, data):
    wrong = data.draw(st.integers(0, decided - 1))
    share = upper_share(wrong, decided, 0.9)
    tail = math.fsum(comb(decided, n) * share**n * (1 - share) ** (decided - n) for n in range(wrong + 1))
    assert tail == pytest.approx(0.1, abs=1e-9)
    assert share < upper_share(wrong + 1, decided, 0.9)


def test_large_histories_have_bounds_too():
    """About 2000 ± 1.28 deviations of √2000."""
    assert upper_share(2000, 1_000_000, 0.9) == pytest.approx(0.0020584, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "risk"),
    [
        ("just over, whatever the probability says", lambda p, way: np.full(len(p), 0.00505)),
        ("better where surer", lambda p, way: 0.3 * (1 - p) ** 0.8),
        ("over only in the middle", lambda p, way: 0.004 + 0.01 * (1 - p)),
        ("one way far worse", lambda p, way: np.where(way == "some", 0.05, 0.0005)),
        ("one way a little worse", lambda p, way: np.where(way == "reference", 0.001, 0.0095)),
    ],
)
def test_the_promise_is_kept(name, risk):
    """In 400 companies of 2,000 decisions at most one in ten (and chance) bears more than it agreed to."""
    new = history(20_000, never, seed=10_000)
    true = risk(new["probability"].to_numpy(), new["way"].to_numpy())
    over = 0
    for seed in range(400):
        acts = allowed(new, auto_bounds(history(2000, risk, seed), 0.005)).to_numpy()
        over += bool(acts.any()) and true[acts].mean() > 0.005
    chance = 2.3 * math.sqrt(0.1 * 0.9 / 400)
    assert over / 400 <= 0.1 + chance, name


def test_a_good_history_lets_most_lines_through():
    shares = []
    for seed in range(30):
        decided = history(2000, lambda p, way: 0.1 * (1 - p) ** 1.5, seed)
        shares.append(int(allowed(decided, auto_bounds(decided, 0.005)).sum()) / decided.height)
    assert sum(shares) / len(shares) > 0.8


STORIES = [
    # what happened, decisions, ways that may act
    ("too short", [("reference", 459, 0, 0.99)], set()),
    ("just enough", [("reference", 460, 0, 0.99)], {"reference"}),
    ("one wrong", [("reference", 460, 1, 0.99)], set()),
    ("one wrong of more", [("reference", 800, 1, 0.99)], {"reference"}),
    ("together", [("reference", 300, 0, 0.99), ("pair", 200, 0, 0.99)], {"reference", "pair"}),
    ("a newcomer", [("reference", 700, 0, 0.99), ("pair", 29, 0, 0.99)], {"reference"}),
    ("let in", [("reference", 700, 0, 0.99), ("pair", 30, 0, 0.99)], {"reference", "pair"}),
    ("one wrong of few", [("reference", 900, 0, 0.99), ("pair", 150, 1, 0.99)], {"reference"}),
    ("one wrong of many", [("reference", 900, 0, 0.99), ("pair", 300, 1, 0.99)], {"reference", "pair"}),
    ("it hides", [("reference", 3000, 0, 0.99), ("pair", 400, 6, 0.99)], {"reference"}),
    ("it spoils", [("reference", 1000, 0, 0.99), ("some", 300, 60, 0.999)], {"reference"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "rows", "ways"), STORIES, ids=[story[0] for story in STORIES])
def test_who_may_act(name, rows, ways):
    decisions = [(way, count, wrong, p) for way, count, wrong, p in rows]
    assert set(auto_bounds(table(*decisions), 0.005).thresholds) == ways


def test_the_threshold_is_the_loosest_that_holds():
    decided = table(("pair", 500, 0, 0.99), ("pair", 300, 0, 0.95), ("pair", 200, 30, 0.6))
    bounds = auto_bounds(decided, 0.005)
    assert bounds.thresholds == {"pair": 0.95}
    asked = pl.DataFrame({
        "way": ["pair", "pair", "pair", "new", None, "pair", "pair"],
        "probability": [0.96, 0.95, 0.94, 0.99, 0.99, None, math.nan],
    })  # fmt: skip
    assert allowed(asked, bounds).to_list() == [True, True, False, False, False, False, False]


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.002, 0.005, 0.01, 0.02]))
@settings(max_examples=40, deadline=None)
def test_what_acts_holds_on_the_history_and_fewer_errors_never_let_less_through(seed, risk):
    decided = history(1500, lambda p, way: 0.05 * (1 - p), seed).with_columns(way=pl.lit("pair"))
    bounds = auto_bounds(decided, risk)
    acts = allowed(decided, bounds)
    assert bounds.pooled.at_most <= risk or not acts.any()
    wrong = int((acts & ~decided["right"]).sum())
    assert not acts.any() or upper_share(wrong, int(acts.sum()), 0.9) <= risk + 1e-12
    surer = decided.with_columns(right=pl.lit(value=True))
    assert allowed(decided, auto_bounds(surer, risk)).sum() >= acts.sum()
    assert allowed(decided, auto_bounds(decided.with_columns(right=~pl.col("right")), risk)).sum() == 0


def test_the_order_of_rows_says_nothing_and_json_keeps_all():
    decided = history(3000, lambda p, way: 0.02 * (1 - p))
    bounds = auto_bounds(decided, 0.005)
    assert bounds.thresholds
    assert bounds == auto_bounds(decided.sample(fraction=1.0, shuffle=True, seed=3), 0.005)
    again = AutoBounds.of_told(json.loads(json.dumps(bounds.told())))
    assert again == bounds and hash(again) == hash(bounds)


WORDS = [
    ([("reference", 1412, 0, 0.991)], 0.002,
     "1,412 decided lines at or above 99.1 %: 0 wrong; with 90 % confidence at most 0.17 % wrong."),
    ([("reference", 300, 2, 0.9999)], 0.005,
     "Too few decided lines to know: 160 more without an error are needed (300 decided lines at or above "
     "99.99 %: 2 wrong; with 90 % confidence at most 1.8 % wrong)."),
    ([("reference", 500, 9, 0.9)], 0.005,
     "Not alone: too many errors among the surest decided lines (500 decided lines at or above 90 %: 9 wrong; "
     "with 90 % confidence at most 2.9 % wrong)."),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "risk", "words"), WORDS)
def test_the_words_say_what_was_seen(rows, risk, words):
    assert auto_bounds(table(*rows), risk).words() == {"all ways": words, "reference": words}


def test_an_empty_history_promises_nothing():
    bounds = auto_bounds(table(), 0.002)
    assert bounds.thresholds == {}
    assert bounds.words() == {
        "all ways": "Too few decided lines to know: 1,151 more without an error are needed."
    }
    assert allowed(pl.DataFrame({"way": ["pair"], "probability": [1.0]}), bounds).to_list() == [False]


@pytest.mark.parametrize(
    ("checked", "wrong", "is_broken"),
    [
        (0, 0, False),
        (200, 0, False),
        (50, 1, True),  # one in fifty, where one in five hundred was agreed
        (60, 1, False),  # may be chance: one wrong in sixty comes up in 11 of 100 such samples
        (300, 2, False),
        (250, 2, True),
        (1000, 5, True),
    ],
)
def test_a_sample_breaks_the_bound(checked, wrong, is_broken):
    sample = table(("reference", checked, wrong, 0.999))
    assert broken(sample, 0.002) is is_broken
    assert is_broken is (lower_share(wrong, checked, 0.9) > 0.002)


@pytest.mark.parametrize(
    ("risk", "confidence"), [(0.0, 0.9), (1.0, 0.9), (-1.0, 0.9), (0.01, 1.0), (0.01, 0.0)]
)
def test_a_risk_that_is_no_share_is_refused(risk, confidence):
    with pytest.raises(UsageError):
        auto_bounds(table(("pair", 10, 0, 0.9)), risk, confidence)


def test_a_line_decided_twice_is_refused():
    twice = table(("pair", 10, 0, 0.9)).with_columns(line_id=pl.lit("l1"))
    with pytest.raises(DataRefused):
        auto_bounds(twice, 0.01)
