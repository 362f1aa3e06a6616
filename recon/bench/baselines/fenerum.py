"""Ordered algorithms, as Fenerum's public documentation tells of them: the first that finds something ends the search.

The documentation (general settings, automatic reconciliation algorithms): the text holds the invoice's payment
number with or without padding, the amount is that of the invoice or of what is open of it, the currency is the
same; a second form joins digits that blanks part. Ours goes on with the invoice number, and with several numbers
that add up, which its customers can do by hand. No names, no dates, no confidence: it matches or it does not.
"""

from __future__ import annotations

import polars as pl

from recon.bench.baselines.parsed import Parsed, parse, same_cash
from recon.bench.baselines.taking import whole_sets, without


def fenerum(lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """`line_id item_id` of the first algorithm that finds anything for a line."""
    parsed = parse(lines, items)
    return parsed.pairs(ordered(parsed))


def ordered(parsed: Parsed) -> pl.DataFrame:
    """`l i`; a document that an earlier line matched is paid and is not found again."""
    named = same_cash(parsed, parsed.named)
    whole = (pl.col("amount") == pl.col("item_amount")) | (pl.col("amount") == pl.col("total"))
    by_reference, joined = pl.col("how") == "reference", pl.col("joined")
    algorithms = (
        named.filter(by_reference & ~joined & whole),
        named.filter(by_reference & joined & whole),
        named.filter(~by_reference & ~joined & whole),
        named.filter(~joined, pl.col("item_amount").sum().over("l") == pl.col("amount")),
    )
    left = pl.concat([pairs.select("l", "i", order=pl.lit(place)) for place, pairs in enumerate(algorithms)])
    taken = [left.clear()]
    for _ in algorithms:
        first = left.filter(pl.col("order") == pl.col("order").min().over("l"))
        won = whole_sets(first)
        taken.append(won)
        left = without(left, won, "l")
        broken = left.join(won, on="i", how="semi").select("l", "order")
        left = left.join(broken, on=["l", "order"], how="anti")
    return pl.concat(taken).select("l", "i")
