"""What the engine must not do: small stories, each with the harm it prevents."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from match_book import first, items_of, keeps_the_laws, level, lines_of, match, reason

from recon.errors import DataRefused
from recon.match.propose import propose
from recon.policy import Policy
from recon.schema import ITEMS, LINES, PARTS, REJECTED, History

FIK = "+71<000000012345674+12345678<"
FIK_LINE = {"id": "l", "amount": "75.00", "reference": "000000012345674"}
FIK_ITEM = {"id": "i", "no": "20001", "total": "75.00", "reference": FIK, "name": "Hansen", "party": "h"}


def auto(result) -> bool:
    return bool(result.proposals["auto"].any())


def test_a_full_reference_with_the_exact_amount_is_auto():
    assert auto(match([FIK_LINE], [FIK_ITEM]))


@pytest.mark.parametrize(
    ("line", "item", "harm"),
    [
        ({"amount": "74.00"}, {}, "another amount"),
        ({"currency": "EUR"}, {}, "another currency"),
        ({"amount": "-75.00"}, {}, "another direction"),
        ({"reference": None, "text": "12345674"}, {}, "digits that may be anything"),
        ({"reference": None, "text": "1234 5674"}, {}, "digits put together by us"),
        (
            {"reference": None, "text": "1234 5674"},
            {"reference": "12345674"},
            "a short one put together by us",
        ),
        ({"reference": "000000012345675"}, {"reference": "000000012345675"}, "a check digit that is wrong"),
        ({"reference": "1042"}, {"reference": "1042"}, "a reference of no standard"),
        (
            {"reference": None, "name": "Hansen", "text": "20001"},
            {},
            "name, number and amount, but no reference",
        ),
    ],
)
def test_anything_less_is_not(line, item, harm):
    assert not auto(match([FIK_LINE | line], [FIK_ITEM | item])), harm


def test_a_line_that_names_two_references_is_not_auto_even_if_one_has_its_amount():
    text = "+71<000000012345674+12345678< og +71<000000067097535+12345678<"
    other = {"id": "j", "no": "20002", "total": "5000.00", "reference": "+71<000000067097535+12345678<"}
    assert not auto(match([FIK_LINE | {"reference": None, "text": text}], [FIK_ITEM, other]))
    assert auto(match([FIK_LINE | {"reference": None, "text": text[:29]}], [FIK_ITEM, other]))


def test_another_currency_is_no_match_without_rates():
    result = match([{"id": "l", "amount": "75.00", "currency": "EUR", "name": "Hansen"}], [FIK_ITEM])
    assert result.proposals.is_empty() and reason(result, "l") == "nothing_fits"


@pytest.mark.parametrize(
    ("amount", "difference"), [("746.00", 0), ("750.00", 400), ("731.10", -1490), ("700.00", None)]
)
def test_a_foreign_invoice_within_the_days_band(amount, difference):
    rates = pl.DataFrame({"date": [date(2026, 2, 27)], "currency": ["EUR"], "rate": [7.46]})
    item = {
        "id": "i",
        "no": "20001",
        "total": "100.00",
        "currency": "EUR",
        "name": "Abroad GmbH",
        "party": "p",
    }
    result = match(
        [{"id": "l", "amount": amount, "name": "Abroad GmbH", "text": "20001"}],
        [item],
        Policy(fx_rates=rates),
    )
    found = first(result, "l")
    if difference is None:
        assert found is None
        return
    assert found["difference_minor"] == difference
    assert found["difference_kind"] == ("fx" if difference else "none")
    leg = result.legs.row(0, named=True)
    assert (leg["amount_minor"], leg["item_amount_minor"]) == (74600, 10000)


def test_a_rate_a_month_old_is_no_rate():
    rates = pl.DataFrame({"date": [date(2026, 1, 27)], "currency": ["EUR"], "rate": [7.46]})
    item = {"id": "i", "no": "20001", "total": "100.00", "currency": "EUR", "name": "Abroad GmbH"}
    assert match(
        [{"id": "l", "amount": "746.00", "text": "20001"}], [item], Policy(fx_rates=rates)
    ).legs.is_empty()


def test_a_large_gap_is_no_fee():
    result = match(
        [{"id": "l", "amount": "60.00", "text": "200011"}], [{"id": "i", "no": "200011", "total": "100.00"}]
    )
    assert result.proposals["kind"].to_list() == ["partial"]


def test_a_bank_charge_comes_on_top_of_what_we_pay():
    item = {"id": "i", "no": "B-200011", "kind": "bill", "total": "100.00", "name": "Leverandør"}
    result = match([{"id": "l", "amount": "-105.00", "text": "B-200011"}], [item])
    found = first(result, "l")
    assert (found["difference_minor"], found["difference_kind"]) == (-500, "fee")


def test_a_small_underpayment_is_a_tolerance_only_where_the_company_allows_it():
    line, item = (
        {"id": "l", "amount": "999.60", "text": "200011"},
        {"id": "i", "no": "200011", "total": "1000.00"},
    )
    kinds = [
        match([line], [item], policy).proposals["difference_kind"][0]
        for policy in (Policy(), Policy(tolerance_minor=50))
    ]
    assert kinds == ["fee", "tolerance"]


def test_the_reference_of_a_paid_invoice_speaks_against_the_open_one():
    paid = FIK_ITEM | {"id": "paid", "open": "0.00"}
    still = {"id": "open", "no": "20002", "total": "75.00", "name": "Hansen", "party": "h"}
    result = match([FIK_LINE | {"name": "Hansen"}], [paid, still])
    assert result.legs["item_id"].to_list() == ["open"]
    assert level(result, result.proposals["proposal_id"][0], "reference") == "settled"
    without = match([FIK_LINE | {"name": "Hansen", "reference": None}], [still])
    assert result.proposals["probability"][0] < without.proposals["probability"][0]


def test_the_reference_of_another_invoice_beats_name_and_amount():
    other = {"id": "other", "no": "20002", "total": "75.00", "name": "Hansen", "party": "h"}
    result = match([FIK_LINE | {"name": "Hansen"}], [FIK_ITEM, other])
    assert first(result, "l")["items"] == ["i"] and first(result, "l")["probability"] > 0.999


def test_lines_of_another_name_do_not_take_an_invoice_by_its_amount():
    item = {"id": "i", "no": "20001", "total": "75.00", "name": "Hansen VVS"}
    assert first(match([{"id": "l", "amount": "75.00", "name": "Bodil Krogsgaard"}], [item]), "l") is None


def test_rejected_pairs_never_come_back_neither_alone_nor_in_a_group():
    items = [{"id": n, "no": f"2000{n}", "total": f"{n}00.00", "name": "Multi", "party": "m"} for n in "123"]
    line = {"id": "l", "amount": "600.00", "name": "Multi", "text": "20001 20002 20003"}
    assert first(match([line], items), "l")["items"] == ["1", "2", "3"]
    rejected = pl.DataFrame(
        [("l", "2", datetime(2026, 3, 3, tzinfo=UTC), "anna")], schema=REJECTED.schema, orient="row"
    )
    result = match([line], items, history=History(rejected=rejected))
    assert "2" not in result.legs["item_id"].to_list()


def test_a_rejected_transfer_stays_rejected():
    lines = [{"id": "out", "amount": "-7.00"}, {"id": "in", "amount": "7.00", "account": "b"}]
    assert match(lines, []).proposals["kind"].to_list() == ["transfer"]
    when = datetime(2026, 3, 3, tzinfo=UTC)
    for pair in (("out", "line:in"), ("in", "line:out")):
        rejected = pl.DataFrame([(*pair, when, "anna")], schema=REJECTED.schema, orient="row")
        assert match(lines, [], history=History(rejected=rejected)).proposals.is_empty()


@pytest.mark.parametrize(
    ("change", "harm"),
    [
        ({"account": "drift"}, "both lines on one account"),
        ({"date": date(2026, 3, 8)}, "six days apart"),
        ({"currency": "EUR"}, "two currencies"),
        ({"amount": "7.01"}, "an øre too much"),
    ],
)
def test_what_is_no_transfer(change, harm):
    lines = [{"id": "out", "amount": "-7.00"}, {"id": "in", "amount": "7.00", "account": "b"} | change]
    assert match(lines, []).proposals.is_empty(), harm


def test_a_payer_is_remembered_by_account_and_by_name():
    old_line = lines_of(
        [{"id": "old", "amount": "10.00", "name": "Fru Jensen", "iban": "DK5000400440116243"}]
    )
    old_item = items_of(
        [{"id": "was", "no": "19999", "total": "10.00", "open": "0.00", "name": "Club ApS", "party": "c"}]
    )
    accepted = pl.DataFrame(
        {"line_id": ["old"], "item_id": ["was"], "amount_minor": [1000], "item_amount_minor": [1000],
         "decided_at": [datetime(2026, 2, 1, tzinfo=UTC)], "by": ["anna"]}
    )  # fmt: skip
    history = History(lines=old_line, items=old_item, accepted=accepted)
    item = {"id": "i", "no": "20001", "total": "75.00", "name": "Club ApS", "party": "c"}
    line = {"id": "l", "amount": "75.00", "name": "Fru Jensen", "iban": "0040 0440116243"}
    assert first(match([line], [item]), "l") is None
    known = first(result := match([line], [item], history=history), "l")
    assert known["items"] == ["i"]
    assert level(result, known["proposal_id"], "account") == "memory"
    assert level(result, known["proposal_id"], "name") == "memory"


def test_each_part_of_a_batch_finds_its_document_and_the_charge_is_a_fee():
    items = [
        {"id": "a", "no": "20001", "total": "100.00", "reference": FIK},
        {"id": "b", "no": "20002", "total": "200.00", "name": "Bent Holm"},
    ]
    parts = pl.DataFrame(
        [
            ("p1", "l", 10000, None, "000000012345674"),
            ("p2", "l", 20000, "BENT HOLM", None),
            ("p3", "l", -500, None, None),
        ],
        schema=["part_id", "line_id", "amount_minor", "counterparty_name", "creditor_reference"], orient="row",
    )  # fmt: skip
    result = match([{"id": "l", "amount": "295.00", "text": "Samlet indbetaling"}], items, parts=parts)
    found = first(result, "l")
    assert (
        found["items"] == ["a", "b"]
        and found["difference_minor"] == -500
        and found["difference_kind"] == "fee"
    )


def test_an_ambiguous_part_makes_no_batch():
    items = [{"id": key, "no": f"2000{key}", "total": "200.00", "name": "Bent Holm"} for key in "12"]
    items.append({"id": "a", "no": "20009", "total": "100.00", "reference": FIK})
    parts = pl.DataFrame(
        [("p1", "l", 10000, None, "000000012345674"), ("p2", "l", 20000, "BENT HOLM", None)],
        schema=["part_id", "line_id", "amount_minor", "counterparty_name", "creditor_reference"], orient="row",
    )  # fmt: skip
    assert first(match([{"id": "l", "amount": "300.00"}], items, parts=parts), "l") is None


def test_part_payments_that_fit_beside_each_other_do_not_compete():
    item = {"id": "i", "no": "200011", "total": "100.00", "name": "Rate"}
    lines = [
        {"id": "a", "amount": "60.00", "text": "200011", "name": "Rate"},
        {"id": "b", "amount": "30.00", "text": "200011", "name": "Rate"},
    ]
    result = match(lines, [item])
    assert first(result, "a")["kind"] == first(result, "b")["kind"] == "partial"


def test_empty_frames_give_empty_exact_frames():
    some_lines, some_items = lines_of([FIK_LINE]), items_of([FIK_ITEM])
    for lines, items in (
        (LINES.empty(), ITEMS.empty()),
        (some_lines, ITEMS.empty()),
        (LINES.empty(), some_items),
    ):
        result = propose(lines, items, parts=PARTS.empty())
        keeps_the_laws(result, Policy())
        assert result.proposals.is_empty() and result.unmatched.height == lines.height


def test_a_frame_that_breaks_its_schema_is_refused():
    with pytest.raises(DataRefused, match="amount_minor"):
        propose(lines_of([FIK_LINE]).drop("amount_minor"), items_of([FIK_ITEM]))
