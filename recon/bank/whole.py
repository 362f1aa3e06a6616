"""Many pages as one whole, or not at all: what changes while it is read is read again from its first page.

    account ─► pages ─► account        nothing moved between the two, and
               pages ─► account        where there are several pages, two readings in a row say the same

One page is one answer and so one moment (a full one counts as several: its end may be a slip). Several are
not: a row that vanishes pushes another over a page's
border unseen, a row that appears is missed. Such a change shows in the next reading, so two that agree are the
list as it was between them. Not seen: a change during the first reading that is taken back, row for row, during
the second; and what the service itself never had.

In: two questions to the bank. Out: rows and the account they belong to. Never: rows of two moments together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from recon.bank import wire
from recon.errors import FetchIncomplete

READINGS = 3
"""So often is a list read before it counts as one that never stands still."""


@dataclass(frozen=True)
class Whole:
    """All rows of a period, and the account with its balance as they stood while they were read."""

    rows: list[wire.Transaction]
    account: wire.Account


def read_whole(
    pages: Callable[[], Iterator[list[wire.Transaction]]],
    page_size: int,
    account: Callable[[], wire.Account | None],
    before: wire.Account,
    told: Callable[[int], None] = lambda rows: None,
) -> Whole:
    """Read until nothing moved.

    page_size: rows a page may have. before: the account as last seen. told: called with the rows read so far.

    Raises FetchIncomplete where the account goes, or its data is another at each of `READINGS` readings.
    """
    earlier: list[wire.Transaction] | None = None
    for _ in range(READINGS):
        count, rows = 0, []
        for page in pages():
            count, rows = count + 1, rows + page
            told(len(rows))
        after = account()
        if after is None:
            raise incomplete("the account went while it was read")
        still = _moment(before) == _moment(after)
        if still and ((count == 1 and len(rows) < page_size) or rows == earlier):
            return Whole(rows, after)
        before, earlier = after, rows
    raise incomplete("they changed each time they were read")


def incomplete(why: str) -> FetchIncomplete:
    """What a reading that is no whole is refused with."""
    return FetchIncomplete(
        f"The transactions could not be read to their end: {why}. Nothing of this fetch was kept; the next "
        "sync starts from the first page."
    )


def _moment(account: wire.Account) -> tuple[object, ...]:
    """What moves when the service takes in new data: the time of its sync, and the balance."""
    booked = account.booked
    return account.last_synchronized, account.is_orphaned, booked and (booked.value, booked.currency)
