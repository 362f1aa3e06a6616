"""Decisions and allocations, as rows that are added and never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from recon.schema import ALLOCATIONS
from recon.store.connection import Lease

_ALLOCATION_COLUMNS = ", ".join(ALLOCATIONS.columns)


def add(c: Lease, allocations: pl.DataFrame, rejected: list[tuple[str, str]], **decision: Any) -> None:
    """Append one decision with what it gives (ALLOCATIONS) and which line and item it keeps apart."""
    c.add("decisions", **decision)
    c.insert("allocations", allocations)
    c.insert(
        "rejected_pairs",
        pl.DataFrame(
            rejected, schema={"line_id": pl.String, "item_id": pl.String}, orient="row"
        ).with_columns(decision_id=pl.lit(decision["decision_id"])),
    )


def decision(c: Lease, decision_id: str) -> dict[str, Any] | None:
    """One decision with `undone_by undone_at undone_who`: the decision that undid it, when, and whose it was."""
    return c.row(
        """SELECT d.*, u.decision_id AS undone_by, u.decided_at AS undone_at, u.decided_by AS undone_who
        FROM decisions AS d LEFT JOIN decisions AS u ON u.undoes = d.decision_id WHERE d.decision_id = $id""",
        id=decision_id,
    )


def standing_on(
    c: Lease, proposal_ids: list[str], line_ids: list[str]
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The last standing decision on each of these proposals, and the last that gave from each of these lines."""
    by_proposal = c.rows(
        """SELECT * FROM standing_decisions WHERE proposal_id IN (SELECT unnest($ids))
        ORDER BY decided_at, decision_id""",
        ids=proposal_ids,
    )
    by_line = c.rows(
        """SELECT allocations.line_id AS gave, d.* FROM standing_decisions AS d
        JOIN allocations USING (decision_id) WHERE allocations.line_id IN (SELECT unnest($ids))
        ORDER BY decided_at, decision_id""",
        ids=line_ids,
    )
    return {row["proposal_id"]: row for row in by_proposal}, {row["gave"]: row for row in by_line}


@dataclass(frozen=True)
class Version:
    """The state of a line or document that a page shows: `text` changes with it; who decided on it last, and when."""

    text: str
    is_line: bool
    by: str | None
    at: datetime | None


def versions(c: Lease, ids: list[str]) -> dict[str, Version]:
    """The version of each of these lines that stand and documents that are known."""
    rows = c.rows(
        """WITH ids AS (SELECT unnest($ids::VARCHAR[]) AS id),
        touched AS (
            SELECT line_id AS id, decision_id FROM allocations WHERE line_id IN (SELECT id FROM ids)
            UNION SELECT item_id, decision_id FROM allocations WHERE item_id IN (SELECT id FROM ids)
        ),
        decided AS (
            SELECT id, d.decision_id, d.decided_at, d.decided_by FROM touched JOIN decisions AS d
            ON d.decision_id = touched.decision_id OR d.undoes = touched.decision_id
        ),
        known AS (
            SELECT line_id AS id, TRUE AS is_line, amount_minor AS minor FROM standing_lines
            WHERE line_id IN (SELECT id FROM ids)
            UNION ALL SELECT item_id, FALSE, open_minor FROM items WHERE item_id IN (SELECT id FROM ids)
        )
        SELECT id, is_line, minor, count(DISTINCT decision_id) AS times, max(decided_at) AS decided_at,
            arg_max(decided_by, (decided_at, decision_id)) AS decided_by
        FROM known LEFT JOIN decided USING (id) GROUP BY ALL""",
        ids=ids,
    )
    return {
        row["id"]: Version(
            f"{row['times']}.{row['minor']}", row["is_line"], row["decided_by"], row["decided_at"]
        )
        for row in rows
    }


def decisions(c: Lease) -> pl.DataFrame:
    """DECISIONS, oldest first."""
    return c.frame(
        """SELECT decision_id, action, proposal_id, line_id, decided_at, decided_by AS by, auto, reason,
        engine_version FROM decisions ORDER BY decided_at, decision_id"""
    )


def allocations(c: Lease) -> pl.DataFrame:
    """ALLOCATIONS that stand."""
    return c.frame(
        f"SELECT {_ALLOCATION_COLUMNS} FROM standing_allocations ORDER BY decision_id, line_id, item_id"  # noqa: S608
    )


