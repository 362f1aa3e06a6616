"""The words of names: how common each is among our parties, and which of ours a spelled word may stand for.

In: folded names and spellings. Out: words with their places, a vocabulary of our names, and the meanings of
spelled words. A word is looked up once, however many spellings hold it. Nothing here compares whole names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import polars as pl
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from recon.match.name_lists import COMMON, FILLERS, MOVEMENT

RARE_NAMES = 5
"""A word is rare while no more of our names than this have it."""
_WORDS_READ = 24
_LETTERS_READ = 30
_BEGINNINGS = 24
_TYPO_LETTERS, _TWIN_LETTERS, _SLIPS_LETTERS = 4, 5, 7
_SURE_TYPO_LETTERS, _SURE_CUT_LETTERS = 6, 5
_TWIN_NAMES = 10
_SLIPS_LIKENESS = 74
_SLIPS_WORDS = 60
_NOISE_TEXTS = 12
_NOISE_SHARE = 0.004
_NOISE_RATIO = 12

_FILLERS = rf"\b(?:{'|'.join(sorted(FILLERS))})\b"


class Kind(IntEnum):
    """How a spelled word stands for a word of ours, best first."""

    SAME = 0
    TYPO = 1
    """One letter wrong, missing, added or two swapped, and the spelled word is in none of our names."""
    CUT = 2
    """The last word of a spelling, broken off."""
    SHORT = 3
    """The beginning of our word, elsewhere in the spelling."""
    TWIN = 4
    """One letter apart, but known as a word of its own: `petersen` and `pedersen`."""
    SLIPS = 5
    """A long word, spelled with more than one letter wrong."""


def words_of(frame: pl.DataFrame, key: str, column: str) -> pl.DataFrame:
    """`key place word end` of each folded text in `column`, in reading order; `end` marks the last word."""
    words = frame.select(key, word=pl.col(column).str.split(" ").list.head(_WORDS_READ))
    placed = words.with_columns(
        place=pl.int_ranges(0, pl.col("word").list.len(), dtype=pl.UInt8),
        last=(pl.col("word").list.len() - 1).cast(pl.UInt8),
    )
    exploded = placed.explode("word", "place", empty_as_null=False, keep_nulls=False)
    return exploded.select(key, "place", "word", end=pl.col("place") == pl.col("last"))


def vocabulary(name_words: pl.DataFrame) -> pl.DataFrame:
    """`w word names rare` of our names' words: in how many names each is, and whether it tells a party apart."""
    counted = name_words.group_by("word").agg(names=pl.len()).sort("word").with_row_index("w")
    return counted.with_columns(
        rare=(pl.col("names") <= RARE_NAMES)
        & (pl.col("word").str.len_chars() >= 4)
        & ~pl.col("word").is_in(COMMON)
    )


def bare(text: pl.Expr) -> pl.Expr:
    """A folded text without words that join names or close a company's; one that is nothing else keeps them."""
    left = text.str.replace_all(_FILLERS, " ").str.replace_all(" +", " ").str.strip_chars(" ")
    return pl.when(left == "").then(text).otherwise(left)


@dataclass(frozen=True)
class Heard:
    """words: `word texts`, how many of `count` free texts have it, a text that has it twice counted twice."""

    words: pl.DataFrame
    count: int

    def beside(self, other: Heard) -> Heard:
        """Both together."""
        both = pl.concat([self.words, other.words]).group_by("word").agg(pl.col("texts").sum())
        return Heard(both, self.count + other.count)


def heard_in(words: pl.DataFrame, count: int) -> Heard:
    """words: `word` of `count` texts."""
    return Heard(words.group_by("word").agg(texts=pl.len()), count)


