"""Fenerum's interface, version 1: invoices.

`GET /api/v1/invoices/`, header `Authorization: Token …`, lists with `results`, `count` and `next`. Its fields are not
published in full, so several names are tried for each and a document that has none of them is refused by name.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from recon.erp.access import Access
from recon.erp.asking import Asker, Page, Row, sides
from recon.errors import AnswerMalformed

_ID = ("uuid", "id")
_NUMBER = ("invoice_number", "number", "document_number")
_TOTAL = ("gross_amount", "total_amount", "total_incl_vat", "total", "amount")
_OPEN = ("remaining_amount", "outstanding_amount", "open_amount", "amount_due", "balance")
_PAID = ("is_paid", "paid")
_PARTY = ("recipient_name", "account_name", "company_name", "customer_name")
_PARTY_ID = ("account_code", "account_uuid", "account", "customer_number")
_ISSUED = ("invoice_date", "issue_date", "date")
_REFERENCE = ("payment_reference", "payment_id", "fik", "fik_code")
_TYPE = ("type", "invoice_type", "document_type")


def read(asker: Asker, told: Access) -> list[Row]:
    """Every invoice and credit note; paid ones with nothing open."""
    headers = {"Authorization": f"Token {told.reveal('TOKEN')}"}

    def page(number: int) -> Page:
        raw = asker.get("the invoices", "/api/v1/invoices/", msgspec.Raw, headers, page=number + 1)
        whole = _decoded(bytes(raw))
        # A bare list has no further pages.
        return (
            Page(whole, len(whole)) if isinstance(whole, list) else Page(whole["results"], whole.get("count"))
        )

    rows = asker.whole("the invoices", page, lambda one: _first(one, _ID))
    return [_row(one) for one in rows]


def _decoded(answer: bytes) -> Any:
    """A list of documents, or an object with them under `results`; numbers as Decimal."""
    try:
        whole = json.loads(answer, parse_float=Decimal)
    except (ValueError, RecursionError):
        whole = None
    rows = whole.get("results") if isinstance(whole, dict) else whole
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise AnswerMalformed("Fenerum's answer is no list of documents. Nothing was kept; try again later.")
    return whole


def _row(one: dict[str, Any]) -> Row:
    number = _needed(one, _NUMBER, "a number")
    total = _amount(one, _TOTAL, number)
    if total is None:
        raise _malformed(number, "a total", _TOTAL)
    still_open = _amount(one, _OPEN, number)
    paid = _first(one, _PAID)
    if still_open is None and not isinstance(paid, bool):
        raise _malformed(number, "what is open", (*_OPEN, *_PAID))
    if still_open is None:
        still_open = Decimal(0) if paid else total
    credit = "credit" in str(_first(one, _TYPE) or "").lower()
    return sides(total, still_open, ("invoice", "credit_note"), credit) | {
        "number": number,
        "external_id": f"fenerum:{_needed(one, _ID, 'an id')}",
        "party_name": _text(one, _PARTY),
        "party_id": _text(one, _PARTY_ID),
        "issue_date": _text(one, _ISSUED),
        "due_date": _text(one, ("due_date", "payment_due_date")),
        "currency": _text(one, ("currency", "currency_code")),
        "payment_reference": _text(one, _REFERENCE),
        "status": "draft" if one.get("status") == "draft" or one.get("is_draft") is True else None,
    }


def _first(one: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((one[name] for name in names if one.get(name) is not None), None)


def _text(one: dict[str, Any], names: tuple[str, ...]) -> str | None:
    told = _first(one, names)
    return str(told) if isinstance(told, str | int) else None


def _needed(one: dict[str, Any], names: tuple[str, ...], what: str) -> str:
    told = _text(one, names)
    if not told:
        raise _malformed(str(_first(one, _ID) or "?"), what, names)
    return told


def _amount(one: dict[str, Any], names: tuple[str, ...], number: str) -> Decimal | None:
    """A text or a number, never through float."""
    told = _first(one, names)
    if told is None:
        return None
    try:
        amount = Decimal(told) if isinstance(told, str | int | Decimal) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(told, bool) or not amount.is_finite():
        raise _malformed(number, "an amount", names)
    return amount


def _malformed(number: str, what: str, names: tuple[str, ...]) -> AnswerMalformed:
    return AnswerMalformed(
        f"Fenerum's answer cannot be read: the document {number[:40]} has no field for {what} that is known here "
        f"({', '.join(names)}). Nothing was kept; tell whoever looks after this program."
    )
