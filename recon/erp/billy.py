"""Billy's interface, version 2: invoices and bills with their credit notes, and the names of contacts.

`GET /v2/invoices`, `/v2/bills`, `/v2/contacts`, paged by `page` and `pageSize` (1,000 at most), header
`X-Access-Token`: https://www.billy.dk/api. `amount` is without tax; `balance` is what is still to be paid.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from recon.erp.access import Access
from recon.erp.asking import Asker, Page, Row, sides

PAGE_SIZE = 1000


class _Paging(msgspec.Struct, rename="camel"):
    total: int | None = None


class _Meta(msgspec.Struct, rename="camel"):
    paging: _Paging = msgspec.field(default_factory=_Paging)


class _Contact(msgspec.Struct, rename="camel"):
    id: str
    name: str | None = None
    contact_no: str | None = None
    registration_no: str | None = None


class _Document(msgspec.Struct, rename="camel"):
    id: str
    entry_date: str
    currency_id: str
    amount: Decimal
    tax: Decimal
    balance: Decimal
    state: str
    type: str | None = None
    contact_id: str | None = None
    due_date: str | None = None
    invoice_no: str | None = None
    suppliers_invoice_no: str | None = None
    voucher_no: str | None = None
    line_description: str | None = None


class _Contacts(msgspec.Struct, rename="camel"):
    contacts: list[_Contact]
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _Invoices(msgspec.Struct, rename="camel"):
    invoices: list[_Document]
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _Bills(msgspec.Struct, rename="camel"):
    bills: list[_Document]
    meta: _Meta = msgspec.field(default_factory=_Meta)


def read(asker: Asker, told: Access) -> list[Row]:
    """Every approved invoice, bill and credit note, settled ones with nothing open."""
    headers = {"X-Access-Token": told.reveal("TOKEN")}

    def listed(name: str, shape: type[_Contacts | _Invoices | _Bills]) -> list:
        def page(number: int) -> Page:
            got = asker.get(f"the {name}", f"/v2/{name}", shape, headers, page=number + 1, pageSize=PAGE_SIZE)
            return Page(getattr(got, name), got.meta.paging.total)

        return asker.whole(f"the {name}", page, lambda one: one.id)

    contacts = {one.id: one for one in listed("contacts", _Contacts)}
    sold = [_row(one, contacts, ("invoice", "credit_note")) for one in listed("invoices", _Invoices)]
    bought = [_row(one, contacts, ("bill", "bill_credit")) for one in listed("bills", _Bills)]
    return [*sold, *bought]


def _row(one: _Document, contacts: dict[str, _Contact], kinds: tuple[str, str]) -> Row:
    contact = contacts.get(one.contact_id or "") or _Contact("")
    closed = one.state == "voided"
    numbers = (one.invoice_no, one.suppliers_invoice_no, one.voucher_no, one.id)
    return sides(
        one.amount + one.tax, Decimal(0) if closed else one.balance, kinds, one.type == "creditNote"
    ) | {
        "number": next(number for number in numbers if number),
        "external_id": f"billy:{one.id}",
        "party_name": contact.name,
        "party_id": contact.contact_no,
        "party_cvr": contact.registration_no,
        "issue_date": one.entry_date,
        "due_date": one.due_date,
        "currency": one.currency_id,
        "text": one.line_description,
        "status": "draft" if one.state == "draft" else None,
    }
