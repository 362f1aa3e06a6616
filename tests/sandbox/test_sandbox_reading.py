"""Accounts, transactions, banks: shapes, exact money, pages."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from itertools import pairwise

import pytest
from sandbox_visitor import Form

from recon.sandbox.grants import is_loopback


def test_providers_are_open_in_version_one_and_need_the_client_in_two(visitor):
    listed = visitor.http.get("/v1/providers").json()
    assert [set(bank) for bank in listed] == [{"id", "name", "countryCode"}] * 3
    assert visitor.http.get("/v2/providers").status_code == 401
    client = (visitor.sandbox.client_id, visitor.sandbox.client_secret)
    assert {bank["id"] for bank in visitor.http.get("/v2/providers", auth=client).json()} == {
        b["id"] for b in listed
    }
    assert visitor.http.get("/v2/providers/DK_Fjordbank", auth=client).json()["countryCode"] == "DK"
    assert visitor.http.get("/v2/providers/DK_None", auth=client).status_code == 404


def test_an_account_tells_what_the_books_know(visitor):
    account = visitor.connect().accounts()["Driftskonto"]
    own = visitor.bank.books.account("drift")
    assert account["number"]["iban"] == own.iban
    assert account["number"]["bbanParsed"] == {"accountNumber": own.number, "bankCode": own.bank_code}
    assert account["booked"]["value"] == account["bookedBalance"]
    assert account["accountProvider"]["id"] == "DK_Havbanken"
    assert re.fullmatch(r"2026-10-31T10:00:0\d\.\d{9}Z", account["lastSynchronized"])
    alone = visitor.get(visitor.account_path()).json()
    assert alone == account, "one account comes unwrapped"


def test_money_is_written_exactly_with_two_decimals(visitor):
    raw = visitor.connect().get(f"{visitor.account_path()}/transactions", pageSize=300).content.decode()
    values = re.findall(r'"(?:value|amount)":(-?[\d.]+)', raw)
    assert len(values) > 500 and all(re.fullmatch(r"-?\d+\.\d\d", value) for value in values)
    rows = json.loads(raw, parse_float=Decimal)["transactions"]
    truth = {line.id: line.amount_minor for line in visitor.bank.books.lines["drift"]}
    booked = [row for row in rows if row["state"] == "Booked"]
    assert all(row["transactionAmount"]["value"] * 100 == truth[row["id"]] for row in booked)


def test_the_running_balance_joins_up_from_row_to_row(visitor):
    booked = [row for row in visitor.connect().rows() if row["state"] == "Booked"]
    steps = list(pairwise(booked))
    assert len(steps) > 400
    for newer, older in steps:
        gap = Decimal(str(newer["balance"]["value"])) - Decimal(str(newer["transactionAmount"]["value"]))
        assert gap == Decimal(str(older["balance"]["value"]))


@pytest.mark.parametrize("size", [1000, 97, 50])
def test_pages_of_any_size_make_the_same_whole_newest_first(visitor, size):
    visitor.connect()
    rows = visitor.rows(pageSize=size)
    assert len({row["id"] for row in rows}) == len(rows)
    assert rows == visitor.rows(pageSize=311)
    assert [row["date"] for row in rows] == sorted((row["date"] for row in rows), reverse=True)


def test_fifty_rows_are_a_page_unless_asked_otherwise(visitor):
    page = visitor.connect().get(f"{visitor.account_path()}/transactions").json()
    assert len(page["transactions"]) == 50 and page["pagingToken"]


def test_the_last_page_has_no_token(visitor):
    page = visitor.connect().get(f"{visitor.account_path('Skat og moms')}/transactions", pageSize=500).json()
    assert page["pagingToken"] is None


def test_query_by_post_filters_interval_amount_and_balance(visitor):
    path = f"{visitor.connect().account_path()}/transactions/query"
    interval = "2026-09-01T00:00:00Z/2026-10-01T00:00:00Z"
    body = {
        "Interval": interval,
        "PageSize": 500,
        "AmountValueBetween": {"min": -5000, "max": 0},
        "pagingToken": None,
    }
    rows = visitor.post(path, body).json()["transactions"]
    assert rows and all("2026-09-01" <= row["date"] < "2026-10-01" for row in rows)
    assert all(-5000 <= row["amount"] <= 0 for row in rows)
    expected = [
        row["id"]
        for row in visitor.rows()
        if "2026-09-01" <= row["date"] < "2026-10-01" and -5000 <= row["amount"] <= 0
    ]
    assert [row["id"] for row in rows] == expected


def test_a_token_holds_for_its_own_filter_only(visitor):
    path = f"{visitor.connect().account_path()}/transactions/query"
    token = visitor.post(path, {"pageSize": 5}).json()["pagingToken"]
    assert visitor.post(path, {"pageSize": 5, "pagingToken": token}).status_code == 200
    other = {"pageSize": 5, "pagingToken": token, "interval": "2026-09-01T00:00:00Z/2026-10-01T00:00:00Z"}
    assert visitor.post(path, other).status_code == 400


@pytest.mark.parametrize("token", ["nonsense", "AAAA", "q83vEjRWeJA", "æ"])
def test_a_token_nobody_gave_out_is_a_400(visitor, token):
    answer = visitor.connect().get(f"{visitor.account_path()}/transactions", pagingToken=token)
    assert answer.status_code == 400
    assert answer.json()["details"]["validationErrors"] == {"pagingToken": ["invalid"]}


@pytest.mark.parametrize(
    "body",
    [{"interval": "yesterday"}, {"interval": "2026-01-01"}, {"pageSize": "many"}, {"pageSize": 0}, [1]],
)
def test_a_query_that_makes_no_sense_is_a_400(visitor, body):
    assert visitor.connect().post(f"{visitor.account_path()}/transactions/query", body).status_code == 400


def test_one_transaction_and_none(visitor):
    row = visitor.connect().rows()[5]
    path = f"{visitor.account_path()}/transactions"
    assert visitor.get(f"{path}/{row['id']}").json() == row
    assert visitor.get(f"{path}/none").status_code == 404
    assert visitor.get("/v1/accounts/none").status_code == 404
    assert visitor.get("/v1/accounts/none/transactions").status_code == 404


def test_each_bank_has_its_own_habits(visitor):
    full = visitor.connect("DK_Havbanken").rows()
    assert all(row["detail"] for row in full)
    assert any(row["detail"]["identifiers"]["creditorReference"] for row in full)
    short = visitor.connect("DK_Fjordbank").rows("Webshopkonto")
    assert all(row["detail"] is None for row in short)
    texts = [row["originalText"] for row in short]
    assert all(len(text) <= 20 and text == text.upper() and not set(text) & set("ÆØÅ") for text in texts)
    finnish = visitor.connect("FI_Koivupankki")
    assert finnish.accounts()["Eurotili"]["currency"] == "EUR"
    assert any(row["detail"]["identifiers"]["finnishReference"] for row in finnish.rows("Eurotili"))


def test_sentinels_and_strange_fields_are_there(visitor):
    visitor.connect()
    assert visitor.rows()[0]["creationDate"] == "0001-01-01T00:00:00"
    assert "sandboxNote" in visitor.accounts()["Driftskonto"]


def test_card_purchases_are_reserved_first(visitor):
    lines = visitor.bank.books.lines["drift"]
    line = next(
        line for line in lines if line.reserved_from and line.reserved_from > visitor.bank.books.as_of
    )
    visitor.bank.advance(days=(line.reserved_from - visitor.bank.books.as_of).days)
    visitor.connect()
    reserved = [row for row in visitor.rows() if row["state"] == "Reserved"]
    assert line.text in [row["originalText"] for row in reserved]
    assert all(row["balance"] is None and row["id"] != line.id for row in reserved)
    visitor.bank.advance(days=(line.booking_date - line.reserved_from).days)
    visitor.renew()
    states = {row["id"]: row["state"] for row in visitor.rows()}
    assert states[line.id] == "Booked" and not set(states) & {
        row["id"] for row in reserved if row["originalText"] == line.text
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/nothing"), ("GET", "/v1/update"), ("DELETE", "/v1/providers"), ("GET", "/v1/consents")],
)
def test_addresses_the_api_lacks_are_refused_in_its_own_shape(visitor, method, path):
    answer = visitor.http.request(method, path)
    assert answer.status_code in (404, 405) and set(answer.json()) == {"error", "details"}


def test_the_correlation_id_comes_back_and_may_not_be_too_long(visitor):
    said = visitor.http.get("/v1/providers", headers={"X-Correlation-Id": "|abc."})
    assert said.headers["X-Correlation-Id"] == "|abc."
    assert visitor.http.get("/v1/providers", headers={"X-Correlation-Id": "x" * 1001}).status_code == 400


def test_a_repeated_request_id_gets_the_first_answer(visitor):
    visitor.connect("FI_Koivupankki")
    body = {"redirectUrl": "http://127.0.0.1:1/bank/callback"}
    first, again = (visitor.post("/v1/update", body, **{"X-Request-Id": "r1"}).json() for _ in range(2))
    assert first == again and first["authUrl"]
    assert visitor.post("/v1/update", body, **{"X-Request-Id": "r2"}).json() != first


def test_every_page_is_free_of_outside_addresses(visitor):
    page = visitor.start()
    for button in ("bank-DK_Havbanken", "login"):
        assert "http" not in page.text.replace(visitor.sandbox.url, "")
        page = visitor.click(page, button)
    assert "http" not in page.text and "accept" in Form(page).buttons


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("http://127.0.0.1:8/x", True),
        ("http://localhost", True),
        ("http://[::1]:9", True),
        ("http://127.0.0.1.evil.dk", False),
        ("", False),
    ],
)
def test_what_counts_as_loopback(address, ours):
    assert is_loopback(address) is ours
