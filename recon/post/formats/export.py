"""What every format is given, and what a format is: a value that proves its journal, then writes bytes.

In: POSTINGS with the lines, documents, bank accounts and chart that name what they book. Out: bytes, the same
for the same input: `exported_at` and the order of rows do not matter. Never: a file on disk, a clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from recon.money import minor_digits
from recon.post.chart import ErpAccount, default_chart
from recon.post.journal import journal_id, prove
from recon.post.texts import filled
from recon.schema import ACCOUNTS, ITEMS, LINES, POSTINGS, conform


@dataclass(frozen=True)
class Export:
    """One batch to write.

    postings, lines, items, accounts: as in schema.py; lines and items may hold more than is posted.
    batch: a short label, used in the file's name and title. first_voucher: number of the first voucher. company: our
    name, for formats that name it.
    allocations: the standing ALLOCATIONS; when given, the bank side is proved against them as well.
    The other frames become sheets of a workbook where given; amounts in them need their currency beside them.
    """

    postings: pl.DataFrame
    lines: pl.DataFrame
    items: pl.DataFrame
    accounts: pl.DataFrame
    batch: str
    allocations: pl.DataFrame | None = None
    chart: tuple[ErpAccount, ...] = tuple(default_chart())
    first_voucher: int = 1
    company: str = ""
    matched: pl.DataFrame | None = None
    unmatched_lines: pl.DataFrame | None = None
    unmatched_documents: pl.DataFrame | None = None
    differences: pl.DataFrame | None = None
    balance_proof: pl.DataFrame | None = None
    audit: pl.DataFrame | None = None


@dataclass(frozen=True)
class Format:
    """One way to write a journal. `how_to` tells a person what to do with the file in the ERP."""

    name: str
    extension: str
    media_type: str
    how_to: str
    writer: Callable[[Export], bytes]

    def write(self, export: Export) -> bytes:
        """The file's bytes. Raises IntegrityAlarm, and writes nothing, when the journal proves wrong."""
        prove_batch(export)
        return self.writer(export)

    def file_name(self, export: Export) -> str:
        """A name of our own making: `journal-2026-11.csv`."""
        label = re.sub(r"[^A-Za-z0-9]+", "-", export.batch).strip("-")
        return f"journal-{label}.{self.extension}" if label else f"journal.{self.extension}"


def prove_batch(export: Export) -> None:
    """Prove balance for all of the batch and the bank side for its journals whose decisions stand.

    A batch may hold a reversal whose journal went out earlier, so only standing decisions can be compared.
    """
    prove(export.postings)
    for currency in export.postings["currency"].unique():
        minor_digits(currency)
    if export.allocations is None:
        return
    in_batch = set(export.postings["journal_id"].unique())
    standing = [each for each in export.allocations["decision_id"].unique() if journal_id(each) in in_batch]
    prove(
        export.postings.filter(pl.col("journal_id").is_in([journal_id(each) for each in standing])),
        export.allocations.filter(pl.col("decision_id").is_in(standing)),
    )


def rows(export: Export) -> pl.DataFrame:
    """The postings in voucher order, each beside what it books.

    Adds `voucher_no` (one a journal and date, so that each voucher balances on one day), `account_name`,
    `account_kind`, `item_kind`, `document_no`, `counterparty_id`, `counterparty_name`.
    """
    documents = conform(export.items, ITEMS).select(
        "item_id", "document_no", "counterparty_id", item_kind="kind", item_party=filled("counterparty_name")
    )
    parties = conform(export.lines, LINES).select("line_id", line_party=filled("counterparty_name"))
    return (
        conform(export.postings, POSTINGS)
        .sort("date", "journal_id", "entry_no")
        .with_columns(
            voucher_no=pl.struct("date", "journal_id").rle_id().cast(pl.Int64) + export.first_voucher
        )
        .join(documents, on="item_id", how="left", validate="m:1", maintain_order="left")
        .join(parties, on="line_id", how="left", validate="m:1", maintain_order="left")
        .join(_ledger(export), on="erp_account", how="left", validate="m:1", maintain_order="left")
        .with_columns(counterparty_name=pl.coalesce("item_party", "line_party"))
        .drop("item_party", "line_party", "exported_at")
    )


def _ledger(export: Export) -> pl.DataFrame:
    """`erp_account account_name account_kind`: the chart, and the bank accounts it does not list."""
    charted = [(each.number, each.name, each.kind) for each in export.chart]
    banks = (
        conform(export.accounts, ACCOUNTS)
        .filter(pl.col("erp_account").is_not_null())
        .sort("account_id")
        .select("erp_account", pl.coalesce("name", "bank"), pl.lit("bank"))
        .rows()
    )
    names = {number: (number, name, kind) for number, name, kind in [*reversed(banks), *charted]}
    return pl.DataFrame(
        list(names.values()),
        schema={"erp_account": pl.String, "account_name": pl.String, "account_kind": pl.String},
        orient="row",
    )
