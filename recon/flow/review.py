"""Accept, reject, allocate, book and undo: check against what is there now, write, tell the audit trail.

Every function takes one write lease, so that what was checked is what is written. `by` is who decides.
Several ids in one call: all or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from recon.errors import DecisionRefused, NothingToUndo
from recon.flow.bench import Bench, item_rooms, lay_out, line_rooms, refuse_gone, to_decide
from recon.flow.commands import once, refuse_stale
from recon.flow.posting import post_decisions, reverse_decision
from recon.flow.workspace import Store, read_preferences
from recon.money import to_minor
from recon.post.chart import Roles, role_account
from recon.review.allocate import ACCOUNT, from_amounts, from_proposal, refuse_overdrawn
from recon.store import decisions, statements
from recon.store.database import Writer, new_id


def accept(
    store: Store,
    proposal_id: str | Sequence[str],
    *,
    by: str,
    difference_account: str | None = None,
    reason: str | None = None,
    auto: bool = False,
    command_id: str | None = None,
    seen: Mapping[str, str] | None = None,
) -> str | list[str]:
    """Settle what one or several proposals suggest; returns the decision id, or ids in the order given.

    difference_account: ERP account for money over or short; by default the account that the settings name
    for that kind of difference. command_id: made by the caller before the first try; the same one again
    gives the first answer. seen: versions of lines and documents as the caller saw them. Raises AlreadyDecided with who
    and when, OverAllocated, ErpAccountMissing, ChangedMeanwhile, CommandReused.
    """
    ids = [proposal_id] if isinstance(proposal_id, str) else list(proposal_id)
    with store.database.write(by) as writer:

        def work() -> list[str]:
            roles = read_preferences(writer.c, store.settings.language).roles
            bench = lay_out(writer, ids)
            for one in ids:
                to_decide(bench, one)  # who decided just this before says more than that something changed
            refuse_stale(writer, seen, bench.concerned)
            made = [
                _accept(writer, bench, one, roles, difference_account, reason, auto, command_id)
                for one in ids
            ]
            post_decisions(writer, store.settings.language)
            return made

        asked = {"ids": ids, "account": difference_account, "reason": reason}
        made = once(writer, command_id, "accept", asked, work)
    return made[0] if isinstance(proposal_id, str) else made


def reject(
    store: Store,
    proposal_id: str | Sequence[str],
    *,
    by: str,
    reason: str | None = None,
    command_id: str | None = None,
    seen: Mapping[str, str] | None = None,
) -> str | list[str]:
    """Say that lines and documents of these proposals do not belong together; they are not proposed again.

    command_id, seen: as `accept`.
    """
    ids = [proposal_id] if isinstance(proposal_id, str) else list(proposal_id)
    with store.database.write(by) as writer:

        def work() -> list[str]:
            bench = lay_out(writer, ids)
            for one in ids:
                to_decide(bench, one)  # who decided just this before says more than that something changed
            refuse_stale(writer, seen, bench.concerned)
            return [_reject(writer, bench, one, reason, command_id) for one in ids]

        made = once(writer, command_id, "reject", {"ids": ids, "reason": reason}, work)
    return made[0] if isinstance(proposal_id, str) else made


def allocate(
    store: Store,
    line_id: str,
    amounts: Mapping[str, int | Decimal],
    *,
    by: str,
    reason: str | None = None,
    command_id: str | None = None,
    seen: Mapping[str, str] | None = None,
) -> str:
    """Give a line's money as a person says: `{item_id: amount}`; returns the decision id.

    An `int` is minor units, a Decimal whole currency units, both in the line's currency and the sign of the
    document (invoice +, bill −). `account:<number>` books to an ERP account without a document. What is
    not given stays open on the line. command_id, seen: as `accept`. Raises OverAllocated, DecisionRefused.
    """
    with store.database.write(by) as writer:

        def work() -> str:
            refuse_stale(writer, seen, [line_id, *amounts])
            made = _allocate(writer, line_id, amounts, reason, command_id)
            post_decisions(writer, store.settings.language)
            return made

        given = {item: [type(amount).__name__, str(amount)] for item, amount in amounts.items()}
        asked = {"line": line_id, "amounts": given, "reason": reason}
        return once(writer, command_id, "allocate", asked, work)


def book(store: Store, line_id: str, erp_account: str, *, by: str, reason: str | None = None) -> str:
    """Book what is left of a line to an ERP account, with no document; returns the decision id."""
    with store.database.read() as c:
        left = statements.left_on_lines(c, [line_id])
    if line_id not in left:
        raise DecisionRefused(f"There is no bank line {line_id}. Nothing was booked.")
    return allocate(
        store, line_id, {f"{ACCOUNT}{erp_account}": left[line_id]["left_minor"]}, by=by, reason=reason
    )


def undo(
    store: Store,
    decision_id: str | Sequence[str],
    *,
    by: str,
    reason: str | None = None,
    command_id: str | None = None,
) -> str | list[str]:
    """Take decisions back by further decisions; what they booked is answered by a reversing journal.

    command_id: as `accept`. Raises NothingToUndo for an unknown decision, or one that was undone before.
    """
    ids = [decision_id] if isinstance(decision_id, str) else list(decision_id)
    with store.database.write(by) as writer:

        def work() -> list[str]:
            return [_undo(writer, one, reason, command_id, store) for one in ids]

        made = once(writer, command_id, "undo", {"ids": ids, "reason": reason}, work)
    return made[0] if isinstance(decision_id, str) else made


def _allocate(
    writer: Writer,
    line_id: str,
    amounts: Mapping[str, int | Decimal],
    reason: str | None,
    command_id: str | None,
) -> str:
    lines = line_rooms(writer, [line_id])
    refuse_gone([line_id], lines)
    currency = lines[line_id].currency
    minor = {
        item: to_minor(given, currency) if isinstance(given, Decimal) else given
        for item, given in amounts.items()
    }
    if not minor:
        raise DecisionRefused("No document and no account is named. Nothing was booked; name at least one.")
    items = item_rooms(writer, list(minor))
    rows = from_amounts(line_id, minor, items, currency)
    refuse_overdrawn(rows, lines, items)
    action = "book" if all(item.startswith(ACCOUNT) for item in minor) else "allocate"
    return _decide(writer, action, rows, line_id=line_id, reason=reason, command_id=command_id)


def _accept(
    writer: Writer,
    bench: Bench,
    proposal_id: str,
    roles: Roles,
    account: str | None,
    reason: str | None,
    auto: bool,
    command_id: str | None,
) -> str:
    proposal, legs = to_decide(bench, proposal_id)
    rows = from_proposal(legs, bench.lines, account or account_of_difference(proposal, roles))
    refuse_overdrawn(rows, bench.lines, bench.items)
    bench.take(rows)
    return _decide(
        writer,
        "accept",
        rows,
        proposal_id=proposal_id,
        line_id=legs["line_id"][0],
        reason=reason,
        auto=auto,
        command_id=command_id,
        told={
            "probability": round(proposal["probability"], 6),
            "kind": proposal["kind"],
            "difference_minor": proposal["difference_minor"],
            "evidence": bench.words[proposal_id],
        },
    )


def account_of_difference(proposal: dict[str, Any], roles: Roles) -> str | None:
    """The account the settings name; none for a shortfall nobody explained, which a person must place."""
    kind, minor = proposal["difference_kind"], proposal["difference_minor"]
    if not minor or kind == "unexplained":
        return None
    return role_account(roles, kind)


def _reject(
    writer: Writer, bench: Bench, proposal_id: str, reason: str | None, command_id: str | None
) -> str:
    _, legs = to_decide(bench, proposal_id)
    pairs = list(legs.select("line_id", "item_id").iter_rows())
    empty = legs.select("line_id", "item_id", "amount_minor", "item_amount_minor").clear()
    return _decide(
        writer,
        "reject",
        empty,
        rejected=pairs,
        proposal_id=proposal_id,
        line_id=legs["line_id"][0],
        reason=reason,
        command_id=command_id,
    )


def _undo(writer: Writer, decision_id: str, reason: str | None, command_id: str | None, store: Store) -> str:
    known = decisions.decision(writer.c, decision_id)
    if known is None or known["action"] == "undo":
        raise NothingToUndo(f"There is no decision {decision_id} that can be undone. Nothing was changed.")
    if known["undone_by"]:
        raise NothingToUndo(
            f"Decision {decision_id} was undone before, by {known['undone_who']} on "
            f"{known['undone_at']:%d %B %Y at %H:%M} UTC (decision {known['undone_by']}). Nothing was changed."
        )
    nothing = decisions.allocations_of(writer.c, [])
    made = _decide(
        writer,
        "undo",
        nothing.select("line_id", "item_id", "amount_minor", "item_amount_minor"),
        undoes=decision_id,
        proposal_id=known["proposal_id"],
        line_id=known["line_id"],
        reason=reason,
        command_id=command_id,
    )
    reverse_decision(writer, decision_id, made, store)
    return made


def _decide(
    writer: Writer,
    action: str,
    rows: pl.DataFrame,
    *,
    line_id: str,
    proposal_id: str | None = None,
    rejected: list[tuple[str, str]] | None = None,
    undoes: str | None = None,
    reason: str | None = None,
    auto: bool = False,
    command_id: str | None = None,
    told: dict[str, Any] | None = None,
) -> str:
    """Write one decision with its allocations and its event; returns its id."""
    decision_id = new_id("d")
    decisions.add(
        writer.c,
        rows.with_columns(decision_id=pl.lit(decision_id), proposal_id=pl.lit(proposal_id, pl.String)),
        rejected or [],
        decision_id=decision_id,
        action=action,
        proposal_id=proposal_id,
        line_id=line_id,
        decided_at=writer.at,
        decided_by=writer.by,
        auto=auto,
        reason=reason,
        engine_version=writer.engine_version,
        undoes=undoes,
        command_id=command_id,
    )
    writer.event(
        action,
        decision_id,
        line_id=line_id,
        proposal_id=proposal_id,
        undoes=undoes,
        auto=auto,
        reason=reason,
        allocations=rows.to_dicts(),
        rejected=rejected or [],
        **(told or {}),
    )
    return decision_id
