"""The invented banks and what each is like to read from.

In: nothing. Out: one `House` a bank. The names are made up; a likeness to a bank of today is chance.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class House:
    """One bank. `detail`: names, accounts and references come along; `unattended`: it lets us in without
    the person; `available`: it tells the available balance; `colour`: of its login page."""

    id: str
    name: str
    country: str
    detail: bool
    unattended: bool
    available: bool
    colour: str
    words: str


HAVBANKEN = House(
    "DK_Havbanken", "Havbanken", "DK", True, True, True, "#0b5c7a", "Full details on every line"
)
FJORDBANK = House(
    "DK_Fjordbank", "Fjordbank", "DK", False, True, False, "#3d6b35", "Short texts in capitals, nothing else"
)
KOIVUPANKKI = House(
    "FI_Koivupankki", "Koivupankki", "FI", True, False, True, "#8a4b1f", "Wants you at every update"
)

HOUSES: dict[str, House] = {house.id: house for house in (HAVBANKEN, FJORDBANK, KOIVUPANKKI)}
