"""Bank lines, what is expected, balances, findings and imports, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from recon.schema import BALANCES, EXPECTED, LINES, PARTS, STATED, conform
from recon.store.connection import Lease

_COLUMNS = ", ".join(f'"{name}"' for name in LINES.columns)


def lines(c: Lease) -> pl.DataFrame:
    """LINES that stand, oldest first."""
    return c.frame(f"SELECT {_COLUMNS} FROM standing_lines ORDER BY booking_date, line_id")  # noqa: S608


def count(c: Lease) -> int:
    """How many lines there are, withdrawn ones included."""
    return int(c.value("SELECT count(*) FROM lines"))


def lines_of(c: Lease, account_id: str) -> pl.DataFrame:
    """LINES of one account that stand, oldest first."""
    return c.frame(
        f"SELECT {_COLUMNS} FROM standing_lines WHERE account_id = $account_id ORDER BY booking_date, line_id",  # noqa: S608
        account_id=account_id,
    )


def all_lines(c: Lease) -> pl.DataFrame:
    """LINES with `withdrawn_at`, those the bank took back included."""
    return c.frame(
        f"""SELECT {_COLUMNS}, withdrawn_at FROM lines LEFT JOIN withdrawn_lines USING (line_id)
        ORDER BY booking_date, line_id"""  # noqa: S608
    )


def open_lines(c: Lease) -> pl.DataFrame:
    """LINES with something left to give; `amount_minor` is what is left."""
    return c.frame(f"SELECT {_COLUMNS} FROM open_lines ORDER BY booking_date, line_id")  # noqa: S608


def some_lines(c: Lease, line_ids: list[str]) -> pl.DataFrame:
    """LINES by id, whole amounts."""
    return c.frame(f"SELECT {_COLUMNS} FROM lines WHERE line_id IN (SELECT unnest($ids))", ids=line_ids)  # noqa: S608


def left_on_lines(c: Lease, line_ids: list[str]) -> dict[str, dict[str, Any]]:
    """For each line that stands: `amount_minor`, `left_minor`, `currency`, `account_id`."""
    rows = c.rows(
        """SELECT line_id, account_id, currency, amount_minor,
            amount_minor - coalesce(allocated_minor, 0) AS left_minor
        FROM standing_lines LEFT JOIN (
            SELECT line_id, sum(amount_minor)::BIGINT AS allocated_minor FROM standing_allocations
            WHERE line_id IN (SELECT unnest($ids)) GROUP BY line_id
        ) USING (line_id)
        WHERE line_id IN (SELECT unnest($ids))""",
        ids=line_ids,
    )
    return {row["line_id"]: row for row in rows}


def known_lines(c: Lease, account_ids: Sequence[str]) -> pl.DataFrame:
    """Every line of some accounts once per source: LINES, `bank_ref`, `told_text`, `withdrawn_at`.

    `source` is where it was seen, `told_text` that source's words where they are not the line's.
    """
    columns = ", ".join(f'lines."{name}"' for name in LINES.columns if name != "source")
    return c.frame(
        f"""SELECT {columns}, line_sources.source, line_sources.bank_ref, told_text, withdrawn_at
        FROM lines JOIN line_sources USING (line_id) LEFT JOIN withdrawn_lines USING (line_id)
        WHERE lines.account_id IN (SELECT unnest($account_ids)) ORDER BY booking_date, line_id""",  # noqa: S608
        account_ids=list(account_ids),
    )


def newest_day(c: Lease, account_id: str) -> date | None:
    """The last day a line of the account that stands was booked on."""
    return c.value(
        "SELECT max(booking_date) FROM standing_lines WHERE account_id = $account_id", account_id=account_id
    )


def add_lines(c: Lease, new: pl.DataFrame, at: datetime) -> int:
    """Append LINES; returns how many."""
    return c.insert("lines", new.select(LINES.columns).with_columns(first_seen_at=pl.lit(at)))


def add_sources(c: Lease, seen: pl.DataFrame, at: datetime) -> int:
    """Note where lines were seen: `line_id source bank_ref told_text`. Known notes stay, but for their words."""
    if seen.is_empty():
        return 0
    with c.given(seen=seen):
        fresh = c.frame(
            """SELECT DISTINCT line_id, source, bank_ref, told_text FROM seen
            WHERE NOT EXISTS (SELECT 1 FROM line_sources AS known WHERE known.line_id = seen.line_id
                AND known.source = seen.source AND known.bank_ref IS NOT DISTINCT FROM seen.bank_ref)"""
        )
        retold = c.frame(
            """SELECT DISTINCT seen.line_id, seen.source, seen.told_text FROM seen JOIN line_sources AS known
            ON known.line_id = seen.line_id AND known.source = seen.source
            WHERE known.told_text IS DISTINCT FROM seen.told_text"""
        )
    if retold.height:
        with c.given(retold=retold):
            c.run(
                """UPDATE line_sources SET told_text = retold.told_text FROM retold
                WHERE line_sources.line_id = retold.line_id AND line_sources.source = retold.source"""
            )
    return c.insert("line_sources", fresh.with_columns(seen_at=pl.lit(at)))


def note_withdrawals(c: Lease, line_ids: list[str], at: datetime, *, withdrawn: bool) -> None:
    """The bank took lines back, or brought them back."""
    c.insert(
        "line_withdrawals",
        pl.DataFrame({"line_id": line_ids}, schema={"line_id": pl.String}).with_columns(
            changed_at=pl.lit(at), withdrawn=pl.lit(withdrawn)
        ),
    )


def reword(c: Lease, renewed: pl.DataFrame, columns: list[str]) -> None:
    """Tell known lines in the bank's new words; what it leaves out now stays as it was. Never amounts."""
    assert "amount_minor" not in columns and "currency" not in columns
    changes = ", ".join(f'"{name}" = coalesce(renewed."{name}", lines."{name}")' for name in columns)
    with c.given(renewed=renewed):
        c.run(f"UPDATE lines SET {changes} FROM renewed WHERE lines.line_id = renewed.line_id")  # noqa: S608


