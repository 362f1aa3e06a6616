"""Companies on disk between processes: frames as Arrow IPC files, the rest as a pickle beside them.

    bundle/000003/  lines.arrow  items.arrow  parts.arrow  rest.pickle      packed by the one who asks
                    proposals.arrow  legs.arrow …  or  failure.json         left by the worker

In: a Partition, or a Done. Out: the same, in the other process. Never: a pickle from anywhere but our own folder,
which nobody else may enter.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import polars as pl

from recon.scale.partition import Partition
from recon.scale.work import RESULTS, Asked, Done

_FAILURE = "failure.json"
_REST = "rest.pickle"


def pack(one: Partition, asked: Asked, folder: Path) -> None:
    """Write one company into a folder of its own, which is made."""
    folder.mkdir(parents=True)
    _write({"lines": one.lines, "items": one.items}, folder)
    if one.parts is not None:
        _write({"parts": one.parts}, folder)
    rest = (one.key, one.policy, one.model, one.history, asked)
    (folder / _REST).write_bytes(pickle.dumps(rest))


def unpack(folder: Path) -> tuple[Partition, Asked]:
    """What `pack` wrote."""
    key, policy, model, history, asked = pickle.loads((folder / _REST).read_bytes())
    parts = _read(folder, "parts") if (folder / "parts.arrow").exists() else None
    whole = Partition(key, _read(folder, "lines"), _read(folder, "items"), parts, policy, model, history)
    return whole, asked


def leave(done: Done, folder: Path) -> None:
    """Write the answer beside the question."""
    if done.error is None:
        _write(done.frames, folder)
    else:
        (folder / _FAILURE).write_text(json.dumps([done.error, done.words]), "utf-8")


def fetch(key: str, folder: Path) -> Done:
    """What `leave` wrote."""
    failure = folder / _FAILURE
    if failure.exists():
        error, words = json.loads(failure.read_text("utf-8"))
        return Done(key, error=error, words=words)
    found = [name for name in RESULTS if (folder / f"{name}.arrow").exists()]
    return Done(key, {name: _read(folder, name) for name in found})


def _write(frames: dict[str, pl.DataFrame], folder: Path) -> None:
    for name, frame in frames.items():
        frame.write_ipc(folder / f"{name}.arrow")


def _read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_ipc(folder / f"{name}.arrow")
