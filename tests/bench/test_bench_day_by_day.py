"""A company meets its lines a week at a time: what it accepts on the way stays, and fits what one run would say."""

from __future__ import annotations

import polars as pl
import pytest

from recon.bench.books import make_books
from recon.bench.day_by_day import Agreement, agreement, day_by_day, kept_in_memory

BOOKS = make_books(600, seed=4)


@pytest.fixture(scope="module")
def compared() -> Agreement:
    return agreement(BOOKS, days=60)


def test_most_lines_both_ways_decide_get_the_same_documents(compared: Agreement) -> None:
    assert compared.both > 300
    assert compared.share > 0.97


def test_a_ledger_kept_in_memory_follows_a_full_run() -> None:
    """It goes through everything on days with payouts; on the others hardly a line that moved is missed."""
    kept = kept_in_memory(make_books(500, seed=6), steps=4)
    assert kept.whole < kept.steps
    assert kept.moved > 10
    assert kept.missed <= 0.1 * kept.moved
    assert kept.chosen_otherwise == 0


def test_nothing_is_given_twice_on_the_way() -> None:
    legs = day_by_day(BOOKS, days=100)
    assert not legs.select("line_id", "item_id").is_duplicated().any()
    given = legs.group_by("item_id").agg(pl.col("item_amount_minor").sum()).join(BOOKS.items, on="item_id")
    assert (given["item_amount_minor"].abs() <= given["open_minor"].abs()).all()


def test_the_same_way_twice_is_the_same() -> None:
    one, other = (day_by_day(BOOKS, days=200).sort("line_id", "item_id") for _ in "12")
    assert one.equals(other)
