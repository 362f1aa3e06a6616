"""A folder that imports by itself: each file put there comes in as if a person had imported it.

In: files in `<home>/inbox/`. Out: those imported lie in `inbox/imported/`, those refused in `inbox/refused/` with a
`.txt` beside each that says why. Never: half a file, a file still being written, a link or folder followed, a file
deleted, one bad file in the way of another.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from recon.disk import locked, rename_durably, write_durably
from recon.errors import DataRefused, ReconError, StorageFailed, StoreError
from recon.flow.files import File, Imported, Read, import_read, open_file, read_file
from recon.flow.matching import match
from recon.flow.workspace import Store
from recon.schema import Statement
from recon.store import statements

QUIET_SECONDS = 5.0
"""A file that changed this lately may still be written."""
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".download")
_REASON = ".txt"
_SHOWN = 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """What became of one file: what its import brought, or why it was refused."""

    name: str
    imported: Imported | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Refused:
    """A file that waits in `refused/`, and why."""

    name: str
    reason: str


def inbox(store: Store) -> Path:
    """The folder of this workspace, made where it is not there."""
    folder = store.home / "inbox"
    for one in (folder, folder / "imported", folder / "refused"):
        if one.is_symlink():
            raise StorageFailed(f"{one} is a link. Nothing was imported from it; make it a folder.")
        try:
            one.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StorageFailed(
                f"{one} could not be made ({error.strerror}). Nothing was imported."
            ) from error
    return folder


def take_inbox(
    store: Store,
    *,
    by: str = "inbox",
    now: float | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> list[Taken]:
    """Import what lies in the inbox, by name, and look for matches if something new came.

    now: seconds since 1970 by the clock that stamps files. Raises StoreError where the workspace or the folder is
    at fault; the files then stay where they are.
    """
    folder = inbox(store)
    if not finished_files(folder, now):
        return []
    with locked(store.home / "inbox.lock", exclusive=True, wait=0.0):
        taken = [_take(store, path, by, progress) for path in finished_files(folder, now)]
    if any(one.imported and one.imported.new for one in taken):
        match(store, by=by, whole=False)
    return taken


def finished_files(folder: Path, now: float | None = None) -> list[Path]:
    """Plain files in the folder that nobody seems to be writing, by name."""
    now = time.time() if now is None else now
    with os.scandir(folder) as entries:
        return sorted(Path(one.path) for one in entries if _is_finished(one, now))


def refused_files(store: Store) -> list[Refused]:
    """Files that wait in `refused/`, the last first; those imported since are settled and left out."""
    folder = inbox(store) / "refused"
    reasons = [path for path in folder.glob(f"*{_REASON}") if path.with_suffix("").is_file()]
    latest = sorted(reasons, key=lambda path: path.stat().st_mtime, reverse=True)[:_SHOWN]
    hashes = {path: _hash(path.with_suffix(""), path.stat().st_mtime_ns) for path in latest}
    with store.database.read() as c:
        waiting = [path for path in latest if not statements.same_import(c, hashes[path])]
    return [Refused(_name(path.with_suffix("")), path.read_text("utf-8").strip()) for path in waiting]


def _is_finished(entry: os.DirEntry[str], now: float) -> bool:
    if entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED):
        return False
    try:
        # The time of change, which a copy with old dates sets anew; a clock put back must not stop the inbox.
        is_quiet = abs(now - entry.stat(follow_symlinks=False).st_ctime) >= QUIET_SECONDS
        return is_quiet and entry.is_file(follow_symlinks=False)
    except FileNotFoundError:  # taken away meanwhile
        return False


def _name(path: Path) -> str:
    """The name as text; one in another encoding than this machine's has letters that no text can hold."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _take(store: Store, path: Path, by: str, progress: Callable[[float, str], None] | None) -> Taken:
    """Import one file and put it aside; it is moved after it was kept, so that a crash between imports it again."""
    try:
        read = _read(store, path, progress)
        (imported,) = import_read(store, [read], by=by)
    except StoreError:
        raise
    except ReconError as error:
        return _refuse(store, path, error.words, by)
    _put(path, path.parent / "imported")
    return Taken(_name(path), imported)


def _read(store: Store, path: Path, progress: Callable[[float, str], None] | None) -> Read:
    file = File(_name(path), open_file(path).content)
    words = f"reading {_name(path)}"
    tell = None if progress is None else lambda share: progress(share, words)
    try:
        return _with_known_account(store, read_file(store, file, progress=tell))
    except ReconError:
        raise
    except Exception as error:  # what no reader foresaw in one file must not keep the others from their turn
        _log.exception("inbox")
        raise DataRefused(
            f"“{_name(path)}” holds something that no reader here was made for. Nothing was imported; see the log.",
            file=_name(path),
        ) from error


def _with_known_account(store: Store, read: Read) -> Read:
    """Whose lines they are is nothing to guess: a new account for a file that names none needs a person."""
    if isinstance(read.content, Statement) and "no_account" in read.findings["what"].to_list():
        nameless = read.content.accounts.filter(pl.col("iban").is_null() & pl.col("bban").is_null())
        if not nameless["account_id"].is_in(store.accounts()["account_id"].implode()).all():
            raise DataRefused(
                f"“{read.file.name}” does not say which account it is of. Nothing was imported; import it in the app, "
                "or with --account.",
                file=read.file.name,
            )
    return read


def _refuse(store: Store, path: Path, reason: str, by: str) -> Taken:
    put = _put(path, path.parent / "refused")
    write_durably(put.with_name(put.name + _REASON), f"{reason}\n".encode())
    with store.database.write(by) as writer:
        writer.event("inbox_refused", _name(path), words=reason)
    return Taken(_name(path), reason=reason)


def _put(path: Path, folder: Path) -> Path:
    """Move a file, under a name that is free there with its `.txt`."""
    for number in range(1, 10_000):
        to = folder / (path.name if number == 1 else f"{path.stem} ({number}){path.suffix}")
        if not os.path.lexists(to) and not os.path.lexists(to.with_name(to.name + _REASON)):
            break
    else:
        raise StorageFailed(f"{folder} holds too many files called {path.name}. Move some of them away.")
    rename_durably(path, to)
    with suppress(OSError):  # another user's file stays as that user made it
        to.chmod(0o600)
    return to


@lru_cache(maxsize=4 * _SHOWN)
def _hash(path: Path, _written_ns: int) -> str:
    return open_file(path).hash
