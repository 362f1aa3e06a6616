"""Messages of the bank: believed only with the right signature, read only after it."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from recon.bank import webhooks
from recon.bank.webhooks import receive
from recon.errors import DataRefused
from recon.settings import Secret

# The test vector of the API reference (viia-api, section 8).
SECRET = Secret("sandbox-webhook-secret")
BODY = (
    b'{"syncDoneWebhook":{"consentId":"5b0c7c1e-2f0a-4c55-9a57-0d6a3f1c9e21",'
    b'"data":{"syncedAccountIds":["acc-1"]},"event":"SyncDone"}}'
)
STAMPS = {
    "X-Aiia-TimeStamp": "1717400000",
    "X-Aiia-EventId": "0f6f2f5e-6c1d-4b8e-9d53-6d6f2f1b7a10",
    "X-Aiia-Event": "SyncDone",
}
SENT = datetime(2024, 6, 3, 7, 33, 20, tzinfo=UTC)
OLD = {"X-Viia-Signature": "b91086c32d973fc198e56c841bbc3a1aad0dc1dea585092f0f36c9f92c706d34"}
NEW = STAMPS | {"X-Aiia-Signature": "2bd3def60e614d70c308f8c6f59a0c9cb8c95c723c17bd5e5be36ac71715c2bf"}


def signed(body: bytes) -> dict[str, str]:
    return {"X-Viia-Signature": hmac.new(SECRET.reveal().encode(), body, hashlib.sha256).hexdigest()}


def message(event: str, data: object, **more: object) -> bytes:
    return json.dumps({"someWebhook": {"consentId": "c1", "data": data, "event": event} | more}).encode()


def test_the_published_vector_holds():
    assert len(BODY) == 129
    new = receive(NEW, BODY, SECRET, SENT)
    assert (new.event, new.consent_id, new.account_ids) == (
        "SyncDone",
        "5b0c7c1e-2f0a-4c55-9a57-0d6a3f1c9e21",
        ("acc-1",),
    )
    assert new.event_id == STAMPS["X-Aiia-EventId"]
    assert new.sent_at == SENT
    assert new.proven_origin
    old = receive(STAMPS | OLD, BODY, SECRET, SENT)
    assert old.event_id.startswith(hashlib.sha256(BODY).hexdigest()), "the old scheme proves no header"
    assert not old.proven_origin
    assert receive(NEW | OLD, BODY, SECRET, SENT) == new
    assert receive({name.lower(): value for name, value in NEW.items()}, BODY, SECRET, SENT) == new


@pytest.mark.parametrize(
    ("why", "headers", "body", "secret"),
    [
        ("webhooks are off", NEW, BODY, None),
        ("webhooks are off", {}, BODY, None),
        ("not signed", {}, BODY, SECRET),
        ("not signed", STAMPS, BODY, SECRET),
        ("signature is wrong", NEW, BODY + b" ", SECRET),
        ("signature is wrong", OLD, BODY + b" ", SECRET),
        ("signature is wrong", NEW | {"X-Aiia-TimeStamp": "1717400001"}, BODY, SECRET),
        ("signature is wrong", NEW | {"X-Aiia-EventId": "another"}, BODY, SECRET),
        ("signature is wrong", NEW | {"X-Aiia-Event": "ConsentRevoked"}, BODY, SECRET),
        ("signature is wrong", NEW, BODY, Secret("another")),
        ("signature is wrong", NEW | {"X-Aiia-Signature": ""}, BODY, SECRET),
        ("signature is wrong", NEW | {"X-Aiia-Signature": "ü"}, BODY, SECRET),
        (
            "signature is wrong",
            OLD | {"X-Aiia-Signature": "00"},
            BODY,
            SECRET,
        ),  # no falling back to the old one
        ("signature is wrong", {"X-Aiia-Signature": OLD["X-Viia-Signature"]}, BODY, SECRET),
        ("longer than 64 KB", NEW, b"x" * (webhooks.MAX_BYTES + 1), SECRET),
    ],
)
def test_what_is_not_believed(why, headers, body, secret):
    with pytest.raises(DataRefused, match=why) as refused:
        receive(headers, body, secret, SENT)
    assert "b91086" not in refused.value.words
    assert "2bd3de" not in refused.value.words


@pytest.mark.parametrize(
    ("seconds", "believed"),
    [(0, True), (300, True), (-300, True), (301, False), (-301, False), (86_400, False)],
)
def test_a_signed_time_holds_for_five_minutes(seconds, believed):
    """A message that was caught and sent again later proves that it was sent once, not that it is news."""
    now = SENT + timedelta(seconds=seconds)
    if believed:
        assert receive(NEW, BODY, SECRET, now).proven_origin
    else:
        with pytest.raises(DataRefused, match="five minutes"):
            receive(NEW, BODY, SECRET, now)


def test_the_same_news_of_the_old_scheme_counts_again_later():
    """Its body holds no time: tomorrow's SyncDone is byte for byte today's, and still is news."""
    ids = [receive(OLD, BODY, SECRET, SENT + timedelta(seconds=s)).event_id for s in (0, 30, 86_400)]
    assert ids[0] == ids[1] != ids[2]


def test_the_time_is_looked_at_only_after_the_signature():
    with pytest.raises(DataRefused, match="signature is wrong"):
        receive(NEW | {"X-Aiia-TimeStamp": "1"}, BODY, SECRET, SENT)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'"x"',
        b'{"a":{},"b":{}}',
        b'{"a":null}',
        b'{"a":{"event":7}}',
        b"[" * 60_000,
    ],
)
def test_what_is_signed_and_still_no_message(body):
    with pytest.raises(DataRefused):
        receive(signed(body), body, SECRET, SENT)


MARCH = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "data", "expected"),
    [
        (
            "AccountsUpdated",
            {"changedAccounts": [{"accountId": "a"}, {"accountId": "b"}]},
            {"account_ids": ("a", "b")},
        ),
        ("SyncProgressUpdate", {"accountId": "a"}, {"account_ids": ("a",)}),
        (
            "ConnectionUpdateRequired",
            {"accountIds": ["a"], "expiresAt": "2027-03-01T00:00:00.000000000Z", "reason": None},
            {"account_ids": ("a",), "expires_at": MARCH, "reason": None},
        ),
        (
            "ConnectionRateLimited",
            {"accountIds": ["a"], "rateLimitedUntil": "2027-03-01T00:00:00Z"},
            {"rate_limited_until": MARCH},
        ),
        ("ConsentNeedsUpdate", {"reason": "terms"}, {"reason": "terms"}),
        ("ConsentRevoked", None, {"account_ids": (), "expires_at": None}),
        ("AccountsOrphaned", {"accountIds": ["a", 7, "a"]}, {"account_ids": ("a",)}),
        ("NobodyKnows", {"x": {"y": []}}, {"event": "NobodyKnows"}),
    ],
)
@pytest.mark.parametrize("pascal", [False, True])
def test_what_each_message_says(event, data, expected, pascal):
    body = message(event, data)
    if pascal:
        inner = {name[0].upper() + name[1:]: value for name, value in json.loads(body)["someWebhook"].items()}
        inner["Data"] = {n[0].upper() + n[1:]: v for n, v in data.items()} if data else data
        body = json.dumps({"someWebhook": inner}).encode()
    told = receive(signed(body), body, SECRET, SENT)
    assert (told.event, told.consent_id) == (event, "c1")
    assert {name: getattr(told, name) for name in expected} == expected


def test_a_payment_message_without_consent_is_read_and_can_be_ignored():
    body = b'{"paymentCreatedWebhook":{"event":"PaymentCreated","data":{}}}'
    assert receive(signed(body), body, SECRET, SENT).consent_id is None
