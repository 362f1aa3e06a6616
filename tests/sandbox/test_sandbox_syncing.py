"""Store and serve: news shows after a sync, syncs follow the clock, the bank changes its mind."""

from __future__ import annotations

import time

import pytest
from sandbox_visitor import CALLBACK, Visitor

from recon.errors import UsageError
from recon.sandbox import running


def events(visitor, name):
    return [each for each in visitor.bank.postman.deliveries if each.event == name]


def test_the_list_is_empty_until_the_first_sync_ends():
    with running(clock="2026-10-31T10:00:00Z", sync_seconds=0.6) as up:
        visitor = Visitor(up).connect()
        account = visitor.accounts()["Driftskonto"]
        assert account["lastSynchronized"].startswith("1970") and account["booked"] is None
        assert visitor.rows() == []
        deadline = time.monotonic() + 5
        while not visitor.rows() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(visitor.rows()) > 400
        assert [each.event for each in up.bank.postman.deliveries] == [
            "SyncProgressUpdate",
            "SyncProgressUpdate",
            "AccountsUpdated",
            "SyncDone",
        ]


def test_lines_show_once_the_clock_has_passed_their_day(visitor):
    newest = next(row["date"] for row in visitor.connect().rows() if row["state"] == "Booked")
    assert newest <= "2026-10-31"
    visitor.bank.advance(days=10)
    visitor.renew()
    booked = [row["date"] for row in visitor.rows() if row["state"] == "Booked"]
    assert "2026-10-31" < booked[0] <= "2026-11-10"


def test_syncs_come_every_six_hours(visitor):
    first = visitor.connect().accounts()["Driftskonto"]["lastSynchronized"]
    visitor.bank.advance(hours=5)
    visitor.renew()
    assert visitor.accounts()["Driftskonto"]["lastSynchronized"] == first
    visitor.bank.advance(hours=2)
    visitor.renew()
    assert visitor.accounts()["Driftskonto"]["lastSynchronized"].startswith("2026-10-31T16:00:0")


def test_an_update_brings_news_at_once_where_no_person_is_needed(visitor):
    visitor.connect()
    before = visitor.accounts()["Driftskonto"]["lastSynchronized"]
    visitor.bank.event("insert_backdated", text="Efterpost", amount_minor=-100, days_back=3)
    assert visitor.rows()[0]["originalText"] != "Efterpost"
    answer = visitor.post("/v1/update", {"RedirectUrl": CALLBACK})
    assert answer.json() == {"status": "AllQueued", "authUrl": None}
    assert visitor.accounts()["Driftskonto"]["lastSynchronized"] > before
    assert "Efterpost" in [row["originalText"] for row in visitor.rows()]


def test_an_update_needs_a_registered_address(visitor):
    answer = visitor.connect().post("/v1/update", {"redirectUrl": "https://elsewhere.example"})
    assert answer.status_code == 400


def test_a_bank_that_wants_the_person_every_time(visitor):
    visitor.connect("FI_Koivupankki")
    first = visitor.accounts()["Eurotili"]["lastSynchronized"]
    visitor.bank.advance(days=1)
    visitor.renew()
    assert visitor.accounts()["Eurotili"]["lastSynchronized"] == first, "nobody was let in unattended"
    asked = visitor.post("/v1/update", {"redirectUrl": CALLBACK}).json()
    assert asked["status"] == "SupervisedLoginRequired"
    page = visitor.open(asked["authUrl"] + "&culture=da")
    assert "Forny dit login" in page.text
    back = visitor.come_back(visitor.click(page, "login"))
    assert back == {"consentId": visitor.consent_id}
    assert visitor.accounts()["Eurotili"]["lastSynchronized"].startswith("2026-11-01")
    assert visitor.open(asked["authUrl"]).status_code == 404, "the address is good once"


@pytest.mark.parametrize(
    ("way", "names"), [("bare", set()), ("code", {"code", "consentId"}), ("consent", {"consentId"})]
)
def test_what_a_renewed_login_brings_back_can_be_chosen(visitor, way, names):
    visitor.connect("FI_Koivupankki")
    visitor.bank.switches.update_return = way
    asked = visitor.post("/v1/update", {"redirectUrl": CALLBACK}).json()
    back = visitor.come_back(visitor.click(visitor.open(asked["authUrl"]), "login"))
    assert set(back) == names
    if "code" in back:
        grant = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": CALLBACK}
        assert visitor.token(**grant).status_code == 200


