"""One open line in full: what may belong to it, what each candidate settles, what is left over, and why.

In: the workspace and a line. Out: plain values, read under one short lease. Never decides or writes anything;
that is `flow/review.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from recon.flow.review import account_of_difference
from recon.flow.workspace import Store, chart, read_preferences
from recon.post.chart import ErpAccount, Roles
from recon.review.allocate import ACCOUNT, LINE
from recon.store import consents, decisions, documents, matching, statements
from recon.store.connection import Lease

Row = dict[str, Any]
_SILENT: Row = {"weight": 0.0, "words": ""}
_SAME = 0.05
"""Weights nearer than this tell nothing apart."""


@dataclass(frozen=True)
class Leg:
    """One document, own line or ERP account that a candidate names, as it stands now.

    amount_minor is given by the line (its currency), item_amount_minor is settled of the document (its own),
    stays_minor is what the document has open after that.
    """

    proposal_id: str
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

    rest_minor: what its lines have left after the legs. short: the rest goes against a line's sign, so it
    needs an account. account: where the settings book the rest; None leaves it open on the line.
    other_lines: settled together with this one. rival: the strongest competing proposal; rival_line: the
    other line it is for, where it competes for the document and not for this line. prior and the weights of the
    evidence add up to score, in log2 odds.
    """

    proposal_id: str
    rank: int
    probability: float
    prior: float
    score: float
    kind: str
    difference_kind: str
    rest_minor: int
    short: bool
    account: ErpAccount | None
    legs: list[Leg]
    evidence: list[Row]
    other_lines: list[Row]
    rival: str | None
    rival_line: Row | None


@dataclass(frozen=True)
class Apart:
    """What tells a candidate from another: the words speak `for` or `against` it, or `for other`, `against other`.

    by: log2 odds that the first gains over the other by it; less than 0 is a loss.
    """

    side: str
    words: str
    by: float


@dataclass(frozen=True)
class Looked:
    """One open line in full, what is left of it, and its candidates, best first.

    none_probability: that none of them is right. seen: versions of the line and of all that its candidates name, for
    the decision that is made on them.
    """

    line: Row
    account_name: str
    left_minor: int
    reason: str | None
    none_probability: float
    candidates: list[Candidate] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)

    @property
    def line_id(self) -> str:
        return self.line["line_id"]

    @property
    def currency(self) -> str:
        return self.line["currency"]


@dataclass(frozen=True)
class _Named:
    """Everything that proposals name, by id."""

    lines: dict[str, Row]
    items: dict[str, Row]
    accounts: dict[str, ErpAccount]
    bank_accounts: dict[str, str]


def look(store: Store, line_id: str, proposal_ids: list[str] | None = None) -> Looked | None:
    """One open line with its candidates; None when it is settled or taken back.

    proposal_ids: its living proposals where the queue told them, best first.
    """
    with store.database.read() as c:
        if proposal_ids is None:
            proposal_ids = matching.of_line(c, line_id)["proposal_id"].to_list()
        proposals = {
            row["proposal_id"]: row for row in matching.frame(c, "proposals", proposal_ids).to_dicts()
        }
        rivals = [row["rival"] for row in proposals.values() if row["rival"] not in (None, *proposals)]
        legs = matching.frame(c, "legs", [*proposals, *rivals])
        left = statements.left_on_lines(c, [line_id, *legs["line_id"].unique()])
        if line_id not in left or not left[line_id]["left_minor"]:
            return None
        named = _named(c, legs, [line_id], store.settings.language)
        evidence = matching.frame(c, "evidence", proposal_ids).sort("weight", descending=True)
        roles = read_preferences(c, store.settings.language).roles
        unmatched = matching.unmatched(c, line_id)
        ids = {line_id, *legs["line_id"], *legs["item_id"]}
        seen = {one: version.text for one, version in decisions.versions(c, sorted(ids)).items()}
    shown = _legs(legs, named)
    return Looked(
        line=named.lines[line_id],
        account_name=named.bank_accounts.get(named.lines[line_id]["account_id"], ""),
        left_minor=left[line_id]["left_minor"],
        reason=unmatched["reason"] if unmatched else None,
        none_probability=_none_probability(unmatched, list(proposals.values())),
        candidates=[
            _candidate(proposals[one], line_id, shown, evidence, left, named, roles)
            for one in proposal_ids
            if one in proposals
        ],
        seen=seen,
    )


def runner_up(looked: Looked, one: Candidate) -> Candidate | None:
    """The likeliest other candidate of the same line."""
    others = [each for each in looked.candidates if each is not one]
    return max(others, key=lambda each: (each.probability, each.proposal_id), default=None)


def distinguishes(one: Candidate, other: Candidate, most: int = 3) -> list[Apart]:
    """What tells two candidates of a line apart, heaviest first; evidence that both share says nothing."""
    ours = {row["feature"]: row for row in one.evidence}
    theirs = {row["feature"]: row for row in other.evidence}
    apart = [
        _apart(ours.get(feature, _SILENT), theirs.get(feature, _SILENT))
        for feature in dict.fromkeys([*ours, *theirs])
    ]
    heavy = sorted(
        (each for each in apart if abs(each.by) >= _SAME), key=lambda each: (-abs(each.by), each.words)
    )
    return heavy[:most]


