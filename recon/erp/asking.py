"""Asking an ERP: the bank's limits, the ERP's words, and lists read to their end.

In: `Access`. Out: decoded answers. Never: half a list, a write, a redirect followed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import httpx

from recon.bank.calls import Call, Caller
from recon.erp.access import Access
from recon.errors import BankError, FetchIncomplete

T = TypeVar("T")
Row = dict[str, str | None]


class Page(NamedTuple):
    """One page of a list. total: how many there are over all pages, where the ERP says so."""

    rows: Sequence[Any]
    total: int | None


class Asker(Caller):
    """Carries calls to one ERP and reads its answers."""

    def __init__(
        self,
        told: Access,
        now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
        base_url: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(base_url or told.base_url, now, transport, server=told.erp.server, **options)
        self.erp = told.erp

    def get(self, what: str, path: str, shape: type[T], headers: Mapping[str, str], **query: str | int) -> T:
        """The answer at a path. Reading twice does no harm, so it may be asked again."""
        told = {name: str(value) for name, value in query.items()}
        return self.ask(Call(what, "GET", path, repeatable=True, query=told, headers=headers), shape)

    def whole(self, what: str, page: Callable[[int], Page], id_of: Callable[[Any], object]) -> list[Any]:
        """Every row of a list, page 0, 1, 2 … until there is no more.

        Raises FetchIncomplete where rows came twice or are fewer than the ERP counts: it changed meanwhile.
        """
        rows: list[Any] = []
        for number in range(self.limits.pages):
            got = page(number)
            rows += got.rows
            if not got.rows or (got.total is not None and len(rows) >= got.total):
                break
        else:
            raise self._incomplete(what, f"there are more than {self.limits.pages} pages")
        if len({id_of(row) for row in rows}) < len(rows) or (got.total or len(rows)) != len(rows):
            raise self._incomplete(what, "the list changed while it was read")
        return rows

    def _incomplete(self, what: str, why: str) -> FetchIncomplete:
        return FetchIncomplete(
            f"{what.capitalize()} of {self.erp.title} could not be read to their end: {why}. Nothing of it was "
            "kept; try again."
        )

    def _refusal(self, status: int, call: Call) -> Exception:
        if status in (401, 403):
            return BankError(
                f"{self.erp.title} does not let us read {call.what} ({status}). Nothing was changed; give a new "
                f"token under Documents, or set {self.erp.setting('TOKEN')}.",
                what=call.what,
                status=status,
            )
        return super()._refusal(status, call)


def plain(amount: Decimal | None) -> str | None:
    """An amount as the document template wants it, every digit kept."""
    return None if amount is None else format(amount, "f")


def sides(total: Decimal, still_open: Decimal, kinds: tuple[str, str], credit: bool = False) -> Row:
    """Kind, total and open amount, positive: a negative total, or one the ERP calls so, is a credit.

    kinds: what a positive and what a negative one is called.
    """
    turn = -1 if total < 0 else 1
    return {
        "kind": kinds[1] if credit or total < 0 else kinds[0],
        "total": plain(turn * total),
        "open_amount": plain(turn * still_open),
    }
