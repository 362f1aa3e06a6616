"""From scores to probabilities and a choice: alternatives of a line and rivals for a document exclude each other.

In: scored drafts and what is open. Out: `d probability`, and which drafts are chosen together.

Lines and contested documents are places that hold one draft or none. How likely each place is free for a
draft, given what all others there are worth, is passed back and forth until it stands still (sum-product on
matchings; exact where the conflicts form a tree, and simply the softmax with "none of these" = 0 for a line
whose documents nobody else wants). A draft is chosen when it is likelier than everything against it
together, so two equal rivals never are.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.match.drafts import Drafts

CHOSEN_FROM = 0.5
"""A probability from which a draft may be chosen: more likely than all alternatives and none together."""
_ROUNDS = 60
_STRONGEST = 40.0
_CLAIMS_FROM = -2.0
"""Score from which a draft's claim counts when a document may be asked for more than is open."""


def probabilities(some: Drafts, items: pl.DataFrame) -> pl.DataFrame:
    """`d probability` for every draft, that exactly its legs are right; rounded to 12 digits."""
    if some.heads.is_empty():
        return pl.DataFrame(schema={"d": pl.UInt32, "probability": pl.Float64})
    places = _places(some, items)
    score = some.heads.sort("d")["score"].clip(-_STRONGEST, _STRONGEST).to_numpy()
    odds = np.exp2(score)
    place, draft = places["place"].to_numpy(), places["d"].to_numpy()
    free = np.zeros(len(place))  # log of the chance that the place is free for the draft
    for _ in range(_ROUNDS):
        of_draft = np.bincount(draft, free, len(odds))
        claim = odds[draft] * np.exp(of_draft[draft] - free)
        others = np.maximum(np.bincount(place, claim)[place] - claim, 0.0)
        free = 0.5 * free - 0.5 * np.log1p(others)
    worth = odds * np.exp(np.bincount(draft, free, len(odds)))
    rough = some.heads.select("d").sort("d").with_columns(probability=pl.Series(worth / (1.0 + worth)))
    return _at_most_one_a_line(rough, some.legs)


def _at_most_one_a_line(rough: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """Where the conflicts run in rings the sums can pass one a little; they are brought back."""
    of_lines = legs.select("d", "l").unique().join(rough, on="d").sort("l", "d")
    line = of_lines["l"].to_numpy()
    total = np.bincount(line, of_lines["probability"].to_numpy())[line]
    over = of_lines.with_columns(total=pl.Series(total)).group_by("d").agg(pl.col("total").max())
    share = pl.col("probability") / pl.max_horizontal("total", pl.lit(1.0))
    return rough.join(over, on="d").sort("d").select("d", probability=share.round(12))


def _places(some: Drafts, items: pl.DataFrame) -> pl.DataFrame:
    """`d place`: each line of a draft, and each of its documents that more is asked of than is open."""
    of_lines = some.legs.select("d", key=pl.format("l{}", "l")).unique()
    of_items = some.legs.filter(pl.col("i").is_not_null()).join(
        contested_items(some, items), on="i", how="semi"
    ).select("d", key=pl.format("i{}", "i")).unique()  # fmt: skip
    both = pl.concat([of_lines, of_items]).sort("key", "d")
    return both.select("d", place=(pl.col("key").rank("dense") - 1).cast(pl.Int64))


def contested_items(some: Drafts, items: pl.DataFrame) -> pl.DataFrame:
    """`i` of documents that the lines together claim more of than is open, each line by its largest claim.

    Part payments that fit beside each other do not compete.
    """
    claims = (
        some.legs.drop_nulls("i")
        .join(some.heads.select("d", "score").filter(pl.col("score") >= _CLAIMS_FROM), on="d")
        .group_by("i", "l")
        .agg(claim=pl.col("item_amount_minor").abs().max())
        .group_by("i")
        .agg(pl.col("claim").sum())
    )
    return claims.join(items.select("i", "open_minor"), on="i").filter(
        pl.col("claim") > pl.col("open_minor").abs()
    ).select("i")  # fmt: skip


def chosen(likely: pl.DataFrame, some: Drafts, items: pl.DataFrame) -> pl.DataFrame:
    """`d` of the drafts of rank 1: likely enough, no line twice, no document beyond what is open.

    likely: `d probability`. Those that fit with all other likely ones are taken at once; only the rest is
    gone through one by one, the most probable first.
    """
    able = likely.filter(pl.col("probability") >= CHOSEN_FROM).sort(
        "probability", "d", descending=[True, False]
    )
    legs = some.legs.join(able, on="d").join(items.select("i", "open_minor"), on="i", how="left")
    twice = pl.col("d").n_unique().over("l") > 1
    beyond = (pl.col("item_amount_minor").sum().over("i").abs() > pl.col("open_minor").abs()).fill_null(False)
    clashing = legs.filter(twice | beyond).select("d").unique()
    clear = able.join(clashing, on="d", how="anti").select("d")
    rest = able.join(clashing, on="d", how="semi", maintain_order="left")
    taken = _one_by_one(rest, legs, clear)
    return pl.concat([clear, pl.DataFrame({"d": taken}, schema={"d": pl.UInt32})]).sort("d")


def _one_by_one(rest: pl.DataFrame, legs: pl.DataFrame, clear: pl.DataFrame) -> list[int]:
    settled = legs.join(clear, on="d", how="semi")
    lines = set(settled["l"].to_list())
    spent: dict[int, int] = dict(
        settled.drop_nulls("i").group_by("i").agg(pl.col("item_amount_minor").abs().sum()).iter_rows()
    )
    wanted: dict[int, list[tuple[int, int | None, int, int | None]]] = {}
    asked = legs.join(rest, on="d", how="semi").select("d", "l", "i", "item_amount_minor", "open_minor")
    for draft, line, item, amount, awaited in asked.sort("d", "l", "i").iter_rows():
        wanted.setdefault(draft, []).append((line, item, abs(amount), awaited and abs(awaited)))
    taken = []
    for draft in rest["d"].to_list():
        free = all(
            line not in lines and (item is None or spent.get(item, 0) + amount <= (awaited or 0))
            for line, item, amount, awaited in wanted[draft]
        )
        if not free:
            continue
        taken.append(draft)
        for line, item, amount, _ in wanted[draft]:
            lines.add(line)
            if item is not None:
                spent[item] = spent.get(item, 0) + amount
    return taken
