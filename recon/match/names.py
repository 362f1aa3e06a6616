"""Which of our names a bank spelling shows: each distinct spelling against each distinct name, once.

In: spellings (the bank's own name field, or a text that may hold other words) and our names, both folded.
Out: at most four names a spelling, with a level and a likeness. It never decides between equals: where more
names are equally near than can be shown, none of them is.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from recon.match.name_keys import (
    BEGINS,
    INITIALS,
    JOINED,
    SHORTEST_CUT,
    OurNames,
    first_of_each,
    our_names,
    pairs,
    read_words,
)
from recon.match.name_mend import HOLED, SPLIT
from recon.match.name_shared import compare
from recon.match.name_words import Heard
from recon.text import name_key

LEVELS = ("exact", "cut", "in_text", "close", "near", "partial")
"""exact: the same words in any order. cut: the name begins so. in_text: the text holds all of the name.
close: one slip of the pen. near: initials, abbreviations, a name more or less, words joined or split.
partial: a word in common that few parties have, such as a surname at home or a parent company."""
NAMES_KEPT = 4
CLOSE, NEAR = 90, 80
_EXACT, _CUT, _IN_TEXT, _CLOSE, _NEAR, _PARTIAL = range(len(LEVELS))
_FOUND = pl.Schema({"s": pl.UInt32(), "n": pl.UInt32(), "level": pl.Int8(), "likeness": pl.Int16()})


@dataclass(frozen=True)
class Known:
    """names: `n name name_key` that say anything. ours: the same as recon.match.name_keys reads them."""

    names: pl.DataFrame
    ours: OurNames


def known(names: pl.DataFrame) -> Known:
    """Our side made ready once, for many questions. names: `n name name_key`, distinct."""
    some = names.drop_nulls("name").filter(pl.col("name") != "").sort("n")
    return Known(some, our_names(some.drop("n").with_row_index("n")))


def resolve(spellings: pl.DataFrame, names: pl.DataFrame | Known, heard: Heard | None = None) -> pl.DataFrame:
    """Find the names each spelling shows.

    spellings: `s who named`, distinct; `named` false is a text that may hold other words. names: `n name name_key`,
    distinct, or made ready. heard: words of further texts, which only tell what is noise. Returns
    `s n level likeness`: at most four names a spelling, level an index of LEVELS, likeness 0-100 of the two sorted by
    words; sorted by s, level, likeness from the highest, n.
    """
    ready = names if isinstance(names, Known) else known(names)
    spellings = spellings.drop_nulls("who").filter(pl.col("who") != "").sort("s")
    if ready.names.is_empty() or spellings.is_empty():
        return pl.DataFrame(schema=_FOUND)
    exact = _exact(spellings, ready.names)
    settled = exact.join(spellings.filter("named"), on="s", how="semi")
    unsettled = spellings.join(settled, on="s", how="anti", maintain_order="left")
    return _best(pl.concat([exact, _others(unsettled, ready, heard)]))


def _exact(spellings: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    keyed = spellings.select("s", name_key=name_key(pl.col("who")))
    same = keyed.join(names.select("n", "name_key"), on="name_key")
    return same.select("s", "n", level=pl.lit(_EXACT), likeness=pl.lit(100)).cast(dict(_FOUND))


def _others(spellings: pl.DataFrame, ready: Known, heard: Heard | None) -> pl.DataFrame:
    """All levels but the first, for spellings that may show more than is settled. Inside, ids are row places."""
    if spellings.is_empty():
        return pl.DataFrame(schema=_FOUND)
    words = read_words(spellings.drop("s").with_row_index("s"), ready.ours, heard)
    compared = compare(pairs(words), words)
    found = _widest(compared.with_columns(level=_floored(_level())).drop_nulls("level"))
    return found.select(
        s=spellings["s"].gather(found["s"]),
        n=ready.names["n"].gather(found["n"]),
        level="level",
        likeness="likeness",
    ).cast(dict(_FOUND))


# Columns of the expressions below as `compare` gives them.
_WHOLE_NAME = pl.col("met") >= pl.col("name_words")
_WHOLE_WHO = pl.col("met") >= pl.col("who_words")
_CLEAN = (pl.col("twins") == 0) & (pl.col("shorts") == 0) & (pl.col("slips") == 0)
_ALIKE = (pl.col("strangers") == 0) & (pl.col("twins") <= 1)
_TELLING = (pl.col("rare") | (pl.col("name_words") >= 2)) & (pl.col("name_letters") >= 4)


def _level() -> pl.Expr:
    """The best level whose conditions a compared pair meets, or null."""
    return (
        pl.when("same_words")
        .then(_EXACT)
        .when(_cut())
        .then(_CUT)
        .when(_in_text())
        .then(_IN_TEXT)
        .when(_close())
        .then(_CLOSE)
        .when(_near())
        .then(_NEAR)
        .when("rare")
        .then(_PARTIAL)
        .cast(pl.Int8)
    )


def _cut() -> pl.Expr:
    # A name field that ends with a whole word was hardly cut, unless the word tells the party.
    believable = ~pl.col("named") | pl.col("rare") | pl.col("breaks")
    begins = _found(BEGINS) & pl.col("begins") & believable
    last_word_short = _CLEAN & (pl.col("typos") == 0) & (pl.col("cuts") == 1) & (pl.col("same") >= 1)
    return begins | (pl.col("named") & _WHOLE_WHO & last_word_short & (pl.col("who_letters") >= SHORTEST_CUT))


def _in_text() -> pl.Expr:
    there = _WHOLE_NAME & _CLEAN & (pl.col("typos") == 0) & (pl.col("same") >= 1)
    cut_is_sure = (pl.col("cuts") == 0) | pl.col("rare") | (pl.col("name_words") >= 3)
    # Two common words beside a third are somebody else's name as likely: `jens hansen holm`.
    alone = ~pl.col("named") & (pl.col("strangers") == 0)
    return there & _TELLING & cut_is_sure & (alone | pl.col("rare"))


def _close() -> pl.Expr:
    one_slip = _WHOLE_NAME & _CLEAN & (pl.col("typos") == 1) & (pl.col("cuts") == 0) & _TELLING
    much_alike = _ALIKE & (pl.col("twins") == 0) & (pl.col("shorts") == 0) & (pl.col("odd_letters") == 0)
    return (one_slip & (~pl.col("named") | _WHOLE_WHO)) | (much_alike & (pl.col("likeness") >= CLOSE))


def _floored(level: pl.Expr) -> pl.Expr:
    """No better level for a spelling that had to be mended than its mending is sure of."""
    mending = pl.col("mending")
    floor = pl.when(mending == SPLIT).then(_NEAR).when(mending == HOLED).then(_CLOSE).otherwise(_EXACT)
    return pl.when(level.is_not_null()).then(pl.max_horizontal(level, floor.cast(pl.Int8)))


def _near() -> pl.Expr:
    named, same, met = pl.col("named"), pl.col("same"), pl.col("met")
    some = (same >= 1) & (pl.col("twins") <= 1)
    more_in_spelling = _WHOLE_NAME & (pl.col("name_words") >= 2) & some
    half = 2 * met >= pl.col("name_words")
    more_in_name = named & _WHOLE_WHO & (pl.col("who_words") >= 2) & some & half
    one_word_missing = ~named & (pl.col("name_words") >= 3) & (met + 1 >= pl.col("name_words")) & (same >= 2)
    initials = _found(INITIALS) & ((pl.col("who_long_left") == 0) | (pl.col("name_long_left") == 0))
    other_blanks = (_found(JOINED) | _found(BEGINS)) & pl.col("inside")
    misspelt = _ALIKE & (pl.col("likeness") >= NEAR)
    return more_in_spelling | more_in_name | one_word_missing | initials | other_blanks | misspelt


def _widest(found: pl.DataFrame) -> pl.DataFrame:
    """A name that explains only some of the words another one explains is near: `jens holm` beside `jens b holm`."""
    sure = found.filter(pl.col("level") <= _CLOSE).with_columns(words=pl.col("who_met").bitwise_count_ones())
    ordered = sure.sort("s", "words", "level", "likeness", "n", descending=[False, True, False, True, False])
    widest = first_of_each(ordered, "s", 1).select("s", widest="who_met")
    fewer = (pl.col("who_met") != pl.col("widest")) & (
        (pl.col("who_met") & pl.col("widest")) == pl.col("who_met")
    )
    beside = found.join(widest, on="s", how="left", maintain_order="left")
    lower = (pl.col("level") == _IN_TEXT) & fewer.fill_null(value=False)
    return beside.with_columns(level=pl.when(lower).then(_NEAR).otherwise("level").cast(pl.Int8))


def _found(way: int) -> pl.Expr:
    return (pl.col("way") & way) != 0


def _best(found: pl.DataFrame) -> pl.DataFrame:
    """At most four a spelling. Who is named outright needs no relatives, and equals that do not all fit go."""
    once = found.sort("s", "n", "level").unique(["s", "n"], keep="first", maintain_order=True)
    named_outright = once.filter(pl.col("level") <= _CLOSE).select("s").unique()
    relatives = once.filter(pl.col("level") == _PARTIAL).join(named_outright, on="s", how="semi")
    kept = once.join(relatives, on=["s", "n"], how="anti")
    order = {"s": False, "level": False, "likeness": True, "n": False}
    ordered = kept.sort(list(order), descending=list(order.values()))
    shown = first_of_each(ordered, "s", NAMES_KEPT)
    left_out = ordered.join(shown, on=["s", "n"], how="anti").filter(pl.col("level") >= _NEAR)
    equals = left_out.select("s", "level", "likeness").unique()
    return shown.join(equals, on=["s", "level", "likeness"], how="anti", maintain_order="left")
