"""Check digits of many payment references at once: `recon.references.is_complete`, worked out in columns.

In: references as texts. Out: for each whether it is a whole reference of a known standard whose check digit holds.
References of digits, RF references and printed FIK lines are laid out digit by digit and counted together; what is
written in any other way is looked at one by one.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.references import is_complete

_WIDTH = 27
_DIGITS = r"^[0-9]{6,26}[0-9-]$"
_RF = r"^RF[0-9]{2}[0-9A-Z]{1,21}$"
_FIK = r"^\+?(?:71|75|04|15)[<#/]?([0-9]{1,16})(?:\+[0-9]{7,8}<?)?$"
_CARRY = np.array([0, 9, 4, 6, 8, 2, 7, 1, 3, 5], dtype=np.int64)
"""The table of the recursive mod 10 of the Swiss QR reference."""
_DASH = ord("-") - ord("0")


def complete(references: pl.Series) -> pl.Series:
    """is_complete of each reference; False where there is none."""
    some = references.drop_nulls().unique().sort()
    bare = some.str.replace_all(r"\s", "").str.to_uppercase()
    digits = bare.str.contains(_DIGITS)
    rf = bare.str.contains(_RF)
    fik = bare.str.contains(_FIK) & bare.str.contains(r"[+#]")
    holds = np.zeros(len(some), dtype=bool)
    holds[digits.to_numpy()] = _of_digits(bare.filter(digits))
    holds[rf.to_numpy()] = _of_rf(bare.filter(rf))
    holds[fik.to_numpy()] = _luhn(_laid_out(bare.filter(fik).str.extract(_FIK, 1)))
    rest = ~(digits | rf | fik)
    holds[rest.to_numpy()] = [is_complete(text) for text in some.filter(rest).to_list()]
    found = references.to_frame("text").join(
        pl.DataFrame({"text": some, "holds": holds}), on="text", how="left", maintain_order="left"
    )
    return found["holds"].fill_null(value=False)


def _laid_out(texts: pl.Series) -> np.ndarray:
    """A row each of `_WIDTH` numbers, the last character last, zeros in front; letters count from ten on."""
    padded = texts.str.pad_start(_WIDTH, "0").str.join("")
    codes = np.frombuffer((padded.item() or "").encode(), dtype=np.uint8).reshape(len(texts), _WIDTH)
    values = codes.astype(np.int64) - ord("0")
    return np.where(codes >= ord("A"), values - (ord("A") - ord("0")) + 10, values)


def _of_digits(texts: pl.Series) -> np.ndarray:
    """KID and OCR (2-25 digits, mod 10 or mod 11), viitenumero, QR reference."""
    if texts.is_empty():
        return np.zeros(0, dtype=bool)
    rows, length = _laid_out(texts), texts.str.len_chars().to_numpy()
    bare = texts.str.strip_chars_start("0").str.len_chars().to_numpy()
    last, dash = rows[:, -1], rows[:, -1] == _DASH
    kid = (length <= 25) & ((_luhn(rows) & ~dash) | (_mod11(rows) == np.where(dash, 10, last)))
    viite = (bare >= 4) & (bare <= 20) & (_viite(rows) == last)
    qrr = (bare >= 5) & (_recursive(rows) == last)
    return kid | ((viite | qrr) & ~dash)


def _luhn(rows: np.ndarray) -> np.ndarray:
    doubled = rows[:, -2::-2] * 2
    return (rows[:, ::-2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)) % 10 == 0


def _mod11(rows: np.ndarray) -> np.ndarray:
    """The check digit by weights 2 to 7 from the right; 10 stands for a dash."""
    weights = 2 + np.arange(_WIDTH - 1) % 6
    rest = 11 - (rows[:, -2::-1] * weights).sum(axis=1) % 11
    return np.where(rest == 11, 0, rest)


def _viite(rows: np.ndarray) -> np.ndarray:
    weights = np.array([7, 3, 1])[np.arange(_WIDTH - 1) % 3]
    return -(rows[:, -2::-1] * weights).sum(axis=1) % 10


def _recursive(rows: np.ndarray) -> np.ndarray:
    carry = np.zeros(len(rows), dtype=np.int64)
    for place in range(_WIDTH - 1):
        carry = _CARRY[(np.where(rows[:, place] < 0, 0, rows[:, place]) + carry) % 10]
    return (10 - carry) % 10


def _of_rf(texts: pl.Series) -> np.ndarray:
    """Mod 97 of the reference with its first four characters at the end, letters as two digits."""
    if texts.is_empty():
        return np.zeros(0, dtype=bool)
    rows = _laid_out(texts.str.slice(4) + texts.str.slice(0, 4))
    rest = np.zeros(len(rows), dtype=np.int64)
    for place in range(_WIDTH):
        rest = (rest * np.where(rows[:, place] > 9, 100, 10) + rows[:, place]) % 97
    return rest == 1
