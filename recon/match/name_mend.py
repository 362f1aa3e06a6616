"""Words that came apart on the way to the bank, put together again.

In: the words of spellings and the vocabulary of our names. Out: the words with those mended, and how much mending
a spelling took. `h jlund` and `h?jlund` lost a letter the bank could not write, `bygge marked` was one word once.
Never touched: neighbours that are both words of their own.
"""

from __future__ import annotations

import polars as pl
from rapidfuzz import fuzz, process

from recon.match.name_words import is_known

HOLED, SPLIT = 1, 2
"""A letter is gone where the word came apart; or only a blank came in."""
_LONGEST_RUN = 4
_FRAME_LETTERS = 3
_FRAME_WORDS = 30
_LOST = "[aou]"
"""What letters beyond a-z are folded to, so what may be missing."""


def mended(read: pl.DataFrame, vocab: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`s place word end` with runs of words replaced by the word of ours they are pieces of, and `s mending`."""
    marks = [pl.DataFrame(schema={"s": pl.UInt32, "mending": pl.Int8})]
    known = read.join(vocab.select("word", "names"), on="word", how="left", maintain_order="left")
    words = known.with_columns(known=is_known(pl.col("word"), pl.col("names"))).drop("names")
    for length in range(_LONGEST_RUN, 1, -1):
        runs = _runs(words, length)
        whole = _whole(runs.select("pieces", "letters").unique().sort("pieces"), vocab, length)
        found = runs.join(whole, on="pieces", maintain_order="left")
        overlaps = (pl.col("s").diff() == 0) & (pl.col("place").cast(pl.Int16).diff() < length)
        found = found.filter(~overlaps.fill_null(value=False))
        words = _replaced(words, found, length)
        marks.append(found.select("s", "mending"))
    return words.drop("known"), pl.concat(marks).group_by("s").agg(pl.col("mending").max()).sort("s")


def _runs(words: pl.DataFrame, length: int) -> pl.DataFrame:
    """`s place pieces letters last` of each `length` neighbours of which one at least is no word that we know."""
    following = range(length)
    run = words.select(
        "s",
        "place",
        known=pl.all_horizontal(pl.col("known").shift(-i) for i in following),
        other=pl.col("s").shift(1 - length) != pl.col("s"),
        last=pl.col("end").shift(1 - length),
        **{f"piece{i}": pl.col("word").shift(-i) for i in following},
    ).filter(~pl.col("known") & ~pl.col("other"))
    pieces = [pl.col(f"piece{i}") for i in following]
    return run.select(
        "s",
        "place",
        "last",
        pieces=pl.concat_str(pieces, separator=" "),
        letters=pl.concat_str(pieces),
    )


def _whole(pieces: pl.DataFrame, vocab: pl.DataFrame, length: int) -> pl.DataFrame:
    """`pieces whole mending`: the word of ours the pieces are most like, if only letters that get lost are missing."""
    frame = pl.col("letters").str.replace_all(_LOST, "")
    theirs = pieces.with_columns(frame=frame).filter(pl.col("frame").str.len_chars() >= _FRAME_LETTERS)
    ours = vocab.select("w", "names", whole="word", frame=pl.col("word").str.replace_all(_LOST, ""))
    crowd = ours.group_by("frame").len("words").filter(pl.col("words") <= _FRAME_WORDS)
    pairs = theirs.join(ours.join(crowd, on="frame", how="semi"), on="frame")
    lost = pl.col("whole").str.len_chars().cast(pl.Int32) - pl.col("letters").str.len_chars().cast(pl.Int32)
    holed = (lost >= 1) & (lost <= length)
    fitting = pairs.filter(holed | (pl.col("whole") == pl.col("letters")))
    scores = process.cpdist(fitting["letters"].to_list(), fitting["whole"].to_list(), scorer=fuzz.ratio)
    best = fitting.with_columns(pl.Series("likeness", scores, dtype=pl.Float64)).sort(
        "pieces", "likeness", "names", "w", descending=[False, True, True, False]
    )
    mending = pl.when(pl.col("whole") == pl.col("letters")).then(SPLIT).otherwise(HOLED).cast(pl.Int8)
    return best.unique("pieces", keep="first", maintain_order=True).select("pieces", "whole", mending=mending)


def _replaced(read: pl.DataFrame, found: pl.DataFrame, length: int) -> pl.DataFrame:
    """The words with the first of each run made whole, and known, and the others gone."""
    first = found.select("s", "place", "whole", "last")
    gone = pl.concat([found.select("s", pl.col("place") + i) for i in range(1, length)]).cast(
        {"place": pl.UInt8}
    )
    rest = read.join(gone, on=["s", "place"], how="anti", maintain_order="left")
    placed = rest.join(first, on=["s", "place"], how="left", maintain_order="left")
    return placed.select(
        "s",
        "place",
        word=pl.coalesce("whole", "word"),
        end=pl.coalesce("last", "end"),
        known=pl.col("known") | pl.col("whole").is_not_null(),
    )
