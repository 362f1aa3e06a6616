"""What can be told to go wrong goes wrong just as often as told, and then no more."""

from __future__ import annotations

import json
import time

import pytest
from sandbox_visitor import CALLBACK

from recon.errors import UsageError
from recon.sandbox.faults import NAMES


@pytest.mark.parametrize(
    ("name", "status", "retry_after"),
    [
        ("unauthorized", 401, None),
        ("forbidden", 403, None),
        ("not_found", 404, None),
        ("conflict", 409, None),
        ("rate_limited", 429, "30"),
        ("rate_limited_bare", 429, None),
        ("server_error", 500, None),
    ],
)
def test_reading_fails_twice_and_then_works(visitor, name, status, retry_after):
    visitor.connect()
    visitor.http.post("/sandbox/fault", json={"name": name, "times": 2, "path": "/v1/accounts"})
    for _ in range(2):
        answer = visitor.get("/v1/accounts")
        assert answer.status_code == status and answer.headers.get("retry-after") == retry_after
    assert visitor.get("/v1/accounts").status_code == 200


def test_a_server_error_is_html_and_shows_its_insides(visitor):
    visitor.connect().bank.fault("server_error")
    answer = visitor.get("/v1/accounts")
    assert "text/html" in answer.headers["content-type"] and "<pre>" in answer.text


def test_a_truncated_answer_says_200_and_is_no_json(visitor):
    visitor.connect().bank.fault("truncated")
    answer = visitor.get("/v1/accounts")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_slow_answer_is_slow_and_right(visitor):
    visitor.connect().bank.fault("slow", seconds=0.3)
    began = time.monotonic()
    assert visitor.get("/v1/accounts").status_code == 200
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("status", [400, 401])
def test_refreshing_can_fail_both_ways(visitor, status):
    visitor.connect().bank.fault(f"refresh_{status}")
    assert visitor.renew().status_code == status
    assert visitor.renew().status_code == 200


def test_a_path_keeps_a_fault_to_its_place(visitor):
    visitor.connect().bank.fault("server_error", path="/oauth/token")
    assert visitor.get("/v1/accounts").status_code == 200
    assert visitor.renew().status_code == 500


def test_paging_tokens_misbehave(visitor):
    path = f"{visitor.connect().account_path()}/transactions"
    first = visitor.get(path, pageSize=5).json()["pagingToken"]
    visitor.bank.fault("paging_token_invalid")
    assert visitor.get(path, pageSize=5, pagingToken=first).status_code == 400
    visitor.bank.fault("paging_token_repeated")
    assert visitor.get(path, pageSize=5, pagingToken=first).json()["pagingToken"] == first
    assert visitor.get(path, pageSize=5, pagingToken=first).json()["pagingToken"] != first


def test_an_update_may_answer_what_nobody_knows(visitor):
    visitor.connect().bank.fault("update_unknown_status")
    assert visitor.post("/v1/update", {"redirectUrl": CALLBACK}).json()["status"] not in (
        "AllQueued",
        "SupervisedLoginRequired",
    )


def test_a_renewed_login_may_return_bare(visitor):
    visitor.connect("FI_Koivupankki").bank.fault("update_return_bare")
    asked = visitor.post("/v1/update", {"redirectUrl": CALLBACK}).json()
    assert visitor.come_back(visitor.click(visitor.open(asked["authUrl"]), "login")) == {}


def test_faults_can_last_and_be_cleared(visitor):
    visitor.connect().bank.fault("forbidden", times=None)
    assert [visitor.get("/v1/accounts").status_code for _ in range(3)] == [403] * 3
    assert visitor.http.post("/sandbox/fault", json={"clear": True}).json()["waiting"] == []
    assert visitor.get("/v1/accounts").status_code == 200


def test_a_fault_nobody_knows_is_refused(visitor):
    with pytest.raises(UsageError, match="earthquake"):
        visitor.bank.fault("earthquake")
    assert set(visitor.http.get("/sandbox/fault").json()["names"]) == set(NAMES)


def test_orders_must_be_json(visitor):
    assert visitor.http.post("/sandbox/fault", content="name=forbidden").status_code == 400


def test_switches_can_be_read_and_set_and_no_others(visitor):
    told = visitor.http.post("/sandbox/settings", json={"sca_days": 90, "webhook": {"signing": "old"}}).json()
    assert (told["sca_days"], told["webhook"]["signing"]) == (90, "old")
    assert visitor.bank.switches.sca_days == 90
    assert visitor.http.post("/sandbox/settings", json={"gravity": 0}).status_code == 400
    assert (
        visitor.http.post("/sandbox/settings", json={"webhook": {"url": "https://a.example"}}).status_code
        == 400
    )


def test_consents_can_be_looked_at(visitor):
    visitor.connect()
    (consent,) = visitor.http.get("/sandbox/consents").json()["consents"]
    assert consent["consentId"] == visitor.consent_id and consent["alive"]
    assert consent["connections"][0]["accounts"].keys() == {"drift", "skat"}
    assert visitor.refresh not in str(consent)
