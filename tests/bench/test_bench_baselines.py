"""Each re-implemented way shows the behaviour it is known for, on a handful of rows."""

from __future__ import annotations

import polars as pl
import pytest
from bench_case import item, items_of, line, lines_of

from recon.bench.baselines.business_central import RULES, business_central
from recon.bench.baselines.erpnext import erpnext
from recon.bench.baselines.fenerum import fenerum
from recon.bench.baselines.odoo import odoo
from recon.bench.baselines.taking import best_first, in_turn
from recon.bench.limit import MOST_SEEN, exact_join, lone_pairs

FIK = "+71<000000012345674+12345678<"


def pairs(answers: pl.DataFrame) -> set[tuple[str, str]]:
    return set(answers.select("line_id", "item_id").iter_rows())


def confidence(answers: pl.DataFrame, line_id: str) -> float:
    return answers.filter(line_id=line_id)["confidence"][0]


# Fenerum


@pytest.mark.parametrize(
    ("text", "minor", "found"),
    [
        (FIK, 10_000, True),
        ("Indbetaling 12345674", 10_000, True),  # without padding
        ("0000 0001 2345 674", 10_000, True),  # the second form joins digits
        (FIK, 9_900, False),  # a fee of one krone, and nothing is found
        ("Fjord ApS", 10_000, False),  # no names
    ],
)
def test_fenerum_asks_for_the_number_and_the_amount(text: str, minor: int, found: bool) -> None:
    items = items_of(item("F-501", 10_000, payment_reference=FIK))
    assert pairs(fenerum(lines_of(line("l", minor, text)), items)) == ({("l", "F-501")} if found else set())


def test_fenerum_takes_several_numbers_that_add_up_and_a_paid_invoice_no_more() -> None:
    items = items_of(item("50101", 10_000), item("50102", 5_000), item("50103", 7_000))
    lines = lines_of(
        line("both", 15_000, "50101 / 50102", "2026-03-10"),
        line("again", 10_000, "50101", "2026-03-11"),
        line("other", 6_000, "50103", "2026-03-12"),
    )
    assert pairs(fenerum(lines, items)) == {("both", "50101"), ("both", "50102")}


# Odoo


def test_odoo_one_skipped_invoice_shifts_all_that_follow() -> None:
    items = items_of(*(item(f"700{month}", 9_900, due=f"2026-0{month}-01") for month in (1, 2, 3)))
    # February is paid, March is paid; January never was.
    lines = lines_of(
        line("feb", 9_900, "abonnement", "2026-02-02", counterparty_name="Fjord"),
        line("mar", 9_900, "abonnement", "2026-03-02", counterparty_name="Fjord"),
    )
    assert pairs(odoo(lines, items)) == {("feb", "7001"), ("mar", "7002")}


def test_odoo_number_in_the_label_goes_before_the_date() -> None:
    items = items_of(item("7001", 9_900, due="2026-01-01"), item("7002", 9_900, due="2026-02-01"))
    assert pairs(odoo(lines_of(line("l", 9_900, "Faktura 7002")), items)) == {("l", "7002")}


def test_odoo_lays_up_items_of_the_partner_until_the_amount_is_used() -> None:
    items = items_of(*(item(f"700{n}", 4_000, due=f"2026-01-0{n}") for n in (1, 2, 3)))
    lines = lines_of(line("l", 7_000, "a conto", counterparty_name="Fjord"))
    assert pairs(odoo(lines, items)) == {("l", "7001"), ("l", "7002")}


# ERPNext


def test_erpnext_returns_no_party_where_two_names_are_equally_alike() -> None:
    items = items_of(
        item("A", 5_000, "Nordlys Aarhus", "2026-03-01", counterparty_id="1"),
        item("B", 5_000, "Nordlys Odense", "2026-02-01", counterparty_id="2"),
    )
    tied = erpnext(lines_of(line("l", 5_000, "x", counterparty_name="Nordlys")), items)
    told = erpnext(lines_of(line("l", 5_000, "x", counterparty_name="Nordlys Aarhus")), items)
    # Without a party the amount alone is left, and the earliest of it comes on top.
    assert pairs(tied) == {("l", "B")} and pairs(told) == {("l", "A")}
    assert confidence(told, "l") > confidence(tied, "l")


