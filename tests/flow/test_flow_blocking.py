"""Pairs worth comparing, by the generator that named them, and none that nothing names."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

import recon as rc
from recon.match.block import GENERATORS
from recon.schema import REJECTED, History, conform

DAY = date(2026, 3, 2)


def line(line_id: str, minor: int, text: str, name: str | None = None) -> dict:
    return {
        "line_id": line_id, "account_id": "drift", "booking_date": DAY, "amount_minor": minor, "currency": "DKK",
        "text": text, "counterparty_name": name, "source": "test",
    }  # fmt: skip


def item(item_id: str, number: str, minor: int, name: str, reference: str | None = None) -> dict:
    return {
        "item_id": item_id, "kind": "invoice", "document_no": number, "counterparty_name": name, "currency": "DKK",
        "payment_reference": reference, "total_minor": minor, "open_minor": minor, "issue_date": date(2026, 2, 10),
        "due_date": DAY, "source": "test",
    }  # fmt: skip


LINES = pl.DataFrame(
    [
        line("reference", 125000, "Indbetaling +71<000000000010017+81234570<"),
        line("number", 80000, "Faktura 880417"),
        line("slip", 61300, "Faktura 990571"),
        line("party", 40000, "Overførsel", "Kaffe & Kager ApS"),
        line("amount", 33317, "Overførsel"),
        line("part", 5000, "Overførsel", "Møbelgaarden A/S"),
        line("nobody", 999, "Overførsel"),
    ]
)
ITEMS = pl.DataFrame(
    [
        item("i1", "1001", 125000, "Anders Bygdal", "+71<000000000010017+81234570<"),
        item("i2", "880417", 80050, "Skovby Kontor"),
        item("i3", "990517", 61300, "Havnens Fisk"),
        item("i4", "4004", 40000, "Kaffe & Kager ApS"),
        item("i5", "5005", 33317, "Solvang & Søn"),
        item("i6", "6006", 90000, "Møbelgaarden A/S"),
    ]
)


@pytest.mark.parametrize(
    ("line_id", "item_id", "by"),
    [
        ("reference", "i1", {"reference", "amount"}),
        ("number", "i2", {"number"}),  # neither amount nor name: the number alone brings them together
        ("slip", "i3", {"near", "amount"}),
        ("party", "i4", {"party", "amount"}),
        ("amount", "i5", {"amount"}),
        ("part", "i6", {"part"}),
    ],
)
def test_a_pair_is_named_by(line_id: str, item_id: str, by: set[str]) -> None:
    pairs, _ = rc.blocking(LINES, ITEMS)
    found = pairs.filter(line_id=line_id)
    assert found["item_id"].to_list() == [item_id]
    assert set(found["by"][0]) == by


def test_the_report_counts_each_generator_and_each_pair_once() -> None:
    pairs, report = rc.blocking(LINES, ITEMS)
    assert list(report) == [*GENERATORS, "all"]
    assert report["all"] == pairs.height == pairs.select("line_id", "item_id").n_unique() == 6
    named = pairs.explode("by").group_by("by").len()
    assert {name: count for name, count in report.items() if count and name != "all"} == dict(
        named.iter_rows()
    )


def test_the_order_of_rows_means_nothing_and_a_rejected_pair_is_none() -> None:
    pairs, report = rc.blocking(LINES, ITEMS)
    again, same = rc.blocking(LINES.reverse(), ITEMS.reverse())
    assert pairs.equals(again) and report == same
    no = pl.DataFrame(
        [{"line_id": "party", "item_id": "i4", "decided_at": datetime(2026, 3, 3, tzinfo=UTC), "by": "anna"}]
    )
    fewer, _ = rc.blocking(LINES, ITEMS, history=History(rejected=conform(no, REJECTED)))
    assert "party" not in fewer["line_id"] and fewer.height == pairs.height - 1