@pytest.mark.parametrize("days", [180, 90])
def test_a_bank_login_runs_out_and_is_renewed(visitor, days):
    visitor.bank.switches.sca_days = days
    visitor.connect()
    for _ in range(days // 10 - 1):
        visitor.bank.advance(days=10)
        assert visitor.renew().status_code == 200
    assert len(events(visitor, "ConnectionUpdateRequired")) == 0
    visitor.bank.advance(days=4)
    assert len(events(visitor, "ConnectionUpdateRequired")) == 1, "a week ahead"
    visitor.bank.advance(days=8)
    assert len(events(visitor, "ConnectionUpdateRequired")) == 2, "and when it has run out"
    visitor.renew()
    stale = visitor.accounts()["Driftskonto"]["lastSynchronized"]
    assert visitor.rows(), "what was fetched stays readable"
    asked = visitor.post("/v1/update", {"redirectUrl": CALLBACK}).json()
    assert asked["status"] == "SupervisedLoginRequired"
    visitor.click(visitor.open(asked["authUrl"]), "login")
    assert visitor.accounts()["Driftskonto"]["lastSynchronized"] > stale
    assert visitor.post("/v1/update", {"redirectUrl": CALLBACK}).json()["status"] == "AllQueued"


def test_a_reserved_row_is_booked_under_a_new_id(visitor):
    visitor.connect()
    visitor.bank.event("reserve", text="Kortkøb Testhus", amount_minor=-7550)
    visitor.bank.sync_now()
    (reserved,) = [row for row in visitor.rows() if row["originalText"] == "Kortkøb Testhus"]
    visitor.bank.event("book", transaction=reserved["id"])
    visitor.bank.sync_now()
    both = [row for row in visitor.rows(includeDeleted="true") if row["originalText"] == "Kortkøb Testhus"]
    assert {(row["state"], row["isDeleted"]) for row in both} == {("Reserved", True), ("Booked", False)}
    assert len({row["id"] for row in both}) == 2
    assert [row["state"] for row in visitor.rows() if row["originalText"] == "Kortkøb Testhus"] == ["Booked"]


def test_a_deleted_row_shows_only_when_asked_for(visitor):
    row = [row for row in visitor.connect().rows() if row["state"] == "Booked"][3]
    visitor.bank.event("delete", transaction=row["id"])
    visitor.bank.sync_now()
    assert row["id"] not in {each["id"] for each in visitor.rows()}
    assert {each["id"]: each["isDeleted"] for each in visitor.rows(includeDeleted="true")}[row["id"]] is True


def test_an_edited_text_and_a_backdated_row(visitor):
    row = next(row for row in visitor.connect().rows() if row["state"] == "Booked")
    visitor.bank.event("edit_text", transaction=row["id"], text="Rettet af banken")
    visitor.bank.event("insert_backdated", days_back=20, amount_minor=50_000)
    visitor.bank.sync_now()
    now = {each["id"]: each for each in visitor.rows()}[row["id"]]
    assert now["originalText"] == "Rettet af banken"
    assert round(now["balance"]["value"] - row["balance"]["value"], 2) == 500.00, "later balances moved along"
    assert "2026-10-11" in events(visitor, "AccountsUpdated")[-1].body.decode()


def test_a_reserved_row_far_in_the_future_is_real(visitor):
    visitor.connect()
    visitor.bank.event("far_future_reserved", days=500)
    visitor.bank.sync_now()
    assert (visitor.rows()[0]["state"], visitor.rows()[0]["date"]) == ("Reserved", "2028-03-14")


def test_an_orphaned_account_stays_but_gets_no_news(visitor):
    visitor.connect()
    visitor.bank.event("orphaned", account="skat")
    visitor.bank.sync_now()
    assert visitor.accounts()["Skat og moms"]["isOrphaned"] is True
    assert "Skat og moms" not in str(visitor.get("/v1/accounts", includeOrphaned="False").json())
    visitor.bank.event("orphaned", account="skat", on=False)
    visitor.bank.sync_now()
    assert visitor.accounts()["Skat og moms"]["isOrphaned"] is False
    assert events(visitor, "AccountsOrphaned") and events(visitor, "AccountsUnorphaned")


def test_what_a_bank_may_leave_out(visitor):
    visitor.connect()
    for mark in ("null_balances", "missing_iban"):
        visitor.bank.event(mark)
    visitor.bank.event("null_available", account="skat")
    visitor.bank.event("detail", provider="DK_Havbanken", on=False)
    visitor.bank.sync_now()
    bare, other = visitor.accounts()["Driftskonto"], visitor.accounts()["Skat og moms"]
    assert (bare["booked"], bare["available"], bare["bookedBalance"], bare["number"]["iban"]) == (None,) * 4
    assert other["available"] is None and other["booked"] is not None
    rows = visitor.rows()
    assert all(row["balance"] is None and row["detail"] is None for row in rows)


def test_a_removed_connection_is_told_and_left_alone(visitor):
    visitor.connect()
    visitor.bank.event("remove_connection")
    stale = visitor.accounts()["Driftskonto"]["lastSynchronized"]
    visitor.bank.advance(days=1)
    visitor.renew()
    assert visitor.accounts()["Driftskonto"]["lastSynchronized"] == stale
    assert events(visitor, "ConnectionRemoved")


@pytest.mark.parametrize(
    "order",
    [
        {"name": "earthquake"},
        {"name": "delete", "account": "gold"},
        {"name": "delete", "transaction": "none"},
    ],
)
def test_an_event_that_cannot_be_is_refused(visitor, order):
    with pytest.raises(UsageError):
        visitor.bank.event(**order)
    answer = visitor.http.post("/sandbox/event", json=order)
    assert answer.status_code == 400 and answer.json()["details"]["reason"]


def test_the_clock_never_goes_back(visitor):
    with pytest.raises(UsageError):
        visitor.bank.advance(days=-1)
    assert visitor.http.post("/sandbox/clock", json={"advance_days": -1}).status_code == 400