def add_parts(c: Lease, parts: pl.DataFrame) -> None:
    """Append PARTS of lines that have none yet: a second source telling the same batch adds nothing."""
    with c.given(parts_read=parts):
        fresh = c.frame("SELECT * FROM parts_read WHERE line_id NOT IN (SELECT line_id FROM parts)")
    c.insert("parts", fresh.select(PARTS.columns))


def parts(c: Lease) -> pl.DataFrame:
    """PARTS of the lines that stand."""
    columns = ", ".join(PARTS.columns)
    return c.frame(
        f"SELECT {columns} FROM parts WHERE line_id IN (SELECT line_id FROM standing_lines) ORDER BY part_id"  # noqa: S608
    )


def replace_expected(c: Lease, account_id: str, rows: pl.DataFrame) -> None:
    """What is pending on an account now, instead of what was."""
    c.run("DELETE FROM expected WHERE account_id = $account_id", account_id=account_id)
    c.insert("expected", conform(rows, EXPECTED))


def expected(c: Lease) -> pl.DataFrame:
    """EXPECTED."""
    return c.frame(f"SELECT {_COLUMNS} FROM expected ORDER BY booking_date, text")  # noqa: S608


def add_balances(c: Lease, balances: pl.DataFrame, source: str, at: datetime) -> None:
    """Append BALANCES, each once."""
    with c.given(told=balances.select(BALANCES.columns)):
        fresh = c.frame(
            """SELECT * FROM told WHERE NOT EXISTS (SELECT 1 FROM balances AS known
            WHERE known.account_id = told.account_id
                AND known.statement_no IS NOT DISTINCT FROM told.statement_no
                AND known.closing_date IS NOT DISTINCT FROM told.closing_date
                AND known.closing_minor IS NOT DISTINCT FROM told.closing_minor
                AND known.opening_minor IS NOT DISTINCT FROM told.opening_minor)"""
        )
    c.insert("balances", fresh.with_columns(source=pl.lit(source), seen_at=pl.lit(at)))


def replace_balances(c: Lease, account_id: str, balances: pl.DataFrame, source: str, at: datetime) -> None:
    """What a source says of an account's balance now, instead of what it said before."""
    c.run(
        "DELETE FROM balances WHERE account_id = $account_id AND source = $source",
        account_id=account_id,
        source=source,
    )
    add_balances(c, balances, source, at)


