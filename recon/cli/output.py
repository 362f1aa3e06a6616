"""What commands say: JSON on stdout, words for people, logs and progress on stderr."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, date, datetime
from typing import Any

from recon.bank.redact import install, quiet_http
from recon.errors import ReconError
from recon.settings import read_settings


def tell(document: dict[str, Any], words: str, *, as_json: bool) -> None:
    """The one answer of a command, as a JSON document or in words."""
    print(json.dumps(document, ensure_ascii=False, default=_plain) if as_json else words)


def refused(error: ReconError) -> dict[str, Any]:
    """The contracted document of a failure."""
    told: dict[str, Any] = {"code": error.exit_code, "kind": error.kind, "words": error.words}
    return {"error": told | ({"url": error.url} if error.url else {})}


def fail(error: ReconError, *, as_json: bool) -> int:
    """Say what was refused; returns its exit code."""
    if as_json:
        print(json.dumps(refused(error), ensure_ascii=False))
    else:
        print(error.words, file=sys.stderr)
        if error.url:
            print(f"Open {error.url}", file=sys.stderr)
    return error.exit_code


def table(rows: list[dict[str, Any]], columns: dict[str, str]) -> str:
    """Rows as aligned text; `columns` maps a key to its heading."""
    if not rows:
        return "(none)"
    cells = [list(columns.values())] + [[_cell(row.get(key)) for key in columns] for row in rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def set_up_logging() -> None:
    """One JSON line an event on stderr, secrets taken out before anything is written."""
    settings = read_settings()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    install([settings.viia_client_secret, settings.viia_webhook_secret, settings.vault_key])
    quiet_http()


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "from": record.name,
            "words": record.getMessage(),
        }
        if record.exc_text:  # the redactor leaves the cleaned traceback there
            told["error"] = record.exc_text
        return json.dumps(told, ensure_ascii=False)


class Progress:
    """How far a sync or a match is: a bar on a terminal, JSON lines elsewhere, both on stderr."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = ""

    def __call__(self, done: int, total: int, words: str) -> None:
        if self._terminal:
            filled = round(24 * done / max(total, 1))
            sys.stderr.write(f"\r[{'█' * filled}{'·' * (24 - filled)}] {done}/{total} {words[:48]:<48}")
            sys.stderr.flush()
        elif words != self._last:
            print(
                json.dumps({"progress": done, "of": total, "words": words}, ensure_ascii=False),
                file=sys.stderr,
            )
        self._last = words

    def share(self, share: float, words: str) -> None:
        """The same, told as a share from 0 to 1."""
        self(round(share * 100), 100, words)

    def close(self) -> None:
        """Leave the terminal's line clean."""
        if self._terminal and self._last:
            sys.stderr.write("\r" + " " * 90 + "\r")


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return str(value)


def _plain(value: Any) -> str:
    """Dates and instants as ISO text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
