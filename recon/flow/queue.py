"""What the review workbench lists: a page of open lines, what stands around it, documents and accounts to pick.

In: the workspace and what the reviewer asks for. Out: plain values, read under one short lease each. Never
decides or writes anything; that is `flow/review.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from recon.flow.candidates import account_names
from recon.flow.workspace import Store, chart, read_preferences
from recon.post.chart import ErpAccount
from recon.store import decisions, documents, events, matching, statements
from recon.store.connection import Lease

PAGE_LINES = 20
ORDERS = tuple(matching.ORDERS)
STATES = tuple(matching.STATES)


@dataclass(frozen=True)
class Ask:
    """Which open lines a reviewer wants to see. `amount` finds lines of that size, minor units, no sign."""

    order: str = "certain"
    state: str = "proposed"
    words: str = ""
    amount: int | None = None
    account_id: str | None = None
    page: int = 1


@dataclass(frozen=True)
class Bench:
    """One page of the queue. It depends on nothing but what was asked and `version`.

    counts: open lines in each of STATES under the same search. lines: rows of `store.matching.queue`.
    known: bank lines of the workspace in all.
    """

    counts: dict[str, int]
    page: int
    pages: int
    lines: list[dict[str, Any]]
    accounts: dict[str, str]
    known: int
    matched_at: datetime | None
    calibrated: bool


@dataclass(frozen=True)
class Around:
    """What stands around the queue.

    expected: pending rows of the bank, never matchable. withdrawn: lines the bank took back although they
    are matched. recent: decisions that stand, newest first.
    """

    expected: list[dict[str, Any]]
    withdrawn: list[dict[str, Any]]
    recent: list[dict[str, Any]]


def version(store: Store) -> str:
    """What changes whenever lines, documents, proposals or decisions do: the end of the audit trail."""
    with store.database.read() as c:
        return events.head(c).hash


def bench(store: Store, ask: Ask) -> Bench:
    """A page of the queue; one past the end gives the last page."""
    with store.database.read() as c:
        counts, found, page = _page(c, ask)
        run = matching.last_run(c)
        names = account_names(c)
        return Bench(
            counts=counts,
            page=page,
            pages=_pages(counts[ask.state]),
            lines=[row | {"account_name": names.get(row["account_id"])} for row in found.to_dicts()],
            accounts=names,
            known=statements.count(c),
            matched_at=run["ran_at"] if run else None,
            calibrated=bool(run and run["calibrated"]),
        )


def around(store: Store, account_id: str | None = None) -> Around:
    """Pending money, lines taken back and recent decisions; pending money of one account where it is named."""
    with store.database.read() as c:
        names = account_names(c)
        return Around(
            expected=[
                row | {"account_name": names.get(row["account_id"])}
                for row in statements.expected(c).to_dicts()
                if account_id in (None, row["account_id"])
            ],
            withdrawn=decisions.withdrawn_but_matched(c),
            recent=decisions.recent(c, 8),
        )


def find_items(
    store: Store, words: str, currency: str, near_minor: int, *, amount: int | None = None, limit: int = 12
) -> list[dict[str, Any]]:
    """Open documents in a currency by number, party, reference or amount; the nearest to an amount first."""
    with store.database.read() as c:
        return documents.search(c, words, currency, near_minor, limit, amount=amount)


def account_choices(store: Store, line: dict[str, Any]) -> tuple[list[ErpAccount], list[ErpAccount]]:
    """Every ERP account by number, and the few that lines like this one were booked to before."""
    with store.database.read() as c:
        every = list(chart(c, store.settings.language))
        likely = decisions.accounts_used(c, line["counterparty_name"], line["kind"], limit=4)
        roles = read_preferences(c, store.settings.language).roles
    if line["kind"] == "fee":
        likely = [roles.bank_fees, *likely]
    known = {account.number: account for account in every}
    return every, [known[number] for number in dict.fromkeys(likely) if number in known]


def _page(c: Lease, ask: Ask) -> tuple[dict[str, int], pl.DataFrame, int]:
    asked = {
        "order": ask.order,
        "state": ask.state,
        "words": ask.words,
        "amount": ask.amount,
        "account_id": ask.account_id,
        "limit": PAGE_LINES,
    }
    counts, found = matching.queue(c, **asked, offset=(ask.page - 1) * PAGE_LINES)
    last = _pages(counts[ask.state])
    if ask.page <= last:
        return counts, found, ask.page
    counts, found = matching.queue(c, **asked, offset=(last - 1) * PAGE_LINES)
    return counts, found, last


def _pages(lines: int) -> int:
    return max(1, -(-lines // PAGE_LINES))
