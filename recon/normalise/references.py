"""Candidate references in the text of a bank line.

In: polars expressions over text as received. Out: lists of canonical keys (recon.references.reference_key),
the most trusted first; a key found only by joining digits over blanks is marked with a leading `~`.
Never decides that a candidate is right: that is looked up among the open items.
Pipeline of payment-reference practice: printed lines first, then foreign digits masked, then runs and tokens.
"""

from __future__ import annotations

import polars as pl

from recon.references import JOINED, national_key, reference_key

MIN_DIGITS = 4

_PRINTED = (
    r"\+?\b(?:71|75|04|15) ?[<#/ ] ?\d[\d ]{0,20}\+ ?\d{7,8}\b ?<?"
    r"|\+(?:71|75|04|15)<? ?\d{1,16} ?\+ ?\d{7,8}\b<?"
    r"|\b(?:71|75|04|15)#\d{15,16}\b"
)
_RF = r"\bRF\d{2}(?:[A-Z0-9]{1,21}|(?: \d{4})+(?: \d{1,3})?)\b"

_MASKED = (
    # IBAN of the countries a Nordic company meets; RF is taken out before.
    r"\b(?:AT|BE|CH|CZ|DE|DK|EE|ES|FI|FO|FR|GB|GL|IE|IS|IT|LT|LU|LV|NL|NO|PL|PT|SE)\d{2}"
    r"(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
    # Danish account: registration number and account, named or by its shape.
    r"\b(?:KONTO|KTO|KONTONR|REG|REGNR|ACCOUNT|ACC|BBAN)\.? ?(?:NR\.?)? ?:? ?\d{3,4}[ -]?\d{0,10}\b",
    r"\b\d{4}[ -]\d{7,10}\b",
    # Cards: starred digits, four groups of four, or a number after the word.
    r"\b\d{0,6}[X*]{2,}[ X*\d-]*\d{2,4}\b",
    r"\b[3-6]\d{3}(?:[ -]\d{4}){3}\b",
    r"\b(?:KORT|KORTNR|CARD|VISA|DANKORT|MASTERCARD|MC)\.? ?(?:NR\.?)? ?:? ?\d{13,19}\b",
    # Telephone, personal number, dates, times, amounts.
    r"\+(?:45|46|47|358) ?\d{2}(?: ?\d{2,3}){2,4}\b",
    r"\b(?:TLF|TEL|MOB|MOBIL)\.? ?:? ?\d{2}(?: ?\d{2}){3}\b",
    r"\b\d{6}-\d{4}\b",
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b",
    r"\b(?:19|20)\d{2}-\d{2}-\d{2}\b",
    r"\b(?:KL\.? ?)?\d{1,2}[.:]\d{2}(?:[.:]\d{2})?\b",
    r"\b\d{1,3}(?:[. ]\d{3})+,\d{2}\b|\b\d+,\d{2}\b|\b\d{1,3}(?:,\d{3})+\.\d{2}\b|\b\d+\.\d{2}\b",
)
_HOLE = " ¤ "

_SHORTHAND = r"\b(\d{4,12})((?:[/,+] ?\d{1,3})+)\b"
_SHORTHAND_MOST = 12
_SERIES = r"\b(\d{4,12}) ?- ?(\d{4,12})\b"
_SERIES_MOST = 30

_RUN = r"\d{4,}"
_JOINED_RUN = r"\d+(?: \d+)+"
_CARD_TYPE = r"\b(?:71|75|73|04|01|15) (\d)"
_TOKEN = r"[A-Z0-9ÆØÅÄÖ]+(?:[-/._][A-Z0-9]+)*"
_ANNOUNCED = (
    r"\b(?:FAKTURANR|FAKTURA|FAKT|FAK|INVOICE|INV|REGNING|KREDITNOTA|BILAG|ORDRE|ORDER|NR|NO)\b"
    r"\.? ?(?:NR|NO)?\.? ?[:#]? ?\d{1,3}\b"
)


