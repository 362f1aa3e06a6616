"""Login attempts, consents and bank accounts, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from recon.errors import DataRefused
from recon.store.connection import Lease

CONSENT_COLUMNS = (
    "consent_id", "provider_id", "bank", "owner", "granted_at", "last_login_at", "announced_expires_at",
    "announced_at", "login_required_at", "revoked_at", "linked_at", "limited_until",
)  # fmt: skip
ACCOUNT_COLUMNS = (
    "account_id", "name", "iban", "bban", "currency", "bank", "owner", "erp_account", "sync_from", "is_on",
    "consent_id", "provider_account_id", "last_synchronized_at", "last_tried_at", "last_success_at", "outcome",
    "outcome_reason", "watermark", "complete_since",
)  # fmt: skip


def add_attempt(c: Lease, **values: Any) -> None:
    """Keep one open login attempt."""
    c.add("attempts", **values)


def attempt(c: Lease, attempt_id: str) -> dict[str, Any] | None:
    return c.row("SELECT * FROM attempts WHERE attempt_id = $attempt_id", attempt_id=attempt_id)


def attempt_by_state(c: Lease, state_hash: str) -> dict[str, Any] | None:
    """The attempt that a state belongs to."""
    return c.row("SELECT * FROM attempts WHERE state_hash = $state_hash", state_hash=state_hash)


def open_attempts(c: Lease, now: datetime) -> list[dict[str, Any]]:
    """Attempts that wait for their return, newest first."""
    return c.rows(
        "SELECT * FROM attempts WHERE used_at IS NULL AND expires_at > $now ORDER BY created_at DESC", now=now
    )


def use_attempt(c: Lease, attempt_id: str, at: datetime, outcome: str, consent_id: str | None = None) -> bool:
    """Close an attempt, once. False when it was closed before."""
    open_row = c.row(
        "SELECT 1 AS open FROM attempts WHERE attempt_id = $attempt_id AND used_at IS NULL",
        attempt_id=attempt_id,
    )
    if open_row is None:
        return False
    c.run(
        """UPDATE attempts SET used_at = $at, outcome = $outcome, consent_id = coalesce($consent_id, consent_id)
        WHERE attempt_id = $attempt_id""",
        attempt_id=attempt_id,
        at=at,
        outcome=outcome,
        consent_id=consent_id,
    )
    return True


def consents(c: Lease) -> list[dict[str, Any]]:
    return c.rows("SELECT * FROM consents ORDER BY granted_at, consent_id")


def consent(c: Lease, consent_id: str) -> dict[str, Any] | None:
    return c.row("SELECT * FROM consents WHERE consent_id = $consent_id", consent_id=consent_id)


def put_consent(c: Lease, **values: Any) -> None:
    """Keep a consent, or change the named columns of a known one."""
    _put(c, "consents", "consent_id", CONSENT_COLUMNS, values)


def accounts(c: Lease) -> list[dict[str, Any]]:
    return c.rows("SELECT * FROM accounts ORDER BY bank NULLS LAST, name, account_id")


def account(c: Lease, account_id: str) -> dict[str, Any] | None:
    return c.row("SELECT * FROM accounts WHERE account_id = $account_id", account_id=account_id)


def accounts_frame(c: Lease) -> pl.DataFrame:
    """ACCOUNTS."""
    return c.frame(
        """SELECT account_id, name, iban, bban, currency, bank, erp_account, sync_from, is_on AS "on",
        consent_id, last_success_at, outcome FROM accounts ORDER BY bank NULLS LAST, name, account_id"""
    )


def accounts_of(c: Lease, consent_id: str) -> list[str]:
    """Ids of the accounts a consent covers here, switched on or off."""
    return [row["account_id"] for row in accounts(c) if row["consent_id"] == consent_id]


def put_account(c: Lease, **values: Any) -> None:
    """Keep an account, or change the named columns of a known one."""
    _put(c, "accounts", "account_id", ACCOUNT_COLUMNS, values)


def _put(c: Lease, table: str, key: str, columns: tuple[str, ...], values: dict[str, Any]) -> None:
    strange = set(values) - set(columns)
    if strange:
        raise DataRefused(f"{table} has no column {', '.join(sorted(strange))}.")
    if c.row(f"SELECT 1 AS known FROM {table} WHERE {key} = ${key}", **{key: values[key]}) is None:  # noqa: S608
        c.add(table, **values)
        return
    changes = ", ".join(f"{name} = ${name}" for name in values if name != key)
    if changes:
        c.run(f"UPDATE {table} SET {changes} WHERE {key} = ${key}", **values)  # noqa: S608
