"""One workspace and one worker for this server process; pages and routes both reach them here."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from streamlit.runtime.pages_manager import PagesManager

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
    # Streamlit finds the folder pages/ and, until st.navigation has run once, serves its files without app.py:
    # the first visit after a start must not miss the page frame, least of all a return from the bank.
    PagesManager.uses_pages_directory = False
    worker = Worker(the_store())
    worker.start()
    _running.append(worker)
    try:
        yield
    finally:
        _running.remove(worker)
        worker.stop()
