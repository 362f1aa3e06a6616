"""Words that every reader of bank files treats alike: none given, and things said twice.

In: pieces of text. Out: text. Never: a word of the bank left out that is not said elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_ABSENT: Final = re.compile(r"(?i)not\s*provided|notavail(able)?|none|nonref|n/?a|-+|0+")
_FIRST: Final = "nN-0"
"""What every word for none begins with: a look at it is quicker than the pattern."""
_LONG: Final = 4000
"""Signs of text beyond which repeated pieces are no longer looked for: a file could make that last hours."""


def given(words: str | None) -> str | None:
    """The reference, None where the bank writes nothing or a word for none (NOTPROVIDED)."""
    if not words:
        return None
    return None if words[0] in _FIRST and _ABSENT.fullmatch(words) else words


def once(pieces: Iterable[str]) -> str:
    """The pieces in order, blanks folded; one that an earlier piece says word for word is not said again."""
    told: list[str] = []
    # Each piece between blanks of its own, so that nothing is found across the end of one.
    sought = ""
    for piece in pieces:
        plain = " ".join(piece.split())
        if not plain or f" {plain} " in sought:
            continue
        told.append(plain)
        if len(sought) < _LONG:
            sought += f" {plain} "
    return " ".join(told)
