"""The chart of accounts, and which account plays which part when a match is booked.

In: a language. Out: values. The numbers are our own, modelled on common Danish practice; a workspace keeps
and edits its own copy of them, so nothing here is looked up by number except through `Roles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recon.errors import UsageError

Kind = Literal["income", "expense", "asset", "debtor", "bank", "liability", "creditor"]


@dataclass(frozen=True)
class ErpAccount:
    """One ledger account of the ERP; `debtor` and `creditor` are control accounts with parties under them."""

    number: str
    name: str
    kind: Kind


@dataclass(frozen=True)
class Roles:
    """The account number for each part a booking needs; all can be changed in a workspace's settings.

    payouts: receivable from payment providers. overpaid: money whose purpose is not known yet, such as
    prepayments. transfers: cash in transit between own accounts, zero once both sides are booked.
    """

    debtors: str = "5600"
    creditors: str = "6800"
    bank_fees: str = "7220"
    write_off: str = "7590"
    fx_difference: str = "7410"
    transfers: str = "5890"
    payouts: str = "5610"
    overpaid: str = "6850"
    discount: str = "7510"


_CHART: tuple[tuple[str, Kind, str, str], ...] = (
    ("1010", "income", "Sales, Denmark", "Salg, Danmark"),
    ("1020", "income", "Sales, EU", "Salg, EU"),
    ("1030", "income", "Sales, rest of the world", "Salg, øvrige udland"),
    ("2010", "expense", "Goods and subcontractors", "Varekøb og underleverandører"),
    ("3010", "expense", "Wages", "Lønninger"),
    ("4010", "expense", "Rent", "Husleje"),
    ("4020", "expense", "Electricity and heat", "El og varme"),
    ("4110", "expense", "Software and subscriptions", "Software og abonnementer"),
    ("4120", "expense", "Telephone and internet", "Telefon og internet"),
    ("4130", "expense", "Office supplies", "Kontorartikler"),
    ("4210", "expense", "Travel", "Rejser"),
    ("4220", "expense", "Meals and entertainment", "Fortæring og repræsentation"),
    ("4310", "expense", "Advertising", "Annoncer og reklame"),
    ("4410", "expense", "Insurance", "Forsikringer"),
    ("4510", "expense", "Accountant and lawyer", "Revisor og advokat"),
    ("5600", "debtor", "Debtors", "Debitorer"),
    ("5610", "asset", "Payment providers, payouts on their way", "Betalingsudbydere, udbetalinger på vej"),
    ("5820", "bank", "Bank, operations", "Bank, drift"),
    ("5830", "bank", "Bank, savings", "Bank, opsparing"),
    ("5840", "bank", "Bank, EUR", "Bank, EUR"),
    ("5890", "asset", "Own transfers, cash in transit", "Egne overførsler, penge undervejs"),
    ("6800", "creditor", "Creditors", "Kreditorer"),
    ("6850", "liability", "Prepayments and unplaced payments", "Forudbetalinger og uplacerede betalinger"),
    ("6900", "liability", "VAT payable", "Skyldig moms"),
    ("6910", "liability", "Payroll taxes payable", "Skyldig A-skat og AM-bidrag"),
    ("7220", "expense", "Bank charges", "Bankgebyrer"),
    ("7230", "expense", "Payment provider fees", "Gebyrer til betalingsudbydere"),
    ("7310", "income", "Interest received", "Renteindtægter"),
    ("7320", "expense", "Interest paid", "Renteudgifter"),
    ("7410", "expense", "Exchange differences", "Valutakursreguleringer"),
    ("7510", "expense", "Cash discounts", "Kasserabatter"),
    ("7590", "expense", "Rounding and small write-offs", "Øreafrunding og småafskrivninger"),
)


def default_chart(language: str = "en") -> list[ErpAccount]:
    """The chart a new workspace starts with, by number; names in `en` or `da`, else UsageError."""
    if language not in ("en", "da"):
        raise UsageError(f"There is no chart of accounts in “{language}”; it can be en or da.")
    return [
        ErpAccount(number, english if language == "en" else danish, kind)
        for number, kind, english, danish in _CHART
    ]


def role_account(roles: Roles, difference_kind: str) -> str:
    """The account an accepted difference is booked to, by the proposal's `difference_kind`.

    An unexplained difference is never written off: it waits with the unplaced payments until a person
    explains it. Raises UsageError for `none` and for words that are no difference kind.
    """
    accounts = {
        "fee": roles.bank_fees,
        "tolerance": roles.write_off,
        "discount": roles.discount,
        "fx": roles.fx_difference,
        "overpaid": roles.overpaid,
        "unexplained": roles.overpaid,
    }
    if difference_kind not in accounts:
        raise UsageError(
            f"“{difference_kind}” is not a difference that can be booked; it can be {', '.join(accounts)}."
        )
    return accounts[difference_kind]
