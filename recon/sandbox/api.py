"""The wire: routes under /v1 and /v2 as the API documents them, with everybody's authentication.

In: requests. Out: JSON in documented shapes, errors in the sibling shape. Never: a route the API lacks.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from recon.sandbox.consents import Connection, Consent
from recon.sandbox.gate import Handler, answer, bank_of, guarded
from recon.sandbox.habits import HOUSES
from recon.sandbox.paging import Asked, page, read_query, read_size
from recon.sandbox.refusal import Refusal, invalid, not_found, unauthorized
from recon.sandbox.wire import account_json, house_json, transaction_json

_DECODER = msgspec.json.Decoder(float_hook=Decimal)


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object of a request, property names in lower case. Raises Refusal."""
    raw = await request.body()
    try:
        body = _DECODER.decode(raw) if raw else {}
    except msgspec.DecodeError:
        raise invalid("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise invalid("The body is not an object.")
    return {name.lower(): value for name, value in body.items()}


def _basic(request: Request) -> None:
    """Refuse a client that does not prove itself by HTTP Basic, ISO 8859-1."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        told = base64.b64decode(value, validate=True).decode("iso-8859-1")
    except (binascii.Error, ValueError):
        told = ""
    bank = bank_of(request)
    if scheme.lower() != "basic" or told != f"{bank.client_id}:{bank.client_secret}":
        raise unauthorized("The client's credentials are missing or wrong.")


def _bearer(request: Request) -> Consent:
    """The consent of the access token. Raises Refusal 401."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("An access token is needed.")
    return bank_of(request).consent_of(token)


async def connect(request: Request) -> Response:
    attempt = bank_of(request).start_attempt(request.query_params)
    return RedirectResponse(f"/connect/{attempt.id}", 302)


async def token(request: Request) -> Response:
    _basic(request)
    body, bank = await read_body(request), bank_of(request)
    grant = body.get("grant_type")
    if grant == "authorization_code":
        code = str(body.get("code") or "")
        return answer(bank.exchange(code, body.get("redirect_uri"), body.get("code_verifier")))
    if grant != "refresh_token":
        raise invalid("grant_type is authorization_code or refresh_token.", grant_type="unknown")
    if fault := bank.faults.take("refresh_400", "refresh_401"):
        raise Refusal(int(fault.name[-3:]), "InvalidLoginToken", "The session is dead (as ordered).")
    return answer(bank.refresh(str(body.get("refresh_token") or "")))


def _account_json(request: Request, consent: Consent, connection: Connection, key: str) -> dict[str, Any]:
    bank = bank_of(request)
    hidden = key in bank.bankside.marks["missing_iban"]
    held = bank.service.account(consent, key)
    own, owner = bank.books.account(key), bank.books.company.name
    value = account_json(own, owner, consent, connection, held, hide_iban=hidden)
    if request.query_params.get("showNagMigrationDetails", "").lower() == "true":
        value["nagApiAccountId"] = None
    return value


async def accounts(request: Request) -> Response:
    consent = _bearer(request)
    group = request.query_params.get("accountsGroupId")
    orphans = request.query_params.get("includeOrphaned", "true").lower() != "false"
    shown = [
        _account_json(request, consent, connection, key)
        for connection in consent.connections.values()
        for key in connection.accounts
        if (orphans or key not in connection.orphaned) and group in (None, consent.group_id)
    ]
    return answer({"accounts": shown})


def _account(request: Request) -> tuple[Consent, Connection, str]:
    consent = _bearer(request)
    found = consent.find(request.path_params["account_id"])
    if found is None:
        raise not_found("account")
    return consent, *found


async def account(request: Request) -> Response:
    return answer(_account_json(request, *_account(request)))


def _page(request: Request, asked: Asked, token: str | None) -> Response:
    consent, connection, key = _account(request)
    bank = bank_of(request)
    if token and bank.faults.take("paging_token_invalid"):
        raise invalid("The paging token is not valid (as ordered).", pagingToken="invalid")
    if token and bank.faults.take("data_renewed"):
        bank.renew_data(key)
    held = bank.service.account(consent, key)
    shown, following = page(list(held.rows.values()), asked, token, bank.mint.key)
    if token and bank.faults.take("paging_token_repeated"):
        following = token
    own, account_id = bank.books.account(key), connection.account_id(key)
    rows = [transaction_json(stored, own, account_id) for stored in shown]
    return answer({"pagingToken": following, "transactions": rows})


def _deleted(request: Request) -> bool:
    return request.query_params.get("includeDeleted", "").lower() == "true"


async def transactions(request: Request) -> Response:
    switches = bank_of(request).switches
    size = min(read_size(request.query_params.get("pageSize"), switches.page_size), switches.page_most)
    asked = Asked(size, include_deleted=_deleted(request))
    return _page(request, asked, request.query_params.get("pagingToken"))


async def query(request: Request) -> Response:
    body = await read_body(request)
    switches = bank_of(request).switches
    asked = read_query(body, switches.page_size, include_deleted=_deleted(request))
    asked = replace(asked, page_size=min(asked.page_size, switches.page_most))
    return _page(request, asked, body.get("pagingtoken"))


async def transaction(request: Request) -> Response:
    consent, connection, key = _account(request)
    bank = bank_of(request)
    stored = bank.service.account(consent, key).rows.get(request.path_params["transaction_id"])
    if stored is None:
        raise not_found("transaction")
    return answer(transaction_json(stored, bank.books.account(key), connection.account_id(key)))


async def update(request: Request) -> Response:
    consent, body, bank = _bearer(request), await read_body(request), bank_of(request)
    attempt = bank.update(consent, str(body.get("redirecturl") or ""))
    url = f"{request.url.scheme}://{request.url.netloc}/update?session={attempt.id}" if attempt else None
    status = "SupervisedLoginRequired" if attempt else "AllQueued"
    if bank.faults.take("update_unknown_status"):
        status = "ThinkingAboutIt"
    return answer({"status": status, "authUrl": url})


async def all_selected(request: Request) -> Response:
    consent = _bearer(request)
    if request.path_params["consent_id"] != consent.id:
        raise Refusal(403, "Forbidden", "Not this app's to ask.")
    return answer({"allAccountsSelected": consent.all_selected})


async def providers(request: Request) -> Response:
    return answer([house_json(house) for house in HOUSES.values()])


async def providers_v2(request: Request) -> Response:
    _basic(request)
    return answer([house_json(house, rich=True) for house in HOUSES.values()])


async def provider_v2(request: Request) -> Response:
    _basic(request)
    house = HOUSES.get(request.path_params["provider_id"])
    if house is None:
        raise not_found("provider")
    return answer(house_json(house, rich=True))


def routes() -> list[Route]:
    """Every documented address; an account id may hold `/`, as base64 does, even when percent-encoded."""
    one = "/v1/accounts/{account_id:path}"
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/v1/oauth/connect", connect),
        ("POST", "/v1/oauth/token", token),
        ("GET", "/v1/accounts", accounts),
        ("GET", f"{one}/transactions", transactions),
        ("POST", f"{one}/transactions/query", query),
        ("GET", f"{one}/transactions/{{transaction_id}}", transaction),
        ("GET", one, account),
        ("POST", "/v1/update", update),
        ("GET", "/v1/consent/{consent_id}/all-accounts-selected", all_selected),
        ("GET", "/v1/providers", providers),
        ("GET", "/v2/providers", providers_v2),
        ("GET", "/v2/providers/{provider_id}", provider_v2),
    ]
    return [Route(path, guarded(handler), methods=[method]) for method, path, handler in table]
