"""Several lines that together pay one document: instalments.

In: the pairs of recon.match.evidence. Out: drafts of kind many_to_one, at most one a document, exact sums only.
"""

from __future__ import annotations

import polars as pl

from recon.match.amounts import RELATIONS
from recon.match.block import told
from recon.match.drafts import Drafts, drafts, nothing, says_column
from recon.match.weights import LEVELS

LINES_MAX = 12
_PARTS = pl.Series(["partial", "equal_part"], dtype=RELATIONS).implode()
_FIRM = pl.Series(["rule", "exact", "memory", "in_text", "cut", "close"], dtype=LEVELS["name"]).implode()
_WEAKEST = ("reference", "document_no", "name", "account", "customer")


def instalment_drafts(pairs: pl.DataFrame) -> Drafts:
    """One draft for each document whose part payments add up to what is open.

    First those whose lines all name it, then those whose lines name it or come from its party. Of each feature
    the weakest level counts for all of them.
    """
    parts = pairs.filter(pl.col("relation").is_in(_PARTS), pl.col("c") == pl.col("item_c"))
    known = pl.col("name_says").is_in(_FIRM) | pl.col("account_says").is_in(
        pl.Series(["same", "memory"], dtype=LEVELS["account"]).implode()
    )
    named = _complete(parts.filter(told()))
    rest = parts.filter(told() | known.fill_null(value=False)).join(named, on="i", how="anti")
    whole = pl.concat([named, _complete(rest), _complete(_equal(rest))]).unique(
        ["l", "i"], maintain_order=True
    )
    # A document has one draft, and a line is in one draft of a document only.
    rows = whole.sort("i", "booking_date", "l")
    if rows.is_empty():
        return nothing()
    rows = rows.with_columns(d=(pl.col("i").rank("dense") - 1).cast(pl.UInt32))
    heads = rows.group_by("d", maintain_order=True).agg(
        *(_weakest(feature) for feature in _WEAKEST),
        kind=pl.lit("many_to_one"),
        way=pl.lit("instalments"),
        amount_says=pl.lit("sum_instalments"),
        difference_minor=pl.lit(0),
        difference_kind=pl.lit("none"),
        count=pl.len(),
    )
    return drafts(heads, rows.select("d", "l", "i", "amount_minor", item_amount_minor="amount_minor"))


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of documents whose lines add up to what is open."""
    return rows.filter(
        pl.len().over("i").is_between(2, LINES_MAX),
        pl.col("amount_minor").sum().over("i") == pl.col("open_minor"),
    )


def _equal(rows: pl.DataFrame) -> pl.DataFrame:
    """Of lines of one amount as many as the document needs, where there are exactly so many."""
    equal = rows.filter(pl.col("open_minor") % pl.col("amount_minor") == 0)
    return equal.filter(pl.len().over("i", "amount_minor") == pl.col("open_minor") // pl.col("amount_minor"))


def _weakest(feature: str) -> pl.Expr:
    """The weakest level of the group; null where a line has none."""
    column = pl.col(says_column(feature))
    return pl.when(column.null_count() == 0).then(column.max()).alias(says_column(feature))
