"""What the columns of a bank's CSV or Excel export are called, and what each holds.

In: the titles of a header. Out: roles. Never: a role given to two columns that mean it alike; the reader then asks.
Collected from public parsers and samples of Danish, Swedish, Norwegian, Finnish, German, Dutch, Hungarian and English
exports; a title not listed is named by a person once, and kept (see csv_layout.Layout).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

TITLES: Final[dict[str, str]] = {
    "date": "dato|date|datum|bogføringsdato|bogført|bogført dato|bogføringsdag|bokføringsdato|bokført|bokføringsdag|"
    "bokföringsdag|bokföringsdatum|bokförd|booking date|posting date|buchungstag|buchungsdatum|kirjauspäivä|"
    "arvopäivä ja kirjauspäivä|transaction date|transaktionsdatum|tranzakció dátuma|utført dato|betalningsdatum",
    "value_date": "rentedato|renteansættelsesdato|valør|valørdato|valutadato|valutadag|value date|wertstellung|"
    "valuta datum|rentedatum|arvopäivä|értéknap|ränteberäkningsdatum|valutadatum|reskontradatum",
    "text": "tekst|beskrivelse|posteringstekst|rubrik|titel|title|text|description|verwendungszweck|buchungstext|"
    "omschrijving|omschrijving-1|omschrijving-2|omschrijving-3|transaktionsbeschreibung|"
    "transaktionsbeschreibung zusatz|selitys|viesti|tapahtuma|meddelelse|besked|forklarende tekst|transaktionstext|"
    "meddelande|narrative|details|memo|referens|detaljer|közlemény|részletek|verifikationsnummer og tekst|forklaring",
    "name": "navn|namn|name|payee|counterparty|counterparty name|naam tegenpartij|saaja/maksaja|saajan nimi|maksaja|"
    "begünstigter/zahlungspflichtiger|auftraggeber/empfänger|modpart|modtager navn|partner neve|mottaker/avsender",
    "sender": "afsender|avsändare|avsender",
    "receiver": "modtager|mottagare|mottaker",
    "their_account": "modkonto|modpartskonto|counterparty account|counterparty iban|tegenrekening iban/bban|"
    "motkonto|tilinumero|saajan tilinumero|partner számlaszáma|kontonummer modpart|til konto",
    "amount": "beløb|belopp|amount|betrag|bedrag|summa|määrä|määrä euroa|buchungsbetrag|beløp|umsatz|"
    "tranzakció összege",
    "money_out": "debet|debit|ud|ud af konto|ut|ut fra konto|ut av konto|uttag|soll|paid out|money out|withdrawal|"
    "utgift|withdrawals|debit amount|belastning|hævet",
    "money_in": "kredit|credit|ind|ind på konto|inn|inn på konto|insättning|haben|paid in|money in|deposit|deposits|"
    "inntekt|credit amount|indsat",
    "balance": "saldo|bogført saldo|balance|balans|bokfört saldo|bokført saldo|saldo na trn|egyenleg|running balance|"
    "saldo efter|ny saldo",
    "currency": "valuta|currency|währung|munt|ccy|buchungswährung|devizanem|valuutta",
    "direction": "af bij|credit/debit|debit/credit|soll/haben|cr/dr|type beløb|bevétel/kiadás|dc",
    "status": "status|transaktionsstatus|state",
    "reference": "bankens arkivreference|arkivreference|arkiveringskode|arkistointitunnus|transaction id|"
    "transaktions-id|reference|ref|buchungsreferenz|volgnr|megbízás azonosító|verifikationsnummer|"
    "transaktionsreference|bankreferanse|arkivref",
    "payment_reference": "betalings-id|betalingsid|fik|kid|ocr|viite|viitenumero|betalingskenmerk|referenznummer|"
    "kundereference|meddelande/ocr",
    "end_to_end": "end-to-end id|endtoend id|transactiereferentie|kundenreferenz",
    "iban": "iban|iban auftraggeberkonto|iban/bban|eget iban",
    "account": "kontonummer|konto|account|account number|accountnumber|kontonr|"
    "számlaszám|auftraggeberkonto|eget kontonummer",
    "account_name": "kontonavn|accountname|account name|számla neve",
    "original_amount": "originalbetrag|oorspr bedrag|oprindeligt beløb|original amount|beløb i valuta|"
    "ursprungligt belopp",
    "original_currency": "originalwährung|oorspr munt|oprindelig valuta|original currency",
    "rate": "umrechnungskurs|koers|kurs|exchange rate|valutakurs",
}
"""Titles by role, in small letters; the earlier of two roles keeps a title."""

MANY: Final = frozenset({"text"})
"""Roles that several columns may share; their texts are joined."""
_IN: Final = re.compile(
    r"^(?P<title>.+?) i (?P<currency>[a-z]{3})$|^(?P<before>.+?) \(?(?P<told>[a-z]{3})\)?$"
)
_CURRENCIES: Final = frozenset({"dkk", "sek", "nok", "eur", "usd", "gbp", "chf", "pln", "isk"})
_OF_DOCUMENTS: Final = re.compile(
    r"\b(number|total|invoice ?(no|number)|fakturanr|fakturanummer|faktura ?nr|bilagsnr|forfald|due ?date|förfallo|"
    r"eräpäivä|rechnungsnummer|kundenr|kundenummer|debitornr|customer ?(no|number))"
)
_ROLES: Final = {title: role for role, titles in reversed(TITLES.items()) for title in titles.split("|")}


def role_of(title: str) -> tuple[str | None, str | None]:
    """(role, currency the title names) of one title: `Beløb i DKK` → (`amount`, `DKK`)."""
    plain = " ".join(title.replace("\u00a0", " ").casefold().split()).strip(" :*")
    if plain in _ROLES:
        return _ROLES[plain], None
    found = _IN.match(plain)
    if found:
        bare, currency = found["title"] or found["before"], found["currency"] or found["told"]
        if currency in _CURRENCIES and bare in _ROLES:
            return _ROLES[bare], currency.upper()
    return None, None


def roles_of(header: Sequence[str]) -> dict[str, list[int]]:
    """Role → the places of the columns whose title means it."""
    found: dict[str, list[int]] = {}
    for place, title in enumerate(header):
        role, _ = role_of(title)
        if role:
            found.setdefault(role, []).append(place)
    return found


def is_invoice_list(header: Sequence[str]) -> bool:
    """Whether the titles are those of documents, which have days and amounts too."""
    return any(_OF_DOCUMENTS.search(title.casefold()) for title in header)


def currency_of(header: Sequence[str], places: Sequence[int]) -> str | None:
    """The currency that the titles at these places name, where they name one."""
    named = {role_of(header[place])[1] for place in places} - {None}
    return named.pop() if len(named) == 1 else None


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row looks like the header of a statement: a day, and an amount or money in and out."""
    found = roles_of(cells)
    money = "amount" in found or ("money_in" in found and "money_out" in found)
    return "date" in found and money
