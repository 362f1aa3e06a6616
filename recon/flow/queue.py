"""What the review workbench shows: a page of open lines, one line with its candidates, documents to pick.

In: the workspace and what the reviewer asks for. Out: plain values and small frames, read under one short
lease each. Never decides or writes anything; that is `flow/review.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from recon.flow.review import account_of_difference
from recon.flow.workspace import Store, chart, read_preferences
from recon.post.chart import ErpAccount, Roles
from recon.review.allocate import ACCOUNT, LINE
from recon.store import consents, decisions, documents, events, matching, statements
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


@dataclass(frozen=True)
class Leg:
    """One document, other line or ERP account that a candidate names, as it stands now.

    amount_minor is given by the line (its currency), item_amount_minor is settled of the document (its own),
    stays_minor is what the document has open after that.
    """

    line_id: str
    item_id: str
    kind: str
    number: str
    party: str | None
    due_date: date | None
    currency: str
    open_minor: int
    amount_minor: int
    item_amount_minor: int

    @property
    def stays_minor(self) -> int:
        return self.open_minor - self.item_amount_minor


@dataclass(frozen=True)
class Candidate:
    """A proposal that touches the line, with its reasons.

    rest_minor: what the line has left after the legs; against the line's sign it is a shortfall, which needs
    an account. account: where the settings book that difference; None leaves it open on the line.
    other_lines: lines that this proposal settles together with this one.
    """

    proposal_id: str
    rank: int
    probability: float
    kind: str
    difference_kind: str
    rest_minor: int
    account: ErpAccount | None
    rival: str | None
    legs: list[Leg]
    other_lines: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    short: bool


@dataclass(frozen=True)
class Looked:
    """One open line in full, what is left of it, and its candidates, best first."""

    line: dict[str, Any]
    account_name: str
    left_minor: int
    reason: str | None
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def line_id(self) -> str:
        return self.line["line_id"]

    @property
    def currency(self) -> str:
        return self.line["currency"]


def version(store: Store) -> str:
    """What changes whenever lines, documents, proposals or decisions do: the end of the audit trail."""
    with store.database.read() as c:
        return events.head(c).hash


def bench(store: Store, ask: Ask) -> Bench:
    """A page of the queue; one past the end gives the last page."""
    with store.database.read() as c:
        counts, found, page = _page(c, ask)
        run = matching.last_run(c)
        names = _account_names(c)
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
        names = _account_names(c)
        return Around(
            expected=[
                row | {"account_name": names.get(row["account_id"])}
                for row in statements.expected(c).to_dicts()
                if account_id in (None, row["account_id"])
            ],
            withdrawn=decisions.withdrawn_but_matched(c),
            recent=decisions.recent(c, 8),
        )


def look(store: Store, line_id: str, proposal_ids: list[str] | None = None) -> Looked | None:
    """One open line with its candidates; None when it is settled or taken back.

    proposal_ids: its living proposals where the queue told them, best first.
    """
    with store.database.read() as c:
        if proposal_ids is None:
            proposal_ids = matching.of_line(c, line_id)["proposal_id"].to_list()
        legs = matching.frame(c, "legs", proposal_ids)
        left = statements.left_on_lines(c, [line_id, *legs["line_id"].unique()])
        if line_id not in left or not left[line_id]["left_minor"]:
            return None
        lines = {
            row["line_id"]: row for row in statements.some_lines(c, [line_id, *_named_lines(legs)]).to_dicts()
        }
        return Looked(
            line=lines[line_id],
            account_name=_account_names(c).get(lines[line_id]["account_id"]) or "",
            left_minor=left[line_id]["left_minor"],
            reason=matching.why_unmatched(c, line_id),
            candidates=_candidates(c, line_id, proposal_ids, legs, lines, left, store.settings.language),
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


def _account_names(c: Lease) -> dict[str, str]:
    return {
        row["account_id"]: row["name"] or row["iban"] or row["bban"] or "account without a number"
        for row in consents.accounts(c)
    }


def _candidates(
    c: Lease,
    line_id: str,
    proposal_ids: list[str],
    legs: pl.DataFrame,
    lines: dict[str, dict[str, Any]],
    left: dict[str, dict[str, Any]],
    language: str,
) -> list[Candidate]:
    if not proposal_ids:
        return []
    proposals = {row["proposal_id"]: row for row in matching.frame(c, "proposals", proposal_ids).to_dicts()}
    evidence = matching.frame(c, "evidence", proposal_ids).sort("weight", descending=True)
    accounts = {one.number: one for one in chart(c, language)}
    roles = read_preferences(c, language).roles
    shown = _legs(c, legs, lines, accounts)
    return [
        _candidate(
            proposals[one],
            line_id,
            [leg for proposal, leg in shown if proposal == one],
            evidence.filter(pl.col("proposal_id") == one).to_dicts(),
            lines,
            left,
            accounts,
            roles,
        )
        for one in proposal_ids
        if one in proposals
    ]


def _candidate(
    proposal: dict[str, Any],
    line_id: str,
    legs: list[Leg],
    evidence: list[dict[str, Any]],
    lines: dict[str, dict[str, Any]],
    left: dict[str, dict[str, Any]],
    accounts: dict[str, ErpAccount],
    roles: Roles,
) -> Candidate:
    rests = {
        one: left[one]["left_minor"] - sum(leg.amount_minor for leg in legs if leg.line_id == one)
        for one in {leg.line_id for leg in legs}
        if one in left
    }
    number = account_of_difference(proposal, roles)
    return Candidate(
        proposal_id=proposal["proposal_id"],
        rank=proposal["rank"],
        probability=proposal["probability"],
        kind=proposal["kind"],
        difference_kind=proposal["difference_kind"],
        rest_minor=sum(rests.values()),
        account=accounts.get(number, ErpAccount(number, "", "expense")) if number else None,
        rival=proposal["rival"],
        legs=legs,
        other_lines=[lines[one] for one in sorted(rests) if one != line_id],
        evidence=evidence,
        short=any(rest * left[one]["left_minor"] < 0 for one, rest in rests.items()),
    )


def _named_lines(legs: pl.DataFrame) -> list[str]:
    others = legs.filter(pl.col("item_id").str.starts_with(LINE))["item_id"].str.strip_prefix(LINE)
    return pl.concat([legs["line_id"], others]).unique().to_list()


def _legs(
    c: Lease, legs: pl.DataFrame, lines: dict[str, dict[str, Any]], accounts: dict[str, ErpAccount]
) -> list[tuple[str, Leg]]:
    """Legs with what they name, largest first, each under its proposal."""
    items = {row["item_id"]: row for row in documents.some_items(c, legs["item_id"].to_list()).to_dicts()}
    names = _account_names(c)
    shown: list[tuple[str, Leg]] = []
    for row in legs.sort(pl.col("amount_minor").abs(), descending=True).to_dicts():
        item_id = row["item_id"]
        if item_id in items:
            named = _document(items[item_id])
        elif item_id.startswith(LINE):
            other = lines[item_id.removeprefix(LINE)]
            named = _own_line(other, names.get(other["account_id"], ""))
        else:
            number = item_id.removeprefix(ACCOUNT)
            named = _account(number, accounts.get(number), lines[row["line_id"]]["currency"])
        shown.append((row.pop("proposal_id"), Leg(**row, **named)))
    return shown


def _document(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": item["kind"],
        "number": item["document_no"],
        "party": item["counterparty_name"],
        "due_date": item["due_date"] or item["issue_date"],
        "currency": item["currency"],
        "open_minor": item["open_minor"],
    }


def _own_line(other: dict[str, Any], account_name: str) -> dict[str, Any]:
    """Our own line at another bank account: the other side of a transfer."""
    return {
        "kind": "line",
        "number": account_name,
        "party": other["text"],
        "due_date": other["booking_date"],
        "currency": other["currency"],
        "open_minor": other["amount_minor"],
    }


def _account(number: str, account: ErpAccount | None, currency: str) -> dict[str, Any]:
    return {
        "kind": "account",
        "number": number,
        "party": account.name if account else None,
        "due_date": None,
        "currency": currency,
        "open_minor": 0,
    }
