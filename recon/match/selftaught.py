"""What a ledger teaches of itself: lines whose own reference leaves no doubt are answers nobody had to give.

In: pairs with their levels. Out: a Model whose weights of names, amounts, days and accounts are drawn toward what
those lines show when their reference is hidden. A few lose their document too, so that "none" is learnt.
Payer memory never proves itself: recon.match.memory leaves a line's own payment out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from recon.match.amounts import RELATIONS
from recon.match.block import GENERATORS
from recon.match.drafts import KINDS
from recon.match.likelihood import questions, sought
from recon.match.weights import LEVELS, Model, says, silent

LEARNT = ("amount", "name", "account", "customer", "date", "habit")
ANSWERS_LEAST = 200
ANSWERS_MOST = 8_000
COUNT_AS = 1_500
"""Answers nobody gave count as at most so many, for lines with a reference are not like those without."""
WITHOUT = 32
"""Every so manieth answer loses its document: about as often people pay what is not in the books. With every fourth,
names and accounts seem to be worth half of what they are."""
_FIRM = pl.Series(["structured", "printed", "digits"], dtype=LEVELS["reference"]).implode()


def taught(pairs: pl.DataFrame, unseen: pl.DataFrame, model: Model) -> Model:
    """The model drawn toward this ledger's own answers; the same one where there are too few.

    pairs: of evidence.pair_evidence. unseen: `l odds` of score.unseen.
    """
    rows = _answers(pairs)
    answers = rows["l"].n_unique()
    if answers < ANSWERS_LEAST:
        return model
    asked = questions(rows, model, LEARNT, unseen, min(1.0, COUNT_AS / answers))
    start = np.array([model.weights[name] for name in asked.names])
    weights = sought(asked, start)
    told = {name: float(round(weight, 6)) for name, weight in zip(asked.names, weights, strict=True)}
    return replace(model, weights={**model.weights, **told})


def _answers(pairs: pl.DataFrame) -> pl.DataFrame:
    """Alternatives of lines with one sure document as they would stand without the reference; `right`: the answer."""
    sure = pairs.filter(pl.col("reference_says").is_in(_FIRM)).select("l", "i", "reference_says")
    sure = sure.filter(pl.len().over("l") == 1).sort("l")
    step = max(1, sure.height // ANSWERS_MOST)
    sure = sure.gather_every(step).with_row_index("n").with_columns(out=pl.col("n") % WITHOUT == 0)
    others = pl.lit(
        sum(1 << GENERATORS.index(name) for name in ("party", "amount", "original", "part", "word")), pl.UInt8
    )
    rows = pairs.join(sure.select("l", answer="i", out="out"), on="l", how="inner", maintain_order="left")
    right = pl.col("i") == pl.col("answer")
    rows = rows.filter(pl.col("by") & others != 0, ~(right & pl.col("out")))
    part = pl.col("relation").is_in(pl.Series(["partial", "equal_part"], dtype=RELATIONS).implode())
    untold = (
        pl.when(pl.col("relation") == pl.lit("partial", dtype=RELATIONS))
        .then(says("amount", "partial_unnamed"))
        .when(pl.col("relation") == pl.lit("overpaid", dtype=RELATIONS))
        .then(says("amount", "overpaid_unnamed"))
        .otherwise("amount_says")
    )
    return rows.with_columns(
        right=right,
        amount_says=untold,
        reference_says=silent("reference"),
        document_no_says=silent("document_no"),
        order_says=silent("order"),
        kind=pl.when(part).then(pl.lit("partial", dtype=KINDS)).otherwise(pl.lit("one_to_one", dtype=KINDS)),
    )
