"""One small Danish ledger with a line of every kind, and what a careful bookkeeper would say of each."""

from __future__ import annotations

from datetime import date

import pytest
from match_book import first, level, match, reason

from recon.policy import Policy

D = date
HANSEN, NORD, SKOV = "Hansen & Søn A/S", "Nordlys ApS", "Skovby Kontor ApS"
OWN = ("DK5000400440116243", "0040 0440116251")

ITEMS = [
    {"id": "fik", "no": "20001", "total": "1000.00", "reference": "+71<000000012345674+12345678<", "name": HANSEN},
    {"id": "rf", "no": "20002", "total": "812.40", "reference": "RF18539007547034", "name": "Suomi Oy"},
    {"id": "fee", "no": "INV-2026-00123", "total": "980.00", "name": NORD, "party": "nord"},
    {"id": "name", "no": "20004", "total": "300.50", "name": "Købmand Sørensen", "party": "kob"},
    {"id": "sum1", "no": "20011", "total": "250.00", "name": "Multi ApS", "party": "multi"},
    {"id": "sum2", "no": "20012", "total": "350.00", "name": "Multi ApS", "party": "multi"},
    {"id": "net1", "no": "20021", "total": "5000.00", "name": SKOV, "party": "skov"},
    {"id": "net2", "no": "20022", "total": "725.00", "kind": "credit_note", "name": SKOV, "party": "skov"},
    {"id": "part", "no": "200317", "total": "9000.00", "name": "Rate ApS", "party": "rate"},
    {"id": "slow", "no": "200328", "total": "6000.00", "name": "Delvis ApS", "party": "delvis"},
    {"id": "bill", "no": "B-7781", "kind": "bill", "total": "1249.95", "name": "Bredbånd Øst A/S", "party": "b1"},
    {"id": "receipt", "no": "R-1", "kind": "bill", "total": "412.25", "name": "Rema 1000", "due": None,
     "issued": D(2026, 2, 28)},
    {"id": "refund", "no": "20051", "kind": "credit_note", "total": "149.00", "name": "Retur Rita"},
    {"id": "twin1", "no": "20061", "total": "20.00", "name": "Tvilling A/S", "party": "tv"},
    {"id": "twin2", "no": "20062", "total": "20.00", "name": "Tvilling A/S", "party": "tv"},
    {"id": "over", "no": "200719", "total": "400.00", "name": "Rund Sum ApS", "party": "rund"},
    {"id": "euro", "no": "20081", "total": "500.00", "currency": "EUR", "name": "Abroad GmbH", "party": "eu"},
    {"id": "psp", "no": "P-9", "kind": "payout", "total": "8123.45", "name": "Bambora"},
]  # fmt: skip

LINES = [
    {"id": "fik", "amount": "1000.00", "reference": "000000012345674", "text": "Indbetaling FIK"},
    {"id": "rf", "amount": "812.40", "text": "RF18 5390 0754 7034"},
    {"id": "fee", "amount": "955.00", "text": "INV-2026-00123", "name": "NORDLYS"},
    {"id": "name", "amount": "300.50", "text": "K\\BMAND S\\RENSEN"},
    {"id": "sum", "amount": "600.00", "text": "Fakt 20011 og 20012", "name": "MULTI"},
    {"id": "net", "amount": "4275.00", "name": "Skovby Kontor"},
    {"id": "part1", "amount": "5000.00", "text": "rate 1 fakt 200317", "date": D(2026, 3, 1)},
    {"id": "part2", "amount": "4000.00", "text": "rate 2 fakt 200317", "date": D(2026, 3, 28)},
    {"id": "slow", "amount": "1500.00", "text": "a conto 200328", "name": "Delvis ApS"},
    {"id": "bill", "amount": "-1249.95", "text": "Bs betaling BREDBÅND ØST A/"},
    {"id": "receipt", "amount": "-412.25", "text": "Dankort-nota REMA 1000 AALBORG 5512"},
    {"id": "refund", "amount": "-149.00", "text": "Retur", "name": "Rita Retur"},
    {"id": "twin", "amount": "20.00", "name": "Tvilling"},
    {"id": "over", "amount": "500.00", "text": "200719", "name": "Rund Sum"},
    {"id": "out", "amount": "-7000.00", "text": "Overførsel", "iban": "0040-0440116251"},
    {"id": "in", "amount": "7000.00", "text": "Overførsel", "account": "opsparing", "date": D(2026, 3, 3)},
    {"id": "gebyr", "amount": "-25.00", "text": "Gebyr netbank"},
    {"id": "alien", "amount": "31337.00", "text": "Arv efter tante Oda"},
    {"id": "wage", "amount": "-23111.17", "text": "Lønoverførsel"},
    {
        "id": "euro",
        "amount": "3730.10",
        "name": "Abroad GmbH",
        "original": "500.00",
        "original_currency": "EUR",
    },
    {"id": "psp", "amount": "8123.45", "text": "Bambora udbetaling"},
]

