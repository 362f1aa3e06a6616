"""Several documents paid by one line, told as stories: what is chosen, what each document gets, what is left open."""

from datetime import date

import polars as pl
import pytest
from match_book import first, level, match

from recon.policy import Policy

RATES = pl.DataFrame({"date": [date(2026, 2, 27)] * 2, "currency": ["SEK", "EUR"], "rate": [0.68, 7.46]})
FX = Policy(fx_rates=RATES)
NORDLYS = {"name": "Nordlys Elektro ApS", "party": "C1"}
MALMO = {"name": "Malmö Snickeri AB", "party": "C2", "currency": "SEK"}


def bills(*totals: str, start: int = 40101, **more) -> list[dict]:
    """Documents d1, d2 … of these totals, numbered on, due a week apart."""
    return [
        {"id": f"d{n}", "no": str(start + n), "total": total, "due": date(2026, 2, 1 + 5 * n)} | more
        for n, total in enumerate(totals, 1)
    ]


def paid(line: dict, documents: list[dict], policy: Policy | None = None, *others: dict):
    result = match([{"id": "l", **line}, *others], documents, policy)
    return first(result, "l"), result


def legs(result, proposal: dict) -> list[tuple[str, int, int]]:
    some = result.legs.filter(pl.col("proposal_id") == proposal["proposal_id"]).sort("item_id")
    return some.select("item_id", "amount_minor", "item_amount_minor").rows()


STATED = [
    ("by the bank", {"original": "3000.01", "original_currency": "SEK", "text": "Overførsel"}),
    ("in the text", {"text": "Overførsel SEK 3.000,01"}),
]


@pytest.mark.parametrize(("where", "told"), STATED, ids=[where for where, _ in STATED])
def test_a_stated_sum_in_another_currency_is_shared_to_the_last_unit(where, told):
    line = {"amount": "2041.00", "name": "Malmö Snickeri AB"} | told
    best, result = paid(line, bills("1000.00", "1500.00", "500.01", **MALMO))
    assert best["items"] == ["d1", "d2", "d3"] and best["difference_minor"] == 0
    shares = legs(result, best)
    assert [own for _, _, own in shares] == [100000, 150000, 50001]
    # 204100 × 100000 / 300001 = 68033.1, × 150000 = 102049.7, × 50001 = 34017.2; the largest takes what is left.
    assert [part for _, part, _ in shares] == [68033, 102050, 34017]


def test_a_credit_note_in_another_currency_is_taken_off():
    documents = [*bills("1000.00", "1500.00", **MALMO)]
    documents.append({"id": "k", "no": "K17", "kind": "credit_note", "total": "300.00", **MALMO})
    line = {
        "amount": "1496.00",
        "original": "2200.00",
        "original_currency": "SEK",
        "name": "Malmö Snickeri AB",
    }
    best, result = paid(line, documents)
    assert best["items"] == ["d1", "d2", "k"]
    assert sum(part for _, part, _ in legs(result, best)) == 149600
    assert ("k", -30000) in [(document, own) for document, _, own in legs(result, best)]


def test_named_documents_worth_the_line_at_the_days_rate_leave_the_rates_difference():
    line = {"amount": "1690.00", "text": "faktura 40102 og 40103", "name": "Malmö Snickeri AB"}
    best, result = paid(line, bills("1000.00", "1500.00", **MALMO), FX)
    assert best["items"] == ["d1", "d2"]
    assert (best["difference_minor"], best["difference_kind"]) == (-1000, "fx")
    assert level(result, best["proposal_id"], "amount") == "sum_rate"


def test_no_rate_no_sum_at_the_rate():
    line = {"amount": "1690.00", "text": "faktura 40102 og 40103", "name": "Malmö Snickeri AB"}
    best, _ = paid(line, bills("1000.00", "1500.00", **MALMO))
    assert best is None


