"""Backups: a workspace as one encrypted file, proven by restoring it at once, and put back into an empty folder.

In: a workspace that proves itself, or a backup and an empty folder. Out: a file, or a workspace. Never: tokens
(they are renewed by each use, so an old copy is worth nothing; banks are logged into again), a folder written over.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from recon.disk import rename_durably, write_durably
from recon.errors import IntegrityAlarm, StorageFailed
from recon.flow.check import check
from recon.flow.rebuild import refuse_used
from recon.flow.workspace import Store
from recon.sealing import SUFFIX, seal_files, unseal_files
from recon.settings import Secret
from recon.vault import default_key_folder

KEEP = 14
"""Daily backups that stay."""
_WANTED = re.compile(r"recon\.duckdb(\.wal)?|anchor|changes\.log|exports/[^/\0]+")


@dataclass(frozen=True)
class Backup:
    """A backup that was proven: what it holds up to event `seq`, and files that rotation took away."""

    path: Path
    seq: int
    size: int
    sha256: str
    made_at: datetime
    removed: list[Path]


@dataclass(frozen=True)
class Restored:
    """A workspace put back: where, from what, and how far it goes."""

    home: Path
    file: Path
    seq: int
    files: int


def backup(store: Store, to: Path | None = None, *, by: str, keep: int | None = None) -> Backup:
    """Write the workspace into one encrypted file, restore it into a folder beside and check that; then name it.

    to: a file, or a folder; by default `backups/` in the workspace. keep: how many backups of this workspace stay in
    that folder. Raises IntegrityAlarm where the workspace does not prove itself: nothing is written over then.
    """
    made_at = store.clock.now()
    part = _folder(store, to) / f".{secrets.token_hex(8)}{SUFFIX}"
    try:
        with store.database.still() as (head, files):
            inside = {path.relative_to(store.home).as_posix(): path for path in files}
            seal_files(inside, part, the_key(store))
        path = _name(store, to, made_at, head.seq)
        _prove(store, part)
        size, digest = part.stat().st_size, _digest(part)
        rename_durably(part, path)
    finally:
        part.unlink(missing_ok=True)
    removed = _rotate(store, path, keep) if keep else []
    with store.database.write(by) as writer:
        writer.event("backed_up", path.name, seq=head.seq, bytes=size, sha256=digest, removed=len(removed))
    return Backup(path, head.seq, size, digest, made_at, removed)


def daily(store: Store, *, by: str) -> Backup | None:
    """Today's backup into the folder that the settings name, once a day; None where it is there or none is wanted."""
    folder = store.settings.backups
    if folder is None:
        return None
    newest = max((at for _, at in _known(store, folder)), default=None)
    if newest and store.clock.now() - newest < timedelta(days=1):
        return None
    return backup(store, by=by, keep=KEEP)


def restore(store: Store, file: Path, *, by: str) -> Restored:
    """Put a backup into the workspace folder, which must be new or empty; it appears once it is proven.

    Raises UsageError for a folder in use or another key, DataRefused for no backup, IntegrityAlarm for a damaged one.
    """
    refuse_used(store.home)
    if not file.is_file():
        raise StorageFailed(f"There is no backup {file}. Nothing was restored.")
    parent = store.home.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".restore-", dir=parent))
    except OSError as error:
        raise StorageFailed(
            f"{parent} cannot be written ({error.strerror}). Nothing was restored."
        ) from error
    try:
        names = unseal_files(file, folder, the_key(store), _wanted)
        proven = _proven(store, folder)
        with proven.database.write(by) as writer:
            seq = writer.seq
            writer.event("restored", file.name, seq=seq)
        if store.home.exists():
            store.home.rmdir()
        rename_durably(folder, store.home)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Restored(store.home, file, seq, len(names))


def the_key(store: Store) -> Secret:
    """RECON_BACKUP_KEY, else the vault's RECON_VAULT_KEY, else a key file of this user outside every workspace."""
    if key := store.settings.backup_key or store.settings.vault_key:
        return key
    path = default_key_folder() / "backup.key"
    try:
        if not path.exists():
            write_durably(path, secrets.token_hex(32).encode())
        return Secret(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise StorageFailed(
            f"The key file {path} cannot be read. Nothing was written or restored."
        ) from error


def _prove(store: Store, sealed: Path) -> None:
    """Restore into a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".prove-", dir=sealed.parent) as folder:
        unseal_files(sealed, Path(folder), the_key(store), _wanted)
        _proven(store, Path(folder))


def _proven(store: Store, folder: Path) -> Store:
    """The workspace in a folder, if it proves itself."""
    there = Store(folder, replace(store.settings, home=folder), store.clock)
    proof = check(there)
    if not proof.ok:
        raise IntegrityAlarm(
            f"The backup does not prove itself: {proof.findings[0]['words']}. It was not kept, and the workspace is "
            "as it was; run `python -m recon check`."
        )
    return there


def _wanted(name: str) -> bool:
    return _WANTED.fullmatch(name) is not None and ".." not in name


def _folder(store: Store, to: Path | None) -> Path:
    folder = to or store.settings.backups or store.home / "backups"
    if to and not to.is_dir() and to.suffix:
        folder = to.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(
            f"The folder {folder} cannot be made ({error.strerror}). No backup was made; name another with --to."
        ) from error
    return folder


def _name(store: Store, to: Path | None, at: datetime, seq: int) -> Path:
    if to and not to.is_dir() and to.suffix:
        return _unused(to)
    return _unused(_folder(store, to) / f"{_stem(store)}-{at:%Y%m%dT%H%M%SZ}-event-{seq:08d}{SUFFIX}")


def _unused(path: Path) -> Path:
    if os.path.lexists(path):
        raise StorageFailed(f"{path} is there already. No backup was made; name another file.")
    return path


def _stem(store: Store) -> str:
    return store.home.absolute().name


def _known(store: Store, folder: Path) -> list[tuple[Path, datetime]]:
    """Backups of this workspace in a folder, by the names that we give them, oldest first."""
    pattern = re.compile(rf"{re.escape(_stem(store))}-(\d{{8}}T\d{{6}}Z)-event-\d+{re.escape(SUFFIX)}")
    paths = folder.iterdir() if folder.is_dir() else ()
    found = [
        (path, datetime.strptime(match[1], "%Y%m%dT%H%M%S%z"))
        for path in paths
        if (match := pattern.fullmatch(path.name))
    ]
    return sorted(found, key=lambda one: one[1])


def _rotate(store: Store, newest: Path, keep: int) -> list[Path]:
    """Take older backups of this workspace away, the newest `keep` stay."""
    old = [path for path, _ in _known(store, newest.parent) if path != newest]
    gone = old[: max(0, len(old) + 1 - keep)]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
