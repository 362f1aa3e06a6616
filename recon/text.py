"""Text made comparable: one folded form for the many ways a bank spells the same name or account.

In: polars expressions over names, bank texts and account numbers as received. Out: expressions.
The original text is never touched; what is made here is for comparing only, never shown or stored as the text.
Conventions: folding table and company forms as collected from Danish and Nordic statements.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

# UTF-8 read as Latin-1 or as Windows-1252.
_MOJIBAKE = {
    "Ã¦": "æ", "Ã¸": "ø", "Ã¥": "å", "Ã†": "Æ", "Ã˜": "Ø", "Ã…": "Å", "Ã\x86": "Æ", "Ã\x98": "Ø", "Ã\x85": "Å",
    "Ã¤": "ä", "Ã¶": "ö", "Ã¼": "ü", "Ã„": "Ä", "Ã–": "Ö", "Ãœ": "Ü", "Ã©": "é",
}  # fmt: skip
# ISO 646-DK put the Danish letters where others have brackets.
_LETTERS = {
    "æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss",
    "[": "ae", "\\": "oe", "]": "aa", "{": "ae", "|": "oe", "}": "aa",
}  # fmt: skip
# Some banks write ø as oe, others as o: both lose to one letter.
_COLLAPSED = {"ae": "a", "oe": "o", "aa": "a", "ue": "u"}
# All that the letters above and plain lower case make into a-z; other text goes the longer way.
_STRANGE = r"[^\x00-\x7fæøåäöüßÆØÅÄÖÜ]"
_SLASHED_FORMS = r"(?i)\b[apki]\s?/\s?s\b|\bf\.?m\.?b\.?a\b\.?|\ba\.m\.b\.a\b\.?"
# What every slashed form holds, without the word boundaries that are slow among Danish letters.
_SLASHED_HINT = r"(?i)[apki]\s?/\s?s|f\.?m\.?b\.?a|a\.m\.b"
_FORMS = r"\b(?:as|aps|ivs|amba|fmba|ab|hb|kb|asa|enk|oyj?|gmbh|ag|ug|ltd|limited|inc|llc|bv|plc)\b"
# Runs of signs, except the single blank that stays as it is.
_GAPS = r"[^a-z0-9]{2,}|[^a-z0-9 ]"


def fold(text: pl.Expr) -> pl.Expr:
    """Lower-case words of a-z and 0-9 with single blanks: `K\\BENHAVN` and `KÃ¸benhavn` become `koebenhavn`."""
    return in_steps(text, _folded)


def name_fold(name: pl.Expr) -> pl.Expr:
    """A folded name without its company form; a name that is nothing but a form keeps it. Empty is null."""
    return in_steps(name, _name_folded)


def in_steps(text: pl.Expr, work: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    """Text to text row by row, each step worked out once; an expression would repeat what it names twice."""
    return text.map_batches(work, return_dtype=pl.String, is_elementwise=True)


def only_where(needed: pl.Series, work: Callable[[pl.Series], pl.Series], rest: pl.Series) -> pl.Series:
    """`rest`, and `work` of it in the rows that need it: the costly way for the few."""
    needed = needed.fill_null(False)
    if not needed.any():
        return rest
    place = (needed.cum_sum().cast(pl.Int64) - 1).clip(0)
    return work(rest.filter(needed)).gather(place).zip_with(needed, rest)


def _folded(text: pl.Series) -> pl.Series:
    mended = only_where(text.str.contains(_STRANGE), _mended, text)
    lower = mended.str.to_lowercase().str.replace_all(r"([a-z])@([a-z])", "${1}ø${2}")
    plain = lower.str.replace_many(list(_LETTERS), list(_LETTERS.values()))
    known = only_where(plain.str.contains(r"[^\x00-\x7f]"), _unmarked, plain)
    return known.str.replace_all(_GAPS, " ").str.strip_chars(" ")


def _mended(text: pl.Series) -> pl.Series:
    return text.str.replace_many(list(_MOJIBAKE), list(_MOJIBAKE.values())).str.normalize("NFC")


def _unmarked(text: pl.Series) -> pl.Series:
    return text.str.normalize("NFKD").str.replace_all(r"\p{M}", "")


def _name_folded(name: pl.Series) -> pl.Series:
    slashless = only_where(
        name.str.contains(_SLASHED_HINT), lambda some: some.str.replace_all(_SLASHED_FORMS, " "), name
    )
    bare = _folded(slashless).str.replace_all(_FORMS, " ").str.replace_all(r" {2,}", " ").str.strip_chars(" ")
    kept = only_where(bare == "", lambda nothing: _folded(name.filter(bare == "")), bare)
    spelled = kept.str.replace_many(list(_COLLAPSED), list(_COLLAPSED.values()))
    return spelled.set(spelled == "", None)


def name_key(folded: pl.Expr) -> pl.Expr:
    """Words of a folded name in order of the alphabet: `Jensen, Ole` and `Ole Jensen` are one key."""
    return folded.str.split(" ").list.sort().list.join(" ")


def compact(text: pl.Expr) -> pl.Expr:
    """Letters and digits alone, in capitals."""
    return text.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")


def account_key(account: pl.Expr) -> pl.Expr:
    """One key for IBAN and national spellings of a Danish or Norwegian account; others by their characters.

    The first four digits and the rest without padding, so `DK5000400440116243`, `0040 0440116243` and
    `0040-440116243` are equal. Empty is null.
    """
    return in_steps(account, _account_key)


def _account_key(account: pl.Series) -> pl.Series:
    bare = account.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    iban = bare.str.contains(r"^(?:(?:DK|FO|GL)[0-9]{16}|NO[0-9]{13})$")
    national = only_where(iban, lambda some: some.str.slice(4), bare)
    nordic = national.str.contains(r"^[0-9]{8,14}$")
    key = only_where(nordic, _padless, national)
    return key.set(key == "", None)


def _padless(national: pl.Series) -> pl.Series:
    return national.str.slice(0, 4) + "-" + national.str.slice(4).str.strip_chars_start("0")