def candidates(text: pl.Expr) -> pl.Expr:
    """The candidate keys in a text, best first: printed FIK lines and RF, digit runs, tokens, joined digits.

    Digits of IBANs, accounts, cards, telephone and personal numbers, dates, times and amounts are left out.
    Runs have at least four digits after their leading zeros, unless a word such as `faktura` announces them.
    """
    upper = text.fill_null("").str.normalize("NFKC").str.to_uppercase().str.replace_all(r"\s+", " ")
    masked = upper.str.replace_all(_PRINTED, _HOLE).str.replace_all(_RF, _HOLE)
    for pattern in _MASKED:
        masked = masked.str.replace_all(pattern, _HOLE)
    return pl.concat_list(
        _keys(upper.str.extract_all(_PRINTED)),
        _rf_keys(upper.str.extract_all(_RF)),
        _runs(masked),
        _announced(masked),
        _tokens(masked),
        _joined(masked),
    ).list.unique(maintain_order=True)


def _keys(found: pl.Expr) -> pl.Expr:
    return found.list.eval(reference_key(pl.element())).list.drop_nulls()


def _rf_keys(found: pl.Expr) -> pl.Expr:
    """The RF key and the national digits inside it."""
    whole = reference_key(pl.element())
    return pl.concat_list(
        found.list.eval(whole), found.list.eval(national_key(reference_key(pl.element())))
    ).list.drop_nulls()


def _runs(text: pl.Expr) -> pl.Expr:
    stripped = pl.element().str.strip_chars_start("0")
    # A long padded run is a payment id even where few digits count.
    enough = (stripped.str.len_chars() >= MIN_DIGITS) | (
        (pl.element().str.len_chars() >= 10) & (stripped != "")
    )
    return text.str.extract_all(_RUN).list.eval(stripped.filter(enough))


def _announced(text: pl.Expr) -> pl.Expr:
    """Short document numbers, taken only where a word says what they are."""
    number = pl.element().str.extract(r"(\d{1,3})$", 1).str.strip_chars_start("0")
    return text.str.extract_all(_ANNOUNCED).list.eval(number.filter(number != ""))


def _tokens(text: pl.Expr) -> pl.Expr:
    """Words with at least two digits among letters or signs: `INV-2026-00123`, `F2026/123`."""
    found = pl.element()
    digits = found.str.count_matches(r"\d")
    mixed = (digits >= 2) & (found.str.len_chars() >= 4) & ~found.str.contains(r"^\d+$")
    return text.str.extract_all(_TOKEN).list.eval(reference_key(found.filter(mixed)))


def _joined(text: pl.Expr) -> pl.Expr:
    opened = text.str.replace_all(_CARD_TYPE, "¤ ${1}")
    digits = pl.element().str.replace_all(" ", "").str.strip_chars_start("0")
    enough = digits.str.len_chars().is_between(MIN_DIGITS + 1, 27)
    return opened.str.extract_all(_JOINED_RUN).list.eval(JOINED + digits.filter(enough))


def expanded(text: pl.Expr) -> pl.Expr:
    """Numbers that a text only implies: `1041/42/43` and `1041-1044`. Marked as weak, for they must add up to count.

    One shorthand and one series a text; a series of more than thirty numbers is none.
    """
    upper = text.fill_null("").str.to_uppercase()
    return pl.concat_list(_shorthand(upper), _series(upper)).list.drop_nulls()


def _shorthand(text: pl.Expr) -> pl.Expr:
    """The number whose last digits each short one replaces."""
    base = text.str.extract(_SHORTHAND, 1)
    ends = text.str.extract(_SHORTHAND, 2).str.extract_all(r"\d+")
    numbers = []
    for place in range(_SHORTHAND_MOST):
        end = ends.list.get(place, null_on_oob=True)
        kept = base.str.len_chars() - end.str.len_chars()
        numbers.append(JOINED + base.str.slice(0, kept) + end)
    return pl.concat_list(numbers).list.drop_nulls()


def _series(text: pl.Expr) -> pl.Expr:
    """Every number from the first to the last."""
    first = text.str.extract(_SERIES, 1).cast(pl.Int64, strict=False)
    last = text.str.extract(_SERIES, 2).cast(pl.Int64, strict=False)
    steps = last - first
    short = steps.is_between(1, _SERIES_MOST) & ~text.str.contains(r"\b\d{4}-\d{2}-\d{2}\b")
    span = pl.int_ranges(first, pl.when(short).then(last + 1).otherwise(first))
    return span.cast(pl.List(pl.String)).list.eval(JOINED + pl.element()).fill_null([])
