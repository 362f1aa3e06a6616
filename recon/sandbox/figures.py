"""What invented books are made of: parties, own accounts, documents, bank lines and who paid what.

In: nothing. Out: frozen values. Amounts are whole minor units; a line's sign is the account's (`+` is money
in), a document's total is positive and its kind gives the direction, as the import template has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Party:
    """A customer, a supplier, or our own company."""

    id: str
    name: str
    country: str
    cvr: str
    iban: str


@dataclass(frozen=True)
class Company(Party):
    """Ourselves; `creditor_no` is the eight-digit FI creditor number on our payment cards."""

    creditor_no: str


@dataclass(frozen=True)
class OwnAccount:
    """One of our bank accounts. `opening_minor` is what stood there before the first line."""

    key: str
    provider: str
    name: str
    currency: str
    bank_code: str
    number: str
    iban: str
    type: str
    opening_minor: int

    @property
    def bban(self) -> str:
        return f"{self.bank_code}-{self.number}" if self.bank_code else self.number


@dataclass(frozen=True)
class Document:
    """An invoice, credit note, bill, bill credit, receipt or payout, as the ERP would list it."""

    kind: str
    number: str
    party: Party
    issue_date: date
    due_date: date
    currency: str
    total_minor: int
    payment_reference: str = ""
    payment_reference_type: str = ""
    text: str = ""
    erp_account: str = ""


@dataclass(frozen=True)
class Original:
    """The amount before a currency conversion; `rate` is line currency per unit, as plain text."""

    amount_minor: int
    currency: str
    rate: str


@dataclass(frozen=True)
class Part:
    """One payment inside a batched bank line."""

    amount_minor: int
    name: str
    creditor_reference: str


@dataclass(frozen=True)
class BankLine:
    """One booked line in the bank's own books. `reserved_from`: it was seen as Reserved since that day.

    `text` is as the bank sends it. Name, account, references and message are what the bank knows; whether
    they reach the reader depends on the bank's habits.
    """

    id: str
    account: str
    booking_date: date
    value_date: date
    amount_minor: int
    currency: str
    balance_minor: int
    text: str
    type: str
    name: str | None = None
    iban: str | None = None
    creditor_reference: str | None = None
    reference: str | None = None
    end_to_end_id: str | None = None
    message: str | None = None
    original: Original | None = None
    reserved_from: date | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Settled:
    """A share of the truth: `amount_minor` of a line (its sign) went to this document.

    `document_no` None: to no document (a fee kept, a rest, a line that belongs to nothing);
    `line:<id>`: the other side of a transfer between own accounts.
    """

    bank_transaction_id: str
    document_no: str | None
    amount_minor: int
    currency: str
    kind: str
