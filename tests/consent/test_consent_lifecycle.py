"""A consent's life in tables: status by dates, and what each message of the bank changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.consent.lifecycle import (
    Consent,
    apply_event,
    days_left,
    expires_at,
    linked,
    logged_in,
    needs_login,
    status_of,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = {"connecting", "active", "expiring", "needs_login", "expired", "revoked"}


def days(n: float) -> timedelta:
    return timedelta(days=n)


def consent(**changes) -> Consent:
    """Granted, linked and logged in ten days before NOON."""
    then = NOON - days(10)
    plain = Consent("c1", "Havbanken", granted_at=then, linked_at=then, last_login_at=then)
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("status", "left", "changes"),
    [
        ("active", 80, {}),
        ("active", 31, {"last_login_at": NOON - days(59)}),
        ("expiring", 30, {"last_login_at": NOON - days(60)}),
        ("expiring", 0, {"last_login_at": NOON - days(89.9)}),  # ends today, later
        ("expired", 0, {"last_login_at": NOON - days(90)}),  # the end itself is over
        ("expired", 0, {"last_login_at": NOON - days(400)}),
        ("active", 120, {"announced_expires_at": NOON + days(120)}),  # the bank's word beats our count
        ("expiring", 7, {"announced_expires_at": NOON + days(7)}),
        ("expired", 0, {"announced_expires_at": NOON - days(1)}),
        ("needs_login", 80, {"login_required_at": NOON - days(1)}),
        ("expired", 0, {"login_required_at": NOON, "last_login_at": NOON - days(91)}),
        ("needs_login", None, {"last_login_at": None}),  # the "unknown": a login answers it
        ("connecting", 80, {"linked_at": None}),
        ("connecting", None, {"granted_at": None, "linked_at": None, "last_login_at": None}),
        ("revoked", 80, {"revoked_at": NOON}),
        ("revoked", 0, {"revoked_at": NOON, "last_login_at": NOON - days(400), "login_required_at": NOON}),
    ],
)
def test_status_and_days_left(status, left, changes):
    it = consent(**changes)
    assert (status_of(it, NOON, 90), days_left(it, NOON, 90)) == (status, left)


def test_the_length_of_a_login_is_a_setting():
    assert expires_at(consent(), 90) == NOON + days(80)
    assert expires_at(consent(), 180) == NOON + days(170)


def test_days_are_counted_at_the_banks_calendar():
    """23:30 and 00:30 in Copenhagen are an hour and a day apart, though both are one day in UTC."""
    ends = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    late = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert days_left(consent(announced_expires_at=ends), late, 90) == 1


GONE = {"login_required_at": NOON}


@pytest.mark.parametrize(
    ("event", "details", "before", "after"),
    [
        ("ConnectionUpdateRequired", {"expires_at": NOON + days(20)}, {}, "expiring"),
        ("ConnectionUpdateRequired", {"expires_at": NOON + days(60)}, {}, "active"),
        ("ConnectionUpdateRequired", {"expires_at": NOON - days(1)}, {}, "expired"),
        ("ConnectionUpdateRequired", {}, {}, "needs_login"),  # no date: unattended access failed
        ("ConsentNeedsUpdate", {}, {}, "needs_login"),
        ("ConsentRevoked", {}, {}, "revoked"),
        ("ConnectionRemoved", {"account_ids": ["x", "y"]}, {}, "revoked"),  # all it had
        ("ConnectionRemoved", {"account_ids": ["x"]}, {}, "active"),  # one of two: the other goes on
        ("SyncDone", {"account_ids": ["x", "y"]}, {}, "active"),
        (
            "SyncDone",
            {"account_ids": ["x", "y"]},
            GONE,
            "needs_login",
        ),  # no message claims a login: data does
        ("AccountsUpdated", {"account_ids": ["x", "y"]}, GONE, "needs_login"),
        ("AccountsOrphaned", {"account_ids": ["x"]}, {}, "active"),
        ("PaymentCreated", {}, {}, "active"),
        ("SomethingNew", {}, {}, "active"),
    ],
)
def test_what_messages_change(event, details, before, after):
    at = NOON + timedelta(minutes=1)
    told = apply_event(consent(**before), event, at, own_account_ids=["x", "y"], **details)
    assert status_of(told, at, 90) == after


def test_without_knowing_the_accounts_nothing_is_concluded_from_a_part():
    before = consent(**GONE)
    at = NOON + days(1)
    assert apply_event(before, "ConnectionRemoved", at, account_ids=["x"]) == before
    assert apply_event(before, "SyncDone", at, account_ids=["x"]) == before


def test_late_and_reordered_messages_say_nothing_new():
    newer = apply_event(consent(), "ConnectionUpdateRequired", NOON, expires_at=NOON + days(3))
    older = apply_event(newer, "ConnectionUpdateRequired", NOON - days(1), expires_at=NOON + days(60))
    assert older == newer
    again = logged_in(newer, NOON + days(2))
    assert status_of(again, NOON + days(2), 90) == "active"
    for event in ("ConnectionUpdateRequired", "ConsentNeedsUpdate", "ConsentRevoked"):
        assert apply_event(again, event, NOON + days(1)) == again, "from before the login"


def test_a_login_ends_every_trouble_and_keeps_the_first_grant():
    it = needs_login(consent(revoked_at=NOON, announced_expires_at=NOON), NOON)
    fresh = logged_in(it, NOON + days(1))
    assert status_of(fresh, NOON + days(1), 90) == "active"
    assert fresh.granted_at == it.granted_at
    assert expires_at(fresh, 90) == NOON + days(91)


def test_a_new_consent_waits_for_the_person_to_confirm_its_accounts():
    fresh = logged_in(Consent("c1", "Havbanken"), NOON)
    assert status_of(fresh, NOON, 90) == "connecting"
    assert status_of(linked(fresh, NOON), NOON, 90) == "active"


INSTANTS = st.none() | st.integers(-10_000, 10_000).map(lambda hours: NOON + timedelta(hours=hours))
CONSENTS = st.builds(
    Consent, st.just("c1"), st.just("B"), INSTANTS, INSTANTS, INSTANTS, INSTANTS, INSTANTS, INSTANTS, INSTANTS
)
EVENTS = st.sampled_from(
    [
        "ConnectionUpdateRequired",
        "ConsentNeedsUpdate",
        "ConsentRevoked",
        "ConnectionRemoved",
        "SyncDone",
        "SyncProgressUpdate",
    ]
)


@given(CONSENTS, EVENTS, INSTANTS.filter(bool), INSTANTS)
def test_a_message_delivered_twice_changes_nothing_more(it, event, at, ends):
    details = {"expires_at": ends, "account_ids": ["x"], "own_account_ids": ["x"]}
    once = apply_event(it, event, at, **details)
    assert apply_event(once, event, at, **details) == once
    assert status_of(once, at, 90) in STATUSES
