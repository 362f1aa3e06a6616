"""The database's shape: numbered SQL files, each run once, forward only, in the transaction that notes it."""

from __future__ import annotations

from importlib import resources

from recon.errors import StorageFailed
from recon.store.connection import Lease


def migrations() -> list[tuple[int, str]]:
    """(version, SQL) of every migration, in order."""
    folder = resources.files("recon.store") / "migrations"
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name.split("_")[0]), (folder / name).read_text("utf-8")) for name in files]


def version(c: Lease) -> int:
    """The last migration that ran here; 0 in an empty file."""
    known = c.value(
        "SELECT count(*) FROM information_schema.tables WHERE table_name = 'schema_version' AND table_catalog = 'recon'"
    )
    return int(c.value("SELECT max(version) FROM schema_version")) if known else 0


def migrate(c: Lease) -> None:
    """Bring the file to today's shape. Raises StorageFailed when a newer program wrote it."""
    present = version(c)
    known = migrations()
    if present > known[-1][0]:
        raise StorageFailed(
            f"This workspace was written by a newer version of recon (shape {present}, this program knows "
            f"{known[-1][0]}). Nothing was changed; install the newer version."
        )
    if present == 0:
        c.run("CREATE TABLE schema_version (version BIGINT NOT NULL)")
    for number, script in known:
        if number > present:
            for statement in script.split(";\n"):
                if _has_code(statement):
                    c.run(statement)
            c.add("schema_version", version=number)


def _has_code(statement: str) -> bool:
    return any(line.strip() and not line.strip().startswith("--") for line in statement.splitlines())
