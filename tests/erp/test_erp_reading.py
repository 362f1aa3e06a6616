"""What ERPs answer becomes rows of the template: whole lists, exact amounts, nothing written."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import polars as pl
import pytest

from recon.bank.limits import Limits
from recon.documents import COLUMNS, read_erp_rows
from recon.erp import ERPS, access, read_documents_of
from recon.errors import (
    AnswerMalformed,
    BankError,
    BankUnavailable,
    DataRefused,
    FetchIncomplete,
    RateLimited,
    ReconError,
    SettingMissing,
    UsageError,
)
from recon.settings import Secret
from tests.erp.erp_stub import TOKENS, Books, served

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def secrets(name: str) -> dict[str, Secret]:
    return {tail: Secret(text) for tail, text in TOKENS[name].items()}


def read(name: str, books: Books):
    with served(name, books) as address:
        rows = read_documents_of(access(name, secrets(name), address), lambda: NOON)
    return read_erp_rows(rows, ERPS[name].title, name)


@pytest.mark.parametrize("name", ERPS)
@pytest.mark.parametrize("page_size", [1, 3, 4, 100])
def test_a_list_is_read_to_its_end(name, page_size):
    books = Books(page_size=page_size)
    assert read(name, books).items.height == (5 if name == "billy" else 4)


@pytest.mark.parametrize("name", ERPS)
def test_amounts_dates_and_sides(name):
    items = read(name, Books()).items.filter(pl.col("kind") != "bill").sort("document_no")
    told = items.select("kind", "document_no", "total_minor", "open_minor", "currency").rows()
    assert told == [
        ("invoice", "1001", 125000, 125000, "DKK"),
        ("invoice", "1002", 80050, 30050, "NOK"),
        ("invoice", "1003", 9010, 0, "DKK"),
        ("credit_note", "1004", -25000, -25000, "DKK"),
    ]
    assert str(items["due_date"][0]) == "2026-10-15"
    assert items["counterparty_name"][0] == "Ærø Bådværft ApS"


@pytest.mark.parametrize("name", ERPS)
def test_nothing_is_written_at_the_erp(name):
    books = Books()
    read(name, books)
    written = [asked for asked in books.asked if not asked.startswith("GET ")]
    assert written == (["POST /dineroapi/oauth/token"] if name == "dinero" else [])


@pytest.mark.parametrize("name", ERPS)
def test_ids_stay_whatever_the_amounts(name):
    books = Books()
    first = set(read(name, books).items["item_id"])
    books.books("1001", "10.00")
    assert set(read(name, books).items["item_id"]) == first


def test_dinero_is_asked_what_remains_only_where_something_does():
    books = Books()
    found = read("dinero", books)
    assert (
        found.items.filter(document_no="1001")["payment_reference"].item() == "+71<000000012345674+12345678<"
    )
    asked = [one for one in books.asked if one.endswith("/payments")]
    assert [one.split("/")[-2] for one in asked] == ["g-1001", "g-1002", "g-1004"]


def test_billys_bills_are_money_out():
    bills = read("billy", Books()).items.filter(kind="bill")
    assert bills.select("document_no", "total_minor").rows() == [("1001", -125000)]


# ── misbehaving ───────────────────────────────────────────────────────────────────────────────────────


def ask(answer, name="economic", base="https://restapi.e-conomic.com", **options):
    """What comes of an ERP that is a function."""
    transport = httpx.MockTransport(answer)
    told = access(name, secrets(name), base)
    return read_documents_of(told, lambda: NOON, transport, sleep=lambda _: None, **options)


def answering(status=200, body=None, **headers):
    return lambda _request: httpx.Response(status, json=body if body is not None else {}, headers=headers)


PAGE = {"collection": [], "pagination": {"results": 0}}
ROW = {"bookedInvoiceNumber": 1, "date": "2026-10-01", "currency": "DKK", "grossAmount": 5, "remainder": 5}


@pytest.mark.parametrize(
    ("answer", "error", "word"),
    [
        (answering(401), BankError, "give a new token under Documents, or set RECON_ECONOMIC_TOKEN"),
        (answering(403), BankError, "does not let us read"),
        (answering(302, Location="https://evil.example"), AnswerMalformed, "not followed"),
        (answering(429, **{"Retry-After": "7"}), RateLimited, "asks to wait 7 s"),
        (answering(500), BankUnavailable, "e-conomic did not answer"),
        (answering(200, {"collection": [{}]}), AnswerMalformed, "e-conomic's answer"),
        (
            answering(200, {"collection": [ROW | {"remainder": None}], "pagination": {}}),
            AnswerMalformed,
            "remainder",
        ),
        (lambda _: httpx.Response(200, text="<html>"), AnswerMalformed, "content type"),
        (
            lambda _: httpx.Response(200, text="{", headers={"content-type": "application/json"}),
            AnswerMalformed,
            "e-conomic",
        ),
        (
            answering(200, {"collection": [ROW, ROW], "pagination": {"results": 2}}),
            FetchIncomplete,
            "changed",
        ),
        (answering(200, {"collection": [], "pagination": {"results": 2}}), FetchIncomplete, "changed"),
    ],
)
def test_an_erp_that_misbehaves_is_refused_in_its_own_name(answer, error, word):
    with pytest.raises(error, match=word):
        ask(answer)


def test_a_list_without_end_is_given_up():
    numbers = iter(range(1, 10_000))

    def endless(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, json={"collection": [ROW | {"bookedInvoiceNumber": next(numbers)}], "pagination": {}}
        )

    with pytest.raises(FetchIncomplete, match="more than 20 pages"):
        ask(endless, limits=Limits(pages=20))


def test_a_flood_is_cut_off():
    with pytest.raises(AnswerMalformed, match="longer than"):
        ask(answering(200, {"collection": ["x" * 2000]}), limits=Limits(body_bytes=1000))


def test_a_failing_server_is_asked_thrice_and_dineros_login_once():
    asked = []

    def failing(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(503)

    with pytest.raises(BankUnavailable):
        ask(failing)
    assert len(asked) == 3
    with pytest.raises(BankUnavailable):
        ask(failing, "dinero", "https://api.dinero.dk")
    assert asked[3:] == ["/dineroapi/oauth/token"]


@pytest.mark.parametrize(
    "base",
    [
        "http://restapi.e-conomic.com",
        "https://evil.example",
        "https://restapi.e-conomic.com.evil.example",
        "ftp://x",
    ],
)
def test_no_other_host_is_ever_asked(base):
    with pytest.raises(UsageError, match=r"must be https://restapi.e-conomic.com"):
        access("economic", secrets("economic"), base)


@pytest.mark.parametrize("name", ERPS)
def test_a_missing_secret_is_named(name):
    last = list(TOKENS[name])[-1]
    told = {tail: secret for tail, secret in secrets(name).items() if tail != last}
    with pytest.raises(SettingMissing, match=f"RECON_{name.upper()}_{last}"):
        access(name, told)


@pytest.mark.parametrize("name", ERPS)
def test_no_secret_shows_itself(name):
    told = access(name, secrets(name))
    assert not any(text in repr(told) for text in TOKENS[name].values() if len(text) > 4)
    with pytest.raises(ReconError) as refused:
        ask(answering(401), name, told.base_url)
    assert not any(text in refused.value.words for text in ("hush", "granted-e", "token-b", "token-f"))


# ── Fenerum's fields are not published in full ────────────────────────────────────────────────────────

FENERUM = {"uuid": "u", "invoice_number": "7", "gross_amount": "5.00", "currency": "DKK"}


def fenerum(row):
    body = json.dumps({"count": 1, "results": [row]}).encode()
    answer = httpx.Response(200, content=body, headers={"content-type": "application/json"})
    return ask(lambda _: answer, "fenerum", "https://app.fenerum.com")


@pytest.mark.parametrize(
    ("more", "still_open"),
    [
        ({"remaining_amount": "2.50"}, "2.50"),
        ({"balance": 2.5}, "2.5"),
        ({"is_paid": True}, "0"),
        ({"paid": False}, "5.00"),
    ],
)
def test_what_is_open_is_read_by_any_of_its_names(more, still_open):
    assert fenerum(FENERUM | more)[0]["open_amount"] == still_open


@pytest.mark.parametrize(
    "row",
    [
        FENERUM,
        FENERUM | {"remaining_amount": "much"},
        FENERUM | {"remaining_amount": True},
        FENERUM | {"gross_amount": None, "paid": False},
        {key: value for key, value in FENERUM.items() if key != "invoice_number"} | {"paid": False},
    ],
)
def test_a_document_that_cannot_be_understood_is_refused_by_name(row):
    with pytest.raises(AnswerMalformed, match="that is known here"):
        fenerum(row)


def test_an_amount_finer_than_its_currency_is_refused():
    rows = fenerum(FENERUM | {"gross_amount": 5.005, "balance": 0})
    with pytest.raises(DataRefused, match="more decimals"):
        read_erp_rows(rows, "Fenerum", "fenerum")


def test_every_row_keeps_to_the_template():
    with served("economic", Books()) as address:
        rows = read_documents_of(
            access("economic", secrets("economic"), address), lambda: NOON + timedelta(days=1)
        )
    assert all(set(row) <= set(COLUMNS) for row in rows)
