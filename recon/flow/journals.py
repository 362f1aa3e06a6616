"""What the Postings page shows: journals a page at a time, totals, what waits, and the batches exported so far.

In: the workspace. Out: plain values and frames, read under one short lease. Never posts or exports anything;
that is `flow/posting.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from recon.flow.workspace import Store, chart
from recon.post.journal import totals
from recon.store import consents, postings

PAGE_JOURNALS = 15
STATES = tuple(postings.STATES)


@dataclass(frozen=True)
class Journals:
    """One page of journals and what stands around it.

    counts: journals in each of STATES under the same search. entries: rows of `store.postings.page`. batches:
    newest first. missing: bank accounts whose decisions wait for an ERP account. names: of ERP accounts.
    """

    counts: dict[str, int]
    page: int
    pages: int
    entries: pl.DataFrame
    batches: list[dict[str, Any]]
    missing: list[dict[str, Any]]
    names: dict[str, str]


def journals(store: Store, *, state: str = "waiting", words: str = "", page: int = 1) -> Journals:
    """A page of journals, latest first; one past the end gives the last page."""
    with store.database.read() as c:
        offset = (page - 1) * PAGE_JOURNALS
        counts, entries = postings.page(c, state=state, words=words, limit=PAGE_JOURNALS, offset=offset)
        pages = max(1, -(-counts[state] // PAGE_JOURNALS))
        if page > pages:
            page, offset = pages, (pages - 1) * PAGE_JOURNALS
            counts, entries = postings.page(c, state=state, words=words, limit=PAGE_JOURNALS, offset=offset)
        banks = consents.accounts(c)
        return Journals(
            counts=counts,
            page=page,
            pages=pages,
            entries=entries,
            batches=postings.batches(c),
            missing=postings.waiting_for_erp_account(c),
            names={row["erp_account"]: row["name"] or "" for row in banks if row["erp_account"]}
            | {one.number: one.name for one in chart(c, store.settings.language)},
        )


def trial_totals(store: Store) -> pl.DataFrame:
    """What each ERP account got in each currency, all postings: columns of `post.journal.totals`."""
    return totals(store.postings())
