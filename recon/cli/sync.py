"""`sync`: once, or staying and repeating; one workspace or many."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from recon.cli.common import who
from recon.cli.output import Progress, refused, table, tell
from recon.errors import ReconError, UsageError
from recon.flow.outcome import SyncReport
from recon.flow.sync import sync
from recon.flow.workspace import open_store

_WORST_FIRST = (40, 60, 50, 20, 30, 10, 2, 0)


def run_sync(options: argparse.Namespace) -> int:
    """Fetch; with --every repeat for ever, saying each time what came of it."""
    while True:
        code = _all_homes(options)
        if options.every is None:
            return code
        time.sleep(options.every.total_seconds())


def _all_homes(options: argparse.Namespace) -> int:
    """Fetch for each workspace; one document for one, a list of them under `homes` for several."""
    homes = _homes(options)
    if len(homes) == 1:
        report = _fetch(homes[0], options)
        tell(told(report), _words(report), as_json=options.json)
        return report.exit_code
    done = [_guarded(home, options) for home in homes]
    words = "\n\n".join(f"{home}\n{told_words}" for home, (_, _, told_words) in zip(homes, done, strict=True))
    documents = [{"home": str(home), **document} for home, (_, document, _) in zip(homes, done, strict=True)]
    tell({"homes": documents}, words, as_json=options.json)
    codes = {code for code, _, _ in done}
    return next(code for code in _WORST_FIRST if code in codes)


def _guarded(home: Path | None, options: argparse.Namespace) -> tuple[int, dict[str, Any], str]:
    """One of several workspaces never keeps another from its turn: what stops it is said, and the next goes on."""
    try:
        report = _fetch(home, options)
    except ReconError as error:
        return error.exit_code, refused(error), error.words
    return report.exit_code, told(report), _words(report)


def _fetch(home: Path | None, options: argparse.Namespace) -> SyncReport:
    progress = Progress()
    try:
        return sync(
            open_store(home),
            options.account,
            by=who(options) if options.fresh else "schedule",
            fresh=options.fresh,
            attended=bool(options.fresh),
            wait=options.wait,
            progress=progress,
        )
    finally:
        progress.close()


def told(report: SyncReport) -> dict[str, Any]:
    """The contracted document of `sync --json`."""
    return {
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "accounts": [one.told() for one in report.accounts],
        "logins": report.logins,
    }


def _words(report: SyncReport) -> str:
    columns = {
        "account_id": "account", "outcome": "outcome", "fetched": "fetched", "new": "new", "changed": "changed",
        "withdrawn": "withdrawn", "reason": "reason",
    }  # fmt: skip
    if not report.accounts:
        return "No linked account is switched on. Nothing was fetched; connect a bank, or import a file."
    logins = [f"{login['bank']} wants you to log in: {login['url']}" for login in report.logins]
    return "\n".join([table([one.told() for one in report.accounts], columns), *logins])


def _homes(options: argparse.Namespace) -> list[Path | None]:
    if options.all_homes is None:
        return options.home or [None]
    if not options.all_homes.is_dir():
        raise UsageError(f"{options.all_homes} is no folder. Nothing was fetched.")
    found: list[Path | None] = sorted(path.parent for path in options.all_homes.glob("*/recon.duckdb"))
    if not found:
        raise UsageError(f"There is no workspace below {options.all_homes}. Nothing was fetched.")
    return found
