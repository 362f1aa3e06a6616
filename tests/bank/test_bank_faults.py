"""A bank that misbehaves, played by a function: limits hold, repeats are few, secrets stay home."""

import base64
import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import httpx
import pytest

from recon.bank import wire
from recon.bank.auth import connect_url
from recon.bank.calls import Call, retry_after
from recon.bank.client import UpdateAnswer, ViiaClient
from recon.bank.limits import Limits, safe_address
from recon.clock import Clock
from recon.errors import (
    AnswerMalformed,
    AttemptRefused,
    BankError,
    BankUnavailable,
    ConsentExpired,
    ConsentMissing,
    FetchIncomplete,
    RateLimited,
    ReconError,
    SettingMissing,
    UsageError,
)
from recon.settings import Secret, Settings
from recon.vault import Tokens, Vault

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = Settings(
    viia_base_url="https://bank.example",
    viia_client_id="client",
    viia_client_secret=Secret("s3cret-ø"),
    viia_redirect_uri="https://app.example/return",
)
ACCOUNTS = "/v1/accounts"
TOKEN = "/v1/oauth/token"


def jwt(**claims: object) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{part}.sig"


def token_answer(name: str = "new", **claims: object) -> httpx.Response:
    body = {"access_token": name, "expires_in": 3600, "refresh_token": jwt(name=name, **claims)}
    return httpx.Response(200, json=body)


class Bank:
    """Answers by path: a list is used up one by one, its last for ever. Remembers what it was asked."""

    def __init__(self, **answers: object) -> None:
        self.answers = {path: list(given) for path, given in answers.items()}
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        waiting = self.answers[request.url.path.rsplit("/", 1)[-1]]
        given = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(given, Exception):
            raise given
        if callable(given):
            return given(request)
        return httpx.Response(given.status_code, headers=given.headers, content=given.content)

    def count(self, path: str) -> int:
        return sum(request.url.path == path for request in self.asked)


@pytest.fixture
def vault(tmp_path):
    vault = Vault(tmp_path / "home", None, key_folder=tmp_path / "keys")
    vault.save("c1", Tokens(Secret("access-1"), Secret("refresh-1"), NOON + timedelta(hours=1)))
    return vault


@pytest.fixture
def naps():
    return []


@pytest.fixture
def client(vault, naps):
    def made(bank, *, settings=SETTINGS, limits=None, now=NOON, **options):
        transport = bank if isinstance(bank, httpx.BaseTransport) else httpx.MockTransport(bank)
        given = {"sleep": naps.append, "chance": lambda: 0.5} | options
        return ViiaClient(settings, vault, Clock(fixed=now), transport, limits=limits, **given)

    return made


NO_ACCOUNTS = httpx.Response(200, json={"accounts": []})
DOWN = httpx.ConnectError("refused")


# ── repeats ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answers", "tries", "fate"),
    [
        ([NO_ACCOUNTS], 1, None),
        ([DOWN, NO_ACCOUNTS], 2, None),
        ([httpx.ConnectTimeout("slow"), httpx.Response(503), NO_ACCOUNTS], 3, None),
        ([httpx.Response(500, html="<h1>java.lang.Oops</h1>")], 3, BankUnavailable),
        ([DOWN], 3, BankUnavailable),
        ([httpx.ReadTimeout("slow")], 1, BankUnavailable),
        ([httpx.RemoteProtocolError("cut")], 1, BankUnavailable),
        ([httpx.Response(429)], 1, RateLimited),  # never asked again inside a run
        ([httpx.Response(400, json={"error": "InvalidInput"})], 1, BankError),
        ([httpx.Response(409)], 1, BankError),
        ([httpx.Response(403)], 1, ConsentMissing),
        ([httpx.Response(404)], 1, ConsentMissing),
        ([httpx.Response(301, headers={"location": "/v1/accounts/"})], 1, AnswerMalformed),
        ([httpx.Response(302, headers={"location": "https://evil.example"})], 1, AnswerMalformed),
    ],
)
def test_reading_is_repeated_only_where_that_may_help(client, naps, answers, tries, fate):
    bank = Bank(accounts=answers)
    if fate is None:
        assert client(bank).accounts("c1") == []
    else:
        with pytest.raises(fate) as failed:
            client(bank).accounts("c1")
        assert "Oops" not in failed.value.words, "the bank's own words are not shown"
        assert "access-1" not in failed.value.words
    assert bank.count(ACCOUNTS) == tries
    assert len(naps) == tries - 1
    assert naps == sorted(naps), "each wait is longer than the one before"


