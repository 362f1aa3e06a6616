"""Money: exact both ways, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.errors import AmountInexact, CurrencyUnknown
from recon.money import MINOR_DIGITS, parse_amount, plain, show, to_decimal, to_minor

CURRENCIES = st.sampled_from(sorted(MINOR_DIGITS))
MINOR = st.integers(-(10**17), 10**17)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "DKK", 1250),
        ("-0.01", "DKK", -1),
        ("12.500", "DKK", 1250),  # a zero too many says nothing more
        ("12", "JPY", 12),
        ("1.234", "KWD", 1234),
        ("+7", "EUR", 700),
        (".5", "EUR", 50),
        ("1234567890123456.10", "DKK", 123456789012345610),  # a float would lose the øre
    ],
)
def test_text_becomes_minor_units(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text", ["12.505", "1,50", "1e3", "1_000", "", " ", "1 000", "NaN", "inf", "--1", "1.2.3", "٣"]
)
def test_what_is_not_exact_or_not_plain_is_refused(text: str) -> None:
    with pytest.raises(AmountInexact):
        parse_amount(text, "DKK")


@pytest.mark.parametrize("currency", ["", "dkk", "XXX", "KRONE"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(CurrencyUnknown):
        to_minor(Decimal(1), currency)


@given(MINOR, CURRENCIES)
def test_there_and_back_is_the_same(minor: int, currency: str) -> None:
    assert to_minor(to_decimal(minor, currency), currency) == minor
    assert parse_amount(plain(minor, currency), currency) == minor


@given(st.decimals(allow_nan=False, allow_infinity=False), CURRENCIES)
def test_a_decimal_is_held_exactly_or_refused(amount: Decimal, currency: str) -> None:
    try:
        minor = to_minor(amount, currency)
    except AmountInexact:
        return
    assert to_decimal(minor, currency) == amount


@pytest.mark.parametrize(
    ("minor", "currency", "language", "shown"),
    [
        (123456, "DKK", "en", "1,234.56 DKK"),
        (123456, "DKK", "da", "1.234,56 DKK"),
        (-5, "EUR", "en", "-0.05 EUR"),
        (1500, "JPY", "en", "1,500 JPY"),
    ],
)
def test_amounts_are_shown_as_people_write_them(minor: int, currency: str, language: str, shown: str) -> None:
    assert show(minor, currency, language) == shown
