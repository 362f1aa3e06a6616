"""Webhooks: signed both ways, sent beside the work, again until taken, and as badly as ordered."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sandbox_visitor import Visitor

from recon.sandbox import running
from recon.sandbox.webhooks import TRIES, body_of, signatures

SECRET = "sandbox-webhook-secret"


class Receiver:
    """An address on loopback that takes webhooks; `refuse` so many first, `slow` for so long."""

    def __init__(self):
        self.got, self.refuse, self.slow = [], 0, 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(receiver.slow)
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                receiver.refuse -= 1
                self.send_response(503 if receiver.refuse >= 0 else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/viia"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def wait(self, count):
        deadline = time.monotonic() + 5
        while len(self.got) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.got) >= count, [body for _, body in self.got]
        return self.got

    def events(self):
        return [headers["x-aiia-event"] for headers, _ in self.got]


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def told(receiver, address):
    address.begin_again(clock="2026-10-31T10:00:00Z", webhook_url=receiver.url, webhook_secret=SECRET)
    return Visitor(address).connect()


def test_the_documented_test_vector():
    body = (
        b'{"syncDoneWebhook":{"consentId":"5b0c7c1e-2f0a-4c55-9a57-0d6a3f1c9e21",'
        b'"data":{"syncedAccountIds":["acc-1"]},"event":"SyncDone"}}'
    )
    assert (
        body_of("SyncDone", "5b0c7c1e-2f0a-4c55-9a57-0d6a3f1c9e21", {"syncedAccountIds": ["acc-1"]}) == body
    )
    assert signatures(SECRET, "1717400000", "0f6f2f5e-6c1d-4b8e-9d53-6d6f2f1b7a10", "SyncDone", body) == (
        "b91086c32d973fc198e56c841bbc3a1aad0dc1dea585092f0f36c9f92c706d34",
        "2bd3def60e614d70c308f8c6f59a0c9cb8c95c723c17bd5e5be36ac71715c2bf",
    )


def test_a_first_sync_is_told_with_both_signatures(told, receiver):
    receiver.wait(4)
    assert receiver.events() == ["SyncProgressUpdate", "SyncProgressUpdate", "AccountsUpdated", "SyncDone"]
    for headers, body in receiver.got:
        old, new = signatures(
            SECRET, headers["x-aiia-timestamp"], headers["x-aiia-eventid"], headers["x-aiia-event"], body
        )
        assert (headers["x-viia-signature"], headers["x-aiia-signature"]) == (old, new)
        assert (
            headers["content-type"] == "application/json;charset=UTF-8"
            and headers["x-aiia-timeout"] == "5000"
        )
    ((wrapper, inner),) = json.loads(receiver.got[2][1]).items()
    assert wrapper == "accountsUpdatedWebhook" and inner["consentId"] == told.consent_id
    changed = inner["data"]["changedAccounts"][0]
    assert (
        changed["transactionsChanged"] and changed["oldestTransactionChangedAt"] in changed["transactionSpan"]
    )


@pytest.mark.parametrize(
    ("name", "wrapper"),
    [
        ("revoke_consent", "consentRevokedWebhook"),
        ("consent_needs_update", "consentNeedsUpdateWebhook"),
        ("rate_limited", "connectionRateLimitedWebhook"),
        ("remove_connection", "connectionRemovedWebhook"),
    ],
)
def test_what_happens_to_a_consent_is_told(told, receiver, name, wrapper):
    receiver.wait(4)
    told.bank.event(name)
    assert list(json.loads(receiver.wait(5)[4][1])) == [wrapper]


@pytest.mark.parametrize(
    ("signing", "present"),
    [
        ("old", {"x-viia-signature"}),
        ("new", {"x-aiia-signature"}),
        ("none", set()),
        ("bad", {"x-viia-signature", "x-aiia-signature"}),
    ],
)
def test_signatures_can_be_left_out_or_wrong(told, receiver, signing, present):
    receiver.wait(4)
    told.bank.postman.manners.signing = signing
    told.bank.event("rate_limited")
    headers, body = receiver.wait(5)[4]
    assert {name for name in headers if name.endswith("-signature")} == present
    old, _ = signatures(SECRET, "", "", "", body)
    assert (headers.get("x-viia-signature") == old) is (signing == "old")


def test_copies_and_the_wrong_order(told, receiver):
    receiver.wait(4)
    told.bank.postman.manners.copies, told.bank.postman.manners.reverse = 2, True
    told.bank.sync_now()
    receiver.wait(10)
    assert receiver.events()[4:] == ["SyncDone"] * 2 + ["SyncProgressUpdate"] * 4
    ids = [headers["x-aiia-eventid"] for headers, _ in receiver.got[4:]]
    assert ids[0] == ids[1] and len(set(ids)) == 3


def test_inner_keys_as_in_2019(told, receiver):
    receiver.wait(4)
    told.bank.postman.manners.pascal = True
    told.bank.event("revoke_consent")
    inner = json.loads(receiver.wait(5)[4][1])["consentRevokedWebhook"]
    assert inner == {"ConsentId": told.consent_id, "Data": None, "Event": "ConsentRevoked"}


def test_what_is_not_taken_comes_again_later_and_later(told, receiver):
    receiver.wait(4)
    receiver.refuse = 2
    told.bank.event("rate_limited")
    receiver.wait(5)
    for seconds in (31, 61):
        before = len(receiver.got)
        told.bank.advance(seconds=seconds)
        receiver.wait(before + 1)
    last = told.bank.postman.deliveries[-1]
    assert last.done and last.answers == [503, 503, 200]
    bodies = [body for _, body in receiver.got[4:]]
    assert len(set(bodies)) == 1 and len({h["x-aiia-eventid"] for h, _ in receiver.got[4:]}) == 1


def test_it_gives_up_after_twenty_tries(told, receiver):
    receiver.wait(4)
    receiver.refuse = 100
    told.bank.event("rate_limited")
    delivery = told.bank.postman.deliveries[-1]
    for count in range(1, TRIES + 1):
        receiver.wait(4 + count)
        deadline = time.monotonic() + 2
        while len(delivery.answers) < count and time.monotonic() < deadline:
            time.sleep(0.005)
        told.bank.clock.ahead += (
            delivery.due - told.bank.clock.now() if count < TRIES else told.bank.clock.ahead * 0
        )
        told.bank.postman.wake()
    assert delivery.done and len(delivery.answers) == TRIES


def test_a_slow_receiver_holds_up_nobody(told, receiver):
    receiver.wait(4)
    receiver.slow = 1.0
    began = time.monotonic()
    told.bank.event("rate_limited")
    assert told.get("/v1/accounts").status_code == 200
    assert time.monotonic() - began < 0.5


def test_nobody_there_is_no_harm():
    with running(webhook_url="http://127.0.0.1:1/nobody", webhook_secret=SECRET) as up:
        visitor = Visitor(up).connect()
        assert visitor.get("/v1/accounts").status_code == 200


def test_the_outbox_can_be_looked_at(visitor):
    visitor.connect()
    sent = visitor.http.get("/sandbox/webhooks").json()["deliveries"]
    assert [each["event"] for each in sent][-1] == "SyncDone" and not sent[-1]["done"]
