"""Prove the workspace: chain, anchor, totals, indexes, sums, journals, balances; on demand the replay of all events.

In: a workspace. Out: findings, and whether the records contradict themselves. Never: a mended record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from recon.errors import IntegrityAlarm, LockBusy, StoreError
from recon.flow.rebuild import differences
from recon.flow.reconciliation import breaks
from recon.flow.workspace import Store
from recon.post.journal import prove
from recon.schema import finding
from recon.store import anchor as anchors
from recon.store import decisions, events, postings, proof, statements
from recon.store.changes import tables
from recon.store.connection import Lease, lease


@dataclass(frozen=True)
class Proof:
    """Whether the records prove themselves, and what a person should look at."""

    ok: bool
    findings: list[dict[str, Any]]


def check(store: Store, *, rebuild: bool = False) -> Proof:
    """Look at everything. `ok` is false, and a command ends with 40, when the records contradict themselves.

    rebuild: also replay every event into a fresh database and compare row by row. A bank's own balance break is a
    warning: the records are whole, the statement is not. Raises LockBusy; anything else that keeps a part from being
    read is a finding.
    """
    alarms = list(_alarms(store, rebuild=rebuild))
    told = [finding("error", what, store.home.name, words) for what, words in alarms]
    if alarms:
        return Proof(ok=False, findings=told)
    return Proof(ok=True, findings=_withdrawn(store) + breaks(store).to_dicts())


def _alarms(store: Store, *, rebuild: bool) -> Iterator[tuple[str, str]]:
    """Every contradiction as (what, words). What cannot be read does not keep the rest from being looked at."""
    opened = _opened(store)
    yield from (("workspace", words) for words in opened)
    if opened and not store.database.path.exists():
        return
    for what, look in _LOOKS.items():
        yield from ((what, words) for words in _looked(store, look) if words not in opened)
    if not opened:
        yield from (("index", words) for words in _unindexed(store))
    if rebuild and not opened:
        yield from (("rebuild", words) for words in differences(store))


def _opened(store: Store) -> list[str]:
    """What keeps the workspace from opening."""
    try:
        with store.database.read():
            return []
    except LockBusy:
        raise
    except IntegrityAlarm as alarm:
        return alarm.fields.get("found") or [alarm.words]


def _looked(store: Store, look: Callable[[Lease, Store], list[str]]) -> list[str]:
    try:
        with store.database.look() as c:
            return look(c, store)
    except LockBusy:
        raise
    except StoreError as error:
        return [error.words]


def _chain(c: Lease, store: Store) -> list[str]:
    return [*events.broken_links(c), *proof.damaged_records(c, store.database.log_path)]


def _anchor(c: Lease, store: Store) -> list[str]:
    return anchors.what_is_off(c, store.database.anchor(), tables(c), store.database.log_path)


def _journals(c: Lease, _store: Store) -> list[str]:
    """Journals that do not balance, or are not what the allocations that stand and are posted make."""
    unbalanced = postings.unbalanced(c)
    try:
        prove(postings.postings(c), decisions.posted_allocations(c))
    except IntegrityAlarm as alarm:
        return [*unbalanced, alarm.words]
    return unbalanced


_LOOKS: dict[str, Callable[[Lease, Store], list[str]]] = {
    "anchor": _anchor,
    "chain": _chain,
    "allocation": lambda c, _: decisions.broken_sums(c),
    "journal": _journals,
    "count": lambda c, _: statements.miscounted(c),
}


class _RolledBack(Exception):
    """Carries what was found out of a transaction that must not stay."""


def _unindexed(store: Store) -> list[str]:
    found: list[str] = []
    try:
        with lease(store.database.path, write=True) as c:
            found = proof.lost_by_index(c, [table for table in tables(c).values() if table.key])
            raise _RolledBack
    except _RolledBack:
        return found


def _withdrawn(store: Store) -> list[dict[str, Any]]:
    """Lines that the bank took back and a decision still gives from: for a person."""
    with store.database.read() as c:
        gone = decisions.withdrawn_but_matched(c)
    return [
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
