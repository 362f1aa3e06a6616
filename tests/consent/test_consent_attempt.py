"""A login attempt and its return: what is taken, and everything that is not."""

from datetime import UTC, datetime, timedelta

import pytest

from recon.consent import attempt as attempts
from recon.consent.attempt import Record, callback_query, check_callback, new_attempt, state_hash
from recon.errors import AttemptRefused

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONSENT = "5b0c7c1e-2f0a-4c55-9a57-0d6a3f1c9e21"
OK = {"code": "AAEC+wQF/w==", "consentId": CONSENT, "state": "right"}


def record(purpose="connect", **changes):
    plain = {
        "attempt_id": "a1",
        "purpose": purpose,
        "state_hash": state_hash("right"),
        "created_at": NOON,
        "expires_at": NOON + timedelta(minutes=10),
        "consent_id": None if purpose == "connect" else CONSENT,
    }
    return Record(**(plain | changes))


def test_an_attempt_has_enough_chance_in_it_and_shows_none():
    one, two = new_attempt(NOON, "connect"), new_attempt(NOON, "connect")
    assert len(one.state.reveal()) >= 43, "256 bits as URL-safe text"
    assert 43 <= len(one.verifier.reveal()) <= 128, "RFC 7636 section 4.1"
    assert one.state != two.state
    assert one.verifier != two.verifier
    assert one.attempt_id != two.attempt_id
    assert one.expires_at == NOON + timedelta(minutes=10)
    assert one.challenge == attempts.challenge(one.verifier.reveal())
    assert one.state.reveal() not in repr(one) + one.state_hash
    assert one.verifier.reveal() not in repr(one)


def test_chance_can_be_given():
    fixed = new_attempt(NOON, "renew", consent_id=CONSENT, random_text=lambda n: "x" * n)
    assert (fixed.state.reveal(), fixed.attempt_id, fixed.consent_id) == ("x" * 32, "x" * 12, CONSENT)


def test_the_challenge_is_that_of_the_rfc():
    """RFC 7636 appendix B."""
    assert (
        attempts.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


@pytest.mark.parametrize(
    ("purpose", "query", "outcome"),
    [
        ("connect", OK, "accepted"),
        ("renew", OK, "accepted"),
        ("connect", OK | {"state": ""}, "accepted"),  # the bank does not promise to echo the state
        ("connect", {"state": "right"}, "cancelled"),
        ("connect", {}, "cancelled"),  # nor to echo it on a failure
        ("connect", {"state": "right", "error": "access_denied"}, "cancelled"),
        ("update", OK, "accepted"),  # if a code does come, it is exchanged
        ("update", {}, "returned"),  # an update promises no parameters: wait for the data
        ("update", {"consentId": CONSENT}, "returned"),
        ("update", {"error": "access_denied"}, "cancelled"),
    ],
)
def test_returns_that_are_taken(purpose, query, outcome):
    came = check_callback(query, record(purpose), NOON + timedelta(minutes=9, seconds=59))
    assert came.outcome == outcome
    if outcome == "accepted":
        assert (came.code.reveal(), came.consent_id) == (OK["code"], CONSENT)
        assert OK["code"] not in repr(came)
    else:
        assert came.code is None


@pytest.mark.parametrize(
    ("why", "query", "attempt", "minutes"),
    [
        ("expects it", OK, None, 1),
        ("another login's mark", OK | {"state": "wrong"}, record(), 1),
        ("another login's mark", {"state": "wrong"}, record(), 1),  # a forged cancel, too
        ("taken already", OK, record(used_at=NOON), 1),
        ("taken already", {}, record(used_at=NOON), 1),
        ("within 10 minutes", OK, record(), 10),
        ("within 10 minutes", OK, record(), -1),
        ("no consent", {"code": "x", "state": "right"}, record(), 1),
        ("no consent", OK | {"consentId": "../../etc"}, record(), 1),
        ("another consent", OK | {"consentId": "other"}, record("update"), 1),
    ],
)
def test_returns_that_are_refused(why, query, attempt, minutes):
    with pytest.raises(AttemptRefused, match=why) as refused:
        check_callback(query, attempt, NOON + timedelta(minutes=minutes))
    assert "Nothing was linked" in refused.value.words
    assert OK["code"] not in refused.value.words


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (
            "https://app.example.dk/bank/callback?code=AAEC%2BwQF%2Fw%3D%3D&consentId=c&state=xyz",
            "AAEC+wQF/w==",
        ),
        (
            "https://app.example.dk/bank/callback?code=AAEC+wQF/w==&consentId=c",
            "AAEC+wQF/w==",
        ),  # "+" came bare
        ("  http://127.0.0.1:8501/oauth/return?consentId=c&code=abc#top ", "abc"),
    ],
)
def test_the_code_is_decoded_exactly_once(address, code):
    assert (
        check_callback(callback_query(address), record(state_hash=state_hash("xyz")), NOON).code.reveal()
        == code
    )


def test_an_address_that_names_a_thing_twice_is_refused():
    with pytest.raises(AttemptRefused, match="twice"):
        callback_query("https://app.example.dk/bank/callback?code=a&code=b&consentId=c")
