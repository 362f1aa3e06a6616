"""Frames as received: exact types, nothing guessed, refusals that name the column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from recon.errors import DataRefused
from recon.normalise.items import normalise_items
from recon.normalise.lines import normalise_lines, normalise_parts
from recon.schema import ITEMS, LINES


def line(**values):
    row = {
        "line_id": "l1", "account_id": "a", "booking_date": date(2026, 3, 2), "amount_minor": 100,
        "currency": "dkk", "text": "Faktura 1042", "source": "test",
    }  # fmt: skip
    return pl.DataFrame([row | values])


def item(**values):
    row = {
        "item_id": "i1", "kind": "invoice", "document_no": "1042", "currency": "DKK", "total_minor": 100,
        "open_minor": 100, "source": "test",
    }  # fmt: skip
    return pl.DataFrame([row | values])


def test_missing_optional_columns_are_filled_and_the_missing_worked_out():
    lines = normalise_lines(line())
    assert lines.schema == LINES.schema
    row = lines.row(0, named=True)
    assert row["references"] == ["1042"] and row["kind"] == "unknown" and row["currency"] == "DKK"
    assert row["counterparty_name"] is None
    assert (
        normalise_items(item(payment_reference="0000 1234")).row(0, named=True)["payment_reference"]
        == "00001234"
    )


def test_given_values_are_kept():
    row = normalise_lines(line(references=["mine"], kind="card")).row(0, named=True)
    assert row["references"] == ["mine"] and row["kind"] == "card"


def test_references_come_from_all_three_sources_the_most_trusted_first():
    row = normalise_lines(line(creditor_reference="000000012345674", end_to_end_id="INV-77")).row(
        0, named=True
    )
    assert row["references"][:2] == ["12345674", "INV77"] and "1042" in row["references"]


@pytest.mark.parametrize("sent", ["NOTPROVIDED", "not provided", "NOTPROVIDED-1234567"])
def test_an_absent_end_to_end_id_is_no_reference(sent):
    assert normalise_lines(line(text="", end_to_end_id=sent)).row(0, named=True)["references"] == []


@pytest.mark.parametrize("name", sorted(LINES.required))
def test_a_missing_required_column_is_named(name):
    with pytest.raises(DataRefused, match=name):
        normalise_lines(line().drop(name))


@pytest.mark.parametrize("name", sorted(ITEMS.required))
def test_a_missing_required_item_column_is_named(name):
    with pytest.raises(DataRefused, match=name):
        normalise_items(item().drop(name))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("amount_minor", pl.Series([1.0])),
        ("amount_minor", pl.Series(["100"])),
        ("amount_minor", pl.Series([Decimal("1.50")])),
        ("amount_minor", pl.Series([2**64 - 1], dtype=pl.UInt64)),
        ("amount_minor", pl.Series([None], dtype=pl.Int64)),
        ("booking_date", pl.Series(["02-03-2026"])),
        ("booking_date", pl.Series(["2026-03-02T14:00"]).str.to_datetime()),
        ("booking_date", pl.Series([20260302])),
        ("kind", pl.Series(["rubbish"])),
        ("line_id", pl.Series([None], dtype=pl.String)),
    ],
)
def test_what_is_not_exact_is_refused(column, values):
    with pytest.raises(DataRefused, match=column):
        normalise_lines(line().with_columns(values.alias(column)))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("amount_minor", pl.Series([100], dtype=pl.Int32)),
        ("amount_minor", pl.Series([Decimal("100.00")])),
        ("booking_date", pl.Series(["2026-03-02"])),
        ("booking_date", pl.Series(["2026-03-02T00:00"]).str.to_datetime()),
    ],
)
def test_other_types_of_the_same_value_become_exact(column, values):
    assert_frame_equal(normalise_lines(line().with_columns(values.alias(column))), normalise_lines(line()))


def test_two_lines_of_one_id_are_refused():
    with pytest.raises(DataRefused, match="more than once"):
        normalise_lines(pl.concat([line(), line()]))


def test_empty_frames_keep_exact_types():
    assert normalise_lines(LINES.empty()).schema == LINES.schema
    assert normalise_items(ITEMS.empty()).schema == ITEMS.schema


def test_parts_get_references_too():
    parts = pl.DataFrame([{"part_id": "p", "line_id": "l1", "amount_minor": 5, "text": "fakt 10421"}])
    assert normalise_parts(parts)["references"].to_list() == [["10421"]]


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        ("Gebyr netbank", -500, "fee"),
        ("Rente 3. kvartal", 12, "interest"),
        ("BS Bredbånd Øst A/S", -59900, "direct_debit"),
        ("Dankort-nota Rema 1000 4711", -12050, "card"),
        ("VISA KØB", -1, "card"),
        ("Bambora 4711", 90000, "payout"),
        ("OVERF\\RSEL", 5, "transfer"),
        ("Overfoersel", 5, "transfer"),
        ("Fra Hansen", 5, "transfer"),
        ("Hansen", 5, "unknown"),
        ("Gebyr", 500, "unknown"),
        ("Øgebyr", -500, "unknown"),
        ("BS", -5, "direct_debit"),
        ("Min BS", -5, "unknown"),
        ("Nets/12", 0, "payout"),
    ],
)
def test_text_conventions(text, amount, kind):
    assert normalise_lines(line(text=text, amount_minor=amount))["kind"][0] == kind


def test_slices_are_worked_on_alone_and_come_back_in_order(monkeypatch):
    texts = [
        "Faktura 1042",
        "Gebyr",
        "1041/42",
        "",
        "RF18539007547034",
        "Løn",
        "+71<000000012345674+12345678<",
    ]
    raw = pl.concat([line(line_id=str(place), text=text) for place, text in enumerate(texts)])
    whole = normalise_lines(raw)
    monkeypatch.setattr("recon.normalise.frames._SLICE", 2)
    assert_frame_equal(normalise_lines(raw), whole)
    assert_frame_equal(normalise_lines(raw.reverse()), whole.reverse())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_normalising_twice_changes_nothing_and_no_text_breaks_it(texts):
    raw = pl.concat([line(line_id=str(place), text=text) for place, text in enumerate(texts)])
    once = normalise_lines(raw)
    assert_frame_equal(normalise_lines(once), once)
    assert once["text"].to_list() == texts
