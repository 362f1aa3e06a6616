"""What a number shared by line and document says: references first, then document numbers.

In: a Book and its hits with `numbers` (of keys.key_hits). Out: `l i reference_says`, `l i document_no_says`, the
best level of each pair, and where a line's reference points. How much a number says depends on how dense its
series is: of six-digit numbers that are all in use, any six digits are some document's.
"""

from __future__ import annotations

import polars as pl

from recon.match.book import Book
from recon.match.keys import ROLES
from recon.match.weights import says
from recon.text import compact

LONG_KEY = 7
"""Characters from which a reference is hardly met by chance."""
PADDED = 15
"""Digits of the shortest payment id that is printed with its padding."""
_SHORT_SERIES = 5
_RARE, _CROWDED = 0.001, 0.02
"""Shares of all numbers of a length that are documents here, up to which a number is rare, or only crowded."""


def is_reference_hit() -> pl.Expr:
    """A hit on the document's payment reference, or on its number by the line's structured reference."""
    return (pl.col("role") == pl.lit("reference", dtype=ROLES)) | (pl.col("trust") == 0)


def reference_levels(book: Book, hits: pl.DataFrame) -> pl.DataFrame:
    """`l i reference_says`: structured before found whole before bare digits before digits joined over blanks."""
    mine = hits.filter(is_reference_hit(), pl.col("open"))
    mine = mine.with_columns(book.items["printed"][mine["i"]])
    texts = book.lines.select("l", "text").join(mine.select("l").unique(), on="l", how="semi")
    texts = texts.with_columns(text=compact(pl.col("text")))
    levelled = mine.join(texts, on="l", how="left", maintain_order="left").with_columns(
        level=_reference_level()
    )
    return levelled.group_by("l", "i").agg(reference_says=pl.col("level").min()).sort("l", "i")


def _reference_level() -> pl.Expr:
    # Digits joined over blanks make a whole reference only where its padding is there too.
    least = pl.when(pl.col("trust") == 2).then(PADDED).otherwise(LONG_KEY)
    whole = (
        pl.col("text").str.contains(pl.col("printed"), literal=True)
        & (pl.col("printed").str.len_chars() >= least)
        & pl.col("printed").str.contains(r"[0-9]{4}")
    ).fill_null(False)
    return (
        pl.when(pl.col("trust") == 0)
        .then(says("reference", "structured"))
        .when(whole)
        .then(says("reference", "printed"))
        .when(pl.col("trust") == 2)
        .then(says("reference", "joined"))
        .when(pl.col("key").str.len_chars() >= LONG_KEY)
        .then(says("reference", "digits"))
        .otherwise(says("reference", "digits_short"))
    )


def pointing(book: Book, hits: pl.DataFrame) -> pl.DataFrame:
    """`l points`: `other`, `settled` or `foreign`: what a line's reference says of documents it does not name."""
    strong = hits.filter(is_reference_hit(), pl.col("trust") < 2, pl.col("key").str.len_chars() >= LONG_KEY)
    known = strong.group_by("l").agg(open=pl.col("open").any())
    pointed = known.select(
        "l", points=pl.when("open").then(says("reference", "other")).otherwise(says("reference", "settled"))
    )
    stated = book.lines.select("l", "creditor_reference").filter(
        pl.col("creditor_reference").str.len_chars() >= LONG_KEY
    )
    foreign = stated.join(known, on="l", how="anti").select("l", points=says("reference", "foreign"))
    return pl.concat([pointed, foreign])


def document_levels(hits: pl.DataFrame) -> pl.DataFrame:
    """`l i document_no_says` of open documents; a key that is the reference too counts once."""
    levelled = document_hits(hits).filter("open")
    return levelled.group_by("l", "i").agg(document_no_says=pl.col("level").min()).sort("l", "i")


def document_hits(hits: pl.DataFrame) -> pl.DataFrame:
    """Hits on document numbers with their `level`."""
    mine = hits.filter(~is_reference_hit())
    mine = mine.join(hits.filter(is_reference_hit()), on=["l", "i", "key"], how="anti", maintain_order="left")
    return mine.with_columns(length=pl.col("key").str.len_chars()).with_columns(level=_document_level())


def _document_level() -> pl.Expr:
    digits, length = pl.col("key").str.contains(r"^[0-9]+$"), pl.col("length")
    room = 9.0 * pl.lit(10.0).pow(length.cast(pl.Float64) - 1.0)
    year = pl.col("key").str.contains(r"^(?:19|20)[0-9][0-9]$")
    density = pl.col("numbers") / room
    return (
        pl.when(pl.col("trust") == 2)
        .then(says("document_no", "joined"))
        .when(year)
        .then(says("document_no", "dense"))
        .when(pl.col("role") == pl.lit("tail", dtype=ROLES))
        .then(says("document_no", "tail"))
        .when(~digits | ((density < _RARE) & (length >= _SHORT_SERIES)))
        .then(says("document_no", "exact"))
        .when(density < _CROWDED)
        .then(says("document_no", "crowded"))
        .otherwise(says("document_no", "dense"))
    )
