"""Bank text made plain: capitals, digits and signs of ASCII alone, one blank between words.

In: text as received. Out: text for the patterns of recon.normalise, which stay simple and fast on ASCII.
Small letters stand in for what ASCII lacks, for no small letter is left in capitals: each of ÆØÅÄÖ has one of
its own and comes back by `spelled`; other foreign letters are all `x`. Never shown or stored.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

_NORDIC = {"Æ": "e", "Ø": "o", "Å": "a", "Ä": "q", "Ö": "w"}
NORDIC = "aeoqw"
"""The stand-ins of ÆØÅÄÖ, for character classes."""

# Text of other letters than these may be composed of marks, or hold wide digits and odd blanks.
_STRANGE = r"[^\x00-\x7fÀ-ÖØ-öø-ÿ]"
_FOREIGN = r"[^\x00-\x7f]"
_DASHES = r"[‐-―−]"
_ODD_BLANKS = r"[\t-\r ]{2,}|[\t-\r]"


def plain(texts: pl.DataFrame) -> pl.DataFrame:
    """`row text`, the text in capitals by NFKC, the rows in another order.

    ÆØÅÄÖ become their stand-ins, other letters `x`, dashes `-`, other signs `?`.
    """
    composed = worked(texts, _STRANGE, _composed)
    upper = composed.with_columns(pl.col("text").str.to_uppercase().str.replace_all(_ODD_BLANKS, " "))
    return worked(upper, _FOREIGN, _stood_in)


def worked(texts: pl.DataFrame, hint: str, work: Callable[[pl.Expr], pl.Expr]) -> pl.DataFrame:
    """The texts, those that hold the hint worked on and put last: the costly way for the few."""
    held = texts["text"].str.contains(hint)
    return pl.concat([texts.filter(~held), texts.filter(held).with_columns(work(pl.col("text")))])


def every(texts: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """What the pattern finds, in the order of each text: `row key`."""
    found = texts.select("row", key=pl.col("text").str.extract_all(pattern))
    return found.filter(pl.col("key").list.len() > 0).explode("key")


def spelled(key: pl.Expr) -> pl.Expr:
    """What was found in plain text, in its own letters again."""
    return key.str.replace_many(list(_NORDIC.values()), list(_NORDIC))


def _composed(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFKC").str.replace_all(r"\s", " ")


def _stood_in(text: pl.Expr) -> pl.Expr:
    nordic = text.str.replace_many(list(_NORDIC), list(_NORDIC.values()))
    signs = nordic.str.replace_all(_DASHES, "-")
    return signs.str.replace_all(r"[\w--[\x00-\x7f]]", "x").str.replace_all(_FOREIGN, "?")
