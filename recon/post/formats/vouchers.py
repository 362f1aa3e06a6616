"""A journal as vouchers, for formats that nest entries in them.

In: an Export. Out: vouchers in order, each with entries that balance per currency on one day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from recon.errors import UsageError
from recon.post.formats.export import Export, rows
from recon.post.journal import SIGNED


@dataclass(frozen=True)
class Voucher:
    """One journal on one date. entries: rows of `export.rows` as dictionaries, with `signed`, debit positive."""

    number: int
    date: date
    journal_id: str
    text: str
    payee: str | None
    entries: list[dict[str, Any]]


def vouchers(export: Export) -> Iterator[Voucher]:
    """Every voucher of the batch; its text and payee are those of its first entry, the bank's."""
    entries = rows(export).with_columns(signed=SIGNED.cast(pl.Int64))
    for _, own in entries.group_by("voucher_no", maintain_order=True):
        told = own.to_dicts()
        first = told[0]
        yield Voucher(
            first["voucher_no"], first["date"], first["journal_id"], first["text"], _payee(told), told
        )


def only_currency(export: Export, program: str) -> str | None:
    """The one currency of the batch; None for an empty one. Raises UsageError where there are several."""
    found = sorted(export.postings["currency"].unique())
    if len(found) > 1:
        raise UsageError(
            f"{program} books in one currency, and this batch has {', '.join(found)}. Nothing was written; use "
            "another format, or book accounts in other currencies by themselves."
        )
    return found[0] if found else None


def _payee(entries: list[dict[str, Any]]) -> str | None:
    named = {entry["counterparty_name"] for entry in entries} - {None}
    return named.pop() if len(named) == 1 else None
