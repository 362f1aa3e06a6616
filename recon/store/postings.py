"""Journals and the batches they were exported in, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from recon.schema import POSTINGS
from recon.store.connection import Lease

_COLUMNS = """journal_id, entry_no, posting_date AS date, side, erp_account, amount_minor, currency, text,
    line_id, item_id"""


def add(
    c: Lease, journals: pl.DataFrame, decisions: dict[str, str], at: datetime, reverses: str | None = None
) -> None:
    """Append POSTINGS; `decisions` tells each journal's decision."""
    c.insert("postings", journals.drop("exported_at").rename({"date": "posting_date"}))
    ids = journals["journal_id"].unique(maintain_order=True)
    made = pl.DataFrame({"journal_id": ids, "decision_id": [decisions[journal_id] for journal_id in ids]})
    c.insert("journals", made.with_columns(reverses=pl.lit(reverses, pl.String), made_at=pl.lit(at)))


def postings(c: Lease) -> pl.DataFrame:
    """POSTINGS, in the order they were made."""
    return c.frame(
        f"""SELECT {_COLUMNS}, exported_at FROM postings JOIN journals USING (journal_id)
        LEFT JOIN exported_journals USING (journal_id) LEFT JOIN export_batches USING (batch_no)
        ORDER BY made_at, journal_id, entry_no"""  # noqa: S608
    ).select(POSTINGS.columns)


def batch(c: Lease, batch_no: int) -> pl.DataFrame:
    """POSTINGS of one export batch."""
    return c.frame(
        f"""SELECT {_COLUMNS}, exported_at FROM postings JOIN exported_journals USING (journal_id)
        JOIN export_batches USING (batch_no) JOIN journals USING (journal_id)
        WHERE batch_no = $batch_no ORDER BY posting_date, made_at, journal_id, entry_no""",  # noqa: S608
        batch_no=batch_no,
    ).select(POSTINGS.columns)


def of_decision(c: Lease, decision_id: str) -> pl.DataFrame:
    """POSTINGS of a decision, its reversal left out."""
    return c.frame(
        f"""SELECT {_COLUMNS}, NULL::TIMESTAMPTZ AS exported_at FROM postings JOIN journals USING (journal_id)
        WHERE decision_id = $decision_id AND reverses IS NULL ORDER BY journal_id, entry_no""",  # noqa: S608
        decision_id=decision_id,
    ).select(POSTINGS.columns)


def unposted_decisions(c: Lease) -> list[str]:
    """Standing decisions that give something, have no journal yet, and whose bank accounts all have an ERP account."""
    rows = c.rows(
        """SELECT DISTINCT decision_id FROM standing_allocations
        WHERE decision_id NOT IN (SELECT decision_id FROM journals)
            AND decision_id NOT IN (
                SELECT decision_id FROM standing_allocations JOIN lines USING (line_id)
                LEFT JOIN accounts USING (account_id) WHERE accounts.erp_account IS NULL)
        ORDER BY decision_id"""
    )
    return [row["decision_id"] for row in rows]


def waiting_for_erp_account(c: Lease) -> list[dict[str, Any]]:
    """Bank accounts without an ERP account whose decisions cannot be posted: `account_id name decisions`."""
    return c.rows(
        """SELECT accounts.account_id, accounts.name, count(DISTINCT decision_id) AS decisions
        FROM standing_allocations JOIN lines USING (line_id) JOIN accounts USING (account_id)
        WHERE accounts.erp_account IS NULL GROUP BY ALL ORDER BY accounts.name"""
    )


def exportable(c: Lease) -> list[str]:
    """Journals never exported, those that a reversal answered before any export left out with it."""
    rows = c.rows(
        """SELECT journal_id FROM journals
        WHERE journal_id NOT IN (SELECT journal_id FROM exported_journals)
            AND journal_id NOT IN (SELECT reverses FROM journals WHERE reverses IS NOT NULL)
            AND (reverses IS NULL OR reverses IN (SELECT journal_id FROM exported_journals))
        ORDER BY made_at, journal_id"""
    )
    return [row["journal_id"] for row in rows]


def add_batch(c: Lease, journal_ids: list[str], at: datetime, by: str) -> int:
    """Bind journals into the next batch; returns its number."""
    batch_no = int(c.value("SELECT coalesce(max(batch_no), 0) + 1 FROM export_batches"))
    c.add("export_batches", batch_no=batch_no, exported_at=at, exported_by=by)
    c.insert(
        "exported_journals",
        pl.DataFrame({"journal_id": journal_ids}).with_columns(batch_no=pl.lit(batch_no, pl.Int64)),
    )
    return batch_no


