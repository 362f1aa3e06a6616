"""The pages a person clicks through at the bank: choose it, log in, choose accounts, accept or cancel.

In: form posts. Out: the next page, or a redirect back to the client. Never: a password kept anywhere.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from recon.sandbox import pages
from recon.sandbox.gate import Handler, bank_of
from recon.sandbox.grants import Attempt
from recon.sandbox.refusal import Refusal, not_found

DIGITS_ONLY = "The password is digits only."
CHOOSE_ONE = "Choose at least one account."


def page(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


async def form(request: Request) -> dict[str, list[str]]:
    """The fields of a posted form; starlette's own reader would need a further package."""
    return parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)


def human(handler: Handler) -> Handler:
    """A handler whose refusals are shown as a page."""

    async def through(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            return page(pages.refused_page(refusal.reason), refusal.status)

    return through


def _attempt(request: Request) -> Attempt:
    attempt = bank_of(request).attempts.get(request.path_params["attempt"])
    if attempt is None or attempt.update_of:
        raise not_found("login; it has ended, or never began. Start again from the program")
    return attempt


async def choose(request: Request) -> Response:
    attempt = _attempt(request)
    if request.method == "POST":
        chosen = (await form(request)).get("provider", [""])[0]
        attempt.house = next((house for house in attempt.houses if house.id == chosen), None)
    if attempt.house is not None and (request.method == "POST" or len(attempt.houses) == 1):
        return RedirectResponse(f"/connect/{attempt.id}/login", 303)
    return page(pages.bank_page(attempt))


async def login(request: Request) -> Response:
    attempt = _attempt(request)
    if attempt.house is None:
        return RedirectResponse(f"/connect/{attempt.id}", 303)
    if request.method == "GET":
        return page(pages.login_page(attempt, request.url.path))
    username = await _logged_in(request)
    if username is None:
        return page(pages.login_page(attempt, request.url.path, DIGITS_ONLY), 422)
    attempt.username = username
    return RedirectResponse(f"/connect/{attempt.id}/accounts", 303)


async def accounts(request: Request) -> Response:
    attempt, bank = _attempt(request), bank_of(request)
    if attempt.username is None:
        return RedirectResponse(f"/connect/{attempt.id}/login", 303)
    offered = bank.offered(attempt)
    wrong = ""
    if request.method == "POST":
        keys = (await form(request)).get("account", [])
        if set(keys) & {account.key for account in offered}:
            return RedirectResponse(bank.accept(attempt, keys), 302)
        wrong = CHOOSE_ONE
    today = bank.clock.today()
    balances = {account.key: bank.bankside.balance(account, today)[0] or 0 for account in offered}
    numbers = {account.key: {account.iban, account.bban.replace("-", "")} for account in offered}
    ticked = {key for key, own in numbers.items() if not attempt.wanted or own & set(attempt.wanted)}
    return page(pages.accounts_page(attempt, offered, balances, ticked, wrong), 422 if wrong else 200)


async def cancel(request: Request) -> Response:
    return RedirectResponse(bank_of(request).cancel(_attempt(request)), 302)


async def renew(request: Request) -> Response:
    """The page behind `authUrl`: log in once more and go back."""
    bank = bank_of(request)
    attempt = bank.attempts.get(request.query_params.get("session", ""))
    if attempt is None or not attempt.update_of:
        raise not_found("login; it has ended, or never began. Start again from the program")
    attempt.danish = request.query_params.get("culture", "").lower().startswith("da")
    here = f"{request.url.path}?{request.url.query}"
    if request.method == "GET":
        return page(pages.login_page(attempt, here))
    if await _logged_in(request) is None:
        return page(pages.login_page(attempt, here, DIGITS_ONLY), 422)
    return RedirectResponse(bank.renew(attempt), 302)


async def _logged_in(request: Request) -> str | None:
    """The user name, if a name and a password of digits were given."""
    fields = await form(request)
    username, password = (fields.get(name, [""])[0].strip() for name in ("username", "password"))
    return username if username and password.isascii() and password.isdigit() else None


def routes() -> list[Route]:
    both = ["GET", "POST"]
    return [
        Route("/connect/{attempt}", human(choose), methods=both),
        Route("/connect/{attempt}/login", human(login), methods=both),
        Route("/connect/{attempt}/accounts", human(accounts), methods=both),
        Route("/connect/{attempt}/cancel", human(cancel), methods=["POST"]),
        Route("/update", human(renew), methods=both),
    ]
