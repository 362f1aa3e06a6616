"""The app's own hand: fetches every six hours by itself, and looks daily at what waits for a person."""

from __future__ import annotations

import pytest

from recon.flow.accounts import set_account
from recon.flow.worker import Worker, ask_for_sync, sync_is_waiting


@pytest.mark.parametrize(
    ("bank", "hours", "looks"),
    [("DK_Havbanken", 5, False), ("DK_Havbanken", 7, True), ("FI_Koivupankki", 7, True)],
)
def test_it_fetches_every_six_hours(company, bank, hours, looks):
    company.connect(bank)
    worker = Worker(company.store)
    assert worker.look(), "linking asks for the first fetch"
    company.bank.advance(hours=hours)
    assert worker.look() is looks


def test_a_bank_that_wants_a_person_is_looked_at_daily(company):
    company.connect("FI_Koivupankki")
    worker = Worker(company.store)
    worker.look()
    company.bank.advance(hours=8)
    worker.look()
    assert company.store.accounts()["outcome"].to_list() == ["needs_login"]
    company.bank.advance(hours=8)
    assert not worker.look()
    company.bank.advance(hours=17)
    assert worker.look()


def test_a_fetch_that_failed_is_tried_again_soon(company):
    company.connect()
    company.bank.fault("server_error", times=None)
    worker = Worker(company.store)
    worker.look()
    assert set(company.store.accounts()["outcome"]) == {"failed"}
    company.bank.faults.clear()
    assert not worker.look()
    company.bank.advance(minutes=16)
    assert worker.look()
    assert set(company.store.accounts()["outcome"]) == {"new"}


def test_an_account_that_is_off_wakes_nobody(company):
    company.connect()
    worker = Worker(company.store)
    worker.look()
    for account in company.store.accounts()["account_id"]:
        set_account(company.store, account, by="anna", on=False)
    company.bank.advance(hours=30)
    assert not worker.look()


def test_the_button_is_served_once_and_counts_as_a_person(company):
    company.connect()
    worker = Worker(company.store)
    worker.look()
    ask_for_sync(company.store, by="anna")
    assert sync_is_waiting(company.store)
    assert worker.look()
    assert not sync_is_waiting(company.store)
    assert not worker.look()
    assert company.store.sync_runs()["by"][0] == "anna"
    with company.store.database.read() as c:
        assert c.value("SELECT count(*) FROM bank_accesses WHERE attended AND asked_by = 'anna'") == 1
