"""Put what a bank or a file told into the workspace: each line once, in the transaction of the caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from recon.normalise.lines import normalise_lines
from recon.schema import PARTS
from recon.statements.identity import TOLD, reconcile, rename_parts
from recon.store import statements
from recon.store.database import Writer


@dataclass(frozen=True)
class Kept:
    """How many lines of one account were told, new, changed, held back, withdrawn and brought back."""

    told: int
    new: int
    changed: int
    held: int
    withdrawn: int
    returned: int


def keep_lines(
    writer: Writer,
    account_id: str,
    incoming: pl.DataFrame,
    *,
    source: str,
    since: date | None = None,
    until: date | None = None,
    parts: pl.DataFrame | None = None,
) -> Kept:
    """Add what is new of one account's lines, note what changed, and mark what the bank took back.

    incoming: LINES + `bank_ref`, of this account, told by `source`; complete for `since` ≤ day < `until`
    where given. parts: PARTS under the incoming ids. A matched line that is withdrawn stays matched; a person decides.
    """
    known = statements.known_lines(writer.c, account_id)
    answer = reconcile(incoming, known, since, until, source)
    fresh = normalise_lines(answer.new)
    statements.add_lines(writer.c, fresh, writer.at)
    sightings = pl.concat(
        [answer.new.select("line_id", "bank_ref"), answer.seen.select("line_id", "bank_ref")]
    )
    statements.add_sources(writer.c, sightings.with_columns(source=pl.lit(source)), writer.at)
    _change(writer, answer.changed)
    statements.note_withdrawals(writer.c, answer.withdrawn, writer.at, withdrawn=True)
    statements.note_withdrawals(writer.c, answer.returned, writer.at, withdrawn=False)
    statements.add_findings(writer.c, answer.findings, source, writer.at)
    if parts is not None:
        statements.add_parts(writer.c, rename_parts(parts, answer.ids).select(PARTS.columns))
    kept = Kept(
        told=incoming.height,
        new=fresh.height,
        changed=answer.changed.height,
        held=answer.conflicts.height,
        withdrawn=len(answer.withdrawn),
        returned=len(answer.returned),
    )
    if kept.new or kept.changed or kept.withdrawn or kept.returned or kept.held:
        writer.event(
            "lines_kept",
            account_id,
            source=source,
            told=kept.told,
            new=kept.new,
            sum_minor=int(fresh["amount_minor"].sum()),
            held=kept.held,
            withdrawn=answer.withdrawn,
            returned=answer.returned,
        )
    return kept


def _change(writer: Writer, changed: pl.DataFrame) -> None:
    """The bank words a line anew: keep the new words, and the old ones in the audit trail."""
    if changed.is_empty():
        return
    before = statements.some_lines(writer.c, changed["line_id"].to_list())
    renewed = normalise_lines(changed)
    statements.reword(writer.c, renewed, [*TOLD, "references"])
    words = [name for name in TOLD if name not in ("original_minor", "exchange_rate")]
    writer.event(
        "lines_changed",
        f"{changed.height} lines",
        before=before.select("line_id", *words).to_dicts(),
        after=renewed.select("line_id", *words).to_dicts(),
    )
