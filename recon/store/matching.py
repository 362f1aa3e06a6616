"""Proposals of the last engine run, as rows, and the page of them that a reviewer looks at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from recon.schema import EVIDENCE, LEGS, PROPOSALS, UNMATCHED, Matching
from recon.store.connection import Lease

ORDERS = {
    "certain": "probability DESC NULLS LAST, booking_date, line_id",
    "money": "abs(amount_minor) DESC, line_id",
    "oldest": "booking_date, line_id",
}
STATES = {
    "all": "TRUE",
    "proposed": "proposal_id IS NOT NULL",
    "tie": "reason = 'tie'",
    "open": "proposal_id IS NULL",
}


def replace(c: Lease, result: Matching, *, run_id: str, at: datetime, by: str, engine_version: str) -> None:
    """Keep this run's proposals instead of the last run's."""
    for table in ("proposals", "legs", "evidence", "unmatched"):
        c.run(f"DELETE FROM {table}")  # noqa: S608
    c.insert("proposals", result.proposals.select(PROPOSALS.columns))
    c.insert("legs", result.legs.select(LEGS.columns))
    c.insert("evidence", result.evidence.select(EVIDENCE.columns))
    c.insert("unmatched", result.unmatched.select(UNMATCHED.columns))
    c.add(
        "match_runs",
        run_id=run_id,
        ran_at=at,
        ran_by=by,
        engine_version=engine_version,
        calibrated=result.calibrated,
        lines=result.lines.height,
        proposals=result.proposals.height,
    )


def last_run(c: Lease) -> dict[str, Any] | None:
    """When the engine last ran, by whom, which version."""
    return c.row("SELECT * FROM match_runs ORDER BY ran_at DESC LIMIT 1")


def proposals(c: Lease) -> pl.DataFrame:
    """PROPOSALS of the last run that are still to be decided."""
    return c.frame("SELECT * FROM live_proposals ORDER BY rank, proposal_id")


def proposal(c: Lease, proposal_id: str) -> dict[str, Any] | None:
    """One of the last run's proposals, whether it still stands or not."""
    return c.row("SELECT * FROM proposals WHERE proposal_id = $proposal_id", proposal_id=proposal_id)


def frame(c: Lease, table: str, proposal_ids: list[str] | None = None) -> pl.DataFrame:
    """LEGS, EVIDENCE or UNMATCHED of the last run; of some proposals only where ids are given."""
    if table not in ("proposals", "legs", "evidence", "unmatched"):
        raise ValueError(table)
    if proposal_ids is None:
        return c.frame(f"SELECT * FROM {table} ORDER BY ALL")  # noqa: S608
    return c.frame(
        f"SELECT * FROM {table} WHERE proposal_id IN (SELECT unnest($ids)) ORDER BY ALL",  # noqa: S608
        ids=proposal_ids,
    )


def of_line(c: Lease, line_id: str) -> pl.DataFrame:
    """PROPOSALS that touch a line and are still to be decided, best first."""
    return c.frame(
        """SELECT * FROM live_proposals WHERE proposal_id IN (SELECT proposal_id FROM legs WHERE line_id = $line_id)
        ORDER BY rank, probability DESC, proposal_id""",
        line_id=line_id,
    )


_QUEUE = """
FROM open_lines
LEFT JOIN (
    SELECT legs.line_id, min_by(live_proposals, (rank, -probability, proposal_id)) AS best,
        count(DISTINCT live_proposals.proposal_id) AS candidates
    FROM legs JOIN live_proposals USING (proposal_id) GROUP BY legs.line_id
) AS suggested USING (line_id)
LEFT JOIN unmatched USING (line_id)
LEFT JOIN (SELECT account_id, name AS account_name FROM accounts) USING (account_id)
"""


def queue(
    c: Lease, *, order: str = "certain", state: str = "all", words: str = "", account_id: str | None = None,
    limit: int = 50, offset: int = 0,
) -> tuple[int, pl.DataFrame]:  # fmt: skip
    """One page of open lines with their best proposal: (how many there are in all, the page).

    Columns: `line_id account_id account_name booking_date amount_minor currency text counterparty_name kind
    proposal_id proposal_kind probability auto rank candidates reason`.
    """
    rows = f"""SELECT line_id, account_id, account_name, booking_date, amount_minor, currency, text,
        counterparty_name, open_lines.kind AS kind, CASE WHEN best.rank = 1 THEN best.proposal_id END AS proposal_id,
        best.kind AS proposal_kind, CASE WHEN best.rank = 1 THEN best.probability END AS probability,
        best.auto AS auto, best.rank AS rank, coalesce(candidates, 0) AS candidates, reason {_QUEUE}
        WHERE ($words = '' OR contains(lower(concat_ws(' ', text, counterparty_name)), lower($words)))
            AND ($account_id IS NULL OR account_id = $account_id)"""
    counted = f"SELECT count(*) FROM ({rows}) WHERE {STATES[state]}"  # noqa: S608
    paged = f"SELECT * FROM ({rows}) WHERE {STATES[state]} ORDER BY {ORDERS[order]} LIMIT $limit OFFSET $offset"  # noqa: S608
    filters = {"words": words.strip(), "account_id": account_id}
    return int(c.value(counted, **filters)), c.frame(paged, **filters, limit=limit, offset=offset)
