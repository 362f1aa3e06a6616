"""What the Reconciliation page shows: balance proof, match rate, ageing and findings, from one look.

In: the workspace. Out: small frames. Finds, never mends.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from recon.flow.candidates import account_names
from recon.flow.workspace import Store
from recon.review.progress import age_documents, age_lines, match_rate
from recon.statements.continuity import continuity
from recon.statements.proof import balance_proof
from recon.store import documents, statements
from recon.store.connection import Lease


@dataclass(frozen=True)
class Reconciliation:
    """The company's state in figures; `names` of bank accounts by id.

    proof: one row a statement. breaks: FINDINGS of the balance proof. rate: by account and currency. lines,
    documents: by side, currency and age. findings: FINDINGS of imports with `found_at origin`.
    """

    names: dict[str, str]
    proof: pl.DataFrame
    breaks: pl.DataFrame
    rate: pl.DataFrame
    lines: pl.DataFrame
    documents: pl.DataFrame
    findings: pl.DataFrame


def reconciliation(store: Store) -> Reconciliation:
    """All figures of the page as they stand now."""
    today = store.clock.today()
    with store.database.read() as c:
        names = account_names(c)
        lines, balances, stated = _for_the_proof(c)
        open_lines, items = statements.open_lines(c), documents.items(c)
        findings = statements.findings(c)
    return Reconciliation(
        names=names,
        proof=balance_proof(lines, balances),
        breaks=_named(continuity(lines, balances, stated), names),
        rate=match_rate(lines, open_lines),
        lines=age_lines(open_lines, today),
        documents=age_documents(items, today),
        findings=_named(findings, names),
    )


def breaks(store: Store) -> pl.DataFrame:
    """FINDINGS of the balance proof: every place where opening + lines is not closing, or balances do not chain."""
    with store.database.read() as c:
        proved = _for_the_proof(c)
    return continuity(*proved)


def _for_the_proof(c: Lease) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Standing LINES, BALANCES with their source, STATED."""
    return statements.lines(c), statements.balances_by_source(c), statements.stated(c)


def _named(findings: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """Findings that name accounts as a person does."""
    if not names:
        return findings
    return findings.with_columns(pl.col("where", "words").str.replace_many(list(names), list(names.values())))
