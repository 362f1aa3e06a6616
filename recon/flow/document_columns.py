"""Foreign tables of documents: which of their columns is which, as a person said once for files with this header."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from recon.documents import NEEDED, Table, read_table
from recon.documents.files import plain_title
from recon.errors import DataRefused
from recon.flow.workspace import Store
from recon.store import preferences

_KEPT = "document_columns"
"""The setting: by header, the titles and their mapping."""


def foreign_table(content: bytes, name: str) -> Table | None:
    """The table in a CSV or Excel file that is not our template; None for everything else."""
    try:
        table = read_table(content, name)
    except DataRefused:
        return None
    ours = set(NEEDED) <= {plain_title(title) for title in table.header}
    return None if ours or len(table.header) < len(NEEDED) - 1 else table


def kept_columns(store: Store, content: bytes, name: str) -> dict[str, str] | None:
    """What was said before of files with this header, as `read_documents` takes it."""
    if content.startswith(b"<") or not (kept := _kept(store)):
        return None
    table = foreign_table(content, name)
    told = kept.get(_key(table.header)) if table else None
    return dict(told["mapping"]) if told else None


def keep_columns(store: Store, header: Sequence[str], mapping: Mapping[str, str], *, by: str) -> None:
    """Remember a mapping for files with this header, instead of an earlier one."""
    with store.database.write(by) as writer:
        kept = preferences.read_setting(writer.c, _KEPT, {})
        key = _key(header)
        if kept.get(key, {}).get("mapping") == dict(mapping):
            return
        kept[key] = {"header": list(header), "mapping": dict(mapping)}
        preferences.write_setting(writer.c, _KEPT, kept)
        writer.event("columns_kept", ", ".join(header)[:200], mapping=dict(mapping))


def _kept(store: Store) -> dict[str, Any]:
    with store.database.read() as c:
        return preferences.read_setting(c, _KEPT, {})


def _key(header: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(plain_title(title) for title in header).encode()).hexdigest()[:16]
