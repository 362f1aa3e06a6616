"""Put what a bank or a file told into the workspace: each line once, in the transaction of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from recon.normalise.lines import normalise_lines
from recon.schema import BALANCES, PARTS, Statement
from recon.statements.accounts import same_account
from recon.statements.identity import TOLD, Reconciled, reconcile, rename_parts
from recon.statements.stated import stated_balance
from recon.store import consents, statements
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
    gone_from: date | None = None,
    parts: pl.DataFrame | None = None,
) -> Kept:
    """Add what is new of one account's lines, note what changed, and mark what the bank took back.

    incoming: LINES + `bank_ref`, of this account, told by `source`; complete for `since` ≤ day < `until`
    where `since` is given, open where `until` is not. gone_from: `Window`. parts: PARTS under the incoming
    ids. A matched line that is withdrawn stays matched; a person decides.
    """
    (kept,) = keep_accounts(
        writer,
        [account_id],
        incoming,
        source=source,
        since=since,
        until=until,
        gone_from=gone_from,
        parts=parts,
    )
    return kept


def keep_accounts(
    writer: Writer,
    account_ids: Sequence[str],
    incoming: pl.DataFrame,
    *,
    source: str,
    since: date | None = None,
    until: date | None = None,
    gone_from: date | None = None,
    parts: pl.DataFrame | None = None,
) -> list[Kept]:
    """As `keep_lines`, of several accounts whose fetches cover the same days; one `Kept` each, in their order."""
    known = statements.known_lines(writer.c, account_ids)
    answer = reconcile(incoming, known, since, until, source, gone_from=gone_from)
    fresh = normalise_lines(answer.new)
    statements.add_lines(writer.c, fresh, writer.at)
    told = ["line_id", "bank_ref", "told_text"]
    sightings = pl.concat(
        [
            answer.new.with_columns(told_text=pl.lit(None, pl.String)).select(told),
            answer.seen.select(told),
        ]
    )
    statements.add_sources(writer.c, sightings.with_columns(source=pl.lit(source)), writer.at)
    _change(writer, answer.changed)
    statements.note_withdrawals(writer.c, answer.withdrawn, writer.at, withdrawn=True)
    statements.note_withdrawals(writer.c, answer.returned, writer.at, withdrawn=False)
    statements.add_findings(writer.c, answer.findings, source, writer.at)
    if parts is not None:
        statements.add_parts(writer.c, rename_parts(parts, answer.ids).select(PARTS.columns))
    owners = dict(known.select("line_id", "account_id").iter_rows())
    return [_told(writer, one, incoming, fresh, answer, owners, source) for one in account_ids]


def keep_expected(writer: Writer, account_id: str, lines: pl.DataFrame, expected: pl.DataFrame) -> None:
    """What a file says is pending, in the place of what files said before: no ghost of what was booked since.

    lines: LINES the file holds of the account, kept already. A file that ends before the newest line is old
    news, and an account that its bank is asked for is told by that: then nothing changes.
    """
    account = consents.account(writer.c, account_id)
    asked = account is not None and account["consent_id"] is not None
    days = lines["booking_date"] if lines.height else expected["booking_date"].drop_nulls()
    newest, ends = statements.newest_day(writer.c, account_id), max(days.to_list(), default=None)
    if asked or (newest is not None and (ends is None or ends < newest)):
        return
    statements.replace_expected(writer.c, account_id, expected)


def under_known_accounts(known: list[dict[str, Any]], statement: Statement) -> Statement:
    """The statement, an account that is known under another name of its bank under that account's id."""
    ids = {}
    for row in statement.accounts.to_dicts():
        there = [one for one in known if one["account_id"] == row["account_id"]]
        same = same_account(known, row["iban"], row["bban"], row["bank"], row["currency"])
        if same and not there:
            ids[row["account_id"]] = same
    if not ids:
        return statement
    renamed = pl.col("account_id").replace(ids)
    return replace(
        statement,
        lines=statement.lines.with_columns(renamed),
        expected=statement.expected.with_columns(renamed),
        balances=statement.balances.with_columns(renamed),
        accounts=statement.accounts.with_columns(renamed),
    )


def keep_balance(
    writer: Writer, account_id: str, currency: str, stated_minor: int | None, today: date, *, source: str
) -> None:
    """What a bank says is booked now, to prove the lines by; its last word replaces the one before.

    stated_minor: None where it tells nothing; then what it said before proves nothing any more.
    """
    if stated_minor is None:
        statements.replace_balances(writer.c, account_id, BALANCES.empty(), source, writer.at)
        return
    lines = statements.lines_of(writer.c, account_id)
    told = stated_balance(lines, account_id, currency, stated_minor, today)
    statements.replace_balances(writer.c, account_id, told, source, writer.at)
    row = told.row(0, named=True)
    statements.put_stated(
        writer.c,
        account_id=account_id,
        source=source,
        stated_on=row["closing_date"],
        currency=currency,
        stated_minor=stated_minor,
        booked_minor=row["booked_minor"],
        first_day=row["opening_date"],
        seen_at=writer.at,
    )


def _told(
    writer: Writer,
    account_id: str,
    incoming: pl.DataFrame,
    fresh: pl.DataFrame,
    answer: Reconciled,
    owners: dict[str, str],
    source: str,
) -> Kept:
    """What came of one account, told to the audit trail where anything did."""
    own = pl.col("account_id") == account_id
    new = fresh.filter(own)
    withdrawn, returned = (
        [line_id for line_id in line_ids if owners[line_id] == account_id]
        for line_ids in (answer.withdrawn, answer.returned)
    )
    kept = Kept(
        told=incoming.filter(own).height,
        new=new.height,
        changed=answer.changed.filter(own).height,
        held=answer.conflicts.filter(own).height,
        withdrawn=len(withdrawn),
        returned=len(returned),
    )
    if kept.new or kept.changed or kept.withdrawn or kept.returned or kept.held:
        writer.event(
            "lines_kept",
            account_id,
            source=source,
            told=kept.told,
            new=kept.new,
            sum_minor=int(new["amount_minor"].sum()),
            held=kept.held,
            withdrawn=withdrawn,
            returned=returned,
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
