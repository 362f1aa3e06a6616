"""A person connects a bank by clicking; the program gets a code, once, for itself only."""

from __future__ import annotations

import base64
import hashlib

import pytest
from sandbox_visitor import CALLBACK, Form


def test_the_whole_way_through_the_pages(visitor):
    page = visitor.start()
    assert "Sandbox bank" in page.text
    assert {"bank-DK_Havbanken", "bank-DK_Fjordbank", "bank-FI_Koivupankki", "cancel"} <= Form(page).ids
    page = visitor.click(page, "bank-DK_Havbanken")
    assert {"username", "password", "login"} <= Form(page).ids
    page = visitor.click(page, "login")
    assert Form(page).fields["account"] == ["drift", "skat"]
    back = visitor.come_back(visitor.click(page, "accept"))
    assert set(back) == {"code", "consentId", "state"} and back["state"] == "s-1"


def test_cancelling_anywhere_brings_back_the_state_alone(visitor):
    first = visitor.start()
    second = visitor.click(first, "bank-DK_Havbanken")
    assert visitor.come_back(visitor.click(second, "cancel")) == {"state": "s-1"}
    assert visitor.come_back(visitor.click(visitor.start(), "cancel")) == {"state": "s-1"}
    visitor.bank.fault("cancel_without_state")
    assert visitor.click(visitor.start(), "cancel").headers["location"] == CALLBACK


def test_only_the_ticked_accounts_are_shared(visitor):
    visitor.connect(accounts=["skat"])
    assert list(visitor.accounts()) == ["Skat og moms"]
    answer = visitor.get(f"/v1/consent/{visitor.consent_id}/all-accounts-selected")
    assert answer.json() == {"allAccountsSelected": False}
    assert visitor.get("/v1/consent/another/all-accounts-selected").status_code == 403


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"providers": "FI"}, {"FI_Koivupankki"}),
        ({"providers": "DK,fi_koivupankki"}, {"DK_Havbanken", "DK_Fjordbank", "FI_Koivupankki"}),
        ({"providers": "DK_Fjordbank"}, {"DK_Fjordbank"}),
    ],
)
def test_the_bank_list_can_be_narrowed(visitor, query, shown):
    attempt = visitor.bank.start_attempt(
        {"client_id": "recon-sandbox", "response_type": "code", "redirect_uri": CALLBACK} | query
    )
    assert {house.id for house in attempt.houses} == shown


def test_a_chosen_bank_and_account_come_prefilled(visitor):
    number = visitor.bank.books.account("skat").iban
    page = visitor.start(providerId="DK_Havbanken", bank_account_numbers=number, email="bo@example.dk")
    form = Form(page)
    assert "login" in form.buttons and form.fields["username"] == ["bo@example.dk"]
    assert Form(visitor.click(page, "login")).fields["account"] == ["skat"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"client_id": "somebody"}, "client"),
        ({"response_type": "token"}, "response_type"),
        ({"redirect_uri": "https://elsewhere.example/cb"}, "registered"),
        ({"redirect_uri": None}, "registered"),
        ({"scope": "accounts everything"}, "scope"),
        ({"providerId": "DK_Nowhere"}, "bank"),
        ({"bank_account_numbers": "DK1"}, "providerId"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "S256"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(visitor, query, named):
    answer = visitor.start(**query)
    assert answer.status_code == 400
    assert named in answer.json()["details"]["reason"]


def test_registered_addresses_beat_loopback(sandbox, visitor):
    sandbox.bank.redirect_uris = ["https://app.example.dk/cb"]
    assert visitor.start().status_code == 400
    assert visitor.start(redirect_uri="https://app.example.dk/cb").status_code == 200


def test_a_password_of_letters_and_no_account_are_sent_back(visitor):
    page = visitor.click(visitor.start(), "bank-DK_Havbanken")
    wrong = visitor.click(page, "login", password="hunter2")
    assert wrong.status_code == 422 and "digits only" in wrong.text
    page = visitor.click(wrong, "login", password="77")
    none = visitor.click(page, "accept", account=[])
    assert none.status_code == 422 and "at least one" in none.text


def test_what_is_typed_is_shown_as_text(visitor):
    page = visitor.start(providerId="DK_Havbanken", email='"><script>alert(1)</script>')
    assert "<script>" not in page.text and "&lt;script&gt;" in page.text


def test_an_ended_login_says_so(visitor):
    page = visitor.start()
    visitor.click(page, "cancel")
    gone = visitor.click(page, "cancel")
    assert gone.status_code == 404 and "Start again" in gone.text


def test_pkce_is_asked_for_when_it_was_announced(visitor):
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()

    def code():
        return visitor.walk(code_challenge=challenge, code_challenge_method="S256")["code"]

    grant = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    assert visitor.token(**grant, code=code()).status_code == 400
    assert visitor.token(**grant, code=code(), code_verifier="w" * 50).status_code == 400
    assert visitor.token(**grant, code=code(), code_verifier=verifier).status_code == 200


def test_the_pages_speak_danish(visitor):
    assert "Vælg din bank" in visitor.start(culture="da").text


def test_a_reconnect_keeps_or_changes_the_ids_as_switched(visitor):
    visitor.connect()
    first, account = visitor.consent_id, visitor.accounts()["Driftskonto"]["id"]
    visitor.connect(consentId=first)
    assert (visitor.consent_id, visitor.accounts()["Driftskonto"]["id"]) == (first, account)
    visitor.bank.switches.same_consent_on_reconnect = False
    visitor.bank.switches.same_accounts_on_reconnect = False
    visitor.connect(consentId=first)
    assert visitor.consent_id != first and visitor.accounts()["Driftskonto"]["id"] != account


def test_another_user_name_gives_other_account_ids(visitor):
    first = visitor.connect().accounts()["Driftskonto"]["id"]
    assert visitor.connect(username="mette").accounts()["Driftskonto"]["id"] != first


def test_a_group_named_at_connecting_is_kept(visitor):
    visitor.connect(accountsGroupId="g 1", accountsGroupName="Drift & co")
    shown = visitor.accounts()["Driftskonto"]
    assert (shown["groupId"], shown["groupName"]) == ("g 1", "Drift & co")
    assert visitor.get("/v1/accounts", accountsGroupId="other").json() == {"accounts": []}