def batches(c: Lease) -> list[dict[str, Any]]:
    """Batches so far, newest first: `batch_no exported_at exported_by journals`."""
    return c.rows(
        """SELECT batch_no, exported_at, exported_by, count(journal_id) AS journals
        FROM export_batches LEFT JOIN exported_journals USING (batch_no) GROUP BY ALL ORDER BY batch_no DESC"""
    )


def vouchers_before(c: Lease, batch_no: int) -> int:
    """How many vouchers (one a journal and date) earlier batches hold."""
    return int(
        c.value(
            """SELECT count(DISTINCT (journal_id, posting_date)) FROM postings
            JOIN exported_journals USING (journal_id) WHERE batch_no < $batch_no""",
            batch_no=batch_no,
        )
    )


def kept_file(c: Lease, batch_no: int, format_name: str) -> dict[str, Any] | None:
    """The file a batch was written to before in a format: `file_name content_hash`."""
    return c.row(
        "SELECT file_name, content_hash FROM export_files WHERE batch_no = $batch_no AND format = $format",
        batch_no=batch_no,
        format=format_name,
    )


def keep_file(c: Lease, batch_no: int, format_name: str, file_name: str, content_hash: str) -> None:
    """Remember the file of a batch."""
    c.add(
        "export_files", batch_no=batch_no, format=format_name, file_name=file_name, content_hash=content_hash
    )


STATES = {
    "waiting": "batch_no IS NULL AND NOT cancelled",
    "exported": "batch_no IS NOT NULL",
    "all": "TRUE",
}
_JOURNALS = """
SELECT journal_id, decision_id, reverses, made_at, batch_no, exported_at, reversed_by,
    CASE WHEN reverses IS NULL THEN batch_no IS NULL AND reversed_by IS NOT NULL
        ELSE batch_no IS NULL AND reverses NOT IN (SELECT journal_id FROM exported_journals) END AS cancelled
FROM journals LEFT JOIN exported_journals USING (journal_id) LEFT JOIN export_batches USING (batch_no)
LEFT JOIN (
    SELECT reverses AS journal_id, journal_id AS reversed_by FROM journals WHERE reverses IS NOT NULL
) USING (journal_id)
"""


def page(
    c: Lease, *, state: str = "all", words: str = "", limit: int = 20, offset: int = 0
) -> tuple[dict[str, int], pl.DataFrame]:
    """One page of journals, latest first, entry by entry: (journals in each of STATES, the page).

    words: held by the text, ERP account or document number of any entry. Columns: POSTINGS without
    `exported_at`, and `made_at decided_by action batch_no exported_at reverses reversed_by cancelled document_no`;
    cancelled: a journal and its reversal, both made before any export, which leave no trace in the ERP.
    """
    found = f"""WITH every AS ({_JOURNALS}), chosen AS (
            SELECT * FROM every WHERE $words = '' OR journal_id IN (
                SELECT journal_id FROM postings LEFT JOIN items USING (item_id)
                WHERE contains(lower(concat_ws(' ', postings.text, postings.erp_account, document_no)), lower($words)))
        )"""  # noqa: S608
    counts = ", ".join(f'count(*) FILTER (WHERE {rule}) AS "{name}"' for name, rule in STATES.items())
    counted = c.frame(f"{found} SELECT {counts} FROM chosen", words=words.strip())  # noqa: S608
    rows = c.frame(
        f"""{found}, shown AS (
            SELECT * FROM chosen WHERE {STATES[state]} ORDER BY made_at DESC, journal_id LIMIT $limit OFFSET $offset
        )
        SELECT journal_id, entry_no, posting_date AS date, side, postings.erp_account, amount_minor,
            postings.currency, postings.text, postings.line_id, item_id, shown.made_at, decided_by, action, batch_no,
            exported_at, reverses, reversed_by, cancelled, document_no
        FROM shown JOIN postings USING (journal_id) LEFT JOIN decisions ON decisions.decision_id = shown.decision_id
        LEFT JOIN items USING (item_id)
        ORDER BY shown.made_at DESC, journal_id, entry_no""",  # noqa: S608
        words=words.strip(),
        limit=limit,
        offset=offset,
    )
    return {name: int(counted[name][0]) for name in STATES}, rows


def unbalanced(c: Lease) -> list[str]:
    """Journals whose debits are not their credits."""
    rows = c.rows(
        """SELECT journal_id, currency, sum(CASE side WHEN 'debit' THEN amount_minor ELSE -amount_minor END) AS off
        FROM postings GROUP BY ALL HAVING off <> 0 ORDER BY journal_id"""
    )
    return [f"journal {row['journal_id']} is off by {row['off']} {row['currency']}" for row in rows]
