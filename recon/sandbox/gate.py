"""What every API request passes: correlation and request ids, ordered faults, refusals as JSON.

In: a route's handler. Out: the same handler behind the gate. Never: an answer without the correlation id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from recon.sandbox.bank import SandboxBank
from recon.sandbox.faults import Fault
from recon.sandbox.refusal import Refusal, invalid
from recon.sandbox.wire import to_json

Handler = Callable[[Request], Awaitable[Response]]
LONGEST_ID = 1000
REMEMBERED = 500


def bank_of(request: Request) -> SandboxBank:
    return request.app.state.bank


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON bytes with exact numbers."""
    return Response(to_json(value), status, headers, media_type="application/json")


def guarded(handler: Handler) -> Handler:
    """The handler behind the gate."""

    async def through(request: Request) -> Response:
        correlation = request.headers.get("x-correlation-id", "")
        try:
            if len(correlation) > LONGEST_ID:
                raise invalid("The correlation id is too long.", correlationId="over 1000 characters")
            response = await _once(request, handler)
        except Refusal as refusal:
            response = answer(refusal.body, refusal.status)
        if correlation and len(correlation) <= LONGEST_ID:
            response.headers["X-Correlation-Id"] = correlation
        return response

    return through


async def _once(request: Request, handler: Handler) -> Response:
    """A POST with a request id runs once; its repeat gets the first answer, or 409 while that runs."""
    request_id = request.headers.get("x-request-id")
    if request.method != "POST" or not request_id:
        return await _faulty(request, handler)
    replies: dict[tuple[str, str], Response | None] = request.app.state.replies
    name = (request.url.path, request_id)
    if name in replies:
        first = replies[name]
        if first is None:
            raise Refusal(409, "Conflict", "The first request with this id is still running.")
        return Response(first.body, first.status_code, media_type=first.media_type)
    replies[name] = None
    try:
        response = await _faulty(request, handler)
    except BaseException:
        del replies[name]
        raise
    replies[name] = response
    if len(replies) > REMEMBERED:
        del replies[next(iter(replies))]
    return response


async def _faulty(request: Request, handler: Handler) -> Response:
    """The handler's answer, or what was ordered instead."""
    orders = bank_of(request).faults.for_request(request.url.path)
    for order in orders:
        if order.name == "slow":
            await asyncio.sleep(float(order.options.get("seconds", 2)))
        elif order.name != "truncated":
            return _instead(order)
    response = await handler(request)
    if any(order.name == "truncated" for order in orders):
        half = bytes(response.body)[: len(response.body) // 2]
        return Response(half, response.status_code, media_type=response.media_type)
    return response


def _instead(order: Fault) -> Response:
    if order.name == "server_error":
        return HTMLResponse("<html><body><h1>500</h1><pre>at Bank.Sandbox.Ordered()</pre></body></html>", 500)
    status, code = {
        "unauthorized": (401, "Unauthorized"),
        "forbidden": (403, "Forbidden"),
        "not_found": (404, "NotFound"),
        "conflict": (409, "Conflict"),
        "rate_limited": (429, "TooManyRequests"),
        "rate_limited_bare": (429, "TooManyRequests"),
    }[order.name]
    wait = (
        {"Retry-After": str(order.options.get("retry_after", 30))} if order.name == "rate_limited" else None
    )
    return answer(Refusal(status, code, "As ordered.").body, status, wait)
