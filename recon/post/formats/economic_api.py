"""Vouchers for the REST API of Visma e-conomic: what its journals take, one JSON document.

    {"vouchers": [{"accountingYear": {"year": "2026"}, "entries": {"customerPayments": [{…}]}}]}

Each of `vouchers` is the body of one `POST /journals/{journalNumber}/vouchers`. Amounts are JSON numbers written from
exact decimals. Source: https://restdocs.e-conomic.com (journals, vouchers). Never sent by this program, and never
tried on a live agreement.
"""

from __future__ import annotations

from typing import Any

import msgspec

from recon.errors import UsageError
from recon.money import to_decimal
from recon.post.formats.daybook import daybook
from recon.post.formats.export import Export, Format
from recon.post.formats.ledger_names import one_line

_KINDS = {"customer": "customerPayments", "supplier": "supplierPayments", None: "financeVouchers"}
_TEXT_CHARS = 250
_encoder = msgspec.json.Encoder(decimal_format="number")


def _write(export: Export) -> bytes:
    told = [
        _voucher(own.to_dicts()) for _, own in daybook(export).group_by("voucher_no", maintain_order=True)
    ]
    return msgspec.json.format(_encoder.encode({"vouchers": told}), indent=2) + b"\n"


def _voucher(rows: list[dict[str, Any]]) -> dict[str, Any]:
    entries: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        entries.setdefault(_KINDS[row["party_kind"]], []).append(_entry(row))
    return {"accountingYear": {"year": str(rows[0]["date"].year)}, "entries": entries}


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "date": row["date"].isoformat(),
        "amount": to_decimal(row["signed"], row["currency"]),
        "currency": {"code": row["currency"]},
        "text": one_line(row["text"])[:_TEXT_CHARS],
    }
    if row["contra"]:
        told["contraAccount"] = {"accountNumber": _number(row["contra"])}
    return told | _whom(row)


def _whom(row: dict[str, Any]) -> dict[str, Any]:
    number = row["document_no"]
    if row["party_kind"] == "customer":
        return {"customer": {"customerNumber": _number(row["party"])}} | _named(
            customerInvoiceNumber=_number_or_none(number)
        )
    if row["party_kind"] == "supplier":
        return {"supplier": {"supplierNumber": _number(row["party"])}} | _named(supplierInvoiceNumber=number)
    return {"account": {"accountNumber": _number(row["erp_account"])}}


def _named(**told: Any) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}


def _number_or_none(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _number(text: str) -> int:
    number = _number_or_none(text)
    if number is None:
        raise UsageError(
            f"e-conomic knows accounts, customers and suppliers by number, and “{text}” is none. Nothing was written; "
            "correct it under Settings or Documents, or use the CSV for the daybook."
        )
    return number


ECONOMIC_API = Format(
    name="e-conomic API vouchers (JSON)",
    extension="json",
    media_type="application/json",
    how_to="For a program that posts to e-conomic: each of `vouchers` is one POST to the journal of your choice.",
    writer=_write,
)
