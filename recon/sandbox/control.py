"""Orders to the sandbox itself, under /sandbox: not part of the API it imitates.

In: POSTed JSON. Out: JSON. Answers loopback only, and only to JSON, so that no web page can give orders.
The same orders are methods of `SandboxBank`. Never: a secret.
"""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recon.errors import ReconError
from recon.sandbox import faults
from recon.sandbox.api import read_body
from recon.sandbox.bank import SandboxBank
from recon.sandbox.clock import stamp
from recon.sandbox.consents import Consent
from recon.sandbox.gate import Handler, answer, bank_of, guarded
from recon.sandbox.grants import is_loopback
from recon.sandbox.refusal import Refusal, invalid


def controlled(handler: Handler) -> Handler:
    """A handler for this machine only; an order that makes no sense is refused with 400."""

    async def through(request: Request) -> Response:
        if request.client and not is_loopback(
            f"http://[{request.client.host}]"
            if ":" in request.client.host
            else f"http://{request.client.host}"
        ):
            raise Refusal(403, "Forbidden", "The sandbox takes orders from its own machine only.")
        if request.method == "POST" and "json" not in request.headers.get("content-type", ""):
            raise invalid("Orders are JSON.", contentType="application/json")
        try:
            return await handler(request)
        except ReconError as error:
            raise invalid(error.words) from error

    return guarded(through)


async def clock(request: Request) -> Response:
    bank = bank_of(request)
    if request.method == "POST":
        names = {f"advance_{unit}": unit for unit in ("days", "hours", "minutes", "seconds")}
        body = await read_body(request)
        bank.advance(**{unit: float(body[name]) for name, unit in names.items() if name in body})
    return answer({"now": stamp(bank.clock.now()), "as_of": bank.books.as_of.isoformat()})


async def fault(request: Request) -> Response:
    bank = bank_of(request)
    if request.method == "POST":
        body = await read_body(request)
        if body.get("clear"):
            bank.faults.clear()
        else:
            name, times, path = body.pop("name", ""), body.pop("times", 1), body.pop("path", "")
            bank.fault(name, times, path, **body)
    return answer({"waiting": [asdict(each) for each in bank.faults.waiting], "names": faults.NAMES})


async def event(request: Request) -> Response:
    body = await read_body(request)
    return answer(bank_of(request).event(body.pop("name", ""), **body))


async def settings(request: Request) -> Response:
    """Read or change `Switches`, and the webhooks' address, secret and manners (`webhook` in the body)."""
    bank = bank_of(request)
    if request.method == "POST":
        body = await read_body(request)
        _set(bank.switches, {name: value for name, value in body.items() if name != "webhook"})
        _set_webhook(bank, body.get("webhook") or {})
    manners = asdict(bank.postman.manners) | {"url": bank.postman.url}
    return answer(asdict(bank.switches) | {"webhook": manners})


async def consents(request: Request) -> Response:
    bank = bank_of(request)
    bank.catch_up()
    return answer({"consents": [_consent(bank, consent) for consent in bank.consents.values()]})


async def sync(request: Request) -> Response:
    bank = bank_of(request)
    bank.sync_now()
    return answer({"now": stamp(bank.clock.now())})


async def truth(request: Request) -> Response:
    """What an account with a history shows now, each row with the truth's own `number`."""
    key = request.query_params.get("account", "")
    history = bank_of(request).bankside.histories.get(key)
    if history is None:
        raise invalid(f"The account “{key}” has no history.", account="unknown")
    rows = [asdict(row) | {"day": row.day.isoformat()} for row in history.shown()]
    return answer({"rows": rows, "balanceMinor": history.balance_minor(), "happened": history.told})


async def webhooks(request: Request) -> Response:
    """What was sent or waits to be sent; bodies included, signatures not."""
    sent = [
        {
            "event": each.event,
            "eventId": each.event_id,
            "at": stamp(each.at),
            "body": each.body.decode(),
            "answers": each.answers,
            "done": each.done,
        }
        for each in bank_of(request).postman.deliveries
    ]
    return answer({"deliveries": sent})


def _consent(bank: SandboxBank, consent: Consent) -> dict[str, Any]:
    now = bank.clock.now()
    return {
        "consentId": consent.id,
        "alive": consent.alive(now),
        "scopes": consent.scopes,
        "grantedAt": stamp(consent.granted_at),
        "revokedAt": stamp(consent.revoked_at) if consent.revoked_at else None,
        "connections": [
            {
                "provider": each.provider,
                "accounts": {key: each.account_id(key) for key in each.accounts},
                "lastLogin": stamp(each.last_login),
                "lastSync": stamp(each.last_sync) if each.last_sync else None,
                "expiresAt": stamp(each.expires_at(bank.switches.sca_days)),
                "needsPerson": bank.service.needs_person(each, now),
                "removed": each.removed,
            }
            for each in consent.connections.values()
        ],
    }


def _set(target: Any, values: dict[str, Any]) -> None:
    known = {each.name for each in fields(target)}
    strange = sorted(set(values) - known)
    if strange:
        raise invalid(f"There is no switch “{strange[0]}”; there are {', '.join(sorted(known))}.")
    for name, value in values.items():
        setattr(target, name, type(getattr(target, name))(value))


def _set_webhook(bank: SandboxBank, told: dict[str, Any]) -> None:
    told = {name.lower(): value for name, value in told.items()}
    if "url" in told:
        url = told.pop("url")
        if url and not is_loopback(url):
            raise invalid("Webhooks go to this machine only.", url="not loopback")
        bank.postman.url = url
    if "secret" in told:
        bank.postman.secret = told.pop("secret")
    manners = replace(bank.postman.manners)
    _set(manners, told)
    bank.postman.manners = manners
    bank.postman.wake()


def routes() -> list[Route]:
    table = (
        ("clock", clock, ["GET", "POST"]),
        ("fault", fault, ["GET", "POST"]),
        ("event", event, ["POST"]),
        ("settings", settings, ["GET", "POST"]),
        ("consents", consents, ["GET"]),
        ("sync", sync, ["POST"]),
        ("truth", truth, ["GET"]),
        ("webhooks", webhooks, ["GET"]),
    )
    return [
        Route(f"/sandbox/{name}", controlled(handler), methods=methods) for name, handler, methods in table
    ]
