"""Laws on made-up ledgers: no money made or lost, row order means nothing, the choice fits together."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from match_book import items_of, keeps_the_laws, lines_of
from polars.testing import assert_frame_equal

from recon.match.book import open_book
from recon.match.propose import look, propose
from recon.match.subset import subsets
from recon.policy import Policy
from recon.schema import REJECTED, History

FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AMOUNTS = ["10.00", "20.00", "30.00", "33.33", "60.00", "95.00", "100.00"]
NAMES = ["Hansen & Søn", "Nordlys ApS", "Skovby Kontor", None]
TEXTS = ["Overførsel", "Faktura 20001", "20001 20002", "20003/04", "Hansen", "Gebyr", "NORDLYS", "12345674"]

items = st.lists(
    st.fixed_dictionaries(
        {
            "total": st.sampled_from(AMOUNTS),
            "kind": st.sampled_from(["invoice", "invoice", "credit_note", "bill", "bill_credit"]),
            "name": st.sampled_from(NAMES),
            "due": st.sampled_from([date(2026, 2, 20), date(2026, 3, 1), None]),
            "currency": st.sampled_from(["DKK", "DKK", "EUR"]),
        }
    ),
    max_size=9,
)
lines = st.lists(
    st.fixed_dictionaries(
        {
            "amount": st.sampled_from([*AMOUNTS, *("-" + amount for amount in AMOUNTS), "0.00", "55.00"]),
            "text": st.sampled_from(TEXTS),
            "name": st.sampled_from(NAMES),
            "account": st.sampled_from(["drift", "opsparing"]),
            "currency": st.sampled_from(["DKK", "DKK", "EUR"]),
            "reference": st.sampled_from([None, None, "000000012345674"]),
        }
    ),
    max_size=8,
)
RATES = pl.DataFrame({"date": [date(2026, 2, 27)], "currency": ["EUR"], "rate": [3.0]})


def ledger(line_rows, item_rows):
    numbered = [row | {"id": f"i{n}", "no": str(20001 + n)} for n, row in enumerate(item_rows)]
    if numbered:
        numbered[0]["reference"] = "+71<000000012345674+12345678<"
    return lines_of([row | {"id": f"l{n}"} for n, row in enumerate(line_rows)]), items_of(numbered)


@FEW
@given(
    lines, items, st.sampled_from([Policy(), Policy(tolerance_minor=100, per_line=2), Policy(fx_rates=RATES)])
)
def test_every_matching_keeps_the_laws(line_rows, item_rows, policy):
    keeps_the_laws(propose(*ledger(line_rows, item_rows), policy=policy), policy)


@FEW
@given(lines, items, st.randoms(use_true_random=False))
def test_row_order_changes_no_byte(line_rows, item_rows, dice):
    some_lines, some_items = ledger(line_rows, item_rows)
    one = propose(some_lines, some_items)
    other = propose(
        some_lines[dice.sample(range(some_lines.height), some_lines.height)],
        some_items[dice.sample(range(some_items.height), some_items.height)],
    )
    for name in ("proposals", "legs", "evidence", "unmatched"):
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


@FEW
@given(lines, items)
def test_a_rejected_proposal_never_comes_back(line_rows, item_rows):
    some_lines, some_items = ledger(line_rows, item_rows)
    before = propose(some_lines, some_items)
    pairs = before.legs.select("line_id", "item_id").unique().sort("line_id", "item_id").head(3)
    rejected = pairs.with_columns(decided_at=pl.lit(datetime(2026, 3, 3, tzinfo=UTC)), by=pl.lit("anna"))
    history = History(rejected=rejected.cast(REJECTED.schema))
    keeps_the_laws(propose(some_lines, some_items, history=history), Policy(), history)


@given(st.lists(st.integers(-500, 500), min_size=2, max_size=9), st.integers(-900, 900))
def test_sums_are_found_exactly_when_there_are_any(amounts, target):
    found = subsets(amounts, target, limit=10**6)
    assert all(sum(amounts[place] for place in places) == target for places in found)
    every = sum(
        1
        for mask in range(1 << len(amounts))
        if mask.bit_count() >= 2 and sum(a for n, a in enumerate(amounts) if mask >> n & 1) == target
    )
    assert len(found) == every == len(set(found))


def test_proposal_ids_depend_on_their_legs_alone():
    line, item = {"id": "l", "amount": "75.00", "text": "20001"}, {"id": "i", "no": "20001", "total": "75.00"}
    alone = propose(lines_of([line]), items_of([item]))
    among = propose(
        lines_of([line, {"id": "k", "amount": "1.00"}]),
        items_of([item, {"id": "j", "no": "3", "total": "9.00"}]),
    )
    assert alone.proposals["proposal_id"][0] in among.proposals["proposal_id"].to_list()


def test_subscriptions_of_one_amount_make_no_square():
    """A thousand documents of one amount and a thousand lines of it were a million pairs; they must stay a few each."""
    day = date(2026, 3, 1)
    many = range(1000)
    some_lines = lines_of(
        [{"id": f"l{n}", "amount": "99.00", "name": f"Kunde {n}", "date": day} for n in many]
    )
    some_items = items_of(
        [
            {"id": f"i{n}", "no": str(200000 + n), "total": "99.00", "name": f"Kunde {n}", "party": str(n),
             "issued": day - timedelta(30), "due": day}
            for n in many
        ]
    )  # fmt: skip
    book = open_book(some_lines, some_items, None, REJECTED.empty())
    report = look(book, Policy(), History()).found.report()
    assert report["amount"] == 0 and 1000 <= report["all"] <= 7000
    first = propose(some_lines, some_items).proposals.filter(rank=1)
    assert first.height == 1000
