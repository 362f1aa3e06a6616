"""What a bank itself would show of an account at an instant, scripted happenings included.

In: books, and events as they are told. Out: `Row`s with their state. The aggregator never sees this
directly: it copies it at a sync (`service.py`). Never: the account holder's consents, HTTP, the wall clock.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from recon.errors import UsageError
from recon.sandbox.books import Books
from recon.sandbox.figures import BankLine, OwnAccount
from recon.sandbox.habits import HOUSES
from recon.sandbox.history import Habits, History

MARKS = ("orphaned", "null_balances", "null_available", "missing_iban")


@dataclass(frozen=True)
class Row:
    """One transaction as the bank shows it. `order` breaks ties within a day.

    balance_minor: after the transaction, None where the bank does not tell.
    """

    id: str
    line: BankLine
    state: str
    date: date
    text: str
    balance_minor: int | None
    detail: bool
    order: int


@dataclass
class BankSide:
    """The banks' own records of one company.

    events: every scripted happening so far, in order and with its choices made, so that telling them
    again to a fresh BankSide gives the same records.
    """

    books: Books
    events: list[dict[str, Any]] = field(default_factory=list)
    marks: dict[str, set[str]] = field(default_factory=lambda: {mark: set() for mark in MARKS})
    removed: set[str] = field(default_factory=set)
    edited: dict[str, str] = field(default_factory=dict)
    booked_early: dict[str, date] = field(default_factory=dict)
    extra: dict[str, list[BankLine]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    histories: dict[str, History] = field(default_factory=dict)
    """Accounts that live a seeded history instead of the books'."""

    def rows(self, account: OwnAccount, today: date) -> list[Row]:
        """Everything the bank shows of the account on a day, oldest first; balances run from the opening."""
        if account.key in self.histories:
            return self._lived(account)
        balance = account.opening_minor
        shown: list[Row] = []
        detail = HOUSES[account.provider].detail and account.provider not in self.silent
        told = account.key not in self.marks["null_balances"]
        for order, line in enumerate(self._in_order(account, today)):
            if line.id in self.removed:
                continue
            reserved = line.booking_date > today
            if not reserved:
                balance += line.amount_minor
            shown.append(
                Row(
                    id=reserved_id(line.id) if reserved else line.id,
                    line=line,
                    state="Reserved" if reserved else "Booked",
                    date=line.booking_date if line.reserved_from is None else _shown_date(line, today),
                    text=self.edited.get(line.id, line.text),
                    balance_minor=balance if told and not reserved else None,
                    detail=detail,
                    order=order,
                )
            )
        return shown

    def balance(self, account: OwnAccount, today: date) -> tuple[int | None, int | None]:
        """Booked and available balance, None where the bank does not tell."""
        if account.key in self.marks["null_balances"]:
            return None, None
        if account.key in self.histories:
            return self.histories[account.key].balance_minor(), None
        rows = self.rows(account, today)
        booked = next(
            (row.balance_minor for row in reversed(rows) if row.state == "Booked"), account.opening_minor
        )
        quiet = account.key in self.marks["null_available"] or not HOUSES[account.provider].available
        reserved = sum(
            row.line.amount_minor for row in rows if row.state == "Reserved" and row.line.amount_minor < 0
        )
        return booked, None if quiet else (booked or 0) + reserved

    def tell(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        """Let something happen at the bank; the event comes back with its choices made. Raises UsageError.

        name: reserve, book, edit_text, delete, insert_backdated, far_future_reserved, detail, history, live, or
        one of MARKS (with `on`). account: the key of an own account. transaction: an id as the API shows it;
        left out, the newest booked one. `history` gives an account a seeded history (`seed`, `lines` booked
        over the `days` before, `habits`); `live` lets things happen in it.
        """
        act = getattr(self, f"_on_{event.get('name')}", None)
        if event.get("name") in MARKS:
            done = self._mark(event)
        elif act is None:
            raise UsageError(f"The sandbox knows no event “{event.get('name')}”. Nothing happened.")
        else:
            done = act({**event}, today)
        self.events.append({**done, "day": today.isoformat()})
        return done

    def _in_order(self, account: OwnAccount, today: date) -> list[BankLine]:
        lines = [*self.books.lines[account.key], *self.extra.get(account.key, ())]
        early = [
            replace(line, booking_date=self.booked_early[line.id]) if line.id in self.booked_early else line
            for line in lines
        ]
        seen = [
            line for line in early if line.booking_date <= today or (line.reserved_from or date.max) <= today
        ]
        return sorted(seen, key=lambda line: line.booking_date)

    def _chosen(self, event: dict[str, Any], today: date, state: str = "Booked") -> BankLine:
        """The line an event speaks of: the one named, else the newest of that state."""
        account = self.books.account(self._account_key(event))
        rows = [row for row in self.rows(account, today) if row.state == state]
        wanted = event.get("transaction")
        for row in reversed(rows):
            if wanted in (None, row.id, row.line.id):
                return row.line
        raise UsageError(f"{account.name} has no such {state.lower()} transaction. Nothing happened.")

    def _account_key(self, event: dict[str, Any]) -> str:
        key = event.get("account", "drift")
        if key not in self.books.lines:
            raise UsageError(f"There is no account “{key}”; there are {', '.join(self.books.lines)}.")
        return key

    def _mark(self, event: dict[str, Any]) -> dict[str, Any]:
        key, on = self._account_key(event), bool(event.get("on", True))
        marked = self.marks[event["name"]]
        marked.add(key) if on else marked.discard(key)
        return {"name": event["name"], "account": key, "on": on}

    def _on_detail(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        provider, on = event.get("provider", "DK_Havbanken"), bool(event.get("on", True))
        self.silent.discard(provider) if on else self.silent.add(provider)
        return {"name": "detail", "provider": provider, "on": on}

    def _on_history(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        key = event["account"] = self._account_key(event)
        history = History(
            int(event.setdefault("seed", 1)),
            today - timedelta(days=int(event.setdefault("days", 60))),
            Habits(**event.setdefault("habits", {})),
        )
        history.begin(int(event.setdefault("lines", 40)), today)
        self.histories[key] = history
        return event

    def _on_live(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        key = self._account_key(event)
        if key not in self.histories:
            raise UsageError(f"The account “{key}” has no history yet. Nothing happened.")
        return {**event, "account": key, "happened": self.histories[key].live(today)}

    def _lived(self, account: OwnAccount) -> list[Row]:
        """What an account with a history shows."""
        return [
            Row(
                id=row.id,
                line=row.as_line(account.key, account.currency),
                state="Booked" if row.booked else "Reserved",
                date=row.day,
                text=row.text,
                balance_minor=row.balance_minor,
                detail=False,
                order=place,
            )
            for place, row in enumerate(self.histories[account.key].shown())
        ]

    def _on_edit_text(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        line = self._chosen(event, today)
        self.edited[line.id] = str(event.get("text", f"{line.text} (rettet)"))
        return {**event, "transaction": line.id, "text": self.edited[line.id]}

    def _on_delete(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        line = self._chosen(event, today)
        self.removed.add(line.id)
        return {**event, "transaction": line.id}

    def _on_insert_backdated(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        event.setdefault("days_back", 5)
        return self._insert(event, today - timedelta(days=int(event["days_back"])), None)

    def _on_reserve(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        event.setdefault("days", 3)
        return self._insert(event, today + timedelta(days=int(event["days"])), today)

    def _on_far_future_reserved(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        event.setdefault("days", 400)
        return self._insert({**event, "far": True}, today + timedelta(days=int(event["days"])), today)

    def _on_book(self, event: dict[str, Any], today: date) -> dict[str, Any]:
        line = self._chosen(event, today, "Reserved")
        self.booked_early[line.id] = today
        return {**event, "transaction": line.id}

    def _insert(self, event: dict[str, Any], day: date, reserved_from: date | None) -> dict[str, Any]:
        key = self._account_key(event)
        account = self.books.account(key)
        amount = int(event.get("amount_minor", -12_345))
        text = str(event.get("text", "Efterposteret" if reserved_from is None else "Reserveret beløb"))
        line_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.books.seed}:{key}:extra:{len(self.events)}"))
        line = BankLine(
            line_id,
            key,
            day,
            day,
            amount,
            account.currency,
            0,
            text,
            "BankTransfer",
            reserved_from=reserved_from,
        )
        self.extra.setdefault(key, []).append(line)
        return {**event, "account": key, "transaction": line_id}


def _shown_date(line: BankLine, today: date) -> date:
    """A reserved row near its booking carries the day it was made; one dated far ahead carries that date."""
    if line.booking_date <= today or (line.booking_date - today).days > 30:
        return line.booking_date
    return line.reserved_from or line.booking_date


def reserved_id(line_id: str) -> str:
    """The id a line has while it is only reserved; booking gives it another."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, line_id))
