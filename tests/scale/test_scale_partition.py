"""Whole frames split by company, and companies bundled."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scale_companies import company

from recon.errors import DataRefused
from recon.policy import Policy
from recon.scale import Partition, bundled, partitions
from recon.schema import History

LINES = pl.DataFrame({"company": ["b", "a", "b"], "line_id": ["1", "2", "3"]})
ITEMS = pl.DataFrame({"company": ["c", "b", "b"], "item_id": ["4", "5", "6"]})
PARTS = pl.DataFrame({"company": ["b"], "part_id": ["7"]})


def test_each_company_gets_its_own_rows_and_no_other() -> None:
    a, b = partitions(LINES, ITEMS, PARTS)
    assert (a.key, a.lines["line_id"].to_list(), a.items["item_id"].to_list()) == ("a", ["2"], [])
    assert (b.key, b.lines["line_id"].to_list(), b.items["item_id"].to_list()) == (
        "b",
        ["1", "3"],
        ["5", "6"],
    )
    assert a.parts is None
    assert b.parts is not None and b.parts["part_id"].to_list() == ["7"]
    assert "company" not in b.lines.columns and a.items.columns == ["item_id"]


def test_a_company_without_lines_has_nothing_to_match() -> None:
    assert [one.key for one in partitions(LINES, ITEMS)] == ["a", "b"]


def test_policy_model_and_history_go_to_the_company_they_are_named_for() -> None:
    danish, past = Policy(language="da"), History()
    a, b = partitions(LINES, ITEMS, policies={"a": danish}, models={"b": "weights"}, histories={"b": past})
    assert (a.policy, a.model, a.history) == (danish, None, None)
    assert (b.policy, b.model) == (Policy(), "weights") and b.history is past


@pytest.mark.parametrize(
    ("lines", "items", "words"),
    [
        (LINES.drop("company"), ITEMS, "lines have no column company"),
        (LINES, ITEMS.drop("company"), "items have no column company"),
        (
            LINES,
            ITEMS.with_columns(company=None).cast({"company": pl.String}),
            "3 of the items have no company",
        ),
        (LINES.with_columns(company=pl.lit(7)), ITEMS, "must be text"),
    ],
)
def test_rows_that_belong_to_nobody_are_refused(lines: pl.DataFrame, items: pl.DataFrame, words: str) -> None:
    with pytest.raises(DataRefused, match=words):
        partitions(lines, items)


def of_size(key: str, lines: int) -> Partition:
    return Partition(key, pl.DataFrame({"line_id": ["x"] * lines}), pl.DataFrame())


@pytest.mark.parametrize(
    ("sizes", "least", "workers", "bundles"),
    [
        ({"a": 5, "b": 50, "c": 5}, 50, 1, ["b", "ac"]),  # a big one goes alone, the largest first
        ({"a": 10, "b": 10, "c": 10, "d": 10}, 20, 1, ["a", "b", "c", "d"]),  # 40 lines: ten are a fair share
        ({"a": 2, "b": 2, "c": 2, "d": 34}, 20, 1, ["d", "abc"]),
        ({"a": 0, "b": 0}, 20, 1, ["ab"]),
        ({}, 20, 2, []),
    ],
)
def test_bundles_are_of_a_size(sizes: dict[str, int], least: int, workers: int, bundles: list[str]) -> None:
    made = bundled([of_size(*one) for one in sizes.items()], least, workers)
    assert ["".join(one.key for one in some) for some in made] == bundles


@given(
    sizes=st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(0, 30), max_size=12),
    least=st.integers(1, 60),
    workers=st.integers(1, 5),
    dice=st.randoms(use_true_random=False),
)
def test_every_company_travels_once_and_alike_in_any_order(sizes, least, workers, dice) -> None:
    companies = [of_size(*one) for one in sizes.items()]
    told = [[one.key for one in some] for some in bundled(companies, least, workers)]
    dice.shuffle(companies)
    assert told == [[one.key for one in some] for some in bundled(companies, least, workers)]
    assert sorted(key for some in told for key in some) == sorted(sizes)
    assert all(len(some) == 1 for some in told if any(sizes[key] >= least for key in some))


def test_few_lines_still_keep_every_worker_busy() -> None:
    assert len(bundled([company(f"c{n}", 10) for n in range(8)], workers=2)) == 8
