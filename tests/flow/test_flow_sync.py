"""Sync against the sandbox bank: everything once, the honest outcome, and one account never blocks another."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from recon.disk import locked
from recon.errors import LockBusy, UsageError
from recon.flow import watch
from recon.flow.accounts import set_account
from recon.flow.check import check
from recon.flow.connect import forget_consent
from recon.flow.outcome import last_fetch_is_fresh
from recon.store import consents, statements


def test_the_first_sync_brings_every_line_and_the_second_nothing(company):
    company.connect()
    first = company.sync()
    assert [one.outcome for one in first.accounts] == ["new"] * len(first.accounts)
    assert first.exit_code == 0
    lines = company.store.lines()
    assert lines.height == sum(one.new for one in first.accounts) > 100
    again = company.sync()
    assert [one.outcome for one in again.accounts] == ["none"] * len(first.accounts)
    assert sum(one.new + one.changed + one.withdrawn for one in again.accounts) == 0
    assert company.store.lines().equals(lines)
    assert check(company.store).ok


def test_nothing_older_than_the_start_date_is_downloaded(company):
    company.connect()
    for account in company.store.accounts()["account_id"]:
        set_account(company.store, account, by="anna", sync_from=date(2026, 9, 1))
    company.sync()
    assert company.store.lines()["booking_date"].min() >= date(2026, 9, 1)


def test_an_account_that_is_off_is_left_alone(company):
    company.connect()
    off, *rest = company.store.accounts()["account_id"].to_list()
    set_account(company.store, off, by="anna", on=False)
    assert [one.account_id for one in company.sync().accounts] == rest
    assert company.store.lines().filter(account_id=off).is_empty()


def test_new_days_bring_their_lines_and_only_those(company):
    company.connect()
    company.sync()
    before = set(company.line_ids())
    company.bank.advance(days=10)
    report = company.sync()
    after = set(company.line_ids())
    assert before < after
    assert len(after - before) == sum(one.new for one in report.accounts)


def test_pending_money_is_shown_apart_and_becomes_a_line_without_a_ghost(company):
    company.connect()
    company.sync()
    company.bank.advance(days=1)
    company.sync()
    waiting = company.store.expected()
    for _ in range(10):
        company.bank.advance(days=1)
        company.sync()
    lines = company.store.lines()
    assert lines["line_id"].is_unique().all()
    assert not set(waiting["line_id"].drop_nulls()) & set(lines["line_id"])
    assert check(company.store).ok


def test_a_bank_that_wants_a_person_gives_what_it_has_and_an_address(company):
    consent_id = company.connect("FI_Koivupankki")
    company.sync()
    company.bank.advance(hours=8)
    report = company.sync()
    assert report.exit_code == 20
    assert [one.outcome for one in report.accounts] == ["needs_login"]
    assert [login["consent_id"] for login in report.logins] == [consent_id]
    assert report.logins[0]["url"].startswith(company.sandbox.url)
    assert company.store.consents()["status"].to_list() == ["needs_login"]
    again = company.sync()
    assert again.exit_code == 20, "it goes on wanting a person until one came"
    assert len(again.logins) == 1


def test_a_dead_session_is_a_login_with_a_fresh_connect_address(company):
    company.connect()
    company.bank.advance(days=15)  # past the refresh token's fourteen days
    report = company.sync()
    assert report.exit_code == 20
    assert {one.outcome for one in report.accounts} == {"needs_login"}
    assert "/v1/oauth/connect?" in report.logins[0]["url"]


def test_the_law_allows_four_unattended_questions_a_day(company):
    company.connect()
    for _ in range(6):
        company.sync(fresh=True)
    with company.store.database.read() as c:
        asked = c.value("SELECT count(*) FROM bank_accesses WHERE NOT attended")
    assert asked == 4
    company.sync(fresh=True, attended=True)
    with company.store.database.read() as c:
        assert c.value("SELECT count(*) FROM bank_accesses WHERE attended") == 1


def test_fresh_enough_data_costs_no_question(company):
    company.connect()
    company.sync()
    with company.store.database.read() as c:
        before = c.value("SELECT count(*) FROM bank_accesses")
    company.sync()
    company.sync(fresh=False)
    with company.store.database.read() as c:
        assert c.value("SELECT count(*) FROM bank_accesses") == before


@pytest.mark.parametrize(
    ("fault", "path", "outcome", "code"),
    [
        ("rate_limited", "transactions", "limited", 30),
        ("truncated", "transactions", "failed", 10),
        ("paging_token_repeated", "", "failed", 10),
        ("paging_token_invalid", "", "failed", 10),
    ],
)
def test_a_fault_keeps_nothing_and_moves_no_watermark(company, fault, path, outcome, code):
    """A short account has one page and so cannot lose one; every account the fault meets keeps nothing."""
    company.connect()
    company.bank.fault(fault, times=None, path=path)
    report = company.sync()
    met = [one.account_id for one in report.accounts if one.outcome == outcome]
    assert met
    assert report.exit_code == code
    assert company.store.lines().filter(pl.col("account_id").is_in(met)).is_empty()
    with company.store.database.read() as c:
        rows = [row for row in consents.accounts(c) if row["account_id"] in met]
    assert all(row["watermark"] is None and row["last_success_at"] is None for row in rows)
    assert not any(last_fetch_is_fresh(row, company.store.clock.now()) for row in rows)
    company.bank.faults.clear()
    assert company.outcomes()[0] == "new"


def test_one_bank_in_trouble_does_not_keep_the_other_from_its_turn(company):
    company.connect()
    lost = company.connect("DK_Fjordbank")
    company.store.vault.forget(lost)
    report = company.sync()
    by_account = {one.account_id: one.outcome for one in report.accounts}
    of_lost = company.store.accounts().filter(consent_id=lost)["account_id"].to_list()
    assert {by_account[one] for one in of_lost} == {"needs_login"}
    assert {outcome for one, outcome in by_account.items() if one not in of_lost} == {"new"}


def test_a_line_the_bank_takes_back_is_withdrawn_and_comes_back_as_itself(company):
    company.connect()
    company.sync()
    newest = company.store.lines().sort("booking_date").row(-1, named=True)
    with company.store.database.read() as c:
        ref = c.value("SELECT bank_ref FROM line_sources WHERE line_id = $id", id=newest["line_id"])
    company.bank.event("delete", transaction=ref)
    company.bank.sync_now()
    report = company.sync()
    assert sum(one.withdrawn for one in report.accounts) == 1
    assert newest["line_id"] not in company.line_ids()
    gone = company.store.lines(withdrawn=True).filter(line_id=newest["line_id"])
    assert gone["withdrawn_at"].is_not_null().all()


def test_a_renewed_consent_keeps_the_accounts_and_their_settings(company):
    company.connect()
    company.sync()
    company.set_erp_accounts()
    before = company.store.accounts().select("account_id", "erp_account", "name")
    lines = set(company.line_ids())
    company.bank.advance(days=1)
    company.connect()
    company.sync()
    assert company.store.accounts().select("account_id", "erp_account", "name").equals(before)
    assert lines <= set(company.line_ids())
    assert company.store.lines()["line_id"].is_unique().all()


def test_a_withdrawn_consent_stops_at_once_and_keeps_the_lines(company):
    consent_id = company.connect()
    company.sync()
    lines = company.store.lines()
    forget_consent(company.store, consent_id, by="anna")
    assert company.outcomes() == [], "no account is linked any more"
    assert watch.notices(company.store) == [], "nobody is told what they did themselves"
    assert company.store.vault.load(consent_id) is None
    assert company.store.lines().equals(lines)
    assert company.store.consents()["status"].to_list() == ["revoked"]


def test_two_syncs_do_not_run_at_once(company):
    company.connect()
    with locked(company.store.home / "sync.lock", exclusive=True, wait=1), pytest.raises(LockBusy):
        company.sync()


def test_an_account_nobody_knows_is_named(company):
    company.connect()
    with pytest.raises(UsageError, match="acc_nobody"):
        company.sync(accounts=["acc_nobody"])


def test_the_run_is_told_per_account(company):
    company.connect()
    company.sync()
    runs = company.store.sync_runs()
    assert runs.height == company.store.accounts().height
    assert set(runs["outcome"]) == {"new"}
    assert runs.select((pl.col("finished_at") >= pl.col("started_at")).all()).item()


def test_the_home_page_has_something_to_say_before_a_consent_ends(company):
    company.connect()
    assert watch.notices(company.store) == []
    for _ in range(7):
        company.bank.advance(days=11)
        company.sync(fresh=False)
    (told,) = watch.notices(company.store)
    assert (told.level, told.mark, told.days_left) == ("warning", 14, 13)
    assert "Havbanken" in told.words
    company.bank.advance(days=20)
    assert [one.status for one in watch.notices(company.store)] == ["expired"]


def test_the_banks_own_balance_proves_the_lines(company):
    company.connect()
    company.sync()
    company.bank.advance(days=3)
    company.sync()
    with company.store.database.read() as c:
        told = statements.balances(c)
    assert told["account_id"].is_unique().all(), "the last word of the bank, once an account"
    assert told["ties"].to_list() == [True, True]
    assert check(company.store).findings == []


def test_a_login_that_comes_while_a_sync_runs_is_not_overlooked(company, monkeypatch):
    """The bank's word that a person logged in arrives between a sync's look and its last write."""
    from recon.consent.lifecycle import logged_in
    from recon.flow import sync as running
    from recon.flow.workspace import as_consent, save_consent

    consent_id = company.connect("FI_Koivupankki")
    company.sync()
    company.bank.advance(hours=8)
    company.sync()
    company.bank.advance(minutes=1)

    def log_in_meanwhile(store, consent, *, by):
        with store.database.write("bank") as writer:
            row = consents.consent(writer.c, consent)
            save_consent(writer, logged_in(as_consent(row), writer.at))
        return "http://127.0.0.1/login"

    monkeypatch.setattr(running, "connect_address", log_in_meanwhile)
    assert company.outcomes(fresh=False) == ["needs_login"], "what this sync saw"
    assert company.store.consents()["status"].to_list() == ["active"], consent_id
    monkeypatch.undo()
    assert company.outcomes(fresh=False) == ["none"]
