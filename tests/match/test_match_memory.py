"""Who paid for whom: a payer a person corrected is right the next time, a channel tells nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from match_book import first, items_of, level, lines_of, match

from recon.schema import ACCEPTED, REJECTED, History

WHEN = datetime(2026, 2, 5, 9, tzinfo=UTC)
ANNA, BENT = "Anna Dyhr ApS", "Bent Rosenlund ApS"
ITEMS = [
    {"id": "a1", "no": "70011", "total": "512.40", "name": ANNA, "party": "anna", "open": "0.00"},
    {"id": "a2", "no": "70012", "total": "733.15", "name": ANNA, "party": "anna"},
    {"id": "b1", "no": "70021", "total": "512.40", "name": BENT, "party": "bent"},
    {"id": "b2", "no": "70022", "total": "733.15", "name": BENT, "party": "bent"},
]
PAYERS = [
    ("by account", {"iban": "DK5000400440116243", "text": "Overførsel"}),
    ("by name", {"name": "Vestkystens Regnskab"}),
    ("by words of the text", {"text": "Overførsel Vestkystens Regnskab"}),
]


def decided(
    payer: dict, accepted: list[tuple[str, str]], rejected: list[tuple[str, str]] | None = None
) -> History:
    """Lines of 4 February by this payer, each given one of ITEMS, and pairs a person said no to."""
    rejected = rejected or []
    lines = sorted({line for line, _ in accepted + rejected})
    totals = {one["id"]: int(one["total"].replace(".", "")) for one in ITEMS}
    amount = dict(rejected) | dict(accepted)
    return History(
        lines=lines_of([
            payer | {"id": line, "amount": f"{totals[amount[line]] / 100:.2f}", "date": date(2026, 2, 4)}
            for line in lines
        ]),
        items=items_of(ITEMS),
        accepted=pl.DataFrame(
            [(line, item, totals[item], totals[item], WHEN, "eva") for line, item in accepted],
            schema=ACCEPTED.schema, orient="row",
        ),
        rejected=pl.DataFrame(
            [(line, item, WHEN, "eva") for line, item in rejected], schema=REJECTED.schema, orient="row"
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("how", "payer"), PAYERS)
def test_a_corrected_payer_is_right_the_next_time(how, payer):
    new = payer | {"id": "new", "amount": "733.15"}
    assert first(match([new], ITEMS), "new") is None, how
    history = decided(payer, [("old", "a1")], [("old", "b1")])
    found = first(match([new], ITEMS, history=history), "new")
    assert found is not None and found["items"] == ["a2"] and found["probability"] > 0.9


def test_what_people_took_away_twice_speaks_against():
    payer = {"name": "Rosenlund"}
    new = payer | {"id": "new", "amount": "733.15"}
    history = decided(payer, [], [("old", "b1"), ("older", "b1")])
    result = match([new], ITEMS, history=history)
    of_bent = result.legs.filter(line_id="new", item_id="b2")["proposal_id"]
    assert all(level(result, one, "name") == "refused" for one in of_bent)
    assert first(result, "new") is None


def test_an_account_that_pays_for_many_tells_nothing():
    payer = {"iban": "DK5000400440116243"}
    many = [
        {"id": f"m{n}", "no": f"8{n}001", "total": "512.40", "open": "0.00", "party": f"m{n}",
         "name": f"Selskab {word}"}
        for n, word in enumerate(["Lærke", "Svale", "Stær", "Drossel", "Mejse"])
    ]  # fmt: skip
    one = decided(payer, [("old", "a1")])
    accepted = [(f"l{n}", f"m{n}", 51240, 51240, WHEN, "eva") for n in range(5)]
    lines = lines_of(
        [payer | {"id": f"l{n}", "amount": "512.40", "date": date(2026, 2, 4)} for n in range(5)]
    )
    history = History(
        lines=pl.concat([one.lines, lines]),
        items=items_of(ITEMS + many),
        accepted=pl.concat([one.accepted, pl.DataFrame(accepted, schema=ACCEPTED.schema, orient="row")]),
    )
    new = payer | {"id": "new", "amount": "733.15"}
    result = match([new], ITEMS + many, history=history)
    assert first(result, "new") is None
    assert not result.evidence.filter(feature="account", level="memory").height
