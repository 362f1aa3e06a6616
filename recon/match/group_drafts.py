"""Sets of documents made drafts: what each document gets of the line, and what speaks for the set.

In: sets `g l i amount_says way` of recon.match.groups, the keys the lines name. Out: Drafts of kind one_to_many. The
legs add up to the line, less the difference: a fee kept, a discount taken, a rate that moved.
"""

from __future__ import annotations

import polars as pl

from recon.match.amounts import with_rates
from recon.match.book import Book
from recon.match.drafts import Drafts, drafts, nothing
from recon.match.evidence import date_level
from recon.match.shares import shares
from recon.match.weights import says
from recon.policy import Policy

_ITEM = ("i", "p", "n", "open_minor", "issue_date", "anchor")
_LINE = ("l", "c", "amount_minor", "booking_date", "day", "original_minor", "original_c")


def as_drafts(
    found: pl.DataFrame, keys: pl.DataFrame, book: Book, parties: pl.DataFrame, policy: Policy
) -> Drafts:
    """Drafts of sets. keys: of named_sums.named_keys. parties: of party.parties_of_lines."""
    if found.is_empty():
        return nothing()
    numbered = found.with_columns(d=(pl.col("g").rank("dense") - 1).cast(pl.UInt32))
    whole = (
        numbered.join(book.items.select(*_ITEM, item_c="c"), on="i")
        .join(book.lines.select(_LINE), on="l")
        .join(keys.group_by("l", "i").agg("key"), on=["l", "i"], how="left")
        .sort("d", "anchor", "i")
    )
    settled = _settled(whole, book, policy)
    legs = settled.select("d", "l", "i", amount_minor="leg_minor", item_amount_minor="open_minor")
    return drafts(_heads(settled, keys, parties), legs)


def _settled(whole: pl.DataFrame, book: Book, policy: Policy) -> pl.DataFrame:
    """Rows with `leg_minor`, what of the line falls to each document.

    In one currency what is open; of a sum in another currency a share of the line, or of the sum's worth by the rate.
    """
    totals = whole.group_by("d", maintain_order=True).agg(
        pl.col(*_LINE, "item_c", "amount_says").first(), pl.col("open_minor").sum()
    )
    rated = pl.col("amount_says") == says("amount", "sum_rate")
    worth = with_rates(totals, book, policy).select(
        "d", paid_minor=pl.when(rated).then("worth_minor").otherwise("amount_minor")
    )
    shared = shares(
        whole.join(worth, on="d", maintain_order="left"), "paid_minor", "open_minor", "d", "share"
    )
    own = pl.col("c") == pl.col("item_c")
    return shared.with_columns(leg_minor=pl.when(own).then("open_minor").otherwise("share"))


def _heads(whole: pl.DataFrame, keys: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    said = parties.rename({name: f"{name}_says" for name in ("name", "account", "customer")})
    heads = (
        whole.group_by("d", maintain_order=True)
        .agg(
            pl.col("l", "amount_says", "way", "amount_minor", "booking_date", "day").first(),
            pl.col("issue_date").max(),
            first_due=pl.col("anchor").min().to_physical(),
            last_due=pl.col("anchor").max().to_physical(),
            p=pl.when(pl.col("p").n_unique() == 1).then(pl.col("p").first()),
            settled_minor=pl.col("leg_minor").sum(),
            count=pl.len(),
        )
        .join(said, on=["l", "p"], how="left", maintain_order="left")
        .join(_naming(whole, keys), on="d", how="left", maintain_order="left")
        .with_columns(
            days=_from_due_days(),
            gap=pl.col("amount_minor") - pl.col("settled_minor"),
        )
    )
    return heads.with_columns(
        date_says=date_level(),
        kind=pl.lit("one_to_many"),
        difference_minor="gap",
        difference_kind=_difference(),
    )


def _from_due_days() -> pl.Expr:
    """Days before the first or after the last due day: what falls between them pays some late and some early."""
    after, before = pl.col("day") - pl.col("last_due"), pl.col("day") - pl.col("first_due")
    return pl.when(after > 0).then(after).when(before < 0).then(before).when(after.is_not_null()).then(0)


def _difference() -> pl.Expr:
    level = pl.col("amount_says")
    return (
        pl.when(pl.col("gap") == 0)
        .then(pl.lit("none"))
        .when(level == says("amount", "sum_rate"))
        .then(pl.lit("fx"))
        .when(level == says("amount", "sum_discount"))
        .then(pl.lit("discount"))
        .otherwise(pl.lit("fee"))
    )


def _naming(whole: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """`d document_no_says`: whether the text names all of a set, its first, some, or surely something else."""
    sure = keys.filter("sure").drop_nulls("key").select("l", "i", "key")
    met = whole.select("d", "l", "i").join(sure, on=["l", "i"]).select("d", "l", "key").unique()
    others = whole.select("d", "l").unique().join(sure.select("l", "key").unique(), on="l")
    unmet = others.join(met, on=["d", "key"], how="anti")
    # `15231` is no other number than `2026/15231`, whose end it is.
    ends = unmet.join(met.select("d", longer="key"), on="d").filter(
        pl.col("longer").str.ends_with(pl.col("key"))
    )
    missed = unmet.join(ends, on=["d", "key"], how="anti").group_by("d").agg(missed=pl.len())
    met = met.group_by("d").agg(met=pl.len())
    counted = (
        whole.group_by("d", maintain_order=True)
        .agg(
            count=pl.len(),
            named=pl.col("key").is_not_null().sum(),
            first=pl.col("key").is_not_null().first(),
        )
        .join(missed, on="d", how="left", maintain_order="left")
        .join(met, on="d", how="left", maintain_order="left")
        .with_columns(pl.col("missed", "met").fill_null(0))
    )
    level = (
        pl.when(pl.col("named") == pl.col("count"))
        .then(says("document_no", "all_named"))
        .when(pl.col("missed") > 0)
        .then(says("document_no", "other"))
        .when((pl.col("met") > 0) & pl.col("first"))
        .then(says("document_no", "first_named"))
        .when(pl.col("met") > 0)
        .then(says("document_no", "some_named"))
        .when(pl.col("named") > 0)
        .then(says("document_no", "weakly_named"))
    )
    return counted.select("d", document_no_says=level)
