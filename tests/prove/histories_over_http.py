"""Histories of a bank lived over HTTP: consent, pages, sync, and the store judged after each.

In: a seed. Out: what went wrong, in words that begin with it. The sandbox bank serves two accounts with a history
of their own in small pages; ids change at a reconnect, and now and then the data changes while pages are read.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from recon.flow.check import check
from recon.flow.outcome import Outcome
from recon.flow.reconciliation import breaks
from recon.sandbox import running
from recon.sandbox.history import Habits, History, Shown
from recon.schema import FINDINGS
from recon.statements.accounts import account_id
from recon.statements.window import MOVED_DAYS, Window
from tests.flow.flow_company import CLOCK, SECRETS, make_company
from tests.prove import histories

KEYS = ("drift", "skat")
_open = ExitStack()


@cache
def _sandbox() -> Any:
    """One server for all histories of this process, a new bank in it for each; it ends with the process."""
    return _open.enter_context(running(client_secret=SECRETS["client"], webhook_secret=SECRETS["webhook"]))


def live(seed: int) -> list[str]:
    """One history over HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        wrong = _Lived(Path(folder), seed).live()
    return [f"{seed}: over HTTP, {wrong}"] if wrong else []


class _Lived:
    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = Random(f"http {seed}")
        sandbox = _sandbox()
        sandbox.begin_again(clock=CLOCK, client_secret=SECRETS["client"], webhook_secret=SECRETS["webhook"])
        self.bank = sandbox.bank
        self.bank.switches.page_most = self.dice.choice((7, 20, 100))
        self.company = make_company(sandbox, folder / "workspace")
        self.accounts = {key: self._account(key, seed * 10 + n) for n, key in enumerate(KEYS)}
        self.clean = dict.fromkeys(KEYS, True)

    def _account(self, key: str, seed: int) -> _Account:
        habits = Habits(
            ids=self.dice.choices(("kept", "numbered"), (3, 1))[0],  # type: ignore[arg-type]
            balances=self.dice.random() < 0.8,
            misprices=self.dice.random() < 0.15,
        )
        self.bank.event(
            "history", account=key, seed=seed, lines=self.dice.randint(0, 40), habits=asdict(habits)
        )
        own = self.bank.books.account(key)
        return _Account(seed, self.bank.bankside.histories[key], account_id(own.iban, currency=own.currency))

    def live(self) -> str:
        self.company.connect()
        for step in range(self.dice.randint(2, 4)):
            if wrong := self._step():
                return f"sync {step} on {self.bank.clock.today()}: {wrong}"
        proof = check(self.company.store)
        if not proof.ok:
            return f"check finds {proof.findings[0]['words']}"
        return ""

    def _step(self) -> str:
        self.bank.advance(days=self.dice.choice((0, 0, 1, 1, 2, 5)))
        for key in KEYS:
            self.bank.event("live", account=key)
        self.bank.sync_now()
        if self.dice.random() < 0.2:
            self.bank.switches.same_accounts_on_reconnect = False
            self.company.connect()
            self.bank.sync_now()
        if self.dice.random() < 0.2:
            self.bank.fault("data_renewed", times=self.dice.choice((1, 1, 9)))
        report = self.company.sync(fresh=False, wait=0)
        self.bank.faults.clear()
        outcomes = {one.account_id: one for one in report.accounts}
        stored = histories.Stored.read(self.company.store)
        for key, one in self.accounts.items():
            wrong = self._judge(key, one, outcomes[one.id], stored)
            if wrong:
                return f"{key}: {wrong}"
        return ""

    def _judge(self, key: str, one: _Account, outcome: Outcome, stored: histories.Stored) -> str:
        if outcome.outcome == "failed" and "read to their end" in (outcome.reason or ""):
            self.clean[key] = False
            return ""  # it never stood still; the next sync reads it
        if outcome.outcome not in ("new", "none", "partial") or outcome.since is None:
            return f"the sync ended as {outcome.outcome}: {outcome.reason}"
        gone_from = outcome.since + timedelta(days=MOVED_DAYS if one.fetched else 0)
        window = Window(outcome.since, self.bank.clock.today(), gone_from)
        one.fetched = True
        rows = one.history.shown()
        booked = [row for row in rows if row.booked and row.day >= window.since]
        one.model.fetch(map(one.told, booked), window.since, window.gone_from)
        held = one.may_hold(rows) if outcome.outcome == "partial" else 0
        return (
            histories.judge(one, rows, stored, window, held)
            or self._pending(one, rows)
            or self._balances(key, one, rows, stored)
        )

    def _pending(self, one: _Account, rows: list[Shown]) -> str:
        """Expected money is what the bank shows as reserved, and nothing that was booked since."""
        waiting = Counter((row.day, row.amount_minor) for row in rows if not row.booked)
        expected = self.company.store.expected().filter(account_id=one.id)
        told = Counter(expected.select("booking_date", "amount_minor").iter_rows())
        return "" if told == waiting else f"{(told - waiting) or (waiting - told)} is not what is reserved"

    def _balances(self, key: str, one: _Account, rows: list[Shown], stored: histories.Stored) -> str:
        """While every line of the bank stood after every sync, no balance may be said to be off.

        Not where the bank stopped telling balances: those it told before are of another day.
        """
        shown = Counter((row.day, row.amount_minor) for row in rows if row.booked)
        lines = [line for line in stored.lines.get(one.id, []) if line["stands"]]
        standing = Counter((line["booking_date"], line["amount_minor"]) for line in lines)
        self.clean[key] &= shown == standing and not any("hush" in words for words in one.history.told)
        told = breaks(self.company.store) if self.clean[key] else FINDINGS.empty()
        found = told.filter(pl.col("where").str.contains(one.id, literal=True))["words"].to_list()
        if found:
            return f"all lines are there, and yet: {found[0]}"
        return ""


class _Account(histories.Account):
    """An account the sandbox serves: its id is made from its number."""

    def __init__(self, seed: int, history: History, own_id: str) -> None:
        super().__init__(seed, history)
        self._id = own_id
        self.fetched = False

    @property
    def id(self) -> str:
        return self._id
