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

from recon.match.amounts import relation, with_rates
from recon.match.book import Book
from recon.match.spans import DAY_BITS, composite, nearest, pairs, spans
from recon.policy import Policy

GENERATORS: Final = ("reference", "number", "near", "party", "amount", "original", "part")

SAME_AMOUNT_MAX: Final = 24
"""Open documents of one amount and time that are listed for a line by amount alone."""
SAME_PARTY_MAX: Final = 6
"""Documents of one party and the exact amount that are listed for a line: those due nearest its day."""
NEAR_PARTY_MAX: Final = 6
"""Documents of one party and another amount that are listed: those due nearest the line's day."""
_TERM: Final = 75
"""Days after a line's day on which a document that it pays early may still be due."""
_MONEY_BITS: Final = 40

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
    book: Book, hits: pl.DataFrame, near: pl.DataFrame, parties: pl.DataFrame, policy: Policy
) -> Candidates:
    """Open documents in the direction of each line's money, rejected pairs left out.

    hits: of keys.key_hits. near: `l i` of near.near_hits. parties: of party.parties_of_lines.
    """
    named = hits.filter("open")
    by_amount, crowd = _by_amount(book, policy)
    found = [
        _flag(named.filter(pl.col("role") == "reference"), "reference"),
        _flag(named.filter(pl.col("role") != "reference"), "number"),
        _flag(near, "near"),
        _flag(_by_party(book, parties, policy), "party"),
        _flag(by_amount, "amount"),
        _flag(_by_original(book, policy), "original"),
        _flag(_beside(book, parties), "part"),
    ]
    merged = pl.concat(found).group_by("l", "i").agg(pl.col("by").bitwise_or()).sort("l", "i")
    facts = with_facts(merged, book, policy)
    allowed = facts.filter(pl.col("relation").is_not_null() & (told() | in_window(policy)))
    # What is left of a batch belongs to its other parts: one document of it is not overpaid.
    batched = book.parts.group_by("l").len("parts").filter(pl.col("parts") > 1)
    over = (pl.col("relation") == "overpaid") & pl.col("l").is_in(batched["l"].implode())
    return Candidates(without_rejected(allowed.filter(~over), book), crowd)


def _flag(found: pl.DataFrame, name: str) -> pl.DataFrame:
    bit = pl.lit(1 << GENERATORS.index(name), pl.UInt8)
    return found.select(pl.col("l").cast(pl.UInt32), pl.col("i").cast(pl.UInt32), by=bit)


def told() -> pl.Expr:
    """The line shows a number of the document: then its days say nothing about whether to look."""
    return pl.col("by") & pl.lit(0b111, pl.UInt8) != 0


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
    count = (last - first) + (undated[1] - undated[0])
    crowd = lines.select("l", same=pl.Series(count, dtype=pl.UInt32))
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


def _by_party(book: Book, parties: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Documents of the line's parties with exactly its amount, those due nearest its day."""
    items = book.open_items.select("i", "p", "a", "anchor_day").drop_nulls("p")
    group = items.select("p", "a").unique().sort("p", "a").with_row_index("g")
    items = items.join(group, on=["p", "a"], maintain_order="left").with_columns(
        pl.col("anchor_day").fill_null(0)
    )
    asked = parties.select("l", "p").join(book.lines.select("l", "a", "day"), on="l", maintain_order="left")
    asked = asked.join(group, on=["p", "a"], maintain_order="left")
    key, order = _sorted(items["g"], items["anchor_day"])
    low = composite(asked["g"].to_numpy(), np.zeros(asked.height), DAY_BITS)
    high = composite(asked["g"].to_numpy(), np.full(asked.height, 1 << DAY_BITS), DAY_BITS)
    centre = composite(asked["g"].to_numpy(), asked["day"].to_numpy(), DAY_BITS)
    span = nearest(key, *spans(key, low, high), centre, SAME_PARTY_MAX)
    return _listed(asked, items, order, np.ones(asked.height, dtype=bool), span)


def _beside(book: Book, parties: pl.DataFrame) -> pl.DataFrame:
    """Documents of the line's parties of any amount and currency, those due nearest its day."""
    items = book.open_items.select("i", "p", "c", "anchor_day", way=pl.col("open_minor") > 0).drop_nulls("p")
    group = items.select("p", "c", "way").unique().sort("p", "c", "way").with_row_index("g")
    on = ["p", "c", "way"]
    items = items.join(group, on=on, maintain_order="left").with_columns(pl.col("anchor_day").fill_null(0))
    lines = book.lines.select("l", "day", way=pl.col("amount_minor") > 0)
    asked = parties.select("l", "p").join(lines, on="l", maintain_order="left")
    asked = asked.join(group, on=["p", "way"], maintain_order="left").sort("l", "p", "g")
    key, order = _sorted(items["g"], items["anchor_day"])
    low = composite(asked["g"].to_numpy(), np.zeros(asked.height), DAY_BITS)
    high = composite(asked["g"].to_numpy(), np.full(asked.height, 1 << DAY_BITS), DAY_BITS)
    centre = composite(asked["g"].to_numpy(), asked["day"].to_numpy(), DAY_BITS)
    span = nearest(key, *spans(key, low, high), centre, NEAR_PARTY_MAX)
    return _listed(asked, items, order, np.ones(asked.height, dtype=bool), span)


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
    return spans(key, low, composite(numbers, days + policy.days_before + _TERM, DAY_BITS))


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
