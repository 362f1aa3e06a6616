"""The sandbox as a running server: in the foreground for people, in a thread for tests.

In: port, seed, clock, state file. Out: an address that speaks the API. Never: an address other machines
reach, unless the caller names one.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator
from datetime import date
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from recon.errors import UsageError
from recon.sandbox import api, connect, control
from recon.sandbox.bank import SandboxBank
from recon.sandbox.gate import answer
from recon.sandbox.refusal import Refusal

TICK_SECONDS = 0.1
CLIENT_ID = "recon-sandbox"
CLIENT_SECRET = "recon-sandbox-secret"


class Sandbox:
    """A sandbox that is up: where, and the bank behind it."""

    def __init__(self, url: str, app: Starlette) -> None:
        self.url = url
        self._app = app

    @property
    def bank(self) -> SandboxBank:
        return self._app.state.bank

    @property
    def client_id(self) -> str:
        return self.bank.client_id

    @property
    def client_secret(self) -> str:
        return self.bank.client_secret

    def begin_again(self, **options: Any) -> None:
        """Put a new bank behind the same address; options as for `running`. The old one is forgotten."""
        old, new = self.bank, _bank_for_tests(options)
        new.postman.start()
        self._app.state.bank, self._app.state.replies = new, {}
        old.postman.stop()


def make_app(bank: SandboxBank) -> Starlette:
    """The application around a bank."""
    index = Route("/", lambda request: RedirectResponse("/sandbox/consents"))
    app = Starlette(
        routes=[index, *api.routes(), *connect.routes(), *control.routes()],
        exception_handlers={HTTPException: _plain_refusal},
    )
    app.state.bank = bank
    app.state.replies = {}
    return app


async def _plain_refusal(request: Request, error: Exception) -> Response:
    """Unknown addresses and methods, in the shape of every other refusal."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return answer(
        Refusal(status, "NotFound" if status == 404 else "InvalidInput", "No such address.").body, status
    )


class _Server(uvicorn.Server):
    """uvicorn that says when it is up and keeps the bank's clockwork going meanwhile."""

    def __init__(self, bank: SandboxBank, host: str) -> None:
        self.app = make_app(bank)
        config = uvicorn.Config(
            self.app,
            host=host,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self.up, self._stopped = threading.Event(), threading.Event()
        self.on_ready: Callable[[], None] | None = None

    @property
    def bank(self) -> SandboxBank:
        return self.app.state.bank

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.bank.postman.start()
        threading.Thread(target=self._tick, name="sandbox-clockwork", daemon=True).start()
        self.up.set()
        if self.on_ready:
            self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopped.set()
        self.bank.postman.stop()
        await super().shutdown(sockets)

    def _tick(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            self.bank.catch_up()


def serve(
    *,
    host: str = "127.0.0.1",
    port: int,
    seed: int = 7,
    clock: str | None = None,
    as_of: date | None = None,
    state: Path | None = None,
    client_id: str = CLIENT_ID,
    client_secret: str = CLIENT_SECRET,
    redirect_uris: tuple[str, ...] = (),
    webhook_url: str | None = None,
    webhook_secret: str | None = None,
    sync_seconds: float = 1.5,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Run the sandbox until SIGINT or SIGTERM, then end quietly. `on_ready` gets the address once it is up.

    clock: an ISO instant to start at, or `+P30D`. as_of: the day the books stand at, else the clock's.
    state: a file that keeps consents over a restart. Raises UsageError when the port is taken.
    """
    bank = SandboxBank(
        seed=seed, clock=clock, as_of=as_of, state=state, client_id=client_id, client_secret=client_secret,
        redirect_uris=redirect_uris, webhook_url=webhook_url, webhook_secret=webhook_secret,
        sync_seconds=sync_seconds,
    )  # fmt: skip
    door = _open_door(host, port)
    server = _Server(bank, host)
    if on_ready:
        address = _address(door, host)
        server.on_ready = lambda: on_ready(address)
    with _quiet_end():
        server.run(sockets=[door])


@contextlib.contextmanager
def running(*, port: int = 0, **options: Any) -> Generator[Sandbox]:
    """A sandbox in a thread of this process, on a free port; syncs end at once, or after `sync_seconds`.

    options: those of `SandboxBank`.
    """
    server = _Server(_bank_for_tests(options), "127.0.0.1")
    door = _open_door("127.0.0.1", port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name="sandbox", daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.up.wait(0.05):
        if not thread.is_alive() or time.monotonic() > deadline:
            raise UsageError("The sandbox did not come up.")
    try:
        yield Sandbox(_address(door, "127.0.0.1"), server.app)
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        door.close()


def _bank_for_tests(options: dict[str, Any]) -> SandboxBank:
    told: dict[str, Any] = {"sync_seconds": 0} | options
    return SandboxBank(**told)


def _open_door(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP so that asyncio switches Nagle's delay off: without it an answer takes 40 ms longer.
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        raise UsageError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Nothing was started; take another port."
        ) from error
    return door


def _address(door: socket.socket, host: str) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{door.getsockname()[1]}"


@contextlib.contextmanager
def _quiet_end() -> Generator[None]:
    """uvicorn raises the signal again when it is done; that second one is to pass without a traceback."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {sig: signal.signal(sig, lambda *_: None) for sig in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for sig, handler in before.items():
            signal.signal(sig, handler)
