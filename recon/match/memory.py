"""Who paid for whom: learnt from decisions, and from lines whose own reference leaves no doubt.

In: a Book, its hits, a History. Out: `l p by` – by `account`, by `name`, or `refused` where people said no to what
this name was given. A line never proves itself: what it alone shows is not remembered for it.
"""

from __future__ import annotations

import polars as pl

from recon.match.book import Book, spelled
from recon.schema import History
from recon.text import account_key, name_fold, name_key

PAYS_FOR_MOST = 4
"""Parties one account or name may pay for; beyond that it is a channel and tells nothing."""
_SURE_LENGTH = 7
_REFUSED_FROM = 2


def paid_before(book: Book, hits: pl.DataFrame, history: History) -> pl.DataFrame:
    """`l p by`, once each."""
    before = book.whole.paid if book.whole else decided_payers(history)
    seen = pl.concat([before, referred_payers(book, hits)]).join(book.parties, on="party").drop("party")
    lines = book.lines.select("l", "line_id", "s", account="account_key").join(
        _whose(book), on="s", how="left"
    )
    by_account = _remembered(lines, seen.filter(pl.col("n") > 0), "account")
    by_name = _remembered(lines, seen.filter(pl.col("n") > 0), "who")
    refused = _refused(lines, seen)
    return pl.concat([by_account, by_name, refused]).unique().sort("l", "p", "by")


def decided_payers(history: History) -> pl.DataFrame:
    """`line_id account who party n`: +1 for each accepted, -1 for each rejected pair."""
    pairs = pl.concat(
        [
            history.accepted.select("line_id", "item_id", n=pl.lit(1, pl.Int32)),
            history.rejected.select("line_id", "item_id", n=pl.lit(-1, pl.Int32)),
        ]
    )
    party = pl.coalesce("counterparty_id", "name:" + name_key(name_fold(pl.col("counterparty_name"))))
    whose = history.items.select("item_id", party=party).drop_nulls()
    payers = history.lines.select(
        "line_id",
        account=account_key(pl.col("counterparty_account")),
        who=name_key(pl.lit(spelled(history.lines))),
    )
    return (
        pairs.join(whose, on="item_id")
        .join(payers, on="line_id")
        .group_by("line_id", "account", "who", "party")
        .agg(pl.col("n").sum())
    )


def referred_payers(book: Book, hits: pl.DataFrame) -> pl.DataFrame:
    """The same of lines here: a long reference of one document alone, with its exact amount."""
    sure = (
        hits.filter(
            pl.col("role") == "reference",
            pl.col("trust") < 2,
            pl.col("key").str.len_chars() >= _SURE_LENGTH,
            pl.col("i").n_unique().over("l") == 1,
        )
        .select("l", "i")
        .unique()
    )
    items = book.items.select("i", "p", item_a="a")
    lines = book.lines.select("l", "line_id", "a", "s", account="account_key")
    found = sure.join(items, on="i").join(lines, on="l").filter(pl.col("a") == pl.col("item_a"))
    named = found.join(book.parties, on="p").join(_whose(book), on="s", how="left")
    return named.select("line_id", "account", "who", "party", n=pl.lit(1, pl.Int32))


def _whose(book: Book) -> pl.DataFrame:
    return book.spellings.select("s", who=name_key(pl.col("who")))


def _remembered(lines: pl.DataFrame, seen: pl.DataFrame, by: str) -> pl.DataFrame:
    """Parties this account or name has paid for on other lines."""
    known = seen.drop_nulls(by).group_by(by, "p").agg(n=pl.col("n").sum())
    known = known.filter(pl.len().over(by) <= PAYS_FOR_MOST)
    own = seen.drop_nulls(by).select("line_id", by, "p", own="n")
    found = (
        lines.select("l", "line_id", by)
        .drop_nulls(by)
        .join(known, on=by)
        .join(own, on=["line_id", by, "p"], how="left")
    )
    others = found.filter(pl.col("n") > pl.col("own").fill_null(0))
    return others.select("l", "p", by=pl.lit("account" if by == "account" else "name"))


def _refused(lines: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Parties whose documents people took away from this name and never gave it: twice, or for another party."""
    told = (
        seen.drop_nulls("who")
        .group_by("who", "p")
        .agg(
            no=pl.col("n").filter(pl.col("n") < 0).sum().abs(), yes=pl.col("n").filter(pl.col("n") > 0).sum()
        )
    )
    elsewhere = (pl.col("yes") > 0).any().over("who")
    bad = told.filter(pl.col("yes") == 0, (pl.col("no") >= _REFUSED_FROM) | ((pl.col("no") > 0) & elsewhere))
    found = lines.select("l", "who").drop_nulls("who").join(bad, on="who")
    return found.select("l", "p", by=pl.lit("refused"))