def posted_allocations(c: Lease) -> pl.DataFrame:
    """ALLOCATIONS that stand and have a journal."""
    return c.frame(
        f"""SELECT {_ALLOCATION_COLUMNS} FROM standing_allocations
        WHERE decision_id IN (SELECT decision_id FROM journals) ORDER BY decision_id, line_id, item_id"""  # noqa: S608
    )


def allocations_of(c: Lease, decision_ids: list[str]) -> pl.DataFrame:
    """ALLOCATIONS of some decisions, undone ones included."""
    return c.frame(
        f"""SELECT {_ALLOCATION_COLUMNS} FROM allocations WHERE decision_id IN (SELECT unnest($ids))
        ORDER BY decision_id, line_id, item_id""",  # noqa: S608
        ids=decision_ids,
    )


def accepted(c: Lease) -> pl.DataFrame:
    """ACCEPTED pairs that stand: a line and the document or account it was given to."""
    return c.frame(
        """SELECT given.line_id, item_id, amount_minor, item_amount_minor, decided_at, decided_by AS by
        FROM standing_allocations AS given JOIN standing_decisions USING (decision_id)
        ORDER BY decided_at, given.line_id, item_id"""
    )


def rejected(c: Lease) -> pl.DataFrame:
    """REJECTED pairs that stand."""
    return c.frame(
        """SELECT pairs.line_id, item_id, decided_at, decided_by AS by
        FROM rejected_pairs AS pairs JOIN standing_decisions USING (decision_id)
        ORDER BY decided_at, pairs.line_id, item_id"""
    )


def recent(c: Lease, limit: int = 20, line_id: str | None = None) -> list[dict[str, Any]]:
    """The last decisions that stand, newest first, each with its line's text and amount."""
    return c.rows(
        """WITH last AS (
            SELECT decision_id, action, decided_at, decided_by, auto, reason, line_id FROM standing_decisions
            WHERE $line_id IS NULL OR line_id = $line_id
            ORDER BY decided_at DESC, decision_id DESC LIMIT $limit
        )
        SELECT last.*, text, counterparty_name, amount_minor, currency FROM last LEFT JOIN (
            SELECT line_id, text, counterparty_name, amount_minor, currency FROM lines
            WHERE line_id IN (SELECT line_id FROM last)
        ) USING (line_id)
        ORDER BY decided_at DESC, decision_id DESC""",
        limit=limit,
        line_id=line_id,
    )


def accounts_used(c: Lease, party: str | None, kind: str | None, limit: int = 5) -> list[str]:
    """ERP accounts that lines were booked to without a document: for this party, else this kind, else most often."""
    rows = c.rows(
        """SELECT given.erp_account AS number FROM standing_allocations AS given JOIN lines USING (line_id)
        WHERE given.item_id = 'account:' || given.erp_account GROUP BY given.erp_account
        ORDER BY count(*) FILTER (counterparty_name = $party) DESC, count(*) FILTER (kind = $kind) DESC,
            count(*) DESC, number LIMIT $limit""",
        party=party,
        kind=kind,
        limit=limit,
    )
    return [row["number"] for row in rows]


def withdrawn_but_matched(c: Lease) -> list[dict[str, Any]]:
    """Lines the bank took back that a standing decision still gives from: a person must decide."""
    return c.rows(
        """SELECT DISTINCT line_id, decision_id, booking_date, lines.amount_minor, currency, text, withdrawn_at
        FROM standing_allocations JOIN withdrawn_lines USING (line_id) JOIN lines USING (line_id)
        ORDER BY withdrawn_at, line_id"""
    )


def broken_sums(c: Lease) -> list[str]:
    """Lines and items that give or get more than they have, in words; none when the books hold."""
    lines = c.rows(
        """SELECT line_id, amount_minor, allocated_minor FROM lines JOIN allocated_lines USING (line_id)
        WHERE allocated_minor * sign(amount_minor) < 0 OR abs(allocated_minor) > abs(amount_minor)"""
    )
    items = c.rows(
        """SELECT item_id, base_open_minor, allocated_minor FROM items JOIN allocated_items USING (item_id)
        WHERE allocated_minor * sign(base_open_minor) < 0 OR abs(allocated_minor) > abs(base_open_minor)"""
    )
    return [
        f"line {row['line_id']} holds {row['amount_minor']} and gives {row['allocated_minor']}"
        for row in lines
    ] + [
        f"document {row['item_id']} awaited {row['base_open_minor']} and got {row['allocated_minor']}"
        for row in items
    ]
