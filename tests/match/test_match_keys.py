"""Numbers that lines and documents share: what makes a key, how it was read, and what meeting it says."""

from __future__ import annotations

import pytest
from match_book import items_of, lines_of

from recon.match.book import Book, open_book
from recon.match.keys import SAME_KEY_MAX, customer_hits, item_keys, key_hits, line_keys
from recon.match.near import near_hits
from recon.match.numbers import document_levels, pointing, reference_levels
from recon.schema import REJECTED

FIK = "+71<000000000010017+81234570<"
RF = "RF18539007547034"


def book(lines: list[dict], items: list[dict]) -> Book:
    amounts = [{"amount": "100.00", **line} for line in lines]
    documents = [{"total": "100.00", **item} for item in items]
    return open_book(lines_of(amounts), items_of(documents), None, REJECTED.empty())


def hits_of(opened: Book):
    return key_hits(opened, item_keys(opened), line_keys(opened))


STRUCTURED, WHOLE, JOINED = 0, 1, 2


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ({"reference": RF, "text": "Overførsel"}, {RF: STRUCTURED, "539007547034": STRUCTURED}),
        ({"text": "Faktura 100482"}, {"100482": WHOLE}),
        ({"text": "faktura 000100482"}, {"100482": WHOLE}),  # padding is no part of a number
        ({"text": "0000 0000 1014 828"}, {"1014": WHOLE, "1014828": JOINED}),
        ({"reference": "100482", "text": "Faktura 100482"}, {"100482": STRUCTURED}),  # the best trust of each
        ({"text": "Overførsel"}, {}),
    ],
)
def test_keys_of_a_line(line: dict, keys: dict[str, int]) -> None:
    found = line_keys(book([{"id": "l", **line}], []))
    assert dict(found.select("key", "trust").iter_rows()) == keys


@pytest.mark.parametrize(
    ("item", "keys"),
    [
        ({"no": "100482"}, {"100482": "document"}),
        ({"no": "2026-004711"}, {"2026004711": "document", "4711": "tail"}),
        ({"no": "F-77"}, {"F77": "document"}),  # two digits alone are no number
        ({"no": "X1", "reference": RF}, {"X1": "document", RF: "reference", "539007547034": "reference"}),
        ({"no": "100482", "reference": "100482"}, {"100482": "reference"}),  # the best role of each
    ],
)
def test_keys_of_a_document(item: dict, keys: dict[str, str]) -> None:
    found = item_keys(book([], [{"id": "i", **item}]))
    assert dict(found.select("key", "role").iter_rows()) == keys


def test_a_number_too_many_documents_have_tells_nothing() -> None:
    def met(count: int) -> int:
        same = [{"id": f"i{n:03d}", "no": f"{n + 500001}", "reference": "990077"} for n in range(count)]
        return hits_of(book([{"id": "l", "text": "Ref 990077"}], same)).height

    assert met(SAME_KEY_MAX) == SAME_KEY_MAX and met(SAME_KEY_MAX + 1) == 0


@pytest.mark.parametrize(
    ("line", "item", "level"),
    [
        ({"reference": RF}, {"reference": RF}, "structured"),
        ({"reference": "100482"}, {"no": "100482"}, "structured"),  # a number as structured reference is one
        ({"text": f"Indbetaling {FIK}"}, {"reference": FIK}, "printed"),
        ({"text": "Indbetaling 10017"}, {"reference": FIK}, "digits_short"),
        ({"text": "Betaling 539007547034"}, {"reference": RF}, "digits"),
        ({"text": "Betaling 5390 0754 7034"}, {"reference": RF}, "joined"),
        ({"text": "Faktura 100482"}, {"no": "100482"}, None),
    ],
)
def test_what_a_reference_says(line: dict, item: dict, level: str | None) -> None:
    opened = book([{"id": "l", **line}], [{"id": "i", "no": "777", **item}])
    found = reference_levels(opened, hits_of(opened))["reference_says"].to_list()
    assert found == ([level] if level else [])


