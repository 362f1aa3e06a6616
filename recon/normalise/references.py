"""Candidate references in texts: where they are from, and how much each way of finding them is trusted.

In: many texts, each with the row it belongs to. Out: one canonical key (recon.references.reference_key) a row
and finding, the most trusted first; a key made only by joining digits over blanks is marked with a leading `~`.
Never decides that a candidate is right: that is looked up among the open items.
All texts are read at once, finding by finding, and only those that can hold it.
"""

from __future__ import annotations

import polars as pl

from recon.normalise.masks import PRINTED, RF, masked
from recon.normalise.plain import NORDIC, every, plain, spelled
from recon.references import JOINED, national_key, reference_key

MIN_DIGITS = 4

_RUN = r"[0-9]{4,}"
_MIXED_HINT = r"[A-Za-z][-/._]?[0-9]|[0-9][-/._]?[A-Za-z]|[0-9][-/._][0-9]"
_JOINED_RUN = r"[0-9]+(?: [0-9]+)+"
_CARD_TYPE = r"\b(?:71|75|73|04|01|15) ([0-9])"
_LETTER, _SIGN = f"[A-Z{NORDIC}]", "[-/._]"
_WORD = f"[A-Z0-9{NORDIC}]"
# A word with a digit: in its first part, or in one after a sign.
_WORDS = (
    f"{_LETTER}*[0-9]{_WORD}*(?:{_SIGN}{_WORD}+)*"
    f"|{_LETTER}+(?:{_SIGN}{_LETTER}+)*{_SIGN}{_LETTER}*[0-9]{_WORD}*(?:{_SIGN}{_WORD}+)*"
)
_NAMING = "FAKTURANR|FAKTURA|FAKT|FAK|INVOICE|INV|REGNING|KREDITNOTA|BILAG|ORDRE|ORDER"
_ANNOUNCED = rf"\b(?:(?:{_NAMING}|NR|NO)\b\.? ?(?:NR|NO)?\.? ?[:#]? ?|(?:{_NAMING}))[0-9]{{1,3}}\b"
_NAMED = rf"^(?:{_NAMING}|KUNDENR|KUNDE|REF){_SIGN}?(?:NR{_SIGN}?)?"


def candidates(texts: pl.DataFrame) -> pl.DataFrame:
    """The candidate keys in texts: `row place key`, a lower place trusted more, rows in any order.

    texts: `row text`. Printed FIK lines 0 and RF 1, its national digits 2, digit runs 3, announced numbers 4,
    words 5, pieces of words 6, digits joined over blanks 7, over the signs and letters of a word 8.
    Digits of IBANs, accounts, cards, telephone and personal numbers, dates, times and amounts are left out.
    Runs have at least four digits after their leading zeros, unless a word such as `faktura` announces them.
    """
    whole = plain(texts).filter(pl.col("text").str.contains("[0-9]"))
    free = masked(whole)
    words = _words(free)
    rf = every(whole, RF).with_columns(key=reference_key(pl.col("key")))
    ways = (
        every(whole, PRINTED).with_columns(key=reference_key(pl.col("key"))),
        rf,
        rf.with_columns(key=national_key(pl.col("key"))),
        _runs(free),
        _announced(free),
        _keys(words),
        _keys(_pieces(words)),
        _joined(free),
        _joined_in(words),
    )
    placed = [way.with_columns(place=pl.lit(place, pl.Int64)) for place, way in enumerate(ways)]
    return pl.concat(placed).drop_nulls("key").select("row", "place", "key")


def _runs(texts: pl.DataFrame) -> pl.DataFrame:
    run, stripped = pl.col("key"), pl.col("key").str.strip_chars_start("0")
    # A long padded run is a payment id even where few digits count.
    enough = (stripped.str.len_bytes() >= MIN_DIGITS) | ((run.str.len_bytes() >= 10) & (stripped != ""))
    return every(texts, _RUN).filter(enough).with_columns(stripped)


def _announced(texts: pl.DataFrame) -> pl.DataFrame:
    """Short document numbers, taken only where a word says what they are."""
    number = pl.col("key").str.extract(r"([0-9]{1,3})$", 1).str.strip_chars_start("0")
    return every(texts, _ANNOUNCED).with_columns(number).filter(pl.col("key") != "")


def _words(texts: pl.DataFrame) -> pl.DataFrame:
    """Words with digits among letters or signs: `INV-2026-00123`, `F2026/123`."""
    holding = texts.filter(pl.col("text").str.contains(_MIXED_HINT))
    return every(holding, _WORDS).filter(pl.col("key").str.contains("[^0-9]"))


def _pieces(words: pl.DataFrame) -> pl.DataFrame:
    """`INV-1041/INV-1042` is two numbers, `FAKTURAK1234` one without the word before."""
    word = pl.col("key")
    several = word.str.contains("/", literal=True)
    parts = words.filter(several).with_columns(word.str.split("/")).explode("key")
    named = pl.concat([parts, words.filter(~several)]).filter(word.str.contains(_NAMED))
    bare = named.with_columns(word.str.replace(_NAMED, ""))
    return pl.concat([parts, bare]).filter(word.str.contains("[A-Za-z]"))


def _keys(words: pl.DataFrame) -> pl.DataFrame:
    """Those of at least two digits and four characters."""
    word = pl.col("key")
    enough = words.filter(word.str.len_bytes() >= 4, word.str.count_matches("[0-9]") >= 2)
    return enough.with_columns(reference_key(spelled(word)))


def _joined(texts: pl.DataFrame) -> pl.DataFrame:
    apart = texts.filter(pl.col("text").str.contains("[0-9] [0-9]"))
    opened = apart.with_columns(pl.col("text").str.replace_all(_CARD_TYPE, "? ${1}"))
    return _as_joined(every(opened, _JOINED_RUN))


def _joined_in(words: pl.DataFrame) -> pl.DataFrame:
    """`INV-2026-00123` may be a document `2026-00123`."""
    lettered = pl.col("key").str.contains("[A-Za-z]") & pl.col("key").str.contains("[0-9][^0-9]+[0-9]")
    return _as_joined(words.filter(lettered))


def _as_joined(found: pl.DataFrame) -> pl.DataFrame:
    digits = found.with_columns(pl.col("key").str.replace_all("[^0-9]", "").str.strip_chars_start("0"))
    enough = pl.col("key").str.len_bytes().is_between(MIN_DIGITS + 1, 27)
    return digits.filter(enough).with_columns(key=JOINED + pl.col("key"))
