"""The app's own addresses beside its pages: begin a login, take its return, take the bank's webhooks.

    GET  /oauth/start?consent=…   begin or renew; sets the session's cookie and sends the browser to the bank
    GET  /oauth/return            the bank sends the browser back here; then on to Bank accounts
    POST /hooks/viia              signed messages of the bank; record, ask for a fetch, answer

All work is done in a thread, since it takes the store's lock or speaks with the bank.
"""

from __future__ import annotations

import logging
from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from recon.consent.attempt import callback_query
from recon.errors import DataRefused, ReconError
from recon.flow import connect, watch
from recon.flow.workspace import Store
from recon.settings import Secret

COOKIE = "recon_login"
LIFETIME_SECONDS = 600
MAX_WEBHOOK_BYTES = 64 * 1024
PAGE = "/bank_accounts"
_log = logging.getLogger(__name__)


def routes(store: Store) -> list[Route]:
    """The routes for `st.App`, all on one workspace."""

    async def start(request: Request) -> Response:
        return await run_in_threadpool(_start, store, request)

    async def returned(request: Request) -> Response:
        return await run_in_threadpool(_returned, store, request)

    async def webhook(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_WEBHOOK_BYTES:
                return PlainTextResponse("too large", status_code=413)
        return await run_in_threadpool(_webhook, store, request, bytes(body))

    return [
        Route("/oauth/start", start),
        Route("/oauth/return", returned),
        Route("/hooks/viia", webhook, methods=["POST"]),
    ]


def _start(store: Store, request: Request) -> Response:
    by = request.query_params.get("by") or "app"
    consent_id = request.query_params.get("consent")
    try:
        if consent_id:
            begun = connect.begin_renewal(store, consent_id, by=by)
        else:
            begun = connect.begin(store, by=by, origin="app")
    except ReconError as error:
        return _to_page(problem=error.words)
    answer = RedirectResponse(begun.url, status_code=303) if begun.url else _to_page(login="returned")
    answer.set_cookie(
        COOKIE,
        begun.state.reveal(),
        max_age=LIFETIME_SECONDS,
        path="/oauth",
        httponly=True,
        samesite="lax",
        secure="https" in (request.scope["scheme"], urlsplit(store.settings.app_url).scheme),
    )
    return answer


def _returned(store: Store, request: Request) -> Response:
    cookie = request.cookies.get(COOKIE)
    state = Secret(cookie) if cookie else None
    try:
        query = callback_query("?" + request.scope["query_string"].decode("latin-1"))
        done = connect.finish(store, query, by="app", origin="app", session_state=state)
        told = {"login": done.outcome} | ({"consent": done.consent_id} if done.consent_id else {})
        answer = _to_page(**told)
    except ReconError as error:
        _log.warning("login refused: %s", error.kind)
        answer = _to_page(problem=error.words)
    answer.delete_cookie(COOKIE, path="/oauth")
    return answer


def _webhook(store: Store, request: Request, body: bytes) -> Response:
    try:
        watch.take_webhook(store, request.headers, body)
    except DataRefused as error:
        _log.warning("webhook refused: %s", error.kind)
        return PlainTextResponse("refused", status_code=401)
    return PlainTextResponse("ok")


def _to_page(**told: str) -> RedirectResponse:
    return RedirectResponse(f"{PAGE}?{urlencode(told)}", status_code=303)
