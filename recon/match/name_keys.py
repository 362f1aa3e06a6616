"""Which of our names are worth comparing with a spelling: those that share a key that few names have.

In: words of spellings with their meanings, words of names. Out: pairs `s n way`. Each key is capped by the
number of names that have it, so that the pairs grow with the spellings and never with spellings times names.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.match.name_mend import mended
from recon.match.name_words import (
    Heard,
    Kind,
    bare,
    heard_in,
    meanings,
    noise,
    ranges_beginning,
    vocabulary,
    words_of,
)
from recon.text import name_key

ONE_WORD_NAMES = 10
TWO_WORD_NAMES = 40
_INITIAL_NAMES = 12
_BEGINNING_NAMES = 8
SHORTEST_CUT = 8
_MEANINGS_USED = 8

WORDS, BEGINS, JOINED, INITIALS = 1, 2, 4, 8
"""Ways a pair was found, added up in `way`."""


@dataclass(frozen=True)
class Words:
    """What the two sides say; ids are row places.

    spellings: `s who who_key named mending`. names: `n name name_key`. read: `s place word end` of the spellings.
    meant: `s place w kind names rare`, what those words may stand for. ours: `n place w word names rare` of the
    names. vocab: `w word names rare`, each word of the names once.
    """

    spellings: pl.DataFrame
    names: pl.DataFrame
    read: pl.DataFrame
    meant: pl.DataFrame
    ours: pl.DataFrame
    vocab: pl.DataFrame


@dataclass(frozen=True)
class OurNames:
    """names: `n name name_key`. words: `n place word end` of them. vocab: `w word names rare`."""

    names: pl.DataFrame
    words: pl.DataFrame
    vocab: pl.DataFrame


def our_names(names: pl.DataFrame) -> OurNames:
    """Our side, read once. names: `n name` in the order of their ids, which are row places."""
    ours = names.select("n", name=bare(pl.col("name"))).with_columns(name_key=name_key(pl.col("name")))
    words = words_of(ours, "n", "name")
    return OurNames(ours, words, vocabulary(words))


def read_words(spellings: pl.DataFrame, ours: OurNames, heard: Heard | None = None) -> Words:
    """The words of both sides, broken ones mended and those of movement taken out.

    spellings: `s who named`, in the order of their ids, which are row places. heard: of texts that are not among the
    spellings.
    """
    names, vocab = ours.names, ours.vocab
    spellings = spellings.with_columns(who=bare(pl.col("who")))
    read, mending = mended(words_of(spellings, "s", "who"), vocab)
    meant = meanings(read.select("word", "end").unique().sort("word", "end"), vocab)
    read = _without_noise(read, spellings, names, vocab, meant, heard)
    return Words(
        spellings=_as_read(spellings, read, mending),
        names=names,
        read=read,
        meant=read.join(meant, on=["word", "end"], maintain_order="left").drop("word", "end"),
        ours=ours.words.drop("end").join(vocab, on="word", maintain_order="left"),
        vocab=vocab,
    )


def words_heard(spellings: pl.DataFrame, ours: OurNames) -> pl.DataFrame:
    """`who word` of spellings that are free texts, as noise counts them. spellings: `s who named`."""
    free = spellings.filter(~pl.col("named"), pl.col("who") != "").select("s", "who")
    if free.is_empty() or ours.names.is_empty():
        return pl.DataFrame(schema={"who": pl.String, "word": pl.String})
    read, _ = mended(words_of(free.with_columns(who=bare(pl.col("who"))), "s", "who"), ours.vocab)
    return read.select("s", "word").join(free, on="s").select("who", "word")


def _without_noise(
    read: pl.DataFrame,
    spellings: pl.DataFrame,
    names: pl.DataFrame,
    vocab: pl.DataFrame,
    meant: pl.DataFrame,
    heard: Heard | None,
) -> pl.DataFrame:
    """The words read, of free texts without noise; a text of nothing else keeps its words."""
    free = spellings.filter(~pl.col("named")).select("s")
    of_texts = read.join(free, on="s", how="semi", maintain_order="left")
    here = heard_in(of_texts, free.height)
    noisy = noise(here.beside(heard) if heard else here, names.select("name"), vocab, meant)
    kept = of_texts.join(noisy, on="word", how="anti").select("s").unique()
    gone = of_texts.join(noisy, on="word", how="semi").join(kept, on="s", how="semi").select("s", "place")
    return read.join(gone, on=["s", "place"], how="anti", maintain_order="left")


def _as_read(spellings: pl.DataFrame, read: pl.DataFrame, mending: pl.DataFrame) -> pl.DataFrame:
    """`s who who_key named mending`, `who` as its words were read."""
    texts = read.group_by("s", maintain_order=True).agg(who=pl.col("word").str.join(" "))
    both = spellings.select("s", "named").join(texts, on="s", how="left", maintain_order="left")
    return both.join(mending, on="s", how="left", maintain_order="left").select(
        "s", "who", "named", who_key=name_key(pl.col("who")), mending=pl.col("mending").fill_null(0)
    )


def pairs(words: Words) -> pl.DataFrame:
    """`s n way`, sorted, each pair once."""
    found = [
        (_by_all_words(words), WORDS),
        (_by_one_word(words), WORDS),
        (_by_two_words(words), WORDS),
        (_by_beginning(words), BEGINS),
        (_by_joined_words(words), JOINED),
        (_by_initial(words), INITIALS),
    ]
    key = np.concatenate([_packed(frame["s"], frame["n"]) for frame, _ in found])
    way = np.concatenate([np.full(frame.height, way, np.uint8) for frame, way in found])
    order = np.argsort(key, kind="stable")
    key, way = key[order], way[order]
    starts = run_starts(key)
    if not len(starts):
        return pl.DataFrame(schema={"s": pl.UInt32, "n": pl.UInt32, "way": pl.UInt8})
    first = key[starts]
    return pl.DataFrame(
        {
            "s": (first >> np.uint64(32)).astype(np.uint32),
            "n": (first & np.uint64(0xFFFFFFFF)).astype(np.uint32),
            "way": np.bitwise_or.reduceat(way, starts),
        }
    )


def run_starts(ordered: np.ndarray) -> np.ndarray:
    """Places at which a new value begins."""
    if not len(ordered):
        return np.empty(0, np.int64)
    return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))


def first_of_each(ordered: pl.DataFrame, key: str, count: int) -> pl.DataFrame:
    """The first `count` rows of each value of `key`, in a frame where equal values stand together."""
    starts = run_starts(ordered[key].to_numpy())
    lengths = np.diff(np.append(starts, ordered.height))
    place = np.arange(ordered.height) - np.repeat(starts, lengths)
    return ordered.filter(pl.Series(place < count))


def _packed(high: pl.Series, low: pl.Series) -> np.ndarray:
    return (high.to_numpy().astype(np.uint64) << np.uint64(32)) | low.to_numpy().astype(np.uint64)


def pack(high: str, low: str) -> pl.Expr:
    """Two UInt32 columns as one UInt64, for joins on one number."""
    return (pl.col(high).cast(pl.UInt64) * 2**32) + pl.col(low).cast(pl.UInt64)


def _by_all_words(words: Words) -> pl.DataFrame:
    """Names of exactly these words, when words of movement are taken out and broken ones mended."""
    return words.spellings.join(words.names, left_on="who_key", right_on="name_key").select("s", "n")


def _by_one_word(words: Words) -> pl.DataFrame:
    """Names that share a word few names have, by the surest and rarest meanings of the spelling."""
    rare = words.meant.filter(pl.col("names") <= ONE_WORD_NAMES).sort("s", "kind", "names", "w", "place")
    used = first_of_each(rare, "s", _MEANINGS_USED)
    return used.select("s", "w").join(words.ours.select("w", "n"), on="w").select("s", "n")


def _by_two_words(words: Words) -> pl.DataFrame:
    """Names that share two common words, if few names have both: `hansen jens`."""
    common = words.meant.filter((pl.col("names") > ONE_WORD_NAMES) & (pl.col("kind") != int(Kind.SHORT)))
    used = first_of_each(common.sort("s", "kind", "names", "w", "place"), "s", _MEANINGS_USED)
    theirs = _two_words(used.select("s", "w", "place"), "s")
    frequent = words.ours.filter(pl.col("names") > ONE_WORD_NAMES).sort("n", "names", "w", "place")
    ours = _two_words(first_of_each(frequent, "n", _MEANINGS_USED).select("n", "w", "place"), "n")
    crowd = ours.group_by("key").agg(names=pl.len()).filter(pl.col("names") <= TWO_WORD_NAMES)
    return theirs.join(ours.join(crowd, on="key", how="semi"), on="key").select("s", "n")


def _two_words(used: pl.DataFrame, owner: str) -> pl.DataFrame:
    both = used.join(used, on=owner, suffix="_other").filter(
        (pl.col("w") < pl.col("w_other")) & (pl.col("place") != pl.col("place_other"))
    )
    return both.select(owner, key=pack("w", "w_other"))


def _by_beginning(words: Words) -> pl.DataFrame:
    """Names whose letters begin with those of the spelling; blanks do not count."""
    joined = pl.col("who").str.replace_all(" ", "", literal=True)
    theirs = words.spellings.select("s", joined=joined).filter(
        pl.col("joined").str.len_chars() >= SHORTEST_CUT
    )
    letters = pl.col("name").str.replace_all(" ", "", literal=True)
    ours = words.names.select("n", joined=letters).sort("joined", "n")
    found = ranges_beginning(theirs, "joined", ours["joined"], _BEGINNING_NAMES)
    return found.select("s", n=ours["n"].gather(found["at"]))


def _by_joined_words(words: Words) -> pl.DataFrame:
    """Two neighbours of one side are one word of the other: `bygge marked` and `byggemarked`."""
    few = words.vocab.filter(pl.col("names") <= ONE_WORD_NAMES)
    theirs = _neighbours(words.read, "s").join(few.select("word", "w"), on="word")
    one_of_ours = theirs.join(words.ours.select("w", "n"), on="w").select("s", "n")
    ours = _neighbours(words.ours, "n")
    crowd = ours.group_by("word").agg(names=pl.len()).filter(pl.col("names") <= ONE_WORD_NAMES)
    ours = ours.join(crowd, on="word", how="semi")
    one_of_theirs = words.read.select("s", "word").join(ours, on="word").select("s", "n")
    return pl.concat([one_of_ours, one_of_theirs])


def _neighbours(words: pl.DataFrame, owner: str) -> pl.DataFrame:
    """`owner word`: each two words that follow each other, written as one. In: words in reading order."""
    following = pl.col("word").shift(-1), pl.col(owner).shift(-1)
    both = words.select(owner, "word", next=following[0], same=following[1] == pl.col(owner))
    return both.filter("same").select(owner, word=pl.concat_str("word", "next"))


def _by_initial(words: Words) -> pl.DataFrame:
    """Names that share a word and of another word the initial, where one side has the initial only."""
    read = words.meant.filter(pl.col("kind") <= int(Kind.TYPO)).select("s", "place", "w")
    letters = words.read.select("s", "place", initial=pl.col("word").str.slice(0, 1), one=_is_letter())
    theirs = _word_and_initial(read, letters, "s")
    held = words.ours.select("n", "place", initial=pl.col("word").str.slice(0, 1), one=_is_letter())
    ours = _word_and_initial(words.ours.filter(~_is_letter()).select("n", "place", "w"), held, "n")
    crowd = ours.group_by("w", "initial").agg(names=pl.len()).filter(pl.col("names") <= _INITIAL_NAMES)
    ours = ours.join(crowd, on=["w", "initial"], how="semi")
    both = theirs.join(ours, on=["w", "initial"], suffix="_ours")
    return both.filter(pl.col("one") != pl.col("one_ours")).select("s", "n")


def _is_letter() -> pl.Expr:
    return pl.col("word").str.len_chars() == 1


def _word_and_initial(words: pl.DataFrame, letters: pl.DataFrame, owner: str) -> pl.DataFrame:
    both = words.join(letters, on=owner, suffix="_other").filter(pl.col("place") != pl.col("place_other"))
    return both.select(owner, "w", "initial", "one")
