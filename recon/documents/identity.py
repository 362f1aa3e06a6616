"""Which document is which, and which company is ours.

In: numbers and names as files write them. Out: an id that stays, and whether a name or number is one of ours.
Never: a guess from names that are merely alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

# 0184:DK12345678, SE556000012301, NO 999 999 999 MVA: scheme, country and tail around the number itself.
_SCHEME: Final = re.compile(r"^\d{4}:")
_NUMBERED: Final = re.compile(r"([a-z]{2})?(\d{6,})(mva)?")
_SWEDISH_VAT: Final = re.compile(r"se(\d{10})01")


def item_id(kind: str, number: str, party: str | None, elsewhere: str | None = None) -> str:
    """The same document gets the same id from each file: by its id `elsewhere`, else by party and number."""
    parts = ("external", kind, elsewhere) if elsewhere else ("number", kind, party or "", number)
    return "i_" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def folded(text: str | None) -> str:
    """A name without case and doubled blanks; company forms and accents stay."""
    return re.sub(r"\s+", " ", text or "").strip().casefold()


class OwnCompany:
    """Our own CVR, VAT and EAN numbers, IBANs and exact names, however they are written.

    >>> ours = OwnCompany(["DK12345678", "Havnens  Bageri ApS"])
    >>> ours.is_one_of("12 34 56 78"), ours.is_one_of("havnens bageri aps"), ours.is_one_of("Havnens Bageri")
    (True, True, False)
    """

    def __init__(self, own_ids: Iterable[str]) -> None:
        self._keys = {key for one in own_ids for key in _keys(one)}

    @property
    def known(self) -> bool:
        """Whether anything was told of our company."""
        return bool(self._keys)

    def is_one_of(self, *told: str | None) -> bool:
        """Whether one of these numbers and names is ours."""
        return any(self._keys & _keys(one) for one in told if one)


def _keys(text: str) -> set[str]:
    """Every form under which a name or number is to be known again."""
    plain = folded(text)
    bare = re.sub(r"[\W_]", "", _SCHEME.sub("", plain))
    keys = {plain} if plain else set()
    if any(sign.isdigit() for sign in bare):
        keys.add(bare)
    if found := _NUMBERED.fullmatch(bare):
        keys.add(found[2])
    if found := _SWEDISH_VAT.fullmatch(bare):
        keys.add(found[1])
    return keys
