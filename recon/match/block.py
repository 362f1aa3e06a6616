"""Pairs worth comparing: the union of generators that each stay linear in the number of rows.

In: a Book, its hits, the parties its lines point to, a Policy. Out: `l i` once each, with a flag a generator.
Never joins on amount alone where many documents ask for the same: subscriptions would make it quadratic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from recon.match.amounts import RELATIONS, relation, with_rates
from recon.match.book import Book
from recon.match.keys import ROLES
from recon.match.party import firm
from recon.match.spans import DAY_BITS, composite, nearest, pairs, spans
from recon.match.weights import LEVELS
from recon.policy import Policy

GENERATORS: Final = ("reference", "number", "near", "party", "amount", "original", "part", "word")

SAME_AMOUNT_MAX: Final = 24
"""Open documents of one amount and time that are listed for a line by amount alone."""
SAME_PARTY_MAX: Final = 6
"""Documents of one party and the exact amount that are listed for a line: those due nearest its day."""
SAME_WORD_MAX: Final = 3
"""Documents of the exact amount whose party shares a word with the line that are listed: those due nearest its day."""
NEAR_PARTY_MAX: Final = 6
"""Documents of one party and another amount that are listed: those due nearest the line's day."""
_WORD_LEAST: Final = 3
_WHOLE_NAMES = pl.Series(["exact", "in_text", "cut", "close"], dtype=LEVELS["name"]).implode()
_SPELLED = pl.Series(["exact", "in_text", "cut", "close", "near", "partial"], dtype=LEVELS["name"]).implode()
TERM: Final = 75
"""Days after a line's day on which a document that it pays early may still be due."""

_LINE = ("amount_minor", "c", "original_minor", "original_c", "booking_date", "day")
_ITEM = ("open_minor", "issue_date", "anchor", "p", "n")


@dataclass(frozen=True)
class Candidates:
    """pairs: `l i by` + facts of both and their `relation`; `by` has a bit a generator. crowd: `l same`, open
    documents of the line's amount and time, listed or not."""

    pairs: pl.DataFrame
    crowd: pl.DataFrame

    def report(self) -> dict[str, int]:
        """Pairs by generator, and all together."""
        counts = {
            name: int((self.pairs["by"].to_numpy() >> place & 1).sum())
            for place, name in enumerate(GENERATORS)
        }
        return counts | {"all": self.pairs.height}


def candidates(
    book: Book,
    hits: pl.DataFrame,
    near: pl.DataFrame,
    names: pl.DataFrame,
    parties: pl.DataFrame,
    policy: Policy,
) -> Candidates:
    """Open documents in the direction of each line's money, rejected pairs left out.

    hits: of keys.key_hits. near: `l i` of near.near_hits. names: of party.names_of_lines. parties: of
    party.parties_of_lines.
    """
    named = hits.filter("open").select("l", "i", "role")
    by_amount, crowd = _by_amount(book, policy)
    # Parties known by name alone are met by their names.
    beyond = parties.filter(pl.col("account").is_not_null() | pl.col("customer").is_not_null() | ~_spelled())
    by_party = pl.concat([_same_amount(book, beyond, "p"), _same_amount(book, names, "n")])
    found = [
        _flag(named.filter(pl.col("role") == pl.lit("reference", dtype=ROLES)), "reference"),
        _flag(named.filter(pl.col("role") != pl.lit("reference", dtype=ROLES)), "number"),
        _flag(near, "near"),
        _flag(by_party, "party"),
        _flag(by_amount, "amount"),
        _flag(_by_original(book, policy), "original"),
        _flag(_by_word(book, names), "word"),
        _flag(_beside(book, parties, _explained(book, named, by_party)), "part"),
    ]
    merged = _merged(pl.concat(found))
    facts = with_facts(merged, book, policy)
    allowed = facts.filter(pl.col("relation").is_not_null() & (told() | in_window(policy)))
    allowed = allowed.filter(~_idle())
    # What is left of a batch belongs to its other parts: one document of it is not overpaid.
    batched = book.parts.group_by("l").len("parts").filter(pl.col("parts") > 1)
    over = (pl.col("relation") == "overpaid") & pl.col("l").is_in(batched["l"].implode())
    return Candidates(without_rejected(allowed.filter(~over), book), crowd)


def _flag(found: pl.DataFrame, name: str) -> pl.DataFrame:
    bit = pl.lit(1 << GENERATORS.index(name), pl.UInt8)
    return found.select(pl.col("l").cast(pl.UInt32), pl.col("i").cast(pl.UInt32), by=bit)


def _spelled() -> pl.Expr:
    return pl.col("name").is_in(_SPELLED).fill_null(value=False)


