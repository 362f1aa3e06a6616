"""Transactions as the bank tells them become frames of bank lines, with exact amounts and the bank's own ids.

In: our account id and `wire.Transaction`s, as one fetch gave them. Out: booked rows with the columns of
LINES but `line_id` (identity gives that), and expected rows. Never: a pending or deleted row among the
booked, an amount rounded, a text shortened. Field meanings: `wire.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import polars as pl

from recon.bank import wire
from recon.errors import AmountInexact, AnswerMalformed, CurrencyUnknown
from recon.money import to_minor
from recon.schema import LINES

SOURCE = "viia"

COLUMNS: dict[str, Any] = {
    **{name: dtype for name, dtype in LINES.types.items() if name != "line_id"},
    "bank_ref": pl.String,
}
"""LINES without `line_id`; `bank_ref` is the bank's id of the row."""

KINDS = {
    "card": "card",
    "directdebit": "direct_debit",
    "banktransfer": "transfer",
    "peertopeer": "transfer",
    "internalcounterentry": "transfer",
    "fee": "fee",
    "interest": "interest",
}
"""`type` without case, blanks and hyphens; only `Card` is documented on the wire, the rest from prose."""


def lines_frame(
    account_id: str, transactions: Iterable[wire.Transaction]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Booked and expected rows of one account, in the order they came; both have the columns of COLUMNS.

    account_id: ours. amount_minor: minor units, + is money into the account. Rows the bank marks as
    deleted are left out, so that their absence from a complete fetch withdraws them. Expected are Reserved,
    Scheduled and states we do not know. Raises AnswerMalformed for a row without amount, currency or, if
    booked, date; AmountInexact and CurrencyUnknown for an amount that cannot be held exactly.
    """
    booked: list[dict[str, Any]] = []
    expected: list[dict[str, Any]] = []
    for transaction in transactions:
        if not transaction.deleted:
            rows = booked if transaction.booked else expected
            rows.append(_row(account_id, transaction))
    if any(row["booking_date"] is None for row in booked):
        raise _malformed("a booked transaction has no date")
    return pl.DataFrame(booked, schema=COLUMNS), pl.DataFrame(expected, schema=COLUMNS)


def _row(account_id: str, transaction: wire.Transaction) -> dict[str, Any]:
    currency = (transaction.currency_code or "").strip().upper()
    if transaction.value is None or not currency:
        raise _malformed("a transaction has no amount or no currency")
    amount = to_minor(transaction.value, currency)
    detail = transaction.detail or wire.Detail()
    party = (detail.destination if amount < 0 else detail.source) or wire.Party()
    identifiers = detail.identifiers or wire.Identifiers()
    reference, others = _references(identifiers)
    return {
        "account_id": account_id,
        "booking_date": wire.day(transaction.date) or wire.day(detail.value_date),
        "value_date": wire.day(detail.value_date),
        "amount_minor": amount,
        "currency": currency,
        "text": _text(transaction.original_text or transaction.text, detail.message, *others),
        "counterparty_name": _clean(party.name),
        "counterparty_account": _clean(party.account.best if party.account else None),
        "end_to_end_id": _end_to_end(identifiers.end_to_end_id),
        "creditor_reference": reference,
        **_original(detail.currency_conversion, amount),
        "balance_minor": _balance(transaction.balance, currency),
        "kind": KINDS.get("".join(filter(str.isalpha, transaction.type or "")).lower(), "unknown"),
        "source": SOURCE,
        "bank_ref": transaction.id.strip() or None,
    }


def _references(identifiers: wire.Identifiers) -> tuple[str | None, list[str]]:
    """The most trusted structured reference, and the others: checked national ones before free ones."""
    told = (
        identifiers.creditor_reference,
        identifiers.norwegian_kid,
        identifiers.finnish_reference,
        identifiers.reference,
        identifiers.document,
    )
    known = [text for one in told if (text := _clean(one))]
    return (known[0], known[1:]) if known else (None, [])


def _text(original: str | None, *more: str | None) -> str:
    """The bank's text as it stands, followed by what message and further references add to it."""
    text = original or ""
    for addition in more:
        if addition and addition.strip() and _folded(addition) not in _folded(text):
            text = f"{text} {addition}" if text else addition
    return text


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _original(conversion: wire.Conversion | None, amount: int) -> dict[str, Any]:
    """The amount before conversion, in the sign of the booked one.

    It only informs, and banks compute it: a figure finer than its currency is left out, not rounded.
    """
    nothing = {"original_minor": None, "original_currency": None, "exchange_rate": None}
    if conversion is None or conversion.original_amount is None or not conversion.original_amount.currency:
        return nothing
    currency = conversion.original_amount.currency.strip().upper()
    try:
        minor = abs(to_minor(conversion.original_amount.value, currency))
    except (AmountInexact, CurrencyUnknown):
        return nothing
    return {
        "original_minor": -minor if amount < 0 else minor,
        "original_currency": currency,
        "exchange_rate": _rate(conversion.exchange_rate),
    }


def _rate(rate: Decimal | None) -> float | None:
    """A ratio, not money: the one float of a line."""
    return float(rate) if rate is not None and rate.is_finite() and rate > 0 else None


def _balance(balance: wire.Money | None, currency: str) -> int | None:
    """The running balance; one in another currency than the line's says nothing about it."""
    if balance is None or (balance.currency or currency).strip().upper() != currency:
        return None
    return to_minor(balance.value, currency)


def _end_to_end(text: str | None) -> str | None:
    """Payers without an id of their own send NOTPROVIDED (ISO 20022 rulebooks)."""
    told = _clean(text)
    return None if told is None or told.replace(" ", "").upper() == "NOTPROVIDED" else told


def _clean(text: str | None) -> str | None:
    return (text or "").strip() or None


def _malformed(why: str) -> AnswerMalformed:
    return AnswerMalformed(
        f"The bank's answer cannot be booked: {why}. Nothing of this fetch was kept; try again later."
    )
