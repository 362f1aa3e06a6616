"""Ray tasks, on this machine or on a cluster: bundles travel through Ray's object store, so no disk is shared.

In: partitions. Out: their answers, as bundles get ready. Never: a Ray session ended that somebody else began,
a report of use sent anywhere, more bundles under way than two a core.
"""

from __future__ import annotations

import importlib
import logging
import os
import pickle
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from recon.errors import UsageError
from recon.scale.partition import LEAST, Partition, bundled
from recon.scale.work import COMPANY_FAILS, Asked, Done, cores, failed, lost, own_paths, threads_each, work


@dataclass(frozen=True)
class OnRay:
    """Ray (extra `scale`). A session that runs already is used; else one begins here, or at `address`.

    address: of a cluster, whose machines must be able to import recon; without one, this machine with
    `workers` cores, else all. least: lines from which a bundle is large enough, see `bundled`.
    """

    address: str | None = None
    workers: int | None = None
    least: int = LEAST

    def run(self, companies: list[Partition], asked: Asked) -> Iterator[list[Done]]:
        """Answers a bundle at a time, in the order they get ready. Raises UsageError without Ray."""
        ray = _ray()
        with self._session(ray) as environment:
            workers = max(1, int(ray.cluster_resources().get("CPU", 1)))
            task = ray.remote(
                num_cpus=1,
                max_retries=0,  # a company that brings a worker down would do it again
                runtime_env={"env_vars": environment},
            )(work_packed)
            yield from _answers(ray, task, bundled(companies, self.least, workers), asked, 2 * workers)

    @contextmanager
    def _session(self, ray: Any) -> Generator[dict[str, str]]:
        """The environment of a task, while there is a session: one core, one thread, elsewhere its own paths."""
        if ray.is_initialized():
            yield {"POLARS_MAX_THREADS": "1"}
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        if self.address:
            ray.init(self.address, log_to_driver=False, logging_level=logging.ERROR)
        else:
            ray.init(
                "local",
                num_cpus=self.workers or cores(),
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        try:
            yield {"POLARS_MAX_THREADS": "1"} if self.address else _here(self.workers or cores())
        finally:
            ray.shutdown()


def work_packed(packed: list[tuple[str, bytes]], asked: Asked) -> list[Done]:
    """A bundle as it travels: company and pickle. Unpacked one by one, so that one bad pickle spoils no other."""
    return [_answer(key, one, asked) for key, one in packed]


def _answer(key: str, packed: bytes, asked: Asked) -> Done:
    try:
        return work(pickle.loads(packed), asked)
    except COMPANY_FAILS as error:
        return failed(key, error)


def _answers(
    ray: Any, task: Any, bundles: list[list[Partition]], asked: Asked, most: int
) -> Iterator[list[Done]]:
    """Keep up to `most` bundles under way; one that is lost goes again, each company by itself."""
    waiting = deque(bundles)
    running: dict[Any, list[Partition]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < most:
                sent, failures = _packed(waiting.popleft())
                if failures:
                    yield failures
                if sent:
                    under_way = task.remote([(one.key, packed) for one, packed in sent], asked)
                    running[under_way] = [one for one, _ in sent]
            if running:
                ready = ray.wait(list(running), num_returns=1)[0][0]
                yield _received(ray, ready, running.pop(ready), waiting)
    finally:
        for under_way in running:
            ray.cancel(under_way, force=True)


def _packed(some: list[Partition]) -> tuple[list[tuple[Partition, bytes]], list[Done]]:
    """Companies ready to travel, and the failures of those that cannot be pickled."""
    sent, failures = [], []
    for one in some:
        try:
            sent.append((one, pickle.dumps(one)))
        except Exception as error:
            failures.append(failed(one.key, error))
    return sent, failures


def _received(ray: Any, ready: Any, some: list[Partition], waiting: deque[list[Partition]]) -> list[Done]:
    """A bundle's answers. Of a lost one: none, and its companies wait again; one that was alone is lost."""
    try:
        return ray.get(ready)
    except ray.exceptions.RayError as error:
        if len(some) == 1:
            return [lost(some[0].key, type(error).__name__)]
        waiting.extendleft([one] for one in reversed(some))
        return []


def _here(workers: int) -> dict[str, str]:
    """The environment of a task on this machine."""
    return {"POLARS_MAX_THREADS": str(threads_each(workers)), "PYTHONPATH": own_paths()}


def _ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise UsageError(
            "Ray is not installed, so nothing was matched. "
            'Install it with pip install "recon[scale]", or use scale.Pool(), which needs nothing more.'
        ) from error