def _merged(found: pl.DataFrame) -> pl.DataFrame:
    """`l i by` once each, in order, with the bits of all generators."""
    key = (found["l"].cast(pl.UInt64).to_numpy() << np.uint64(32)) | found["i"].to_numpy()
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = (
        np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, dtype=int)
    )
    bits = found["by"].to_numpy()[order]
    by = np.bitwise_or.reduceat(bits, first) if len(first) else bits
    pair = key[first]
    line, item = (pair >> np.uint64(32)).astype(np.uint32), (pair & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    return pl.DataFrame({"l": line, "i": item, "by": by})


def _explained(book: Book, named: pl.DataFrame, by_party: pl.DataFrame) -> pl.DataFrame:
    """`l` of lines whose text or party already points to a document of exactly their amount."""
    told = named.select("l", "i")
    amounts = book.lines["a"][told["l"]], book.items["a"][told["i"]]
    exact = told.filter((amounts[0] == amounts[1]).fill_null(value=False))
    return pl.concat([exact.select("l"), by_party.select("l")]).unique()


def told() -> pl.Expr:
    """The line shows a number of the document: then its days say nothing about whether to look."""
    return pl.col("by") & pl.lit(0b111, pl.UInt8) != 0


def _idle() -> pl.Expr:
    """Pairs of a party alone that ask for less than came: they explain nothing."""
    alone = pl.col("by") == pl.lit(1 << GENERATORS.index("part"), pl.UInt8)
    return alone & (pl.col("relation") == pl.lit("overpaid", dtype=RELATIONS))


def with_facts(found: pl.DataFrame, book: Book, policy: Policy) -> pl.DataFrame:
    """Pairs with the amounts and dates of both sides and their relation (recon.match.amounts)."""
    of_line = book.lines.select(_LINE)[found["l"]]
    of_item = book.items.select(*_ITEM, item_c="c")[found["i"]]
    joined = pl.concat([found, of_line, of_item], how="horizontal")
    return with_rates(joined, book, policy).with_columns(relation=relation(policy))


def without_rejected(found: pl.DataFrame, book: Book) -> pl.DataFrame:
    if book.rejected.is_empty():
        return found
    barred = book.rejected.join(book.items.select("i", "item_id"), on="item_id")
    return found.join(barred, on=["l", "i"], how="anti", maintain_order="left")


def in_window(policy: Policy) -> pl.Expr:
    """Whether the line's day lies between issue (less days_before) and due (plus days_after), ends included."""
    opens = pl.coalesce("issue_date", "anchor") - timedelta(days=policy.days_before)
    closes = pl.col("anchor") + timedelta(days=policy.days_after)
    return ((pl.col("booking_date") >= opens) & (pl.col("booking_date") <= closes)).fill_null(True)


# Each generator gives `l i`, positions taken from sorted keys.


def _by_amount(book: Book, policy: Policy) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Documents of the exact amount and currency of the time, where not too many ask for it; and how many do."""
    items = book.open_items.select("i", "a", "anchor_day").with_columns(pl.col("anchor_day").fill_null(0))
    lines = book.lines.filter(pl.col("a").is_not_null()).select("l", "a", "day")
    key, order = _sorted(items["a"], items["anchor_day"])
    first, last = _of_the_time(key, lines["a"], lines["day"], policy)
    undated = spans(key, *(_undated(lines["a"]) for _ in "12"))
    crowd = lines.select("l", same=pl.Series((last - first) + (undated[1] - undated[0]), dtype=pl.UInt32))
    if book.whole:
        of_whole = book.whole.crowd.join(book.lines.select("l", "line_id"), on="line_id")
        crowd = lines.select("l").join(
            of_whole.select("l", "same"), on="l", how="left", maintain_order="left"
        )
    count = crowd["same"].to_numpy()
    few = count <= SAME_AMOUNT_MAX
    found = [_listed(lines, items, order, few, one) for one in ((first, last), undated)]
    return pl.concat(found), crowd


def _by_original(book: Book, policy: Policy) -> pl.DataFrame:
    """Documents of the amount the bank says was paid in another currency."""
    items = book.open_items.select("i", "a", "anchor_day").with_columns(pl.col("anchor_day").fill_null(0))
    foreign = pl.col("original_a").is_not_null() & (pl.col("original_c") != pl.col("c"))
    lines = book.lines.filter(foreign).select("l", "day", a="original_a")
    key, order = _sorted(items["a"], items["anchor_day"])
    span = _of_the_time(key, lines["a"], lines["day"], policy)
    return _listed(lines, items, order, (span[1] - span[0]) <= SAME_AMOUNT_MAX, span)


def _same_amount(book: Book, pointed: pl.DataFrame, whose: str) -> pl.DataFrame:
    """Documents of the line's parties `p`, or names `n`, with exactly its amount: those due nearest its day."""
    items = book.open_items.select("i", whose, "a", "anchor_day").drop_nulls(whose)
    items = items.with_columns(pl.col("anchor_day").fill_null(0))
    asked = pointed.select("l", whose).join(
        book.lines.select("l", "a", "day").drop_nulls("a"), on="l", maintain_order="left"
    )
    return _nearest_of(asked, items, [whose, "a"], SAME_PARTY_MAX)


def _by_word(book: Book, names: pl.DataFrame) -> pl.DataFrame:
    """Documents of exactly the line's amount whose party's name has a word of the line, for lines that show no
    name as a whole: of all Hansens only a few owe just this."""
    whole = names.filter(pl.col("name").is_in(_WHOLE_NAMES)).select("l").unique()
    lines = (
        book.lines.select("l", "s", "a", "day")
        .drop_nulls()
        .join(whole, on="l", how="anti", maintain_order="left")
    )
    spelled = words_by(book.spellings.join(lines.select("s").unique(), on="s", how="semi"), "s", "who")
    ours = words_by(book.names, "n", "name")
    common = (
        ours.group_by("word")
        .agg(place=pl.len())
        .select("word", w=pl.col("word").rank("dense").cast(pl.UInt32))
    )
    ours, spelled = ours.join(common, on="word").drop("word"), spelled.join(common, on="word").drop("word")
    items = book.open_items.select("i", "n", "a", "anchor_day").drop_nulls("n")
    items = items.with_columns(pl.col("anchor_day").fill_null(0)).join(
        lines.select("a").unique(), on="a", how="semi", maintain_order="left"
    )
    items = items.join(ours, on="n").select("i", "a", "w", "anchor_day").sort("i", "w")
    asked = lines.join(spelled, on="s").select("l", "a", "w", "day").sort("l", "w")
    return _nearest_of(asked, items, ["a", "w"], SAME_WORD_MAX).unique().sort("l", "i")


def words_by(frame: pl.DataFrame, key: str, text: str) -> pl.DataFrame:
    """`key word`: the words of a folded text that are long enough to tell somebody apart, once each."""
    words = frame.select(key, word=pl.col(text).str.split(" ")).explode("word")
    return words.filter(pl.col("word").str.len_chars() >= _WORD_LEAST).unique().sort(key, "word")


def _beside(book: Book, parties: pl.DataFrame, explained: pl.DataFrame) -> pl.DataFrame:
    """Documents of the line's firm parties of any amount and currency, those due nearest its day, for lines that are
    not explained yet."""
    items = book.open_items.select("i", "p", "c", "anchor_day", way=pl.col("open_minor") > 0).drop_nulls("p")
    items = items.with_columns(pl.col("anchor_day").fill_null(0))
    lines = book.lines.select("l", "day", way=pl.col("amount_minor") > 0)
    firmly = (
        parties.filter(firm()).select("l", "p").join(explained, on="l", how="anti", maintain_order="left")
    )
    currencies = items.select("p", "c", "way").unique().sort("p", "c", "way")
    asked = firmly.join(lines, on="l", maintain_order="left").join(currencies, on=["p", "way"])
    return _nearest_of(asked.sort("l", "p", "c"), items, ["p", "c", "way"], NEAR_PARTY_MAX)


def _nearest_of(asked: pl.DataFrame, items: pl.DataFrame, on: list[str], most: int) -> pl.DataFrame:
    """`l i`: for each question the items of its group due nearest its day."""
    group = (
        items.join(asked.select(on).unique(), on=on, how="semi")
        .select(on)
        .unique()
        .sort(on)
        .with_row_index("g")
    )
    some = items.join(group, on=on, maintain_order="left", how="inner")
    questions = asked.join(group, on=on, how="inner", maintain_order="left").sort("l", "g")
    key, order = _sorted(some["g"], some["anchor_day"])
    numbers, days = questions["g"].to_numpy(), questions["day"].to_numpy()
    low = composite(numbers, np.zeros(len(numbers)), DAY_BITS)
    high = composite(numbers, np.full(len(numbers), 1 << DAY_BITS), DAY_BITS)
    span = nearest(key, *spans(key, low, high), composite(numbers, days, DAY_BITS), most)
    return _listed(questions, some, order, np.ones(len(numbers), dtype=bool), span)


def _sorted(major: pl.Series, day: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Keys in order, and where each stood; equal keys keep the order of their documents."""
    key = composite(major.to_numpy(), day.to_numpy(), DAY_BITS)
    order = np.argsort(key, kind="stable")
    return key[order], order


def _of_the_time(
    key: np.ndarray, a: pl.Series, day: pl.Series, policy: Policy
) -> tuple[np.ndarray, np.ndarray]:
    numbers, days = a.to_numpy(), day.to_numpy()
    low = composite(numbers, np.maximum(days - policy.days_after, 1), DAY_BITS)
    return spans(key, low, composite(numbers, days + policy.days_before + TERM, DAY_BITS))


def _undated(a: pl.Series) -> np.ndarray:
    return composite(a.to_numpy(), np.zeros(len(a)), DAY_BITS)


def _listed(
    asked: pl.DataFrame,
    items: pl.DataFrame,
    order: np.ndarray,
    wanted: np.ndarray,
    span: tuple[np.ndarray, np.ndarray],
) -> pl.DataFrame:
    """`l i` of the wanted questions' spans."""
    first = np.where(wanted, span[0], 0)
    question, row = pairs(first, np.where(wanted, span[1], 0))
    return pl.DataFrame({"l": asked["l"].to_numpy()[question], "i": items["i"].to_numpy()[order[row]]})
