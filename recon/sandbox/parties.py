"""The company the sandbox keeps books for, its accounts, and the people it trades with. All invented.

In: a seed. Out: parties with account numbers whose check digits hold. Never: a real company on purpose.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from recon.sandbox.checkdigits import cvr, iban
from recon.sandbox.figures import Company, OwnAccount, Party

COMPANY_NAME = "Nordlys Interiør ApS"

DANISH_CUSTOMERS = """
Skagen Strandhotel A/S|Café Ærlig ApS|Tandlægerne Østerport I/S|Bøgelund Børnehave
Sønderho Kro og Café ApS|Møllehøj Ejendomme A/S|Advokatfirmaet Kjær & Lykke
Frisør Blå Time v/ Anne Å. Skov|Rødgaard Arkitekter ApS|Nørrebro Træningscenter ApS
Lærkevejens Lægehus I/S|Ågård Efterskole|Boligforeningen Fyrtårnet|Hotel Løvspring ApS
Vesterhavets Feriehuse A/S|Klitgaard Revision P/S|Restaurant Tangen ApS|Øens Bryghus A/S
Grønnegade Galleri IVS|Bakkegården Plejehjem|Studio Fjeder v/ Mia Toft|Strandvejens Konditori ApS
Thorup & Sønner Murerfirma A/S|Kontorfællesskabet Loftet|Dansk Drivhusdesign A/S|Egeskov Yogahus ApS
Halvøens Biograf F.M.B.A.|Lyngby Lydstudie ApS
"""
SUBSCRIBERS = """
Kanalhusets Kontorhotel ApS|Tidevand Reklamebureau A/S|Solsikken Dagpleje|Nordhavn Fysioterapi I/S
Birkely Ejendomsservice ApS|Fyrren Software ApS
"""
WEBSHOP_BUYERS = """
Karen Østergaard|Jens-Peter Holm|Line Bæk Sørensen|Mohammed Al-Sayed|Søren Åkjær|Pernille Friis
Oskar Vinther|Ida Nørskov|Lars Hedegaard|Freja Dalgård|Emil Rønne|Signe Brandt Koch|Tove Lundøe
Kasper Højlund
"""
NORDIC_CUSTOMERS = """
Saaristo Sisustus Oy|FI;Kallio Kahvila Oy|FI;Lumi Hotellit Oyj|FI;Göteborgs Formhus AB|SE
Malmö Möbler & Miljö AB|SE;Hafenlicht Einrichtung GmbH|DE;Fjelltopp Interiør AS|NO
"""
DANISH_SUPPLIERS = """
Jysk Træ & Finér A/S|Lampefabrikken Gløden ApS|Vævestuen Hør og Uld ApS|Emballagegrossisten Nord A/S
Fragtmand Sørensen & Co. A/S|Rengøringsselskabet Klar ApS|Bogholderiet Balance I/S|Trykkeri Ørneborg ApS
"""
SERVICE_SUPPLIERS = """
Fyens Elforsyning A/S|Bredbånd Øst A/S|Havneudlejning Kolding A/S|Forsikringshuset Tryghavn A/S
Affald & Genbrug Syd
"""
FOREIGN_SUPPLIERS = """
Tampereen Lasi Oy|FI;Värmdö Textil AB|SE;Holzwerk Eiderstedt GmbH|DE;Textielhuis Zeeland B.V.|NL
"""


@dataclass(frozen=True)
class Parties:
    """Everybody with an account number, by how they deal with us."""

    company: Company
    accounts: tuple[OwnAccount, ...]
    customers: tuple[Party, ...]
    subscribers: tuple[Party, ...]
    buyers: tuple[Party, ...]
    nordic: tuple[Party, ...]
    suppliers: tuple[Party, ...]
    services: tuple[Party, ...]
    foreign: tuple[Party, ...]


def make_parties(seed: int) -> Parties:
    """All parties of one seed, always the same."""
    rng = random.Random(f"{seed}:parties")
    accounts = _own_accounts()
    return Parties(
        company=Company("", COMPANY_NAME, "DK", cvr(rng), accounts[0].iban, "81947362"),
        accounts=accounts,
        customers=_danish(rng, DANISH_CUSTOMERS, 10010),
        subscribers=_danish(rng, SUBSCRIBERS, 10410),
        buyers=_danish(rng, WEBSHOP_BUYERS, 10710, private=True),
        nordic=_abroad(rng, NORDIC_CUSTOMERS, 11010),
        suppliers=_danish(rng, DANISH_SUPPLIERS, 50010),
        services=_danish(rng, SERVICE_SUPPLIERS, 50310),
        foreign=_abroad(rng, FOREIGN_SUPPLIERS, 50610),
    )


def _own_accounts() -> tuple[OwnAccount, ...]:
    def danish(
        key: str, provider: str, name: str, code: str, number: str, kind: str, opening: int
    ) -> OwnAccount:
        return OwnAccount(key, provider, name, "DKK", code, number, iban("DK", code + number), kind, opening)

    finnish = "79970012345671"
    return (
        danish("drift", "DK_Havbanken", "Driftskonto", "9871", "0004711082", "Consumption", 48_250_075),
        danish("skat", "DK_Havbanken", "Skat og moms", "9871", "0004711090", "Savings", 21_000_000),
        danish("webshop", "DK_Fjordbank", "Webshopkonto", "9864", "0000815163", "Consumption", 3_918_240),
        OwnAccount(
            "euro",
            "FI_Koivupankki",
            "Eurotili",
            "EUR",
            "",
            finnish,
            iban("FI", finnish),
            "Consumption",
            2_440_819,
        ),
    )


def _names(text: str, mark: str) -> list[str]:
    return [name.strip() for row in text.strip().splitlines() for name in row.split(mark)]


def _danish(rng: random.Random, names: str, first_id: int, *, private: bool = False) -> tuple[Party, ...]:
    parties = []
    for place, name in enumerate(_names(names, "|")):
        account = iban("DK", f"98{rng.randrange(10, 60)}{rng.randrange(10**6, 10**9):010d}")
        parties.append(Party(str(first_id + place * 10), name, "DK", "" if private else cvr(rng), account))
    return tuple(parties)


def _abroad(rng: random.Random, names: str, first_id: int) -> tuple[Party, ...]:
    lengths = {"FI": 14, "SE": 20, "DE": 18, "NO": 11}
    parties = []
    for place, named in enumerate(_names(names, ";")):
        name, country = named.split("|")
        length = lengths.get(country, 0)
        bban = "".join(rng.choices("0123456789", k=length or 10))
        account = iban(country, bban if length else f"ZEEB{bban}")
        parties.append(Party(str(first_id + place * 10), name, country, "", account))
    return tuple(parties)
