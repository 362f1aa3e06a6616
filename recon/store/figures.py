"""Figures that pages open with, counted and summed in SQL: each by currency, never across currencies."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from recon.store.connection import Lease


def accounts(c: Lease) -> list[dict[str, Any]]:
    """Every account with how many lines stand, and their first and last booking day."""
    return c.rows(
        """SELECT accounts.*, coalesce(lines, 0) AS lines, first_day, last_day FROM accounts
        LEFT JOIN (
            SELECT account_id, count(*) AS lines, min(booking_date) AS first_day, max(booking_date) AS last_day
            FROM standing_lines GROUP BY account_id
        ) USING (account_id)
        ORDER BY bank NULLS LAST, name, account_id"""
    )


def waiting(c: Lease) -> pl.DataFrame:
    """What waits for review: `currency lines proposed in_minor out_minor`, most lines first."""
    return c.frame(
        """SELECT currency, count(*) AS lines, count(proposed.line_id) AS proposed,
            coalesce(sum(amount_minor) FILTER (amount_minor > 0), 0)::BIGINT AS in_minor,
            coalesce(sum(amount_minor) FILTER (amount_minor < 0), 0)::BIGINT AS out_minor
        FROM open_lines LEFT JOIN (
            SELECT DISTINCT line_id FROM legs JOIN live_proposals USING (proposal_id) WHERE rank = 1
        ) AS proposed USING (line_id)
        GROUP BY currency ORDER BY lines DESC, currency"""
    )


def open_documents(c: Lease, today: date) -> pl.DataFrame:
    """Documents not settled: `currency receivable receivable_minor payable payable_minor overdue
    overdue_minor overdue_payable overdue_payable_minor`. Counts and sums; credit notes are taken off.
    """
    return c.frame(
        """WITH owed AS (
            SELECT currency, open_minor, kind NOT IN ('bill', 'bill_credit') AS to_us, due_date < $today AS late
            FROM current_items WHERE open_minor <> 0
        )
        SELECT currency,
            count(*) FILTER (to_us) AS receivable,
            coalesce(sum(open_minor) FILTER (to_us), 0)::BIGINT AS receivable_minor,
            count(*) FILTER (NOT to_us) AS payable,
            coalesce(sum(open_minor) FILTER (NOT to_us), 0)::BIGINT AS payable_minor,
            count(*) FILTER (to_us AND late) AS overdue,
            coalesce(sum(open_minor) FILTER (to_us AND late), 0)::BIGINT AS overdue_minor,
            count(*) FILTER (NOT to_us AND late) AS overdue_payable,
            coalesce(sum(open_minor) FILTER (NOT to_us AND late), 0)::BIGINT AS overdue_payable_minor
        FROM owed GROUP BY currency ORDER BY count(*) DESC, currency""",
        today=today,
    )


def matched_by_week(c: Lease) -> pl.DataFrame:
    """Placed against booked, by week (its Monday) and currency, oldest first.

    `week currency lines matched_lines moved_minor matched_minor`: a line counts as matched once nothing of it
    is left; money is counted without its sign, part payments by what is placed.
    """
    return c.frame(
        """SELECT date_trunc('week', booking_date)::DATE AS week, currency, count(*) AS lines,
            count(*) FILTER (coalesce(allocated_minor, 0) = amount_minor) AS matched_lines,
            sum(abs(amount_minor))::BIGINT AS moved_minor,
            sum(abs(coalesce(allocated_minor, 0)))::BIGINT AS matched_minor
        FROM standing_lines LEFT JOIN allocated_lines USING (line_id)
        GROUP BY ALL ORDER BY week, currency"""
    )


def beginnings(c: Lease) -> dict[str, Any]:
    """What a workspace has of everything it needs: counts `lines items accounts unbooked decisions exports`.

    unbooked: accounts switched on that have no ERP account.
    """
    found = c.row(
        """SELECT (SELECT count(*) FROM standing_lines) AS lines, (SELECT count(*) FROM items) AS items,
            (SELECT count(*) FROM accounts) AS accounts,
            (SELECT count(*) FROM accounts WHERE is_on AND erp_account IS NULL) AS unbooked,
            (SELECT count(*) FROM decisions WHERE NOT auto) AS decisions,
            (SELECT count(*) FROM export_batches) AS exports"""
    )
    assert found is not None
    return found
