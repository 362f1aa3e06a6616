"""Amounts as OFX files write them → minor units.

In: figures such as `-1234.50`, `1234,5`, `+.5`. Out: minor units. Never: a figure read that could mean two
amounts, a float.
Source: OFX 2.2 section 3.2.9.2: a sign, digits, and point or comma as decimal mark, no grouping. Banks group all
the same, so the mark is decided over the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from recon.errors import AmountInexact
from recon.money import parse_amount

_FIGURE: Final = re.compile(r"([+-]?)([\d.,]*\d[\d.,]*)", re.ASCII)
_ONE_MARK: Final = re.compile(r"(\d*)([.,])(\d*)", re.ASCII)
_LONGEST: Final = 40
_MINUS: Final = str.maketrans({"\u2212": "-"})


def decimal_mark(figures: Iterable[str]) -> str | None:
    """The file's decimal mark, as far as some figure leaves no doubt; "" where figures contradict each other."""
    found = {mark for figure in set(figures) if (mark := _proven(figure))}
    if not found:
        return None
    return found.pop() if len(found) == 1 else ""


def read_amount(figure: str, currency: str, mark: str | None) -> int:
    """Minor units; `mark` is what `decimal_mark` said of the file. Raises DataRefused."""
    plain = figure.strip().translate(_MINUS)
    found = _FIGURE.fullmatch(plain) if len(plain) <= _LONGEST else None
    if found is None:
        raise AmountInexact(f"“{figure[:40]}” is not an amount.", amount=figure, currency=currency)
    sign, digits = found.groups()
    if not mark and ("." in digits or "," in digits):
        mark = _proven(digits)
        if not mark:
            raise AmountInexact(
                f"“{figure}” may be thousands or decimals, and no other amount of the file tells.",
                amount=figure,
                currency=currency,
            )
    if mark:
        digits = _ungrouped(digits, mark, figure, currency)
    return parse_amount(sign + digits, currency)


def _proven(figure: str) -> str | None:
    """The decimal mark of a figure that can be read in one way only."""
    digits = figure.strip().lstrip("+-\u2212")
    marks = [sign for sign in digits[:_LONGEST] if sign in ".,"]
    if not marks or len(digits) > _LONGEST:
        return None
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return "," if marks[0] == "." else "."
    found = _ONE_MARK.fullmatch(digits)
    if found is None:
        return None
    whole, mark, rest = found.groups()
    # Thousands have three digits behind the mark and one to three before it, not beginning with 0.
    grouped = len(rest) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"
    return None if grouped else mark


def _ungrouped(digits: str, mark: str, figure: str, currency: str) -> str:
    group = "," if mark == "." else "."
    whole, _, rest = digits.partition(mark)
    if (
        group in rest
        or mark in rest
        or (group in whole and not re.fullmatch(rf"\d{{1,3}}(?:\{group}\d{{3}})+", whole))
    ):
        raise AmountInexact(f"“{figure[:40]}” is not an amount.", amount=figure, currency=currency)
    return whole.replace(group, "") + (f".{rest}" if rest else "")
