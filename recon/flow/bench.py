"""What decisions rest on, read once for all of them: proposals, what is left to give, who decided before.

In: a write lease and ids. Out: a `Bench`, and refusals in words. Never: a write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from recon.errors import AlreadyDecided, DecisionRefused
from recon.review.allocate import ACCOUNT, LINE, Room
from recon.store import decisions, documents, matching, statements
from recon.store.database import Writer


@dataclass
class Bench:
    """What decisions on some proposals rest on, read once: legs, what lines and documents have left, who decided."""

    proposals: dict[str, dict[str, Any]]
    legs: dict[str, pl.DataFrame]
    words: dict[str, list[str]]
    lines: dict[str, Room]
    items: dict[str, Room]
    decided: dict[str, dict[str, Any]]
    spent: dict[str, dict[str, Any]]

    @property
    def concerned(self) -> list[str]:
        """Ids of all lines and documents that these proposals name."""
        return [*self.lines, *self.items]

    def take(self, rows: pl.DataFrame) -> None:
        """What was given is no longer there for the next one."""
        for line_id, item_id, amount, item_amount in rows.select(
            "line_id", "item_id", "amount_minor", "item_amount_minor"
        ).iter_rows():
            self.lines[line_id] = self.lines[line_id].less(amount)
            if item_id in self.items:
                self.items[item_id] = self.items[item_id].less(item_amount)


def lay_out(writer: Writer, proposal_ids: list[str]) -> Bench:
    """Read what decisions on these proposals rest on."""
    legs = matching.frame(writer.c, "legs", proposal_ids)
    line_ids = legs["line_id"].unique(maintain_order=True).to_list()
    evidence = matching.frame(writer.c, "evidence", proposal_ids)
    decided, spent = decisions.standing_on(writer.c, proposal_ids, line_ids)
    return Bench(
        proposals={
            row["proposal_id"]: row for row in matching.frame(writer.c, "proposals", proposal_ids).to_dicts()
        },
        legs={one: legs.filter(proposal_id=one) for one in proposal_ids},
        words={one: evidence.filter(proposal_id=one)["words"].to_list() for one in proposal_ids},
        lines=line_rooms(writer, line_ids),
        items=item_rooms(writer, legs["item_id"].to_list()),
        decided=decided,
        spent=spent,
    )


def to_decide(bench: Bench, proposal_id: str) -> tuple[dict[str, Any], pl.DataFrame]:
    """The proposal and its LEGS, unless it or one of its lines was decided before."""
    legs = bench.legs[proposal_id]
    line_ids = legs["line_id"].unique(maintain_order=True).to_list()
    before = bench.decided.get(proposal_id)
    for line_id in line_ids:
        if before is None and line_id in bench.lines and bench.lines[line_id].minor == 0:
            before = bench.spent.get(line_id)
    if before:
        raise AlreadyDecided(
            f"{before['decided_by']} decided this on {before['decided_at']:%d %B %Y at %H:%M} UTC "
            f"({before['action']}, decision {before['decision_id']}). Nothing was changed; "
            "undo that first if it is wrong.",
            decision_id=before["decision_id"],
            decided_by=before["decided_by"],
            decided_at=before["decided_at"].isoformat(),
        )
    if proposal_id not in bench.proposals:
        raise DecisionRefused(
            f"There is no proposal {proposal_id} any more. Nothing was changed; match again and reload."
        )
    refuse_gone(line_ids, bench.lines)
    return bench.proposals[proposal_id], legs


def refuse_gone(line_ids: list[str], lines: Mapping[str, Room]) -> None:
    gone = [line_id for line_id in line_ids if line_id not in lines]
    if gone:
        raise DecisionRefused(
            f"The bank line {gone[0]} is not there, or the bank took it back. Nothing was booked; reload the page."
        )


def line_rooms(writer: Writer, line_ids: list[str]) -> dict[str, Room]:
    """What lines that stand have left, by id."""
    texts = dict(statements.some_lines(writer.c, line_ids).select("line_id", "text").iter_rows())
    return {
        line_id: Room(row["left_minor"], row["currency"], f"the bank line “{texts[line_id][:60]}”")
        for line_id, row in statements.left_on_lines(writer.c, line_ids).items()
    }


def item_rooms(writer: Writer, item_ids: list[str]) -> dict[str, Room]:
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
