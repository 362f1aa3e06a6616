"""Nothing secret reaches a log, whichever way it was written."""

import logging
import sys
import threading

import pytest

from recon.bank import redact
from recon.settings import Secret

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VySWQiOiJ4In0.c2lnbmF0dXJl"


@pytest.fixture
def redactor():
    """The redactor installed, and everything put back afterwards."""
    factory, hook, threads = logging.getLogRecordFactory(), sys.excepthook, threading.excepthook
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore")}
    root = logging.getLogger()
    filters = {handler: list(handler.filters) for handler in root.handlers}
    yield redact.install([Secret("hunter2-client"), None])
    logging.setLogRecordFactory(factory)
    sys.excepthook, threading.excepthook = hook, threads
    logging.captureWarnings(False)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    for handler, before in filters.items():
        handler.filters = before


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        (f"Authorization: Bearer {JWT}", JWT),
        (f"token was {JWT}!", JWT),
        ("Authorization: Basic Y2xpZW50LTEyMzpzM2NyZXQ=", "Y2xpZW50LTEyMzpzM2NyZXQ"),
        ("GET /oauth/return?code=AAEC%2BwQF&consentId=c1&state=xyz123", "AAEC%2BwQF"),
        ("GET /oauth/return?code=AAEC%2BwQF&consentId=c1&state=xyz123", "xyz123"),
        ('{"grant_type":"refresh_token","refresh_token":"abc.def","code_verifier":"vvvv"}', "abc.def"),
        ('{"grant_type":"refresh_token","refresh_token":"abc.def","code_verifier":"vvvv"}', "vvvv"),
        ("{'access_token': 'opaque-1'}", "opaque-1"),
        ("https://app/update?session=6f1c22", "6f1c22"),
        ("X-Aiia-Signature: 2bd3def6", "2bd3def6"),
        ("the secret is hunter2-client indeed", "hunter2-client"),
        ("from DK8398760012345678 to", "DK839876001234"),
        ("from DK83 9876 0012 3456 78 to", "9876 0012"),
        ("account NO9386011117947", "NO93860111"),
    ],
)
def test_what_disappears(redactor, text, gone):
    assert gone not in redactor.clean(text)


@pytest.mark.parametrize(
    "text",
    [
        "account …5678: 12 new lines, 0 changed",
        "status 500 for /v1/accounts after 0.3 s",
        "sync of acc_0011223344556677 from 2026-11-01 until 2026-11-23",
        "consent 5b0c7c1e-2f0a-4c55-9a57-0d6a3f1c9e21 needs a login",
        "exit code 20",
        "Faktura 20877 over 1.249,50 DKK",
    ],
)
def test_what_stays(redactor, text):
    assert redactor.clean(text) == text


def test_an_iban_keeps_its_last_four(redactor):
    assert redactor.clean("from DK8398760012345678") == "from …5678"


def test_every_way_into_a_log_is_covered(redactor, caplog):
    log = logging.getLogger("recon.anything")
    with caplog.at_level(logging.DEBUG):
        log.warning("message %s", f"Bearer {JWT}")
        log.warning("code=%s", "AAEC+wQF")
        log.warning("%(token)s", {"token": JWT})
        log.warning("object %s", ValueError(f"Bearer {JWT}"))
        try:
            raise ValueError(f"refresh_token={JWT}")
        except ValueError:
            log.exception("failed")
    text = caplog.text + "".join(record.getMessage() for record in caplog.records)
    assert JWT not in text
    assert "AAEC" not in text
    assert "Traceback" in text, "the traceback stays, cleaned"
    assert caplog.text.count("***") >= 5


def test_fields_added_to_a_record_are_cleaned_by_the_handlers_filter(redactor):
    record = logging.makeLogRecord({"msg": "x", "address": "https://a/?code=AAEC", "count": 3})
    assert redactor.filter(record)
    assert (vars(record)["address"], vars(record)["count"]) == ("https://a/?code=***", 3)


def test_the_servers_access_log_keeps_its_shape(redactor):
    args = ("127.0.0.1:5", "GET", "/oauth/return?code=AAEC&state=abc", "1.1", 303)
    record = logging.LogRecord("uvicorn.access", 20, "x", 1, '%s - "%s %s HTTP/%s" %d', args, None)
    redactor.filter(record)
    assert record.args[2] == "/oauth/return?code=***&state=***"
    assert len(record.args) == 5


def test_a_message_that_does_not_fit_its_arguments_is_no_new_failure(redactor, caplog):
    logging.getLogger("recon.x").warning("only %s", "one", "two")
    assert "only %s" in caplog.text


def test_uncaught_exceptions_are_cleaned_too(redactor, capsys):
    try:
        raise ValueError(f"Bearer {JWT}")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    shown = capsys.readouterr().err
    assert "ValueError" in shown
    assert JWT not in shown


def test_the_http_libraries_are_quiet(redactor):
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert not logging.getLogger("httpcore.connection").isEnabledFor(logging.DEBUG)


def test_installing_again_does_not_pile_up(redactor):
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    try:
        redact.install()
        redact.install()
        assert sum(isinstance(one, redact.Redactor) for one in handler.filters) == 1
    finally:
        logging.getLogger().removeHandler(handler)
