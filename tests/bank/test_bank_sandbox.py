"""The client against a real server: the sandbox bank on loopback, with its clock and its fault switches."""

import http.server
import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from recon.bank import redact
from recon.bank.auth import connect_url
from recon.bank.client import ViiaClient
from recon.bank.limits import Limits
from recon.bank.lines import lines_frame
from recon.bank.webhooks import receive
from recon.consent.attempt import Record, callback_query, check_callback, new_attempt
from recon.errors import (
    AnswerMalformed,
    AttemptRefused,
    BankUnavailable,
    ConsentExpired,
    ConsentMissing,
    DataRefused,
    FetchIncomplete,
    RateLimited,
)
from recon.money import to_minor
from recon.sandbox import running
from recon.settings import Secret, Settings
from recon.vault import Vault

ROOT = Path(__file__).parents[2]
REDIRECT = "http://127.0.0.1:8501/oauth/return"
WEBHOOK_SECRET = Secret("webhook-s3cret")


@dataclass
class Here:
    """Our side: settings, vault, a client, and the sandbox they talk to."""

    sandbox: object
    settings: Settings
    vault: Vault
    client: ViiaClient

    @property
    def bank(self):
        return self.sandbox.bank

    def now(self):
        return self.bank.clock.now()

    def today(self):
        return self.bank.clock.today()

    def new_client(self, **options) -> ViiaClient:
        return ViiaClient(self.settings, self.vault, self, sleep=lambda seconds: None, **options)

    def login(self, provider="DK_Havbanken", **options) -> tuple[str, object, Record]:
        """A person logs in and shares all accounts; where the browser ends, and the attempt."""
        attempt = new_attempt(self.now(), "connect")
        record = Record("a", "connect", attempt.state_hash, attempt.created_at, attempt.expires_at)
        url = connect_url(
            self.settings, state=attempt.state, challenge=attempt.challenge, provider_id=provider, **options
        )
        shown = self.bank.start_attempt(dict(httpx.URL(url).params))
        shown.username = "anna"
        return self.bank.accept(shown, [one.key for one in self.bank.offered(shown)]), attempt, record

    def connect(self, provider="DK_Havbanken", **options) -> str:
        """The whole login; returns the consent id."""
        address, attempt, record = self.login(provider, **options)
        came = check_callback(callback_query(address), record, self.now())
        self.client.finish_login(came.consent_id, came.code, attempt.verifier)
        return came.consent_id

    def refreshes(self, consent_id: str) -> int:
        """How many refresh tokens the bank gave out after the first."""
        return len(self.bank.consents[consent_id].refresh_ids) - 1


@pytest.fixture
def here(tmp_path):
    with running(webhook_secret=WEBHOOK_SECRET.reveal()) as sandbox:
        settings = Settings(
            home=tmp_path / "home",
            viia_base_url=sandbox.url,
            viia_client_id=sandbox.client_id,
            viia_client_secret=Secret(sandbox.client_secret),
            viia_redirect_uri=REDIRECT,
            viia_webhook_secret=WEBHOOK_SECRET,
        )
        vault = Vault(settings.home, Secret("k"), key_folder=tmp_path / "keys")
        it = Here(sandbox, settings, vault, client=None)
        it.client = it.new_client()
        yield it
        it.client.close()


def rows(here, consent_id, account_id, since=None, until=None, **options):
    pages = here.client.transactions(consent_id, account_id, since, until, **options)
    return [row for page in pages for row in page]


def biggest(here, consent_id):
    """The account with most transactions, and all of them."""
    found = [(one, rows(here, consent_id, one.id)) for one in here.client.accounts(consent_id)]
    return max(found, key=lambda pair: len(pair[1]))


# ── the story ────────────────────────────────────────────────────────────────────────────────────────────


