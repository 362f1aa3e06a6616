"""Bytes of an XML file → a tree of plain tags, or a refusal: the one door for statements and invoices.

Refuses a DOCTYPE before parsing, and files too large, too deep or with too many elements while parsing.
Never: entities of the sender's, network, XInclude. Namespaces are dropped: senders write them in many ways,
and some not at all.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from io import BytesIO

from recon.errors import DataRefused

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 64
MAX_ELEMENTS = 2_000_000

# In other encodings (EBCDIC, UTF-7) a DOCTYPE could hide from the search for it.
_ENCODINGS = ("utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252")
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")


def read_xml(data: bytes, name: str) -> ET.Element:
    """The root element, tags without namespace. Raises DataRefused; `name` is the file's, for the words."""
    if len(data) > MAX_BYTES:
        raise DataRefused(
            f"“{name}” has {len(data):,} bytes; files up to {MAX_BYTES:,} are read. Nothing was imported; "
            "split it, or ask for a shorter period.",
            file=name,
        )
    body = data.lstrip(b" \t\r\n")
    refuse_hidden(body, name)
    root: ET.Element | None = None
    depth = count = 0
    try:
        for event, element in ET.iterparse(BytesIO(body), events=("start", "end")):
            if event == "end":
                depth -= 1
                continue
            depth += 1
            count += 1
            if depth > MAX_DEPTH or count > MAX_ELEMENTS:
                raise no(name, "is nested too deeply or has too many elements to be read")
            element.tag = element.tag.rpartition("}")[2]
            root = element if root is None else root
    except (ET.ParseError, ValueError, LookupError) as error:
        raise no(name, f"is not well-formed XML ({error})") from error
    if root is None:
        raise no(name, "holds no element")
    return root


def text(element: ET.Element | None, path: str = "") -> str | None:
    """The words at `path` below an element, trimmed; None when absent or empty."""
    found = element.find(path) if element is not None and path else element
    return (found.text or "").strip() or None if found is not None else None


def first(element: ET.Element | None, *paths: str) -> str | None:
    """The words at the first path that has any."""
    return next((words for path in paths if (words := text(element, path))), None)


def texts(element: ET.Element, path: str) -> Iterator[str]:
    """The words of every element at `path`, in file order, empty ones left out."""
    return (words for found in element.iterfind(path) if (words := text(found)))


def refuse_hidden(body: bytes, name: str) -> None:
    """Raise DataRefused for a DOCTYPE, and for an encoding in which one could hide; before any parsing."""
    # Without the zero bytes the search also sees UTF-16.
    plain = body.replace(b"\x00", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise no(name, "holds a DOCTYPE, which can hide or change amounts and is not read")
    declared = _DECLARED.search(plain[:400])
    if declared and declared[1].decode("ascii", "replace").lower() not in _ENCODINGS:
        raise no(
            name, f"declares the encoding {declared[1].decode('ascii', 'replace')}, which is not read here"
        )


def no(name: str, why: str) -> DataRefused:
    """The refusal of a file, in one sentence."""
    return DataRefused(f"“{name}” {why}. Nothing was imported; ask the sender for a new file.", file=name)
