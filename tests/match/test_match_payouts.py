"""Payouts of card acquirers and providers: whose lines they are, what they keep, and which sales they hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from match_book import first, items_of, lines_of, match

from recon.match.fee_schedules import Schedule, elected, features, votes
from recon.match.payout_channels import channel_words, readings
from recon.match.payout_sets import likely_sets
from recon.match.payouts import decided_votes
from recon.schema import ACCEPTED, History, Matching, conform

PRICES = (129, 249, 399, 449, 795, 1295)
START = date(2026, 1, 5)


def shop(
    weeks: int, schedule: Schedule, *, word: str = "Kortpenge udb."
) -> tuple[list[dict], list[dict], dict]:
    """Lines, documents, and which documents each line pays: a week's sales, paid out days later."""
    lines: list[dict] = []
    items: list[dict] = []
    held: dict[str, list[str]] = {}
    for week in range(weeks):
        sales: list[dict] = [
            {
                "id": f"w{week}-{n}", "no": f"W-{week * 10 + n}", "name": f"Kunde {week * 7 + n}",
                "party": f"K{week * 7 + n}", "total": f"{PRICES[(week * 5 + n * n) % 6] + 10 * week}.00",
                "issued": START + timedelta(days=7 * week + n), "due": START + timedelta(days=7 * week + n),
            }
            for n in range(2 + week % 3)
        ]  # fmt: skip
        minor = np.array([int(sale["total"].replace(".", "")) for sale in sales])
        paid = -(-int(schedule.net(minor).sum()) // schedule.scale)
        name = f"p{week:02}"
        day = START + timedelta(days=7 * week + 8)
        lines.append(
            {"id": name, "amount": f"{paid / 100:.2f}", "text": f"{word} {4100 + week}", "date": day}
        )
        items += sales
        held[name] = [sale["id"] for sale in sales]
    return lines, items, held


def said(result: Matching, line_id: str) -> dict:
    """The proposal of rank 1, or one of nothing."""
    return first(result, line_id) or {"items": [], "difference_kind": None, "difference_minor": None}


@pytest.mark.parametrize(
    "schedule",
    [Schedule(145, 100, False), Schedule(99, 0, True), Schedule(140, 180, True), Schedule(0, 425, True)],
    ids=["rate and a krone", "rate", "rate and 1.80", "4.25 a sale"],
)
def test_a_channels_payouts_are_found_by_what_it_keeps(schedule: Schedule) -> None:
    lines, items, held = shop(14, schedule)
    result = match(lines, items)
    found = {name: said(result, name) for name in held}
    right = [name for name, one in found.items() if sorted(one["items"]) == sorted(held[name])]
    assert right == list(held)
    assert {one["difference_kind"] for one in found.values()} == {"fee"}


def test_a_payout_in_full_keeps_nothing() -> None:
    lines, items, held = shop(14, Schedule(0, 0, True))
    result = match(lines, items)
    assert all(said(result, name)["difference_minor"] == 0 for name in held)


def test_sales_paid_otherwise_are_in_no_payout() -> None:
    lines, items, held = shop(14, Schedule(145, 100, False))
    other = {"id": "x", "no": "90017", "name": "Havnens Smede ApS", "party": "K900", "total": "640.00",
             "issued": START + timedelta(days=30), "due": START + timedelta(days=30)}  # fmt: skip
    pays = {
        "id": "z",
        "amount": "640.00",
        "text": "Faktura 90017 Havnens Smede",
        "date": START + timedelta(days=36),
    }
    result = match([*lines, pays], [*items, other])
    assert said(result, "z")["items"] == ["x"]
    assert all(sorted(said(result, name)["items"]) == sorted(held[name]) for name in held)


def test_the_order_of_rows_tells_nothing() -> None:
    lines, items, _ = shop(14, Schedule(140, 180, True))
    one, other = match(lines, items), match(lines[::-1], items[::-1])
    assert one.proposals.equals(other.proposals)
    assert one.legs.equals(other.legs)


def test_amounts_that_follow_no_schedule_make_no_payout() -> None:
    lines, items, _ = shop(14, Schedule(145, 100, False))
    odd = [{**line, "amount": f"{float(line['amount']) - 3.17 * (place % 5) - 0.41 * place:.2f}"}
           for place, line in enumerate(lines)]  # fmt: skip
    result = match(odd, items)
    several = result.proposals.filter(kind="one_to_many")
    assert several.is_empty()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Overførsel fra STRIPE PAYM", "stripe paym"),
        ("DK-NETS 6156466 31.05.25", "nets"),
        ("QUICKPAY/ELAVON 4902", "quickpay elavon"),
        ("Kvikpay udb. 4100", "kvikpay udb"),
        ("Overf?rsel fra", None),
    ],
)
def test_a_channel_is_told_by_the_first_word_that_names_it(text: str, words: str | None) -> None:
    frame = pl.DataFrame({"name": [None], "text": [text]}, schema={"name": pl.String, "text": pl.String})
    assert frame.select(w=channel_words("name", "text"))["w"].to_list() == [words]


