"""What a log may say: tokens, codes and secrets become `***`, an IBAN keeps its last four characters.

In: any log record or text. Out: the same without what must stay secret. `install()` puts it before
every handler, the uncaught exceptions included, and quiets the HTTP libraries, which print addresses.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable
from types import TracebackType

from recon.settings import Secret

HIDDEN = "***"

_NAMES = (
    "code|state|access_token|refresh_token|id_token|token|client_secret|code_verifier|code_challenge|session"
    "|paging_?token|password|signature|authorization|api_?key"
)
_IBAN = re.compile(
    r"\b[A-Z]{2}\d{2}(?:[A-Z0-9]{7,26}([A-Z0-9]{4})|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)\b"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(rf"""(["']?\b(?:{_NAMES})["']?\s*[:=]\s*["']?)(?!\*\*\*)[^\s"'&,;}})]+""", re.IGNORECASE),
     rf"\1{HIDDEN}"),
    (_IBAN, r"…\1"),
)  # fmt: skip


class Redactor(logging.Filter):
    """Rewrites records before they are written. `secrets`: texts that are hidden wherever they occur."""

    def __init__(self, secrets: Iterable[Secret | None] = ()) -> None:
        super().__init__()
        known = {secret.reveal() for secret in secrets if secret is not None}
        self._known = sorted((text for text in known if len(text) >= 4), key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for known in self._known:
            text = text.replace(known, HIDDEN)
        for pattern, instead in _RULES:
            text = pattern.sub(instead, text)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "uvicorn.access" and isinstance(record.args, tuple):
            # Its formatter takes the arguments apart, so they must stay where they are.
            record.args = tuple(self.clean(one) if isinstance(one, str) else one for one in record.args)
        else:
            record.msg, record.args = self.clean(_message(record)), ()
        if record.exc_info and record.exc_info[0]:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
            record.exc_info = None
        record.exc_text = self.clean(record.exc_text) if record.exc_text else record.exc_text
        for name, value in list(vars(record).items()):
            if isinstance(value, str) and name not in _OWN:
                setattr(record, name, self.clean(value))
        return True


_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def install(secrets: Iterable[Secret | None] = ()) -> Redactor:
    """Redact every record of this process from now on, on handlers that exist and that come later.

    Calling it again replaces the former redactor. secrets: client secret, webhook secret, vault key.
    """
    redactor = Redactor(secrets)

    def made(*args: object, **kwargs: object) -> logging.LogRecord:
        record = logging.LogRecord(*args, **kwargs)  # ty: ignore[invalid-argument-type]
        redactor.filter(record)
        return record

    def uncaught(
        kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            sys.stderr.write(redactor.clean("".join(traceback.format_exception(kind, error, trace))))

    logging.setLogRecordFactory(made)
    for handler in logging.getLogger().handlers:
        for former in [one for one in handler.filters if isinstance(one, Redactor)]:
            handler.removeFilter(former)
        handler.addFilter(redactor)
    sys.excepthook = uncaught
    threading.excepthook = lambda args: uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    logging.captureWarnings(True)
    quiet_http()
    return redactor


def quiet_http() -> None:
    """The HTTP libraries speak from WARNING up: at INFO they print addresses, at DEBUG login codes."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)
