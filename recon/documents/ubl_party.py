"""A party of an electronic invoice: its name, its number, and everything that tells who it is.

In: a UBL 2.1 `Party` (or `PayeeParty`). Out: `Party`. Registration name before trade name (BT-27, BT-28).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from recon.documents.identity import folded
from recon.xml import text

# In the order in which a number says whose it is: register, VAT, the sender's own, the address of the network.
_NUMBERS: Final = (
    "PartyLegalEntity/CompanyID",
    "PartyTaxScheme/CompanyID",
    "PartyIdentification/ID",
    "EndpointID",
)
_CVR: Final = re.compile(r"DK(\d{8})")
# A person's number is not needed to tell a supplier, and is not kept.
_PERSONAL: Final = ("DK:CPR",)


@dataclass(frozen=True)
class Party:
    """name, number: None where not told. told: every number and name it has, as written."""

    name: str | None
    number: str | None
    told: tuple[str, ...]

    @property
    def key(self) -> str:
        """What stands for the party in a document's id."""
        return self.number or folded(self.name)


def read_party(party: Element | None) -> Party:
    """The party; an element that is not there is a party nothing is known of."""
    if party is None:
        return Party(None, None, ())
    person = [text(party, f"Person/{part}") for part in ("FirstName", "MiddleName", "FamilyName")]
    names = (
        text(party, "PartyLegalEntity/RegistrationName"),
        text(party, "PartyName/Name"),
        " ".join(part for part in person if part) or None,
        text(party, "Contact/Name"),
    )
    numbers = [
        number
        for path in _NUMBERS
        for one in party.iterfind(path)
        if one.get("schemeID") not in _PERSONAL and (number := text(one))
    ]
    whole = tuple(name for name in names[:3] if name)
    return Party(
        name=next((re.sub(r"\s+", " ", name) for name in names if name), None),
        number=_number(next(iter(numbers), None)),
        told=(*numbers, *whole),
    )


def _number(told: str | None) -> str | None:
    """Without blanks; a Danish VAT number is its CVR number, which other files write."""
    bare = re.sub(r"\s", "", told or "").upper()
    return _CVR.sub(r"\1", bare) if _CVR.fullmatch(bare) else bare or None
