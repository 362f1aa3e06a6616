"""What a spelling and a name have in common, word by word.

In: pairs found by keys, and the words of both sides. Out: the pairs with counts of words that meet, and how.
A set of words is a number with a bit for each place, so that a million pairs are compared with a few sums.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from recon.match.name_keys import Words, pack, run_starts
from recon.match.name_words import Kind, is_known

Bits = NDArray[np.uint32]
_LETTERS = pl.col("word").str.len_chars()
_COUNTED = {
    "same": Kind.SAME, "typos": Kind.TYPO, "cuts": Kind.CUT, "shorts": Kind.SHORT, "twins": Kind.TWIN,
    "slips": Kind.SLIPS,
}  # fmt: skip


def compare(found: pl.DataFrame, words: Words) -> pl.DataFrame:
    """`s n way` with what they share; s and n are places in `words.spellings` and `words.names`.

    Adds `who_met`, the words of the spelling that meet, a bit for each place, and counts of words:
    `met` (at most one of each side), by the name's words `same typos cuts shorts twins slips`, `strangers` (words of
    the spelling that do not meet but are common or in other names), `odd_letters` (its single letters that do not
    meet), `who_long_left name_long_left` (longer words that do not meet), `who_words name_words`. Letters:
    `who_letters name_letters`. And `rare` (a rare word meets), `named mending`, `same_words` (in any order), `begins`
    (the name begins with the spelling), `breaks` (and goes on inside a word), `inside` (one holds the other if blanks
    do not count), `likeness` 0-100 of both sorted by words.
    """
    s, n = found["s"].to_numpy(), found["n"].to_numpy()
    columns = [pl.Series(column, values) for column, values in _counts(found, words, s, n).items()]
    columns.append(_likeness(words.spellings["who_key"], s, words.names["name_key"], n))
    theirs = words.spellings.select("named", "mending", "who_key", *_lengths("who"))
    ours = words.names.select("name_key", *_lengths("name"))
    return pl.concat([found.with_columns(columns), theirs[s], ours[n]], how="horizontal").with_columns(
        same_words=pl.col("who_key") == pl.col("name_key"),
        begins=pl.col("name").str.starts_with(pl.col("who")),
        breaks=~pl.col("name").str.starts_with(pl.concat_str("who", pl.lit(" "))),
        inside=_inside(),
    )


def _counts(found: pl.DataFrame, words: Words, s: NDArray, n: NDArray) -> dict[str, NDArray]:
    met = _meetings(found, words)
    known, long, letters = _spelled_sets(words)
    name_long = _bits(words.ours.filter(_LETTERS > 1), "n", words.names.height)
    who_met, name_met = met.pop("who"), met.pop("name")
    return {
        **met,
        "who_met": who_met,
        "met": np.minimum(np.bitwise_count(who_met), np.bitwise_count(name_met)),
        "strangers": np.bitwise_count(known[s] & ~who_met),
        "odd_letters": np.bitwise_count(letters[s] & ~who_met),
        "who_long_left": np.bitwise_count(long[s] & ~who_met),
        "name_long_left": np.bitwise_count(name_long[n] & ~name_met),
    }


def _lengths(column: str) -> list[pl.Expr]:
    """The text, its letters without blanks, and how many words and letters it has."""
    joined = pl.col(column).str.replace_all(" ", "", literal=True)
    words = pl.col(column).str.count_matches(" ", literal=True) + 1
    return [
        pl.col(column),
        joined.alias(f"{column}_joined"),
        words.alias(f"{column}_words"),
        joined.str.len_chars().alias(f"{column}_letters"),
    ]


def _inside() -> pl.Expr:
    """Blanks aside, the name is in the spelling, or begins with it."""
    who, name = pl.col("who_joined"), pl.col("name_joined")
    return who.str.contains(name, literal=True) | name.str.starts_with(who)


def _likeness(one: pl.Series, s: NDArray, other: pl.Series, n: NDArray) -> pl.Series:
    # Picked as objects: making a new text for each pair would take longer than comparing them.
    ones, others = np.array(one.to_list(), dtype=object)[s], np.array(other.to_list(), dtype=object)[n]
    scores = process.cpdist(ones.tolist(), others.tolist(), scorer=fuzz.ratio, dtype=np.uint8)
    return pl.Series("likeness", scores).cast(pl.Int16)


def _meetings(found: pl.DataFrame, words: Words) -> dict[str, NDArray]:
    """Of each pair: the sets of words that meet on both sides, how many meet in each kind, whether a rare one does."""
    rows = _met_words(found, words)
    pair = rows["pair"].to_numpy()
    starts = run_starts(pair)
    name_bit, who_bit = _bit(rows["place"]), _bit(rows["place_who"])
    kind = rows["kind"].to_numpy()

    def of_pairs(values: NDArray) -> NDArray:
        whole = np.zeros(found.height, values.dtype)
        if len(starts):
            whole[pair[starts]] = np.bitwise_or.reduceat(values, starts)
        return whole

    met: dict[str, NDArray] = {"who": of_pairs(who_bit)}
    name_met = np.zeros(found.height, np.uint32)
    for column, value in _COUNTED.items():
        bits = of_pairs(np.where(kind == value, name_bit, np.uint32(0)))
        met[column] = np.bitwise_count(bits & ~name_met)
        name_met |= bits
    return {**met, "name": name_met, "rare": of_pairs(rows["rare"].to_numpy())}


def _met_words(found: pl.DataFrame, words: Words) -> pl.DataFrame:
    """`pair place place_who kind rare`: each word of a name that a word of the spelling stands for."""
    ours = words.ours.select("n", "place", "w")
    named = found.select("s", "n").with_row_index("pair").join(ours, on="n", maintain_order="left")
    meant = words.meant.select("kind", "rare", key=pack("s", "w"), place_who="place")
    return named.select("pair", "place", key=pack("s", "w")).join(meant, on="key", maintain_order="left")


def _spelled_sets(words: Words) -> tuple[Bits, Bits, Bits]:
    """Of each spelling the places of words known elsewhere, of words longer than a letter, and of single letters."""
    count = words.spellings.height
    read = words.read.join(words.vocab.select("word", "names"), on="word", how="left", maintain_order="left")
    long = read.filter(_LETTERS > 1)
    known = long.filter(is_known(pl.col("word"), pl.col("names")))
    return _bits(known, "s", count), _bits(long, "s", count), _bits(read.filter(_LETTERS == 1), "s", count)


def _bits(words: pl.DataFrame, owner: str, count: int) -> Bits:
    """The places of these words as one number an owner; owners stand together."""
    owners = words[owner].to_numpy()
    starts = run_starts(owners)
    whole = np.zeros(count, np.uint32)
    if len(starts):
        whole[owners[starts]] = np.bitwise_or.reduceat(_bit(words["place"]), starts)
    return whole


def _bit(place: pl.Series) -> Bits:
    return np.left_shift(np.uint32(1), place.to_numpy().astype(np.uint32))
