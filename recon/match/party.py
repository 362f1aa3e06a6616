"""Who stands behind a line: each distinct name on the bank's side against each distinct name on ours, once.

In: a Book and what was accepted before. Out: `l name name_level` (which of our names a line shows, how well)
and `l party how` (which parties to look at). Names are compared once per distinct spelling, never per pair of rows.
"""

from __future__ import annotations

import polars as pl
from rapidfuzz import fuzz, process

from recon.match.book import Book
from recon.schema import History
from recon.text import account_key, name_fold, name_key

CLOSE = 86.0
"""Likeness of two word-sorted names, of 100, from which they count as one misspelt name."""
_PREFIX_LETTERS = 4
_PREFIX_NAMES = 60
_NAMES_KEPT = 6
_SHORTEST_CUT = 8
_LEVELS = ["exact", "prefix", "in_text", "close", "partial"]


def names_of_lines(book: Book) -> pl.DataFrame:
    """`l name name_level`, at most six names a line, best first."""
    names = book.items.select("name", "name_key").drop_nulls().unique().sort("name")
    spellings = book.lines.select("who", "who_key", "plain_text", "named").unique().drop_nulls("plain_text")
    spellings = spellings.sort("who", "plain_text", "named").with_row_index("s")
    exact = spellings.join(names, left_on="who_key", right_on="name_key").select(
        "s", "name", name_level=pl.lit("exact")
    )
    found = pl.concat([exact, _alike(spellings, names)])
    best = (
        found.with_columns(place=pl.col("name_level").replace_strict(_LEVELS, list(range(len(_LEVELS)))))
        .sort("s", "place", "name")
        .unique(["s", "name"], keep="first", maintain_order=True)
        .group_by("s", maintain_order=True)
        .head(_NAMES_KEPT)
    )
    keys = ["who", "plain_text", "named"]
    return (
        book.lines.select("l", *keys)
        .join(spellings.select("s", *keys), on=keys, nulls_equal=True)
        .join(best, on="s")
        .select("l", "name", "name_level")
        .sort("l", "name")
    )


