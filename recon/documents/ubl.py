"""Electronic invoices and credit notes → ITEMS.

In: the root of a UBL 2.1 document (Peppol BIS 3, EN 16931, OIOUBL 2.x), bare or in an envelope.
Out: `Documents`, or DataRefused. Never: some of the documents of a file; an amount computed where one is stated.
Sources: OASIS UBL 2.1, EN 16931-1 (BT and BG numbers below), OIOUBL 2.1 guidelines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final
from xml.etree.ElementTree import Element

import polars as pl

from recon.documents.columns import SIGNS
from recon.documents.identity import OwnCompany, item_id
from recon.documents.ubl_party import Party, read_party
from recon.documents.ubl_payment import NOBODY_TRANSFERS, read_means, wrong_check_digit
from recon.errors import DataRefused
from recon.money import minor_digits, parse_amount, plain
from recon.schema import ITEMS, Documents, conform, finding, findings_frame
from recon.xml import first, text

ROOTS: Final = ("Invoice", "CreditNote")
_TOTALS: Final = "LegalMonetaryTotal"
# UNTDID 1001: codes by which an `Invoice` is in truth a credit note, and one that asks for no money yet.
_CREDITS: Final = ("81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532")
_PROFORMA: Final = "325"
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?")

Finding = dict[str, object]


def find_documents(root: Element) -> list[Element]:
    """The invoices and credit notes of a tree: its root, else whatever an envelope around them holds."""
    if root.tag in ROOTS:
        return [root] if root.find(_TOTALS) is not None else []
    return [one for tag in ROOTS for one in root.iter(tag) if one.find(_TOTALS) is not None]


def read_ubl(root: Element, name: str, own_ids: Sequence[str] = ()) -> Documents:
    """ITEMS of every document in the tree, the side decided by `own_ids` (supplier is us: money comes in).

    `total_minor` is the tax-inclusive amount (BT-112), `open_minor` the payable amount (BT-115), so what was
    prepaid (BT-113) is off. Raises DataRefused for a tree without UBL documents, and for one whose number,
    currency, amounts or dates cannot be read.
    """
    found = find_documents(root)
    if not found:
        raise DataRefused(
            f"“{name}” is XML with the root “{root.tag[:60]}” and holds no UBL 2.1 invoice or credit note "
            "(Peppol, EN 16931, OIOUBL 2). Nothing was imported; statements belong in their own format.",
            file=name,
        )
    ours = OwnCompany(own_ids)
    rows: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for one in found:
        reader = _Reader(one, name, ours)
        if row := reader.item():
            rows.append(row)
        findings += reader.findings
    items = conform(pl.DataFrame(rows, schema=ITEMS.schema), ITEMS)
    return Documents(items, findings_frame(findings), "ubl")


class _Reader:
    """One invoice or credit note. `findings` grow while it is read."""

    def __init__(self, document: Element, file: str, ours: OwnCompany) -> None:
        self._document, self._file, self._ours = document, file, ours
        self._number = text(document, "ID") or ""
        self._means = [read_means(one) for one in document.iterfind("PaymentMeans")]
        self.findings: list[Finding] = []

    def item(self) -> dict[str, Any] | None:
        """A row of ITEMS; None for a document that asks for no money."""
        if not self._number:
            raise self._no("it has no number (ID)")
        if text(self._document, "InvoiceTypeCode") == _PROFORMA:
            self._tell("note", "proforma", "A proforma invoice asks for no money yet; it was left out.")
            return None
        kind, other = self._side()
        currency = self._currency()
        reference, account = self._payment()
        if kind in ("invoice", "credit_note"):
            account = None  # the payee is us, and how the customer pays is not told
        return {
            "item_id": item_id(kind, self._number, other.key),
            "kind": kind,
            "document_no": self._number,
            "payment_reference": reference,
            "counterparty_id": other.number,
            "counterparty_name": other.name,
            "counterparty_account": account,
            "currency": currency,
            **self._money(kind, currency),
            "issue_date": self._day("IssueDate", text(self._document, "IssueDate")),
            "due_date": self._due(),
            "text": self._words(),
            "source": "ubl",
        }

    # ── which way ────────────────────────────────────────────────────────────────────────────────────

    def _side(self) -> tuple[str, Party]:
        """The kind and the other party."""
        supplier = read_party(self._document.find("AccountingSupplierParty/Party"))
        customer = read_party(self._document.find("AccountingCustomerParty/Party"))
        accounts = [means.account for means in self._means]
        we_sell, we_buy = (self._ours.is_one_of(*party.told) for party in (supplier, customer))
        if not we_buy and not we_sell and self._ours.is_one_of(*accounts):
            we_sell = True
        if not we_sell and not we_buy:
            why = "neither party is known as ours" if self._ours.known else "our own numbers are not set"
            words = (
                f"Taken as received from {supplier.name or 'the supplier'}, since {why} (Settings, Company)."
            )
            self._tell("warning", "side_not_known", words)
        if we_sell and we_buy:
            self._tell("warning", "own_company", "Both parties are ourselves; taken as sent.")
        credit = self._is_credit()
        if we_sell:
            return ("credit_note" if credit else "invoice"), customer
        return ("bill_credit" if credit else "bill"), supplier

    def _is_credit(self) -> bool:
        if self._document.tag == "CreditNote":
            return True
        if text(self._document, "InvoiceTypeCode") not in _CREDITS:
            return False
        words = "It is built as an invoice, but its type code says credit note; taken as one."
        self._tell("warning", "says_credit_note", words)
        return True

    # ── how much ─────────────────────────────────────────────────────────────────────────────────────

    def _currency(self) -> str:
        """BT-5, else the currency of the payable amount."""
        payable = self._document.find(f"{_TOTALS}/PayableAmount")
        told = text(self._document, "DocumentCurrencyCode")
        currency = (told or (payable.get("currencyID") if payable is not None else "") or "").strip().upper()
        try:
            minor_digits(currency)
        except DataRefused:
            raise self._no(
                f"its currency “{currency}” is none of ISO 4217" if currency else "it names no currency"
            ) from None
        return currency

    def _money(self, kind: str, currency: str) -> dict[str, int]:
        payable = self._amount("PayableAmount", currency)
        if payable is None:
            raise self._no("it does not say what is payable (PayableAmount)")
        prepaid = self._amount("PrepaidAmount", currency) or 0
        rounding = self._amount("PayableRoundingAmount", currency) or 0
        total = self._amount("TaxInclusiveAmount", currency)
        if total is None:
            total = payable + prepaid - rounding
        if off := total - prepaid + rounding - payable:
            words = (
                f"Its sums do not add up by {plain(off, currency)} {currency}: total less prepaid plus rounding "
                "is not what it asks for. What it asks for was taken."
            )
            self._tell("warning", "totals_differ", words, off)
        if payable * total < 0:
            words = "More was prepaid than it comes to; what is left goes the other way."
            self._tell("warning", "prepaid_too_much", words, payable)
        sign = SIGNS[kind]
        return {"total_minor": sign * total, "open_minor": sign * payable}

    def _amount(self, tag: str, currency: str) -> int | None:
        found = self._document.findall(f"{_TOTALS}/{tag}")
        if len(found) > 1:
            raise self._no(f"it says {tag} more than once")
        if not found or (told := text(found[0])) is None:
            return None
        of = (found[0].get("currencyID") or currency).strip().upper()
        if of != currency:
            raise self._no(f"{tag} is in {of}, but the document in {currency}")
        try:
            return parse_amount(told, currency)
        except DataRefused as error:
            raise self._no(f"{tag}: {error.words.split('. ')[0].rstrip('.')}") from None

    # ── when and how to pay ──────────────────────────────────────────────────────────────────────────

    def _due(self) -> date | None:
        """The earliest date payment is due (BT-9); further ones are told."""
        terms = ("PaymentDueDate", "InstallmentDueDate")
        told = [text(self._document, "DueDate"), *(means.due for means in self._means)]
        told += [text(one, tag) for one in self._document.iterfind("PaymentTerms") for tag in terms]
        days = sorted({day for one in told if (day := self._day("due date", one))})
        if len(days) > 1:
            rest = ", ".join(str(day) for day in days[1:])
            self._tell("note", "several_due_dates", f"It is due on {days[0]}, and also on {rest}.")
        return days[0] if days else None

    def _payment(self) -> tuple[str | None, str | None]:
        """The payment reference and the payee's account; further ones are told."""
        references = _distinct(means.reference for means in self._means)
        accounts = _distinct(means.account for means in self._means)
        if len(references) > 1:
            rest = ", ".join(references[1:])
            self._tell("note", "several_references", f"{references[0]} was taken; it also names {rest}.")
        if len(accounts) > 1:
            rest = ", ".join(accounts[1:])
            self._tell("note", "several_accounts", f"{accounts[0]} was taken; it also names {rest}.")
        for wrong in filter(wrong_check_digit, references):
            self._tell(
                "warning", "check_digit", f"The payment id {wrong} fails its check digit; kept as written."
            )
        if ways := _distinct(NOBODY_TRANSFERS.get(means.code or "") for means in self._means):
            self._tell("note", "paid_otherwise", f"It is paid {' or '.join(ways)}, not by a transfer.")
        return next(iter(references), None), next(iter(accounts), None)

    def _words(self) -> str | None:
        """What it refers to, in words that a bank text may repeat."""
        credits_these = _distinct(
            text(one, "ID")
            for reference in self._document.iterfind("BillingReference")
            for one in reference
            if one.tag.endswith("DocumentReference")
        ) or _distinct([text(self._document, "DiscrepancyResponse/ReferenceID")])
        verb = "Credits" if self._document.tag == "CreditNote" else "Refers to"
        if credits_these:
            words = f"{verb} {', '.join(credits_these)}."
            self._tell("note", "refers_to", words)
        order = first(self._document, "OrderReference/ID")
        payee = self._document.find("PayeeParty")
        parts = [
            f"{verb} {', '.join(credits_these)}" if credits_these else None,
            *_distinct(means.note for means in self._means),
            f"Order {order}" if order else None,
            f"Payee {name}" if (name := read_party(payee).name) else None,
        ]
        return "; ".join(part for part in parts if part) or None

    # ── words ────────────────────────────────────────────────────────────────────────────────────────

    def _day(self, what: str, told: str | None) -> date | None:
        if told is None:
            return None
        found = _DATE.fullmatch(told)
        try:
            return date.fromisoformat(found[1] if found else told)
        except ValueError:
            raise self._no(f"its {what} “{told[:40]}” is no date") from None

    def _tell(self, severity: str, what: str, words: str, amount: int | None = None) -> None:
        self.findings.append(finding(severity, what, self._where(), words, amount))

    def _where(self) -> str:
        return f"{'credit note' if self._document.tag == 'CreditNote' else 'invoice'} {self._number}".strip()

    def _no(self, why: str) -> DataRefused:
        return DataRefused(
            f"“{self._file}” was not imported: {self._where()}: {why}. Nothing was changed; ask the sender for a "
            "correct one.",
            file=self._file,
        )


def _distinct(told: Iterator[str | None] | list[str | None]) -> list[str]:
    """Each text once, in file order."""
    return list(dict.fromkeys(one for one in told if one))
