"""`sync`: once, or staying and repeating; one workspace or many."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from recon.cli.common import who
from recon.cli.output import Progress, fail, table, tell
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
    homes = _homes(options)
    if len(homes) == 1:
        return _one(homes[0], options)
    codes = [_one(home, options) for home in homes]
    return next(code for code in _WORST_FIRST if code in codes)


def _one(home: Path | None, options: argparse.Namespace) -> int:
    """One workspace never keeps another from its turn: what stops it is said, and the next goes on."""
    progress = Progress()
    try:
        report = sync(
            open_store(home),
            options.account,
            by=who(options) if options.fresh else "schedule",
            fresh=options.fresh,
            attended=bool(options.fresh),
            wait=options.wait,
            progress=progress,
        )
    except ReconError as error:
        progress.close()
        return fail(error, as_json=options.json)
    progress.close()
    tell(told(report), _words(report), as_json=options.json)
    return report.exit_code


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
