"""Pages of transactions, newest first, with an opaque token that holds for one filter only.

In: what is held of an account and what was asked. Out: a page and the next token, None on the last page.
Never: a guess at a token that was not given out here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from recon.money import to_decimal
from recon.sandbox.refusal import invalid
from recon.sandbox.service import Stored

MOST = 1000


@dataclass(frozen=True)
class Asked:
    """What a reader asks of an account. Intervals are half-open in instants: the end is not included."""

    page_size: int
    include_deleted: bool = False
    since: datetime | None = None
    until: datetime | None = None
    amount: tuple[Decimal | None, Decimal | None] = (None, None)
    balance: tuple[Decimal | None, Decimal | None] = (None, None)

    def wants(self, stored: Stored) -> bool:
        row = stored.row
        midnight = datetime.combine(row.date, time(), UTC)
        return (
            (self.include_deleted or not stored.deleted)
            and (self.since is None or self.since <= midnight)
            and (self.until is None or midnight < self.until)
            and _between(row.line.amount_minor, row.line.currency, self.amount)
            and _between(row.balance_minor, row.line.currency, self.balance)
        )

    @property
    def print(self) -> str:
        """A fingerprint of the filter, so that a token cannot be carried to another."""
        parts = (self.include_deleted, self.since, self.until, self.amount, self.balance)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def read_query(body: dict[str, Any], default_size: int, *, include_deleted: bool) -> Asked:
    """What a query body asks; property names in lower case. Raises Refusal."""
    since, until = _interval(body.get("interval"))
    return Asked(
        page_size=read_size(body.get("pagesize"), default_size),
        include_deleted=include_deleted,
        since=since,
        until=until,
        amount=_bounds(body.get("amountvaluebetween"), "amountValueBetween"),
        balance=_bounds(body.get("balancevaluebetween"), "balanceValueBetween"),
    )


def read_size(value: Any, default: int) -> int:
    if value in (None, ""):
        return default
    try:
        size = int(value)
    except (TypeError, ValueError):
        raise invalid("pageSize is not a number.", pageSize="invalid") from None
    if size < 1:
        raise invalid("pageSize must be at least 1.", pageSize="invalid")
    return min(size, MOST)


def page(rows: list[Stored], asked: Asked, token: str | None, key: bytes) -> tuple[list[Stored], str | None]:
    """The page after the token, and the token of the next. Raises Refusal for a token that is not ours."""
    wanted = sorted((each for each in rows if asked.wants(each)), key=_place, reverse=True)
    if token:
        after = _read_token(token, asked, key)
        wanted = [each for each in wanted if _place(each) < after]
    shown = wanted[: asked.page_size]
    more = len(wanted) > len(shown)
    return shown, _make_token(_place(shown[-1]), asked, key) if more else None


def _place(stored: Stored) -> tuple[date, int, str]:
    return stored.row.date, stored.row.order, stored.row.id


def _make_token(place: tuple[date, int, str], asked: Asked, key: bytes) -> str:
    payload = msgspec.json.encode([place[0].isoformat(), place[1], place[2]])
    return base64.b64encode(_seal(payload, asked, key) + payload).decode()


def _read_token(token: str, asked: Asked, key: bytes) -> tuple[date, int, str]:
    try:
        raw = base64.b64decode(token, validate=True)
    except ValueError:
        raw = b""
    if len(raw) < 9 or not hmac.compare_digest(raw[:8], _seal(raw[8:], asked, key)):
        raise invalid("The paging token is not valid for this query.", pagingToken="invalid")
    day, order, row_id = msgspec.json.decode(raw[8:])
    return date.fromisoformat(day), order, row_id


def _seal(payload: bytes, asked: Asked, key: bytes) -> bytes:
    return hmac.new(key, payload + asked.print.encode(), hashlib.sha256).digest()[:8]


def _interval(text: Any) -> tuple[datetime | None, datetime | None]:
    if text in (None, ""):
        return None, None
    try:
        since, until = (datetime.fromisoformat(part) for part in str(text).split("/"))
    except ValueError:
        raise invalid("interval is one text, start/end, ISO 8601.", interval="invalid") from None
    return since.replace(tzinfo=since.tzinfo or UTC), until.replace(tzinfo=until.tzinfo or UTC)


def _bounds(value: Any, name: str) -> tuple[Decimal | None, Decimal | None]:
    if value is None:
        return None, None
    try:
        low, high = (
            None if value.get(side) is None else Decimal(str(value[side])) for side in ("min", "max")
        )
    except (AttributeError, ArithmeticError):
        raise invalid(f"{name} is an object with min and max.", **{name: "invalid"}) from None
    return low, high


def _between(minor: int | None, currency: str, bounds: tuple[Decimal | None, Decimal | None]) -> bool:
    low, high = bounds
    if low is None and high is None:
        return True
    if minor is None:
        return False
    value = to_decimal(minor, currency)
    return (low is None or low <= value) and (high is None or value <= high)
