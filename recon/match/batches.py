"""Batched lines: each part names its own payer and reference, so each part finds its own document.

In: a Book with PARTS, a Policy. Out: drafts of kind one_to_many whose parts all found one document each,
charges aside. A part that could be several documents makes no draft: choosing is the reviewer's work.
"""

from __future__ import annotations

import polars as pl

from recon.match.book import Book
from recon.match.drafts import Drafts, drafts, nothing
from recon.match.keys import ROLES
from recon.policy import Policy
from recon.references import reference_key
from recon.text import name_fold, name_key


def batch_drafts(book: Book, keys: pl.DataFrame, policy: Policy) -> Drafts:
    """One draft for each batched line whose parts are explained, but for charges within the fee.

    keys: of keys.item_keys.
    """
    if book.parts.is_empty() or book.open_items.is_empty():
        return nothing()
    parts = book.parts.select(
        "part_id", "l", "references", "counterparty_name", part_minor="amount_minor"
    ).join(book.lines.select("l", "c", "amount_minor"), on="l")
    found = _documents_of_parts(parts, book, keys)
    rows = parts.join(found, on="part_id", how="left").sort("l", "part_id")
    left = pl.col("part_minor").filter(pl.col("i").is_null())
    explained = (pl.col("i").is_not_null().sum() >= 2) & (pl.col("i").drop_nulls().is_unique().all())
    charged = (left.sum() <= 0) & (left.sum().abs() <= policy.fee_max_minor)
    whole = rows.filter((explained & charged).over("l"))
    if whole.is_empty():
        return nothing()
    numbered = whole.with_columns(d=(pl.col("l").rank("dense") - 1).cast(pl.UInt32))
    return drafts(_heads(numbered), _legs(numbered))


def _documents_of_parts(parts: pl.DataFrame, book: Book, keys: pl.DataFrame) -> pl.DataFrame:
    """`part_id i item_id document_no`: the one open document of the part's exact amount that it names, or, where it
    names none, that its payer owes."""
    on = ["part_minor", "c"]
    items = book.open_items.join(book.names, on="n", how="left").select(
        "i", "item_id", "document_no", "name_key", "c", part_minor="open_minor"
    )
    keys = keys.filter(pl.col("role") != pl.lit("tail", dtype=ROLES)).select("i", "key")
    told = parts.explode("references").select("part_id", "l", *on, key=reference_key(pl.col("references")))
    by_key = told.drop_nulls("key").join(keys, on="key").join(items, on=["i", *on])
    named = parts.with_columns(name_key=name_key(name_fold(pl.col("counterparty_name"))))
    by_name = named.drop_nulls("name_key").join(items, on=["name_key", *on])
    # A reference beats a name; among equals there must be but one document.
    columns = ["part_id", "l", "i", "item_id", "document_no"]
    both = pl.concat([by_key.select(*columns, way=0), by_name.select(*columns, way=1)])
    both = both.join(book.rejected, on=["l", "item_id"], how="anti")
    best = both.filter(pl.col("way") == pl.col("way").min().over("part_id")).unique(["part_id", "i"])
    return best.filter(pl.len().over("part_id") == 1).select("part_id", "i", "item_id", "document_no")


def _heads(rows: pl.DataFrame) -> pl.DataFrame:
    found = rows.filter(pl.col("i").is_not_null())
    gap = pl.col("amount_minor").first() - pl.col("part_minor").sum()
    return found.group_by("d", maintain_order=True).agg(
        kind=pl.lit("one_to_many"),
        way=pl.lit("parts"),
        parts_says=pl.lit("all_named"),
        amount_says=pl.when(gap == 0).then(pl.lit("sum_named")).otherwise(pl.lit("sum_fee")),
        difference_minor=gap,
        difference_kind=pl.when(gap == 0).then(pl.lit("none")).otherwise(pl.lit("fee")),
        count=pl.len(),
    )


def _legs(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("i").is_not_null()).select(
        "d", "l", "i", amount_minor="part_minor", item_amount_minor="part_minor"
    )
