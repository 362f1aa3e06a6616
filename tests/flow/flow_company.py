"""A company in a temporary workspace, and the sandbox bank it connects to; people are played by functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import polars as pl

from recon.clock import Clock
from recon.flow import accounts, connect
from recon.flow.files import File, import_files
from recon.flow.outcome import SyncReport
from recon.flow.sync import sync
from recon.flow.workspace import Store, open_store
from recon.settings import Secret, Settings

CLOCK = "2026-10-31T10:00:00Z"
REDIRECT = "http://127.0.0.1:8501/oauth/return"
SECRETS = {"client": "client-s3cret-text", "webhook": "webhook-s3cret-text", "vault": "vault-s3cret-text"}


@dataclass(frozen=True)
class BankClock(Clock):
    """Our clock, tied to the sandbox's, so that both move together."""

    bank: Any = None

    def now(self):
        return self.bank.clock.now()


@dataclass
class Company:
    """The workspace, and the bank behind it."""

    store: Store
    sandbox: Any

    @property
    def bank(self) -> Any:
        return self.sandbox.bank

    def log_in(self, url: str, *, share: int | None = None) -> str:
        """A person opens the address, logs in and shares their accounts; returns where the browser ends."""
        attempt = self.bank.start_attempt(dict(parse_qsl(urlsplit(url).query)))
        attempt.username = "anna"
        return self.bank.accept(attempt, [account.key for account in self.bank.offered(attempt)][:share])

    def connect(self, provider: str = "DK_Havbanken") -> str:
        """Connect a bank as the command does; returns the consent's id."""
        begun = connect.begin(self.store, by="anna", origin="command", provider_id=provider)
        done = connect.finish_address(self.store, self.log_in(begun.url), by="anna")
        assert done.consent_id
        accounts.link(self.store, done.consent_id, accounts.offered(self.store, done.consent_id), by="anna")
        return done.consent_id

    def sync(self, **options: Any) -> SyncReport:
        return sync(self.store, **({"wait": 2.0} | options))

    def outcomes(self, **options: Any) -> list[str]:
        return [one.outcome for one in self.sync(**options).accounts]

    def set_erp_accounts(self) -> None:
        for number, account in zip(
            ("5820", "5830", "5840"), self.store.accounts()["account_id"], strict=False
        ):
            accounts.set_account(self.store, account, by="anna", erp_account=number)

    def import_text(self, text: str, name: str = "documents.csv") -> None:
        import_files(self.store, [File(name, text.encode())], by="anna")

    def line_ids(self) -> list[str]:
        return self.store.lines()["line_id"].to_list()

    def sum_of_lines(self) -> int:
        return int(self.store.lines().select(pl.col("amount_minor").sum()).item())


def make_company(sandbox: Any, home: Path) -> Company:
    """A fresh workspace that knows the sandbox."""
    settings = Settings(
        home=home,
        viia_base_url=sandbox.url,
        viia_client_id=sandbox.client_id,
        viia_client_secret=Secret(sandbox.client_secret),
        viia_redirect_uri=REDIRECT,
        viia_webhook_secret=Secret(SECRETS["webhook"]),
        vault_key=Secret(SECRETS["vault"]),
    )
    store = open_store(home, settings)
    return Company(replace(store, clock=BankClock(bank=sandbox.bank)), sandbox)