def test_the_days_of_a_steady_channel_leave_no_gap() -> None:
    monday = (START - date(1970, 1, 1)).days
    days = np.array(
        [
            monday + step + (2 if (step + 0) % 7 == 5 else 1 if step % 7 == 6 else 0)
            for step in range(0, 120, 6)
        ]
    )
    for begin, end in readings(days):
        assert (begin[1:] == end[:-1] + 1).all()
        assert (end <= days).all()


def test_payouts_people_accepted_teach_what_the_channel_keeps() -> None:
    schedule = Schedule(145, 100, False)
    lines, items, held = shop(6, schedule)
    pairs = [
        {"line_id": line, "item_id": item, "amount_minor": 1, "item_amount_minor": 1,
         "decided_at": datetime(2026, 4, 1, tzinfo=UTC), "by": "regnskab"}
        for line, paid in held.items() for item in paid
    ]  # fmt: skip
    decided = decided_votes(
        History(lines=lines_of(lines), items=items_of(items), accepted=conform(pl.DataFrame(pairs), ACCEPTED))
    )
    learnt = elected(decided["kortpenge"])
    assert learnt is not None
    assert learnt.schedule == schedule


def test_the_schedule_that_explains_most_is_learnt_and_a_guess_is_not() -> None:
    dice = np.random.default_rng(3)
    schedule = Schedule(125, 75, True)
    ballots, guesses = [], []
    for payout in range(12):
        sold = dice.choice([4900, 9900, 12900, 24900, 39900], 4)
        for amount, cast in (
            (int(schedule.net(sold).sum()), ballots),
            (int(sold.sum()) - 61 * payout, guesses),
        ):
            cast.append(votes(payout, amount, features(sold).sum(axis=0), features(sold[:0])))
    learnt = elected(ballots)
    assert learnt is not None
    assert learnt.schedule == schedule
    assert elected(guesses) is None


def test_sets_say_how_sure_they_are() -> None:
    net = np.array([10_127, 25_311, 39_977, 61_403])
    alone = likely_sets(net, np.full(4, 0.5), 10_127 + 39_977, 0, 1.0)
    assert [(mask.tolist(), round(sure, 1)) for mask, sure in alone.sets] == [
        ([True, False, True, False], 1.0)
    ]
    twins = likely_sets(np.array([500, 500, 900]), np.full(3, 0.5), 1400, 0, 1.0)
    assert len(twins.sets) == 2
    assert twins.sets[0][1] == twins.sets[1][1] < 0.51
    assert likely_sets(net, np.full(4, 0.5), 1, 0, 1.0).sets == []


def test_many_documents_are_searched_around_the_likeliest_set() -> None:
    dice = np.random.default_rng(5)
    net = dice.integers(5_000, 90_000, 40)
    chances = np.full(40, 0.97)
    inside = np.ones(40, dtype=bool)
    inside[[3, 17]] = False
    found = likely_sets(net, chances, int(net[inside].sum()), 0, 1.0)
    assert found.sets[0][0].tolist() == inside.tolist()
    assert found.sets[0][1] > 0.9
