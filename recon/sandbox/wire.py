"""The API's own shapes: accounts, transactions and banks as the wire reference (sections 5, 6, 9) has them.

In: what the sandbox holds. Out: JSON values; money leaves as Decimal and is written as an exact number.
Never: a float.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from recon.money import to_decimal
from recon.sandbox.bankside import Row
from recon.sandbox.checkdigits import iban as make_iban
from recon.sandbox.clock import stamp
from recon.sandbox.consents import Connection, Consent
from recon.sandbox.figures import BankLine, OwnAccount
from recon.sandbox.habits import HOUSES, House
from recon.sandbox.service import Held, Stored

NEVER = "1970-01-01T00:00:00Z"
UNKNOWN = "0001-01-01T00:00:00"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def to_json(value: Any) -> bytes:
    """JSON bytes; a Decimal becomes a number with the digits it has."""
    return _ENCODER.encode(value)


def account_json(
    account: OwnAccount, owner: str, consent: Consent, connection: Connection, held: Held, *, hide_iban: bool
) -> dict[str, Any]:
    """One account, with the flat duplicates of old."""
    booked, available = (_amount(minor, account.currency) for minor in (held.booked, held.available))
    return {
        "accountProvider": {"id": account.provider, "name": HOUSES[account.provider].name},
        "available": available,
        "availableBalance": available["value"] if available else None,
        "booked": booked,
        "bookedBalance": booked["value"] if booked else None,
        "currency": account.currency,
        "destinationId": f"d-{account.key}",
        "features": {"paymentFrom": True, "paymentTo": True, "psdPaymentAccount": True, "queryable": True},
        "groupId": consent.group_id,
        "groupName": consent.group_name,
        "id": connection.account_id(account.key),
        "isOrphaned": account.key in connection.orphaned,
        "lastSynchronized": stamp(connection.last_sync) if connection.last_sync else NEVER,
        "name": account.name,
        "number": own_number(account, hide_iban=hide_iban),
        "owner": owner,
        "syncStatus": "InProgress" if connection.sync_due else "Finished",
        "type": account.type,
        "verifiedForPayments": False,
        "sandboxNote": "a field the client has never heard of",
    }


def own_number(account: OwnAccount, *, hide_iban: bool = False) -> dict[str, Any]:
    """The number of one of our accounts."""
    parsed = {"accountNumber": account.number, "bankCode": account.bank_code} if account.bank_code else None
    return {
        "bban": account.bban,
        "bbanParsed": parsed,
        "bbanType": account.iban[:2],
        "card": None,
        "iban": None if hide_iban else account.iban,
    }


def transaction_json(stored: Stored, account: OwnAccount, account_id: str) -> dict[str, Any]:
    """One transaction, with `detail` where the bank sends it."""
    row, line = stored.row, stored.row.line
    amount = _amount(line.amount_minor, line.currency)
    balance = _amount(row.balance_minor, line.currency)
    return {
        "accountId": account_id,
        "amount": amount["value"] if amount else None,
        "balance": balance,
        "categories": [],
        "creationDate": UNKNOWN,
        "currency": line.currency,
        "date": row.date.isoformat(),
        "detail": _detail(line, account) if row.detail else None,
        "estimatedBalance": balance,
        "id": row.id,
        "isDeleted": stored.deleted,
        "nagApiTransactionId": None,
        "originalText": row.text,
        "state": row.state,
        "text": _clean(row),
        "transactionAmount": amount,
        "type": line.type,
    }


def house_json(house: House, *, rich: bool = False) -> dict[str, Any]:
    """One bank of the list; `rich` with the probable fields of version 2."""
    plain: dict[str, Any] = {"id": house.id, "name": house.name, "countryCode": house.country}
    if not rich:
        return plain
    status = {"syncMode": "Full", "tryAgain": None, "updated": None, "message": None}
    look = {"priority": 1, "aliases": [], "color": house.colour, "logos": []}
    return plain | {"audiences": ["Private", "Business"], "status": status, "presentation": look}


def _detail(line: BankLine, account: OwnAccount) -> dict[str, Any]:
    """Names, accounts and references; the counterparty is the source of money in, the goal of money out."""
    ours = {"account": own_number(account), "name": None}
    theirs = {"account": _their_number(line.iban), "name": line.name}
    source, destination = (theirs, ours) if line.amount_minor > 0 else (ours, theirs)
    empty = {"address": None, "merchantCategoryCode": None, "merchantCategoryName": None}
    finnish = account.provider.startswith("FI") and (line.creditor_reference or "").isdigit()
    return {
        "currencyConversion": _conversion(line),
        "destination": empty | destination,
        "executionDate": None,
        "identifiers": {
            "creditorReference": None if finnish else line.creditor_reference,
            "document": None,
            "endToEndId": line.end_to_end_id,
            "finnishArchiveId": None,
            "finnishReference": line.creditor_reference if finnish else None,
            "norwegianKid": None,
            "reference": line.reference,
            "sequenceNumber": None,
            "terminal": None,
        },
        "message": line.message,
        "reward": None,
        "routing": [],
        "source": empty | source,
        "valueDate": line.value_date.isoformat(),
    }


def _their_number(iban: str | None) -> dict[str, Any] | None:
    """A counterparty's number: Danish banks tell registration and account number, no IBAN."""
    if iban is None:
        return None
    if iban.startswith("DK") and iban == make_iban("DK", iban[4:]):
        parsed = {"accountNumber": iban[8:], "bankCode": iban[4:8]}
        bban = f"{iban[4:8]}-{iban[8:]}"
        return {"bban": bban, "bbanParsed": parsed, "bbanType": "DK", "card": None, "iban": iban}
    return {"bban": None, "bbanParsed": None, "bbanType": None, "card": None, "iban": iban}


def _conversion(line: BankLine) -> dict[str, Any] | None:
    if line.original is None:
        return None
    amount = _amount(line.original.amount_minor, line.original.currency)
    return {"exchangeRate": Decimal(line.original.rate), "originalAmount": amount}


def _amount(minor: int | None, currency: str) -> dict[str, Any] | None:
    return None if minor is None else {"currency": currency, "value": to_decimal(minor, currency)}


def _clean(row: Row) -> str:
    """The tidied text: the counterparty where the bank told it, else the bank's words without capitals."""
    if row.detail and row.line.name:
        return row.line.name
    return row.text.capitalize() if row.text.isupper() else row.text
