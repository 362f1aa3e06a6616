"""Lines and documents made ready: numbered in the order of their ids, folded once, whatever order they came in."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from match_book import items_of, lines_of

from recon.match.book import open_book, spelled
from recon.schema import PARTS, REJECTED, conform

LINES = [
    {"id": "b", "amount": "100.00", "name": "Jensen, Ole", "iban": "DK5000400440116243"},
    {"id": "a", "amount": "100.00", "text": "Overførsel fra Ole Jensen"},
    {"id": "c", "amount": "74.60", "text": "Overførsel", "original": "10.00", "original_currency": "EUR"},
    {"id": "d", "amount": "0.00"},
]
ITEMS = [
    {"id": "2", "no": "102", "total": "100.00", "name": "Ole Jensen", "party": "C7"},
    {"id": "1", "no": "101", "total": "10.00", "name": "OLE JENSEN", "currency": "EUR"},
    {"id": "3", "no": "103", "total": "100.00", "name": "Jensen Ole", "open": "0.00"},
    {"id": "4", "no": "104", "total": "9.00"},
]


def book(lines: list[dict], items: list[dict]):
    return open_book(lines_of(lines), items_of(items), None, REJECTED.empty())


def test_numbers_follow_the_ids_and_not_the_rows() -> None:
    one, other = book(LINES, ITEMS), book(LINES[::-1], ITEMS[::-1])
    assert one.lines["line_id"].to_list() == ["a", "b", "c", "d"] and one.lines["l"].to_list() == [0, 1, 2, 3]
    for name in ("lines", "items", "spellings", "names", "parties", "currencies"):
        assert getattr(one, name).equals(getattr(other, name)), name


def test_amounts_have_numbers_only_where_a_document_asks_for_them() -> None:
    opened = book(LINES, ITEMS)
    a = dict(opened.lines.select("line_id", "a").iter_rows())
    asked = dict(opened.items.select("item_id", "a").iter_rows())
    assert a["a"] == a["b"] == asked["2"] is not None
    assert a["c"] is None and a["d"] is None, "nobody asks for 74.60 DKK, and nothing for nothing"
    assert opened.lines.filter(line_id="c")["original_a"][0] == asked["1"], "but for 10.00 EUR somebody does"
    assert asked["3"] is None, "what is settled asks for nothing"


def test_who_is_named_is_folded_once_and_shared() -> None:
    opened = book(LINES, ITEMS)
    assert opened.lines["s"].null_count() == 2, "movement words alone name nobody"
    assert dict(opened.spellings.select("who", "named").iter_rows()) == {
        "jensen ole": True,
        "ole jensen": False,
    }
    assert opened.names["name_key"].unique().to_list() == ["jensen ole"]
    whose = opened.items.join(opened.parties, on="p", how="left", maintain_order="left")
    assert whose["party"].to_list() == ["name:jensen ole", "C7", "name:jensen ole", None]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Overførsel fra Ole Jensen", "ole jensen"),
        ("INDBETALING 100482 KAFFE & KAGER", "kaffe kager"),
        ("Betaling 1234", None),
        ("MobilePay", None),
        ("Dankort-nota REMA 1000", "rema"),
    ],
)
def test_words_of_movement_and_numbers_name_nobody(text: str, who: str | None) -> None:
    found = spelled(lines_of([{"id": "l", "amount": "1.00", "text": text}]))[0]
    assert (found or None) == who


def test_the_anchor_is_the_due_day_else_the_issue_day() -> None:
    rows = [
        {"id": "1", "no": "1", "total": "1.00"},
        {"id": "2", "no": "2", "total": "1.00", "due": None},
        {"id": "3", "no": "3", "total": "1.00", "due": None, "issued": None},
    ]
    assert book([], rows).items["anchor"].to_list() == [date(2026, 3, 1), date(2026, 2, 1), None]


def test_parts_stand_beside_their_line() -> None:
    part = {"part_id": "p1", "line_id": "b", "amount_minor": 10000, "creditor_reference": "RF18539007547034"}
    parts = conform(pl.DataFrame([part | {"currency": "DKK"}]), PARTS)
    opened = open_book(lines_of(LINES), items_of(ITEMS), parts, REJECTED.empty())
    assert opened.parts.select("l", "references").rows() == [(1, ["RF18539007547034"])]