@pytest.mark.parametrize("trouble", [DOWN, httpx.Response(502)])
def test_what_could_be_done_twice_is_asked_once(client, trouble):
    bank = Bank(update=[trouble], token=[trouble])
    with pytest.raises(BankUnavailable):
        client(bank).request_update("c1")
    with pytest.raises(BankUnavailable):
        client(bank).finish_login("c1", Secret("code"), Secret("verifier"))
    assert (bank.count("/v1/update"), bank.count(TOKEN)) == (1, 1)


def test_no_try_begins_after_the_deadline(client):
    seconds = iter(range(0, 1000, 70))
    bank = Bank(accounts=[DOWN])
    with pytest.raises(BankUnavailable):
        client(bank, ticks=lambda: float(next(seconds))).accounts("c1")
    assert bank.count(ACCOUNTS) == 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("17", 17),
        ("0", 1),
        ("999999999", 86_400),
        ("99999999999999999999", 86_400),
        (format_datetime(NOON + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(NOON - timedelta(minutes=5), usegmt=True), 1),
        ("soon", 30),
        ("-5", 30),
        ("", 30),
        (None, 30),
    ],
)
def test_retry_after_is_read_and_clamped(client, header, seconds):
    assert retry_after(header, NOON, Limits()) == seconds
    bank = Bank(accounts=[httpx.Response(429, headers={"retry-after": header} if header else {})])
    with pytest.raises(RateLimited) as limited:
        client(bank).accounts("c1")
    assert limited.value.fields["retry_after"] == seconds


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            httpx.Response(200, content=b'{"accounts":[', headers={"content-type": "application/json"}),
            "truncated",
        ),
        (httpx.Response(200, json={}), "accounts"),
        (httpx.Response(200, json={"accounts": [{"name": "no id"}]}), "id"),
        (httpx.Response(200, html="<html>"), "text/html"),
        (httpx.Response(200, content=b"{}"), "missing"),
        (httpx.Response(204), "refused"),
        (
            httpx.Response(200, content=b"[" * 90_000, headers={"content-type": "application/json"}),
            "cannot be read",
        ),
    ],
)
def test_an_answer_that_breaks_the_documented_shape(client, answer, why):
    with pytest.raises(BankError, match=why):
        client(Bank(accounts=[answer])).accounts("c1")


class Raw(httpx.BaseTransport):
    """Sends bytes as a socket would, so that nothing is decoded before the limits see it."""

    def __init__(self, chunks, **headers):
        self.chunks, self.headers = chunks, headers

    def handle_request(self, request):
        headers = {"content-type": "application/json", **self.headers}
        return httpx.Response(200, headers=headers, stream=_Stream(self.chunks))


class _Stream(httpx.SyncByteStream):
    def __init__(self, chunks):
        self.chunks = chunks

    def __iter__(self):
        yield from self.chunks


def test_a_body_is_measured_after_decompression(client):
    bomb = gzip.compress(b'{"accounts":[]' + b" " * 3_000_000 + b"}")
    assert len(bomb) < 10_000
    packed = Raw([bomb], **{"content-encoding": "gzip"})
    assert client(packed).accounts("c1") == []
    with pytest.raises(AnswerMalformed, match="longer than 1 MB"):
        client(packed, limits=Limits(body_bytes=1_000_000)).accounts("c1")


def test_damaged_compression_is_called_so(client):
    with pytest.raises(AnswerMalformed, match="compression"):
        client(Raw([b"not gzip"], **{"content-encoding": "gzip"})).accounts("c1")


