"""What pairs are looked at, and the level that each feature says of them."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from match_book import items_of, lines_of

from recon.match.block import SAME_AMOUNT_MAX
from recon.match.book import open_book
from recon.match.drafts import says_column
from recon.match.evidence import date_level
from recon.match.propose import Look, look
from recon.policy import Policy
from recon.schema import REJECTED, History

DAY = date(2026, 3, 2)


def seen(lines: list[dict], items: list[dict], policy: Policy | None = None) -> Look:
    opened = open_book(
        lines_of([{"amount": "100.37", **line} for line in lines]),
        items_of(
            [{"no": item["id"], "total": "100.37", "name": "Kaffe & Kager ApS", **item} for item in items]
        ),
        None,
        REJECTED.empty(),
    )
    return look(opened, policy or Policy(), History())


def said(line: dict, item: dict, feature: str, *others: dict, policy: Policy | None = None) -> str | None:
    """What the line says of the first document; `pair` where the two are not compared at all."""
    pairs = seen([{"id": "l", **line}], [{"id": "i", **item}, *others], policy).pairs
    found = pairs.filter(l=0, i=0)
    return found[says_column(feature)][0] if found.height else "no pair"


@pytest.mark.parametrize(
    ("item", "text", "compared"),
    [
        ({}, "Overførsel", True),
        ({"due": DAY + timedelta(days=70)}, "Overførsel", True),  # paid early
        ({"issued": DAY + timedelta(days=11), "due": DAY + timedelta(days=41)}, "Overførsel", False),
        (
            {"issued": date(2025, 9, 1), "due": DAY - timedelta(days=120)},
            "Overførsel",
            True,
        ),  # both ends count
        ({"issued": date(2025, 9, 1), "due": DAY - timedelta(days=121)}, "Overførsel", False),
        ({"issued": date(2025, 3, 1), "due": date(2025, 4, 1), "no": "990517"}, "Faktura 990517", True),
        ({"kind": "bill"}, "Overførsel", False),  # money in pays no bill
        ({"currency": "EUR"}, "Overførsel", False),  # nor another currency, without a rate
        ({"open": "0.00"}, "Overførsel", False),
        ({"total": "120.37"}, "Overførsel", False),  # nothing but a number of money, and not that
    ],
)
def test_a_pair_is_compared_for_a_reason(item: dict, text: str, compared: bool) -> None:
    pairs = seen([{"id": "l", "text": text}], [{"id": "i", **item}]).pairs
    assert pairs.height == compared


def test_an_amount_many_documents_ask_for_names_none_of_them_but_is_counted() -> None:
    def at(count: int) -> tuple[int, int]:
        same = [{"id": f"i{n:03d}", "name": f"Kunde {n}", "no": f"Z{n}Q"} for n in range(count)]
        found = seen([{"id": "l"}], same).found
        return found.pairs.height, found.crowd["same"][0]

    assert at(SAME_AMOUNT_MAX) == (SAME_AMOUNT_MAX, SAME_AMOUNT_MAX)
    assert at(SAME_AMOUNT_MAX + 1) == (0, SAME_AMOUNT_MAX + 1)


@pytest.mark.parametrize(
    ("line", "item", "level"),
    [
        ({}, {}, "exact_rare"),
        ({"amount": "100.00"}, {"total": "100.00"}, "exact_unique"),  # a whole hundred is met by chance
        ({"amount": "95.37", "text": "i"}, {}, "fee"),
        ({"amount": "98.36", "name": "Kaffe & Kager"}, {}, "discount"),
        ({"amount": "33.46", "name": "Kaffe & Kager"}, {}, "equal_part"),
        ({"amount": "41.00", "name": "Kaffe & Kager"}, {}, "partial_unnamed"),
        ({"amount": "41.00", "text": "Faktura 990517"}, {"no": "990517"}, "partial"),
        ({"amount": "141.00", "text": "Faktura 990517"}, {"no": "990517"}, "overpaid"),
    ],
)
def test_how_an_amount_stands_to_what_is_open(line: dict, item: dict, level: str) -> None:
    told = {"name": "Kaffe & Kager ApS", **line}
    assert said(told, item, "amount") == level


@pytest.mark.parametrize(
    ("count", "level"), [(1, "exact_rare"), (2, "exact_few"), (6, "exact_some"), (25, "exact_common")]
)
def test_an_exact_amount_says_less_the_more_documents_ask_for_it(count: int, level: str) -> None:
    others = [{"id": f"j{n:03d}", "name": f"Kunde {n}", "no": f"Z{n}Q"} for n in range(count - 1)]
    assert said({"name": "Kaffe & Kager"}, {}, "amount", *others) == level


@pytest.mark.parametrize(
    ("line", "item", "feature", "level"),
    [
        ({"name": "Kaffe & Kager"}, {}, "name", "exact"),
        ({"name": "Solvang & Søn"}, {}, "name", "differs"),
        ({"text": "Overførsel"}, {}, "name", None),  # who names nobody differs from nobody
        ({"iban": "DK5000400440116243"}, {"iban": "DK5000400440116243"}, "account", "same"),
        ({"iban": "DK5000400440116243"}, {"iban": "DK8654700420518492"}, "account", "other"),
        ({"iban": "DK5000400440116243"}, {}, "account", None),
        ({"amount": "-100.37", "kind": "card"}, {"kind": "bill"}, "kind", "fits"),
        ({"kind": "card"}, {}, "kind", "against"),
        ({"kind": "fee"}, {}, "kind", "against"),
        ({"kind": "transfer"}, {}, "kind", None),
        ({}, {"due": DAY - timedelta(days=46)}, "due", "by_now"),
        ({}, {"due": DAY}, "due", "hardly"),
        ({}, {"due": DAY - timedelta(days=10)}, "due", None),
    ],
)
def test_what_each_feature_says(line: dict, item: dict, feature: str, level: str | None) -> None:
    assert said(line, item, feature) == level


def test_a_text_that_surely_names_another_document_speaks_against_this_one() -> None:
    other = {"id": "j", "no": "990517", "total": "70.00"}
    assert said({"text": "Faktura 990517"}, {"no": "X1"}, "document_no", other) == "other"


def test_of_two_lines_that_pay_one_document_in_full_the_later_is_told_so() -> None:
    lines = [
        {"id": "l1", "text": "Faktura 990517"},
        {"id": "l2", "text": "Faktura 990517", "date": DAY + timedelta(days=9)},
    ]
    pairs = seen(lines, [{"id": "i", "no": "990517"}]).pairs.sort("l")
    assert pairs["order_says"].to_list() == [None, "later"]


@pytest.mark.parametrize(
    ("days", "level"),
    [
        (-21, "far_before"), (-20, "early"), (-8, "early"), (-7, "before"), (-3, "before"), (-2, "on_day"),
        (2, "on_day"), (3, "after"), (7, "after"), (8, "late"), (20, "late"), (21, "later"), (45, "later"),
        (46, "much_later"), (90, "much_later"), (91, "very_late"), (None, None),
    ],
)  # fmt: skip
def test_the_day_against_the_due_day(days: int | None, level: str | None) -> None:
    row = pl.DataFrame(
        {"days": [days], "booking_date": [DAY], "issue_date": [DAY - timedelta(days=100)]},
        schema_overrides={"days": pl.Int32},
    )
    assert row.select(date_level().alias("date")).item() == level


def test_before_a_document_is_there_it_is_hardly_paid() -> None:
    row = pl.DataFrame({"days": [-18], "booking_date": [DAY], "issue_date": [DAY + timedelta(days=4)]})
    assert row.select(date_level().alias("date")).item() == "before_issue"
    same_week = row.with_columns(issue_date=pl.lit(DAY + timedelta(days=3)))
    assert same_week.select(date_level().alias("date")).item() == "early"
