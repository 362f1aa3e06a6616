"""Amounts in another currency that a bank text tells, and texts that only seem to."""

from datetime import date

import polars as pl
import pytest

from recon.normalise.lines import normalise_lines

TOLD = [
    ("Karlsson Bygg HB SEK 45.537,02", "SEK", 4553702),
    ("16428-018 23.578,00 NOK", "NOK", 2357800),
    ("UDL.OVF. KIEL INC USD1,234.50 26-60413", "USD", 123450),
    ("RE-NR 2 fakturaer, 2025/2866 EUR1366.06", "EUR", 136606),
    ("eur 120.00 gutschrift", "EUR", 12000),
    ("120 EUR kurs 7,4561", "EUR", 12000),
    ("EUR 15 267,86", "EUR", 1526786),
    ("CHF 1'234.50", "CHF", 123450),
    ("DKK 895,00 = EUR 120,00", "EUR", 12000),
    ("EUR 120,00 / EUR 120,00", "EUR", 12000),
    ("2025/123 267,86 GBP", "GBP", 26786),
]
NOT_TOLD = [
    "SEK 1.234",  # a thousand, or one and a little
    "1,234 EUR",
    "EUR 120",  # may be cut
    "Faktura 20145 EUR",
    "INV NO 15 267,86 GBP",  # two numbers, or one
    "EUR 12,5",
    "EUR 12,345",
    "EUR 120,00 og USD 130,00",  # two amounts
    "DKK 120,00",
    "Chauffeur 120,00 i alt",
    "NEUR 120,00",
    "Betaling 26.04",
]


def line(text: str, minor: int = 89500, **more: object) -> pl.DataFrame:
    row = {"line_id": "L1", "account_id": "A", "booking_date": date(2026, 1, 5), "amount_minor": minor}
    return pl.DataFrame([row | {"currency": "DKK", "text": text, "source": "test"} | more])


@pytest.mark.parametrize(("text", "currency", "minor"), TOLD)
@pytest.mark.parametrize("sign", [1, -1])
def test_an_amount_told_in_another_currency_is_taken_with_the_sign_of_the_line(text, currency, minor, sign):
    told = normalise_lines(line(text, sign * 89500)).row(0, named=True)
    assert (told["original_currency"], told["original_minor"]) == (currency, sign * minor)


@pytest.mark.parametrize("text", NOT_TOLD)
def test_what_can_be_read_in_two_ways_tells_nothing(text):
    told = normalise_lines(line(text)).row(0, named=True)
    assert (told["original_currency"], told["original_minor"]) == (None, None)


def test_what_the_bank_states_stands():
    stated = normalise_lines(line("SEK 45.537,02", original_currency="EUR", original_minor=12000))
    assert stated.select("original_currency", "original_minor").row(0) == ("EUR", 12000)