def test_from_login_to_lines_that_meet_the_banks_balance(here):
    assert {bank.id: bank.country_code for bank in here.client.providers()}["FI_Koivupankki"] == "FI"
    consent_id = here.connect()
    accounts = here.client.accounts(consent_id)
    assert [one.bank.name for one in accounts] == ["Havbanken"] * len(accounts)
    met = 0
    for account in accounts:
        booked, _ = lines_frame("acc_1", rows(here, consent_id, account.id))
        assert booked["bank_ref"].is_unique().all()
        newest_first = booked.sort("booking_date", descending=True, maintain_order=True)
        closing = to_minor(account.booked.value, account.currency_code)
        assert newest_first["balance_minor"].first() == closing
        # Read from the oldest up, each balance follows from the one before.
        chain = newest_first.reverse()
        steps = chain["balance_minor"].diff().drop_nulls().to_list()
        assert steps == chain["amount_minor"].to_list()[1:]
        met += booked.height
    assert met > 100, "several pages"


def test_no_proxy_of_the_environment_is_asked(here, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with here.new_client() as client:
        assert client.providers()


def test_a_window_gives_exactly_its_days(here):
    consent_id = here.connect()
    account, everything = biggest(here, consent_id)
    since, until = here.today() - timedelta(days=40), here.today() - timedelta(days=10)
    wanted = [row for row in everything if since <= date.fromisoformat(row.date) < until]
    assert rows(here, consent_id, account.id, since, until) == wanted
    assert 0 < len(wanted) < len(everything)


def test_what_the_bank_takes_back_is_told_as_deleted(here):
    consent_id = here.connect()
    account, before = biggest(here, consent_id)
    here.bank.event("delete")
    here.bank.event("reserve", amount_minor=-5000)
    here.bank.sync_now()
    after = rows(here, consent_id, account.id)
    (gone,) = [row.id for row in after if row.deleted]
    booked, expected = lines_frame("acc_1", after)
    assert gone in {row.id for row in before}
    assert gone not in booked["bank_ref"].to_list()
    assert booked.height == len([row for row in before if row.booked]) - 1
    assert -5000 in expected["amount_minor"].to_list()
    assert len(rows(here, consent_id, account.id, include_deleted=False)) == len(after) - 1


def test_updates_are_queued_or_want_a_person(here):
    danish, finnish = here.connect(), here.connect("FI_Koivupankki")
    assert here.client.request_update(danish).queued
    supervised = here.client.request_update(finnish)
    assert not supervised.queued
    assert httpx.get(supervised.auth_url).status_code == 200
    here.bank.fault("update_unknown_status", 2)
    assert here.client.request_update(danish).queued
    assert here.client.request_update(finnish).auth_url


def test_a_cancelled_login_gives_nothing(here):
    attempt = new_attempt(here.now(), "connect")
    record = Record("a", "connect", attempt.state_hash, attempt.created_at, attempt.expires_at)
    url = connect_url(here.settings, state=attempt.state, challenge=attempt.challenge)
    address = here.bank.cancel(here.bank.start_attempt(dict(httpx.URL(url).params)))
    assert check_callback(callback_query(address), record, here.now()).outcome == "cancelled"


@pytest.mark.parametrize("trouble", ["late", "twice", "wrong verifier"])
def test_a_code_is_good_once_for_a_minute_and_for_us(here, trouble):
    address, attempt, record = here.login()
    came = check_callback(callback_query(address), record, here.now())
    verifier = attempt.verifier
    if trouble == "late":
        here.bank.advance(seconds=61)
    elif trouble == "twice":
        here.client.finish_login(came.consent_id, came.code, verifier)
    else:
        verifier = Secret("x" * 64)
    before = here.vault.load(came.consent_id)
    with pytest.raises(AttemptRefused):
        here.client.finish_login(came.consent_id, came.code, verifier)
    assert here.vault.load(came.consent_id) == before


def test_a_reconnect_puts_its_tokens_on_top(here):
    consent_id = here.connect()
    assert here.connect(consent_id=consent_id) == consent_id
    assert here.vault.load(consent_id).generation == 2
    assert here.client.accounts(consent_id)


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────


def test_life_goes_on_for_weeks_by_renewing(here):
    consent_id = here.connect()
    for _ in range(4):
        here.bank.advance(days=13)
        assert here.client.accounts(consent_id)
    assert here.vault.load(consent_id).generation == 5
    here.bank.advance(days=15)
    with pytest.raises(ConsentExpired):
        here.client.accounts(consent_id)
    assert here.vault.load(consent_id).generation == 5, "nothing was erased"


def test_a_401_is_answered_by_one_renewal(here):
    consent_id = here.connect()
    here.bank.fault("unauthorized")
    assert here.client.accounts(consent_id)
    assert here.refreshes(consent_id) == 1


@pytest.mark.parametrize("fault", ["refresh_400", "refresh_401"])
def test_a_dead_session_asks_for_a_login(here, fault):
    consent_id = here.connect()
    here.bank.advance(hours=2)
    here.bank.fault(fault)
    with pytest.raises(ConsentExpired):
        here.client.accounts(consent_id)
    assert here.client.accounts(consent_id), "the tokens were kept, and work again"


def test_a_revoked_consent_ends(here):
    consent_id = here.connect()
    here.bank.event("revoke_consent")
    with pytest.raises(ConsentExpired):
        here.client.accounts(consent_id)


def test_threads_that_all_need_a_new_token_renew_once(here):
    consent_id = here.connect()
    here.bank.advance(hours=2)
    start, seen, errors = threading.Barrier(6), [], []

    def work():
        try:
            with here.new_client() as client:
                start.wait(10)
                seen.append(len(client.accounts(consent_id)))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert len(seen) == 6
    assert (here.refreshes(consent_id), here.vault.load(consent_id).generation) == (1, 2)


WORKER = """
import sys
from datetime import timedelta
from pathlib import Path
from recon.bank.client import ViiaClient
from recon.clock import Clock
from recon.settings import Secret, Settings
from recon.vault import Vault

url, home, keys, secret, consent_id, ahead = sys.argv[1:]
settings = Settings(viia_base_url=url, viia_client_id="recon-sandbox", viia_client_secret=Secret(secret),
                    viia_redirect_uri="http://127.0.0.1:8501/oauth/return")
clock = Clock(ahead=timedelta(seconds=float(ahead)))
with ViiaClient(settings, Vault(Path(home), Secret("k"), key_folder=Path(keys)), clock) as client:
    print("ready", flush=True)
    sys.stdin.readline()
    print(len(client.accounts(consent_id)), flush=True)
"""


def test_processes_that_all_need_a_new_token_renew_once(here, tmp_path):
    consent_id = here.connect()
    here.bank.advance(hours=2)
    ahead = str(here.bank.clock.ahead.total_seconds())
    told = [here.sandbox.url, str(here.settings.home), str(tmp_path / "keys"), here.sandbox.client_secret]
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, *told, consent_id, ahead],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(3)
    ]
    assert [process.stdout.readline() for process in crowd] == ["ready\n"] * 3
    for process in crowd:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=30)[0].strip() for process in crowd]
    assert len(set(answers)) == 1
    assert int(answers[0]) > 0
    assert (here.refreshes(consent_id), here.vault.load(consent_id).generation) == (1, 2)


