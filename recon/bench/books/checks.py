"""Check digits of many numbers at once.

In: payloads as whole numbers of at most 15 digits. Out: whole references as printed.
Rules: mod 10 (FIK, KID, OCR), KID mod 11, Finnish 7-3-1, ISO 11649 and IBAN mod 97.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.draw import Ints


def _digits(payload: Ints) -> list[Ints]:
    """The digits from the right."""
    places = len(str(int(payload.max(initial=0))))
    digits = []
    for _ in range(places):
        payload, digit = np.divmod(payload, 10)
        digits.append(digit)
    return digits


def luhn_digit(payload: Ints) -> Ints:
    """The mod 10 digit, weights 2, 1, 2, 1 from the right, two-digit products added up."""
    total = np.zeros_like(payload)
    for place, digit in enumerate(_digits(payload)):
        product = digit * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return -total % 10


def mod11_digit(payload: Ints) -> Ints:
    """The KID mod 11 digit, weights 2 to 7 from the right; 10 stands for a hyphen."""
    total = np.zeros_like(payload)
    for place, digit in enumerate(_digits(payload)):
        total += digit * (2 + place % 6)
    return -total % 11


def viite_digit(payload: Ints) -> Ints:
    """The Finnish digit, weights 7, 3, 1 from the right."""
    total = np.zeros_like(payload)
    for place, digit in enumerate(_digits(payload)):
        total += digit * (7, 3, 1)[place % 3]
    return -total % 10


def text(numbers: Ints, width: int = 0) -> pl.Series:
    """Numbers in digits, zeros to the left up to `width`."""
    return pl.Series(numbers).cast(pl.String).str.zfill(width)


def fik(card: str, payload: Ints, creditor: pl.Series) -> pl.Series:
    """A printed Danish code line of card type 71 or 75."""
    width = {"71": 14, "75": 15}[card]
    return "+" + card + "<" + text(payload, width) + text(luhn_digit(payload)) + "+" + creditor + "<"


def kid(payload: Ints, *, mod11: bool) -> pl.Series:
    """A Norwegian KID; mod 11 may end in a hyphen."""
    digit = text(mod11_digit(payload) if mod11 else luhn_digit(payload))
    return text(payload) + digit.str.replace("10", "-", literal=True)


def ocr(payload: Ints, *, with_length: bool) -> pl.Series:
    """A Swedish OCR reference, with or without the digit that tells its length."""
    if with_length:
        length = pl.Series(payload).cast(pl.String).str.len_chars().to_numpy().astype(np.int64) + 2
        payload = payload * 10 + length % 10
    return text(payload * 10 + luhn_digit(payload))


def viite(payload: Ints) -> pl.Series:
    """A Finnish viitenumero."""
    return text(payload * 10 + viite_digit(payload))


def rf(payload: Ints) -> pl.Series:
    """An ISO 11649 reference around a number: `RF00` is 271500 in digits."""
    check = 98 - (payload % 97 * 1_000_000 + 271_500) % 97
    return "RF" + text(check, 2) + text(payload)


def danish_iban(bank: Ints, account: Ints) -> pl.Series:
    """An IBAN of a registration number and an account of ten digits: `DK00` is 132000 in digits."""
    rest = (bank * 10**10 + account) % 97
    check = 98 - (rest * 1_000_000 + 132_000) % 97
    return "DK" + text(check, 2) + text(bank, 4) + text(account, 10)