def test_an_answer_that_drips_for_ever_is_cut(client):
    seconds = iter(range(0, 10_000, 30))
    with pytest.raises(BankUnavailable, match="longer than 120 s"):
        client(Raw([b" "] * 100), ticks=lambda: float(next(seconds))).accounts("c1")


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://api.aiia.eu", True),
        ("http://127.0.0.1:8600", True),
        ("http://localhost:1/x?y=1", True),
        ("http://[::1]:8600", True),
        ("http://api.aiia.eu", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://user:pass@api.aiia.eu", False),
        ("javascript:alert(1)", False),
        ("//api.aiia.eu", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_addresses_we_go_to(client, address, safe):
    assert safe_address(address) is safe
    if not safe and address:
        with pytest.raises(UsageError, match="RECON_VIIA_BASE_URL"):
            client(Bank(), settings=replace(SETTINGS, viia_base_url=address))


def test_only_the_banks_own_host_is_ever_asked(client):
    bank = Bank(accounts=[NO_ACCOUNTS])
    with client(bank) as it, pytest.raises(UsageError, match="another host"):
        it._caller._http.get("https://evil.example/v1/accounts")
    assert bank.asked == []


def test_a_call_shows_neither_body_nor_headers():
    call = Call("x", "POST", "/", False, body={"code": "c0de"}, query={"q": "qu3ry"}, headers={"h": "b4sic"})
    assert not any(secret in repr(call) for secret in ("c0de", "qu3ry", "b4sic"))


def test_without_settings_the_missing_one_is_named(vault):
    with pytest.raises(SettingMissing, match="RECON_VIIA_BASE_URL"):
        ViiaClient(Settings(), vault, Clock())


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────


def bearer(request: httpx.Request) -> str:
    return request.headers["authorization"].removeprefix("Bearer ")


def wants(token: str):
    return lambda request: NO_ACCOUNTS if bearer(request) == token else httpx.Response(401)


@pytest.mark.parametrize(("left", "refreshed"), [(61, 0), (60, 0), (59, 1), (-3600, 1)])
def test_a_token_is_renewed_when_less_than_a_minute_is_left(client, vault, left, refreshed):
    bank = Bank(accounts=[NO_ACCOUNTS], token=[token_answer(exp=int(NOON.timestamp()) + 14 * 86_400)])
    client(bank, now=NOON + timedelta(hours=1) - timedelta(seconds=left)).accounts("c1")
    assert bank.count(TOKEN) == refreshed
    stands = vault.load("c1")
    assert stands.generation == 1 + refreshed
    if refreshed:
        assert bearer(bank.asked[-1]) == "new"
        assert stands.refresh_expires_at == NOON + timedelta(days=14)
        sent = json.loads(bank.asked[0].content)
        assert sent == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}
        basic = base64.b64decode(bank.asked[0].headers["authorization"].removeprefix("Basic "))
        assert basic == "client:s3cret-ø".encode("latin-1")


def test_a_401_is_answered_by_one_renewal_and_one_repeat(client, vault):
    bank = Bank(accounts=[wants("new")], token=[token_answer()])
    assert client(bank).accounts("c1") == []
    assert (bank.count(ACCOUNTS), bank.count(TOKEN)) == (2, 1)


def test_a_bank_that_takes_no_token_is_not_asked_for_ever(client):
    bank = Bank(accounts=[httpx.Response(401)], token=[token_answer()])
    with pytest.raises(ConsentExpired):
        client(bank).accounts("c1")
    assert (bank.count(ACCOUNTS), bank.count(TOKEN)) == (2, 1)


@pytest.mark.parametrize("status", [400, 401])
def test_a_dead_refresh_token_asks_for_a_login_and_erases_nothing(client, vault, status):
    before = vault.load("c1")
    bank = Bank(
        accounts=[httpx.Response(401)], token=[httpx.Response(status, json={"error": "InvalidLoginToken"})]
    )
    with pytest.raises(ConsentExpired, match="log in") as expired:
        client(bank).accounts("c1")
    assert expired.value.exit_code == 20
    assert expired.value.fields["consent_id"] == "c1"
    assert vault.load("c1") == before


@pytest.mark.parametrize(
    ("trouble", "tries"),
    [(DOWN, 3), (httpx.Response(500), 3), (httpx.ReadTimeout("slow"), 1), (httpx.Response(429), 1)],
)
def test_trouble_while_renewing_never_costs_the_tokens(client, vault, trouble, tries):
    before = vault.load("c1")
    bank = Bank(accounts=[httpx.Response(401)], token=[trouble])
    with pytest.raises(BankError):
        client(bank).accounts("c1")
    assert bank.count(TOKEN) == tries
    assert vault.load("c1") == before


def test_what_another_process_renewed_meanwhile_is_used(client, vault):
    """Our refresh token is refused because somebody spent it without the lease, and stored the next."""

    def spent(request):
        vault.save("c1", replace(vault.load("c1"), access=Secret("theirs"), generation=2))
        return httpx.Response(400)

    bank = Bank(accounts=[wants("theirs")], token=[spent])
    assert client(bank).accounts("c1") == []
    assert vault.load("c1").generation == 2


def test_an_answer_without_a_new_refresh_token_keeps_the_old(client, vault):
    answer = httpx.Response(200, json={"access_token": "new", "expires_in": 3600, "refresh_token": None})
    client(Bank(accounts=[wants("new")], token=[answer])).accounts("c1")
    assert vault.load("c1").refresh == Secret("refresh-1")


def test_without_tokens_nothing_is_asked(client, vault):
    bank = Bank(accounts=[NO_ACCOUNTS])
    with pytest.raises(ConsentMissing):
        client(bank).accounts("c2")
    vault.forget("c1")
    with pytest.raises(ConsentMissing):
        client(bank).renew("c1")
    assert bank.asked == []


def test_a_consent_removed_during_a_renewal_stays_removed(client, vault):
    def removed_meanwhile(request):
        vault.forget("c1")
        return token_answer()

    with pytest.raises(ConsentMissing):
        client(Bank(accounts=[httpx.Response(401)], token=[removed_meanwhile])).accounts("c1")
    assert vault.load("c1") is None


# ── login ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_login_address_says_all_the_bank_needs():
    url = httpx.URL(
        connect_url(SETTINGS, state=Secret("st"), challenge="ch", culture="da", provider_id="DK_TestBank")
    )
    assert str(url).startswith("https://bank.example/v1/oauth/connect?")
    assert dict(url.params) == {
        "client_id": "client",
        "redirect_uri": "https://app.example/return",
        "response_type": "code",
        "scope": "accounts offline_access",
        "state": "st",
        "code_challenge": "ch",
        "code_challenge_method": "S256",
        "culture": "da",
        "providerId": "DK_TestBank",
    }
    known = httpx.URL(
        connect_url(SETTINGS, state=Secret("st"), challenge="ch", consent_id="c1", email="a@b.dk")
    )
    assert (known.params.get("consentId"), known.params.get("email")) == ("c1", None)


def test_a_redirect_address_in_clear_is_refused():
    with pytest.raises(UsageError, match="REDIRECT_URI"):
        connect_url(
            replace(SETTINGS, viia_redirect_uri="http://app.example/return"), state=Secret("s"), challenge="c"
        )


def test_a_code_is_exchanged_with_its_verifier_and_the_tokens_go_on_top(client, vault):
    bank = Bank(token=[token_answer(consentId="c1")])
    client(bank).finish_login("c1", Secret("AAEC+wQF/w=="), Secret("verifier"))
    assert json.loads(bank.asked[0].content) == {
        "grant_type": "authorization_code",
        "code": "AAEC+wQF/w==",
        "redirect_uri": "https://app.example/return",
        "code_verifier": "verifier",
    }
    assert vault.load("c1").access == Secret("new")
    assert vault.load("c1").generation == 2


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(400), httpx.Response(401), token_answer(consentId="another")],
    ids=["400", "401", "other"],
)
def test_a_login_that_does_not_hold_links_nothing(client, vault, answer):
    before = vault.load("c1")
    with pytest.raises(AttemptRefused, match="Nothing was linked"):
        client(Bank(token=[answer])).finish_login("c1", Secret("code"), Secret("verifier"))
    assert vault.load("c1") == before


