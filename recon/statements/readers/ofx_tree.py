"""Bytes of an OFX file, SGML (1.x) or XML (2.x) → a tree of elements.

In: bytes. Out: `Node`. Never: a DOCTYPE or an entity of the sender's, a file cut short, a tree too deep or too large.
Banks close some elements, all or none, whatever version they declare, so one reader takes both.
Source: Open Financial Exchange 1.6 section 2.3 and 2.2 section 2 (headers, elements, special characters).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from recon.errors import DataRefused
from recon.statements.readers.mt940_letters import windows_1252

MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 2_000_000

_TOKEN: Final = re.compile(
    r"<!\[CDATA\[(?P<raw>.*?)\]\]>|<!--.*?-->|<\?.*?\?>"
    r"|<(?P<end>/?)(?P<tag>[A-Za-z_][\w.:-]*)(?:\s[^<>]*?)?(?P<empty>/?)>|(?P<text>[^<]+|<)",
    re.DOTALL,
)
_OPENINGS: Final = (("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>"))
_HIDDEN: Final = re.compile(r"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|\[(?!CDATA\[))", re.IGNORECASE)
_CLOSING: Final = re.compile(r"</([A-Za-z_][\w.:-]*)")
_ENTITY: Final = re.compile(r"&(amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_CONTROL: Final = {sign: None for sign in range(32) if chr(sign) not in "\t\n\r"}

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED: Final = re.compile(rb"""CHARSET\s*:\s*([\w-]+)|encoding\s*=\s*["']([\w-]+)["']""")
_CHARSETS: Final = frozenset(
    (
        "cp437",
        "cp850",
        "cp865",
        "cp1250",
        "cp1257",
        "iso8859-2",
        "iso8859-4",
        "iso8859-10",
        "iso8859-13",
        "iso8859-15",
    )
)

_AGGREGATES: Final = frozenset(
    ("OFX", "STMTRS", "CCSTMTRS", "INVSTMTRS", "BANKTRANLIST", "BANKTRANLISTP", "INVTRANLIST", "INVBANKTRAN",
     "STMTTRN", "STMTTRNP", "LEDGERBAL", "AVAILBAL", "STATUS", "SONRS", "BANKACCTFROM", "CCACCTFROM", "INVACCTFROM",
     "BANKACCTTO", "CCACCTTO", "PAYEE", "CURRENCY", "ORIGCURRENCY")
)  # fmt: skip
_LEAVES: Final = frozenset(
    ("TRNTYPE", "DTPOSTED", "DTUSER", "DTAVAIL", "DTTRAN", "TRNAMT", "FITID", "CHECKNUM", "REFNUM", "NAME", "EXTDNAME",
     "MEMO", "CURDEF", "CURSYM", "CURRATE", "BANKID", "BRANCHID", "BROKERID", "ACCTID", "ACCTTYPE", "BALAMT", "DTASOF",
     "CODE", "SEVERITY", "MESSAGE", "LANGUAGE", "DTSTART", "DTEND")
)  # fmt: skip


class Node:
    """One element: its tag in capitals without prefix, its words, its children in file order."""

    __slots__ = ("children", "tag", "words")

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.words = ""
        # Most elements hold words only, and a list for each would be half of a long file's tree.
        self.children: Sequence[Node] = ()

    def append(self, child: Node) -> None:
        """One more child, behind the others."""
        if isinstance(self.children, list):
            self.children.append(child)
        else:
            self.children = [child]

    def find(self, path: str) -> Node | None:
        """The first element at `path` below this one."""
        node = self
        for tag in path.split("/"):
            for child in node.children:
                if child.tag == tag:
                    node = child
                    break
            else:
                return None
        return node

    def text(self, path: str) -> str | None:
        """The words at `path`, blanks at the ends gone; None when absent or empty."""
        found = self.find(path)
        return found.words.strip() or None if found else None

    def iter(self, *tags: str) -> Iterator[Node]:
        """This element and all below it with one of the tags, in file order."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            if node.tag in tags:
                yield node
            if node.children:
                waiting.extend(reversed(node.children))


def read_tree(data: bytes, name: str) -> Node:
    """An element without a tag that holds the file's OFX elements. Raises DataRefused; `name` is for the words."""
    text = _decode(data)
    if "\x00" in text:
        raise _no(name, "is a binary file")
    if _HIDDEN.search(text):
        raise _no(name, "holds a DOCTYPE, which can hide or change amounts and has no place in a bank file")
    for opening, closing in _OPENINGS:
        if text.rfind(opening) > text.rfind(closing):
            raise _no(name, f"breaks off within a part that begins with “{opening}”")
    start = re.search(r"<(?:\w+:)?OFX[\s>]", text, re.IGNORECASE)
    if start is None:
        raise _no(name, "holds no OFX element")
    if "<STMTTRN" in text[: start.start()].upper():
        raise _no(name, "holds a transaction before its OFX element begins")
    return _Reading(name, text).read(start.start())


class _Reading:
    """The elements open at one place of the text."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.root = Node("")
        self.open = [self.root]
        self.count = 0
        self.said: list[str] = []
        # One string for a tag, not one for each element of it. The file's own: nothing of it stays behind.
        self.plain = lru_cache(maxsize=1024)(_plain)
        self.closed_somewhere = {self.plain(tag) for tag in _CLOSING.findall(text)}

    def read(self, start: int) -> Node:
        for found in _TOKEN.finditer(self.text, start):
            if (tag := found["tag"]) is not None:
                if found["end"]:
                    self._close(self.plain(tag))
                else:
                    self._begin(self.plain(tag), closed=bool(found["empty"]))
            elif (words := found["text"]) is not None:
                if words.strip():
                    self.said.append(_ENTITY.sub(_sign, words))
            elif found["raw"] is not None:
                self.said.append(found["raw"])
        if any(node.tag == "OFX" for node in self.open):
            raise _no(self.name, "breaks off before its end (</OFX> is missing)")
        return self.root

    def _begin(self, tag: str, *, closed: bool) -> None:
        self._settle()
        while self._is_leaf(self.open[-1]):
            self.open.pop()
        # A transaction holds no other: the one before was not closed.
        if tag in ("STMTTRN", "STMTTRNP") and self.open[-1].tag == tag:
            self.open.pop()
        node = Node(tag)
        self.open[-1].append(node)
        self.count += 1
        if len(self.open) > MAX_DEPTH or self.count > MAX_ELEMENTS:
            raise _no(self.name, "is nested too deeply or has too many elements to be a statement")
        if not closed:
            self.open.append(node)

    def _is_leaf(self, node: Node) -> bool:
        """Whether an open element holds words only, so that the next element ends it."""
        if node is self.root or node.children or node.tag in _AGGREGATES:
            return False
        return bool(node.words) or node.tag in _LEAVES or node.tag not in self.closed_somewhere

    def _close(self, tag: str) -> None:
        self._settle()
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag == tag:
                del self.open[place:]
                return

    def _settle(self) -> None:
        """Give the element its words. They are collected: adding piece by piece would take long for many."""
        if self.said:
            self.open[-1].words += "".join(self.said).translate(_CONTROL)
            self.said = []


def _plain(tag: str) -> str:
    return tag.rpartition(":")[2].upper()


def _sign(found: re.Match[str]) -> str:
    """The sign an entity stands for; only those of XML itself, and by number."""
    code = found[1]
    if code in _ENTITIES:
        return _ENTITIES[code]
    number = int(code[2:], 16) if code[1] in "xX" else int(code[1:])
    return chr(number) if 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE else " "


def _decode(data: bytes) -> str:
    """By the byte order mark, else UTF-8 where all of it is, else as declared, else Windows-1252.

    UTF-8 comes before the declaration: banks declare 1252 out of habit, and what is not UTF-8 does not pass for it.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:2000])
    charset = ((declared[1] or declared[2]).decode() if declared else "").lower()
    charset = charset.replace("windows-", "cp").replace("iso-", "iso")
    charset = f"cp{charset}" if charset.isdecimal() else charset
    if charset in _CHARSETS:
        return data.decode(charset, "replace")
    return windows_1252(data)


def _no(name: str, why: str) -> DataRefused:
    return DataRefused(f"“{name}” {why}. Nothing was imported; ask the bank for the file again.", file=name)