def test_a_cut_text_names_the_first_of_a_run():
    documents = bills("250.00", "250.00", "250.00", "250.00", **NORDLYS)
    line = {"amount": "750.00", "text": "Faktura 40103 m.fl.", "name": "Nordlys Elektro ApS"}
    best, result = paid(line, documents)
    assert best["items"] == ["d2", "d3", "d4"]
    assert level(result, best["proposal_id"], "document_no") == "first_named"


def test_what_another_line_surely_pays_is_not_in_the_sum():
    documents = bills("410.00", "275.50", "333.25", **NORDLYS)
    other = {"id": "x", "amount": "275.50", "text": "faktura 40103", "name": "Nordlys Elektro ApS"}
    best, _ = paid({"amount": "743.25", "name": "Nordlys Elektro ApS"}, documents, None, other)
    assert best["items"] == ["d1", "d3"]


def test_named_documents_less_a_cash_discount():
    documents = bills("1000.00", "1500.00", **NORDLYS)
    line = {"amount": "2450.00", "text": "40102 + 40103 minus 2 %", "name": "Nordlys Elektro ApS"}
    best, _ = paid(line, documents)
    assert best["items"] == ["d1", "d2"]
    assert (best["difference_minor"], best["difference_kind"]) == (-5000, "discount")


def test_an_invoice_and_its_own_credit_note_explain_nothing():
    documents = [*bills("500.00", "500.00", **NORDLYS)]
    documents.append({"id": "k", "no": "K17", "kind": "credit_note", "total": "500.00", **NORDLYS})
    _, result = paid({"amount": "500.00", "name": "Nordlys Elektro ApS"}, documents)
    sets = result.legs.group_by("proposal_id").len().filter(pl.col("len") == 3)
    assert sets.is_empty()


def instalments(*parts: tuple[str, date, str]) -> list[dict]:
    return [
        {
            "id": f"l{n}",
            "amount": amount,
            "date": day,
            "text": text,
            "name": "Nordlys Elektro ApS" if text else None,
        }
        for n, (amount, day, text) in enumerate(parts, 1)
    ]


PLANS = [
    (
        "equal parts without a number",
        [("333.33", date(2026, 3, 1), "rate"), ("333.33", date(2026, 4, 1), "rate"),
         ("333.34", date(2026, 5, 1), "rate")],
        "1000.00",
    ),
    (
        "the remainder closes what the named part left",
        [("400.00", date(2026, 3, 1), "faktura 40102"), ("612.37", date(2026, 4, 1), "rest")],
        "1012.37",
    ),
    (
        "equal amounts and a larger last one",
        [("200.00", date(2026, 3, 1), "rate"), ("200.00", date(2026, 4, 1), "rate"),
         ("200.00", date(2026, 5, 1), "rate"), ("345.67", date(2026, 6, 1), "rate")],
        "945.67",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("story", "parts", "total"), PLANS, ids=[story for story, *_ in PLANS])
def test_instalments_complete_a_document(story, parts, total):
    documents = [*bills(total, **NORDLYS), {"id": "other", "no": "40999", "total": "7777.00", **NORDLYS}]
    result = match(instalments(*parts), documents)
    best = first(result, "l1")
    assert best["kind"] == "many_to_one" and best["items"] == ["d1"] * len(parts)
    assert best["lines"] == [f"l{n}" for n in range(1, len(parts) + 1)]
    assert best["difference_minor"] == 0


def test_parts_that_name_a_document_stand_beside_each_other():
    parts = [
        ("500.00", date(2026, 3, 1), "faktura 40102"),
        ("500.00", date(2026, 4, 1), "faktura 40102 rate 2"),
    ]
    # A stranger's payment of the very amount is no reason to doubt them.
    lines = [*instalments(*parts), {"id": "x", "amount": "2000.00", "text": "Indbetaling"}]
    result = match(lines, bills("2000.00", **NORDLYS))
    assert [first(result, line)["kind"] for line in ("l1", "l2")] == ["partial", "partial"]