def noise(heard: Heard, names: pl.DataFrame, vocab: pl.DataFrame, meant: pl.DataFrame) -> pl.DataFrame:
    """`word`: those of free texts that tell how money moved, not who moved it.

    A word is noise if it is listed, or if texts have it far more often than our names
    do. The whole name of a party is never noise, nor what is rarer than a word of ours it may be a bad spelling of.
    """
    words = heard.words.join(names, left_on="word", right_on="name", how="anti")
    counted = words.join(vocab.select("word", "names"), on="word", how="left").join(
        _commonest_meaning(words, vocab, meant), on="word", how="left"
    )
    share, held = (
        pl.col("texts") / max(heard.count, 1),
        (pl.col("names").fill_null(0) + 0.5) / max(names.height, 1),
    )
    often = (pl.col("texts") >= _NOISE_TEXTS) & (share >= _NOISE_SHARE) & (share >= _NOISE_RATIO * held)
    learnt = often & (pl.col("texts") > pl.col("texts_meant").fill_null(0))
    return counted.filter(learnt | pl.col("word").is_in(MOVEMENT)).select("word").sort("word")


def _commonest_meaning(words: pl.DataFrame, vocab: pl.DataFrame, meant: pl.DataFrame) -> pl.DataFrame:
    """`word texts_meant`: in how many texts the commonest word is that this one may be a bad spelling of."""
    spoilt = meant.filter(pl.col("kind") != Kind.SAME).select("word", "w").unique()
    ours = vocab.select("w", our_word="word").join(
        words.select(our_word="word", texts_meant="texts"), on="our_word"
    )
    return spoilt.join(ours, on="w").group_by("word").agg(pl.col("texts_meant").max())


def is_known(word: pl.Expr, names: pl.Expr) -> pl.Expr:
    """Whether a word is one of our names' or a common one, so that it is no misspelling of another."""
    return names.is_not_null() | word.is_in(COMMON)


def meanings(spelled: pl.DataFrame, vocab: pl.DataFrame) -> pl.DataFrame:
    """`word end w kind names rare`: words of ours that each spelled `word end` may stand for, the best kind of each.

    `rare` only where the spelling leaves no doubt that the rare word is meant.
    """
    known = spelled.join(vocab.select("word", "names"), on="word", how="left", maintain_order="left")
    known = known.with_columns(known=is_known(pl.col("word"), pl.col("names")))
    same = spelled.join(vocab, on="word").select("word", "end", "w", kind=pl.lit(int(Kind.SAME), pl.Int8))
    typos = _typos(known, vocab)
    lost = known.filter(~pl.col("known")).join(typos, on=["word", "end"], how="anti", maintain_order="left")
    found = pl.concat([same, typos, _beginnings(known, vocab), _slips(lost, vocab)])
    # A last word that lacks its last letter was cut.
    after_cut = pl.col("end") & (pl.col("kind") == Kind.TYPO)
    best = found.sort("word", "end", "w", after_cut, "kind").unique(
        ["word", "end", "w"], keep="first", maintain_order=True
    )
    letters, kind = pl.col("word").str.len_chars(), pl.col("kind")
    sure = (
        (kind == Kind.SAME)
        | ((kind == Kind.TYPO) & (letters >= _SURE_TYPO_LETTERS))
        | ((kind == Kind.CUT) & (letters >= _SURE_CUT_LETTERS) & ~pl.col("known"))
    )
    weighed = best.join(known.select("word", "end", "known"), on=["word", "end"], maintain_order="left").join(
        vocab.select("w", "names", "rare"), on="w", maintain_order="left"
    )
    return weighed.with_columns(rare=pl.col("rare") & sure).drop("known")


def _typos(known: pl.DataFrame, vocab: pl.DataFrame) -> pl.DataFrame:
    """Words that become equal when each loses one letter or none: every single slip of the pen, found by joins."""
    # A word that many of our names have is meant as it stands.
    unusual = pl.col("names").fill_null(0) <= _TWIN_NAMES
    shortest = pl.when(pl.col("known")).then(_TWIN_LETTERS).otherwise(_TYPO_LETTERS)
    theirs = known.filter(unusual & (pl.col("word").str.len_chars() >= shortest)).with_row_index("x")
    ours = vocab.filter(pl.col("word").str.len_chars() >= _TYPO_LETTERS - 1)
    pairs = _a_letter_less(theirs, "x").join(_a_letter_less(ours, "w"), on="key").select("x", "w").unique()
    both = pairs.sort("x", "w").join(theirs, on="x").join(ours.select("w", our_word="word"), on="w")
    # Two words may each lose another letter: only one slip between them counts.
    slips = process.cpdist(both["word"].to_list(), both["our_word"].to_list(), scorer=OSA.distance)
    kind = pl.when(pl.col("known")).then(int(Kind.TWIN)).otherwise(int(Kind.TYPO)).cast(pl.Int8)
    return both.filter(pl.Series(slips) == 1).select("word", "end", "w", kind=kind)