def balances(c: Lease) -> pl.DataFrame:
    """BALANCES, oldest first."""
    return balances_by_source(c).select(BALANCES.columns)


def balances_by_source(c: Lease) -> pl.DataFrame:
    """BALANCES and `source`, who stated it; oldest first."""
    columns = ", ".join(BALANCES.columns)
    return c.frame(f"SELECT {columns}, source FROM balances ORDER BY closing_date, seen_at")  # noqa: S608


def put_stated(c: Lease, **row: Any) -> None:
    """Keep what a bank says is booked, its last word of a day: the columns of `stated_balances`."""
    c.run(
        """DELETE FROM stated_balances
        WHERE account_id = $account_id AND source = $source AND stated_on = $stated_on""",
        account_id=row["account_id"],
        source=row["source"],
        stated_on=row["stated_on"],
    )
    c.add("stated_balances", **row)


def stated(c: Lease) -> pl.DataFrame:
    """STATED: what banks said is booked, a row a day, oldest first."""
    columns = ", ".join(STATED.columns)
    return c.frame(f"SELECT {columns} FROM stated_balances ORDER BY account_id, source, stated_on")  # noqa: S608


def add_findings(c: Lease, findings: pl.DataFrame, origin: str, at: datetime) -> None:
    """Append FINDINGS with where they came from; what was found before is not told again at each fetch."""
    if findings.is_empty():
        return
    told = findings.rename({"where": "place"}).with_columns(found_at=pl.lit(at), origin=pl.lit(origin))
    with c.given(told=told):
        fresh = c.frame(
            """SELECT * FROM told WHERE NOT EXISTS (SELECT 1 FROM findings AS known
            WHERE known.origin = told.origin AND known.what = told.what AND known.place = told.place
                AND known.words = told.words AND known.amount_minor IS NOT DISTINCT FROM told.amount_minor)"""
        )
    c.insert("findings", fresh)


def findings(c: Lease) -> pl.DataFrame:
    """FINDINGS kept so far with `found_at` and `origin`, newest first."""
    return c.frame(
        """SELECT severity, what, place AS "where", words, amount_minor, found_at, origin
        FROM findings ORDER BY found_at DESC, what, place"""
    )


def same_import(c: Lease, content_hash: str) -> dict[str, Any] | None:
    """The import that brought the same bytes, if any."""
    return c.row(
        "SELECT * FROM imports WHERE content_hash = $hash ORDER BY imported_at LIMIT 1", hash=content_hash
    )


def add_import(c: Lease, **values: Any) -> None:
    """Remember a file."""
    c.add("imports", **values)


def imports(c: Lease) -> pl.DataFrame:
    """Files imported, newest first."""
    return c.frame("SELECT * EXCLUDE (content_hash) FROM imports ORDER BY imported_at DESC")


def booked_between(c: Lease, account_id: str, since: date, until: date) -> int:
    """Sum of an account's standing lines, `since` included, `until` not; minor units."""
    return int(
        c.value(
            """SELECT coalesce(sum(amount_minor), 0)::BIGINT FROM standing_lines
            WHERE account_id = $account_id AND booking_date >= $since AND booking_date < $until""",
            account_id=account_id,
            since=since,
            until=until,
        )
    )


def miscounted(c: Lease) -> list[str]:
    """Where counts and sums of lines differ from what the audit trail says was kept, in words."""
    told = c.row(
        """SELECT coalesce(sum((payload::JSON ->> 'new')::BIGINT), 0)::BIGINT AS lines,
            coalesce(sum((payload::JSON ->> 'sum_minor')::BIGINT), 0)::BIGINT AS sum_minor
        FROM events WHERE kind = 'lines_kept'"""
    )
    held = c.row("SELECT count(*) AS lines, coalesce(sum(amount_minor), 0)::BIGINT AS sum_minor FROM lines")
    assert told is not None and held is not None
    return [
        f"the audit trail tells of {told[name]} ({name}), the table of lines holds {held[name]}"
        for name in ("lines", "sum_minor")
        if told[name] != held[name]
    ]
