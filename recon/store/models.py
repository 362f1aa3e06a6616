"""Models that decisions taught, what taught them, and what people said of the engine's own decisions.

In: a lease. Out: rows as they were kept, and decisions as they stood after an event. The latter rests on nothing
that later decisions or imports of open amounts change, so that a model can be taught again from the log.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import polars as pl

from recon.schema import ACCEPTED, ITEMS, LINES, REJECTED, History, conform
from recon.store.connection import Lease

_JSON = ("told", "policy", "judged", "taught_from")
_LINES = ", ".join(f'lines."{name}"' for name in LINES.columns)
_ITEMS = ", ".join(f'"{name}"' for name in ITEMS.columns)
_THEN = """
WITH known AS (
    SELECT decisions.* FROM decisions JOIN events ON events.subject = decisions.decision_id
    WHERE events.kind = decisions.action AND events.seq <= $seq
),
stood AS (
    SELECT * FROM known
    WHERE action <> 'undo' AND decision_id NOT IN (SELECT undoes FROM known WHERE undoes IS NOT NULL)
),
by_people AS (
    SELECT * FROM stood WHERE NOT auto OR decision_id IN (SELECT decision_id FROM checks WHERE checks.seq <= $seq)
),
moment AS (SELECT happened_at FROM events WHERE seq = $seq)
"""


def add(c: Lease, **model: Any) -> None:
    """Append one try; `told policy judged taught_from` are plain values."""
    c.add("models", **{name: _text(value) if name in _JSON else value for name, value in model.items()})


def kept(c: Lease) -> dict[str, Any] | None:
    """The model that weighs now: the last promoted one."""
    return _plain(c.row("SELECT * FROM models WHERE promoted ORDER BY seq DESC LIMIT 1"))


def of_version(c: Lease, version: str) -> dict[str, Any] | None:
    """The last try that came to this version, a promoted one before others."""
    return _plain(
        c.row(
            "SELECT * FROM models WHERE version = $version ORDER BY promoted DESC, seq DESC LIMIT 1",
            version=version,
        )
    )


def frame(c: Lease) -> pl.DataFrame:
    """Every try, newest first, without the weights: `judged` is JSON."""
    return c.frame(
        """SELECT version, promoted, made_at, made_by, engine_version, taught_to, decisions, judged,
            promoted AND seq = (SELECT max(seq) FROM models WHERE promoted) AS in_use
        FROM models ORDER BY seq DESC"""
    )


def taught(c: Lease, seq: int) -> History:
    """What people had decided after event `seq`, for learning from it.

    accepted: pairs given by people, or by the engine and found right by a person. lines: those decided on.
    items: known by then; `open_minor` is the most that was ever open, less all decisions that stood then.
    """
    return History(
        lines=conform(_lines_then(c, seq), LINES),
        items=conform(_items_then(c, seq), ITEMS),
        accepted=conform(
            c.frame(
                f"""{_THEN} SELECT given.line_id, item_id, amount_minor, item_amount_minor, decided_at,
                    decided_by AS by FROM allocations AS given JOIN by_people USING (decision_id)
                ORDER BY decided_at, given.line_id, item_id""",  # noqa: S608
                seq=seq,
            ),
            ACCEPTED,
        ),
        rejected=conform(
            c.frame(
                f"""{_THEN} SELECT pairs.line_id, item_id, decided_at, decided_by AS by
                FROM rejected_pairs AS pairs JOIN stood USING (decision_id)
                ORDER BY decided_at, pairs.line_id, item_id""",  # noqa: S608
                seq=seq,
            ),
            REJECTED,
        ),
    )


def _lines_then(c: Lease, seq: int) -> pl.DataFrame:
    """Lines that somebody decided on, and that the bank had not taken back."""
    return c.frame(
        f"""{_THEN} SELECT {_LINES} FROM lines WHERE line_id IN (
            SELECT allocations.line_id FROM allocations JOIN by_people USING (decision_id)
            UNION SELECT pairs.line_id FROM rejected_pairs AS pairs JOIN stood USING (decision_id)
        ) AND line_id NOT IN (
            SELECT line_id FROM line_withdrawals, moment WHERE changed_at <= happened_at
            QUALIFY row_number() OVER (PARTITION BY line_id ORDER BY changed_at DESC) = 1 AND withdrawn
        ) ORDER BY booking_date, line_id""",  # noqa: S608
        seq=seq,
    )


def _items_then(c: Lease, seq: int) -> pl.DataFrame:
    return c.frame(
        f"""{_THEN}, given AS (
            SELECT item_id, sum(item_amount_minor)::BIGINT AS minor
            FROM allocations JOIN stood USING (decision_id) GROUP BY item_id
        ),
        back_then AS (
            SELECT items.* REPLACE (base_open_minor - coalesce(minor, 0) AS open_minor)
            FROM items LEFT JOIN given USING (item_id) WHERE first_seen_at <= (SELECT happened_at FROM moment)
        )
        SELECT {_ITEMS} FROM (
            SELECT * REPLACE (
                CASE WHEN total_minor >= 0 THEN greatest(0, open_minor) ELSE least(0, open_minor) END AS open_minor
            ) FROM back_then
        ) ORDER BY item_id""",  # noqa: S608
        seq=seq,
    )


def accepted_alone(c: Lease, since: datetime | None = None) -> list[dict[str, Any]]:
    """What the engine accepted by itself, since an instant where given, oldest first, undone ones included.

    `seq` of the event, `decision_id proposal_id line_id decided_at checked undone told`: checked is found right by a
    person; undone, by anybody; told is what the audit trail kept of it.
    """
    rows = c.rows(
        """SELECT events.seq, d.decision_id, d.proposal_id, d.line_id, d.decided_at, events.payload AS told,
            d.decision_id IN (SELECT decision_id FROM checks) AS checked,
            d.decision_id IN (SELECT undoes FROM decisions WHERE undoes IS NOT NULL) AS undone
        FROM decisions AS d JOIN events ON events.subject = d.decision_id AND events.kind = 'accept'
        WHERE d.auto AND d.action = 'accept' AND ($since::TIMESTAMPTZ IS NULL OR d.decided_at >= $since)
        ORDER BY d.decided_at, d.decision_id""",
        since=since,
    )
    return [row | {"told": json.loads(row["told"])} for row in rows]


def add_check(c: Lease, **check: Any) -> None:
    """Note that a person found a decision of the engine right."""
    c.add("checks", **check)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _plain(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return row and row | {name: json.loads(row[name]) for name in _JSON}
