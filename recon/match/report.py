"""The frames of a Matching: PROPOSALS, EVIDENCE and UNMATCHED of what was kept.

In: kept drafts with rank and probability. Out: exact frames of recon.schema, sorted by their keys.
"""

from __future__ import annotations

import polars as pl

from recon.match.assign import CHOSEN_FROM
from recon.match.book import Book
from recon.match.drafts import FIGURES, Drafts
from recon.match.rank import rivals
from recon.match.score import level_column, weight_column
from recon.match.weights import FEATURES, Model
from recon.match.words import with_words
from recon.policy import Policy
from recon.references import is_complete
from recon.schema import EVIDENCE, PROPOSALS, UNMATCHED, conform

_NOTHING_BELOW = 0.05
_TIE_SHARE = 0.95
"""A rival this near in probability makes a tie."""


def proposals_frame(
    kept: pl.DataFrame, ids: pl.DataFrame, some: Drafts, book: Book, policy: Policy
) -> pl.DataFrame:
    """PROPOSALS, best rank first, then the most probable, then by id."""
    rival = rivals(kept, some, book.open_items).join(
        ids.select(rival="d", rival_id="proposal_id"), on="rival", how="left"
    )
    whole = (
        kept.join(some.heads, on="d")
        .join(ids, on="d")
        .join(rival.drop("rival"), on="d", how="left")
        .with_columns(rival="rival_id")
    )
    sure = _sure_enough(whole, some, book, policy)
    whole = whole.with_columns(auto=pl.col("d").is_in(sure["d"].implode()))
    ordered = whole.sort("rank", "probability", "proposal_id", descending=[False, True, False])
    return conform(ordered, PROPOSALS)


def _sure_enough(whole: pl.DataFrame, some: Drafts, book: Book, policy: Policy) -> pl.DataFrame:
    """`d` that may be accepted without a person: nothing is measured yet, so only a full payment reference will do.

    It must be stated by the bank or found whole, have a check digit that holds, be that of this document
    alone and the only one on the line, come with the exact amount and leave no rival a chance that the
    policy's risk does not bear.
    """
    able = whole.filter(
        pl.col("rank") == 1,
        pl.col("kind") == "one_to_one",
        pl.col("difference_kind") == "none",
        pl.col(level_column("reference")).is_in(["structured", "printed"]),
        pl.col(level_column("amount")).str.starts_with("exact"),
        pl.col("probability") >= 1.0 - policy.auto_risk,
        pl.col("rival_probability").fill_null(0.0) <= policy.auto_risk,
    )
    named = book.line_keys.join(book.item_keys.filter(pl.col("role") == "reference"), on="key")
    of_one = named.group_by("l").agg(documents=pl.col("i").n_unique()).filter(pl.col("documents") == 1)
    legs = some.legs.join(able.select("d"), on="d").join(of_one, on="l", how="semi").select("d", "i")
    keys = book.item_keys.filter(pl.col("role") == "reference")
    alone = keys.filter(pl.len().over("key") == 1).select("i").unique()
    refs = legs.join(alone, on="i").join(book.items.select("i", "payment_reference"), on="i")
    whole_ones = [is_complete(reference) for reference in refs["payment_reference"]]
    return refs.filter(pl.Series(whole_ones, dtype=pl.Boolean)).select("d")


def evidence_frame(ids: pl.DataFrame, some: Drafts, book: Book, model: Model, policy: Policy) -> pl.DataFrame:
    """EVIDENCE: a row for each feature that weighs something, the heaviest for the proposal first."""
    heads = ids.join(some.heads, on="d")
    first_item = (
        some.legs.drop_nulls("i")
        .unique("d", keep="first", maintain_order=True)
        .join(book.items.select("i", item_currency="currency", item_kind="kind"), on="i")
    )
    heads = heads.join(first_item.select("d", "item_currency", "item_kind"), on="d", how="left").with_columns(
        pl.coalesce("item_currency", "currency").alias("item_currency"),
        document_text=_document(policy.language),
    )
    rows = [
        heads.select(
            "proposal_id", "item_currency", *FIGURES,
            feature=pl.lit(feature), level=level_column(feature), weight=weight_column(feature),
        ).filter(pl.col("weight") != 0)
        for feature in FEATURES
    ]  # fmt: skip
    written = with_words(pl.concat(rows), policy.language)
    return conform(
        written.sort("proposal_id", "weight", "feature", descending=[False, True, False]), EVIDENCE
    )


def _document(language: str) -> pl.Expr:
    """`invoice 1042`; several documents are named by their numbers alone."""
    danish = {
        "invoice": "faktura", "credit_note": "kreditnota", "bill": "regning",
        "bill_credit": "leverandørkreditnota", "payout": "udbetaling",
    }  # fmt: skip
    english = {name: name.replace("_", " ") for name in danish}
    kinds = danish if language == "da" else english
    kind = pl.col("item_kind").replace_strict(kinds, default=None, return_dtype=pl.String)
    one = pl.col("kind") != "one_to_many"
    named = pl.when(one, kind.is_not_null()).then(pl.format("{} {}", kind, "document_text"))
    return named.otherwise(pl.col("document_text"))


def unmatched_frame(kept: pl.DataFrame, likely: pl.DataFrame, some: Drafts, book: Book) -> pl.DataFrame:
    """UNMATCHED: lines without a proposal of rank 1, with the probability that nothing here belongs to them."""
    of_lines = some.legs.select("d", "l").unique().join(likely, on="d")
    sums = of_lines.group_by("l").agg(some_probability=pl.col("probability").sort().sum())
    best = (
        of_lines.sort("l", "probability", "d", descending=[False, True, False])
        .unique("l", keep="first", maintain_order=True)
        .join(rivals(likely, some, book.open_items).select("d", "rival_probability"), on="d", how="left")
        .select("l", "probability", "rival_probability")
    )
    taken = some.legs.join(kept.filter(pl.col("rank") == 1), on="d").select("l").unique()
    left = (
        book.lines.join(taken, on="l", how="anti")
        .join(sums, on="l", how="left")
        .join(best, on="l", how="left")
    )
    none = (1.0 - pl.col("some_probability").fill_null(0.0)).clip(0.0, 1.0).round(12)
    return conform(left.with_columns(reason=_reason(), none_probability=none).sort("line_id"), UNMATCHED)


def _reason() -> pl.Expr:
    best, rival = pl.col("probability").fill_null(0.0), pl.col("rival_probability").fill_null(0.0)
    likely_one_of_them = (best + rival >= CHOSEN_FROM * 0.99) | (
        pl.col("some_probability").fill_null(0.0) >= CHOSEN_FROM
    )
    alike = (rival >= best * _TIE_SHARE) & (best >= rival * _TIE_SHARE)
    tie = alike & likely_one_of_them & (best > 0)
    return (
        pl.when(tie | (best >= CHOSEN_FROM))
        .then(pl.lit("tie"))
        .when(pl.col("kind").is_in(["fee", "interest"]))
        .then(pl.lit("needs_rule"))
        .when(best < _NOTHING_BELOW)
        .then(pl.lit("nothing_fits"))
        .otherwise(pl.lit("below_threshold"))
    )
