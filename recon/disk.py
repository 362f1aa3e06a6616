"""Files on this machine: a lock of our own, a write that is whole or not at all, a read that is bounded.

In: paths and bytes. Out: bytes, or one clear sentence. Never: a file others may read, a write that a power
cut can halve, a lock that outlives its process.
"""

from __future__ import annotations

import fcntl
import os
import random
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from recon.errors import DataRefused, LockBusy, StorageFailed


@contextmanager
def locked(path: Path, *, exclusive: bool, wait: float) -> Generator[None]:
    """Hold an OS lock on a file of ours, alone or beside other sharers; the kernel frees it when a process dies.

    Each holder opens the file anew, so threads exclude each other too. Raises LockBusy after `wait` seconds.
    """
    descriptor = _take_lock(path, exclusive=exclusive, wait=wait)
    try:
        yield
    finally:
        os.close(descriptor)


def _take_lock(path: Path, *, exclusive: bool, wait: float) -> int:
    """An open descriptor that holds the lock. Without a lock there is no work: raises StorageFailed."""
    descriptor = -1
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        _wait_for(descriptor, path, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH, wait)
        if exclusive:
            os.pwrite(descriptor, f"{os.getpid():<12}".encode(), 0)
    except BaseException as error:
        if descriptor >= 0:
            os.close(descriptor)
        if isinstance(error, OSError):
            raise StorageFailed(
                f"The lock {path} could not be taken ({error.strerror}). Nothing was changed; check the place and the "
                "disk."
            ) from error
        raise
    return descriptor


def _wait_for(descriptor: int, path: Path, mode: int, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 12, 0).decode("ascii", "replace").strip() or "unknown"
                raise LockBusy(
                    f"Another process (last writer: pid {holder}) is working on {path.parent}. "
                    f"Nothing was changed; waited {wait:.0f} s. Try again when it has finished.",
                    holder=holder,
                ) from None
            time.sleep(random.uniform(0.002, 0.02))


def write_durably(path: Path, content: bytes) -> None:
    """Whole or not at all, also after a power cut: temporary file, fsync, rename, fsync of the folder. 0600."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageFailed(
            f"{path} could not be written ({error.strerror}). Its former content stays; check the place and the disk."
        ) from error


def rename_durably(path: Path, to: Path) -> None:
    """Give a finished file its name, so that it keeps it after a power cut."""
    try:
        path.replace(to)
        sync_folder(to.parent)
    except OSError as error:
        raise StorageFailed(
            f"{to} could not be put in its place ({error.strerror}). Check the place and the disk."
        ) from error


def sync_folder(folder: Path) -> None:
    """Let a folder remember its names after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_bounded(path: Path, most: int) -> bytes:
    """A file's bytes. Raises DataRefused when it is not there, cannot be read, or is larger than `most` bytes."""
    try:
        if path.stat().st_size > most:
            raise DataRefused(
                f"“{path.name}” is larger than {most // 1024 // 1024} MB. Nothing was imported; split it, or ask for a "
                "shorter period.",
                file=path.name,
            )
        return path.read_bytes()
    except OSError as error:
        raise DataRefused(
            f"“{path.name}” cannot be opened ({error.strerror}). Nothing was imported; check the path.",
            file=path.name,
        ) from error
