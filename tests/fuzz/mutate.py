"""A good file → a damaged one: bytes, figures, lines, blocks and letters changed a few at a time.

In: bytes and a source of chance (seeded, or hypothesis's own, which then shrinks what fails). Out: bytes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

_NASTY: Final = (
    b"<", b">", b"&amp;", b"&x;", b"\x00", b"-", b"9" * 40, b"<Amt/>", b"NaN", b"1e9", b",", b".", b"\r", b"\n",
    b'"', b";", b"=1+1", b"\xc3\xa6", b"\xe6", b"\xff\xfe", b":61:", b":86:", b":62F:", b"<STMTTRN>", b"RC", b"RD",
    b"-}", b"<!DOCTYPE a>", b"]]>", b"<![CDATA[", b"0", b"1.234", b"1.234,56", b"\xe2\x88\x92", b"\xc2\xa0",
)  # fmt: skip
_NUMBER: Final = re.compile(rb"\d+(?:[.,]\d+)?")
_BLOCK: Final = re.compile(rb"<(Ntry|TxDtls|Stmt|Bal|STMTTRN|STMTRS|cac:[A-Za-z]+)>.*?</\1>", re.DOTALL)
_TAG: Final = re.compile(rb"</?([A-Za-z:]+)|^:(\d\d[A-Z]?):", re.MULTILINE)
_ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1", "cp437", "utf-7")

Chance = random.Random


def mutated(data: bytes, chance: Chance) -> bytes:
    """The file after one to four changes."""
    for _ in range(chance.randint(1, 4)):
        if data:
            data = chance.choice(_CHANGES)(data, chance)
    return data


def _flip(data: bytes, chance: Chance) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]


def _bit(data: bytes, chance: Chance) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def _remove(data: bytes, chance: Chance) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + data[place + chance.randint(1, 60) :]


def _cut_off(data: bytes, chance: Chance) -> bytes:
    return data[: chance.randrange(len(data))]


def _double(data: bytes, chance: Chance) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + data[place : place + chance.randint(1, 200)] + data[place:]


def _insert(data: bytes, chance: Chance) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.choice(_NASTY) + data[place:]


def _swap_lines(data: bytes, chance: Chance) -> bytes:
    lines = data.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _double_line(data: bytes, chance: Chance) -> bytes:
    lines = data.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    lines.insert(chance.randrange(len(lines) + 1), lines[place])
    return b"".join(lines)


def _change_number(data: bytes, chance: Chance) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    one = chance.choice(found)
    new = chance.choice([b"0", b"1", b"-1", b"0.00", b"1,005", b"99999999999999999999", b"12.", b".5", b"1 000",
                         chance.choice(found)[0], one[0] + b"0", b"-" + one[0], b"0" + one[0]])  # fmt: skip
    return data[: one.start()] + new + data[one.end() :]


def _move_block(data: bytes, chance: Chance) -> bytes:
    found = list(_BLOCK.finditer(data))
    if not found:
        return data
    one, other = chance.choice(found), chance.choice(found)
    return data[: other.start()] + one[0] + data[chance.choice([other.start(), other.end()]) :]


def _rename_tag(data: bytes, chance: Chance) -> bytes:
    names = sorted({found[1] or found[2] for found in _TAG.finditer(data)})
    if not names:
        return data
    old, new = chance.choice(names), chance.choice(names)
    return data.replace(old, new, chance.choice([1, 2, -1]))


def _recode(data: bytes, chance: Chance) -> bytes:
    try:
        text = data.decode(chance.choice(_ENCODINGS))
        return text.encode(chance.choice(_ENCODINGS))
    except (UnicodeError, ValueError):
        return data


def _line_ends(data: bytes, chance: Chance) -> bytes:
    end = chance.choice([b"\r", b"\n", b"\r\n", b"\r\r\n", b""])
    return end.join(data.splitlines())


_CHANGES: Final[tuple[Callable[[bytes, Chance], bytes], ...]] = (
    _flip, _bit, _remove, _cut_off, _double, _insert, _swap_lines, _double_line, _change_number, _change_number,
    _move_block, _move_block, _rename_tag, _recode, _line_ends,
)  # fmt: skip
