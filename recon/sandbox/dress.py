"""How a bank spells what it was told: cut, in capitals, without the Danish letters.

In: the text as the payer or the bank wrote it. Out: what arrives on the statement. See
payment references, "how the reference arrives on a Danish bank line".
"""

from __future__ import annotations

import random

from recon.sandbox.habits import FJORDBANK, KOIVUPANKKI

SHORT = 20
_DOUBLED = str.maketrans({"Æ": "AE", "Ø": "OE", "Å": "AA", "Ä": "AE", "Ö": "OE", "Ü": "UE"})
_SEVEN_BIT = str.maketrans({"Æ": "[", "Ø": "\\", "Å": "]", "Ä": "[", "Ö": "\\", "Ü": "^"})
_LOST = str.maketrans(dict.fromkeys("ÆØÅÄÖÜ", "?"))
_SEPA = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "a", "Æ": "AE", "Ø": "OE", "Å": "A", "&": "+", "ä": "a", "ö": "o", "ü": "u"}
)


class Dress:
    """Dresses texts, one after the other, with its own dice for what the line's way to the bank did to it."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def text(self, provider: str, text: str) -> str:
        """The text as that bank shows it."""
        if provider == FJORDBANK.id:
            letters = self._rng.choices((_DOUBLED, _SEVEN_BIT, _LOST), weights=(70, 25, 5))[0]
            return text.upper().translate(letters)[:SHORT].rstrip()
        if provider == KOIVUPANKKI.id:
            return text.translate(_SEPA)[:140]
        return " ".join(text.split())[:80]
