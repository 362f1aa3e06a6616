"""Accept, reject, allocate, book and undo: check against what is there now, write, tell the audit trail.

Every function takes one write lease, so that what was checked is what is written. `by` is who decides.
Several ids in one call: all or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from recon.errors import AlreadyDecided, DecisionRefused, NothingToUndo
from recon.flow.posting import post_decisions, reverse_decision
from recon.flow.workspace import Store, read_preferences
from recon.money import to_minor
from recon.post.chart import Roles, role_account
from recon.review.allocate import ACCOUNT, LINE, Room, from_amounts, from_proposal, refuse_overdrawn
from recon.store import decisions, documents, matching, statements
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
) -> str | list[str]:
    """Settle what one or several proposals suggest; returns the decision id, or ids in the order given.

    difference_account: ERP account for money over or short; by default the account that the settings name
    for that kind of difference. command_id: made by the caller before the first try; the same one again
    gives the first answer. Raises AlreadyDecided with who and when, OverAllocated, ErpAccountMissing.
    """
    ids = [proposal_id] if isinstance(proposal_id, str) else list(proposal_id)
    with store.database.write(by) as writer:
        if command_id and (known := decisions.by_command(writer.c, command_id)):
            return known["decision_id"]
        roles = read_preferences(writer.c, store.settings.language).roles
        made = [_accept(writer, one, roles, difference_account, reason, auto, command_id) for one in ids]
        post_decisions(writer, store.settings.language)
    return made[0] if isinstance(proposal_id, str) else made


def reject(
    store: Store, proposal_id: str | Sequence[str], *, by: str, reason: str | None = None
) -> str | list[str]:
    """Say that lines and documents of these proposals do not belong together; they are not proposed again."""
    ids = [proposal_id] if isinstance(proposal_id, str) else list(proposal_id)
    with store.database.write(by) as writer:
        made = [_reject(writer, one, reason) for one in ids]
    return made[0] if isinstance(proposal_id, str) else made


def allocate(
    store: Store,
    line_id: str,
    amounts: Mapping[str, int | Decimal],
    *,
    by: str,
    reason: str | None = None,
    command_id: str | None = None,
) -> str:
    """Give a line's money as a person says: `{item_id: amount}`; returns the decision id.

    An `int` is minor units, a Decimal whole currency units, both in the line's currency and the sign of the
    document (invoice +, bill −). `account:<number>` books to an ERP account without a document. What is
    not given stays open on the line. Raises OverAllocated, DecisionRefused.
    """
    with store.database.write(by) as writer:
        if command_id and (known := decisions.by_command(writer.c, command_id)):
            return known["decision_id"]
        lines = line_rooms(writer, [line_id])
        currency = lines[line_id].currency
        minor = {
            item: to_minor(given, currency) if isinstance(given, Decimal) else given
            for item, given in amounts.items()
        }
        if not minor:
            raise DecisionRefused(
                "No document and no account is named. Nothing was booked; name at least one."
            )
        items = _item_rooms(writer, list(minor))
        rows = from_amounts(line_id, minor, items, currency)
        refuse_overdrawn(rows, lines, items)
        action = "book" if all(item.startswith(ACCOUNT) for item in minor) else "allocate"
        made = _decide(writer, action, rows, line_id=line_id, reason=reason, command_id=command_id)
        post_decisions(writer, store.settings.language)
    return made


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
    store: Store, decision_id: str | Sequence[str], *, by: str, reason: str | None = None
) -> str | list[str]:
    """Take decisions back by further decisions; what they booked is answered by a reversing journal.

    Raises NothingToUndo for an unknown decision, or one that was undone before.
    """
    ids = [decision_id] if isinstance(decision_id, str) else list(decision_id)
    with store.database.write(by) as writer:
        made = [_undo(writer, one, reason, store) for one in ids]
    return made[0] if isinstance(decision_id, str) else made


def _accept(
    writer: Writer,
    proposal_id: str,
    roles: Roles,
    account: str | None,
    reason: str | None,
    auto: bool,
    command_id: str | None,
) -> str:
    proposal, legs = _proposal_to_decide(writer, proposal_id)
    lines = line_rooms(writer, legs["line_id"].unique(maintain_order=True).to_list())
    items = _item_rooms(writer, legs["item_id"].to_list())
    rows = from_proposal(legs, lines, account or account_of_difference(proposal, roles))
    refuse_overdrawn(rows, lines, items)
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
            "evidence": matching.frame(writer.c, "evidence", [proposal_id])["words"].to_list(),
        },
    )


def account_of_difference(proposal: dict[str, Any], roles: Roles) -> str | None:
    """The account the settings name; none for a shortfall nobody explained, which a person must place."""
    kind, minor = proposal["difference_kind"], proposal["difference_minor"]
    if not minor or kind == "unexplained":
        return None
    return role_account(roles, kind)


def _reject(writer: Writer, proposal_id: str, reason: str | None) -> str:
    _, legs = _proposal_to_decide(writer, proposal_id)
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
    )


def _undo(writer: Writer, decision_id: str, reason: str | None, store: Store) -> str:
    known = decisions.decision(writer.c, decision_id)
    if known is None or known["action"] == "undo":
        raise NothingToUndo(f"There is no decision {decision_id} that can be undone. Nothing was changed.")
    if known["undone_by"]:
        raise NothingToUndo(
            f"Decision {decision_id} was undone before, by {known['undone_by']}. Nothing was changed."
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
    )
    reverse_decision(writer, decision_id, made, store)
    return made


def _proposal_to_decide(writer: Writer, proposal_id: str) -> tuple[dict[str, Any], pl.DataFrame]:
    """The proposal and its LEGS, unless it or one of its lines was decided before."""
    legs = matching.frame(writer.c, "legs", [proposal_id])
    before = decisions.standing_on(writer.c, proposal_id=proposal_id)
    if before is None and legs.height:
        taken = decisions.standing_on(writer.c, line_ids=legs["line_id"].to_list())
        before = taken if taken and _line_is_spent(writer, legs) else None
    if before:
        raise AlreadyDecided(
            f"{before['decided_by']} decided this on {before['decided_at']:%d %B %Y at %H:%M} UTC "
            f"({before['action']}, decision {before['decision_id']}). Nothing was changed; "
            "undo that first if it is wrong.",
            decision_id=before["decision_id"],
            decided_by=before["decided_by"],
            decided_at=before["decided_at"].isoformat(),
        )
    proposal = matching.proposal(writer.c, proposal_id)
    if proposal is None:
        raise DecisionRefused(
            f"There is no proposal {proposal_id} any more. Nothing was changed; match again and reload."
        )
    return proposal, legs


def _line_is_spent(writer: Writer, legs: pl.DataFrame) -> bool:
    left = statements.left_on_lines(writer.c, legs["line_id"].to_list())
    return any(row["left_minor"] == 0 for row in left.values())


def line_rooms(writer: Writer, line_ids: list[str]) -> dict[str, Room]:
    """What lines have left, by id. Raises DecisionRefused for one that is unknown or was taken back by the bank."""
    left = statements.left_on_lines(writer.c, line_ids)
    gone = [line_id for line_id in line_ids if line_id not in left]
    if gone:
        raise DecisionRefused(
            f"The bank line {gone[0]} is not there, or the bank took it back. Nothing was booked; reload the page."
        )
    texts = {row["line_id"]: row for row in statements.some_lines(writer.c, line_ids).to_dicts()}
    return {
        line_id: Room(row["left_minor"], row["currency"], f"the bank line “{texts[line_id]['text'][:60]}”")
        for line_id, row in left.items()
    }


def _item_rooms(writer: Writer, item_ids: list[str]) -> dict[str, Room]:
    wanted = {item for item in item_ids if not item.startswith((ACCOUNT, LINE))}
    rows = documents.some_items(writer.c, sorted(wanted)).to_dicts()
    unknown = wanted - {row["item_id"] for row in rows}
    if unknown:
        raise DecisionRefused(
            f"There is no document {sorted(unknown)[0]}. Nothing was booked; import it first."
        )
    return {
        row["item_id"]: Room(
            row["open_minor"], row["currency"], f"{row['kind'].replace('_', ' ')} {row['document_no']}"
        )
        for row in rows
    }


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
