"""Drafts: proposals before they are weighed against each other.

heads: one row a draft `d` – its kind, its difference, a level per feature, the figures its sentences need.
legs: `d l i item_id amount_minor item_amount_minor`, a row a leg; `i` is null where the leg is no document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from recon.match.score import level_column
from recon.match.weights import FEATURES

FIGURES: Final[dict[str, type[pl.DataType]]] = {
    "reference_text": pl.String,
    "document_text": pl.String,
    "name_text": pl.String,
    "days": pl.Int64,
    "money_minor": pl.Int64,
    "gap_minor": pl.Int64,
    "count": pl.Int64,
}
"""What sentences are filled with: texts, days after the anchor, money asked for, money missing or over, a number."""

HEADS: Final[dict[str, type[pl.DataType]]] = {
    "kind": pl.String,
    "currency": pl.String,
    "difference_minor": pl.Int64,
    "difference_kind": pl.String,
    **dict.fromkeys([level_column(feature) for feature in FEATURES], pl.String),
    **FIGURES,
}
LEGS: Final[dict[str, type[pl.DataType]]] = {
    "l": pl.UInt32,
    "i": pl.UInt32,
    "item_id": pl.String,
    "amount_minor": pl.Int64,
    "item_amount_minor": pl.Int64,
}
_NUMBER: Final[dict[str, type[pl.DataType]]] = {"d": pl.UInt32}


@dataclass(frozen=True)
class Drafts:
    heads: pl.DataFrame
    legs: pl.DataFrame


def drafts(heads: pl.DataFrame, legs: pl.DataFrame) -> Drafts:
    """Drafts of frames that have `d`; head columns left out are null."""
    whole = heads.select(
        (pl.col(name) if name in heads.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in (_NUMBER | HEADS).items()
    )
    return Drafts(whole, legs.select(pl.col(name).cast(dtype) for name, dtype in (_NUMBER | LEGS).items()))


def nothing() -> Drafts:
    return Drafts(pl.DataFrame(schema=_NUMBER | HEADS), pl.DataFrame(schema=_NUMBER | LEGS))


def together(all_drafts: list[Drafts]) -> Drafts:
    """One Drafts of many, numbered through in the order given."""
    heads, legs, start = [], [], 0
    for one in all_drafts:
        heads.append(one.heads.with_columns(pl.col("d") + start))
        legs.append(one.legs.with_columns(pl.col("d") + start))
        start += one.heads.height
    return Drafts(pl.concat(heads), pl.concat(legs))


def without_pairs(some: Drafts, pairs: pl.DataFrame) -> Drafts:
    """The drafts of which no leg is one of these `l item_id` pairs."""
    barred = some.legs.join(pairs, on=["l", "item_id"], how="semi").select("d").unique()
    return _kept(some, some.heads.join(barred, on="d", how="anti").select("d"))


def once(some: Drafts) -> Drafts:
    """Each set of legs once, of two the one with the higher `score`; numbered from 0 without gaps."""
    leg = pl.format("{}|{}|{}|{}", "l", "item_id", "amount_minor", "item_amount_minor")
    same = some.legs.group_by("d").agg(legs=leg.sort().str.join(";"))
    best = (
        some.heads.select("d", "score")
        .join(same, on="d")
        .sort("legs", "score", "d", descending=[False, True, False])
        .unique("legs", keep="first", maintain_order=True)
    )
    numbers = best.select("d").sort("d").with_row_index("new")
    return Drafts(_renumbered(some.heads, numbers), _renumbered(some.legs, numbers))


def _renumbered(frame: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    found = frame.join(numbers, on="d").drop("d").rename({"new": "d"})
    return found.select("d", pl.exclude("d")).sort("d", *(["l", "item_id"] if "l" in frame.columns else []))


def _kept(some: Drafts, numbers: pl.DataFrame) -> Drafts:
    return Drafts(
        some.heads.join(numbers, on="d", how="semi").sort("d"),
        some.legs.join(numbers, on="d", how="semi").sort("d", "l", "item_id"),
    )


def of_pairs(pairs: pl.DataFrame) -> Drafts:
    """Drafts of one line and one document each, from the levels of recon.match.evidence."""
    numbered = pairs.sort("l", "i").with_row_index("d")
    partial = pl.col("relation") == "partial"
    heads = numbered.select(
        "d",
        pl.when(partial).then(pl.lit("partial")).otherwise(pl.lit("one_to_one")).alias("kind"),
        "currency",
        "difference_minor",
        "difference_kind",
        "reference_text",
        reference_says="reference",
        document_no_says="document_no_level",
        amount_says="amount",
        name_says="name",
        account_says="account",
        date_says="date",
        kind_says="kind_level",
        order_says="order",
        document_text="document_no",
        name_text="item_party_name",
        days=(pl.col("booking_date") - pl.col("anchor")).dt.total_days(),
        money_minor="open_minor",
        gap_minor=(pl.col("amount_minor") - pl.col("open_minor")).abs(),
        count="same_amount",
    )
    legs = numbered.select("d", "l", "i", "item_id", amount_minor="leg_minor", item_amount_minor="item_minor")
    return drafts(heads, legs)
