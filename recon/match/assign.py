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

from dataclasses import replace

import numpy as np
import polars as pl

from recon.match.contest import Contest, contest, cut, entangled, rivalling
from recon.match.drafts import Drafts
from recon.match.matchings import exact
from recon.match.passing import Told, passed

CHOSEN_FROM = 0.5
"""A probability from which a draft may be chosen: more likely than all alternatives and none together."""
_STAGES = ((4, 0.002), (30, 0.01))
"""Rounds of messages, and the probability below which a draft then counts as ruled out by the others."""
_STRONGEST = 40.0


def probabilities(
    some: Drafts, items: pl.DataFrame, contested: pl.DataFrame, unseen: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """`d probability` for every draft, that exactly its legs are right; rounded to 12 digits.

    items: `i p c open_minor anchor_day`. contested: of contested_items. unseen: `l odds`. lines: `l day`.
    """
    if some.heads.is_empty():
        return pl.DataFrame(schema={"d": pl.UInt32, "probability": pl.Float64})
    odds, none, share = _alone_on_lines(some, unseen, lines)
    rivals = contest(some, odds, share, none, items, contested, lines)
    if len(rivals.drafts):
        share[rivals.drafts] = _among(rivals)
    return pl.DataFrame({"d": np.arange(len(odds), dtype=np.uint32), "probability": np.round(share, 12)})


def wants(some: Drafts, unseen: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """`l i to` of legs that count against other lines, should those want the same: all that can move a probability."""
    if some.heads.is_empty():
        return some.legs.select("l", "i", "to")
    odds, _, share = _alone_on_lines(some, unseen, lines)
    able = rivalling(odds, share)[some.legs["d"].to_numpy()]
    return some.legs.filter(pl.Series(able)).select("l", "i", "to").unique().sort("l", "i", "to")


def _alone_on_lines(
    some: Drafts, unseen: pl.DataFrame, lines: pl.DataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Odds of each draft, what "none" is worth to each line, and each draft's share as if no other line were there."""
    odds = np.exp2(np.clip(some.heads["score"].to_numpy(), -_STRONGEST, _STRONGEST))
    none = np.ones(lines.height)
    none[unseen["l"].to_numpy()] += unseen["odds"].to_numpy()
    draft, line = _stands(some)
    total = none + np.bincount(line, odds[draft], lines.height)
    share = np.zeros(len(odds))
    share[draft] = odds[draft] / total[line]
    return odds, none, share


def _stands(some: Drafts) -> tuple[np.ndarray, np.ndarray]:
    """Each draft with each of its lines, once; only drafts of several legs can name a line twice."""
    draft, line = some.legs["d"].to_numpy(), some.legs["l"].to_numpy()
    several = np.bincount(draft, minlength=some.heads.height)[draft] > 1
    rest = some.legs.select("d", "l").filter(pl.Series(several)).unique().sort("d", "l")
    return np.append(draft[~several], rest["d"].to_numpy()), np.append(line[~several], rest["l"].to_numpy())


def _among(some: Contest, stages: tuple[tuple[int, float], ...] = _STAGES) -> np.ndarray:
    """The probabilities of drafts that stand in each other's way.

    Messages rule out what they can; what stays open is summed up exactly where few enough are entangled, and where
    too many are, messages are passed on until more is ruled out.
    """
    (rounds, ruled_out), *later = stages
    told = passed(some, rounds)
    likely, kept = told.likely.copy(), np.flatnonzero(told.likely >= ruled_out)
    left = _left(some, told, told.likely >= ruled_out)
    likely[kept] = _alone(left)
    rest = np.flatnonzero(entangled(left))
    if len(rest):
        tangle = _part(left, rest)
        summed = exact(tangle)
        large = np.flatnonzero(np.isnan(summed))
        summed[large] = told.likely[kept[rest[large]]]
        if len(large) and later:
            summed[large] = _among(_part(tangle, large), tuple(later))
        likely[kept[rest]] = summed
    return _at_most_one_a_line(likely, some.draft, some.line)


def _part(some: Contest, drafts: np.ndarray) -> Contest:
    kept = np.zeros(len(some.odds), dtype=bool)
    kept[drafts] = True
    return cut(some, kept, some.odds, some.none)


def _alone(some: Contest) -> np.ndarray:
    """The probabilities as if the lines had nothing to do with each other."""
    total = some.none + np.bincount(some.line, some.odds[some.draft], len(some.none))
    share = np.zeros(len(some.odds))
    share[some.draft] = some.odds[some.draft] / total[some.line]
    return share


def _left(some: Contest, told: Told, kept: np.ndarray) -> Contest:
    """The Contest of what is still likely; what is not takes a little room on its lines and documents."""
    whole = np.log(some.odds) + np.bincount(some.draft, told.on_line, len(kept))
    whole += np.bincount(some.claimer, told.on_document, len(kept))
    out, lost = ~kept[some.draft], ~kept[some.claimer]
    on_line = np.where(out, np.exp(whole[some.draft] - told.on_line), 0.0)
    on_document = np.where(lost, np.exp(whole[some.claimer] - told.on_document), 0.0)
    none = some.none + np.bincount(some.line, on_line, len(some.none))
    room = 1.0 + np.bincount(some.wanted, on_document, len(some.series))
    odds = np.log(some.odds) - np.bincount(some.claimer, np.log(room)[some.wanted], len(kept))
    # A second payment comes beside the first, which has made its room already.
    second = replace(some, again=some.again * room[some.wanted])
    return cut(second, kept, np.exp(odds), none)


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