def _a_letter_less(words: pl.DataFrame, owner: str) -> pl.DataFrame:
    """`owner key`: a number for the word itself and for each form of it that lacks one letter."""
    word = pl.col("word")
    forms = [words.select(owner, key=word.hash())]
    for place in range(_LETTERS_READ):
        longer = words.filter(word.str.len_chars() > place)
        form = pl.concat_str(word.str.slice(0, place), word.str.slice(place + 1))
        forms.append(longer.select(owner, key=form.hash()))
    return pl.concat(forms)


def _slips(lost: pl.DataFrame, vocab: pl.DataFrame) -> pl.DataFrame:
    """Long words of ours that begin or end with the same letters as a lost one and are much like it."""
    long = pl.col("word").str.len_chars() >= _SLIPS_LETTERS
    theirs, ours = lost.filter(long).with_row_index("x"), vocab.filter(long)
    pairs = pl.concat([_same_letters(theirs, ours, 0), _same_letters(theirs, ours, -4)])
    both = pairs.unique().sort("x", "w").join(theirs, on="x").join(ours.select("w", our_word="word"), on="w")
    scores = process.cpdist(both["word"].to_list(), both["our_word"].to_list(), scorer=fuzz.ratio)
    alike = both.filter(pl.Series(scores) >= _SLIPS_LIKENESS)
    return alike.select("word", "end", "w", kind=pl.lit(int(Kind.SLIPS), pl.Int8))


def _same_letters(theirs: pl.DataFrame, ours: pl.DataFrame, offset: int) -> pl.DataFrame:
    four = pl.col("word").str.slice(offset, 4)
    held = ours.select("w", four=four)
    few = held.group_by("four").len("words").filter(pl.col("words") <= _SLIPS_WORDS)
    return (
        theirs.select("x", four=four).join(held.join(few, on="four", how="semi"), on="four").select("x", "w")
    )


def _beginnings(known: pl.DataFrame, vocab: pl.DataFrame) -> pl.DataFrame:
    """Words of ours that begin with a spelled last word, or with one that is no word of ours; not if many do."""
    candidates = known.filter((pl.col("word").str.len_chars() >= 3) & (pl.col("end") | ~pl.col("known")))
    ranged = ranges_beginning(candidates, "word", vocab["word"], _BEGINNINGS)
    kind = pl.when(pl.col("end")).then(int(Kind.CUT)).otherwise(int(Kind.SHORT)).cast(pl.Int8)
    return (
        ranged.join(vocab.select("w", our_word="word"), left_on="at", right_on="w")
        .filter(pl.col("word") != pl.col("our_word"))
        .select("word", "end", pl.col("at").alias("w"), kind=kind)
    )


def ranges_beginning(frame: pl.DataFrame, column: str, ordered: pl.Series, most: int) -> pl.DataFrame:
    """`frame` with `at`: each place in `ordered` (sorted) that begins with `column`, unless more than `most` do."""
    text = frame[column]
    low = ordered.search_sorted(text, side="left")
    high = ordered.search_sorted(text + "~", side="left")
    counted = frame.with_columns(low=pl.Series(low, dtype=pl.UInt32), high=pl.Series(high, dtype=pl.UInt32))
    few = counted.filter((pl.col("high") > pl.col("low")) & (pl.col("high") - pl.col("low") <= most))
    placed = few.with_columns(at=pl.int_ranges("low", "high", dtype=pl.UInt32)).drop("low", "high")
    return placed.explode("at", empty_as_null=False, keep_nulls=False)
