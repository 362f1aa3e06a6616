"""A workspace as an older version of the program left it: its shape, its rows, its chain and its anchor."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recon.store.connection import Lease, lease
from recon.store.migrate import migrations

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)


def make_older(home: Path, shape: int, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Write a workspace of an early shape, whose events told nothing of rows."""
    home.mkdir(parents=True, mode=0o700)
    with lease(home / "recon.duckdb", write=True) as c:
        c.run("CREATE TABLE schema_version (version BIGINT NOT NULL)")
        for number, script in migrations()[:shape]:
            for statement in script.split(";\n"):
                if any(line.strip() and not line.startswith("--") for line in statement.splitlines()):
                    c.run(statement)
            c.add("schema_version", version=number)
        for table, of_table in rows.items():
            for row in of_table:
                c.add(table, **row)
        digest = "0" * 64
        for seq, kind in enumerate(("workspace_prepared", "settings_changed"), 1):
            digest = _old_event(c, seq, kind, digest)
    (home / "anchor").write_bytes(json.dumps({"seq": 2, "hash": digest}).encode())


def _old_event(c: Lease, seq: int, kind: str, before: str) -> str:
    event: dict[str, Any] = {
        "seq": seq, "event_id": f"e_{seq:08d}", "happened_at": AT, "done_by": "anna", "kind": kind, "subject": "1",
        "payload": "{}", "engine_version": "old", "previous_hash": before,
    }  # fmt: skip
    told = event | {"happened_at": AT.isoformat()}
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    c.add("events", **event, hash=digest)
    return digest
