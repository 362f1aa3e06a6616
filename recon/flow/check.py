"""Prove the workspace: chain, sums, journals, balances. Finds, never mends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recon.errors import IntegrityAlarm
from recon.flow.files import breaks
from recon.flow.workspace import Store
from recon.post.journal import prove
from recon.schema import finding
from recon.store import decisions, events, postings, statements


@dataclass(frozen=True)
class Proof:
    """Whether the records prove themselves, and what a person should look at."""

    ok: bool
    findings: list[dict[str, Any]]


def check(store: Store) -> Proof:
    """Look at everything. `ok` is false, and a command ends with 40, when the records contradict themselves.

    A bank's own balance break is a warning: the records are whole, the statement is not.
    """
    with store.database.read() as c:
        alarms = [("chain", words) for words in _chain(c, store)]
        alarms += [("allocation", words) for words in decisions.broken_sums(c)]
        alarms += [("journal", words) for words in postings.unbalanced(c)]
        alarms += [("journal", words) for words in _unproved(c)]
        alarms += [("count", words) for words in statements.miscounted(c)]
        gone = decisions.withdrawn_but_matched(c)
    told = [finding("error", what, store.home.name, words) for what, words in alarms]
    told += [
        finding(
            "warning",
            "withdrawn_but_matched",
            row["line_id"],
            f"The bank took back the line “{row['text']}” of {row['booking_date']}, which "
            f"decision {row['decision_id']} "
            "matched. Nothing was changed; undo the match or ask the bank.",
            row["amount_minor"],
        )
        for row in gone
    ]
    return Proof(ok=not alarms, findings=told + breaks(store).to_dicts())


def _chain(c: Any, store: Store) -> list[str]:
    broken = events.broken_links(c)
    try:
        events.compare(c, events.read_anchor(store.database.anchor_path))
    except IntegrityAlarm as alarm:
        broken.append(alarm.words)
    return broken


def _unproved(c: Any) -> list[str]:
    """Journals against the allocations that stand and are posted."""
    booked = postings.postings(c)
    posted = decisions.posted_allocations(c)
    try:
        prove(booked, posted)
    except IntegrityAlarm as alarm:
        return [alarm.words]
    return []
