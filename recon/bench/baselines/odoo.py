"""The invoice matching of Odoo 16-18, as its open source does it: words of the label, then FIFO.

Numbers of the label against numbers and references of open items, most hits and then the earliest due first; where
none hits, all open items of the partner, or without a partner those of the same amount. Then: the first single
item of exactly the amount; else items in order until the amount is used up. Items are seen once they are issued,
since lines come day by day, and what was matched exactly is gone for the lines that follow.
"""

from __future__ import annotations

import polars as pl

from recon.bench.baselines.parsed import Parsed, parse, parties_by_account, parties_by_name, same_cash
from recon.bench.baselines.taking import best_first, in_turn, without

MOST_ITEMS = 200
"""Items of one partner that are laid up against one amount; more never add up by accident only."""


def odoo(lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """`line_id item_id`: the items that a line is proposed."""
    parsed = parse(lines, items)
    return parsed.pairs(suggested(parsed))


def suggested(parsed: Parsed) -> pl.DataFrame:
    """`l i`, exact ones first, then what is laid up in order."""
    named = same_cash(parsed, parsed.named)
    exact = _exact_of_named(named)
    hits = without(without(named, exact, "l"), exact, "i")
    laid = _used_up(hits.sort("l", "due", "i"))
    wordless = without(parsed.lines, parsed.named, "l")
    partners = _partners(parsed)
    known = wordless.join(partners, on="l")
    free = without(without(parsed.items, exact, "i"), laid, "i")
    turn = _fifo(known, free, ["party", "amount", "currency"])
    unknown = wordless.join(partners, on="l", how="anti")
    turn = pl.concat([turn, _fifo(unknown, without(free, turn, "i"), ["amount", "currency"])])
    rest = without(known, turn, "l")
    return pl.concat([exact, laid, turn, _of_partner(parsed, rest, without(free, turn, "i"))])


def _partners(parsed: Parsed) -> pl.DataFrame:
    """`l party`: by bank account, else by name."""
    account = parties_by_account(parsed)
    return pl.concat([account, without(parties_by_name(parsed), account, "l")])


def _exact_of_named(named: pl.DataFrame) -> pl.DataFrame:
    """Named documents of exactly the amount; each hit counts, and the earlier due goes first."""
    same = named.filter(pl.col("amount") == pl.col("item_amount"))
    return best_first(same.select("l", "i", score=-pl.col("due").fill_null(0))).select("l", "i")


def _fifo(lines: pl.DataFrame, items: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Exactly the amount, the earliest due first: one skipped invoice shifts all that follow."""
    return in_turn(lines.select("l", *by), items.select("i", *by), by)


def _of_partner(parsed: Parsed, lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """No single item of the amount: the partner's open items in order of their due date."""
    first = items.sort("i").filter(pl.int_range(pl.len()).over("party", "currency") < MOST_ITEMS)
    pairs = lines.select("l", "party").join(first.select("i", "party"), on="party").select("l", "i")
    seen = same_cash(parsed, pairs).filter(pl.col("issued").is_null() | (pl.col("issued") <= pl.col("day")))
    return _used_up(seen.sort("l", "due", "i"))


def _used_up(pairs: pl.DataFrame) -> pl.DataFrame:
    """`l i`: items in the order given until the amount of the line is used up; the last may stay partly open."""
    before = pl.col("item_amount").cum_sum().over("l") - pl.col("item_amount")
    return pairs.filter(before.abs() < pl.col("amount").abs()).select("l", "i")
