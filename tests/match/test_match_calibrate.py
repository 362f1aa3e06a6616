"""Calibrating: what is shown with 0.9 is right nine times in ten, and the order of proposals stays."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.errors import DataRefused
from recon.match.calibrate import (
    Curves,
    brier,
    calibrated,
    calibrated_apart,
    ece,
    fit_curves,
    outcomes_of,
    reliability,
)

WAYS = ("reference", "pair", "some")


def decided(count: int, seed: int = 1, shift: dict[str, float] | None = None) -> pl.DataFrame:
    """Decisions of three ways, whose true log odds are the raw ones moved by `shift`."""
    draw = np.random.default_rng(seed)
    way = draw.choice(WAYS, count, p=[0.5, 0.3, 0.2])
    odds = draw.normal([{"reference": 5.0, "pair": 2.0, "some": 1.5}[one] for one in way], 1.5)
    true = odds + [(shift or {}).get(one, 0.0) for one in way]
    return pl.DataFrame({
        "line_id": [f"l{n:06}" for n in range(count)], "way": way,
        "probability": 1.0 / (1.0 + np.exp(-odds)), "right": draw.random(count) < 1.0 / (1.0 + np.exp(-true)),
    })  # fmt: skip


BOLD = {"reference": -1.0, "pair": -1.2, "some": -2.0}


def test_without_decisions_nothing_changes():
    frame = pl.DataFrame({"way": ["pair", "new", None], "probability": [0.37, 0.999, 0.5]})
    assert fit_curves(decided(0)) == Curves()
    assert calibrated(frame, Curves()).to_list() == [0.37, 0.999, 0.5]


@pytest.mark.parametrize(
    ("decisions", "at_most"),
    [
        (300, 0.6),  # of the error before
        (2000, 0.35),
        (20000, 0.12),
    ],
)
def test_boldness_is_taken_back_the_more_is_decided(decisions, at_most):
    new = decided(40000, seed=2, shift=BOLD)
    before = ece(new["probability"], new["right"])
    told = calibrated(new, fit_curves(decided(decisions, shift=BOLD)))
    assert before > 0.1
    assert ece(told, new["right"]) < at_most * before
    assert brier(told, new["right"]) < brier(new["probability"], new["right"])


def test_what_was_right_already_stays_nearly_so():
    new = decided(40000, seed=2)
    told = calibrated(new, fit_curves(decided(2000)))
    assert ece(told, new["right"]) < 0.015


def test_twenty_decisions_move_little_and_two_thousand_a_lot():
    def moved(count: int) -> float:
        wrong = pl.DataFrame({
            "line_id": [f"l{n}" for n in range(count)], "way": ["pair"] * count,
            "probability": [0.9] * count, "right": [n % 2 == 0 for n in range(count)],
        })  # fmt: skip
        row = pl.DataFrame({"way": ["pair"], "probability": [0.9]})
        return calibrated(row, fit_curves(wrong)).item()

    assert moved(20) > 0.8
    assert moved(2000) == pytest.approx(0.5, abs=0.03)


def test_a_way_follows_the_others_until_it_has_decisions_of_its_own():
    """`pair` is right as it says; all others are far too bold."""
    bold = decided(6000, shift=BOLD).filter(pl.col("way") != "pair")
    own = decided(6000, seed=3).filter(pl.col("way") == "pair").with_columns(line_id="x" + pl.col("line_id"))
    row = pl.DataFrame({"way": ["pair"], "probability": [0.9]})
    none, few, many = (
        calibrated(row, fit_curves(pl.concat([bold, own.head(count)]))).item() for count in (0, 40, 1500)
    )
    assert none < few < many
    assert none < 0.75 and many == pytest.approx(0.9, abs=0.03)


def test_the_order_of_rows_says_nothing():
    history = decided(1500, shift=BOLD)
    assert fit_curves(history) == fit_curves(history.sample(fraction=1.0, shuffle=True, seed=4))
    new = decided(500, seed=5)
    mixed = new.sample(fraction=1.0, shuffle=True, seed=6)
    curves = fit_curves(history)
    assert dict(zip(new["line_id"], calibrated(new, curves), strict=True)) == dict(
        zip(mixed["line_id"], calibrated(mixed, curves), strict=True)
    )
    for measure in (ece, brier):
        assert measure(new["probability"], new["right"]) == measure(mixed["probability"], mixed["right"])
    assert reliability(new["probability"], new["right"]).equals(
        reliability(mixed["probability"], mixed["right"])
    )


PROBABILITIES = st.floats(0.0, 1.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(WAYS), PROBABILITIES, st.booleans()), max_size=120),
    st.lists(PROBABILITIES, min_size=1, max_size=30),
)
def test_order_is_kept_and_certainty_never_claimed(rows, asked):
    history = pl.DataFrame(
        [(f"l{n}", *row) for n, row in enumerate(rows)],
        schema={"line_id": pl.String, "way": pl.String, "probability": pl.Float64, "right": pl.Boolean},
        orient="row",
    )
    curves = fit_curves(history)
    raw = sorted(asked)
    for way in (*WAYS, "never seen"):
        told = calibrated(pl.DataFrame({"way": [way] * len(raw), "probability": raw}), curves).to_list()
        assert all(0.0 < one < 1.0 for one in told)
        for before, after, low, high in zip(raw, raw[1:], told, told[1:], strict=False):
            inside = before > 1e-6 and after < 1.0 - 1e-6
            assert low < high if inside and after - before > 1e-9 else low <= high + 1e-15


def test_curves_survive_json_and_compare():
    curves = fit_curves(decided(900, shift=BOLD))
    again = Curves.of_told(json.loads(json.dumps(curves.told())))
    assert again == curves and hash(again) == hash(curves)
    assert curves.decisions == 900


def test_a_missing_probability_stays_missing():
    frame = pl.DataFrame({"way": ["pair", "pair"], "probability": [None, 0.9]})
    told = calibrated(frame, fit_curves(decided(100)))
    assert told.null_count() == 1 and told[0] is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("probability", 1.2),
        ("probability", -0.1),
        ("probability", math.nan),
        ("probability", None),
        ("right", None),
        ("way", None),
        ("line_id", "l000001"),  # decided twice
    ],
)
def test_decisions_that_cannot_be_are_refused(column, value):
    frame = decided(3)
    with pytest.raises(DataRefused):
        outcomes_of(frame.with_columns(pl.Series(column, [value, *frame[column][1:]], strict=False)))


def test_calibrated_apart_does_not_see_its_own_decision():
    """Where outcomes are pure chance, curves that saw them look better than they are; apart they do not."""
    history = decided(2000, shift=BOLD)
    apart = calibrated_apart(history)
    assert apart["line_id"].to_list() == history["line_id"].to_list()
    seen = calibrated(history, fit_curves(history))
    right = history["right"]
    assert brier(seen, right) < brier(apart["probability"], right) < brier(history["probability"], right)
    assert calibrated_apart(decided(0)).height == 0


def test_the_reliability_table_reads_as_counted_by_hand():
    probability = pl.Series([0.05, 0.15, 0.12, 0.95, 1.0, 0.9])
    right = pl.Series([False, True, False, True, True, False])
    table = reliability(probability, right)
    assert table.columns == ["bin", "low", "high", "n", "mean_probability", "share_right"]
    rows = {row["bin"]: row for row in table.iter_rows(named=True)}
    assert table["n"].to_list() == [1, 2, 0, 0, 0, 0, 0, 0, 0, 3]
    assert rows[1]["mean_probability"] == pytest.approx(0.135) and rows[1]["share_right"] == 0.5
    assert rows[9]["mean_probability"] == pytest.approx(0.95)
    assert rows[9]["share_right"] == pytest.approx(2 / 3)
    assert rows[4]["mean_probability"] is None and rows[4]["share_right"] is None


def test_measures_counted_by_hand():
    probability, right = pl.Series([0.8, 0.8, 0.8, 0.8, 0.2]), pl.Series([True, True, True, False, False])
    assert ece(probability, right) == pytest.approx((4 * 0.05 + 0.2) / 5)
    assert brier(probability, right) == pytest.approx((3 * 0.04 + 0.64 + 0.04) / 5)
    empty = pl.Series([], dtype=pl.Float64), pl.Series([], dtype=pl.Boolean)
    assert math.isnan(ece(*empty)) and math.isnan(brier(*empty)) and reliability(*empty)["n"].sum() == 0
