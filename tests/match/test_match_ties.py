"""When two answers are equally good the engine says so, and takes neither."""

from __future__ import annotations

from datetime import date

from match_book import first, level, match, reason

FIK = "+71<000000012345674+12345678<"


def test_two_equal_invoices_for_one_line_are_rivals():
    items = [{"id": n, "no": f"2000{n}", "total": "75.00", "name": "Hansen", "party": "h"} for n in "12"]
    result = match([{"id": "l", "amount": "75.00", "name": "Hansen"}], items)
    assert first(result, "l") is None and reason(result, "l") == "tie"
    one, other = result.proposals.to_dicts()
    assert one["probability"] == other["probability"]
    assert (one["rival"], other["rival"]) == (other["proposal_id"], one["proposal_id"])
    assert not one["auto"] and not other["auto"] and {one["rank"], other["rank"]} == {2, 3}


def test_two_equal_lines_for_one_invoice_are_rivals_even_with_its_reference():
    item = {"id": "i", "no": "20001", "total": "75.00", "reference": FIK}
    lines = [{"id": n, "amount": "75.00", "reference": "000000012345674"} for n in "ab"]
    result = match(lines, [item])
    assert first(result, "a") is None and first(result, "b") is None
    assert reason(result, "a") == reason(result, "b") == "tie"
    assert not result.proposals["auto"].any()


def test_of_two_payments_on_different_days_the_first_pays_and_neither_is_auto():
    item = {"id": "i", "no": "20001", "total": "75.00", "reference": FIK}
    lines = [
        {"id": "early", "amount": "75.00", "reference": "000000012345674", "date": date(2026, 3, 1)},
        {"id": "late", "amount": "75.00", "reference": "000000012345674", "date": date(2026, 3, 3)},
    ]
    result = match(lines, [item])
    found = first(result, "early")
    assert found and not found["auto"] and found["rival"]
    assert first(result, "late") is None
    assert level(result, found["rival"], "order") == "later"


def test_a_reference_two_invoices_share_is_no_reason_to_act():
    items = [{"id": n, "no": f"2000{n}", "total": "75.00", "reference": FIK} for n in "12"]
    result = match([{"id": "l", "amount": "75.00", "reference": "000000012345674"}], items)
    assert reason(result, "l") == "tie" and not result.proposals["auto"].any()


def test_the_due_day_tells_subscriptions_apart():
    months = [1, 2, 3]
    items = [
        {"id": f"i{m}", "no": f"2000{m}", "total": "99.00", "name": "Abonnent", "party": "a",
         "issued": date(2026, m, 1), "due": date(2026, m, 15)}
        for m in months
    ]  # fmt: skip
    lines = [
        {"id": f"l{m}", "amount": "99.00", "name": "Abonnent", "date": date(2026, m, 16)} for m in months
    ]
    result = match(lines, items)
    assert [first(result, f"l{m}")["items"] for m in months] == [[f"i{m}"] for m in months]
    assert not result.proposals["auto"].any()


def test_two_sums_that_fit_are_rivals():
    totals = {"a": "100.00", "b": "300.07", "c": "150.03", "d": "250.04", "e": "913.11"}
    items = [
        {
            "id": key,
            "no": f"2000{place}",
            "total": total,
            "name": "Sum ApS",
            "party": "s",
            "due": date(2026, 3, day),
        }
        for place, (key, total, day) in enumerate(zip(totals, totals.values(), (1, 9, 2, 9, 4), strict=True))
    ]
    result = match([{"id": "l", "amount": "400.07", "name": "Sum ApS"}], items)
    assert reason(result, "l") == "tie"
    sets = {
        tuple(result.legs.filter(proposal_id=p)["item_id"].sort()) for p in result.proposals["proposal_id"]
    }
    assert {("a", "b"), ("c", "d")} <= sets
