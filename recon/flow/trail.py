"""The audit trail for people to read: a page of events, with the names behind the ids they speak of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recon.flow.workspace import Store
from recon.statements.accounts import mask
from recon.store import consents, events, statements
from recon.store.connection import Lease


@dataclass(frozen=True)
class Happened:
    """One event: `told` is its payload."""

    seq: int
    at: datetime
    by: str
    kind: str
    subject: str
    told: dict[str, Any]
    engine_version: str


@dataclass(frozen=True)
class Names:
    """Names by id: accounts, banks of consents, and bank lines (LINES, of this page's events only)."""

    accounts: dict[str, str]
    banks: dict[str, str]
    lines: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class TrailPage:
    """One page of the trail, newest first; `total` events fit the filter."""

    total: int
    events: list[Happened]
    names: Names


def trail(
    store: Store, *, kinds: list[str] | None = None, by: str | None = None, limit: int = 50, offset: int = 0
) -> TrailPage:
    """One page of what happened, of some kinds and one person where given."""
    with store.database.read() as c:
        total, rows = events.page(c, kinds=kinds, by=by, limit=limit, offset=offset)
        happened = [_happened(row) for row in rows]
        line_ids = sorted({one.told["line_id"] for one in happened if one.told.get("line_id")})
        names = _names(c, line_ids)
    return TrailPage(total, happened, names)


def people(store: Store) -> list[str]:
    """Everybody the audit trail names."""
    with store.database.read() as c:
        return events.people(c)


def _happened(row: dict[str, Any]) -> Happened:
    return Happened(
        seq=row["seq"],
        at=row["happened_at"],
        by=row["done_by"],
        kind=row["kind"],
        subject=row["subject"],
        told=json.loads(row["payload"]),
        engine_version=row["engine_version"],
    )


def _names(c: Lease, line_ids: list[str]) -> Names:
    return Names(
        accounts={
            row["account_id"]: row["name"] or mask(row["iban"] or row["bban"]) for row in consents.accounts(c)
        },
        banks={row["consent_id"]: row["bank"] for row in consents.consents(c)},
        lines={row["line_id"]: row for row in statements.some_lines(c, line_ids).to_dicts()},
    )
