"""What rules and habits of booking weigh, and how they are told: levels of recon.match.bookings.

{told} is the text of the rule, {name} the number of the ERP account, {count} how many bookings.
"""

from __future__ import annotations

from typing import Final

RULE_WEIGHTS: Final[dict[tuple[str, str], float]] = {
    # A person said so; still less than a document's own reference.
    ("rule", "account"): 9.0,
    # The same text, party or kind went there before: often, at least twice, or mostly (not always). Best first.
    ("booking", "text_often"): 9.0,
    ("booking", "text"): 7.0,
    ("booking", "party_often"): 7.0,
    ("booking", "kind_often"): 6.0,
    ("booking", "party"): 5.0,
    ("booking", "text_mostly"): 4.5,
    ("booking", "kind"): 4.0,
    ("booking", "party_mostly"): 3.0,
    ("booking", "kind_mostly"): 2.0,
}
RULE_SENTENCES: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("rule", "account"): ("A rule of yours says: {told}.", "En af jeres regler siger: {told}."),
    ("booking", "text_often"): (
        "Lines with this text always went to account {name}, {count} times of late.",
        "Linjer med denne tekst kom altid på konto {name}, {count} gange på det seneste.",
    ),
    ("booking", "text"): (
        "Lines with this text went to account {name} before, {count} times.",
        "Linjer med denne tekst kom før på konto {name}, {count} gange.",
    ),
    ("booking", "text_mostly"): (
        "Lines with this text mostly went to account {name}, {count} times, but not always.",
        "Linjer med denne tekst kom mest på konto {name}, {count} gange, men ikke altid.",
    ),
    ("booking", "party_often"): (
        "Lines of this party always went to account {name}, {count} times of late.",
        "Linjer fra denne part kom altid på konto {name}, {count} gange på det seneste.",
    ),
    ("booking", "party"): (
        "Lines of this party went to account {name} before, {count} times.",
        "Linjer fra denne part kom før på konto {name}, {count} gange.",
    ),
    ("booking", "party_mostly"): (
        "Lines of this party mostly went to account {name}, {count} times, but not always.",
        "Linjer fra denne part kom mest på konto {name}, {count} gange, men ikke altid.",
    ),
    ("booking", "kind_often"): (
        "Fees or interest like this always went to account {name}, {count} times of late.",
        "Gebyrer eller renter som dette kom altid på konto {name}, {count} gange på det seneste.",
    ),
    ("booking", "kind"): (
        "Fees or interest like this went to account {name} before, {count} times.",
        "Gebyrer eller renter som dette kom før på konto {name}, {count} gange.",
    ),
    ("booking", "kind_mostly"): (
        "Fees or interest like this mostly went to account {name}, {count} times, but not always.",
        "Gebyrer eller renter som dette kom mest på konto {name}, {count} gange, men ikke altid.",
    ),
}
