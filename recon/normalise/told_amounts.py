"""Amounts in another currency that a text tells: `SEK 45.537,02`, `23.578,00 NOK`, `USD1,234.50`.

In: LINES. Out: the same with `original_minor` and `original_currency` filled where both are null and the text tells
one amount in another currency than the line's. Never guesses: `1.234` may be a thousand or a little more than one, a
number may be cut at the end of a text, `15 267,86` may be two numbers. Such texts tell nothing.
"""

from __future__ import annotations

import polars as pl

from recon.normalise.plain import every, plain

CODES = [
    "AUD",
    "BGN",
    "BRL",
    "CAD",
    "CHF",
    "CNY",
    "CZK",
    "DKK",
    "EUR",
    "GBP",
    "HKD",
    "HUF",
    "ILS",
    "INR",
    "MXN",
    "NOK",
    "NZD",
    "PLN",
    "RON",
    "SEK",
    "SGD",
    "THB",
    "TRY",
    "USD",
    "ZAR",
]
"""Currencies of two decimals that banks here move money in."""

_CODE = f"(?:{'|'.join(CODES)})"
_COMMA = r"[0-9]{1,3}(?:[.'][0-9]{3})+,[0-9]{2}"
_POINT = r"[0-9]{1,3}(?:[,'][0-9]{3})+\.[0-9]{2}"
_PLAIN = r"[0-9]{1,9}[.,][0-9]{2}"
_EXACT = f"(?:{_COMMA}|{_POINT}|{_PLAIN})"
_APART = r"[0-9]{1,3}(?: [0-9]{3})+[.,][0-9]{2}"
_WHOLE = r"[0-9]{1,9}"
_BEFORE, _AFTER = r"(?:^|[^0-9A-Z.,/'-])", r"(?:$|[^0-9])"
# Whole units count only where a rate follows: elsewhere `20145 EUR` may be an invoice in euro.
_RATE = r" (?:KURS|RATE|KURSSI|@) ?[0-9]"
_WAYS = (
    rf"(?:^|[^A-Z]){_CODE} ?(?:{_APART}|{_EXACT}){_AFTER}",
    rf"{_BEFORE}(?:{_APART}|{_EXACT}) ?{_CODE}(?:$|[^A-Z])",
    rf"(?:^|[^A-Z]){_CODE} ?{_WHOLE}{_RATE}",
    rf"{_BEFORE}{_WHOLE} ?{_CODE}{_RATE}",
)
_HINT = rf"(?i)[0-9] ?{_CODE}|{_CODE} ?[0-9]"


def with_told_amounts(lines: pl.DataFrame) -> pl.DataFrame:
    """LINES with the original amount, signed as the line, of texts that tell exactly one."""
    asked = pl.col("original_minor").is_null() & pl.col("original_currency").is_null()
    # Most texts have none of the codes; only the few that do are read.
    some = asked & pl.col("text").str.contains_any(CODES, ascii_case_insensitive=True)
    rows = lines.with_row_index("row")
    texts = rows.filter(some).filter(pl.col("text").str.contains(_HINT)).select("row", "text", "currency")
    if texts.is_empty():
        return lines
    found = told_amounts(texts.select("row", "text"))
    other = found.join(texts.select("row", "currency"), on="row").filter(pl.col("told") != pl.col("currency"))
    one = other.filter(pl.len().over("row") == 1).select("row", "told", "told_minor")
    joined = rows.join(one, on="row", how="left", maintain_order="left")
    return joined.with_columns(
        original_currency=pl.coalesce("original_currency", "told"),
        original_minor=pl.coalesce("original_minor", pl.col("told_minor") * pl.col("amount_minor").sign()),
    ).drop("row", "told", "told_minor")


def told_amounts(texts: pl.DataFrame) -> pl.DataFrame:
    """`row told told_minor` of texts `row text`: each currency and amount once, amounts without sign in minor units."""
    upper = plain(texts)
    found = pl.concat([every(upper, way) for way in _WAYS])
    code = pl.col("key").str.extract(f"({_CODE})")
    number = pl.col("key").str.extract(rf"({_APART}|{_EXACT}|{_WHOLE})").str.strip_chars()
    # `15 267,86 GBP` may be a number and an amount; after its currency `EUR 15 267,86` is one amount.
    ends_with_code = pl.col("key").str.contains(rf"[0-9] ?{_CODE}")
    read = found.select("row", told=code, number=number, apart=number.str.contains(" ") & ends_with_code)
    digits = pl.col("number").str.replace_all("[^0-9]", "").cast(pl.Int64, strict=False)
    whole = ~pl.col("number").str.contains("[.,]")
    minor = pl.when(whole).then(digits * 100).otherwise(digits)
    told = read.filter(~pl.col("apart")).select("row", "told", told_minor=minor)
    return told.filter(pl.col("told_minor") > 0).unique().sort("row", "told", "told_minor")
