"""Every command and its options. `run` names the function that does it; only that one is loaded."""

from __future__ import annotations

import argparse
import re
from datetime import date, timedelta
from pathlib import Path
from typing import NoReturn

from recon.errors import UsageError

_EVERY = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class _Parser(argparse.ArgumentParser):
    """Refuses like everything else here, so that --json gets its document for a mistyped command as well."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}. Nothing was done; see {self.prog} --help.")


def build_parser() -> argparse.ArgumentParser:
    """The parser of `python -m recon`."""
    parser = _Parser(prog="recon", description="Bank reconciliation: statements in, journal out.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = _Parser(add_help=False)
    common.add_argument(
        "--home", type=Path, action="append", help="the workspace folder (default: RECON_HOME)"
    )
    common.add_argument("--json", action="store_true", help="one JSON document on stdout, logs on stderr")
    common.add_argument(
        "--by", default=None, help="who does this, for the audit trail (default: the login name)"
    )

    def add(name: str, words: str, run: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=words, description=words, parents=[common])
        command.set_defaults(run=run)
        return command

    _running(add)
    _bank(add)
    _files(add)
    _keeping(add)
    _review(commands, common)
    return parser


def _running(add) -> None:  # noqa: ANN001 - the closure above
    command = add(
        "demo", "the whole thing on this machine: sandbox bank, documents and the app", "demo.run_demo"
    )
    command.add_argument("--port", type=int, default=8501)
    command.add_argument("--bank-port", type=int, default=0, help="0 takes a free one")
    command.add_argument("--seed", type=int, default=7)
    command.add_argument("--no-browser", action="store_true")
    command = add("app", "the app alone", "demo.run_app")
    command.add_argument("--port", type=int, default=8501)
    command.add_argument("--no-browser", action="store_true")
    command = add("sandbox", "the sandbox bank alone", "demo.run_sandbox")
    command.add_argument("--port", type=int, default=8900)
    command.add_argument("--seed", type=int, default=7)
    command.add_argument("--clock", help="an ISO instant to start at (default: now)")
    command.add_argument("--state", type=Path, help="a file that keeps consents over a restart")


def _bank(add) -> None:  # noqa: ANN001
    command = add("connect", "begin a login at the bank, or finish one", "bank.run_connect")
    command.add_argument("--callback", metavar="URL", help="the whole address the browser ended on")
    command.add_argument(
        "--attempt", metavar="ID", help="the attempt it belongs to, if the bank left the state out"
    )
    command.add_argument("--provider", metavar="ID", help="one bank, its list is skipped")
    command.add_argument("--consent", metavar="ID", help="a consent to renew")
    command = add("accounts", "list bank accounts, or `accounts set ACCOUNT …`", "bank.run_accounts")
    command.add_argument("--full", action="store_true", help="whole account numbers")
    command.add_argument("action", nargs="?", choices=["set"])
    command.add_argument("account", nargs="?", metavar="ACCOUNT")
    command.add_argument("--erp-account", metavar="NO")
    command.add_argument("--name")
    command.add_argument("--sync-from", type=_date, metavar="DATE")
    command.add_argument("--on", action=argparse.BooleanOptionalAction, default=None)
    command.add_argument("--off", dest="on", action="store_false")
    command = add("sync", "fetch all accounts that are due", "sync.run_sync")
    command.add_argument("--account", action="append", metavar="ID")
    command.add_argument("--every", type=_every, metavar="6h", help="stay and repeat")
    command.add_argument("--all-homes", type=Path, metavar="DIR", help="every workspace below a folder")
    command.add_argument(
        "--fresh", action=argparse.BooleanOptionalAction, default=None, help="ask the banks anew"
    )
    command.add_argument("--wait", type=float, default=20.0, metavar="SECONDS", help="for fresh data; 0: not")


def _files(add) -> None:  # noqa: ANN001
    command = add("import", "statements or documents; each file whole or nothing", "files.run_import")
    command.add_argument("files", nargs="*", type=Path, metavar="FILE")
    command.add_argument("--inbox", action="store_true", help="what lies in the workspace's inbox folder")
    command.add_argument("--currency", help="where a file does not say its own")
    command.add_argument("--account", metavar="ID", help="the account, where a statement names none")
    command.add_argument(
        "--layout", metavar="NAME", help="the bank whose columns a CSV or Excel statement has, such as dnb"
    )
    command = add("pull", "open documents from the ERP, read only", "pull.run_pull")
    command.add_argument(
        "--from", dest="erp", required=True, choices=["economic", "dinero", "billy", "fenerum"]
    )
    add("match", "propose which documents the open lines pay", "files.run_match")
    add("refit", "learn from decisions, and use the new model if it beats the old one", "models.run_refit")
    command = add("export", "the journal for the ERP", "files.run_export")
    command.add_argument("--format", required=True)
    command.add_argument("--out", required=True, type=Path, metavar="FILE")
    command.add_argument("--batch", type=int, metavar="NO", help="an earlier batch again")


def _keeping(add) -> None:  # noqa: ANN001
    command = add("check", "prove the workspace; exit 40 if anything is off", "store.run_check")
    command.add_argument("--rebuild", action="store_true", help="also replay every event and compare")
    command = add("backup", "the workspace as one encrypted file, proved by restoring it", "store.run_backup")
    command.add_argument(
        "--to", type=Path, metavar="FILE_OR_FOLDER", help="default: RECON_BACKUPS, else backups/"
    )
    command.add_argument("--keep", type=_count, metavar="N", help="older ones in that folder are removed")
    command = add("restore", "put a backup into --home, a new or empty folder", "store.run_restore")
    command.add_argument("file", type=Path, metavar="FILE")
    command = add(
        "rebuild", "the workspace again from its events alone, in a new folder", "store.run_rebuild"
    )
    command.add_argument("--out", required=True, type=Path, metavar="FOLDER")


def _review(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("review", help="decide on proposals", description="Decide on proposals.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(name: str, words: str, run: str) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=words, description=words, parents=[common])
        action.set_defaults(run=run)
        return action

    command = add("list", "proposals with their legs and evidence", "review.run_list")
    command.add_argument("--limit", type=int, default=1000)
    command = add("lines", "open lines, with what is left of each", "review.run_lines")
    command.add_argument("--limit", type=int, default=1000)
    for name, words, run in (
        ("accept", "accept proposals, all or none", "review.run_accept"),
        ("reject", "reject proposals, all or none", "review.run_reject"),
        ("undo", "undo decisions, all or none", "review.run_undo"),
    ):
        command = add(name, words, run)
        command.add_argument("ids", nargs="+", metavar="ID")
        command.add_argument("--reason")
        if name == "accept":
            command.add_argument("--difference-account", metavar="NO", help="ERP account for a difference")
    command = add("allocate", "give a line's money as you say", "review.run_allocate")
    command.add_argument("line", metavar="LINE")
    command.add_argument(
        "amounts", nargs="+", metavar="ITEM=AMOUNT", help="account:5820=-25.00 books to an ERP account"
    )
    command.add_argument("--reason")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"“{text}” is no number from 1 on")
    return int(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no date such as 2026-01-31") from None


def _every(text: str) -> timedelta:
    found = _EVERY.fullmatch(text.strip())
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"“{text}” is no length of time such as 6h or 30m")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
