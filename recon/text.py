"""Text made comparable: one folded form for the many ways a bank spells the same name or account.

In: polars expressions over names, bank texts and account numbers as received. Out: expressions.
The original text is never touched; what is made here is for comparing only, never shown or stored as the text.
Conventions: folding table and company forms as collected from Danish and Nordic statements.
"""

from __future__ import annotations

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
_SLASHED_FORMS = r"\b[apki]\s?/\s?s\b|\bf\.?m\.?b\.?a\b\.?|\ba\.m\.b\.a\b\.?"
_FORMS = r"\b(?:as|aps|ivs|amba|fmba|ab|hb|kb|asa|enk|oyj?|gmbh|ag|ug|ltd|limited|inc|llc|bv|plc)\b"


def fold(text: pl.Expr) -> pl.Expr:
    """Lower-case words of a-z and 0-9 with single blanks: `K\\BENHAVN` and `KÃ¸benhavn` become `koebenhavn`."""
    mended = text.str.replace_many(list(_MOJIBAKE), list(_MOJIBAKE.values())).str.normalize("NFC")
    lower = mended.str.to_lowercase().str.replace_all(r"([a-z])@([a-z])", "${1}ø${2}")
    plain = lower.str.replace_many(list(_LETTERS), list(_LETTERS.values())).str.normalize("NFKD")
    return plain.str.replace_all(r"\p{M}", "").str.replace_all(r"[^a-z0-9]+", " ").str.strip_chars(" ")


def name_fold(name: pl.Expr) -> pl.Expr:
    """A folded name without its company form; a name that is nothing but a form keeps it. Empty is null."""
    slashless = name.str.replace_all("(?i)" + _SLASHED_FORMS, " ")
    folded = fold(slashless)
    bare = folded.str.replace_all(_FORMS, " ").str.replace_all(r" +", " ").str.strip_chars(" ")
    kept = pl.when(bare == "").then(fold(name)).otherwise(bare)
    spelled = kept.str.replace_many(list(_COLLAPSED), list(_COLLAPSED.values()))
    return pl.when(spelled == "").then(None).otherwise(spelled)


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
    bare = compact(account)
    iban = bare.str.contains(r"^(?:(?:DK|FO|GL)\d{16}|NO\d{13})$")
    national = pl.when(iban).then(bare.str.slice(4)).otherwise(bare)
    padless = national.str.slice(0, 4) + "-" + national.str.slice(4).str.strip_chars_start("0")
    key = pl.when(national.str.contains(r"^\d{8,14}$")).then(padless).otherwise(national)
    return pl.when(key == "").then(None).otherwise(key)
