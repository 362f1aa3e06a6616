"""The file `changes.log`: what each transaction did to rows, one line of JSON each, only ever added to.

In: text, before its transaction is committed. Out: where it lies, and the same text back to whoever knows its hash.
Never: a byte changed or taken away. A line that no event points to is of a transaction that was not committed.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recon.disk import sync_folder
from recon.errors import IntegrityAlarm, StorageFailed

NAME = "changes.log"


@dataclass(frozen=True)
class Record:
    """Where a line lies, in bytes, and its SHA-256."""

    at: int
    length: int
    hash: str

    def told(self) -> dict[str, Any]:
        """The columns of its event."""
        return {"changes_at": self.at, "changes_length": self.length, "changes_hash": self.hash}


def record_of(event: dict[str, Any]) -> Record | None:
    """Where the changes of an event lie; None where it has none."""
    if event["changes_hash"] is None:
        return None
    return Record(event["changes_at"], event["changes_length"], event["changes_hash"])


def append(path: Path, text: str) -> Record:
    """Add one line, on the disk when this returns. Raises StorageFailed; what was added by half is never pointed to."""
    line = f"{text}\n".encode()
    try:
        new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            at = os.fstat(descriptor).st_size
            left = memoryview(line)
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            sync_folder(path.parent)
    except OSError as error:
        raise StorageFailed(
            f"{path} could not be written ({error.strerror}). Nothing of this step was stored; check the disk."
        ) from error
    return Record(at, len(line), hashlib.sha256(line).hexdigest())


def read(path: Path, record: Record) -> str:
    """One line. Raises IntegrityAlarm where it is not what was written."""
    try:
        with path.open("rb") as file:
            file.seek(record.at)
            line = file.read(record.length)
    except OSError as error:
        raise IntegrityAlarm(f"{path} cannot be read ({error.strerror}). Nothing was changed.") from error
    if len(line) != record.length or hashlib.sha256(line).hexdigest() != record.hash:
        raise IntegrityAlarm(
            f"{path.name} is not what was written, at byte {record.at}. Nothing was changed."
        )
    return line.decode()


def reaches(path: Path, record: Record | None) -> bool:
    """Whether the file is long enough to hold a record; a quick look, the full one is `read`."""
    if record is None:
        return True
    return path.exists() and path.stat().st_size >= record.at + record.length
