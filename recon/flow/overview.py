"""What the Home and Bank accounts pages open with: accounts and their freshness, what waits, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from recon.flow.outcome import last_fetch_is_fresh
from recon.flow.workspace import Store
from recon.statements.accounts import mask
from recon.store import figures
from recon.store.connection import Lease

_ALIVE = ("active", "expiring")


@dataclass(frozen=True)
class AccountState:
    """A bank account as pages show it. `fresh` says that it may be called up to date.

    consent_status: of the access it is fetched by (CONSENTS), None for an account from files.
    """

    account_id: str
    name: str
    masked: str
    currency: str
    bank: str | None
    owner: str | None
    erp_account: str | None
    sync_from: date | None
    on: bool
    consent_id: str | None
    consent_status: str | None
    lines: int
    first_day: date | None
    last_day: date | None
    outcome: str | None
    reason: str | None
    last_tried_at: datetime | None
    last_success_at: datetime | None
    fresh: bool


@dataclass(frozen=True)
class Overview:
    """Home's figures: `waiting` and `documents` by currency, `weekly` by week and currency (`store/figures.py`).

    beginnings: counts of what a workspace needs, for the first steps.
    """

    accounts: list[AccountState]
    waiting: pl.DataFrame
    documents: pl.DataFrame
    weekly: pl.DataFrame
    beginnings: dict[str, Any]

    @property
    def lines_waiting(self) -> int:
        """Lines with something left to place."""
        return _sum(self.waiting, "lines")

    @property
    def lines_proposed(self) -> int:
        """Those of them that have a suggestion."""
        return _sum(self.waiting, "proposed")

    @property
    def lines_booked(self) -> int:
        """All lines that stand."""
        return _sum(self.weekly, "lines")

    @property
    def lines_matched(self) -> int:
        """Lines of which nothing is left."""
        return _sum(self.weekly, "matched_lines")

    @property
    def documents_open(self) -> int:
        """Documents not settled, either way."""
        return _sum(self.documents, "receivable", "payable")

    @property
    def documents_late(self) -> int:
        """Those of them that should have been paid before today."""
        return _sum(self.documents, "overdue", "overdue_payable")

    @property
    def linked(self) -> list[AccountState]:
        """Accounts that are fetched from a bank."""
        return [account for account in self.accounts if account.on and account.consent_id]


def overview(store: Store) -> Overview:
    """All figures of Home."""
    statuses = _statuses(store)
    with store.database.read() as c:
        return Overview(
            accounts=_states(c, store.clock.now(), statuses),
            waiting=figures.waiting(c),
            documents=figures.open_documents(c, store.clock.today()),
            weekly=figures.matched_by_week(c),
            beginnings=figures.beginnings(c),
        )


def account_states(store: Store) -> list[AccountState]:
    """Every account, linked or from files, by bank and name."""
    statuses = _statuses(store)
    with store.database.read() as c:
        return _states(c, store.clock.now(), statuses)


def _statuses(store: Store) -> dict[str, str]:
    return dict(store.consents().select("consent_id", "status").iter_rows())


def _sum(frame: pl.DataFrame, *columns: str) -> int:
    """Counts added up: never money, which is summed by currency only."""
    return sum(int(frame[column].sum()) for column in columns)


def _states(c: Lease, now: datetime, statuses: dict[str, str]) -> list[AccountState]:
    """What the bank keeps back until somebody logs in is not here, so such an account is never fresh."""
    return [
        AccountState(
            account_id=row["account_id"],
            name=row["name"] or mask(row["iban"] or row["bban"]) or "Account without a number",
            masked=mask(row["iban"] or row["bban"]),
            currency=row["currency"],
            bank=row["bank"],
            owner=row["owner"],
            erp_account=row["erp_account"],
            sync_from=row["sync_from"],
            on=row["is_on"],
            consent_id=row["consent_id"],
            consent_status=statuses.get(row["consent_id"]),
            lines=row["lines"],
            first_day=row["first_day"],
            last_day=row["last_day"],
            outcome=row["outcome"],
            reason=row["outcome_reason"],
            last_tried_at=row["last_tried_at"],
            last_success_at=row["last_success_at"],
            fresh=last_fetch_is_fresh(row, now) and statuses.get(row["consent_id"]) in _ALIVE,
        )
        for row in figures.accounts(c)
    ]
