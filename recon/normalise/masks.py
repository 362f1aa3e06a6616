"""Digits that are no reference, taken out of plain text: accounts, cards, telephones, dates, times, amounts.

In: text of recon.normalise.plain. Out: the same with a hole where such digits were. Order counts: a printed
payment line and an RF reference are taken out first, for they are found before and look like the others.
"""

from __future__ import annotations

import polars as pl

from recon.normalise.plain import worked

PRINTED = (
    r"\+?\b(?:71|75|04|15) ?[<#/ ] ?[0-9][0-9 ]{0,20}\+ ?[0-9]{7,8}\b ?<?"
    r"|\+(?:71|75|04|15)<? ?[0-9]{1,16} ?\+ ?[0-9]{7,8}\b<?"
    r"|\b(?:71|75|04|15)#[0-9]{15,16}\b"
)
"""A Danish payment line as printed or typed."""
RF = r"\bRF[0-9]{2}(?:[A-Z0-9]{1,21}|(?: [0-9]{4})+(?: [0-9]{1,3})?)\b"
"""An ISO 11649 creditor reference, whole or in groups of four."""

_STRUCTURED_HINT = r"[+#]|RF[0-9]"
_HOLE = " ? "

_MASKED = (
    # IBAN of the countries a Nordic company meets; RF is taken out before.
    r"\b(?:AT|BE|CH|CZ|DE|DK|EE|ES|FI|FO|FR|GB|GL|IE|IS|IT|LT|LU|LV|NL|NO|PL|PT|SE)[0-9]{2}"
    r"(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
    # Danish account: registration number and account, named or by its shape.
    r"\b(?:KONTO|KTO|KONTONR|REG|REGNR|ACCOUNT|ACC|BBAN)\.? ?(?:NR\.?)? ?:? ?[0-9]{3,4}[ -]?[0-9]{0,10}\b",
    r"\b[0-9]{4}[ -][0-9]{7,10}\b",
    # Cards: starred digits, four groups of four, or a number after the word.
    r"\b[0-9]{0,6}[X*]{2,}[ X*0-9-]*[0-9]{2,4}\b",
    r"\b[3-6][0-9]{3}(?:[ -][0-9]{4}){3}\b",
    r"\b(?:KORT|KORTNR|CARD|VISA|DANKORT|MASTERCARD|MC)\.? ?(?:NR\.?)? ?:? ?[2-6][0-9]{12,18}\b",
    # Telephone, personal number, dates, times, amounts.
    r"\+(?:45|46|47|358) ?[0-9]{2}(?: ?[0-9]{2,3}){2,4}\b",
    r"\b(?:TLF|TEL|MOB|MOBIL)\.? ?:? ?[0-9]{2}(?: ?[0-9]{2}){3}\b",
    r"\b[0-9]{6}-[0-9]{4}\b",
    r"\b[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{4}|[0-9]{2})\b",
    r"\b(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}\b",
    r"\b(?:KL\.? ?)?[0-9]{1,2}[.:][0-9]{2}(?:[.:][0-9]{2})?\b",
    r"\b[0-9]{1,3}(?:[. ][0-9]{3})+,[0-9]{2}\b|\b[0-9]+,[0-9]{2}\b"
    r"|\b[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{2}\b|\b[0-9]+\.[0-9]{2}\b",
)


def masked(texts: pl.DataFrame) -> pl.DataFrame:
    """`row text`, a hole for each structured reference and for digits that mean something else; in another order."""
    free = worked(texts, _STRUCTURED_HINT, _without_structured)
    return worked(free, "|".join(_MASKED), _without_foreign)


def _without_structured(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(PRINTED, _HOLE).str.replace_all(RF, _HOLE)


def _without_foreign(text: pl.Expr) -> pl.Expr:
    for pattern in _MASKED:
        text = text.str.replace_all(pattern, _HOLE)
    return text
