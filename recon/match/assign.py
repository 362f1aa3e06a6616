"""From scores to probabilities and a choice: alternatives of a line and rivals for a document exclude each other.

In: scored drafts, what is open, and what unlisted documents weigh. Out: `d probability`, and which drafts are
chosen together.

Lines and contested documents are places that hold one draft or none. Where nobody else wants a line's documents
its probabilities are the softmax of its scores with "none of these". Elsewhere, how likely each place is free for a
draft, given what all others there are worth, is passed back and forth until it stands still (sum-product on
matchings, exact where the conflicts form a tree). A draft is chosen when it is likelier than everything against
it together, so two equal rivals never are.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.match.drafts import Drafts

CHOSEN_FROM = 0.5
"""A probability from which a draft may be chosen: more likely than all alternatives and none together."""
_ROUNDS = 60
_STILL = 1e-7
_STRONGEST = 40.0
_CLAIMS_FROM = -2.0
"""Score from which a draft's claim counts when a document may be asked for more than is open."""


def probabilities(some: Drafts, items: pl.DataFrame, unseen: pl.DataFrame, lines: int) -> pl.DataFrame:
    """`d probability` for every draft, that exactly its legs are right; rounded to 12 digits.

    items: `i open_minor`. unseen: `l odds`. lines: how many there are.
    """
    if some.heads.is_empty():
        return pl.DataFrame(schema={"d": pl.UInt32, "probability": pl.Float64})
    odds = np.exp2(np.clip(some.heads["score"].to_numpy(), -_STRONGEST, _STRONGEST))
    none = np.ones(lines)
    none[unseen["l"].to_numpy()] += unseen["odds"].to_numpy()
    of_lines = some.legs.select("d", "l").unique().sort("d", "l")
    draft, line = of_lines["d"].to_numpy(), of_lines["l"].to_numpy()
    total = none + np.bincount(line, odds[draft], lines)
    share = np.zeros(len(odds))
    share[draft] = odds[draft] / total[line]
    crowded = _crowded(some, items, draft, line, lines)
    if crowded.any():
        active = np.flatnonzero(crowded)
        share[active] = _passed(some, items, odds, none, of_lines, active)
    return pl.DataFrame({"d": np.arange(len(odds), dtype=np.uint32), "probability": np.round(share, 12)})


def _crowded(
    some: Drafts, items: pl.DataFrame, draft: np.ndarray, line: np.ndarray, lines: int
) -> np.ndarray:
    """Which drafts stand on a line where one needs another line too, or a document that others want."""
    contested = contested_items(some, items)
    wanted = some.legs.drop_nulls("i").join(contested, on="i", how="semi")["d"].to_numpy()
    entangled = np.bincount(draft, minlength=some.heads.height) > 1
    entangled[wanted] = True
    busy = np.zeros(lines, dtype=bool)
    busy[line[entangled[draft]]] = True
    crowded = np.zeros(some.heads.height, dtype=bool)
    crowded[draft[busy[line]]] = True
    return crowded


def _passed(
    some: Drafts,
    items: pl.DataFrame,
    odds: np.ndarray,
    none: np.ndarray,
    of_lines: pl.DataFrame,
    active: np.ndarray,
) -> np.ndarray:
    """The probabilities of the active drafts, by what the places tell each other."""
    chosen = pl.DataFrame({"d": active.astype(np.uint32)})
    lines = of_lines.join(chosen, on="d", how="semi", maintain_order="left")
    wanted = contested_items(some, items)
    documents = (
        some.legs.drop_nulls("i")
        .join(wanted, on="i", how="semi")
        .join(chosen, on="d", how="semi")
        .select("d", "i")
        .unique()
        .sort("d", "i")
    )
    place, free_worth = _places(lines["l"].to_numpy(), documents["i"].to_numpy(), none)
    draft = np.searchsorted(active, np.concatenate([lines["d"].to_numpy(), documents["d"].to_numpy()]))
    worth = odds[active]
    free = np.zeros(len(place))  # log of the chance that the place is free for the draft
    for _ in range(_ROUNDS):
        of_draft = np.bincount(draft, free, len(worth))
        claim = worth[draft] * np.exp(of_draft[draft] - free)
        others = np.maximum(np.bincount(place, claim)[place] - claim, 0.0)
        moved = 0.5 * free - 0.5 * np.log(free_worth[place] + others)
        still = np.abs(moved - free).max() < _STILL
        free = moved
        if still:
            break
    likely = worth * np.exp(np.bincount(draft, free, len(worth)))
    rough = likely / (1.0 + likely)
    return _at_most_one_a_line(rough, draft[: lines.height], place[: lines.height])


def _places(lines: np.ndarray, documents: np.ndarray, none: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The place of each claim, lines first, and what an empty place is worth."""
    some_lines, line_place = np.unique(lines, return_inverse=True)
    some_documents, document_place = np.unique(documents, return_inverse=True)
    place = np.concatenate([line_place, document_place + len(some_lines)])
    return place, np.concatenate([none[some_lines], np.ones(len(some_documents))])


def _at_most_one_a_line(rough: np.ndarray, draft: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Where the conflicts run in rings the sums can pass one a little; they are brought back."""
    total = np.maximum(np.bincount(line, rough[draft]), 1.0)
    over = np.ones(len(rough))
    np.maximum.at(over, draft, total[line])
    return rough / over


def at_most_one_a_line(likely: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """`d probability`, brought back where calibrated values of one line pass one together."""
    of_lines = legs.select("d", "l").unique().sort("d", "l")
    line, draft = of_lines["l"].to_numpy().astype(np.int64), of_lines["d"].to_numpy()
    share = _at_most_one_a_line(likely["probability"].to_numpy(), draft, line)
    return likely.with_columns(probability=pl.Series(np.round(share, 12)))


def contested_items(some: Drafts, items: pl.DataFrame) -> pl.DataFrame:
    """`i` of documents that the lines together claim more of than is open, each line by its largest claim.

    Part payments that fit beside each other do not compete.
    """
    heads = some.heads.select("score")[some.legs["d"]]
    claims = (
        some.legs.with_columns(heads["score"])
        .filter(pl.col("i").is_not_null(), pl.col("score") >= _CLAIMS_FROM)
        .group_by("i", "l")
        .agg(claim=pl.col("item_amount_minor").abs().max())
        .group_by("i")
        .agg(pl.col("claim").sum())
    )
    asked = claims.join(items.select("i", "open_minor"), on="i")
    return asked.filter(pl.col("claim") > pl.col("open_minor").abs()).select("i").sort("i")


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
    asked = pl.when(pl.col("i").is_not_null()).then(pl.col("item_amount_minor").sum().over("i").abs())
    beyond = (asked > pl.col("open_minor").abs()).fill_null(False)
    clashing = legs.filter(twice | beyond).select("d").unique()
    clear = able.join(clashing, on="d", how="anti").select("d")
    rest = able.join(clashing, on="d", how="semi", maintain_order="left")
    taken = _one_by_one(rest, legs.join(clashing, on="d", how="semi"))
    return pl.concat([clear, pl.DataFrame({"d": taken}, schema={"d": pl.UInt32})]).sort("d")


def _one_by_one(rest: pl.DataFrame, legs: pl.DataFrame) -> list[int]:
    asked = legs.select("d", "l", "i", "item_amount_minor", "open_minor").sort("d", "l", "i")
    lines: set[int] = set()
    spent: dict[int, int] = {}
    wanted: dict[int, list[tuple[int, int | None, int, int | None]]] = {}
    for draft, line, item, amount, awaited in asked.iter_rows():
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