# ── faults ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "times", "options", "fate"),
    [
        ("server_error", 2, {}, None),  # helped by asking again
        ("server_error", 3, {}, BankUnavailable),
        ("truncated", 1, {}, AnswerMalformed),
        ("rate_limited", 1, {"retry_after": 17}, RateLimited),
        ("rate_limited_bare", 1, {}, RateLimited),
        ("forbidden", 1, {}, ConsentMissing),
        ("not_found", 1, {}, ConsentMissing),
        ("unauthorized", 2, {}, ConsentExpired),
        ("slow", 1, {"seconds": 2}, BankUnavailable),
    ],
)
def test_faults_have_names(here, fault, times, options, fate):
    consent_id = here.connect()
    here.bank.fault(fault, times, "/v1/accounts", **options)
    with here.new_client(limits=Limits(read_s=0.5)) as client:
        if fate is None:
            assert client.accounts(consent_id)
            return
        with pytest.raises(fate) as failed:
            client.accounts(consent_id)
        if fate is RateLimited:
            assert failed.value.fields["retry_after"] == options.get("retry_after", 30)
        here.bank.faults.clear()
        assert client.accounts(consent_id), "the next try is unharmed"


@pytest.mark.parametrize("fault", ["paging_token_repeated", "paging_token_invalid"])
def test_pages_that_go_wrong_are_a_failed_fetch(here, fault):
    consent_id = here.connect()
    account, everything = biggest(here, consent_id)
    assert len(everything) > 100, "more than a page"
    here.bank.fault(fault, None)
    with pytest.raises(FetchIncomplete):
        rows(here, consent_id, account.id)


