"""Open items, as rows. A later import updates what the ERP says is open and adds nothing twice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from recon.schema import ITEMS
from recon.store.connection import Lease

_COLUMNS = ", ".join(ITEMS.columns)


def items(c: Lease) -> pl.DataFrame:
    """ITEMS as they stand: `open_minor` less what our own allocations settle."""
    return c.frame(f"SELECT {_COLUMNS} FROM current_items ORDER BY issue_date, item_id")  # noqa: S608


def some_items(c: Lease, item_ids: list[str]) -> pl.DataFrame:
    """ITEMS by id, as they stand."""
    return c.frame(
        f"SELECT {_COLUMNS} FROM current_items WHERE item_id IN (SELECT unnest($ids))",  # noqa: S608
        ids=item_ids,
    )


def put_items(c: Lease, incoming: pl.DataFrame, at: datetime) -> tuple[int, int]:
    """Add new ITEMS and renew known ones that are told otherwise now; returns (new, known)."""
    with c.given(incoming=incoming.select(ITEMS.columns)):
        fresh = c.frame("SELECT * FROM incoming WHERE item_id NOT IN (SELECT item_id FROM items)")
        c.run(
            """UPDATE items SET open_minor = incoming.open_minor, total_minor = incoming.total_minor,
                base_open_minor = CASE WHEN abs(incoming.open_minor) > abs(items.base_open_minor)
                    THEN incoming.open_minor ELSE items.base_open_minor END,
                payment_reference = incoming.payment_reference, counterparty_id = incoming.counterparty_id,
                counterparty_name = incoming.counterparty_name,
                counterparty_account = incoming.counterparty_account, issue_date = incoming.issue_date,
                due_date = incoming.due_date, text = incoming.text, erp_account = incoming.erp_account,
                updated_at = $now
            FROM incoming WHERE items.item_id = incoming.item_id
                AND (items.open_minor, items.total_minor, items.payment_reference, items.counterparty_id,
                    items.counterparty_name, items.counterparty_account, items.issue_date, items.due_date, items.text,
                    items.erp_account)
                IS DISTINCT FROM (incoming.open_minor, incoming.total_minor, incoming.payment_reference,
                    incoming.counterparty_id, incoming.counterparty_name, incoming.counterparty_account,
                    incoming.issue_date, incoming.due_date, incoming.text, incoming.erp_account)""",
            now=at,
        )
    c.insert(
        "items",
        fresh.with_columns(
            base_open_minor=pl.col("open_minor"), first_seen_at=pl.lit(at), updated_at=pl.lit(at)
        ),
    )
    return fresh.height, incoming.height - fresh.height


def search(
    c: Lease, words: str, currency: str, near_minor: int, limit: int = 20, *, amount: int | None = None
) -> list[dict[str, Any]]:
    """Open items in the currency whose number, party, reference or text holds the words; nearest amount first.

    amount: or which have just so much open, minor units without sign.
    """
    return c.rows(
        f"""SELECT {_COLUMNS} FROM current_items
        WHERE open_minor <> 0 AND currency = $currency
            AND ($words = '' OR abs(open_minor) = $amount
                OR contains(lower(concat_ws(' ', document_no, counterparty_name, payment_reference,
                    counterparty_id, text)), lower($words)))
        ORDER BY abs(open_minor - $near), document_no LIMIT $limit""",  # noqa: S608
        words=words.strip(),
        currency=currency,
        near=near_minor,
        limit=limit,
        amount=amount,
    )


def page(
    c: Lease, *, today: date, words: str = "", state: str = "all", kinds: list[str] | None = None,
    limit: int = 50, offset: int = 0,
) -> tuple[int, pl.DataFrame]:  # fmt: skip
    """One page of ITEMS, first due first: (how many in all, the page).

    words: in number, party, reference or text. state: all, open, overdue or settled.
    """
    chosen = """FROM current_items
        WHERE CASE $state WHEN 'open' THEN open_minor <> 0 WHEN 'settled' THEN open_minor = 0
                WHEN 'overdue' THEN open_minor <> 0 AND due_date < $today ELSE TRUE END
            AND ($kinds IS NULL OR kind IN (SELECT unnest($kinds::VARCHAR[])))
            AND ($words = '' OR contains(lower(concat_ws(' ', document_no, counterparty_name, payment_reference,
                counterparty_id, text)), lower($words)))"""
    filters = {"today": today, "words": words.strip(), "state": state, "kinds": kinds or None}
    count = c.value(f"SELECT count(*) {chosen}", **filters)
    rows = c.frame(
        f"""SELECT {_COLUMNS} {chosen} ORDER BY due_date NULLS LAST, issue_date, document_no, item_id
        LIMIT $limit OFFSET $offset""",
        **filters,
        limit=limit,
        offset=offset,
    )
    return int(count), rows
