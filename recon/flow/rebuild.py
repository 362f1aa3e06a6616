"""A workspace made again from its events, beside the one that is there.

In: a workspace and an empty folder. Out: what was replayed and what differs. Never: a change to the workspace.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from recon.errors import StorageFailed, UsageError
from recon.flow.workspace import Store
from recon.store import rebuild as records
from recon.store.rebuild import Rebuilt


def rebuild(store: Store, out: Path) -> Rebuilt:
    """Make the workspace again in an empty folder, from its events alone; proposals come back with the next `match`.

    Raises UsageError where the folder holds anything, IntegrityAlarm where the chain of events is broken.
    """
    refuse_used(out)
    try:
        made = records.rebuild(store.database, out)
        if (store.home / "exports").is_dir():
            shutil.copytree(store.home / "exports", out / "exports", dirs_exist_ok=True)
    except OSError as error:
        raise StorageFailed(
            f"{out} could not be written ({error.strerror}). The workspace is as it was; check the place and the disk."
        ) from error
    return made


def differences(store: Store) -> list[str]:
    """Where the workspace is not what its events make, in words; made in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".rebuild-", dir=store.home) as folder:
        return records.rebuild(store.database, Path(folder)).differences


def refuse_used(folder: Path) -> None:
    """Raise UsageError unless a folder is new or empty."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                f"{folder} holds something already. Nothing was written; name a new or empty folder."
            )
    except OSError as error:
        raise StorageFailed(
            f"{folder} cannot be looked at ({error.strerror}). Nothing was written."
        ) from error
