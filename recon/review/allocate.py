"""Turn what a reviewer decided into allocations, and refuse what would break the books.

In: LEGS of a proposal or amounts typed by a person, what lines have left and items have open. Out: rows of
ALLOCATIONS (without a decision's id yet). Never writes, never rounds, never shrinks an amount to make it fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from recon.errors import DecisionRefused, ErpAccountMissing, OverAllocated
from recon.money import show
from recon.schema import ALLOCATIONS

ACCOUNT = "account:"
LINE = "line:"


@dataclass(frozen=True)
class Room:
    """What a line has left to give, or a document has open to get; `minor` in the sign of the thing."""

    minor: int
    currency: str
    name: str

    def less(self, minor: int) -> Room:
        """What is left after giving or getting so much."""
        return replace(self, minor=self.minor - minor)


def is_document(item_id: str) -> bool:
    """Whether a leg settles a document, and not another line or an ERP account."""
    return not item_id.startswith((ACCOUNT, LINE))


def from_proposal(
    legs: pl.DataFrame, lines: Mapping[str, Room], difference_account: str | None
) -> pl.DataFrame:
    """ALLOCATIONS of a proposal: its legs, and what is over or short on each line booked to an account.

    legs: LEGS of one proposal. difference_account: the ERP account for the difference; None leaves money
    that is over open on its line, and refuses a shortfall, since documents cannot be settled with nothing.
    """
    rows = [
        _row(leg["line_id"], leg["item_id"], leg["amount_minor"], leg["item_amount_minor"])
        for leg in legs.to_dicts()
    ]
    given: dict[str, int] = defaultdict(int)
    for row in rows:
        given[row["line_id"]] += row["amount_minor"]
    for line_id, amount in given.items():
        rest = lines[line_id].minor - amount
        if rest and difference_account:
            rows.append(_row(line_id, f"{ACCOUNT}{difference_account}", rest, rest))
        elif rest * _sign(lines[line_id].minor) < 0:
            raise ErpAccountMissing(
                f"{show(abs(rest), lines[line_id].currency)} is missing on {lines[line_id].name} and no ERP account is "
                "named for it. Nothing was booked; choose the account that takes the difference."
            )
    return _frame(rows)


def from_amounts(
    line_id: str, amounts: Mapping[str, int], documents: Mapping[str, Room], currency: str
) -> pl.DataFrame:
    """ALLOCATIONS of one line as a person typed them: `{item_id: minor units in the line's currency}`.

    `account:<number>` books to an ERP account. A document in another currency is refused here: its
    rate belongs to a proposal of the engine.
    """
    for item_id in amounts:
        if is_document(item_id) and documents[item_id].currency != currency:
            raise DecisionRefused(
                f"{documents[item_id].name} is in {documents[item_id].currency}, the line in {currency}. Nothing was "
                "booked; accept a proposal that knows the rate, or book the line to an account."
            )
    return _frame([_row(line_id, item_id, amount, amount) for item_id, amount in amounts.items()])


def refuse_overdrawn(rows: pl.DataFrame, lines: Mapping[str, Room], items: Mapping[str, Room]) -> None:
    """Raise unless every line gives, and every document gets, no more than it has and in its own direction."""
    _refuse(rows.filter(pl.col("amount_minor") == 0), "An amount of zero gives nothing.")
    given = rows.group_by("line_id", maintain_order=True).agg(pl.col("amount_minor").sum())
    for line_id, amount in given.iter_rows():
        _compare(lines[line_id], amount, "has left")
    documents = rows.filter(~pl.col("item_id").str.contains(rf"^({ACCOUNT}|{LINE})"))
    taken = documents.group_by("item_id", maintain_order=True).agg(pl.col("item_amount_minor").sum())
    for item_id, amount in taken.iter_rows():
        _compare(items[item_id], amount, "has open")


def _compare(room: Room, amount: int, verb: str) -> None:
    if amount * _sign(room.minor) < 0 or abs(amount) > abs(room.minor):
        raise OverAllocated(
            f"{room.name} {verb} {show(room.minor, room.currency)}, and {show(amount, room.currency)} was to be given. "
            "Nothing was booked; reload the page and decide on what is left.",
            left_minor=room.minor,
            wanted_minor=amount,
        )


def _refuse(rows: pl.DataFrame, words: str) -> None:
    if rows.height:
        raise DecisionRefused(f"{words} Nothing was booked.")


def _row(line_id: str, item_id: str, amount: int, item_amount: int) -> dict[str, Any]:
    account = item_id.removeprefix(ACCOUNT) if item_id.startswith(ACCOUNT) else None
    return {
        "line_id": line_id,
        "item_id": item_id,
        "amount_minor": amount,
        "item_amount_minor": item_amount,
        "erp_account": account,
    }


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = ("line_id", "item_id", "amount_minor", "item_amount_minor", "erp_account")
    return pl.DataFrame(rows, schema={name: ALLOCATIONS.types[name] for name in columns})


def _sign(minor: int) -> int:
    return (minor > 0) - (minor < 0)
