"""How many rows each table holds and how much money is in them: what an event and the anchor repeat.

In: a lease and the tables. Out: plain counts and sums. Never: a sum in anything but whole minor units.
"""

from __future__ import annotations

from collections.abc import Iterable

from recon.store.changes import Table
from recon.store.connection import Lease

Totals = dict[str, dict[str, int]]
"""By table: `rows`, and each column of money summed, minor units of all currencies together."""


def totals(c: Lease, known: Iterable[Table]) -> Totals:
    """Counted and summed by reading every row."""
    asked = " UNION ALL ".join(_asked(table) for table in known)
    told: Totals = {}
    for row in c.rows(asked) if asked else []:
        told.setdefault(row["of"], {})[row["what"]] = int(row["total"])
    return told


def over(before: Totals, after: Totals) -> Totals:
    """Totals after a change that touched some tables. What holds no row is left out."""
    both = before | after
    return {name: both[name] for name in sorted(both) if both[name]["rows"]}


def filled(c: Lease, known: dict[str, Table]) -> list[Table]:
    """The tables that committed rows were ever put into: what a quick look has to count."""
    rows = c.rows(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'recon' AND estimated_size > 0"
    )
    return [known[row["table_name"]] for row in rows if row["table_name"] in known]


def differences(told: Totals, held: Totals) -> list[str]:
    """Where what was told is not what is held, in words."""
    return [
        f"the table {name} holds {held.get(name, {}).get(what, 0)} ({what}), its events tell of "
        f"{told.get(name, {}).get(what, 0)}"
        for name in sorted(told.keys() | held.keys())
        for what in sorted(told.get(name, {}).keys() | held.get(name, {}).keys())
        if told.get(name, {}).get(what, 0) != held.get(name, {}).get(what, 0)
    ]


def _asked(table: Table) -> str:
    figures = [("rows", "count(*)"), *((name, f'coalesce(sum("{name}"), 0)') for name in table.sums)]
    whats = ", ".join(f"'{what}'" for what, _ in figures)
    values = ", ".join(f"({value})::VARCHAR" for _, value in figures)
    return f"SELECT '{table.name}' AS \"of\", unnest([{whats}]) AS what, unnest([{values}]) AS total FROM {table.name}"  # noqa: S608
