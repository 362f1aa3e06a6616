"""e-conomic's REST interface: booked invoices, credit notes among them as negative ones.

`GET /invoices/booked`, paged by `skippages` and `pagesize` (1,000 at most), headers `X-AppSecretToken` and
`X-AgreementGrantToken`: https://restdocs.e-conomic.com/#get-invoices-booked. What suppliers are owed is not there.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from recon.erp.access import Access
from recon.erp.asking import Asker, Page, Row, sides

PAGE_SIZE = 1000


class _Customer(msgspec.Struct, rename="camel"):
    customer_number: int | None = None


class _Recipient(msgspec.Struct, rename="camel"):
    name: str | None = None
    cvr: str | None = None


class _Notes(msgspec.Struct, rename="camel"):
    heading: str | None = None


class _Invoice(msgspec.Struct, rename="camel"):
    booked_invoice_number: int
    date: str
    currency: str
    gross_amount: Decimal
    remainder: Decimal
    due_date: str | None = None
    customer: _Customer | None = None
    recipient: _Recipient | None = None
    notes: _Notes | None = None


class _Pagination(msgspec.Struct, rename="camel"):
    results: int | None = None


class _Invoices(msgspec.Struct, rename="camel"):
    collection: list[_Invoice]
    pagination: _Pagination


def read(asker: Asker, told: Access) -> list[Row]:
    """Every booked invoice and credit note, settled ones with nothing open."""
    headers = {
        "X-AppSecretToken": told.reveal("APP_SECRET"),
        "X-AgreementGrantToken": told.reveal("TOKEN"),
    }

    def page(number: int) -> Page:
        got = asker.get(
            "the invoices", "/invoices/booked", _Invoices, headers, skippages=number, pagesize=PAGE_SIZE
        )
        return Page(got.collection, got.pagination.results)

    invoices = asker.whole("the invoices", page, lambda one: one.booked_invoice_number)
    return [_row(one) for one in invoices]


def _row(one: _Invoice) -> Row:
    customer, recipient = one.customer or _Customer(), one.recipient or _Recipient()
    number = customer.customer_number
    return sides(one.gross_amount, one.remainder, ("invoice", "credit_note")) | {
        "number": str(one.booked_invoice_number),
        "external_id": f"economic:{one.booked_invoice_number}",
        "party_name": recipient.name,
        "party_id": None if number is None else str(number),
        "party_cvr": recipient.cvr,
        "issue_date": one.date,
        "due_date": one.due_date,
        "currency": one.currency,
        "text": one.notes.heading if one.notes else None,
    }
