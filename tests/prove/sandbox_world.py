"""A workspace and the sandbox bank behind it, both put back to one moment as often as somebody asks.

In: how far the story went (`MOMENTS`). Out: a World to play on, without sockets. The truth is asked of the
sandbox's own books, never of its answers.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from recon.clock import Clock
from recon.flow import accounts, connect
from recon.flow.outcome import SyncReport
from recon.flow.sync import sync
from recon.flow.workspace import Store, open_store
from recon.sandbox.bank import SandboxBank
from recon.sandbox.bankside import Row
from recon.sandbox.clock import bank_day
from recon.sandbox.figures import OwnAccount
from recon.sandbox.server import make_app
from recon.settings import Secret, Settings
from recon.store import consents
from tests.prove.in_process import InProcess, clients_over

NOON = datetime(2026, 10, 31, 10, tzinfo=UTC)
SINCE = date(2026, 8, 1)
BANK = "DK_Havbanken"
APP = "http://127.0.0.1:8501"
MOMENTS = ("nothing connected", "connected", "synced, three days ago")

Lines = Counter[tuple[str, str, date, int]]
"""Account, the bank's reference, booking date, minor units: what makes a stored line what it is."""
Held = dict[str, tuple[Lines, date | None]]
"""By account: the lines that stand, and the watermark."""


@dataclass(frozen=True)
class BankClock(Clock):
    """Our clock is the bank's."""

    bank: Any = None

    def now(self) -> datetime:
        return self.bank.clock.now()


@dataclass
class World:
    """A workspace, the bank behind it, and what both hold."""

    bank: SandboxBank
    store: Store
    inner: InProcess

    def log_in(self, url: str, username: str = "anna", *, accept: bool = True, provider: str = BANK) -> str:
        """A person opens the address, logs in and shares all accounts, or cancels; where the browser ends."""
        asked = {"providerId": provider} | dict(parse_qsl(urlsplit(url).query))
        attempt = self.bank.start_attempt(asked)
        attempt.username = username
        if not accept:
            return self.bank.cancel(attempt)
        return self.bank.accept(attempt, [one.key for one in self.bank.offered(attempt)])

    def connect(self) -> str:
        """A person connects by command and confirms; the consent's id."""
        begun = connect.begin(self.store, by="anna", origin="command", provider_id=BANK)
        done = connect.finish_address(self.store, self.log_in(begun.url), by="anna")
        assert done.consent_id
        offered = accounts.offered(self.store, done.consent_id)
        start = {one.account_id: {"sync_from": SINCE} for one in offered}
        accounts.link(self.store, done.consent_id, offered, by="anna", settings=start)
        return done.consent_id

    def sync(self, **options: Any) -> SyncReport:
        return sync(self.store, **({"wait": 1.0} | options))

    def accounts(self) -> list[dict[str, Any]]:
        with self.store.database.read() as c:
            return consents.accounts(c)

    def held(self) -> Held:
        """What is stored and stands of each account, and its watermark."""
        with self.store.database.read() as c:
            found = c.rows(
                """SELECT account_id, bank_ref, booking_date, amount_minor
                FROM standing_lines JOIN line_sources USING (line_id)"""
            )
            marks = {row["account_id"]: row["watermark"] for row in consents.accounts(c)}
        lines = Counter(tuple(row.values()) for row in found)
        return {
            one: (Counter({line: n for line, n in lines.items() if line[0] == one}), mark)
            for one, mark in marks.items()
        }

    def truth(self) -> dict[str, Lines]:
        """What the bank's own books show as booked since the start date, by account."""
        day = bank_day(self.bank.clock.now())
        return {
            account_id: _lines(account_id, self.bank.bankside.rows(own, day))
            for account_id, own in self._own_accounts().items()
        }

    def served(self) -> dict[str, Lines]:
        """What the service copied of it at its last sync: the most that anybody can be told."""
        told: dict[str, Lines] = {account_id: Counter() for account_id in self._own_accounts()}
        for account_id, own in self._own_accounts().items():
            for (_, key), held in self.bank.service.held.items():
                if key == own.key:
                    rows = [stored.row for stored in held.rows.values() if not stored.deleted]
                    told[account_id] = _lines(account_id, rows)
        return told

    def _own_accounts(self) -> dict[str, OwnAccount]:
        by_iban = {one.iban: one for one in self.bank.books.accounts}
        return {row["account_id"]: by_iban[row["iban"]] for row in self.accounts()}


def _lines(account_id: str, rows: list[Row]) -> Lines:
    return Counter(
        (account_id, row.id, row.date, row.line.amount_minor)
        for row in rows
        if row.state == "Booked" and row.date >= SINCE
    )


def prepare(moment: str, folder: Path) -> Path:
    """A folder that holds workspace and bank as they are at a moment of `MOMENTS`."""
    folder.mkdir()
    bank = SandboxBank(clock=NOON.isoformat(), state=folder / "bank.json", sync_seconds=0)
    with _over(bank, folder / "workspace") as world, clients_over(world.inner):
        world.accounts()
        if moment != MOMENTS[0]:
            world.connect()
        if moment == MOMENTS[2]:
            world.sync()
            bank.advance(days=3)
            bank.event("delete")
            bank.event("insert_backdated")
    bank.save()
    (folder / "now").write_text(bank.clock.now().isoformat())
    return folder


@contextmanager
def world_of(prepared: Path) -> Generator[World]:
    """A copy of workspace and bank, both at the moment; always at one place, which is quicker."""
    home = prepared / "copy"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(prepared / "workspace", home)
    bank = SandboxBank(state=prepared / "bank.json", sync_seconds=0)
    bank.state = None
    at = datetime.fromisoformat((prepared / "now").read_text())
    bank.clock.ahead = at - datetime.now(UTC) + timedelta(seconds=1)
    with _over(bank, home) as world:
        yield world


@contextmanager
def _over(bank: SandboxBank, home: Path) -> Generator[World]:
    settings = Settings(
        home=home,
        viia_base_url="http://127.0.0.1:8600",
        viia_client_id=bank.client_id,
        viia_client_secret=Secret(bank.client_secret),
        viia_redirect_uri=f"{APP}/oauth/return",
        viia_webhook_secret=Secret("a webhook secret for proofs only"),
        vault_key=Secret("a key for proofs only"),
        app_url=APP,
    )
    inner = InProcess(make_app(bank))
    try:
        yield World(bank, replace(open_store(home, settings), clock=BankClock(bank=bank)), inner)
    finally:
        inner.close()
