"""One workspace and one worker for this server process; pages and routes both reach them here."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from recon.flow.worker import Status, Worker
from recon.flow.workspace import Store, open_store
from recon.settings import read_settings

_running: list[Worker] = []


@cache
def the_store() -> Store:
    """The workspace this app serves. It holds nothing open, so every page may share it."""
    return open_store(settings=read_settings())


def worker_status() -> Status:
    """What the worker does now; at rest where none runs, as in tests of single pages."""
    return _running[0].status if _running else Status()


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncGenerator[None]:
    """Start the worker with the server, and stop it with it."""
    worker = Worker(the_store())
    worker.start()
    _running.append(worker)
    try:
        yield
    finally:
        _running.remove(worker)
        worker.stop()
