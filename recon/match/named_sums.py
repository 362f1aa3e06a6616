"""Documents a text names, and those of them that add up to what the line paid.

In: a Book, its hits, the pairs of recon.match.evidence. Out: named documents, and sets of two or more whose sum is the
amount: exactly, less a usual discount, or short by no more than a fee.
"""

from __future__ import annotations

import polars as pl

from recon.match import sums
from recon.match.amounts import at_a_discount
from recon.match.book import Book
from recon.match.ledgers import allowed, moneys
from recon.match.numbers import document_hits, is_reference_hit
from recon.match.subset import subsets
from recon.match.weights import LEVELS, WAYS, says
from recon.policy import Policy

_GROUP_MAX = 60
_FEE_SHARE = 5
_OVER = ["l", "c"]


def named_keys(book: Book, hits: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """`l i key sure`: open documents that a line names, by which key; `key` is null where it has a slip."""
    by_reference = hits.filter(is_reference_hit(), pl.col("open")).select(
        "l", "i", "key", sure=pl.lit(value=True)
    )
    strong = pl.Series(["exact", "crowded"], dtype=LEVELS["document_no"]).implode()
    by_number = document_hits(hits).filter("open")
    by_number = by_number.select("l", "i", "key", sure=pl.col("level").is_in(strong))
    slip = (pl.col("document_no_says") == says("document_no", "near")) | (
        pl.col("reference_says") == says("reference", "near")
    )
    nearly = pairs.filter(slip.fill_null(value=False)).select(
        "l", "i", key=pl.lit(None, dtype=pl.String), sure=pl.lit(value=False)
    )
    found = pl.concat([by_reference, by_number, nearly])
    return allowed(found, book).sort("l", "i", "key")


def named_documents(book: Book, keys: pl.DataFrame) -> pl.DataFrame:
    """`l c i sure p open_minor amount_minor`: named documents of a currency the line paid in."""
    once = keys.group_by("l", "i").agg(pl.col("sure").any())
    items = book.items.select("i", "c", "p", "open_minor")
    return once.join(items, on="i").join(moneys(book), on=_OVER).drop("day").sort("l", "c", "i")


def named_sets(told: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`g l i amount_says way` of all named documents, the surely named ones, those of one party, or any that add up."""
    several = told.filter(pl.len().over(_OVER).is_between(2, _GROUP_MAX))
    whole = _adding_up(several, policy, exactly=True)
    rest = several.join(whole, on=_OVER, how="anti")
    by_sure = _adding_up(rest.filter("sure"), policy, exactly=True)
    rest = rest.join(by_sure, on=_OVER, how="anti")
    same_party = _adding_up(rest.filter(pl.len().over(*_OVER, "p") >= 2), policy, "p", exactly=True)
    rest = rest.join(same_party, on=_OVER, how="anti")
    some = _any_adding_up(rest)
    rest = rest.join(some, on=_OVER, how="anti")
    short = _adding_up(rest.filter("sure"), policy, exactly=False)
    found = pl.concat([whole, by_sure, same_party, some, short])
    group = pl.struct("l", "c", "part").rank("dense").cast(pl.UInt64)
    return found.select("l", "i", "amount_says", g=group, way=pl.lit("named", dtype=WAYS))


def _any_adding_up(rest: pl.DataFrame) -> pl.DataFrame:
    """Two or more of the named documents whose exact sum is the amount, where the others are named by chance."""
    lines = rest.sort("l", "c", "i").group_by(_OVER, maintain_order=True).agg(
        "i", "open_minor", pl.col("amount_minor").first()
    ).head(sums.SEARCHES_MAX)  # fmt: skip
    rows = []
    for line, currency, numbers, amounts, target in lines.iter_rows():
        for part, places in enumerate(subsets(amounts, target)):
            rows += [(line, currency, numbers[place], part) for place in places]
    schema = {"l": pl.UInt32, "c": pl.UInt8, "i": pl.UInt32, "part": pl.UInt32}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select(*_OVER, "i", "part", amount_says=says("amount", "sum_named"))


def _adding_up(rows: pl.DataFrame, policy: Policy, *by: str, exactly: bool) -> pl.DataFrame:
    """`l c i part amount_says` of groups whose sum is the amount, else more by a discount, a fee or the tolerance."""
    over = [*_OVER, *by]
    total, count = pl.col("open_minor").sum().over(over), pl.len().over(over)
    gap = pl.col("amount_minor") - total
    same_way = (total > 0) == (pl.col("amount_minor") > 0)
    small = gap.abs() <= policy.fee_max_minor
    fee = (gap < 0) & same_way & ((small & (gap.abs() * _FEE_SHARE <= total.abs())) | _within(gap, policy))
    less = (
        same_way & (pl.col("amount_minor").abs() < total.abs()) & at_a_discount(gap.abs(), total.abs(), count)
    )
    level = pl.when(gap == 0).then(says("amount", "sum_named"))
    if not exactly:
        level = pl.when(less).then(says("amount", "sum_discount")).when(fee).then(says("amount", "sum_fee"))
    grouped = rows.with_columns(amount_says=level, n=count)
    kept = grouped.filter(pl.col("amount_says").is_not_null(), pl.col("n") >= 2)
    part = pl.col(by[0]) if by else pl.lit(0, dtype=pl.UInt32)
    return kept.select(*_OVER, "i", part=part.cast(pl.UInt32), amount_says="amount_says")


def _within(gap: pl.Expr, policy: Policy) -> pl.Expr:
    return gap.abs() <= policy.tolerance_minor
