"""An account with a seeded history over HTTP: scripted by events, its truth to be asked for, pages that move."""

from __future__ import annotations

import json
import urllib.request

import pytest

from recon.errors import UsageError
from recon.sandbox import running
from recon.sandbox.bank import SandboxBank

CLOCK = "2026-10-31T10:00:00Z"


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def test_a_test_scripts_a_history_and_reads_the_truth_over_http():
    with running(clock=CLOCK) as up:
        told = ask(f"{up.url}/sandbox/event", {"name": "history", "account": "drift", "seed": 3, "lines": 12})
        assert told["account"] == "drift"
        ask(f"{up.url}/sandbox/event", {"name": "live", "account": "drift"})
        truth = ask(f"{up.url}/sandbox/truth?account=drift")
        assert len(truth["rows"]) >= 12
        booked = sum(row["amount_minor"] for row in truth["rows"] if row["booked"])
        assert truth["balanceMinor"] == 100_000 + booked
        assert len({row["number"] for row in truth["rows"]}) == len(truth["rows"])


def test_a_history_goes_on_where_it_was_after_a_restart(tmp_path):
    state = tmp_path / "state.json"
    before = SandboxBank(clock=CLOCK, state=state)
    before.event("history", account="drift", seed=3, lines=12)
    for _ in range(5):
        before.event("live", account="drift")
    after = SandboxBank(state=state)
    assert after.bankside.histories["drift"].shown() == before.bankside.histories["drift"].shown()


def test_an_account_without_a_history_has_nothing_to_live():
    with pytest.raises(UsageError, match="no history"):
        SandboxBank(clock=CLOCK).event("live", account="drift")