# ── pages and updates ────────────────────────────────────────────────────────────────────────────────────


def row(name: str, day: str | None = "2026-11-20", text: str = "x") -> dict[str, object]:
    money = {"value": 1, "currency": "DKK"}
    return {"id": name, "state": "Booked", "date": day, "originalText": text, "transactionAmount": money}


def page(token: str | None, *rows: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json={"pagingToken": token, "transactions": list(rows)})


def fetched(it: ViiaClient, since=None, until=None) -> list[str]:
    return [row.id for page in it.transactions("c1", "a/b+c=", since, until) for row in page]


def account(balance: int = 1, synced: str = "2026-11-22T06:00:00Z") -> dict[str, object]:
    money = {"value": balance, "currency": "DKK"}
    return {"id": "acc", "booked": money, "lastSynchronized": synced}


def accounts(*told: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json={"accounts": list(told)})


ACCOUNT = wire.Account(id="acc", booked=wire.Money(value=Decimal(1), currency="DKK"),
                       last_synchronized="2026-11-22T06:00:00Z")  # fmt: skip


def whole(it: ViiaClient) -> list[str | None]:
    return [row.original_text for row in it.statement("c1", ACCOUNT, NOON.date() - timedelta(days=9)).rows]


def test_pages_are_followed_to_the_end_and_asked_for_alike(client):
    bank = Bank(query=[page("p2", row("a")), page("p3", row("b")), page("", row("c"))])
    days = (NOON.date() - timedelta(days=30), NOON.date())
    assert fetched(client(bank), *days) == ["a", "b", "c"]
    sent = [json.loads(request.content) for request in bank.asked]
    assert [one.pop("pagingToken") for one in sent] == [None, "p2", "p3"]
    assert sent == [{"interval": "2026-10-22T00:00:00Z/2026-11-23T00:00:00Z", "pageSize": 100}] * 3
    assert bank.asked[0].url.raw_path == b"/v1/accounts/a%2Fb%2Bc%3D/transactions/query?includeDeleted=true"


