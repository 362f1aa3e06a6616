"""Several documents of another currency that a line is worth at the day's rate, where no bank states their sum.

In: named documents, parties to add up, a Book, a Policy with rates. Out: sets of all documents the text names of one
currency, else of everything a party has open in it, whose sum lies within the band. A rate says less than a sum.
"""

from __future__ import annotations

import polars as pl

from recon.match.amounts import RELATIONS, relation, with_rates
from recon.match.book import Book
from recon.match.ledgers import allowed, ledgers
from recon.match.weights import WAYS, says
from recon.policy import Policy

_GROUP_MAX = 60
_OVER = ["l", "c", "p"]


def rated_sets(
    book: Book, keys: pl.DataFrame, asked: pl.DataFrame, gone: pl.DataFrame, policy: Policy
) -> pl.DataFrame:
    """`g l i amount_says way`. keys: of named_sums.named_keys. asked: `l p`. gone: of taken.taken."""
    if policy.fx_rates is None or book.currencies.height < 2:
        return _numbered(pl.DataFrame(schema={"l": pl.UInt32, "i": pl.UInt32, "c": pl.UInt8, "p": pl.UInt32}))
    items = book.items.select("i", "c", "p", "open_minor")
    told = keys.select("l", "i").unique().join(items, on="i").join(_unstated(book), on="l")
    named = _worth_it(told.filter(pl.col("c") != pl.col("line_c")), book, policy)
    rest = asked.join(named.select("l").unique(), on="l", how="anti")
    money = (
        _unstated(book).join(book.currencies.select("c"), how="cross").filter(pl.col("c") != pl.col("line_c"))
    )
    left = book.open_items.join(gone, on="i", how="anti", maintain_order="left")
    every = allowed(ledgers(left, money, rest, policy), book)
    way_in = (pl.col("open_minor") > 0) == (pl.col("amount_minor") > 0)
    net = _worth_it(every, book, policy)
    gross = every.filter(way_in).join(net.select("l").unique(), on="l", how="anti")
    return _numbered(pl.concat([named, net, _worth_it(gross, book, policy)]))


def _unstated(book: Book) -> pl.DataFrame:
    """`l line_c amount_minor` of lines without an amount in another currency."""
    plain = book.lines.filter(pl.col("original_c").is_null() | (pl.col("original_c") == pl.col("c")))
    return plain.select("l", "amount_minor", "day", line_c="c").filter(pl.col("amount_minor") != 0)


def _worth_it(rows: pl.DataFrame, book: Book, policy: Policy) -> pl.DataFrame:
    """`l i c p` of groups of two and more whose sum the line is worth within the band."""
    several = rows.filter(pl.len().over(_OVER).is_between(2, _GROUP_MAX))
    totals = several.group_by(_OVER).agg(pl.col("open_minor").sum()).sort(_OVER).rename({"c": "item_c"})
    lines = book.lines.select(
        "l", "amount_minor", "c", "booking_date", original_minor=pl.lit(None, dtype=pl.Int64),
        original_c=pl.lit(None, dtype=pl.UInt8),
    )  # fmt: skip
    valued = with_rates(totals.join(lines, on="l", maintain_order="left"), book, policy)
    near = valued.filter(relation(policy) == pl.lit("fx_rate", dtype=RELATIONS)).select("l", "p", c="item_c")
    return several.join(near, on=_OVER, how="semi").select("l", "i", "c", "p")


def _numbered(found: pl.DataFrame) -> pl.DataFrame:
    group = pl.struct("l", "c", "p").rank("dense").cast(pl.UInt64)
    level, way = says("amount", "sum_rate"), pl.lit("all", dtype=WAYS)
    return found.select("l", "i", g=group, amount_says=level, way=way)
