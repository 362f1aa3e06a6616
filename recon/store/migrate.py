"""The database's shape: numbered SQL files, each run once, forward only, in the transaction that notes it.

In: a workspace of an older shape. Out: the same rows in today's shape, and a copy of the files as they were before.
Never: a step back, a shape of a newer program, a row or an amount more or less than before.
"""

from __future__ import annotations

import os
import shutil
from importlib import resources
from pathlib import Path

from recon.errors import IntegrityAlarm, StorageFailed
from recon.store.changes import tables
from recon.store.connection import Lease
from recon.store.totals import Totals, totals

TOLD_SINCE = 3
"""The first shape whose events tell what they did to rows."""


def migrations() -> list[tuple[int, str]]:
    """(version, SQL) of every migration, in order."""
    folder = resources.files("recon.store") / "migrations"
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name.split("_")[0]), (folder / name).read_text("utf-8")) for name in files]


def version(c: Lease) -> int:
    """The last migration that ran here; 0 in an empty file."""
    known = c.value(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'recon' AND table_name = 'schema_version'"
    )
    return int(c.value("SELECT max(version) FROM schema_version")) if known else 0


def refuse_newer(present: int) -> None:
    """Raise StorageFailed when a newer program wrote this workspace."""
    known = migrations()[-1][0]
    if present > known:
        raise StorageFailed(
            f"This workspace was written by a newer version of recon (shape {present}, this program knows "
            f"{known}). Nothing was changed; install the newer version."
        )


def migrate(c: Lease, until: int | None = None) -> None:
    """Bring the file to a shape, today's if none is named. Raises StorageFailed when a newer program wrote it.

    Raises IntegrityAlarm when a table that was there before would hold other totals after; then nothing is changed.
    """
    present = version(c)
    refuse_newer(present)
    before = totals(c, tables(c).values())
    if present == 0:
        c.run("CREATE TABLE schema_version (version BIGINT NOT NULL)")
    for number, script in migrations():
        if present < number <= (until or number):
            for statement in script.split(";\n"):
                if _has_code(statement):
                    c.run(statement)
            c.add("schema_version", version=number)
    _refuse_other_totals(c, before)


def keep_files(files: list[Path], into: Path) -> None:
    """Copy those of a workspace's files that there are, durably, before a migration. Inside our exclusive lock."""
    if into.exists():
        return
    part = into.with_name(f".{into.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        for file in files:
            if file.exists():
                _copy_durably(file, part / file.name)
        part.rename(into)
    except OSError as error:
        raise StorageFailed(
            f"The workspace could not be copied to {into} before it is brought to today's shape ({error.strerror}). "
            "Nothing was changed; make room on the disk and try again."
        ) from error


def _copy_durably(file: Path, to: Path) -> None:
    shutil.copyfile(file, to)
    to.chmod(0o600)
    descriptor = os.open(to, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_other_totals(c: Lease, before: Totals) -> None:
    """What both shapes have must be equal: a migration moves nothing in or out."""
    known = tables(c)
    after = totals(c, known.values())
    for name in before.keys() & known.keys():
        for what in before[name].keys() & {"rows", *known[name].sums}:
            held = after.get(name, {}).get(what, 0)
            if before[name][what] != held:
                raise IntegrityAlarm(
                    f"Bringing the workspace to today's shape would change {what} of the table {name} from "
                    f"{before[name][what]} to {held}. Nothing was changed; keep the files and report this."
                )


def _has_code(statement: str) -> bool:
    return any(line.strip() and not line.strip().startswith("--") for line in statement.splitlines())