# ── webhooks ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def mailbox():
    """A server that takes webhooks; `letters` are headers and bodies as they came."""
    letters, arrived = [], threading.Event()

    class Box(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            letters.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()
            arrived.set()

        def log_message(self, *args):
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Box)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", letters, arrived
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("signing", "believed", "proven"),
    [
        ("both", True, True),
        ("new", True, True),
        ("old", True, False),
        ("none", False, None),
        ("bad", False, None),
    ],
)
def test_messages_as_they_arrive(here, mailbox, signing, believed, proven):
    url, letters, arrived = mailbox
    here.bank.postman.manners.signing = signing
    here.bank.postman.manners.pascal = signing == "old"
    consent_id = here.connect()
    here.bank.event("revoke_consent")
    here.bank.postman.url = url
    here.bank.postman.wake()
    assert arrived.wait(10)
    headers, body = letters[0]
    if not believed:
        with pytest.raises(DataRefused):
            receive(headers, body, WEBHOOK_SECRET, here.now())
        return
    event = receive(headers, body, WEBHOOK_SECRET, here.now())
    assert (event.consent_id, event.proven_origin) == (consent_id, proven)
    with pytest.raises(DataRefused, match="off"):
        receive(headers, body, None, here.now())


# ── secrecy ──────────────────────────────────────────────────────────────────────────────────────────────


def test_no_secret_in_any_log_record_error_or_file(here, caplog, tmp_path, monkeypatch):
    factory = logging.getLogRecordFactory()
    redact.install([here.settings.viia_client_secret])
    try:
        with caplog.at_level(logging.DEBUG):
            for name in ("httpx", "httpcore"):  # as loud as somebody could turn them
                logging.getLogger(name).setLevel(logging.DEBUG)
            address, attempt, record = here.login()
            logging.getLogger("app").info("the browser came back to %s", address)
            came = check_callback(callback_query(address), record, here.now())
            tokens = [here.client.finish_login(came.consent_id, came.code, attempt.verifier)]
            here.bank.advance(hours=2)
            account, _ = biggest(here, came.consent_id)
            logging.getLogger("app").info("account %s", account.number.iban)
            tokens.append(here.vault.load(came.consent_id))
            shown = [repr(tokens), repr(came), repr(attempt), repr(here.settings), repr(here.vault)]
            for fault in ("refresh_400", "server_error", "truncated"):
                here.bank.advance(hours=2)
                here.bank.fault(fault, 9)
                try:
                    here.client.accounts(came.consent_id)
                except Exception as error:
                    logging.getLogger("app").exception("failed")
                    shown += [repr(error), repr(error.fields)]
                here.bank.faults.clear()
    finally:
        logging.setLogRecordFactory(factory)
        redact.quiet_http()
    secrets = {
        came.code.reveal(),
        attempt.state.reveal(),
        attempt.verifier.reveal(),
        here.sandbox.client_secret,
    }
    secrets |= {account.number.iban}
    for one in tokens:
        secrets |= {one.access.reveal(), one.refresh.reveal()}
    assert len(secrets) == 9
    logged = "".join(repr(vars(record)) for record in caplog.records) + caplog.text
    assert "Traceback" in logged
    assert "httpcore" in logged, "the HTTP library did speak"
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in secrets:
        assert secret not in logged + "".join(shown)
        assert secret.encode() not in files
