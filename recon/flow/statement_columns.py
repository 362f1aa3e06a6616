"""Bank exports as CSV or Excel: which of their columns is which, as a person said once for files with these titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recon.errors import DataRefused
from recon.flow.workspace import Store
from recon.statements.readers import what_it_looks_like
from recon.statements.readers.csv_layout import Layout
from recon.statements.readers.csv_profiles import PROFILES, TITLED, profile_of
from recon.statements.readers.csv_statement import kept_for, table_of
from recon.store import preferences

_KEPT = "statement_columns"
"""The setting: layouts, the last said first."""

LAYOUTS = (*PROFILES, *TITLED)
"""Names of banks' layouts, as `--layout` takes them."""


def is_table(content: bytes) -> bool:
    """Whether a file is CSV, other text or Excel: what has columns to name."""
    return what_it_looks_like(content) in ("CSV or text", "Excel")


def table_rows(content: bytes, name: str, delimiter: str | None = None) -> list[list[str]] | None:
    """The rows of a CSV or Excel file as texts; None for everything else."""
    if not is_table(content):
        return None
    try:
        return table_of(content, name, delimiter)[1]
    except DataRefused:
        return None


def kept_layout(store: Store, content: bytes, name: str) -> Layout | None:
    """What was said before of files with these titles."""
    kept = _kept(store) if is_table(content) else []
    rows: dict[str | None, Sequence[Sequence[str]]] = {}
    for layout in kept:
        if layout.delimiter not in rows:
            rows[layout.delimiter] = table_rows(content, name, layout.delimiter) or ()
        if found := kept_for(rows[layout.delimiter], [layout]):
            return found
    return None


def named_layout(name: str) -> Layout | None:
    """The layout of a bank by name; None for a bank that is read by its titles. Raises UsageError that lists all."""
    return profile_of(name)


def keep_layout(store: Store, layout: Layout, *, by: str) -> None:
    """Remember a layout for files with its titles, instead of an earlier one."""
    with store.database.write(by) as writer:
        kept = [Layout.of_told(told) for told in preferences.read_setting(writer.c, _KEPT, [])]
        others = [one for one in kept if _shape(one) != _shape(layout)]
        if [layout, *others] == kept:
            return
        preferences.write_setting(writer.c, _KEPT, [one.told() for one in [layout, *others]])
        writer.event("layout_kept", _words(layout), layout=layout.told())


def forget_layout(store: Store, titles: Sequence[str], *, by: str) -> None:
    """Files with these titles are no statements after all."""
    gone = Layout({}, titles=tuple(titles))
    with store.database.write(by) as writer:
        kept = [Layout.of_told(told) for told in preferences.read_setting(writer.c, _KEPT, [])]
        others = [one for one in kept if _shape(one) != _shape(gone)]
        if others != kept:
            preferences.write_setting(writer.c, _KEPT, [one.told() for one in others])
            writer.event("layout_forgotten", _words(gone))


def _kept(store: Store) -> list[Layout]:
    with store.database.read() as c:
        return [Layout.of_told(told) for told in preferences.read_setting(c, _KEPT, [])]


def _shape(layout: Layout) -> Any:
    """What files a layout is for: those with its titles, or, without titles, those with its columns."""
    return [title.casefold() for title in layout.titles] or sorted(layout.columns.items())


def _words(layout: Layout) -> str:
    titles = ", ".join(title for title in layout.titles if title)
    last = max((place for places in layout.columns.values() for place in places), default=0)
    return titles[:200] or f"{last + 1} columns"
