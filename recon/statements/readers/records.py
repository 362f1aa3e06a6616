"""Bytes of a large XML file → records, handed on one by one while the file is read.

A record is a repeated thing of its own (statement, balance, entry, payment); what stands inside it is kept by
its path, without a tree: a file of 100,000 entries needs the memory of one entry. A path is looked at once,
when it first occurs, and from then on only followed; so depth and prefixes are checked per path, not per
element. Refuses what `recon.xml` refuses. Never: entities of the sender's, network, half a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from xml.parsers import expat

from recon.errors import DataRefused
from recon.xml import MAX_DEPTH, no, refuse_hidden

MAX_BYTES: Final = 200 * 1024 * 1024
MAX_ELEMENTS: Final = 8_000_000
MAX_PATHS: Final = 20_000
_PIECE: Final = 1024 * 1024

Opens = Callable[[str, str], str | None]
"""(the record one is in, the path from it) → the name of the record that begins there, or None."""
Progress = Callable[[float], None]
"""Told the share of the file that has been read, 0 to 1."""


class Record:
    """What a file says in one place, by path: words, amounts' currencies (path + `@`), records inside.

    values: the first words at each path, untrimmed. again: those of its further occurrences.
    """

    __slots__ = ("again", "inside", "name", "outer", "values")

    def __init__(self, name: str, outer: Record | None) -> None:
        self.name = name
        self.outer = outer
        self.values: dict[str, str] = {}
        self.again: dict[str, list[str]] = {}
        self.inside: dict[str, list[Record]] = {}

    def text(self, path: str) -> str | None:
        """The words at the path, trimmed; None when absent or empty."""
        found = self.values.get(path)
        return found.strip() or None if found else None

    def first(self, paths: Iterable[str]) -> str | None:
        """The words at the first path that has any."""
        values = self.values
        for path in paths:
            if path in values and (words := values[path].strip()):
                return words
        return None

    def every(self, path: str) -> list[str]:
        """The words at every occurrence of the path, in file order, as written."""
        return [self.values[path], *self.again.get(path, ())] if path in self.values else []

    def texts(self, paths: Iterable[str]) -> list[str]:
        """The words at every occurrence of the paths, path by path, trimmed, empty ones left out."""
        return [
            words
            for path in paths
            if path in self.values
            for found in self.every(path)
            if (words := found.strip())
        ]

    def has(self, path: str) -> bool:
        """Whether anything is said below the path."""
        return any(found.startswith(f"{path}/") for found in self.values)

    def currency(self, path: str) -> str | None:
        """The currency an amount names."""
        return self.values.get(path + "@")

    def all(self, name: str) -> list[Record]:
        """The records of a name directly inside this one, in file order."""
        return self.inside.get(name, [])


class _Path(dict[str, "_Path"]):
    """A place in the file and, by tag, the places below it."""

    __slots__ = ("depth", "key", "known", "opens", "outer", "within")

    def __init__(self, outer: _Path | None, tag: str, opens: Opens, known: list[str]) -> None:
        self.outer: _Path = outer if outer is not None else self
        self.known = known
        known.append(tag)
        self.depth: int = outer.depth + 1 if outer is not None else 0
        path = f"{outer.key}/{tag}" if outer is not None and outer.key else tag
        self.opens = opens(outer.within, path) if outer is not None else None
        self.within: str = self.opens or (outer.within if outer is not None else "")
        self.key = "" if self.opens else path

    def step(self, tag: str, opens: Opens, name: str) -> _Path:
        """The place below that was not seen before. The prefix of a namespace is the bank's own affair."""
        plain = tag.rpartition(":")[2]
        if self.depth >= MAX_DEPTH or len(self.known) >= MAX_PATHS:
            raise no(name, "is nested too deeply or has too many kinds of elements to be a statement")
        if plain != tag:
            below = self.get(plain)
            self[tag] = below if below is not None else self.step(plain, opens, name)
            return self[tag]
        self[tag] = _Path(self, tag, opens, self.known)
        return self[tag]


def read_records(
    data: bytes,
    name: str,
    opens: Opens,
    closed: Mapping[str, Callable[[Record], None]],
    progress: Progress | None = None,
) -> str:
    """Read the file; returns the root's tag. What stands outside any record is left out.

    closed: by name, who is handed a record when it ends; such a record is then dropped, any other stays in
    the one around it. Raises DataRefused; `name` is the file's, for the words.
    """
    if len(data) > MAX_BYTES:
        raise DataRefused(
            f"“{name}” has {len(data):,} bytes; statements up to {MAX_BYTES:,} are read. Nothing was imported; "
            "ask the bank for a shorter period.",
            file=name,
        )
    body = data.lstrip(b" \t\r\n")
    refuse_hidden(body, name)
    # Counted without parsing, so that a file made of nothing but tags costs no memory.
    if body.count(b"<") - body.count(b"</") > MAX_ELEMENTS:
        raise no(name, "has too many elements to be a statement")
    root = _Path(None, "", opens, [])
    parser = _parser(root, name, opens, closed)
    whole = memoryview(body)
    try:
        for start in range(0, len(body), _PIECE):
            parser.Parse(whole[start : start + _PIECE], False)
            if progress is not None:
                progress(min(1.0, (start + _PIECE) / len(body)))
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise no(name, f"is not well-formed XML ({error})") from error
    return next(iter(root), "")


def _parser(
    root: _Path, name: str, opens: Opens, closed: Mapping[str, Callable[[Record], None]]
) -> expat.XMLParserType:
    # Plain functions around shared variables: they run some ten million times in a long file.
    here = root
    record = Record("", None)
    values = record.values
    words: list[str] = []
    currency: str | None = None
    leaf = False
    forget, join = words.clear, "".join

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal here, record, values, leaf, currency
        try:
            here = here[tag]
        except KeyError:
            here = here.step(tag, opens, name)
        forget()
        leaf = True
        currency = attributes.get("Ccy") if attributes else None
        if here.opens:
            leaf = False
            record = Record(here.opens, record)
            values = record.values

    def end(_tag: str) -> None:
        nonlocal here, record, values, leaf
        if leaf:
            leaf = False
            if words and here.within:
                key = here.key
                if key in values:
                    record.again.setdefault(key, []).append(join(words))
                else:
                    values[key] = join(words)
                    if currency is not None:
                        values[key + "@"] = currency
        elif here.opens and record.outer is not None:
            ended, record = record, record.outer
            values = record.values
            if taken := closed.get(ended.name):
                taken(ended)
            else:
                record.inside.setdefault(ended.name, []).append(ended)
        here = here.outer

    def doctype(*_: object) -> None:
        raise no(name, "holds a DOCTYPE, which can hide or change amounts and is not read")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words.append
    parser.StartDoctypeDeclHandler = doctype
    return parser
