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
from recon.match.book import Book, open_book
from recon.match.bound import auto_bounds, needed
from recon.match.calibrate import Curves, brier, calibrated, calibrated_apart, fit_curves
from recon.match.drafts import Drafts
from recon.match.likelihood import PRIOR, Questions, questions, sought
from recon.match.propose import Found, all_drafts, held_to, look
from recon.match.score import scored
from recon.match.weights import FEATURES, STATED, Model
from recon.policy import Policy
from recon.schema import ITEMS, LINES, REJECTED, History, conform

DECISIONS_LEAST = 20
"""Decided lines below which nothing is refitted."""
DECISIONS_MOST = 25_000
"""The latest decided lines that are looked at."""
CALIBRATED_FROM = 300
_FOLDS = 4


def fit(history: History, policy: Policy | None = None, confidence: float = 0.9) -> Model:
    """The Model this history teaches. With fewer than twenty decided lines it is the stated one.

    Lines booked to accounts alone teach what belongs to no document. Documents are as open as before they were
    settled by these decisions. Probabilities are calibrated from 300 decided lines, where that makes them
    better; `bounds` hold the share of wrong automatic matches under `policy.auto_risk` with this confidence.
    """
    policy = policy or Policy()
    truth = _truth(history)
    if truth.height < DECISIONS_LEAST:
        return STATED
    book = _book(history, truth)
    seen = look(book, policy, history)
    found = all_drafts(book, seen, policy, STATED)
    rows = _alternatives(found.some, book, truth)
    learnt = (PRIOR, *FEATURES)
    asked = questions(rows, found.model, learnt, found.unseen)
    start = _start(asked, found.model)
    apart = _answered_apart(asked, rows, start, found, book, truth)
    model = replace(_model(asked, sought(asked, start), found.model), decisions=truth.height)
    return _judged(model, apart, policy, confidence)


def measured(history: History, policy: Policy, model: Model) -> Model:
    """The model with the bounds that history bears out for it; as it is where history is too short to know."""
    truth = _truth(history)
    if truth.height < needed(policy.auto_risk):
        return model
    book = _book(history, truth)
    found = all_drafts(book, look(book, policy, history), policy, model)
    outcomes = _outcomes(found, book, truth)
    return replace(model, bounds=auto_bounds(outcomes, policy.auto_risk))


def _truth(history: History) -> pl.DataFrame:
    """`line_id truth decided_at` of the latest decided lines: the documents people gave a line, sorted and joined.

    A fee booked beside the documents is no document; a line booked to accounts alone has an empty truth.
    """
    document = ~pl.col("item_id").str.starts_with("account:")
    decided = history.accepted.group_by("line_id").agg(
        truth=pl.col("item_id").filter(document).unique().sort().str.join("\x1f"),
        decided_at=pl.col("decided_at").max(),
    )
    return decided.sort("decided_at", "line_id").tail(DECISIONS_MOST)


def _book(history: History, truth: pl.DataFrame) -> Book:
    """Decided lines, and documents as open as they were before."""
    given = (
        history.accepted.join(truth, on="line_id", how="semi")
        .group_by("item_id")
        .agg(given=pl.col("item_amount_minor").sum())
    )
    before = pl.col("open_minor") + pl.col("given").fill_null(0)
    whole = pl.col("total_minor")
    items = history.items.join(given, on="item_id", how="left").with_columns(
        open_minor=pl.when(before.abs() > whole.abs()).then(whole).otherwise(before)
    )
    lines = history.lines.join(truth, on="line_id", how="semi")
    return open_book(conform(lines, LINES), conform(items, ITEMS), None, REJECTED.empty())


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
        weights = sought(_without(asked, line % _FOLDS == fold), start)
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
    likely = probabilities(found.some, book.open_items, found.unseen, book.lines.height)
    likely = held_to(likely, found.some, replace(found.model, curves=None))
    claims = _claims(found.some, book).join(likely, on="d")
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
    told = apart.with_columns(calibrated(apart, curves)) if better else apart
    return replace(model, curves=curves, bounds=auto_bounds(told, policy.auto_risk, confidence))
