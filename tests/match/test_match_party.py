"""Who stands behind a line: the best that is known of each party, few parties a line, and which of them are firm."""

from __future__ import annotations

import polars as pl
import pytest
from match_book import items_of, lines_of

from recon.match.book import Book, open_book
from recon.match.keys import customer_hits, line_keys
from recon.match.party import NAMESAKES_MOST, PARTIES_MOST, firm, names_of_lines, parties_of_lines
from recon.match.weights import LEVELS
from recon.schema import REJECTED

NOBODY = pl.DataFrame(schema={"l": pl.UInt32, "p": pl.UInt32, "by": pl.String})


def book(lines: list[dict], items: list[dict]) -> Book:
    documents = [{"no": item["id"], "total": "100.00", **item} for item in items]
    return open_book(
        lines_of([{"amount": "100.00", **line} for line in lines]),
        items_of(documents),
        None,
        REJECTED.empty(),
    )


def parties(opened: Book, paid: pl.DataFrame = NOBODY, ruled: pl.DataFrame | None = None) -> pl.DataFrame:
    ruled = NOBODY.select("l", "p") if ruled is None else ruled
    customers = customer_hits(opened, line_keys(opened))
    found = parties_of_lines(opened, names_of_lines(opened), customers, paid, ruled)
    return found.join(opened.parties, on="p").sort("l", "p")


def memory(by: str) -> pl.DataFrame:
    return pl.DataFrame([(0, 0, by)], schema=NOBODY.schema, orient="row")


IBAN = "DK5000400440116243"


@pytest.mark.parametrize(
    ("line", "item", "name", "account", "customer"),
    [
        ({"name": "Kaffe & Kager ApS"}, {"name": "Kaffe & Kager"}, "exact", None, None),
        ({"text": "Fra Kaffe & Kager"}, {"name": "Kaffe & Kager ApS"}, "exact", None, None),
        ({"name": "Bodil Holm", "iban": IBAN}, {"name": "Kaffe & Kager", "iban": IBAN}, None, "same", None),
        ({"name": "B Holm", "iban": "0040 0440116243"}, {"name": "Kaffe", "iban": IBAN}, None, "same", None),
        ({"text": "Kunde 104217"}, {"name": "Kaffe & Kager", "party": "104217"}, None, None, "exact"),
    ],
)
def test_what_is_known_of_a_party(
    line: dict, item: dict, name: str | None, account: str | None, customer: str | None
) -> None:
    found = parties(book([{"id": "l", **line}], [{"id": "i", **item}]))
    assert found.select("name", "account", "customer").rows() == [(name, account, customer)]


@pytest.mark.parametrize(
    ("by", "feature", "level"),
    [("account", "account", "memory"), ("name", "name", "memory"), ("refused", "name", "refused")],
)
def test_what_was_paid_before_is_remembered(by: str, feature: str, level: str) -> None:
    found = parties(
        book([{"id": "l", "name": "Bodil Holm"}], [{"id": "i", "name": "Kaffe & Kager"}]), memory(by)
    )
    assert found[feature].to_list() == [level]


def test_of_several_levels_the_first_of_its_feature_is_said() -> None:
    opened = book([{"id": "l", "name": "Kaffe & Kager"}], [{"id": "i", "name": "Kaffe & Kager"}])
    assert parties(opened, memory("name"))["name"].to_list() == ["exact"], (
        "the name itself says more than memory"
    )
    assert parties(opened, memory("refused"))["name"].to_list() == ["refused"], (
        "but people's no says more than that"
    )
    ruled = pl.DataFrame([(0, 0)], schema={"l": pl.UInt32, "p": pl.UInt32}, orient="row")
    assert parties(opened, memory("refused"), ruled)["name"].to_list() == ["rule"], "and their rule most"


def test_a_line_looks_at_few_parties_the_best_known_first() -> None:
    customers = [{"id": f"i{n}", "name": f"Kundeforening {n}", "party": f"90{n}417"} for n in range(6)]
    text = " ".join(item["party"] for item in customers)
    found = parties(book([{"id": "l", "text": text}], customers))
    assert found.height == PARTIES_MOST


@pytest.mark.parametrize(("count", "seen"), [(NAMESAKES_MOST, NAMESAKES_MOST), (NAMESAKES_MOST + 1, 0)])
def test_namesakes_are_told_apart_only_while_they_are_few(count: int, seen: int) -> None:
    same = [{"id": f"i{n}", "name": "Jens Hansen", "party": f"C-{n}"} for n in range(count)]
    assert parties(book([{"id": "l", "name": "Jens Hansen"}], same)).height == seen


@pytest.mark.parametrize(
    ("levels", "is_firm"),
    [
        ({"name": "exact"}, True),
        ({"name": "near"}, True),
        ({"name": "partial"}, False),  # a word in common adds nothing up
        ({"name": "refused"}, False),
        ({"account": "memory"}, True),
        ({"customer": "dense"}, True),
        ({}, False),
    ],
)
def test_whose_debts_are_added_up(levels: dict[str, str], is_firm: bool) -> None:
    types = {feature: LEVELS[feature] for feature in ("name", "account", "customer")}
    row = pl.DataFrame([{name: levels.get(name) for name in types}], schema=types)
    assert row.select(firm().alias("firm")).item() is is_firm
