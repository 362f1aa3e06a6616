"""SAF-T Financial for Denmark, in part: the accounts and transactions of this batch and nothing else of the books.

In: an Export. Out: XML in the namespace of the Danish SAF-T, marked as partial in its header. It is not the
statutory file: opening balances, customers' master data and VAT tables belong to the ERP.
Source: Erhvervsstyrelsen, SAF-T Financial (git.erst.dk/standard-filformater), structure of version 2.1. Written
from its description and never checked against the schema.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date
from typing import Any

from recon.money import plain
from recon.post.formats.export import Export, Format
from recon.post.formats.ledger_names import one_line
from recon.post.formats.vouchers import Voucher, only_currency, vouchers

NAMESPACE = "urn:StandardAuditFile-Taxation-Financial:DK"
PARTIAL = "Partial: bank reconciliation journal, not a full statutory file"
_TYPES = {
    "income": "Sale",
    "expense": "Expense",
    "asset": "Asset",
    "debtor": "Asset",
    "bank": "Asset",
    "liability": "Liability",
    "creditor": "Liability",
}


def _write(export: Export) -> bytes:
    currency = only_currency(export, "SAF-T")
    some = list(vouchers(export))
    root = ET.Element("AuditFile", xmlns=NAMESPACE)
    _header(root, export, some, currency)
    _accounts(ET.SubElement(root, "MasterFiles"), some)
    _entries(ET.SubElement(root, "GeneralLedgerEntries"), some)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _header(root: ET.Element, export: Export, some: list[Voucher], currency: str | None) -> None:
    days = [voucher.date for voucher in some] or [date(2000, 1, 1)]
    head = ET.SubElement(root, "Header")
    _add(head, "AuditFileVersion", "2.1")
    _add(head, "AuditFileCountry", "DK")
    _add(head, "AuditFileDateCreated", max(days).isoformat())
    _add(head, "SoftwareID", "recon")
    _add(ET.SubElement(head, "Company"), "Name", export.company)
    _add(head, "DefaultCurrencyCode", currency or "DKK")
    chosen = ET.SubElement(head, "SelectionCriteria")
    _add(chosen, "SelectionStartDate", min(days).isoformat())
    _add(chosen, "SelectionEndDate", max(days).isoformat())
    _add(head, "HeaderComment", PARTIAL)


def _accounts(master: ET.Element, some: list[Voucher]) -> None:
    named = {entry["erp_account"]: entry for voucher in some for entry in voucher.entries}
    accounts = ET.SubElement(master, "GeneralLedgerAccounts")
    for number, entry in sorted(named.items()):
        account = ET.SubElement(accounts, "Account")
        _add(account, "AccountID", number)
        _add(account, "AccountDescription", entry["account_name"] or number)
        _add(account, "AccountType", _TYPES.get(entry["account_kind"], "Other"))


def _entries(ledger: ET.Element, some: list[Voucher]) -> None:
    every = [entry for voucher in some for entry in voucher.entries]
    _add(ledger, "NumberOfEntries", str(len(some)))
    for side, tag in (("debit", "TotalDebit"), ("credit", "TotalCredit")):
        own = [entry for entry in every if entry["side"] == side]
        total = sum(entry["amount_minor"] for entry in own)
        _add(ledger, tag, plain(total, own[0]["currency"]) if own else "0.00")
    journal = ET.SubElement(ledger, "Journal")
    _add(journal, "JournalID", "bank")
    _add(journal, "Description", PARTIAL)
    for voucher in some:
        _transaction(journal, voucher)


def _transaction(journal: ET.Element, voucher: Voucher) -> None:
    told = ET.SubElement(journal, "Transaction")
    _add(told, "TransactionID", str(voucher.number))
    _add(told, "Period", str(voucher.date.month))
    _add(told, "PeriodYear", str(voucher.date.year))
    _add(told, "TransactionDate", voucher.date.isoformat())
    _add(told, "Description", voucher.text)
    for number, entry in enumerate(voucher.entries, 1):
        _line(told, number, entry)


def _line(transaction: ET.Element, number: int, entry: dict[str, Any]) -> None:
    line = ET.SubElement(transaction, "Line")
    _add(line, "RecordID", str(number))
    _add(line, "AccountID", entry["erp_account"])
    if entry["document_no"]:
        _add(line, "SourceDocumentID", entry["document_no"])
    _add(line, "Description", entry["text"])
    side = "DebitAmount" if entry["side"] == "debit" else "CreditAmount"
    _add(ET.SubElement(line, side), "Amount", plain(entry["amount_minor"], entry["currency"]))


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = one_line(text)


SAFT = Format(
    name="SAF-T Financial DK (partial)",
    extension="xml",
    media_type="application/xml",
    how_to="For programs that take SAF-T. It holds this batch alone and is marked as partial; it is no statutory file.",
    writer=_write,
)
