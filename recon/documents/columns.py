"""The columns of the document template, how each is explained, and what else a foreign table must be told."""

from __future__ import annotations

from typing import Final

COLUMNS: Final[dict[str, str]] = {
    "kind": "Needed. invoice, credit_note, bill, bill_credit, receipt or payout.",
    "number": "Needed. The document's number, as text; leading zeros count.",
    "party_name": "Name of the customer or supplier.",
    "party_id": "Customer or supplier number in your bookkeeping.",
    "party_cvr": "Company registration number of the other party (CVR).",
    "party_iban": "Account of the other party, IBAN or registration and account number.",
    "issue_date": "Date of the document, 2026-01-31 or 31-01-2026; one way for the whole column.",
    "due_date": "Date it is payable, written as issue_date.",
    "currency": "Three letters, such as DKK. May be left out when given with the import.",
    "total": "Needed. Total with VAT. Positive; the kind says which way the money goes.",
    "open_amount": "What is still unpaid. Empty means all of it; 0 means settled.",
    "payment_reference": "Reference the payer is to give, such as +71<000000012345674+12345678<.",
    "payment_reference_type": "71, 75, 04, 15, 73 or 01 for a Danish payment slip; else empty.",
    "text": "Any words that help to recognise the payment.",
    "external_id": "The document's id in your bookkeeping; importing again then updates it.",
    "erp_account": "Ledger account to book the payment against, if not the usual one: "
    "an expense account for a receipt.",
    "status": "draft is left out; paid, settled, cancelled or void count as 0 open where open_amount is empty.",
}
NEEDED: Final = ("kind", "number", "total")

SIGNS: Final = {"invoice": 1, "credit_note": -1, "bill": -1, "receipt": -1, "bill_credit": 1, "payout": 1}
"""Which way the cash of a positive total goes: + is awaited from the other party."""

ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "side": ("sales", "purchases"),
    "decimal_mark": ("comma", "point"),
    "date_order": ("day", "month"),
    "sign": ("as_written", "turned"),
}
"""What a mapping may say of the whole table, beside naming its columns.

side: whether its rows were sent or received; then a table without a kind column is read by the sign of its
totals, negative ones as credits. decimal_mark: `1.234,50` or `1,234.50`. date_order: what `03/04/2026` begins
with. sign: turned where the table writes bills with a minus.
"""

KIND_WORDS: Final = {
    "faktura": "invoice",
    "creditnote": "credit_note",
    "kreditnota": "credit_note",
    "kreditnote": "credit_note",
    "salgsfaktura": "invoice",
    "salgskreditnota": "credit_note",
    "customer_invoice": "invoice",
    "købsfaktura": "bill",
    "leverandørfaktura": "bill",
    "regning": "bill",
    "supplier_invoice": "bill",
    "vendor_bill": "bill",
    "vendor_invoice": "bill",
    "purchase_invoice": "bill",
    "købskreditnota": "bill_credit",
    "leverandørkreditnota": "bill_credit",
    "supplier_credit": "bill_credit",
    "kvittering": "receipt",
    "udlæg": "receipt",
    "expense": "receipt",
    "udbetaling": "payout",
}
"""Words of other programs for our kinds."""

RECEIVED: Final = {"invoice": "bill", "credit_note": "bill_credit"}
"""What a plain invoice is in a list of purchases."""

EITHER_SIDE: Final = ("faktura", "creditnote", "kreditnota", "kreditnote")
"""Words that do not say who sent the document."""