def test_the_window_is_half_open_whatever_the_bank_sends_around_it(client):
    rows = [row(day, day) for day in ("2026-10-31", "2026-11-01", "2026-11-19", "2026-11-20")]
    bank = Bank(query=[page(None, *rows, row("undated", None))])
    since, until = datetime(2026, 11, 1, tzinfo=UTC).date(), datetime(2026, 11, 20, tzinfo=UTC).date()
    assert fetched(client(bank), since, until) == ["2026-11-01", "2026-11-19", "undated"]


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ([page("p2", row("a")), page("p2", row("b"))], "same page mark"),
        ([page("p2"), page("p3"), page("p2")], "same page mark"),
        ([page("p2", row("a")), httpx.Response(400)], "its own page mark"),
        ([page(f"p{n}") for n in range(60)], "more than 50 pages"),
    ],
)
def test_pages_that_do_not_make_a_whole(client, pages, why):
    with pytest.raises(FetchIncomplete, match=why):
        fetched(client(Bank(query=pages), limits=Limits(pages=50)))


def test_a_row_told_on_two_pages_comes_once(client):
    """Some pagers begin a page with the last row of the one before."""
    assert fetched(client(Bank(query=[page("p2", row("a")), page(None, row("a"), row("b"))]))) == ["a", "b"]


def test_rows_without_an_id_are_never_taken_for_each_other(client):
    """Two coffees for the same price on one day, told by a bank that names no rows, were once one coffee."""
    assert fetched(client(Bank(query=[page("p2", row(""), row("")), page(None, row(" "))]))) == ["", "", " "]


ABC = [page("p", row("a", text="a"), row("b", text="b")), page(None, row("c", text="c"))]


