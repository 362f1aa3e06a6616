"""Drafts of one line and one document each.

In: pairs with their levels (recon.match.evidence). Out: drafts of kind one_to_one, or partial where the line
brings less than the document awaits.
"""

from __future__ import annotations

import polars as pl

from recon.match.amounts import RELATIONS, settled
from recon.match.drafts import KINDS, Drafts, drafts
from recon.match.weights import LEVELS, WAYS

_PARTS = pl.Series(["partial", "equal_part"], dtype=RELATIONS).implode()
_FX = pl.Series(["fx_stated", "fx_rate", "fx_loose"], dtype=RELATIONS).implode()
_REFERENCE = pl.Series(
    ["structured", "printed", "digits", "digits_short", "joined", "near"], dtype=LEVELS["reference"]
)
_NUMBER = pl.Series(["exact", "crowded", "dense", "tail", "joined", "near"], dtype=LEVELS["document_no"])


def pair_drafts(pairs: pl.DataFrame) -> Drafts:
    """One draft a pair, in the order of `l i`."""
    part = pl.col("relation").is_in(_PARTS)
    rows = pairs.with_columns(*settled()).with_row_index("d")
    heads = rows.with_columns(
        kind=pl.when(part).then(pl.lit("partial", dtype=KINDS)).otherwise(pl.lit("one_to_one", dtype=KINDS)),
        way=way_of_pair(),
        count="same",
    )
    legs = rows.select("d", "l", "i", amount_minor="leg_minor", item_amount_minor="item_minor")
    return drafts(heads, legs)


def way_of_pair() -> pl.Expr:
    """How the pair came together, by the firmest thing that says so."""
    return (
        pl.when(pl.col("relation").is_in(_FX))
        .then(_way("fx"))
        .when(pl.col("relation").is_in(_PARTS))
        .then(_way("part"))
        .when(pl.col("reference_says").is_in(_REFERENCE.implode()))
        .then(_way("reference"))
        .when(pl.col("document_no_says").is_in(_NUMBER.implode()))
        .then(_way("number"))
        .when(
            pl.col("name_said").is_not_null()
            | pl.col("account_said").is_not_null()
            | pl.col("customer_said").is_not_null()
        )
        .then(_way("party"))
        .otherwise(_way("amount"))
    )


def _way(name: str) -> pl.Expr:
    return pl.lit(name, dtype=WAYS)
