"""Worker processes on this machine, each fed with bundles; only the paths of files travel between us and them.

In: partitions. Out: their answers, as bundles get ready. Never: a forked polars, which would hang; a file left
behind, whether the run ends well, badly or by Ctrl-C.

Workers are plain new Pythons instead of a `ProcessPoolExecutor`. There one dead process breaks the whole pool,
children run the caller's main script again, and polars is loaded before its number of threads can be told.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recon.errors import UsageError
from recon.scale.freight import fetch, pack
from recon.scale.partition import LEAST, Partition, bundled
from recon.scale.work import Asked, Done, cores, failed, lost, own_paths, threads_each

_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Pool:
    """Processes on this machine: `workers` of them, else one a core, which share the cores' threads.

    least: lines from which a bundle is large enough, see `bundled`. folder: where the temporary folder is
    made, else where the system keeps such; it takes what the workers have in hand.
    """

    workers: int | None = None
    least: int = LEAST
    folder: Path | None = None

    def run(self, companies: list[Partition], asked: Asked) -> Iterator[list[Done]]:
        """Answers a bundle at a time, in the order they get ready. Raises UsageError for fewer than one worker."""
        workers = cores() if self.workers is None else self.workers
        if workers < 1:
            raise UsageError(f"A pool needs at least one worker, not {workers}. Nothing was matched.")
        bundles = bundled(companies, self.least, workers)
        with tempfile.TemporaryDirectory(prefix="recon-scale-", dir=self.folder) as folder:
            yield from _Crew(workers, Path(folder), asked).run(bundles)


class _Crew:
    """The processes of one run, and a thread for each that waits for its answers."""

    def __init__(self, workers: int, folder: Path, asked: Asked) -> None:
        self._workers, self._folder, self._asked = workers, folder, asked
        self._threads = threads_each(workers)
        self._idle: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()
        self._all: list[subprocess.Popen[str]] = []
        self._over = False

    def run(self, bundles: list[list[Partition]]) -> Iterator[list[Done]]:
        hands = ThreadPoolExecutor(self._workers)
        ready: queue.SimpleQueue[Future[list[Done]]] = queue.SimpleQueue()
        try:
            for n, some in enumerate(bundles):
                hands.submit(self._bundle, some, f"{n:06}").add_done_callback(ready.put)
            for _ in bundles:
                yield _next(ready).result()
        finally:
            self._over = True
            for process in self._all:
                process.kill()  # at a good end they have nothing in hand
            hands.shutdown(cancel_futures=True)
            for process in self._all:
                with suppress(OSError), process:  # closes its pipes and waits for its end
                    pass

    def _bundle(self, some: list[Partition], name: str) -> list[Done]:
        """One bundle's answers; where a worker dies of it, each company once more by itself."""
        folder = self._folder / name
        try:
            places, answers = self._packed(some, folder)
            ended = self._sent(folder) if places else None
            if ended is None:
                return answers + [fetch(one.key, place) for one, place in places]
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if len(places) == 1:
            return [*answers, lost(places[0][0].key, ended)]
        for n, (one, _) in enumerate(places):
            answers += [] if self._over else self._bundle([one], f"{name}-{n}")
        return answers

    def _packed(self, some: list[Partition], folder: Path) -> tuple[list[tuple[Partition, Path]], list[Done]]:
        """Companies with their places on disk, and the failures of those that cannot be written."""
        places, failures = [], []
        for n, one in enumerate(some):
            place = folder / f"{n:06}"
            try:
                pack(one, self._asked, place)
                places.append((one, place))
            except Exception as error:
                shutil.rmtree(place, ignore_errors=True)
                failures.append(failed(one.key, error))
        return places, failures

    def _sent(self, folder: Path) -> str | None:
        """Let a worker do what lies in the folder. Returns how it ended, where it did not live to answer."""
        process = self._worker()
        assert process.stdin and process.stdout
        try:
            process.stdin.write(f"{folder}\n")
            process.stdin.flush()
            answered = bool(process.stdout.readline())
        except OSError:  # it was gone before it could read
            answered = False
        if answered:
            self._idle.put(process)
            return None
        return _end(process.wait())

    def _worker(self) -> subprocess.Popen[str]:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            process = _started(self._threads)
            self._all.append(process)
            if self._over:  # the run ended meanwhile; nobody else will end this one
                process.kill()
            return process


def _next(ready: queue.SimpleQueue[Future[list[Done]]]) -> Future[list[Done]]:
    """Wait, and look up now and then: Ctrl-C may come to a thread that cannot wake this one."""
    while True:
        with suppress(queue.Empty):
            return ready.get(timeout=_LOOK_SECONDS)


def _started(threads: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "recon.scale.worker"],
        env={**os.environ, "POLARS_MAX_THREADS": str(threads), "PYTHONPATH": own_paths()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        process_group=0,  # Ctrl-C is ours to answer: it does not reach them
    )


def _end(code: int) -> str:
    return f"it was ended by signal {-code}" if code < 0 else f"it ended with code {code}"
