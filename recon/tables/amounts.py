"""One column of amounts as people write them → minor units, the decimal mark decided over the whole column.

In: the column's texts and the currency of each row. Out: an int, None for an empty cell, or a `Bad` cell.
Never: a guess. A column in which every amount reads both ways (only `1.234`) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from recon.errors import DataRefused
from recon.money import parse_amount

_GAPS: Final = re.compile(r"(?<=\d)[\s\u00a0\u202f\u2009'’](?=\d{3}(?!\d))")
_WORDS: Final = re.compile(r"(?i)^(?:[a-z]{3}|kr\.?)\s*|\s*(?:[a-z]{3}|kr\.?)$")
_SHAPE: Final = re.compile(r"[+-]?\d[\d.,]*|[+-]?[.,]\d+")
_MARKS: Final = ".,"


class Bad(NamedTuple):
    """A cell that cannot be read, and why."""

    reason: str


def read_amounts(
    cells: Sequence[str | None], currencies: Sequence[str | None], mark: str | None = None
) -> tuple[list[int | Bad | None], str | None]:
    """Minor units of each cell, signed as written, and what is wrong with the column as a whole, if anything.

    mark: the decimal mark where the file itself knows it (numbers in a spreadsheet). A currency of None is a
    fault of another column: the amount is then only checked for its shape.
    """
    plain = [_plain(cell) for cell in cells]
    if mark is None:
        marks = {found for text in plain if text and _SHAPE.fullmatch(text) and (found := _decides(text))}
        if len(marks) > 1:
            return [None] * len(plain), "writes some amounts with a decimal comma and others with a point"
        mark = marks.pop() if marks else None
        if mark is None and (
            open_text := next((t for t in plain if t and any(m in t for m in _MARKS)), None)
        ):
            return [None] * len(plain), f"leaves open whether “{open_text}” is thousands or decimals"
    return [
        None if text is None else _read(str(cell), text, mark or ".", currency)
        for cell, text, currency in zip(cells, plain, currencies, strict=True)
    ], None


def _plain(cell: str | None) -> str | None:
    """The cell without blanks, currency and typographer's signs, a minus in front; None when empty."""
    text = (cell or "").strip().replace("\u2212", "-")
    text = _GAPS.sub("", _WORDS.sub("", text).strip())
    if text.endswith("-") and text[:1] not in "+-":
        text = "-" + text[:-1]
    return text or None


def _decides(text: str) -> str | None:
    """The decimal mark this amount proves, None where it reads both ways or has none."""
    last = max((text.rfind(mark), mark) for mark in _MARKS)
    if last[0] < 0:
        return None
    mark = last[1]
    other = "," if mark == "." else "."
    if text.count(mark) > 1:
        return other
    if other in text:
        return mark
    whole, _, behind = text.lstrip("+-").partition(mark)
    both = len(behind) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"
    return None if both else mark


def _read(cell: str, text: str, mark: str, currency: str | None) -> int | Bad:
    group = "," if mark == "." else "."
    whole, _, behind = text.lstrip("+-").partition(mark)
    first, *threes = whole.split(group)
    grouped = not threes or (
        re.fullmatch("[1-9][0-9]{0,2}", first) and all(len(three) == 3 for three in threes)
    )
    if not _SHAPE.fullmatch(text) or not grouped or group in behind or mark in behind:
        return Bad(f"“{cell}” is no amount")
    sign = "-" if text.startswith("-") else ""
    try:
        return parse_amount(f"{sign}{whole.replace(group, '') or '0'}.{behind or '0'}", currency or "KWD")
    except DataRefused as error:
        return Bad(error.words.split(". ")[0]) if currency else 0