def _alike(spellings: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Names that share the beginning of a word with the spelling and are alike, contained or cut short."""
    ours = _beginnings(names, "name", "name")
    crowd = ours.group_by("begin").len("names").filter(pl.col("names") <= _PREFIX_NAMES)
    words = pl.concat_str(pl.col("who").fill_null(""), pl.lit(" "), pl.col("plain_text"))
    theirs = _beginnings(spellings.with_columns(words=words), "words", "s")
    pairs = (
        theirs.join(ours.join(crowd.select("begin"), on="begin", how="semi"), on="begin")
        .select("s", "name")
        .unique()
        .join(spellings, on="s")
        .join(names, on="name")
        .sort("s", "name")
    )
    alike = pairs.with_columns(score=likeness(pairs["who_key"], pairs["name_key"]))
    return (
        alike.select("s", "name", name_level=_name_level())
        .drop_nulls()
        .with_columns(pl.col("name_level").cast(pl.String))
    )


def _beginnings(frame: pl.DataFrame, column: str, key: str) -> pl.DataFrame:
    words = frame.select(key, word=pl.col(column).str.split(" ")).explode("word")
    long = words.filter(pl.col("word").str.len_chars() >= 3)
    return long.select(key, begin=pl.col("word").str.slice(0, _PREFIX_LETTERS)).unique()


def likeness(one: pl.Series, other: pl.Series) -> pl.Series:
    """0-100 for each row; 0 where either side is missing."""
    scores = process.cpdist(one.fill_null("").to_list(), other.fill_null("").to_list(), scorer=fuzz.ratio)
    return pl.Series("score", scores, dtype=pl.Float64)


def _name_level() -> pl.Expr:
    who, name = pl.col("who").fill_null(""), pl.col("name")
    padded = pl.format(" {} ", pl.col("plain_text"))
    long_enough = name.str.len_chars() >= 4
    cut = (name.str.starts_with(who)) & (who.str.len_chars() >= _SHORTEST_CUT)
    within = padded.str.contains(pl.format(" {} ", name), literal=True) & long_enough
    close = (pl.col("score") >= CLOSE) & (name.str.len_chars() >= 6)
    return (
        pl.when(cut)
        .then(pl.lit("prefix"))
        .when(within)
        .then(pl.lit("in_text"))
        .when(close)
        .then(pl.lit("close"))
        .when(_shared_letters() >= 0.6)
        .then(pl.lit("partial"))
    )


def _shared_letters() -> pl.Expr:
    """Share of the name's letters in words that the spelling has too."""
    words = pl.col("name").str.split(" ")
    spelled = pl.concat_str(pl.col("who").fill_null(""), pl.lit(" "), pl.col("plain_text")).str.split(" ")
    shared = words.list.set_intersection(spelled).list.eval(
        pl.element().filter(pl.element().str.len_chars() >= 3)
    )
    letters = shared.list.join("").str.len_chars()
    return letters / words.list.join("").str.len_chars()


def parties_of_lines(book: Book, names: pl.DataFrame, memory: pl.DataFrame) -> pl.DataFrame:
    """`l party how name_as account_as`: by account, memory or name; `how` is the strongest way for each pair."""
    parties = book.items.select("party", "name", "account_key").drop_nulls("party").unique()
    accounts = parties.select("party", "account_key").drop_nulls().unique()
    by_account = book.lines.select("l", "account_key").drop_nulls().join(accounts, on="account_key")
    by_name = names.join(parties.select("party", "name").unique(), on="name")
    found = pl.concat(
        [
            by_account.select("l", "party", how=pl.lit("same")),
            memory.select("l", "party", how=pl.concat_str(pl.lit("memory_"), "by")),
            by_name.select("l", "party", how="name_level"),
        ]
    )
    order = ["same", "memory_account", "exact", "memory_name", *_LEVELS[1:]]
    how = pl.col("how")
    of_account = how.is_in(["same", "memory_account"])
    return (
        found.with_columns(place=how.replace_strict(order, list(range(len(order)))))
        .sort("l", "party", "place")
        .group_by("l", "party", maintain_order=True)
        .agg(
            how.first(),
            name_as=how.filter(~of_account).first().str.replace("memory_name", "memory"),
            account_as=how.filter(of_account).first().str.replace("memory_account", "memory"),
        )
    )


def payer_memory(book: Book, history: History) -> pl.DataFrame:
    """`l party by`: parties whose documents were settled before by the same account or the same name.

    An account or name that paid for several parties is remembered for each: the amounts must tell them apart.
    """
    if history.accepted.is_empty():
        return pl.DataFrame(schema={"l": pl.UInt32, "party": pl.String, "by": pl.String})
    party = pl.coalesce(
        "counterparty_id", pl.format("name:{}", name_key(name_fold(pl.col("counterparty_name"))))
    )
    paid = (
        history.accepted.select("line_id", "item_id")
        .join(history.items.select("item_id", party=party), on="item_id")
        .join(
            history.lines.select(
                "line_id",
                account=account_key(pl.col("counterparty_account")),
                who=name_key(name_fold(pl.col("counterparty_name"))),
            ),
            on="line_id",
        )
        .drop_nulls("party")
    )
    by_account = book.lines.join(
        paid.select(pl.col("account"), "party").drop_nulls().unique(),
        left_on="account_key",
        right_on="account",
    ).select("l", "party", by=pl.lit("account"))
    by_name = (
        book.lines.filter("named")
        .join(paid.select("who", "party").drop_nulls().unique(), left_on="who_key", right_on="who")
        .select("l", "party", by=pl.lit("name"))
    )
    return pl.concat([by_account, by_name]).sort("l", "party", "by")
