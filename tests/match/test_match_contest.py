"""Lines and documents that several drafts want: sums over all that fits together, duplicates and series."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from match_book import first, level, match

from recon.match.assign import probabilities
from recon.match.contest import BOOKED_LATER, contest, contested_items
from recon.match.drafts import Drafts
from recon.match.drafts import drafts as drafts_of
from recon.match.passing import passed

AGAIN = 2.0**-8
FIK = "+71<000000012345674+12345678<"
NUMBER = "000000012345674"

ring = st.fixed_dictionaries(
    {(line, item): st.one_of(st.none(), st.floats(-5.0, 9.0)) for line in range(3) for item in range(3)}
)
days = st.tuples(*[st.integers(0, 2)] * 3)


def wanted(
    scores: dict[tuple[int, int], float], day: tuple[int, ...]
) -> tuple[Drafts, pl.DataFrame, pl.DataFrame]:
    """A draft for each pair that has a score, documents and lines; nobody owes two equal documents."""
    rows = pl.DataFrame(
        [
            {"d": d, "l": pair[0], "i": pair[1], "score": score}
            for d, (pair, score) in enumerate(scores.items())
        ],
        schema={"d": pl.UInt32, "l": pl.UInt32, "i": pl.UInt32, "score": pl.Float64},
    )
    some = drafts_of(
        rows.with_columns(kind=pl.lit("one_to_one"), way=pl.lit("reference"), difference_kind=pl.lit("none")),
        rows.with_columns(amount_minor=100, item_amount_minor=100),
    )
    some = Drafts(some.heads.with_columns(rows["score"]), some.legs)
    count = max((item for _, item in scores), default=0) + 1
    items = pl.DataFrame({"i": range(count), "p": range(count), "c": [0] * count, "open_minor": [100] * count,
                          "anchor_day": [0] * count}, schema_overrides={"i": pl.UInt32})  # fmt: skip
    lines = pl.DataFrame({"l": range(len(day)), "day": day}, schema_overrides={"l": pl.UInt32})
    return some, items, lines


def asked(scores, day) -> list[float]:
    some, items, lines = wanted(scores, day)
    none_unseen = pl.DataFrame(schema={"l": pl.UInt32, "odds": pl.Float64})
    return probabilities(some, items, items.select("i"), none_unseen, lines)["probability"].to_list()


def enumerated(scores, day) -> list[float]:
    """The same by going through every way to settle: a line pays, pays again what an earlier day paid, or neither."""
    odds = {pair: 2.0**score for pair, score in scores.items()}
    choices = [
        [None, *((pair, again) for pair in odds if pair[0] == line for again in (False, True))]
        for line in range(len(day))
    ]
    total, paid = 0.0, dict.fromkeys(odds, 0.0)
    for way in product(*choices):
        taken = [choice for choice in way if choice]
        payer = {pair[1]: pair[0] for pair, again in taken if not again}
        if len(payer) < sum(not again for _, again in taken):
            continue
        seconds = [pair for pair, again in taken if again]
        if any(item not in payer or day[payer[item]] >= day[line] for line, item in seconds):
            continue
        weight = 1.0
        for pair, again in taken:
            weight *= odds[pair] * (AGAIN if again else 1.0)
        total += weight
        twice = {item for _, item in seconds}
        for pair, again in taken:
            counts = BOOKED_LATER if again else 1.0 - BOOKED_LATER * (pair[1] in twice)
            paid[pair] += weight * counts
    return [paid[pair] / total for pair in odds]


@settings(max_examples=60, deadline=None)
@given(ring, days)
@example({(0, 0): 0.0, (0, 1): 0.0, (1, 0): 8.0, (2, 0): 8.0}, (0, 0, 1))  # one ruled out, one paid twice
def test_probabilities_are_those_of_all_ways_to_settle(scores, day):
    scores = {pair: score for pair, score in scores.items() if score is not None}
    assert asked(scores, day) == pytest.approx(enumerated(scores, day), abs=0.02)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1.5, 9.0), min_size=5, max_size=5), days)
def test_messages_alone_are_exact_where_conflicts_form_a_tree(weights, day):
    scores = dict(zip([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)], weights, strict=True))
    some, items, lines = wanted(scores, day)
    odds = 2.0 ** some.heads["score"].to_numpy()
    seen = contest(some, odds, np.ones(len(odds)), np.ones(3), items, contested_items(some, items), lines)
    assert passed(seen, 300).likely.tolist() == pytest.approx(
        [enumerated(scores, day)[d] for d in seen.drafts], abs=1e-6
    )


def pays(result, line_id: str) -> list[str] | None:
    found = first(result, line_id)
    return found["items"] if found else None


def monthly(months, **more):
    return [
        {"id": f"i{m}", "no": f"2000{m}", "total": "99.00", "name": "Abonnent", "party": "a",
         "issued": date(2026, m, 1), "due": date(2026, m, 15), **more}
        for m in months
    ]  # fmt: skip


def test_the_second_payment_of_a_reference_does_not_pay_next_month():
    items = monthly([3, 4])
    items[0]["reference"] = FIK
    lines = [
        {"id": "one", "amount": "99.00", "name": "Abonnent", "reference": NUMBER, "date": date(2026, 3, 16)},
        {"id": "two", "amount": "99.00", "name": "Abonnent", "reference": NUMBER, "date": date(2026, 3, 20)},
    ]
    result = match(lines, items)
    assert pays(result, "one") == ["i3"]
    assert first(result, "two") is None
    again = result.proposals.filter(
        pl.col("proposal_id").is_in(result.legs.filter(line_id="two", item_id="i3")["proposal_id"].implode())
    )
    assert again["rank"][0] >= 2 and level(result, again["proposal_id"][0], "order") == "later"


def test_a_second_payment_with_the_number_leaves_the_first_its_document():
    item = {"id": "i", "no": "20001", "total": "4711.13", "name": "Nordlys ApS", "party": "n"}
    lines = [
        {"id": "one", "amount": "4711.13", "name": "Nordlys ApS", "date": date(2026, 3, 1)},
        {"id": "two", "amount": "4711.13", "name": "Nordlys ApS", "text": "20001", "date": date(2026, 3, 4)},
    ]
    result = match(lines, [item])
    assert pays(result, "one") == ["i"] and first(result, "two") is None


def test_a_payment_in_another_currency_sent_twice_pays_once():
    item = {"id": "i", "no": "20001", "total": "100.00", "currency": "EUR", "reference": FIK}
    lines = [
        {"id": name, "amount": "746.00", "original": "100.00", "original_currency": "EUR", "reference": NUMBER,
         "date": date(2026, 3, day)}
        for name, day in (("one", 2), ("two", 5))
    ]  # fmt: skip
    result = match(lines, [item])
    assert pays(result, "one") == ["i"] and first(result, "two") is None


def test_by_name_alone_a_second_payment_may_be_next_month_paid_early():
    lines = [
        {"id": n, "amount": "99.00", "name": "Abonnent", "date": date(2026, 3, day)}
        for n, day in (("one", 16), ("two", 19))
    ]
    result = match(lines, monthly([3, 4]))
    assert pays(result, "one") == ["i3"]
    two = first(result, "two")
    assert two is None or (two["items"] == ["i4"] and two["probability"] < 0.9)


def test_a_missing_payment_leaves_one_document_open_and_shifts_none():
    paid = [1, 2, 4, 5, 6]
    lines = [{"id": f"l{m}", "amount": "99.00", "name": "Abonnent", "date": date(2026, m, 17)} for m in paid]
    result = match(lines, monthly(range(1, 7)))
    assert [pays(result, f"l{m}") for m in paid] == [[f"i{m}"] for m in paid]


def test_of_two_late_payments_the_first_pays_the_older_document():
    items = monthly([2, 3], name="Växjö Konsult AB")
    lines = [
        {"id": n, "amount": "99.00", "name": "Växjö Konsult AB", "date": date(2026, 3, 20) + timedelta(days)}
        for n, days in (("one", 0), ("two", 7))
    ]
    result = match(lines, items)
    assert [pays(result, n) for n in ("one", "two")] == [["i2"], ["i3"]]