@pytest.mark.parametrize(
    ("what", "pages", "states", "read"),
    [
        ("one page is one moment", [page(None, row("a", text="a"))], [account()], ["a"]),
        ("two readings agree", ABC * 2, [account()], ["a", "b", "c"]),
        (
            "a row vanished, and c slipped over the border unseen",
            [ABC[0], page(None), *[page("p", row("b", text="b"), row("c", text="c")), page(None)] * 2],
            [account()],
            ["b", "c"],
        ),
        (
            "a row appeared on a page that was read already",
            [*ABC, *[page("p", row("n", text="n"), row("a", text="a")), page("q", row("b", text="b")), ABC[1]] * 2],
            [account()],
            ["n", "a", "b", "c"],
        ),
        (
            "a row was worded anew between the readings",
            [*ABC, *[page("p", row("a", text="A"), row("b", text="b")), ABC[1]] * 2],
            [account()],
            ["A", "b", "c"],
        ),
        (
            "the service synced while its only page was read: the balance belongs to other lines",
            [page(None, row("a", text="a")), page(None, row("a", text="a"), row("b", text="b"))],
            [account(2, "2026-11-22T12:00:00Z"), account(2, "2026-11-22T12:00:00Z")],
            ["a", "b"],
        ),
        ("never twice the same", [page("p", row(f"{n}")) if n % 2 else page(None, row(f"{n}")) for n in
                                 range(1, 20)], [account()], None),
        ("never twice the same balance", [page(None)], [account(n) for n in range(2, 9)], None),
        ("the account went", [page(None)], [{"id": "another"}], None),
    ],
)  # fmt: skip
def test_pages_are_one_moment_or_read_again(client, what, pages, states, read):
    bank = Bank(query=pages, accounts=[accounts(state) for state in states])
    if read is None:
        with pytest.raises(FetchIncomplete):
            whole(client(bank))
    else:
        assert whole(client(bank)) == read


def test_the_balance_is_that_of_the_lines(client):
    moved = account(7, "2026-11-22T12:00:00Z")
    bank = Bank(query=[page(None)], accounts=[accounts(moved)])
    told = client(bank).statement("c1", ACCOUNT, NOON.date())
    assert (told.account.booked.value, told.account.last_synchronized) == (7, "2026-11-22T12:00:00Z")


@pytest.mark.parametrize(("status", "fate"), [(404, BankError), (403, ConsentMissing), (410, BankError)])
def test_an_account_that_is_refused_says_nothing_of_the_others(client, status, fate):
    with pytest.raises(fate) as refused:
        fetched(client(Bank(query=[httpx.Response(status)])))
    assert isinstance(refused.value, ConsentMissing) is (status == 403)


@pytest.mark.parametrize(
    ("status", "address", "expected"),
    [
        ("AllQueued", None, UpdateAnswer(True)),
        ("AllQueued", "", UpdateAnswer(True)),
        (
            "SupervisedLoginRequired",
            "https://app.aiia.eu/u?s=1",
            UpdateAnswer(False, "https://app.aiia.eu/u?s=1"),
        ),
        ("Unheard", "https://app.aiia.eu/u?s=1", UpdateAnswer(False, "https://app.aiia.eu/u?s=1")),
        ("Unheard", None, UpdateAnswer(True)),
        ("SupervisedLoginRequired", None, AnswerMalformed),
        ("SupervisedLoginRequired", "javascript:alert(1)", AnswerMalformed),
        ("SupervisedLoginRequired", "http://evil.example", AnswerMalformed),
    ],
)
def test_updates(client, status, address, expected):
    bank = Bank(update=[httpx.Response(200, json={"status": status, "authUrl": address})])
    if isinstance(expected, UpdateAnswer):
        assert client(bank).request_update("c1", "https://app.example/back") == expected
        assert json.loads(bank.asked[0].content) == {"redirectUrl": "https://app.example/back"}
    else:
        with pytest.raises(expected):
            client(bank).request_update("c1")


def test_every_refusal_says_what_was_not_changed(client):
    answers = [httpx.Response(status) for status in (301, 400, 401, 403, 404, 409, 429, 500)]
    for answer in answers:
        bank = Bank(accounts=[answer], token=[httpx.Response(400)])
        with pytest.raises(ReconError, match=r"Nothing|What is stored here stays"):
            client(bank).accounts("c1")
