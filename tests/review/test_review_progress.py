"""Match rate and ageing: every amount in exactly one bucket, and never two currencies in one sum."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.review.progress import BUCKETS, age_documents, age_lines, match_rate
from recon.schema import ITEMS, LINES, conform

TODAY = date(2026, 11, 22)


def lines(*rows: tuple[str, int, str, int]) -> pl.DataFrame:
    """LINES of `(id, amount, currency, days ago)`, all of one account."""
    told = [
        {
            "line_id": name,
            "account_id": "drift",
            "booking_date": TODAY - timedelta(days=ago),
            "amount_minor": amount,
            "currency": currency,
            "text": name,
            "source": "test",
        }
        for name, amount, currency, ago in rows
    ]
    return conform(
        pl.DataFrame(told, schema={name: LINES.types[name] for name in told[0]} if told else LINES.schema),
        LINES,
    )


def item(
    name: str, kind: str, minor: int, currency: str, due: date | None, issued: date | None = None
) -> dict:
    return {
        "item_id": name, "kind": kind, "document_no": name, "currency": currency, "total_minor": minor,
        "open_minor": minor, "due_date": due, "issue_date": issued, "source": "test",
    }  # fmt: skip


def items(*rows: dict) -> pl.DataFrame:
    return conform(
        pl.DataFrame(list(rows), schema_overrides={"due_date": pl.Date, "issue_date": pl.Date}), ITEMS
    )


@pytest.mark.parametrize(
    ("overdue_days", "age"),
    [(-5, "not due"), (0, "not due"), (1, "1–30"), (30, "1–30"), (31, "31–60"), (60, "31–60"),
     (61, "61–90"), (90, "61–90"), (91, "over 90"), (4000, "over 90")],
)  # fmt: skip
def test_both_ends_of_a_bucket_count(overdue_days, age):
    aged = age_documents(items(item("a", "invoice", 100, "DKK", TODAY - timedelta(days=overdue_days))), TODAY)
    assert aged.filter(pl.col("documents") > 0)["age"].to_list() == [age]
    assert aged["age"].to_list() == list(BUCKETS)


def test_receivable_and_payable_stay_apart_and_credit_notes_are_taken_off():
    due = TODAY - timedelta(days=10)
    aged = age_documents(
        items(
            item("invoice", "invoice", 1000, "DKK", due),
            item("credit note", "credit_note", -300, "DKK", due),
            item("euro", "invoice", 700, "EUR", due),
            item("bill", "bill", -500, "DKK", due),
            item("settled", "invoice", 0, "DKK", due),
        ),
        TODAY,
    )
    told = aged.filter(pl.col("documents") > 0).select("side", "currency", "documents", "open_minor").rows()
    assert told == [("receivable", "DKK", 2, 700), ("receivable", "EUR", 1, 700), ("payable", "DKK", 1, -500)]


def test_without_a_due_date_the_issue_date_counts_and_without_both_nothing_is_overdue():
    issued = TODAY - timedelta(days=45)
    aged = age_documents(
        items(item("dated", "invoice", 1, "DKK", None, issued), item("bare", "invoice", 2, "DKK", None)),
        TODAY,
    )
    assert dict(aged.select("age", "open_minor").rows())["31–60"] == 1
    assert dict(aged.select("age", "open_minor").rows())["not due"] == 2


def test_a_part_payment_counts_as_money_and_not_as_a_matched_line():
    booked = lines(("a", 1000, "DKK", 1), ("b", -400, "DKK", 1), ("c", 600, "EUR", 1))
    left = lines(("b", -100, "DKK", 1), ("c", 600, "EUR", 1))
    assert match_rate(booked, left).rows() == [
        ("drift", "DKK", 2, 1, 1400, 1300),
        ("drift", "EUR", 1, 0, 600, 0),
    ]


@given(
    st.lists(
        st.tuples(
            st.integers(-(10**9), 10**9).filter(bool), st.sampled_from(["DKK", "EUR"]), st.integers(-3, 400)
        ),
        max_size=30,
    )
)
def test_ageing_loses_no_line_and_no_money(rows):
    waiting = lines(*((f"l{place}", *row) for place, row in enumerate(rows)))
    aged = age_lines(waiting, TODAY)
    assert aged["lines"].sum() == len(rows)
    for currency in ("DKK", "EUR"):
        whole = sum(amount for amount, unit, _ in rows if unit == currency)
        assert aged.filter(currency=currency)["open_minor"].sum() == whole
