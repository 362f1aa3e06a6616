"""Several lines that name one document and together pay it: instalments.

In: the pairs of recon.match.evidence. Out: drafts of kind many_to_one, one a document, exact sums only.
"""

from __future__ import annotations

import polars as pl

from recon.match.drafts import Drafts, drafts, nothing

LINES_MAX = 12
_REFERENCE = ["structured", "printed", "digits", "joined"]
_NUMBER = ["exact", "crowded"]


def instalment_drafts(pairs: pl.DataFrame) -> Drafts:
    """One draft for each document whose part payments, all naming it, add up to what is open.

    The weakest naming counts for all of them.
    """
    named = pl.col("reference").is_in(_REFERENCE) | pl.col("document_no_level").is_in(_NUMBER)
    rows = pairs.filter(
        pl.col("relation") == "partial", named, pl.col("currency") == pl.col("item_currency")
    ).sort("i", "booking_date", "l")
    rows = rows.filter(
        pl.len().over("i").is_between(2, LINES_MAX),
        pl.col("amount_minor").sum().over("i") == pl.col("open_minor"),
    )
    if rows.is_empty():
        return nothing()
    rows = rows.with_columns(d=(pl.col("i").rank("dense") - 1).cast(pl.UInt32))
    heads = rows.group_by("d", maintain_order=True).agg(
        pl.lit("many_to_one").alias("kind"),
        pl.col("currency", "reference_text").first(),
        reference_says=_weakest("reference", _REFERENCE),
        document_no_says=_weakest("document_no_level", _NUMBER),
        amount_says=pl.lit("sum_instalments"),
        difference_minor=pl.lit(0),
        difference_kind=pl.lit("none"),
        document_text=pl.col("document_no").first(),
        money_minor=pl.col("open_minor").first(),
        count=pl.len(),
    )
    legs = rows.select("d", "l", "i", "item_id", "amount_minor", item_amount_minor="amount_minor")
    return drafts(heads, legs)


def _weakest(column: str, order: list[str]) -> pl.Expr:
    """The weakest level of the group in this order; null where a row has none of them."""
    place = pl.col(column).replace_strict(order, list(range(len(order))), default=None, return_dtype=pl.Int64)
    return pl.when(place.null_count() == 0).then(
        place.max().replace_strict(list(range(len(order))), order, default=None, return_dtype=pl.String)
    )
