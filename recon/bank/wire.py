"""The bank's words: what the Viia API (later Aiia Data, api.aiia.eu `/v1`) sends, field by field.

In: JSON bytes. Out: structs with exact Decimals. Unknown fields are ignored, since the API grew
over the years; a missing field that we cannot do without is refused by whoever decodes.
Sources: the official ASP.NET sample (github.com/spiir/aiia-sample), Mastercard's documentation of Aiia
Data (developer.mastercard.com/open-finance-europe, "unlicensed"), and answers seen in public clients.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec


class Wire(msgspec.Struct, rename="camel", kw_only=True):
    """camelCase names (documented); extra fields pass."""


class Money(Wire):
    """`{value, currency}`. A JSON number, debit negative (documented); the currency was missing in places."""

    value: Decimal
    currency: str | None = None


class Bank(Wire):
    """`accountProvider` of an account: `id` such as `DK_TestBank`, a name that may be null."""

    id: str
    name: str | None = None


class Number(Wire):
    """An account number; any field may be null. `bbanType` is a country code in what was seen."""

    bban: str | None = None
    bban_type: str | None = None
    iban: str | None = None

    @property
    def best(self) -> str | None:
        """IBAN, else BBAN (documented order)."""
        return self.iban or self.bban


class Account(Wire):
    """One element of `GET /v1/accounts`. It carries no consent id and no expiry.

    id: opaque, holds the user, so it changes when another person connects the same account.
    account_provider: called `provider` before November 2019.
    booked, available: null is seen for both. currency: flat duplicate, still sent.
    is_orphaned: the bank no longer shows the account. last_synchronized: a time of 1970 means never.
    """

    id: str
    account_provider: Bank | None = None
    provider: Bank | None = None
    name: str | None = None
    owner: str | None = None
    number: Number | None = None
    currency: str | None = None
    booked: Money | None = None
    available: Money | None = None
    type: str | None = None
    is_orphaned: bool | None = None
    last_synchronized: str | None = None
    sync_status: str | None = None
    features: dict[str, Any] | None = None

    @property
    def bank(self) -> Bank | None:
        return self.account_provider or self.provider

    @property
    def currency_code(self) -> str | None:
        """Of the booked balance, else the flat one."""
        return (self.booked.currency if self.booked else None) or self.currency

    @property
    def synced_at(self) -> datetime | None:
        """When the service last fetched from the bank, UTC; None: never."""
        return instant(self.last_synchronized)

    @property
    def readable(self) -> bool:
        """Whether transactions can be fetched (`features.queryable`; unstated means yes)."""
        return (self.features or {}).get("queryable") is not False


class Accounts(Wire):
    """`GET /v1/accounts`, not paged."""

    accounts: list[Account]


class Party(Wire):
    """`detail.source` or `detail.destination`."""

    name: str | None = None
    account: Number | None = None


class Identifiers(Wire):
    """`detail.identifiers`: structured references, each null where the bank gives none."""

    creditor_reference: str | None = None
    norwegian_kid: str | None = None
    finnish_reference: str | None = None
    reference: str | None = None
    document: str | None = None
    end_to_end_id: str | None = None


class Conversion(Wire):
    """`detail.currencyConversion`: the amount in the other currency and the rate."""

    exchange_rate: Decimal | None = None
    original_amount: Money | None = None


class Detail(Wire):
    """`detail`: null unless the vendor enabled it for the app; content varies by bank."""

    message: str | None = None
    value_date: str | None = None
    source: Party | None = None
    destination: Party | None = None
    identifiers: Identifiers | None = None
    currency_conversion: Conversion | None = None


class Transaction(Wire):
    """One element of a transactions page.

    id: unique within one account; a reserved row gets a new one when it is booked.
    state: Booked, Reserved, Scheduled, Queued seen in the family; other values are kept as they come.
    transaction_amount: authoritative; amount and currency are its flat duplicates, still sent.
    original_text: exactly as the bank sent it; text: cleaned by the service.
    balance: after the row, null is normal. is_deleted: a boolean, typed as text by older clients.
    """

    id: str
    state: str
    date: str | None = None
    transaction_amount: Money | None = None
    amount: Decimal | None = None
    currency: str | None = None
    balance: Money | None = None
    text: str | None = None
    original_text: str | None = None
    type: str | None = None
    detail: Detail | None = None
    is_deleted: bool | str | None = None

    @property
    def deleted(self) -> bool:
        return str(self.is_deleted).lower() == "true"

    @property
    def booked(self) -> bool:
        return self.state.lower() == "booked"

    @property
    def value(self) -> Decimal | None:
        return self.transaction_amount.value if self.transaction_amount else self.amount

    @property
    def currency_code(self) -> str | None:
        """Of the amount, else the flat one, else the balance's (the official sample's order)."""
        named = (self.transaction_amount, self.balance)
        amount, balance = (money.currency if money else None for money in named)
        return amount or self.currency or balance


class Transactions(Wire):
    """One page. paging_token null, absent or empty means the last one (official sample)."""

    transactions: list[Transaction]
    paging_token: str | None = None


class Token(msgspec.Struct):
    """Answer of `POST /v1/oauth/token`, snake_case (documented). expires_in counts seconds."""

    access_token: str
    expires_in: int
    refresh_token: str | None = None

    def __repr__(self) -> str:
        return "Token(***)"


class Update(Wire):
    """Answer of `POST /v1/update`. status: AllQueued or SupervisedLoginRequired; others may come."""

    status: str | None = None
    auth_url: str | None = None


class Provider(Wire):
    """One bank of `GET /v1/providers`, a bare array. The name may be null: then the id is shown."""

    id: str
    name: str | None = None
    country_code: str | None = None
    audiences: list[str] | None = None

    @property
    def label(self) -> str:
        return self.name or self.id


def instant(text: str | None) -> datetime | None:
    """An ISO instant, UTC; up to nine decimals of a second are cut to six. Years before 1971 mean none."""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if read.year <= 1970 else read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)


def day(text: str | None) -> date | None:
    """A calendar day `YYYY-MM-DD`; a time behind it is cut off, never converted. None if unread."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
