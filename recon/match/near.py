"""Numbers with one slip of the pen: a digit wrong, or two that changed places.

In: keys of lines that found no document, keys of documents, amounts. Out: `l i feature`. Only where the amount is
exact too: one half of a number with one slip is whole, so halves and amount are looked up, and nothing is scanned.
"""

from __future__ import annotations

import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from recon.match.book import Book
from recon.match.keys import ROLES

SHORTEST = 6
LONGEST = 27
_MEETINGS_MAX = 20


def near_hits(book: Book, ours: pl.DataFrame, theirs: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """`l i reference document` of open documents: which of their numbers it nearly is.

    ours: of keys.item_keys. theirs: of keys.line_keys. hits: of keys.key_hits.
    """
    lost = theirs.join(hits.select("l").unique(), on="l", how="anti").filter(long_number())
    asked = lost.join(book.lines.select("l", "a"), on="l").drop_nulls("a")
    known = ours.filter(pl.col("open"), pl.col("role") != "tail", long_number())
    known = known.join(asked.select(len=pl.col("key").str.len_chars()).unique(), left_on=pl.col("key").str.len_chars(),
                       right_on="len", how="semi")  # fmt: skip
    known = known.join(book.items.select("i", "a"), on="i").join(
        asked.select("a").unique(), on="a", how="semi"
    )
    meetings = pl.concat([_met(asked, known, half) for half in (_head(), _tail())]).unique()
    alike = meetings.sort("l", "i", "key", "our_key")
    slips = cpdist(alike["key"].to_list(), alike["our_key"].to_list(), scorer=OSA.distance, score_cutoff=1)
    near = alike.filter(pl.Series(slips) == 1)
    reference = pl.col("role") == pl.lit("reference", dtype=ROLES)
    return near.group_by("l", "i").agg(reference=reference.any(), document=(~reference).any()).sort("l", "i")


def long_number() -> pl.Expr:
    """A key of digits alone, long enough that one slip in it is no other number."""
    return pl.col("key").str.contains(r"^[0-9]+$") & pl.col("key").str.len_chars().is_between(
        SHORTEST, LONGEST
    )


def _head() -> pl.Expr:
    return pl.col("key").str.slice(0, pl.col("key").str.len_chars() // 2)


def _tail() -> pl.Expr:
    return pl.col("key").str.slice(pl.col("key").str.len_chars() // 2)


def _met(asked: pl.DataFrame, known: pl.DataFrame, half: pl.Expr) -> pl.DataFrame:
    length = pl.col("key").str.len_chars()
    ours = known.select("i", "a", "role", our_key="key", length=length, half=half)
    ours = ours.filter(pl.len().over("a", "length", "half") <= _MEETINGS_MAX)
    theirs = asked.select("l", "a", "key", length=length, half=half)
    return theirs.join(ours, on=["a", "length", "half"]).select("l", "i", "key", "our_key", "role")
