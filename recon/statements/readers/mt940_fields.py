"""Bytes of an MT940 or MT942 file → its fields in file order.

In: the file's bytes. Out: (tag, content) pairs. Never: words of a payment taken for a tag, prose before a
message or the SWIFT envelope taken for content.
Source: SWIFT User Handbook, category 9, MT940 and MT942 (field order), and what banks make of it.

    {1:F01BANKDKKKAXXX0000000000}{2:I940…}{4:      envelope, often left out
    :20:…  :25:…  :28C:…                           head
    :60F:…  :61:…  :86:…  :61:…  :86:…             entries
    :62F:…  :64:…  :86:…                           tail
    -}                                             end
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

_TAG: Final = re.compile(
    rb":(?:(?<=[\r\n\x00-\x08]:)|(?<=\A:)|(?<=\{4::))"
    rb"(13D|20|21|25P?|28C?|34F|60[FM]|61|62[FM]|64|65F?|86|90[CD]|NS):"
)
"""A tag at the beginning of a line. The colon comes first, which makes the search several times faster."""
_HEAD: Final = frozenset(("13D", "20", "21", "25", "25P", "28", "28C", "34F"))
_WORDS: Final = frozenset(("61", "86", "NS"))
"""Fields whose further lines are words; wrapped words never look like one of these, no clock has a minute 61."""
_FOLLOWS: Final = {
    "20": _HEAD - {"20", "28"} | {"60F", "60M"},
    "25": frozenset(("28", "28C", "34F", "60F", "60M")),
}
"""What comes after a field that opens a message: wrapped times such as `12:20:15` look like one, and have none."""

_BALANCE: Final = re.compile(rb"\s*(?:[CD]|\d)")
_END: Final = re.compile(
    rb"[\r\n][\x00-\x09 ]*-(?:XXX|\}[^\r\n]*)?[\x00-\x09 ]*(?=[\r\n]|\Z)|[\r\n\x01-\x03]\{1:|[\r\n]:940:"
)


class Field(NamedTuple):
    tag: str
    content: bytes
    at: int
    """Where in the file it begins."""


def fields(data: bytes) -> Iterator[Field]:
    """The fields of the file; head fields open a statement, all else belongs to the one open."""
    held, before, in_head = None, "", True
    found: re.Match[bytes] | None = None
    for following in chain(_TAG.finditer(data), (None,)):
        if found is not None:
            tag = found[1].decode()
            if tag in _WORDS or _is_tag(tag, before, following, in_head, data, found.end()):
                if held is not None:
                    yield _field(data, before, held, found.start(), ends=tag in ("20", "25", "25P"))
                held, before, in_head = found, tag, tag in _HEAD
        found = following
    if held is not None:
        yield _field(data, before, held, len(data), ends=True)


def _field(data: bytes, tag: str, held: re.Match[bytes], end: int, *, ends: bool) -> Field:
    content = data[held.end() : end]
    if ends and (found := _END.search(content)):
        content = content[: found.start()]
    return Field(tag, content, held.start())


def _is_tag(
    tag: str, before: str, following: re.Match[bytes] | None, in_head: bool, data: bytes, content: int
) -> bool:
    """Whether a candidate behind the field `before` is a tag; `content` is where its content would begin."""
    if in_head or before not in _WORDS:
        return True
    if tag in _HEAD:
        after = following[1].decode() if following else ""
        # An account right behind an entry line is no wrapped text: there are no words yet to wrap.
        return after in _FOLLOWS.get(tag.rstrip("P"), ()) or (tag == "25" and before == "61")
    return _BALANCE.match(data, content) is not None
