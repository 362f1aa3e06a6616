"""What keeping lines leaves behind: each finding once, withdrawals on any clock, no ghost of expected money."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from recon.flow.keep import keep_expected, keep_lines, under_known_accounts
from recon.flow.workspace import open_store
from recon.schema import EXPECTED, Statement
from recon.settings import Settings
from recon.statements.identity import INCOMING
from recon.store import consents, statements
from tests.prove.histories import Stopped

DAY = date(2026, 1, 5)
ACCOUNT = "acc_0000000000000001"


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path / "workspace", Settings())
    made.clock = made.database.clock = Stopped()
    return made


def line(day=0, amount=-2500, text="Kaffe", ref=None):
    return {
        "account_id": ACCOUNT, "booking_date": DAY + timedelta(days=day), "amount_minor": amount,
        "currency": "DKK", "text": text, "bank_ref": ref, "source": "viia",
    }  # fmt: skip


def keep(store, *rows, **options):
    with store.database.write("anna") as writer:
        frame = pl.DataFrame(list(rows), schema=INCOMING)
        return keep_lines(writer, ACCOUNT, frame, source="viia", since=DAY, **options)


def test_a_withdrawn_line_stays_so_on_a_clock_that_stands_or_goes_back(store):
    """Withdrawn, returned and withdrawn again at one instant, then returned an hour before."""
    standing = []
    for shown in (True, False, True, False):
        keep(store, *([line(ref="A")] if shown else []))
        standing.append(store.lines().height)
    assert standing == [1, 0, 1, 0]
    store.clock.moved.append(timedelta(hours=-1))
    assert keep(store, line(ref="A")).returned == 1
    assert store.lines().height == store.lines(withdrawn=True).height == 1


def test_a_contradiction_is_told_once_and_not_at_each_fetch(store):
    keep(store, line(ref="A"))
    for _ in range(3):
        assert keep(store, line(ref="A", amount=-9900)).held == 1
    with store.database.read() as c:
        assert statements.findings(c)["what"].to_list() == ["reference_conflict"]


def expected(*days):
    rows = [
        {"account_id": ACCOUNT, "booking_date": DAY + timedelta(days=day), "amount_minor": -100}
        for day in days
    ]
    return pl.DataFrame(rows, schema=EXPECTED.schema)


def test_pending_money_of_a_file_is_gone_with_the_file_that_books_it(store):
    def tell(booked, pending):
        with store.database.write("anna") as writer:
            lines = pl.DataFrame([line(day=day, text=f"Line {day}") for day in booked], schema=INCOMING)
            keep_lines(writer, ACCOUNT, lines, source="camt.053")
            keep_expected(writer, ACCOUNT, lines, expected(*pending))
        return store.expected()["booking_date"].to_list()

    assert tell([0], [1]) == [DAY + timedelta(days=1)]
    assert tell([0, 1], []) == [], "booked now"
    assert tell([0], [1]) == [], "an older file brings no ghost back"


def test_an_account_that_a_bank_is_asked_for_is_told_by_the_bank_what_is_pending(store):
    with store.database.write("anna") as writer:
        consents.put_account(writer.c, account_id=ACCOUNT, currency="DKK", is_on=True, consent_id="c")
        keep_expected(writer, ACCOUNT, pl.DataFrame(schema=INCOMING), expected(1))
    assert store.expected().is_empty()


def test_a_file_finds_the_account_that_the_interface_calls_by_another_bank():
    known = [
        {"account_id": "acc_api", "iban": None, "bban": "8327912345678", "bank": "SE_Bank", "currency": "SEK"}
    ]
    accounts = pl.DataFrame([known[0] | {"account_id": "acc_file", "bank": "SWEDSESS", "name": None}])
    lines = pl.DataFrame([line() | {"account_id": "acc_file"}], schema=INCOMING)
    empty = lines.clear()
    read = Statement(lines, empty, empty, empty, empty, accounts)
    assert under_known_accounts(known, read).lines["account_id"].to_list() == ["acc_api"]
    assert under_known_accounts([], read).lines["account_id"].to_list() == ["acc_file"]


def test_the_instant_of_a_withdrawal_is_told(store):
    keep(store, line(ref="A"))
    keep(store)
    assert store.lines(withdrawn=True)["withdrawn_at"].to_list() == [datetime(2026, 1, 5, 9, tzinfo=UTC)]
