"""`:86:` information to the account owner, in any of its styles → text, other party, references.

In: the lines of an entry's details. Out: `Details`. Never: a word of the bank left out, our own side as the
other party.
Sources: SWIFT MT940 field 86 (6x65); the German banks' DFÜ agreement annex 3 (`?20` sub-fields, `EREF+` words,
`:NS:`); format descriptions of ING, ABN AMRO, Rabobank and Nordic banks (`/EREF/` words).

    166?00GUTSCHRIFT?20EREF+2026-17?21SVWZ+Faktura 1042?30DABADKKK?31DK50…?32Hansen?33 ApS
    /EREF/2026-17/CNTP/DK50…/DABADKKK/Hansen ApS///REMI/USTD//Faktura 1042/
    Faktura 1042 Hansen ApS
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, NamedTuple

from recon.statements.accounts import clean_iban
from recon.statements.readers.words import given

_WIDTH: Final = 65
_PIECE: Final = 27
_LONGEST: Final = 10_000
"""Signs of details beyond which they are only text: no bank writes so much, and patterns would take long."""
WIDTHS: Final = frozenset((_WIDTH, 35, _PIECE))
"""Widths at which banks break details hard, in the middle of a word if need be: `:86:`, old forms, `?20`."""

_STRUCTURED: Final = re.compile(r"\s*(?:(\d{3})\s*)?([?~<>^!|])(?=\d\d)")
_TEXT_CODES: Final = frozenset((*map(str, range(20, 30)), *map(str, range(60, 64))))
_WORD: Final = re.compile(
    r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|BREF|RREF|PURP)(?:\+|:[ ])"
)
_REFERENCES: Final = frozenset(("EREF", "KREF", "MREF", "CRED", "DEBT", "BREF", "RREF", "IBAN", "BIC"))
_OPAQUE: Final = frozenset(("EREF", "SVWZ", "IBAN", "BIC"))

_CODES: Final = (
    "ACCT|ADDR|BENM|BIC|BUSP|CHGS|CHG1|CNTP|CSID|EREF|EXCH|IBAN|ID|INST|IREF|ISDT|KREF|MARF|MREF|NAME|NRTX|OCMT|"
    "ORDP|PREF|PURP|PY|REMI|RREF|RTRN|STRD|SVCL|SWOD|TRCD|TRTP|ULTB|ULTC|ULTD|USTD"
)
_CODE: Final = re.compile(rf"/({_CODES})(?=/)")
_CODED: Final = re.compile(rf"\s*/(?:{_CODES})/")
_UNSAID: Final = frozenset(
    ("ACCT", "BENM", "BIC", "CNTP", "EREF", "IBAN", "ISDT", "NAME", "ORDP", "STRD", "TRCD")
)
_REMITTANCE: Final = ("REMI", "USTD")
_ROLES: Final = frozenset(("BENM", "ORDP", "ULTB", "ULTC", "ULTD"))
_REFERENCE_KINDS: Final = ("CUR", "ISO", "SCOR", "BBA", "KID", "OCR")
_LABELLED: Final = re.compile(
    r"\b(?:REK|IBAN): ?([A-Z]{2}\d{2}[A-Z0-9]{8,30})\b.*?\bNAAM: ?(.+?)(?: [A-Z]+:|$)"
)

# The German banks' transaction codes, and those of SWIFT in `:61:`, where they tell the kind of a line.
_GERMAN_KINDS: Final = {
    **dict.fromkeys(("104", "105", "109", "171", "174", "192"), "direct_debit"),
    **dict.fromkeys(("106", "107", "110"), "card"),
    **dict.fromkeys(
        ("116", "117", "119", "152", "153", "154", "156", "159", "166", "168", "177"), "transfer"
    ),
    **dict.fromkeys(("808", "809"), "fee"),
    "814": "interest",
}
_SWIFT_KINDS: Final = {
    "TRF": "transfer",
    "DDT": "direct_debit",
    "CHG": "fee",
    "COM": "fee",
    "INT": "interest",
}


class Details(NamedTuple):
    """What the details say. pieces: the words in order, for the line's text."""

    pieces: tuple[str, ...] = ()
    name: str | None = None
    account: str | None = None
    end_to_end_id: str | None = None
    creditor_reference: str | None = None
    kind: str | None = None


def read_details(lines: list[str], flows_in: bool) -> Details:
    """Read the `:86:` of one entry. flows_in: the money came in, so the payer is the other party."""
    lines = [line for line in lines if line.strip()]
    if not lines:
        return Details()
    if sum(map(len, lines)) > _LONGEST:
        return Details((" ".join(lines),))
    if found := _STRUCTURED.match("".join(lines[:2])):
        return _sub_fields(lines, found[1], found[2])
    if _CODED.match(lines[0]):
        return _coded(join(lines, "/"), flows_in)
    text = join(lines)
    if labelled := _LABELLED.search(text):
        return Details((text,), labelled[2].strip(), labelled[1])
    return Details((text,))


def read_non_swift(lines: list[str]) -> Details:
    """Read a `:NS:` block: 01-14 text, 15-16 name, 17 booking text, 33 bank and 34 account of the other party."""
    said: dict[str, list[str]] = {}
    for line in lines:
        said.setdefault(line[:2], []).append(line[2:].rstrip())
    text = [words for code in sorted(said) if "01" <= code <= "14" for words in said[code]]
    name = "".join(words for code in ("15", "16") for words in said.get(code, ()))
    account = "".join(said.get(code, [""])[0] for code in ("33", "34"))
    return Details((*text, *said.get("17", ())), given(name.strip()), _account("", account))