def _apart(mine: Row, others: Row) -> Apart:
    """One feature of both: the words of the heavier side, and how much the first gains by it."""
    by = mine["weight"] - others["weight"]
    if abs(mine["weight"]) >= abs(others["weight"]):
        return Apart("for" if mine["weight"] > 0 else "against", mine["words"], by)
    return Apart("for other" if others["weight"] > 0 else "against other", others["words"], by)


def legs_of(store: Store, proposal_ids: list[str]) -> dict[str, list[Leg]]:
    """What each of some proposals names, largest first."""
    with store.database.read() as c:
        legs = matching.frame(c, "legs", proposal_ids)
        named = _named(c, legs, [], store.settings.language)
    return {one: _of(one, _legs(legs, named)) for one in proposal_ids}


def account_names(c: Lease) -> dict[str, str]:
    """What a person calls each bank account, by id."""
    return {
        row["account_id"]: row["name"] or row["iban"] or row["bban"] or "account without a number"
        for row in consents.accounts(c)
    }


def _none_probability(unmatched: Row | None, proposals: list[Row]) -> float:
    """As the engine says it of an unmatched line; of a matched one what its proposals leave over."""
    if unmatched:
        return float(unmatched["none_probability"])
    return max(0.0, 1.0 - sum(row["probability"] for row in proposals))


def _named(c: Lease, legs: pl.DataFrame, line_ids: list[str], language: str) -> _Named:
    others = legs.filter(pl.col("item_id").str.starts_with(LINE))["item_id"].str.strip_prefix(LINE)
    wanted = [*line_ids, *pl.concat([legs["line_id"], others]).unique()]
    return _Named(
        lines={row["line_id"]: row for row in statements.some_lines(c, wanted).to_dicts()},
        items={row["item_id"]: row for row in documents.some_items(c, legs["item_id"].to_list()).to_dicts()},
        accounts={one.number: one for one in chart(c, language)},
        bank_accounts=account_names(c),
    )


def _candidate(
    proposal: Row,
    line_id: str,
    shown: list[Leg],
    evidence: pl.DataFrame,
    left: dict[str, Row],
    named: _Named,
    roles: Roles,
) -> Candidate:
    legs = _of(proposal["proposal_id"], shown)
    rests = {
        one: left[one]["left_minor"] - sum(leg.amount_minor for leg in legs if leg.line_id == one)
        for one in dict.fromkeys(leg.line_id for leg in legs)
        if one in left
    }
    number = account_of_difference(proposal, roles)
    wanted_by = [leg.line_id for leg in _of(proposal["rival"], shown) if leg.line_id not in rests]
    return Candidate(
        proposal_id=proposal["proposal_id"],
        rank=proposal["rank"],
        probability=proposal["probability"],
        prior=proposal["prior"],
        score=proposal["score"],
        kind=proposal["kind"],
        difference_kind=proposal["difference_kind"],
        rest_minor=sum(rests.values()),
        short=any(rest * left[one]["left_minor"] < 0 for one, rest in rests.items()),
        account=named.accounts.get(number, ErpAccount(number, "", "expense")) if number else None,
        legs=legs,
        evidence=evidence.filter(pl.col("proposal_id") == proposal["proposal_id"]).to_dicts(),
        other_lines=[named.lines[one] for one in rests if one != line_id],
        rival=proposal["rival"],
        rival_line=named.lines.get(wanted_by[0]) if wanted_by else None,
    )


def _of(proposal_id: str | None, legs: list[Leg]) -> list[Leg]:
    return [leg for leg in legs if leg.proposal_id == proposal_id]


def _legs(legs: pl.DataFrame, named: _Named) -> list[Leg]:
    """Legs with what they name, largest first."""
    rows = legs.sort(pl.col("amount_minor").abs(), "item_id", descending=[True, False]).to_dicts()
    return [Leg(**row, **_words(row, named)) for row in rows]


def _words(leg: Row, named: _Named) -> Row:
    """A document, our own line at another bank account (the other side of a transfer), or an ERP account."""
    item_id = leg["item_id"]
    if item_id in named.items:
        item = named.items[item_id]
        return {
            "kind": item["kind"],
            "number": item["document_no"],
            "party": item["counterparty_name"],
            "due_date": item["due_date"] or item["issue_date"],
            "currency": item["currency"],
            "open_minor": item["open_minor"],
        }
    if item_id.startswith(LINE):
        other = named.lines[item_id.removeprefix(LINE)]
        return {
            "kind": "line",
            "number": named.bank_accounts.get(other["account_id"], ""),
            "party": other["text"],
            "due_date": other["booking_date"],
            "currency": other["currency"],
            "open_minor": other["amount_minor"],
        }
    number = item_id.removeprefix(ACCOUNT)
    return {
        "kind": "account",
        "number": number,
        "party": named.accounts[number].name if number in named.accounts else None,
        "due_date": None,
        "currency": named.lines[leg["line_id"]]["currency"],
        "open_minor": 0,
    }
