"""The only door for money: text and Decimal become whole minor units of a currency, and come back.

In: text or Decimal. Out: `int` minor units (øre, cent, yen). Never: float, rounding, an amount without
its currency. Digits per currency: ISO 4217 list one ("minor unit" column), https://www.six-group.com.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from babel.numbers import format_decimal

from recon.errors import AmountInexact, CurrencyUnknown

_TWO_DIGITS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR
MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD
SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG
YER ZAR ZMW ZWG
"""
# ISO 4217 list three: no longer money, still in old statements.
_WITHDRAWN = "ATS DEM EEK FIM FRF HRK IEP LTL LVL NLG SIT SKK"
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"

MINOR_DIGITS: dict[str, int] = {
    **dict.fromkeys([*_TWO_DIGITS.split(), *_WITHDRAWN.split()], 2),
    **dict.fromkeys(_NO_DIGITS.split(), 0),
    **dict.fromkeys(_THREE_DIGITS.split(), 3),
}

INT64_MAX = 2**63 - 1
_PLAIN = re.compile(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+", re.ASCII)


def minor_digits(currency: str) -> int:
    """Digits after the decimal mark: DKK 2, JPY 0, KWD 3. Raises CurrencyUnknown."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise CurrencyUnknown(
            f"“{currency}” is not a currency code of ISO 4217. Nothing was kept; correct the code.",
            currency=currency,
        ) from None


def to_minor(amount: Decimal, currency: str) -> int:
    """Whole minor units of a Decimal. A figure finer than the currency is refused, never rounded.

    >>> to_minor(Decimal("12.50"), "DKK"), to_minor(Decimal("12.000"), "JPY")
    (1250, 12)
    """
    digits = minor_digits(currency)
    # scaleb() rounds to 28 digits without a word, so more than that is refused before.
    if not amount.is_finite() or amount.adjusted() > 17 or len(amount.as_tuple().digits) > 28:
        raise AmountInexact(f"{amount} is not an amount this program can hold.", currency=currency)
    minor = amount.scaleb(digits)
    whole = minor.to_integral_value()
    if minor != whole:
        raise AmountInexact(
            f"{amount} {currency} has more decimals than {currency} has ({digits}). Nothing was kept.",
            amount=str(amount),
            currency=currency,
        )
    if abs(int(whole)) > INT64_MAX:
        raise AmountInexact(f"{amount} {currency} is too large to hold exactly.", currency=currency)
    return int(whole)


def parse_amount(text: str, currency: str) -> int:
    """Minor units of plain text with a point: `-1234.50`. No grouping, exponent, blank or underscore.

    Bank and language specific spellings belong to their reader, which hands on this plain form.
    """
    stripped = text.strip()
    whole, _, part = stripped.partition(".")
    digits = MINOR_DIGITS.get(currency, -1)
    # What nearly every amount of a long file looks like needs no Decimal.
    short = len(whole) <= 15 and len(part) <= digits and stripped.isascii()
    if short and whole.isdigit() and (part.isdigit() or not part):
        return int(whole + part.ljust(digits, "0"))
    if not _PLAIN.fullmatch(stripped):
        raise AmountInexact(
            f"“{text}” is not a plain amount such as -1234.50.", amount=text, currency=currency
        )
    try:
        return to_minor(Decimal(stripped), currency)
    except InvalidOperation:
        raise AmountInexact(f"“{text}” is not an amount.", amount=text, currency=currency) from None


def to_decimal(minor: int, currency: str) -> Decimal:
    """The exact Decimal of minor units, with the currency's own number of decimals."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def plain(minor: int, currency: str) -> str:
    """Plain text with a point, as files want it: `-1234.50`."""
    return format(to_decimal(minor, currency), "f")


def show(minor: int, currency: str, language: str = "en") -> str:
    """What a person reads: `1,234.50 DKK`, in Danish `1.234,50 DKK`."""
    digits = minor_digits(currency)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return f"{format_decimal(to_decimal(minor, currency), pattern, locale=language)} {currency}"