@pytest.mark.parametrize(
    ("text", "number", "level"),
    [
        ("Faktura 100482", "100482", "exact"),
        ("Faktura A-1042", "A-1042", "exact"),
        ("Faktura 4711", "2026-004711", "tail"),
        ("Faktura 1004 82", "100482", "joined"),
        ("Faktura 2025", "2025", "dense"),  # a year is met by chance
        ("Faktura 1042", "1042", "crowded"),  # so is a number of four digits
        ("Faktura 1043", "1042", None),
    ],
)
def test_what_a_document_number_says(text: str, number: str, level: str | None) -> None:
    opened = book([{"id": "l", "text": text}], [{"id": "i", "no": number}])
    found = document_levels(hits_of(opened))["document_no_says"].to_list()
    assert found == ([level] if level else [])


def test_a_number_says_less_the_more_of_its_series_are_in_use() -> None:
    def says(count: int) -> str:
        series = [{"id": f"i{n:05d}", "no": f"{10_000 + n}"} for n in range(count)]
        opened = book([{"id": "l", "text": "Faktura 10007"}], series)
        return document_levels(hits_of(opened))["document_no_says"][0]

    assert [says(count) for count in (80, 900, 2_000)] == ["exact", "crowded", "dense"]


@pytest.mark.parametrize(
    ("reference", "opens", "points"),
    [
        (RF, "100.00", "other"),  # of an open document: then it is not any other's
        (RF, "0.00", "settled"),
        ("RF471234567890", "100.00", "foreign"),
        ("4711", "100.00", None),  # too short to point anywhere
    ],
)
def test_where_a_stated_reference_points(reference: str, opens: str, points: str | None) -> None:
    opened = book(
        [{"id": "l", "reference": reference}], [{"id": "i", "no": "1", "reference": RF, "open": opens}]
    )
    found = pointing(opened, hits_of(opened))["points"].to_list()
    assert found == ([points] if points else [])


@pytest.mark.parametrize(
    ("text", "amount", "near"),
    [
        ("Faktura 990571", "100.00", True),  # two digits changed places
        ("Faktura 990516", "100.00", True),  # one is wrong
        ("Faktura 990561", "100.00", False),  # two are
        ("Faktura 990571", "99.00", False),  # not with another amount
        ("Faktura 99057", "100.00", False),  # nor one digit less
    ],
)
def test_one_slip_of_the_pen(text: str, amount: str, near: bool) -> None:
    opened = book([{"id": "l", "text": text, "amount": amount}], [{"id": "i", "no": "990517"}])
    ours, theirs = item_keys(opened), line_keys(opened)
    found = near_hits(opened, ours, theirs, key_hits(opened, ours, theirs))
    assert found.select("reference", "document").rows() == ([(False, True)] if near else [])


@pytest.mark.parametrize(
    ("text", "party", "dense"),
    [
        ("Kunde 104217", "104217", False),
        ("Kunde 104217", "K-104217", False),
        ("Kunde 1042", "1042", False),
        ("Kunde 104", "104", None),  # three digits are nobody's number
        ("Kunde 104218", "104217", None),
    ],
)
def test_a_customer_number(text: str, party: str, dense: bool | None) -> None:
    opened = book([{"id": "l", "text": text}], [{"id": "i", "no": "77", "party": party}])
    found = customer_hits(opened, line_keys(opened))["dense"].to_list()
    assert found == ([] if dense is None else [dense])


def test_customer_numbers_without_gaps_are_met_by_chance() -> None:
    customers = [{"id": f"i{n}", "no": f"F{n}", "party": f"{1000 + n}"} for n in range(300)]
    opened = book([{"id": "l", "text": "Kunde 1007"}], customers)
    assert customer_hits(opened, line_keys(opened))["dense"].to_list() == [True]
