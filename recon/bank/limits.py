"""How far the bank's server is trusted: one host, so many seconds, so many bytes.

`BoundedTransport` reads each answer to its end within the limits and hands on a finished one, so
nothing above it can be kept waiting or flooded.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from recon.errors import AnswerMalformed, BankUnavailable, UsageError


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes, counts. total_s spans all tries of one call; body_bytes counts after decompression."""

    connect_s: float = 5.0
    read_s: float = 30.0
    total_s: float = 120.0
    body_bytes: int = 10_000_000
    tries: int = 3
    pages: int = 2000
    wait_min_s: int = 1
    wait_max_s: int = 24 * 3600
    wait_unknown_s: int = 30


@dataclass(frozen=True)
class Server:
    """How words name the other side, at a sentence's beginning and inside it, and the setting of its address."""

    begins: str = "The bank"
    inside: str = "the bank"
    setting: str = "RECON_VIIA_BASE_URL"


BANK = Server()


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def safe_address(text: str) -> bool:
    """Whether a browser or client may be sent there: https, or http on this machine; no user in it."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError):
        return False
    if not url.host or url.userinfo:
        return False
    return url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))


class BoundedTransport(httpx.BaseTransport):
    """Sends to one origin only and finishes every answer within `limits`.

    Raises UsageError for another origin, BankUnavailable past the deadline (request extension
    `deadline`, in `ticks`), AnswerMalformed for a body that is too long.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        base: httpx.URL,
        limits: Limits,
        ticks: Callable[[], float] = time.monotonic,
        server: Server = BANK,
    ) -> None:
        self._server = server
        self._inner = inner
        self._origin = _origin(base)
        self._limits = limits
        self._ticks = ticks

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if _origin(request.url) != self._origin:
            raise UsageError(
                f"A request to another host than {self._server.setting} was refused. Nothing was sent."
            )
        answer = self._inner.handle_request(request)
        try:
            body = self._read(answer, request.extensions.get("deadline"))
        finally:
            answer.close()
        headers = [
            (name, value)
            for name, value in answer.headers.multi_items()
            if name not in ("content-encoding", "content-length", "transfer-encoding")
        ]
        return httpx.Response(answer.status_code, headers=headers, content=body, request=request)

    def close(self) -> None:
        self._inner.close()

    def _read(self, answer: httpx.Response, deadline: float | None) -> bytes:
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > self._limits.body_bytes:
                raise AnswerMalformed(
                    f"{self._server.begins}'s answer is longer than {self._limits.body_bytes / 1e6:.0f} MB. Nothing "
                    "of it was kept; ask for a shorter period."
                )
            if deadline is not None and self._ticks() > deadline:
                raise BankUnavailable(
                    f"{self._server.begins}'s answer took longer than {self._limits.total_s:.0f} s. Nothing of it "
                    "was kept; try again later."
                )
        return bytes(body)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme, 0)