#  line, documents, kind, difference in øre, its kind
EXPECTED = [
    ("fik", ["fik"], "one_to_one", 0, "none"),
    ("rf", ["rf"], "one_to_one", 0, "none"),
    ("fee", ["fee"], "one_to_one", -2500, "fee"),
    ("name", ["name"], "one_to_one", 0, "none"),
    ("sum", ["sum1", "sum2"], "one_to_many", 0, "none"),
    ("net", ["net1", "net2"], "one_to_many", 0, "none"),
    ("part1", ["part", "part"], "many_to_one", 0, "none"),
    ("slow", ["slow"], "partial", 0, "none"),
    ("bill", ["bill"], "one_to_one", 0, "none"),
    ("receipt", ["receipt"], "one_to_one", 0, "none"),
    ("refund", ["refund"], "one_to_one", 0, "none"),
    ("over", ["over"], "one_to_one", 10000, "overpaid"),
    ("out", ["line:in", "line:out"], "transfer", 0, "none"),
    ("euro", ["euro"], "one_to_one", 0, "none"),
    ("psp", ["psp"], "one_to_one", 0, "none"),
]


@pytest.fixture(scope="module")
def result():
    return match(LINES, ITEMS, Policy(own_accounts=OWN))


@pytest.mark.parametrize(("line", "items", "kind", "difference", "difference_kind"), EXPECTED)
def test_each_line_finds_what_it_pays(result, line, items, kind, difference, difference_kind):
    found = first(result, line)
    assert found is not None
    assert (found["items"], found["kind"]) == (items, kind)
    assert (found["difference_minor"], found["difference_kind"]) == (difference, difference_kind)


@pytest.mark.parametrize(
    ("line", "why"),
    [("twin", "tie"), ("gebyr", "needs_rule"), ("alien", "nothing_fits"), ("wage", "nothing_fits")],
)
def test_lines_left_over_say_why(result, line, why):
    assert first(result, line) is None and reason(result, line) == why


def test_a_reference_is_surer_than_a_name(result):
    assert first(result, "fik")["probability"] > 0.999
    assert 0.8 < first(result, "name")["probability"] < first(result, "fik")["probability"]


def test_only_full_references_with_the_exact_amount_are_auto(result):
    assert [line["id"] for line in LINES if (first(result, line["id"]) or {}).get("auto")] == ["fik", "rf"]


def test_a_credit_note_under_a_payment_is_a_negative_leg(result):
    ids = result.legs.filter(line_id="net", item_id="net2").join(
        result.proposals.filter(rank=1), on="proposal_id"
    )
    assert ids["amount_minor"].to_list() == [-72500]


def test_a_foreign_document_is_settled_in_its_own_currency(result):
    leg = result.legs.filter(line_id="euro").row(0, named=True)
    assert (leg["amount_minor"], leg["item_amount_minor"]) == (373010, 50000)


def test_words_have_the_figures(result):
    fee = first(result, "fee")["proposal_id"]
    words = " ".join(result.evidence.filter(proposal_id=fee)["words"])
    assert "invoice INV-2026-00123" in words and "differs by 25.00 DKK (bank fee?)" in words


def test_words_in_danish():
    result = match(LINES, ITEMS, Policy(own_accounts=OWN, language="da"))
    fee = first(result, "fee")["proposal_id"]
    words = " ".join(result.evidence.filter(proposal_id=fee)["words"])
    assert "faktura INV-2026-00123" in words and "afviger 25,00 DKK (bankgebyr?)" in words


def test_levels_are_told(result):
    found = first(result, "fik")["proposal_id"]
    assert level(result, found, "reference") == "structured"
    assert level(result, found, "date") == "on_day"
