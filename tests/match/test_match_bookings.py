"""Rules and habits inside the engine: proposals among others, told in words, never above a document's own reference."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from match_book import first, level, lines_of, match
from polars.testing import assert_frame_equal

from recon.errors import UsageError
from recon.match.propose import propose
from recon.policy import Policy
from recon.schema import ACCEPTED, REJECTED, History, conform

FEES = Policy(rules=('text has "gebyr" and amount < 0 -> account 7220',))
FEE = {"id": "fee", "amount": "-45.00", "text": "Gebyr netbank", "kind": "fee"}
DECIDED = {"decided_at": datetime(2026, 2, 2, tzinfo=UTC), "by": "anna"}


def test_a_rule_proposes_the_account_and_says_why():
    result = match([FEE], [], FEES)
    best = first(result, "fee")
    assert (best["kind"], best["items"], best["difference_minor"]) == ("rule", ["account:7220"], 0)
    assert best["auto"] is False
    assert level(result, best["proposal_id"], "rule") == "account"
    told = result.evidence.filter(feature="rule")["words"].item()
    assert told == 'A rule of yours says: text has "gebyr" and amount < 0 -> account 7220.'


def test_without_a_rule_or_a_habit_a_fee_waits_for_one():
    assert match([FEE], []).unmatched["reason"].to_list() == ["needs_rule"]


def test_a_document_named_by_its_own_reference_stays_first():
    """A person's rule is about text; the reference is about this very payment."""
    invoice = {"id": "i1", "no": "1041", "total": "500.00", "reference": "710000000000010413"}
    paid = {
        "id": "paid",
        "amount": "500.00",
        "text": "Gebyrfri indbetaling",
        "reference": "710000000000010413",
    }
    result = match([paid], [invoice], Policy(rules=('text has "gebyr" -> account 7220',)))
    assert first(result, "paid")["items"] == ["i1"]


def test_a_party_of_a_rule_decides_between_equal_documents():
    invoices = [
        {"id": "i1", "no": "2001", "total": "750.00", "party": "C1", "name": "Nordlys ApS"},
        {"id": "i2", "no": "2002", "total": "750.00", "party": "C2", "name": "Skovby Kontor"},
    ]
    line = {"id": "paid", "amount": "750.00", "text": "Berit Holm"}
    result = match([line], invoices, Policy(rules=('text has "berit" -> party C2',)))
    assert first(result, "paid")["items"] == ["i2"]


def test_what_was_booked_twice_is_proposed():
    before = [
        FEE | {"id": f"before {month}", "text": f"Gebyr netbank {month}"} for month in ("januar", "februar")
    ]
    history = History(lines=lines_of(before), accepted=given("before januar", "before februar"))
    best = first(match([FEE], [], history=history), "fee")
    assert (best["kind"], best["items"]) == ("rule", ["account:7220"])


def test_an_account_refused_for_a_line_is_not_proposed_again():
    refused = conform(pl.DataFrame([{"line_id": "fee", "item_id": "account:7220"} | DECIDED]), REJECTED)
    result = match([FEE], [], FEES, history=History(lines=lines_of([FEE]), rejected=refused))
    assert result.legs.is_empty()


def test_a_rule_that_is_not_understood_is_refused_before_anything():
    with pytest.raises(UsageError, match="not understood"):
        propose(lines_of([FEE]), match([], []).items, policy=Policy(rules=("fees to 7220",)))


def test_the_order_of_lines_and_decisions_means_nothing():
    """A habit of the text, a habit of fees, and a rule beside them."""
    one_rule = Policy(rules=('text has "gebyr c" -> account 7220',))
    before = [
        FEE | {"id": f"b{place}", "text": text}
        for place, text in enumerate(["Gebyr A", "Gebyr A", "Gebyr B"])
    ]
    lines = [FEE | {"id": name, "text": f"Gebyr {name}"} for name in "ABC"] + [
        FEE | {"id": "R", "kind": "interest"}
    ]
    history = History(lines=lines_of(before), accepted=given("b0", "b1", "b2"))
    turned = History(lines=history.lines.reverse(), accepted=history.accepted.reverse())
    one, two = match(lines, [], one_rule, history=history), match(lines[::-1], [], one_rule, history=turned)
    for name in ("proposals", "legs", "evidence", "unmatched"):
        assert_frame_equal(getattr(one, name), getattr(two, name))
    assert set(one.evidence["level"]) >= {"account", "text", "kind"}


def given(*line_ids: str) -> pl.DataFrame:
    rows = [
        {"line_id": one, "item_id": "account:7220", "amount_minor": -4500, "item_amount_minor": -4500}
        | DECIDED
        for one in line_ids
    ]
    return conform(pl.DataFrame(rows), ACCEPTED)
