"""The notice: when it appears, how loud it is, and that it names bank and accounts in both languages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recon.consent.lifecycle import Consent
from recon.consent.notice import neglect, notice

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
GRANTED = Consent("c1", "Havbanken", granted_at=NOON, linked_at=NOON, last_login_at=NOON)
ACCOUNTS = ("Drift", "Løn")


@pytest.mark.parametrize(
    ("after", "level", "mark"),
    [
        (0, None, None),
        (59, None, None),
        (60, "info", 30),
        (75, "info", 30),
        (76, "warning", 14),
        (82, "warning", 14),
        (83, "warning", 7),
        (88, "warning", 7),
        (89, "error", 1),
        (90, "error", 0),
        (300, "error", 0),
    ],
)
def test_it_grows_louder_at_30_14_7_and_1_days(after, level, mark):
    told = notice(GRANTED, ACCOUNTS, NOON + timedelta(days=after), 90)
    assert (told and told.level, told and told.mark) == (level, mark)


@pytest.mark.parametrize(
    ("changes", "now", "language", "words"),
    [
        ({}, 76, "en", "Access to Havbanken (Drift and Løn) ends in 14 days, on 20 February 2027."),
        ({}, 89, "en", "ends tomorrow, on 20 February 2027."),
        ({}, 90, "en", "Access to Havbanken (Drift and Løn) ended on 20 February 2027."),
        ({}, 76, "da", "Adgangen til Havbanken (Drift og Løn) udløber om 14 dage, 20. februar 2027."),
        ({}, 89, "da", "udløber i morgen, 20. februar 2027."),
        ({}, 90, "da", "udløb 20. februar 2027."),
        (
            {"login_required_at": NOON},
            1,
            "en",
            "Havbanken wants you to log in before it gives more for Drift and",
        ),
        ({"login_required_at": NOON}, 1, "da", "Havbanken kræver, at du logger ind"),
        ({"last_login_at": None}, 1, "en", "Havbanken wants you to log in"),
        ({"revoked_at": NOON}, 1, "en", "was withdrawn"),
        ({"revoked_at": NOON}, 1, "da", "er trukket tilbage"),
        ({"announced_expires_at": NOON + timedelta(hours=5)}, 0, "en", "ends today"),
    ],
)
def test_words(changes, now, language, words):
    told = notice(replace(GRANTED, **changes), ACCOUNTS, NOON + timedelta(days=now), 90, language)
    assert words in told.words
    assert "Havbanken" in told.words
    assert "Løn" in told.words


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ({"revoked_at": NOON}, "connect"),
        ({"login_required_at": NOON}, "renew"),
        ({"last_login_at": None}, "renew"),
    ],
)
def test_the_button_that_helps(changes, action):
    assert notice(replace(GRANTED, **changes), ACCOUNTS, NOON, 90).action == action


def test_nothing_is_said_of_a_consent_that_is_still_being_connected():
    assert notice(replace(GRANTED, linked_at=None), (), NOON, 90) is None


@pytest.mark.parametrize(
    ("accounts", "named"),
    [
        ((), "no accounts"),
        (("A",), "(A)"),
        (("A", "B", "C"), "(A, B and C)"),
        (("A", "B", "C", "D", "E"), "(A, B, C and + 2)"),
    ],
)
def test_many_accounts_are_counted_not_listed(accounts, named):
    assert named in notice(GRANTED, accounts, NOON + timedelta(days=80), 90).words


@pytest.mark.parametrize(
    ("days", "sounds"), [(0, False), (6.9, False), (7, True), (13, True), (40, True), (None, False)]
)
@pytest.mark.parametrize("language", ["en", "da"])
def test_an_access_nobody_renewed_for_a_week_sounds_the_alarm(days, sounds, language):
    """A refresh token lives fourteen days; whoever stopped the program must hear of it before."""
    now = NOON + timedelta(days=50)
    renewed_at = None if days is None else now - timedelta(days=days)
    told = neglect(GRANTED, ACCOUNTS, renewed_at, now, 90, language)
    assert (told is not None) is sounds
    if told:
        assert told.level == "error"
        assert str(int(days)) in told.words and "Havbanken" in told.words
    assert neglect(replace(GRANTED, linked_at=None), ACCOUNTS, renewed_at, now, 90, language) is None