def swift_kind(type_code: str) -> str | None:
    """The kind of a line by the type in its `:61:` (`NTRF`, `NDDT`), where that tells it."""
    return _SWIFT_KINDS.get(type_code[1:])


def join(lines: list[str], separator: str = "") -> str:
    """Lines as one text: what was broken at full width, or inside a sub-field's number, goes on without a blank."""
    widths = {len(line) for line in lines[:-1]}
    hard = len(widths) == 1 and widths <= WIDTHS
    text = lines[0]
    for before, line in pairwise(lines):
        # Of coded words some banks fill 64 signs; elsewhere such a line has lost its last blank.
        full = len(before) >= (_WIDTH - 1 if separator == "/" else _WIDTH)
        broken = hard or full or before[-1:] == " " or line[:1] == " "
        if separator and not broken:
            broken = separator in (before[-1:], before[-2:-1], line[:1])
        text += line if broken else f" {line}"
    return text


def _sub_fields(lines: list[str], code: str | None, separator: str) -> Details:
    said: dict[str, str] = {}
    texts: list[str] = []
    found = re.split(re.escape(separator) + r"(\d\d)", join(lines, separator))
    for number, words in zip(found[1::2], found[2::2], strict=True):
        if number in _TEXT_CODES:
            texts.append(words)
        elif number in said:
            said[number] = _go_on(said[number], words)
        else:
            said[number] = words
    words = _words("".join(piece if len(piece) >= _PIECE else f"{piece}\n" for piece in texts))
    name = " ".join(_go_on(said.get("32", ""), said.get("33", "")).split())
    remark = _go_on(said.get("70", ""), said.get("71", ""))
    account = said.get("38") or said.get("31") or words.get("IBAN") or ""
    if separator == ">" and len(said.get("10", "")) > 6:
        account = account or said["10"]
    pieces = (
        words.get("SVWZ", "") or words.get("", ""),
        words.get("", "") if words.get("SVWZ") else "",
        *(value for word, value in words.items() if word and word not in _OPAQUE),
        said.get("00", ""),
        *(said[number] for number in sorted(said) if number in ("35", "36")),
        remark,
    )
    return Details(
        tuple(piece.strip().rstrip(separator) for piece in pieces if piece.strip()),
        given(name),
        _account(said.get("30", "").strip(), account),
        given(words.get("EREF")),
        kind=_GERMAN_KINDS.get(code or ""),
    )


def _go_on(text: str, words: str) -> str:
    return text + words if len(text) % _PIECE == 0 else f"{text} {words}"


def _words(text: str) -> dict[str, str]:
    """The words of SEPA payments (`EREF+…`) in a text; all that belongs to none of them is under "".

    A reference ends with the line of its sub-field, unless that was full; what follows is text again.
    """
    found = _WORD.split(text)
    free, said = [found[0]], {}
    for word, value in zip(found[1::2], found[2::2], strict=True):
        if word in _REFERENCES:
            value, _, rest = value.lstrip("\n").partition("\n")
            free.append(rest)
        if value.strip():
            said.setdefault(word, " ".join(value.split()))
    if words := " ".join(" ".join(free).split()):
        said[""] = words
    return said


def _coded(text: str, flows_in: bool) -> Details:
    said: dict[str, str] = {}
    names: dict[str, str] = {}
    pieces: list[str] = []
    role = ""
    found = _CODE.split(text)
    for code, raw in zip(found[1::2], found[2::2], strict=True):
        value = raw.strip().strip("/").strip()
        if code in _ROLES:
            role = code
        elif code == "NAME":
            names.setdefault(role, value)
        if not value:
            continue
        said.setdefault(code, value)
        if code in _REMITTANCE:
            pieces.insert(0, value)
        elif code not in _UNSAID:
            pieces.append(value)
    near, far = ("ORDP", "BENM") if flows_in else ("BENM", "ORDP")
    account, name = _counterparty(found) if "CNTP" in said else (None, None)
    name = names.get(near) or names.get(far) or names.get("") or name
    name = name or said.get(near) or next(iter(names.values()), None)
    reference = _structured(said["STRD"]) if "STRD" in said else (None, None)
    if reference[1]:
        pieces.append(reference[1])
    return Details(
        tuple(pieces) or (reference[0] or text.strip("/ "),),
        given(name),
        _account("", account or said.get("IBAN") or said.get("ACCT") or ""),
        given(said.get("EREF")),
        reference[0],
    )


def _counterparty(found: list[str]) -> tuple[str | None, str | None]:
    """Account and name of `/CNTP/account/BIC/name/city/…`."""
    raw = found[found.index("CNTP", 1) + 1]
    places = [*(place.strip() for place in raw.removeprefix("/").split("/")), "", "", ""]
    return places[0] or None, places[2] or None


def _structured(value: str) -> tuple[str | None, str | None]:
    """The creditor reference of `/REMI/STRD/CUR/9876543210/`, and what else stands there as text."""
    kind, _, rest = value.partition("/")
    if kind in _REFERENCE_KINDS and rest:
        return given(rest.strip("/ ")), None
    return None, value


def _account(bank: str, number: str) -> str | None:
    """The other party's number; a German one together with its bank code, without which it says little."""
    bare = clean_iban(given(number.strip()))
    if bare and bank.isdecimal() and len(bank) == 8 and bare.isdecimal():
        return f"{bank}/{bare}"
    return bare
