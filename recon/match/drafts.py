"""Drafts: proposals before they are weighed against each other.

heads: one row a draft `d` – its kind and way, its difference, a level per feature, a count its sentences need.
legs: `d l i to amount_minor item_amount_minor`, a row a leg; where the leg is no document, `i` is null and `to`
says what it is (`line:…`, `account:…`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from recon.match.amounts import DIFFERENCES
from recon.match.weights import FEATURES, LEVELS, WAYS
from recon.schema import PROPOSAL_KINDS

KINDS: Final = pl.Enum(PROPOSAL_KINDS)


def says_column(feature: str) -> str:
    return f"{feature}_says"


HEADS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "d": pl.UInt32,
    "kind": KINDS,
    "way": WAYS,
    "difference_minor": pl.Int64,
    "difference_kind": DIFFERENCES,
    **{says_column(feature): LEVELS[feature] for feature in FEATURES},
    "count": pl.UInt32,
    "told": pl.String,
}
LEGS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "d": pl.UInt32,
    "l": pl.UInt32,
    "i": pl.UInt32,
    "to": pl.String,
    "amount_minor": pl.Int64,
    "item_amount_minor": pl.Int64,
}


@dataclass(frozen=True)
class Drafts:
    heads: pl.DataFrame
    legs: pl.DataFrame


def drafts(heads: pl.DataFrame, legs: pl.DataFrame) -> Drafts:
    """Drafts of frames that have `d`; columns left out are null."""
    return Drafts(_whole(heads, HEADS), _whole(legs, LEGS))


def _whole(frame: pl.DataFrame, types: dict[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in types.items()
    )


def nothing() -> Drafts:
    return Drafts(pl.DataFrame(schema=HEADS), pl.DataFrame(schema=LEGS))


def together(all_drafts: list[Drafts]) -> Drafts:
    """One Drafts of many, numbered through in the order given; each of them is numbered from 0 without gaps."""
    heads, legs, start = [], [], 0
    for one in all_drafts:
        heads.append(one.heads.with_columns(pl.col("d") + start))
        legs.append(one.legs.with_columns(pl.col("d") + start))
        start += one.heads.height
    return Drafts(pl.concat(heads), pl.concat(legs))


def numbered(some: Drafts, kept: pl.DataFrame) -> Drafts:
    """The drafts `d` that are kept, numbered from 0 in their order."""
    numbers = kept.select("d").sort("d").with_row_index("new")
    return Drafts(_renumbered(some.heads, numbers), _renumbered(some.legs, numbers))


def _renumbered(frame: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    found = frame.join(numbers, on="d", maintain_order="left").drop("d").rename({"new": "d"})
    return found.select("d", pl.exclude("d"))


def without_rejected(some: Drafts, items: pl.DataFrame, rejected: pl.DataFrame) -> Drafts:
    """The drafts of which no leg is a rejected pair. rejected: `l item_id`."""
    if rejected.is_empty():
        return some
    barred = rejected.join(items.select("i", "item_id"), on="item_id", how="left")
    by_document = some.legs.join(barred.drop_nulls("i"), on=["l", "i"], how="semi")
    other = some.legs.join(barred, left_on=["l", "to"], right_on=["l", "item_id"], how="semi")
    out = pl.concat([by_document.select("d"), other.select("d")]).unique()
    return numbered(some, some.heads.join(out, on="d", how="anti"))


def once(some: Drafts) -> Drafts:
    """Each set of legs once, of two the one with the higher `score`, then the one found first."""
    leg = pl.format("{}|{}|{}|{}", "l", pl.coalesce(pl.col("i").cast(pl.String), "to"), "amount_minor",
                    "item_amount_minor")  # fmt: skip
    same = some.legs.group_by("d").agg(legs=leg.sort().str.join(";"))
    best = (
        some.heads.select("d", "score")
        .join(same, on="d")
        .sort("legs", "score", "d", descending=[False, True, False])
        .unique("legs", keep="first", maintain_order=True)
    )
    return numbered(some, best)
