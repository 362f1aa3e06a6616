"""A web application without sockets: asked in this process, with waits that cost no time.

In: the application, such as the sandbox bank's. Out: an httpx transport, and a way to let all of recon's bank clients
use it. Never: a port, a second of waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest import mock

import httpx
from starlette.applications import Starlette

from recon.bank.client import ViiaClient

MODULES = ("accounts", "connect", "sync", "worker")
"""Parts of `recon.flow` that open a bank client."""

Wire = Callable[[httpx.Request], httpx.Response]


class InProcess:
    """Asks an application as a server would, request by request."""

    def __init__(self, app: Starlette) -> None:
        self._app, self._loop = app, asyncio.new_event_loop()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run_until_complete(self._ask(request))

    def close(self) -> None:
        self._loop.close()

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.content, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(_scope(request), receive, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=body)


class Ticks:
    """Seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@contextmanager
def clients_over(wire: Wire) -> Generator[None]:
    """Every bank client of recon.flow speaks over this wire while inside."""
    ticks = Ticks()
    over = partial(ViiaClient, transport=Socketless(wire), sleep=ticks.sleep, ticks=ticks, chance=lambda: 0.5)
    with ExitStack() as stack:
        for name in MODULES:
            stack.enter_context(mock.patch(f"recon.flow.{name}.ViiaClient", over))
        yield


class Socketless(httpx.BaseTransport):
    """Hands bodies on in pieces, as a socket does, so that the limits are what reads them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._wire(request)
        if isinstance(answer.stream, Pieces):
            return answer
        return httpx.Response(answer.status_code, headers=answer.headers, stream=Pieces([answer.content]))


class Pieces(httpx.SyncByteStream):
    """A body that arrives piece by piece, and may break off with an error."""

    def __init__(self, pieces: list[bytes], then: Exception | None = None) -> None:
        self._pieces, self._then = pieces, then

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._then:
            raise self._then


def _scope(request: httpx.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": httpx.URL(url).path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (url.host, url.port or 80),
        "client": ("127.0.0.1", 1),
    }
