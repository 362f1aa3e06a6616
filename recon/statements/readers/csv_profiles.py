"""Layouts of banks whose exports have no titles, or titles that mean something of their own.

In: a name. Out: a Layout. Sources: public parsers and sample rows; banks change their exports without notice, so a
profile that does not fit a file is refused and never bent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from recon.errors import UsageError
from recon.statements.readers.csv_layout import Layout

_DATE_TEXT_AMOUNT_BALANCE: Final = {"date": (0,), "text": (1,), "amount": (2,), "balance": (3,)}

PROFILES: Final[dict[str, Layout]] = {
    "bec": Layout(_DATE_TEXT_AMOUNT_BALANCE, header=0, first="day", delimiter=";", bank="BEC"),
    "arbejdernes-landsbank": Layout(
        _DATE_TEXT_AMOUNT_BALANCE, header=0, first="day", delimiter=";", bank="Arbejdernes Landsbank"
    ),
    "sdc": Layout(
        {"date": (1,), "text": (2,), "amount": (3,), "balance": (4,)},
        header=0,
        first="day",
        delimiter=";",
        bank="SDC",
    ),
    "dnb": Layout(
        {"date": (0,), "text": (1,), "value_date": (2,), "money_out": (3,), "money_in": (4,)},
        header=0,
        first="day",
        delimiter=";",
        bank="DNB",
    ),
}
"""By name; the banks whose titles are known (Danske Bank, Nordea, Jyske Bank, Sydbank, Lunar …) need no profile."""

TITLED: Final = (
    "danske-bank",
    "nordea",
    "jyske-bank",
    "sydbank",
    "lunar",
    "seb",
    "handelsbanken",
    "swedbank",
)
"""Names that say: read by the titles."""


def profile_of(name: str) -> Layout | None:
    """The layout of that name; None for a bank that is read by its titles. Raises UsageError that lists the names."""
    if name in TITLED:
        return None
    if name not in PROFILES:
        known = ", ".join([*PROFILES, *TITLED])
        raise UsageError(f"There is no CSV layout “{name}”. Nothing was imported; choose {known}.")
    return PROFILES[name]


def fitting(rows: Sequence[Sequence[str]]) -> Layout | None:
    """The one profile without titles whose running balance proves that it fits, row by row; None without such proof."""
    from recon.statements.readers.csv_rows import proves_itself

    found: list[Layout] = []
    for layout in map(_bare, PROFILES.values()):
        if layout not in found and proves_itself(rows, layout):
            found.append(layout)
    return found[0] if len(found) == 1 else None


def _bare(layout: Layout) -> Layout:
    """The layout without its bank's name: what proves is the order of columns, not who uses it."""
    return Layout(layout.columns, layout.header, layout.first, layout.mark, layout.delimiter)
