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
    "proposed": "proposal_id IS NOT NULL",
    "tie": "proposal_id IS NULL AND reason IS NOT DISTINCT FROM 'tie'",
    "open": "proposal_id IS NULL AND reason IS DISTINCT FROM 'tie'",
    "all": "TRUE",
}
"""Every open line is in one of the first three."""


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


def unmatched(c: Lease, line_id: str) -> dict[str, Any] | None:
    """The UNMATCHED row of a line for which the last run chose nothing; None where it did."""
    return c.row("SELECT * FROM unmatched WHERE line_id = $line_id", line_id=line_id)


_QUEUE = """
WITH live AS MATERIALIZED (SELECT proposal_id, rank, probability FROM live_proposals),
touching AS MATERIALIZED (
    SELECT DISTINCT line_id, proposal_id, rank, probability FROM legs JOIN live USING (proposal_id)
),
waiting AS MATERIALIZED (
    SELECT line_id, account_id, booking_date, amount_minor, proposal_id, probability, reason
    FROM open_lines LEFT JOIN (SELECT * FROM touching WHERE rank = 1) USING (line_id)
    LEFT JOIN unmatched USING (line_id)
    WHERE ($account_id IS NULL OR account_id = $account_id)
        AND ($words = '' OR abs(amount_minor) = $amount
            OR contains(lower(concat_ws(' ', text, counterparty_name)), lower($words)))
),
counts AS (SELECT {counts} FROM waiting),
page AS (SELECT * FROM waiting WHERE {state} ORDER BY {order} LIMIT $limit OFFSET $offset)
SELECT * FROM (
    SELECT counts.*, page.*, accounts.name AS account_name, lines.text, lines.currency, lines.counterparty_name,
        lines.kind, auto, proposals.kind AS proposal_kind, difference_minor, difference_kind,
        coalesce(candidates, []) AS candidates
    FROM counts LEFT JOIN page ON TRUE LEFT JOIN lines USING (line_id)
    LEFT JOIN accounts ON accounts.account_id = page.account_id
    LEFT JOIN proposals ON proposals.proposal_id = page.proposal_id
    LEFT JOIN (
        SELECT line_id, list(proposal_id ORDER BY rank, probability DESC, proposal_id) AS candidates
        FROM touching WHERE line_id IN (SELECT line_id FROM page) GROUP BY line_id
    ) USING (line_id)
) ORDER BY {order}
"""
_COUNTS = ", ".join(f'count(*) FILTER (WHERE {rule}) AS "{name}"' for name, rule in STATES.items())


def queue(
    c: Lease, *, order: str = "certain", state: str = "all", words: str = "", amount: int | None = None,
    account_id: str | None = None, limit: int = 50, offset: int = 0,
) -> tuple[dict[str, int], pl.DataFrame]:  # fmt: skip
    """One page of open lines with their best proposal: (how many lines in each of STATES, the page).

    words: held by text or counterparty; amount: or the line's amount without sign, minor units.
    Columns: `line_id account_id account_name booking_date amount_minor currency text counterparty_name kind
    proposal_id proposal_kind probability auto difference_minor difference_kind reason candidates`; amounts are
    what is left of the line, `candidates` the ids of all proposals that touch it and live, best first.
    """
    query = _QUEUE.format(counts=_COUNTS, state=STATES[state], order=ORDERS[order])
    found = c.frame(
        query, words=words.strip(), amount=amount, account_id=account_id, limit=limit, offset=offset
    )
    counts = {name: int(found[name][0]) for name in STATES}
    return counts, found.drop(list(STATES)).filter(pl.col("line_id").is_not_null())
