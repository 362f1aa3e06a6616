"""What decisions teach: weights, how right probabilities are, and from where the engine may act alone.

In: a History. Out: a Model. Each decided line is one question: which of its drafts, or none, is right? The
weights that answer best are sought (recon.match.likelihood). How right they are is judged only on lines that did
not shape them: the lines are dealt into folds, and each fold is answered by weights learnt on the others.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from recon.match.assign import probabilities
from recon.match.book import Book
from recon.match.bound import auto_bounds
from recon.match.calibrate import Curves, brier, calibrated, calibrated_apart, fit_curves
from recon.match.contest import contested_items
from recon.match.decided import decided_book, gone_through, truth_of
from recon.match.drafts import Drafts
from recon.match.likelihood import PRIOR, Questions, questions, sought
from recon.match.propose import Found, all_drafts, held_to, look, self_taught
from recon.match.score import scored
from recon.match.selftaught import WITHOUT
from recon.match.weights import FEATURES, STATED, Model
from recon.policy import Policy
from recon.schema import History

DECISIONS_LEAST = 20
"""Decided lines below which nothing is refitted."""
CALIBRATED_FROM = 300
MEASURED_MOST = 4_000
"""The latest decided lines on which weights they did not shape are measured."""
RISKS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
"""Shares of wrong automatic matches that a model knows its bounds for, beside its policy's."""
_FOLDS = 4
_SPREAD = 0.7
"""Bits that a weight is expected to move by decisions: a ledger has taught itself before."""


def fit(history: History, policy: Policy | None = None, confidence: float = 0.9) -> Model:
    """The Model this history teaches. With fewer than twenty decided lines it is the stated one.

    history: lines and documents as recon.normalise makes them. Lines booked to accounts, and lines passed over where
    people decided most of them, teach what belongs to no document. Documents are as open as before they were settled
    by these decisions. Probabilities are calibrated from 300 decided lines, where that makes them better; `bounds`
    hold the share of wrong automatic matches under `policy.auto_risk`, and under each of `RISKS`, with this confidence.
    """
    policy = policy or Policy()
    truth = truth_of(history)
    decisions = _decisions(truth)
    if decisions < DECISIONS_LEAST:
        return STATED
    book = decided_book(history, truth, policy)
    seen = look(book, policy, history)
    found = all_drafts(book, seen, policy, self_taught(book, seen, STATED))
    truth = gone_through(truth, _chances(found, book))
    rows = _with_nothing(_alternatives(found.some, book, truth), truth)
    asked = questions(rows, found.model, (PRIOR, *FEATURES), found.unseen)
    start = _start(asked, found.model)
    apart = _answered_apart(asked, rows, start, found, book, truth)
    model = replace(_model(asked, sought(asked, start, _SPREAD), found.model), decisions=decisions)
    return _judged(model, apart, policy, confidence)


def measured(history: History, policy: Policy, model: Model, confidence: float = 0.9) -> Model:
    """The model with the curves and bounds that the latest decisions bear out for it; as it is where they are few.

    The model's weights must not come from these decisions, or they would flatter it.
    """
    truth = truth_of(history, MEASURED_MOST)
    if _decisions(truth) < CALIBRATED_FROM:
        return model
    book = decided_book(history, truth, policy)
    found = all_drafts(book, look(book, policy, history), policy, model)
    truth = gone_through(truth, _chances(found, book))
    return _judged(model, _outcomes(found, book, truth).drop("l"), policy, confidence)


def _decisions(truth: pl.DataFrame) -> int:
    return truth.filter(pl.col("truth") != "").height


def _chances(found: Found, book: Book) -> pl.DataFrame:
    """`line_id chance` that each line belongs to something, as far as the engine sees."""
    claims = _claims(found.some, book).join(_likely(found, book), on="d")
    chances = claims.group_by("l").agg(chance=pl.col("probability").sum().clip(0.0, 1.0))
    return chances.join(book.lines.select("l", "line_id"), on="l").select("line_id", "chance")


def _likely(found: Found, book: Book) -> pl.DataFrame:
    """`d probability`, not calibrated."""
    contested = contested_items(found.some, book.open_items)
    likely = probabilities(found.some, book.open_items, contested, found.unseen, book.lines)
    return held_to(likely, found.some, replace(found.model, curves=None))


