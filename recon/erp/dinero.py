"""Dinero's interface, version 1: invoices and credit notes of one organisation.

`POST /dineroapi/oauth/token` (API key as user name and password, client id and secret in front) gives an access
token for an hour; `GET /v1/{organisation}/invoices` and `/sales/creditnotes` list, paged by `page` and `pageSize`
(1,000 at most); `/invoices/{guid}/payments` says what remains: https://api.dinero.dk/docs.
Lists do not tell what remains, so each unpaid document is asked for.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from urllib.parse import quote

import msgspec

from recon.bank.calls import Call
from recon.erp.access import Access
from recon.erp.asking import Asker, Page, Row, sides

PAGE_SIZE = 1000
TOKEN_ADDRESS = "https://authz.dinero.dk"
_FIELDS = "Guid,Number,ContactGuid,ContactName,Date,PaymentDate,Currency,Status,TotalInclVat,Description"
_UNPAID = ("Booked", "Overdue")
_LISTS = (("invoices", False), ("sales/creditnotes", True))


class _Token(msgspec.Struct):
    access_token: str


class _Document(msgspec.Struct, rename="pascal"):
    guid: str
    date: str
    status: str
    total_incl_vat: Decimal
    number: int | str | None = None
    currency: str | None = None
    contact_guid: str | None = None
    contact_name: str | None = None
    payment_date: str | None = None
    description: str | None = None


class _Pagination(msgspec.Struct, rename="pascal"):
    result: int | None = None


class _Documents(msgspec.Struct, rename="pascal"):
    collection: list[_Document]
    pagination: _Pagination = msgspec.field(default_factory=_Pagination)


class _Payments(msgspec.Struct, rename="pascal"):
    remaining_amount: Decimal


class _Detail(msgspec.Struct, rename="camel"):
    fik_code: str | None = None


def token(asker: Asker, told: Access) -> str:
    """An access token for an hour; it is used and not kept."""
    pair = f"{told.reveal('CLIENT_ID')}:{told.reveal('CLIENT_SECRET')}".encode()
    key = told.reveal("TOKEN")
    call = Call(
        "a token",
        "POST",
        "/dineroapi/oauth/token",
        repeatable=False,
        form={"grant_type": "password", "scope": "read", "username": key, "password": key},
        headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}"},
    )
    return asker.ask(call, _Token).access_token


def read(asker: Asker, told: Access, bearer: str) -> list[Row]:
    """Every booked invoice and credit note; paid ones with nothing open."""
    headers = {"Authorization": f"Bearer {bearer}"}
    base = f"/v1/{quote(told.reveal('ORGANIZATION'), safe='')}"
    rows: list[Row] = []
    for name, credit in _LISTS:

        def page(number: int, name: str = name) -> Page:
            got = asker.get(
                "the documents",
                f"{base}/{name}",
                _Documents,
                headers,
                fields=_FIELDS,
                page=number,
                pageSize=PAGE_SIZE,
            )
            return Page(got.collection, got.pagination.result)

        for one in asker.whole("the documents", page, lambda one: one.guid):
            rows.append(_row(asker, f"{base}/{name}", one, credit, headers))
    return rows


def _row(asker: Asker, base: str, one: _Document, credit: bool, headers: dict[str, str]) -> Row:
    path = f"{base}/{quote(one.guid, safe='')}"
    still_open, slip = Decimal(0), None
    if one.status in _UNPAID:
        still_open = asker.get("the payments", f"{path}/payments", _Payments, headers).remaining_amount
        slip = None if credit else asker.get("the invoice", path, _Detail, headers).fik_code
    return sides(one.total_incl_vat, still_open, ("invoice", "credit_note"), credit) | {
        "number": str(one.number or one.guid),
        "external_id": f"dinero:{one.guid}",
        "party_name": one.contact_name,
        "party_id": one.contact_guid,
        "issue_date": one.date,
        "due_date": one.payment_date,
        "currency": one.currency or "DKK",
        "payment_reference": slip,
        "text": one.description,
        "status": "draft" if one.status == "Draft" else None,
    }
