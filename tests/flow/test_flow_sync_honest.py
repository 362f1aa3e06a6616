"""A sync that cannot lie: what it could not do has a name, costs nobody else, and leaves nothing half done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from recon.errors import StorageFailed
from recon.flow import watch
from recon.flow.accounts import set_account
from recon.flow.connect import begin, begin_renewal, finish_address
from recon.flow.outcome import last_fetch_is_fresh
from recon.flow.renewal import due, last_renewals
from recon.flow.worker import Worker
from recon.store import consents, fetching


def accounts(company):
    with company.store.database.read() as c:
        return consents.accounts(c)


def ledger(company) -> list[dict]:
    with company.store.database.read() as c:
        return c.rows("SELECT * FROM bank_accesses ORDER BY asked_at")


def fresh(company) -> list[bool]:
    return [last_fetch_is_fresh(row, company.store.clock.now()) for row in accounts(company)]


# -- the quota ----------------------------------------------------------------------------------------------


def test_connecting_anew_does_not_begin_the_days_quota_anew(company):
    """The law counts by account; a new consent over the same accounts once gave four more questions."""
    company.bank.switches.same_consent_on_reconnect = False
    company.connect()
    for _ in range(4):
        company.sync(fresh=True)
    company.connect()
    company.sync(fresh=True)
    assert [row["attended"] for row in ledger(company)] == [False] * 4
    company.bank.advance(hours=24)
    company.sync(fresh=True)
    assert len(ledger(company)) == 5, "a day later it may be asked again"


def test_a_question_is_written_down_before_it_is_asked(company):
    company.connect()
    company.bank.fault("server_error", times=None, path="/v1/update")
    company.sync(fresh=True)
    (row,) = ledger(company)
    assert set(row["account_ids"]) == {one["account_id"] for one in accounts(company)}


def test_a_persons_click_is_written_down_as_such(company):
    consent_id = company.connect()
    company.sync(fresh=True, attended=True, by="anna")
    begin_renewal(company.store, consent_id, by="bo")
    assert [(row["attended"], row["asked_by"]) for row in ledger(company)] == [(True, "anna"), (True, "bo")]
    with company.store.database.read() as c:
        ids = [row["account_id"] for row in consents.accounts(c)]
        assert fetching.unattended_accesses(c, ids, company.store.clock.now()) == 0


# -- honest freshness ---------------------------------------------------------------------------------------


def test_old_data_read_in_full_is_not_up_to_date(company):
    """The service's own copy can be days old; reading all of it does not make it today's."""
    company.connect("FI_Koivupankki")
    company.sync()
    assert fresh(company) == [True]
    company.bank.advance(hours=30)
    (told,) = company.sync(fresh=False).accounts
    assert told.outcome == "partial" and "newest data" in told.reason
    assert fresh(company) == [False]


def test_a_spent_quota_is_told_where_it_makes_the_data_old(company):
    company.connect("FI_Koivupankki")
    with company.store.database.write("test") as writer:
        ids = [row["account_id"] for row in consents.accounts(writer.c)]
        for hours in range(4):
            at = writer.at + timedelta(hours=26 + hours)
            fetching.add_access(writer.c, "another", ids, at, "cron", attended=False)
    company.sync(fresh=False)
    company.bank.advance(hours=30)
    report = company.sync()
    assert [one.outcome for one in report.accounts] == ["limited"]
    assert report.exit_code == 30
    assert "4 times" in report.accounts[0].reason


def test_before_the_services_first_look_nothing_is_said_to_be_complete(company):
    """An empty list right after connecting once read as “up to date, nothing there”."""
    company.bank.switches.sync_seconds = 3600
    company.connect()
    worker = Worker(company.store)
    report = company.sync(wait=0)
    assert {one.outcome for one in report.accounts} == {"partial"}
    assert all(row["watermark"] is None and row["last_success_at"] is None for row in accounts(company))
    company.bank.advance(minutes=61)
    assert worker.look(), "looked at again soon, not in six hours"
    assert {row["outcome"] for row in accounts(company)} == {"new"}


def test_a_reconnect_whose_data_is_not_there_yet_withdraws_nothing(company):
    """A new consent begins with an empty list at the service; that is no news of the bank."""
    company.connect()
    company.sync()
    lines = company.store.lines()
    company.bank.switches.same_consent_on_reconnect = False
    company.bank.switches.sync_seconds = 3600
    company.connect()
    report = company.sync(wait=0)
    assert {one.outcome for one in report.accounts} == {"partial"}
    assert company.store.lines().equals(lines)


# -- one account, one bank, one trouble ----------------------------------------------------------------------


def test_an_account_the_bank_lost_does_not_stop_its_sister(company):
    company.connect()
    company.bank.fault("not_found", path="transactions")
    report = company.sync()
    assert sorted(one.outcome for one in report.accounts) == ["failed", "new"]
    assert report.logins == []


def test_a_refused_account_asks_for_a_login_and_does_not_stop_its_sister(company):
    company.connect()
    company.bank.fault("forbidden", path="transactions")
    report = company.sync()
    assert sorted(one.outcome for one in report.accounts) == ["needs_login", "new"]
    assert len(report.logins) == 1 and report.exit_code == 20


@pytest.mark.parametrize(
    ("fault", "outcome", "code"), [("server_error", "partial", 10), ("rate_limited", "limited", 30)]
)
def test_a_refused_wish_for_fresh_data_does_not_keep_anybody_from_reading(company, fault, outcome, code):
    company.connect()
    company.bank.fault(fault, times=None, path="/v1/update")
    report = company.sync(fresh=True)
    assert {one.outcome for one in report.accounts} == {outcome}
    assert report.exit_code == code
    assert company.store.lines().height == sum(one.new for one in report.accounts) > 100


def test_a_long_wait_is_kept_to_by_later_runs_but_not_against_a_person(company):
    company.connect()
    company.bank.fault("rate_limited", path="/v1/accounts", retry_after=7200)
    assert set(company.outcomes()) == {"limited"}
    told = company.sync().accounts[0]
    assert told.outcome == "limited" and "asked us to wait until" in told.reason
    assert set(company.outcomes(attended=True)) == {"new"}
    company.bank.advance(hours=3)
    assert set(company.outcomes()) <= {"new", "none"}


def test_a_short_wait_is_over_before_the_next_run(company):
    company.connect()
    company.bank.fault("rate_limited", path="/v1/accounts", retry_after=30)
    assert set(company.outcomes()) == {"limited"}
    assert set(company.outcomes()) == {"new"}


def test_what_nobody_foresaw_stops_one_account_and_is_raised_at_the_end(company, monkeypatch):
    """A mistake of ours must neither be swallowed nor cost the other accounts their turn."""
    from recon.flow import sync as running

    company.connect()
    real, calls = running.lines_frame, []

    def broken_once(*given):
        calls.append(given)
        if len(calls) == 1:
            raise ZeroDivisionError("ours")
        return real(*given)

    monkeypatch.setattr(running, "lines_frame", broken_once)
    with pytest.raises(ZeroDivisionError):
        company.sync()
    assert sorted(row["outcome"] for row in accounts(company)) == ["failed", "new"]
    worker = Worker(company.store)
    monkeypatch.setattr(worker, "look", lambda: 1 / 0)
    monkeypatch.setattr("recon.flow.worker.LOOK_SECONDS", 0.01)
    worker.start()
    while not worker.status.error:
        pass
    assert "not made for" in worker.status.error
    worker.stop()


def test_lines_watermark_outcome_and_audit_are_one_transaction(company, monkeypatch):
    """The disk fails on the last row of an account: then there is not one line of it either."""
    company.connect()

    def full(*_, **__):
        raise StorageFailed("the disk is full")

    monkeypatch.setattr(fetching, "add_outcome", full)
    with pytest.raises(StorageFailed):
        company.sync()
    monkeypatch.undo()
    assert company.store.lines().is_empty()
    assert all(row["watermark"] is None and row["outcome"] is None for row in accounts(company))
    assert set(company.outcomes()) == {"new"}


def test_a_start_date_moved_back_brings_the_older_lines(company):
    company.connect()
    for row in accounts(company):
        set_account(company.store, row["account_id"], by="anna", sync_from=date(2026, 10, 1))
    company.sync()
    october = company.store.lines().height
    for row in accounts(company):
        set_account(company.store, row["account_id"], by="anna", sync_from=date(2026, 8, 1))
    company.sync()
    lines = company.store.lines()
    assert lines["booking_date"].min() < date(2026, 9, 1)
    assert lines.height > october
    company.sync()
    assert company.store.lines().equals(lines)


# -- access -------------------------------------------------------------------------------------------------


def test_a_consent_that_waits_is_renewed_daily_and_does_not_die(company):
    """Connected and never confirmed: nobody fetches it, and its refresh token lives fourteen days."""
    begun = begin(company.store, by="anna", origin="command", provider_id="DK_Havbanken")
    consent_id = finish_address(company.store, company.log_in(begun.url), by="anna").consent_id
    worker = Worker(company.store)
    for _ in range(20):
        company.bank.advance(days=1)
        worker.look()
    assert due(company.store) == []
    assert company.store.vault.load(consent_id).generation > 15


def test_an_account_that_is_off_keeps_its_access_alive(company):
    consent_id = company.connect()
    for row in accounts(company):
        set_account(company.store, row["account_id"], by="anna", on=False)
    for _ in range(4):
        company.bank.advance(days=5)
        assert company.sync().accounts == [], "also where only the command runs"
    assert company.store.vault.load(consent_id).generation == 5


def test_an_answer_that_never_comes_costs_no_token_and_is_tried_again(company):
    consent_id = company.connect()
    before = company.store.vault.load(consent_id)
    company.bank.advance(days=2)
    company.bank.fault("server_error", times=None, path="/oauth/token")
    worker = Worker(company.store)
    worker.look()
    assert company.store.vault.load(consent_id) == before
    company.bank.faults.clear()
    company.bank.advance(minutes=16)
    worker.look()
    assert company.store.vault.load(consent_id).generation == before.generation + 1


def test_a_dead_access_is_found_by_the_daily_pass(company):
    company.connect()
    for row in accounts(company):
        set_account(company.store, row["account_id"], by="anna", on=False)
    company.bank.event("revoke_consent")
    company.bank.advance(days=1)
    company.sync()
    assert company.store.consents()["status"].to_list() == ["needs_login"]


def test_a_week_without_renewal_sounds_the_alarm(company):
    """The program stood still over the holidays: told while a login can still be avoided."""
    consent_id = company.connect()
    company.bank.advance(days=6)
    assert watch.notices(company.store) == []
    company.bank.advance(days=2)
    (told,) = watch.notices(company.store)
    assert told.level == "error" and "was not renewed for 8 days" in told.words
    company.sync()
    assert watch.notices(company.store) == []
    assert last_renewals(company.store)[consent_id] is not None


def test_a_vault_whose_key_is_gone_fails_each_account_in_words(company):
    """A sync tells it per account and ends; it does not lose its own report over the daily renewal."""
    from dataclasses import replace

    from recon.settings import Secret

    company.connect()
    company.bank.advance(days=2)
    company.store.settings = replace(company.store.settings, vault_key=Secret("another"))
    report = company.sync()
    assert {one.outcome for one in report.accounts} == {"failed"}
    assert all("RECON_VAULT_KEY" in one.reason for one in report.accounts)
