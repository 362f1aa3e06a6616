"""Who stands behind a line: parties by name, by account, by their own number, and by who paid before.

In: a Book, the keys its lines hit, what was decided before. Out: `l p` with the levels `name account customer`
of recon.match.weights, a row for each party worth looking at. Names are compared once per distinct spelling.
"""

from __future__ import annotations

import polars as pl

from recon.match import names as resolver
from recon.match.book import Book
from recon.match.weights import LEVELS, says, silent

PARTIES_MOST = 4
"""Parties looked at for one line."""
NAMESAKES_MOST = 3
"""Parties of one name that are all looked at; of more, only documents of the exact amount (block)."""
_FIRM_NAMES = pl.Series(
    ["rule", "exact", "memory", "in_text", "cut", "close", "near"], dtype=LEVELS["name"]
).implode()
_FIRM_ACCOUNTS = pl.Series(["same", "memory"], dtype=LEVELS["account"]).implode()
_LEVELLED = ("name", "account", "customer")


def names_of_lines(book: Book) -> pl.DataFrame:
    """`l n name`: our names that a line shows, by level."""
    if book.whole:
        return _told(book, book.whole.names)
    found = resolver.resolve(book.spellings, book.names)
    shown = found.select("s", "n", name=name_level())
    return book.lines.select("l", "s").drop_nulls().join(shown, on="s").drop("s")


def name_level() -> pl.Expr:
    """`level` of recon.match.names as a level of recon.match.weights."""
    numbers, words = list(range(len(resolver.LEVELS))), list(resolver.LEVELS)
    return pl.col("level").replace_strict(numbers, words, return_dtype=LEVELS["name"])


def _told(book: Book, names: pl.DataFrame) -> pl.DataFrame:
    """The same of names resolved before. names: `who named name level`."""
    spelled = book.spellings.join(names, on=["who", "named"]).join(book.names.select("n", "name"), on="name")
    shown = spelled.select("s", "n", name="level")
    return book.lines.select("l", "s").drop_nulls().join(shown, on="s").drop("s")


def parties_of_lines(
    book: Book, names: pl.DataFrame, customers: pl.DataFrame, paid: pl.DataFrame, ruled: pl.DataFrame
) -> pl.DataFrame:
    """`l p name account customer`, the strongest level of each; at most PARTIES_MOST a line.

    names: of names_of_lines. customers: of keys.customer_hits. paid: of memory.paid_before. ruled: `l p`,
    what a person's rule says.
    """
    of_names = book.items.select("n", "p").drop_nulls().unique()
    of_names = of_names.filter(pl.len().over("n") <= NAMESAKES_MOST)
    accounts = book.items.select("account_key", "p").drop_nulls().unique()
    with_account = book.lines.select("l", "account_key").drop_nulls()
    dense = pl.when("dense").then(says("customer", "dense")).otherwise(says("customer", "exact"))
    said = [
        _said(names.join(of_names, on="n"), "name", pl.col("name")),
        _said(with_account.join(accounts, on="account_key"), "account", says("account", "same")),
        _said(paid.filter(by="account"), "account", says("account", "memory")),
        _said(paid.filter(by="name"), "name", says("name", "memory")),
        _said(paid.filter(by="refused"), "name", says("name", "refused")),
        _said(customers, "customer", dense),
        _said(ruled, "name", says("name", "rule")),
    ]
    merged = pl.concat(said).group_by("l", "p").agg(pl.col(*_LEVELLED).min())
    # The levels stand best first, so the lowest place tells the party most worth looking at.
    place = pl.min_horizontal(
        pl.col("account").to_physical(), pl.col("customer").to_physical(), pl.col("name").to_physical()
    )
    ordered = merged.with_columns(place=place).sort("l", "place", "p")
    return ordered.group_by("l", maintain_order=True).head(PARTIES_MOST).drop("place").sort("l", "p")


def firm() -> pl.Expr:
    """The line points to this party well enough to add up what it owes."""
    return (
        pl.col("name").is_in(_FIRM_NAMES)
        | pl.col("account").is_in(_FIRM_ACCOUNTS)
        | pl.col("customer").is_not_null()
    ).fill_null(value=False)


def _said(found: pl.DataFrame, feature: str, level: pl.Expr) -> pl.DataFrame:
    return found.select(
        "l", "p", *((level if name == feature else silent(name)).alias(name) for name in _LEVELLED)
    )
