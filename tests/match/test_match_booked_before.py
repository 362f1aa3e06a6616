"""What was booked to an account before is proposed again, as surely as people were of one mind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from recon.match.booking_weights import RULE_SENTENCES, RULE_WEIGHTS
from recon.match.bookings import booked_before, booking_drafts, rule_drafts, rule_parties
from recon.match.rules import parse_rules
from recon.schema import ACCEPTED, LINES, REJECTED, History, conform

FIRST = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FEE = "Gebyr netbank"


def lines_of(rows: list[dict]) -> pl.DataFrame:
    """Lines from what matters; 45.00 out for a fee of the netbank unless said otherwise."""
    whole = [
        {"account_id": "drift", "booking_date": date(2026, 3, 2), "amount_minor": -4500, "currency": "DKK",
         "text": FEE, "source": "test", "kind": "fee"} | row
        for row in rows
    ]  # fmt: skip
    return conform(pl.DataFrame(whole, infer_schema_length=None), LINES)


def history(*told: tuple[dict, str]) -> History:
    """Decisions one hour apart: a line, and what it was given to; `not …` is a refusal."""
    lines, accepted, rejected = [], [], []
    for number, (row, given) in enumerate(told):
        line_id = f"h{number:02}"
        lines.append({"line_id": line_id} | row)
        decided = {"line_id": line_id, "decided_at": FIRST + timedelta(hours=number), "by": "anna"}
        if given.startswith("not "):
            rejected.append(decided | {"item_id": given.removeprefix("not ")})
            continue
        for item_id in given.split(" + "):
            accepted.append(decided | {"item_id": item_id, "amount_minor": -4500, "item_amount_minor": -4500})
    return History(
        lines=lines_of(lines),
        accepted=conform(pl.DataFrame(accepted), ACCEPTED) if accepted else ACCEPTED.empty(),
        rejected=conform(pl.DataFrame(rejected), REJECTED) if rejected else REJECTED.empty(),
    )


TO, OTHER, BILL = "account:7220", "account:7230", "bill-1"
CARD = {"text": "Dankort-nota NETTO 4711", "kind": "card"}
ENERGY = {"text": "BS 123", "counterparty_name": "Havnens Energi A/S", "kind": "direct_debit"}

# what was decided, the new line → account, reason, how often
TABLE = [
    ("once is no habit", [({}, TO)], {}, None),
    ("twice is", [({}, TO)] * 2, {}, ("7220", "text", 2)),
    ("five times is a strong one", [({}, TO)] * 5, {}, ("7220", "text_often", 5)),
    ("numbers and months do not matter", [({"text": f"Gebyr netbank {month} 2026 nr. 8{month}1"}, TO)
     for month in ("januar", "feb")], {"text": "GEBYR NETBANK MARTS 2026, NR 9"}, ("7220", "text", 2)),
    ("money the other way is another thing", [({}, TO)] * 2, {"amount_minor": 4500}, None),
    ("another text, no fee", [(CARD, TO)] * 2, CARD | {"text": "Dankort-nota FØTEX"}, None),
    ("the same shop", [(CARD, TO)] * 2, CARD | {"text": "Dankort-nota NETTO 0815"}, ("7220", "text", 2)),
    ("another text, a fee all the same", [({}, TO)] * 2, {"text": "Kortgebyr"}, ("7220", "kind", 2)),
    ("the same party, another text", [(ENERGY, TO)] * 2, ENERGY | {"text": "Regning 9"}, ("7220", "party", 2)),
    ("the same party by its account", [(CARD | {"counterparty_account": "DK5000400440116243"}, TO)] * 2,
     {"text": "Ny tekst", "kind": "card", "counterparty_account": "0040 0440116243"}, ("7220", "party", 2)),
    ("contradicted once in three", [({}, TO), ({}, TO), ({}, OTHER)], {}, ("7220", "text_mostly", 2)),
    ("contradicted by a document", [({}, TO), ({}, TO), ({}, BILL)], {}, ("7220", "text_mostly", 2)),
    ("a fee kept beside a document teaches nothing", [({}, f"{BILL} + {TO}")] * 3, {}, None),
    ("split over two accounts", [({}, f"{OTHER} + {TO}")] * 3, {}, None),
    ("as often otherwise", [({}, TO), ({}, OTHER)] * 3, {}, None),
    ("refused once", [({}, TO), ({}, TO), ({}, f"not {TO}")], {}, ("7220", "text_mostly", 2)),
    ("refused twice", [({}, TO), ({}, TO), ({}, f"not {TO}"), ({}, f"not {TO}")], {}, None),
    ("refused another account", [({}, TO), ({}, TO), ({}, f"not {OTHER}")], {}, ("7220", "text", 2)),
    ("the latest ten count", [({}, OTHER)] * 20 + [({}, TO)] * 10, {}, ("7220", "text_often", 10)),
    ("a text of numbers alone says nothing", [({"text": "4711", "kind": "unknown"}, TO)] * 3,
     {"text": "4711", "kind": "unknown"}, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "asked", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_habits(told, asked, expected):
    found = booked_before(lines_of([{"line_id": "new"} | asked]), history(*told))
    assert found.select("account", "level", "count").rows() == ([expected] if expected else [])


def test_two_reasons_may_name_two_accounts_each_at_its_best():
    told = history(*[(ENERGY, "account:4020")] * 2, *[({**ENERGY, "text": "Depositum"}, "account:1500")] * 2)
    found = booked_before(lines_of([ENERGY | {"line_id": "new"}]), told)
    assert found.select("account", "level").rows() == [("4020", "text")]  # the party alone is of two minds


def test_a_line_never_proves_itself():
    """Looked at again with what was decided on it, a line knows only what was decided on others."""
    told = history(*[({}, TO)] * 2)
    assert booked_before(told.lines, told).is_empty()
    more = history(*[({}, TO)] * 3)
    assert set(booked_before(more.lines, more)["count"]) == {2}


def numbered(rows: list[dict]) -> pl.DataFrame:
    return lines_of(rows).sort("line_id").with_row_index("l")


def test_a_booking_takes_the_whole_line():
    lines = numbered(
        [{"line_id": "a"}, {"line_id": "b", "amount_minor": 0}, {"line_id": "c", "text": "Rente"}]
    )
    for made in (
        booking_drafts(lines, history(*[({}, TO)] * 2)),
        rule_drafts(lines, parse_rules(['text has "gebyr" -> account 7220', "kind is fee -> account 7220"])),
    ):
        assert made.heads["kind"].unique().to_list() == ["rule"]
        assert made.heads["difference_minor"].to_list() == [0, 0]
        assert made.legs.select("l", "to", "amount_minor", "item_amount_minor").rows() == [
            (0, TO, -4500, -4500),
            (2, TO, -4500, -4500),
        ]


def test_nothing_known_proposes_nothing():
    lines = numbered([{"line_id": "a"}])
    assert booking_drafts(lines, History()).legs.is_empty()
    assert rule_drafts(lines, ()).legs.is_empty()
    assert rule_drafts(lines, parse_rules(['text has "gebyr" -> party C1'])).legs.is_empty()


def test_a_party_of_a_rule_is_found_by_its_id_or_its_name():
    items = pl.DataFrame(
        {
            "counterparty_id": ["C1", "C2", None],
            "counterparty_name": ["Nordlys ApS", "Skovby Kontor", "Solvang & Søn"],
            "p": [1, 2, 3],
        }
    )
    lines = numbered([{"line_id": name, "text": name} for name in ("Berit", "Carl", "Dora", "Erik")])
    rules = [
        'text has "Berit" -> party C1',
        'text has "carl" -> party "Skovby Kontor A/S"',
        'text has "Dora" -> party "Solvang & Søn"',
        'text has "Erik" -> party C9',
    ]
    assert rule_parties(lines, items, parse_rules(rules)).rows() == [(0, 1), (1, 2), (2, 3)]
    assert rule_parties(lines, items, ()).is_empty()


def test_every_level_has_its_weight_and_its_sentence_in_two_languages():
    for level, weight in RULE_WEIGHTS.items():
        english, danish = RULE_SENTENCES[level]
        assert weight > 0 and english != danish
        assert english.endswith(".") and danish.endswith(".")
    habits = [weight for (feature, _), weight in RULE_WEIGHTS.items() if feature == "booking"]
    assert habits == sorted(habits, reverse=True)  # of several levels the earlier one is said
