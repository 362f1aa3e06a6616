"""Allocations: nothing is given that is not there, and nothing disappears between a proposal and the books."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.errors import DecisionRefused, ErpAccountMissing, OverAllocated
from recon.review.allocate import Room, from_amounts, from_proposal, refuse_overdrawn
from recon.review.policy import AutoAccept, acceptable
from recon.schema import LEGS, PROPOSALS


def legs(*rows: tuple[str, str, int]) -> pl.DataFrame:
    told = [("p", line, item, amount, amount) for line, item, amount in rows]
    return pl.DataFrame(told, schema=LEGS.schema, orient="row")


def room(minor: int, currency: str = "DKK") -> Room:
    return Room(minor, currency, "the thing")


@pytest.mark.parametrize(
    ("line", "settled", "account", "booked"),
    [
        (10000, {"i1": 10000}, "7220", {}),  # exact: nothing is left to book
        (9500, {"i1": 10000}, "7220", {"account:7220": -500}),  # a fee was kept
        (10500, {"i1": 10000}, "6850", {"account:6850": 500}),  # more came than was owed
        (10500, {"i1": 10000}, None, {}),  # the rest stays open on the line
        (-10200, {"i1": -10000}, "7220", {"account:7220": -200}),  # a bill and the bank's fee
        (7000, {"i1": 10000, "c1": -3000}, None, {}),  # a credit note netted
    ],
)
def test_a_difference_is_booked_where_it_belongs(line, settled, account, booked):
    rows = from_proposal(
        legs(*[("l", item, amount) for item, amount in settled.items()]), {"l": room(line)}, account
    )
    assert dict(rows.select("item_id", "amount_minor").iter_rows()) == settled | booked
    assert rows["amount_minor"].sum() == line or account is None


def test_a_shortfall_without_an_account_is_refused():
    with pytest.raises(ErpAccountMissing, match="is missing on"):
        from_proposal(legs(("l", "i1", 10000)), {"l": room(9500)}, None)


@pytest.mark.parametrize(
    ("line", "document", "amount"),
    [
        (10000, 20000, 10001),  # more than the line has
        (10000, 5000, 5001),  # more than the document awaits
        (10000, 20000, -1),  # the wrong way round
        (-10000, 20000, -10000),  # money out does not settle an invoice
        (10000, -20000, 10000),  # nor money in a bill
        (10000, 0, 1),  # settled already
    ],
)
def test_nobody_gives_more_than_there_is(line, document, amount):
    rows = from_amounts("l", {"i": amount}, {"i": room(document)}, "DKK")
    with pytest.raises(OverAllocated, match="Nothing was booked"):
        refuse_overdrawn(rows, {"l": room(line)}, {"i": room(document)})


def test_a_document_in_another_currency_is_refused():
    with pytest.raises(DecisionRefused, match="is in EUR"):
        from_amounts("l", {"i": 100}, {"i": room(100, "EUR")}, "DKK")


amounts = st.integers(-(10**12), 10**12).filter(bool)


@given(st.lists(amounts, min_size=1, max_size=6), amounts)
def test_with_an_account_every_minor_unit_of_the_line_is_given(settled, line):
    """No money made or lost, whatever the proposal says."""
    chosen = legs(*[("l", f"i{at}", amount) for at, amount in enumerate(settled)])
    rows = from_proposal(chosen, {"l": room(line)}, "6850")
    assert rows["amount_minor"].sum() == line
    assert rows.filter(pl.col("item_id").str.starts_with("i")).height == len(settled)


@given(st.lists(amounts, min_size=1, max_size=6), amounts, st.lists(amounts, min_size=6, max_size=6))
def test_what_passes_the_check_fits_everywhere(settled, line, awaited):
    rows = from_amounts(
        "l",
        {f"i{at}": amount for at, amount in enumerate(settled)},
        {f"i{at}": room(0) for at in range(6)},
        "DKK",
    )
    items = {f"i{at}": room(minor) for at, minor in enumerate(awaited)}
    try:
        refuse_overdrawn(rows, {"l": room(line)}, items)
    except OverAllocated:
        return
    total = sum(settled)
    assert abs(total) <= abs(line) and total * line >= 0
    for at, amount in enumerate(settled):
        assert abs(amount) <= abs(awaited[at]) and amount * awaited[at] > 0


def proposals(**changes: object) -> pl.DataFrame:
    row: dict[str, object] = {
        "proposal_id": "p",
        "rank": 1,
        "probability": 0.999,
        "kind": "one_to_one",
        "difference_minor": 0,
        "difference_kind": "none",
        "score": 12.0,
        "prior": -3.0,
        "auto": True,
        "rival": None,
    }
    return pl.DataFrame([row | changes], schema=PROPOSALS.schema)


ON = AutoAccept(on=True, approved_by="anna", max_minor=10000)


@pytest.mark.parametrize(
    ("change", "policy", "taken"),
    [
        ({}, ON, ["p"]),
        ({}, AutoAccept(), []),  # off until somebody says so
        ({}, AutoAccept(on=True), []),  # switched on by nobody
        ({}, AutoAccept(on=True, approved_by="anna", max_minor=9999), []),  # above the set amount
        ({"auto": False}, ON, []),
        ({"rank": 2}, ON, []),
        ({"difference_minor": -5, "difference_kind": "fee"}, ON, []),
    ],
)
def test_the_program_accepts_alone_only_what_it_may(change, policy, taken):
    assert acceptable(proposals(**change), legs(("l", "i", 10000)), policy) == taken
