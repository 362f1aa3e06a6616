"""A foreign table's header → which of its columns is probably which, to be confirmed by a person.

In: header titles. Out: a mapping as `read_documents` takes it. Never: a column without tax as the total; a guess
used without a person having seen it.
The titles are those seen in exports of e-conomic, Dinero, Billy and others, in Danish and English; programs change
them without notice, so a title that is not listed simply is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_TITLES: Final[dict[str, tuple[str, ...]]] = {
    "number": (
        "fakturanr", "fakturanummer", "faktura nr", "faktura nummer", "faktura", "bilagsnr", "bilagsnummer", "bilag nr",
        "bilag", "dokumentnr", "invoice no", "invoice number", "invoice nr", "invoiceno", "invoice", "bill no",
        "bill number", "bill", "document no", "document number", "voucher", "voucher no", "voucher number", "nummer",
        "nr", "no", "number", "id",
    ),
    "total": (
        "total inkl moms", "beløb inkl moms", "total incl vat", "amount incl vat", "total incl tax", "gross amount",
        "bruttobeløb", "brutto", "fakturabeløb", "total beløb", "totalbeløb", "i alt", "total", "beløb", "amount",
        "gross", "invoice amount", "sum",
    ),
    "open_amount": (
        "restbeløb", "rest", "restsaldo", "åben saldo", "udestående", "skyldig", "skyldigt beløb", "mangler", "saldo",
        "til betaling", "remainder", "remaining amount", "open amount", "open balance", "outstanding", "amount due",
        "balance due", "balance", "unpaid",
    ),
    "kind": ("type", "dokumenttype", "bilagstype", "posttype", "art", "document type", "kind", "entry type"),
    "party_name": (
        "kundenavn", "kunde", "leverandørnavn", "leverandør", "debitor", "kreditor", "navn", "kontakt", "kontaktnavn",
        "modtager", "customer name", "customer", "client", "supplier name", "supplier", "vendor", "vendor name",
        "contact", "contact name", "name", "company",
    ),
    "party_id": (
        "kundenr", "kundenummer", "leverandørnr", "leverandørnummer", "debitornr", "kreditornr", "kontaktnr",
        "customer no", "customer number", "supplier no", "supplier number", "vendor no", "vendor number", "contact no",
    ),
    "party_cvr": (
        "cvr", "cvr nr", "cvr nummer", "cvrnr", "se nr", "vat no", "vat number", "vat id", "company no",
        "registration no", "org nr",
    ),
    "party_iban": ("iban", "konto", "kontonr", "kontonummer", "bankkonto", "bank account", "account number"),
    "issue_date": (
        "fakturadato", "bilagsdato", "dato", "udstedt", "udstedelsesdato", "bogføringsdato", "invoice date",
        "issue date", "entry date", "bill date", "voucher date", "date", "issued",
    ),
    "due_date": (
        "forfaldsdato", "forfald", "forfalden", "forfalder", "betalingsfrist", "sidste rettidige betaling",
        "betalingsdato", "due date", "due", "payment date", "payment due", "payment due date",
    ),
    "currency": ("valuta", "valutakode", "currency", "currency code", "ccy"),
    "payment_reference": (
        "fik", "fik kode", "fikkode", "betalingsid", "betalings id", "betalingsreference", "ocr", "kid",
        "payment reference", "payment id", "reference", "fi kode",
    ),
    "text": ("tekst", "beskrivelse", "bemærkning", "noter", "overskrift", "text", "description", "note", "memo"),
    "erp_account": ("udgiftskonto", "finanskonto", "konto nr", "expense account", "ledger account"),
    "status": ("status", "tilstand", "state", "betalingsstatus", "payment status"),
}  # fmt: skip
_SALES: Final = ("kunde", "debitor", "customer", "client")
_PURCHASES: Final = ("leverandør", "kreditor", "supplier", "vendor", "bill ")
_TAIL: Final = re.compile(r"\s*[([].*$|\s+i?\s*[a-z]{3}$")


def guess_columns(header: Sequence[str]) -> dict[str, str]:
    """Our column → the title that probably means it, and the side where the titles give it away.

    A table that tells one amount only has it as total and as open amount.

    >>> guess_columns(["Fakturanr.", "Kunde", "Beløb inkl. moms (DKK)", "Beløb ekskl. moms"])
    {'number': 'Fakturanr.', 'total': 'Beløb inkl. moms (DKK)', 'party_name': 'Kunde', 'side': 'sales'}
    """
    plain: dict[str, str] = {}
    for title in header:
        for form in (_plain(title), _TAIL.sub("", _plain(title))):
            if form:
                plain.setdefault(form, title)
    found: dict[str, str] = {}
    for column, titles in _TITLES.items():
        fits = (plain[one] for one in titles if one in plain and plain[one] not in found.values())
        if title := next(fits, None):
            found[column] = title
    if "total" not in found and "open_amount" in found:
        found["total"] = found["open_amount"]
    if side := _side(header):
        found["side"] = side
    return found


def _side(header: Sequence[str]) -> str | None:
    """Sales or purchases, where the titles name only customers or only suppliers."""
    whole = " ".join(title.casefold() for title in header) + " "
    sides = [any(word in whole for word in words) for words in (_SALES, _PURCHASES)]
    return {(True, False): "sales", (False, True): "purchases"}.get((sides[0], sides[1]))


def _plain(title: str) -> str:
    """`Fakturanr.` and `FAKTURA-NR` without case, points and signs; brackets stay, to be cut off."""
    return re.sub(r"[\s._:/#-]+", " ", title.casefold()).strip()