def _with_nothing(rows: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Alternatives from which "none" can be learnt: where no line belongs to nothing, a few lose their answer."""
    if (truth["truth"] == "").any():
        return rows
    return rows.filter(~(pl.col("right") & (pl.col("l") % WITHOUT == 0)))


def _alternatives(some: Drafts, book: Book, truth: pl.DataFrame) -> pl.DataFrame:
    """Heads of drafts of one line each with `l`, `right` where the documents are exactly those people chose."""
    claims = _claims(some, book).filter(pl.col("l").n_unique().over("d") == 1)
    answers = book.lines.select("l", "line_id").join(truth, on="line_id").select("l", "truth")
    marked = claims.join(answers, on="l").with_columns(right=pl.col("claim") == pl.col("truth"))
    return marked.select("d", "l", "right").join(some.heads, on="d").sort("l", "d")


def _claims(some: Drafts, book: Book) -> pl.DataFrame:
    """`d l claim`: the documents a draft gives a line, sorted and joined."""
    legs = some.legs.join(book.items.select("i", "item_id"), on="i", how="left")
    named = legs.select("d", "l", item_id=pl.coalesce("item_id", "to"))
    return named.group_by("d", "l").agg(claim=pl.col("item_id").unique().sort().str.join("\x1f"))


def _start(asked: Questions, model: Model) -> np.ndarray:
    return np.array(
        [model.priors.get(level, -9.0) if feature == PRIOR else model.weights[feature, level]
         for feature, level in asked.names]
    )  # fmt: skip


def _model(asked: Questions, weights: np.ndarray, before: Model) -> Model:
    told = {name: float(round(weight, 6)) for name, weight in zip(asked.names, weights, strict=True)}
    priors = {level: weight for (feature, level), weight in told.items() if feature == PRIOR}
    levels = {name: weight for name, weight in told.items() if name[0] != PRIOR}
    return replace(before, weights={**before.weights, **levels}, priors={**before.priors, **priors})


def _answered_apart(
    asked: Questions, rows: pl.DataFrame, start: np.ndarray, found: Found, book: Book, truth: pl.DataFrame
) -> pl.DataFrame:
    """OUTCOMES of all decided lines, each by weights that never saw its own decision."""
    line = rows["l"].to_numpy()
    parts = []
    for fold in range(_FOLDS):
        # A line held back counts for nothing: its alternatives and its "none" are worth the same as no question.
        weights = sought(_without(asked, line % _FOLDS == fold), start, _SPREAD)
        model = _model(asked, weights, found.model)
        weighed = Found(
            Drafts(scored(found.some.heads.drop("prior", "score"), model), found.some.legs),
            found.unseen,
            model,
        )
        parts.append(_outcomes(weighed, book, truth).filter(pl.col("l") % _FOLDS == fold))
    return pl.concat(parts).drop("l").sort("line_id")


def _without(asked: Questions, out: np.ndarray) -> Questions:
    kept = ~out
    some, number = np.unique(asked.line[kept], return_inverse=True)
    return replace(
        asked, line=number, right=asked.right[kept], fixed=asked.fixed[kept], codes=asked.codes[kept],
        none=asked.none[some],
    )  # fmt: skip


def _outcomes(found: Found, book: Book, truth: pl.DataFrame) -> pl.DataFrame:
    """`l` + OUTCOMES: the best proposal of each decided line that has one, and whether people chose it."""
    claims = _claims(found.some, book).join(_likely(found, book), on="d")
    best = claims.sort("l", "probability", "d", descending=[False, True, False]).unique(
        "l", keep="first", maintain_order=True
    )
    answers = book.lines.select("l", "line_id").join(truth, on="line_id")
    told = best.join(answers, on="l").join(found.some.heads.select("d", "way"), on="d").sort("l")
    return told.select(
        "l", "line_id", pl.col("way").cast(pl.String), "probability",
        (pl.col("claim") == pl.col("truth")).alias("right"), "decided_at",
    )  # fmt: skip


def _judged(model: Model, apart: pl.DataFrame, policy: Policy, confidence: float) -> Model:
    """The model with curves where they make held-back answers better, and the bounds on top of them."""
    if apart.height < CALIBRATED_FROM:
        return model
    bent = calibrated_apart(apart)
    better = brier(bent["probability"], bent["right"]) < brier(apart["probability"], apart["right"])
    curves = fit_curves(apart) if better else Curves()
    # Rounded as proposals are, so that a probability reaches the threshold that is its own.
    told = apart.with_columns(calibrated(apart, curves).round(12)) if better else apart
    risks = sorted({*RISKS, policy.auto_risk})
    return replace(model, curves=curves, bounds=tuple(auto_bounds(told, risk, confidence) for risk in risks))
