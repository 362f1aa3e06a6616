"""Work apart from this process, so that it can be killed, hang or crash without taking the proof along.

A fork costs a few milliseconds where a new Python costs a second. It is safe only while no worker thread of
polars or DuckDB runs here: whoever forks uses neither before, its children as much as they like.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy  # noqa: F401  DuckDB loads it at its first answer, which would cost every child the same again

TIMEOUT_SECONDS = 600
"""A child that works so long hangs; on a machine that does much else, a step may take a minute."""
_HARMLESS = ("jemalloc", "polars-ooc", "python")
"""Threads that a fork may leave behind: allocators tidy up after a fork, the others wait for work."""


@dataclass(frozen=True)
class Child:
    """A process that works for us, and the pipe it tells on, one JSON text a line."""

    pid: int
    told: int

    def kill(self) -> None:
        """End it now, as a power cut would."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def hears(self, seconds: float) -> bool:
        """Whether it said something, or ended, within this time."""
        return bool(select.select([self.told], [], [], seconds)[0])

    def line(self) -> Any:
        """The next thing it says; None when it ended without another word."""
        text = bytearray()
        while (byte := os.read(self.told, 1)) not in (b"\n", b""):
            text += byte
        return json.loads(text) if byte else None

    def rest(self) -> list[Any]:
        """Everything it still says until it ends; waits for that."""
        with os.fdopen(os.dup(self.told), "rb") as pipe:
            lines = pipe.read().split(b"\n")
        # A word that was cut off by the kill was not said.
        return [json.loads(line) for line in lines[:-1]]

    def end(self) -> int:
        """Wait for it; 0, or minus the signal that ended it."""
        os.close(self.told)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


Tell = Callable[[Any], None]


def start(work: Callable[[Tell], Any]) -> Child:
    """Begin work in a forked child; it may tell as it goes, and tells its traceback if it fails."""
    busy = [name for name in _threads() if not name.startswith(_HARMLESS)]
    if busy:
        raise RuntimeError(f"This process runs threads ({busy[0]}) and must not fork; start a new one.")
    ours, theirs = os.pipe()
    sys.stdout.flush()
    if pid := os.fork():
        os.close(theirs)
        return Child(pid, ours)
    os.close(ours)
    signal.alarm(TIMEOUT_SECONDS)

    def tell(word: Any) -> None:
        os.write(theirs, json.dumps(word).encode() + b"\n")

    code = 1
    try:
        work(tell)
        code = 0
    except BaseException:
        tell({"raised": traceback.format_exc()})
    finally:
        os._exit(code)


def apart(work: Callable[[], Any]) -> Any:
    """What work returns (anything JSON can say), done in a child. Raises RuntimeError if it did not end well."""
    child = start(lambda tell: tell({"done": work()}))
    words = child.rest()
    code = child.end()
    if words and "done" in words[-1]:
        return words[-1]["done"]
    raise RuntimeError(words[-1]["raised"] if words else f"ended with {code} and without a word")


def tried(cases: Iterable[int], look: Callable[[int], list[str]]) -> list[str]:
    """Look at each case in a child of its own; every failure begins with its case."""
    failures = []
    for case in cases:
        try:
            found = apart(lambda case=case: look(case))
        except RuntimeError as error:
            found = [str(error)]
        failures += [f"case {case}: {words}" for words in found]
    return failures


@contextmanager
def reaped(*children: Child) -> Generator[None]:
    """No child outlives the block."""
    try:
        yield
    finally:
        for child in children:
            child.kill()


def _threads() -> list[str]:
    return [(one / "comm").read_text().strip() for one in Path("/proc/self/task").iterdir()]
