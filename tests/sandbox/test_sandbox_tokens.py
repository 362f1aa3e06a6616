"""Codes, access and refresh tokens: how long, how often, for whom."""

from __future__ import annotations

import base64
import json

import pytest
from sandbox_visitor import CALLBACK, Visitor

from recon.sandbox import running


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_the_answer_has_the_documented_shape(visitor):
    back = visitor.walk()
    answer = visitor.token(grant_type="authorization_code", code=back["code"], redirect_uri=CALLBACK).json()
    assert set(answer) == {"access_token", "expires_in", "redirect_uri", "refresh_token", "token_type"}
    assert (answer["expires_in"], answer["token_type"], answer["redirect_uri"]) == (3600, "bearer", CALLBACK)
    access, refresh = claims(answer["access_token"]), claims(answer["refresh_token"])
    assert (access["role"], access["scopes"]) == ("ClientUser", "Accounts OfflineAccess")
    assert (refresh["role"], refresh["consentId"]) == ("RefreshToken", back["consentId"])
    assert access["exp"] - access["iat"] == 3600 and refresh["exp"] - refresh["iat"] == 14 * 86400


def test_a_code_works_once_and_for_a_minute(visitor):
    grant = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    code = visitor.walk()["code"]
    assert visitor.token(**grant, code=code).status_code == 200
    assert visitor.token(**grant, code=code).status_code == 400
    late = visitor.walk()["code"]
    visitor.bank.advance(seconds=61)
    assert visitor.token(**grant, code=late).status_code == 400


def test_a_code_holds_for_its_own_address_only(visitor):
    code = visitor.walk()["code"]
    wrong = visitor.token(grant_type="authorization_code", code=code, redirect_uri="http://localhost/other")
    assert wrong.status_code == 400


def test_property_names_may_come_in_any_case(visitor):
    body = {
        "Grant_Type": "authorization_code",
        "CODE": visitor.walk()["code"],
        "Redirect_Uri": CALLBACK,
        "scope": None,
    }
    assert visitor.token(**body).status_code == 200


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_a_client_must_prove_itself(visitor, secret):
    body = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = visitor.http.post("/v1/oauth/token", json=body, auth=(visitor.sandbox.client_id, secret))
    assert answer.status_code == 401 and answer.json()["error"] == "Unauthorized"


@pytest.mark.parametrize("body", [{}, {"grant_type": "password"}, {"grant_type": "refresh_token"}])
def test_a_grant_nobody_knows_is_refused(visitor, body):
    assert visitor.token(**body).status_code == 400


def test_an_access_token_lasts_an_hour_and_a_refresh_token_two_weeks(visitor):
    visitor.connect()
    visitor.bank.advance(minutes=59)
    assert visitor.get("/v1/accounts").status_code == 200
    visitor.bank.advance(minutes=2)
    assert visitor.get("/v1/accounts").status_code == 401
    assert visitor.renew().status_code == 200
    visitor.bank.advance(days=13, hours=23)
    assert visitor.renew().status_code == 200, "each refresh begins a new fortnight"
    visitor.bank.advance(days=14)
    assert visitor.renew().status_code == 400


def test_a_replaced_refresh_token_has_a_short_grace(visitor):
    old = visitor.connect().refresh
    assert visitor.renew().json()["redirect_uri"] is None
    assert visitor.refresh != old
    again = {"grant_type": "refresh_token", "refresh_token": old}
    assert visitor.token(**again).status_code == 200
    visitor.bank.advance(seconds=61)
    assert visitor.token(**again).status_code == 400
    assert visitor.renew().status_code == 200, "the newest still works"


def test_the_grace_can_be_switched_off(visitor):
    old = visitor.connect().refresh
    visitor.bank.switches.refresh_grace_seconds = 0
    visitor.renew()
    assert visitor.token(grant_type="refresh_token", refresh_token=old).status_code == 400


@pytest.mark.parametrize(
    "tampering", [lambda t: t[:-2] + "xx", lambda t: "a.b.c", lambda t: "x", lambda t: "Ærlig"]
)
def test_a_token_we_did_not_sign_opens_nothing(visitor, tampering):
    visitor.connect()
    answer = visitor.http.get(
        "/v1/accounts", headers={b"Authorization": f"Bearer {tampering(visitor.access)}".encode()}
    )
    assert answer.status_code == 401
    assert (
        visitor.token(grant_type="refresh_token", refresh_token=tampering(visitor.refresh)).status_code == 400
    )


def test_a_refresh_token_does_not_read_and_an_access_token_does_not_refresh(visitor):
    visitor.connect()
    assert visitor.token(grant_type="refresh_token", refresh_token=visitor.access).status_code == 400
    visitor.access = visitor.refresh
    assert visitor.get("/v1/accounts").status_code == 401


def test_without_offline_access_everything_ends_after_a_day(visitor):
    visitor.connect(scope="accounts")
    visitor.bank.advance(hours=23)
    assert visitor.renew().status_code == 200 and visitor.get("/v1/accounts").status_code == 200
    visitor.bank.advance(hours=1)
    assert visitor.get("/v1/accounts").status_code == 401
    assert visitor.renew().status_code == 400


def test_without_the_scope_accounts_nothing_is_shown(visitor):
    assert visitor.connect(scope="offline_access").get("/v1/accounts").status_code == 403


def test_a_revoked_consent_is_dead_at_once(visitor):
    visitor.connect()
    visitor.bank.event("revoke_consent")
    assert visitor.get("/v1/accounts").status_code == 401
    assert visitor.renew().status_code == 400


def test_a_restart_keeps_consents_tokens_and_the_books_day(tmp_path):
    file = tmp_path / "state" / "sandbox.json"
    with running(clock="2026-10-31T10:00:00Z", state=file) as up:
        first = Visitor(up).connect()
        up.bank.event("delete")
        up.bank.sync_now()
        rows = first.rows(includeDeleted="true")
        up.bank.advance(days=1)
    assert file.stat().st_mode & 0o777 == 0o600
    with running(state=file, client_secret="another since") as up:
        again = Visitor(up)
        again.access, again.refresh = first.access, first.refresh
        assert up.bank.books.as_of.isoformat() == "2026-10-31"
        assert up.bank.clock.today().isoformat() == "2026-11-01"
        assert again.renew().status_code == 200
        kept = {row["id"]: row for row in again.rows(includeDeleted="true")}
        assert all(kept[row["id"]]["transactionAmount"] == row["transactionAmount"] for row in rows)
        assert sum(row["isDeleted"] for row in kept.values()) >= 1
    assert up.client_secret not in file.read_text()
