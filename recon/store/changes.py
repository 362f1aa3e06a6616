"""What one transaction does to rows, as text that an event carries and a rebuild replays.

In: rows as DuckDB writes them in JSON, as they are added, changed or removed. Out: one JSON text for the event, and
the same rows back into a table. Never: a change of a table that is derived anew by each engine run, nor of the
events themselves.

    [{"table": "items", "put": [{"item_id": …}, …]}, {"table": "expected", "gone": [{…}]}, …]

`put`: the row as it is from then on, in the place of one with the same key. `gone`: the row as it was.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from recon.errors import UsageError

if TYPE_CHECKING:
    from recon.store.connection import Lease

DERIVED = frozenset({"proposals", "legs", "evidence", "unmatched"})
"""What an engine run makes out of everything else; `match` makes it again."""
_LOG = frozenset({"events", "schema_version"})
_STATEMENT = re.compile(r"\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)


class Target(NamedTuple):
    """The table that a statement changes, and how: INSERT, UPDATE or DELETE."""

    table: str
    verb: str


def target(statement: str) -> Target | None:
    """What a statement changes that an event must tell; None for derived tables and the log itself.

    Raises UsageError for a statement whose effect on rows cannot be told, such as CREATE or MERGE.
    """
    found = _STATEMENT.match(statement)
    if found is None:
        raise UsageError(
            f"“{statement.split(maxsplit=1)[0]}” is no way to change rows: an event could not tell of it. Nothing was "
            "done."
        )
    table = found[2].lower()
    if table in DERIVED or table in _LOG:
        return None
    return Target(table, found[1].split()[0].upper())


@dataclass
class Changes:
    """Rows that one transaction put or took away, in order. keyed: tables whose rows have a key."""

    keyed: frozenset[str] = frozenset()
    tables: set[str] = field(default_factory=set)
    _told: list[tuple[str, str, list[str]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return True

    def note(self, table: str, rows: list[str], *, gone: bool = False) -> None:
        """Remember rows, each one JSON text."""
        if not rows:
            return
        verb = "gone" if gone else "put"
        self.tables.add(table)
        if self._told and self._told[-1][:2] == (table, verb):
            self._told[-1][2].extend(rows)
        else:
            self._told.append((table, verb, list(rows)))

    def text(self) -> str | None:
        """All of it for the event; None where nothing changed."""
        if not self._told:
            return None
        entries = (f'{{"table":"{table}","{verb}":[{",".join(rows)}]}}' for table, verb, rows in self._told)
        return f"[{','.join(entries)}]"


@dataclass(frozen=True)
class Table:
    """A table as it is now: its columns with their types, and its key where it has one."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    @property
    def sums(self) -> list[str]:
        """Columns of money."""
        return [name for name, kind in self.columns.items() if name.endswith("_minor") and kind == "BIGINT"]


def tables(c: Lease) -> dict[str, Table]:
    """Every table whose rows events tell of, by name."""
    columns: dict[str, dict[str, str]] = {}
    for row in c.rows(
        """SELECT table_name, column_name, data_type FROM duckdb_columns() JOIN duckdb_tables()
            USING (database_name, schema_name, table_name)
        WHERE database_name = 'recon' ORDER BY table_name, column_index"""
    ):
        columns.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    keys = {
        row["table_name"]: tuple(row["constraint_column_names"])
        for row in c.rows(
            """SELECT table_name, constraint_column_names FROM duckdb_constraints()
            WHERE database_name = 'recon' AND constraint_type = 'PRIMARY KEY'"""
        )
    }
    return {
        name: Table(name, columns[name], keys.get(name, ()))
        for name in columns
        if name not in DERIVED and name not in _LOG
    }


def everything(c: Lease, known: dict[str, Table]) -> Changes:
    """Every row there is, as if it had just been put: what events before the first such one do not tell."""
    changes = Changes()
    for name in known:
        changes.note(name, c.frame(f"SELECT to_json({name})::VARCHAR AS told FROM {name}")["told"].to_list())  # noqa: S608
    return changes


def replay(c: Lease, text: str, known: dict[str, Table]) -> None:
    """Do to rows what an event says was done."""
    for entry in json.loads(text):
        table = known[entry["table"]]
        if "put" in entry:
            _put(c, table, entry["put"])
        else:
            _take_away(c, table, entry["gone"])


def _put(c: Lease, table: Table, rows: list[dict[str, Any]]) -> None:
    """Rows in the place of those with the same key."""
    columns = ", ".join(f'"{name}"' for name in table.columns)
    read = f"SELECT {columns} FROM (SELECT unnest(from_json_strict($rows, $shape), recursive := true))"  # noqa: S608
    if table.key:
        key = ", ".join(f'"{name}"' for name in table.key)
        c.run(
            f"DELETE FROM {table.name} WHERE ({key}) IN (SELECT ({key}) FROM ({read}))",  # noqa: S608
            **_typed(table, rows),
        )
    c.run(f"INSERT INTO {table.name} ({columns}) {read}", **_typed(table, rows))


def _take_away(c: Lease, table: Table, rows: list[dict[str, Any]]) -> None:
    """Rows that are the same in every column; equal ones go together, as they did then."""
    c.run(
        f"""DELETE FROM {table.name} WHERE to_json({table.name})::VARCHAR IN (
            SELECT to_json(gone)::VARCHAR FROM (SELECT unnest(from_json_strict($rows, $shape)) AS gone)
        )""",  # noqa: S608
        **_typed(table, rows),
    )


def _typed(table: Table, rows: list[dict[str, Any]]) -> dict[str, str]:
    """Rows as JSON, and the shape that gives each column its own type."""
    return {"rows": json.dumps(rows, ensure_ascii=False), "shape": json.dumps([table.columns])}