def test_erpnext_party_and_amount_go_before_amount_alone() -> None:
    items = items_of(
        item("old", 5_000, "Havnens Vin", "2026-01-01", counterparty_id="1"),
        item("new", 5_000, "Birkelund Revision", "2026-03-01", counterparty_id="2"),
    )
    lines = lines_of(line("l", 5_000, "x", counterparty_name="BIRKELUND REVISON"))
    assert pairs(erpnext(lines, items)) == {("l", "new")}


def test_erpnext_has_no_answer_for_another_amount() -> None:
    lines = lines_of(line("l", 4_900, "A", counterparty_name="Fjord"))
    assert erpnext(lines, items_of(item("A", 5_000))).is_empty()


# Business Central


def rule(answers: pl.DataFrame, line_id: str) -> tuple[str, ...]:
    return RULES[round((1 - confidence(answers, line_id)) * len(RULES))]


@pytest.mark.parametrize(
    ("text", "minor", "more", "expected"),
    [
        ("40101", 5_000, {"counterparty_account": "DK5000400440116243"}, ("high", "fully", "yes", "one")),
        ("40101", 4_000, {"counterparty_account": "DK5000400440116243"}, ("medium", "fully", "yes", "any")),
        ("tak", 5_000, {"counterparty_account": "0040 0440116243"}, ("high", "fully", "no", "one")),
        ("tak", 5_000, {"counterparty_name": "FJORD A/S"}, ("medium", "partially", "no", "one")),
        ("40101", 5_000, {}, ("medium", "no", "yes", "one")),
        ("tak", 5_000, {}, ("low", "no", "no", "one")),
    ],
)
def test_business_central_tells_party_number_and_amount(
    text: str, minor: int, more: dict[str, str], expected: tuple[str, ...]
) -> None:
    items = items_of(item("40101", 5_000, counterparty_account="DK5000400440116243"), item("40102", 8_000))
    assert rule(business_central(lines_of(line("l", minor, text, **more)), items), "l") == expected


def test_business_central_gives_an_entry_to_the_surest_line() -> None:
    items = items_of(item("40101", 5_000, counterparty_account="DK5000400440116243"))
    lines = lines_of(
        line("amount", 5_000, "tak", "2026-03-01"),
        line("number", 5_000, "40101", "2026-03-02", counterparty_account="DK5000400440116243"),
    )
    assert pairs(business_central(lines, items)) == {("number", "40101")}


# The limit, and who takes what


def test_the_limit_joins_no_amount_that_is_everywhere() -> None:
    many = items_of(
        *(item(f"i{n}", 9_900) for n in range(MOST_SEEN + 1)), item("alone", 777), item("two", 55)
    )
    lines = lines_of(line("often", 9_900), line("once", 777), line("b1", 55), line("b2", 55))
    assert pairs(exact_join(lines, many)) == {("once", "alone"), ("b1", "two"), ("b2", "two")}
    assert pairs(lone_pairs(lines, many)) == {("once", "alone")}


def test_equal_ones_take_in_turn() -> None:
    lines = pl.DataFrame({"l": [3, 1, 2], "minor": [5, 5, 9]})
    items = pl.DataFrame({"i": [10, 11], "minor": [5, 5]})
    assert set(in_turn(lines, items, ["minor"]).rows()) == {(1, 10), (3, 11)}


def test_the_best_pair_is_taken_first_and_leaves_the_second_best_to_others() -> None:
    wanted = pl.DataFrame({"l": [1, 1, 2], "i": [1, 2, 1], "score": [0.9, 0.8, 0.95]})
    assert set(best_first(wanted).select("l", "i").rows()) == {(2, 1), (1, 2)}
