"""The frames of a Matching: PROPOSALS, LEGS, EVIDENCE and UNMATCHED of what was kept.

In: kept drafts with rank and probability. Out: exact frames of recon.schema, sorted by their keys.
"""

from __future__ import annotations

import polars as pl

from recon.match.assign import CHOSEN_FROM
from recon.match.book import Book
from recon.match.drafts import Drafts, says_column
from recon.match.score import weight
from recon.match.weights import FEATURES, Model
from recon.match.words import with_words
from recon.schema import EVIDENCE, LEGS, UNMATCHED, conform

_NOTHING_BELOW = 0.05
_TIE_SHARE = 0.95
"""A rival this near in probability makes a tie."""
_DOCUMENTS_SHOWN = 6


def legs_frame(ids: pl.DataFrame, some: Drafts, book: Book) -> pl.DataFrame:
    """LEGS of the kept drafts. ids: `d proposal_id`."""
    legs = some.legs.join(ids, on="d").join(book.lines.select("l", "line_id"), on="l")
    legs = legs.join(book.items.select("i", "item_id"), on="i", how="left")
    legs = legs.with_columns(pl.coalesce("item_id", "to").alias("item_id"))
    return conform(legs.sort("proposal_id", "line_id", "item_id"), LEGS)


def reasons_frame(ids: pl.DataFrame, some: Drafts, book: Book, model: Model) -> pl.DataFrame:
    """`proposal_id feature level weight` + the figures its sentence needs: EVIDENCE before it is put in words."""
    heads = ids.join(some.heads, on="d", maintain_order="left")
    figures = _figures(heads, some, book)
    rows = []
    for feature in FEATURES:
        column = heads[says_column(feature)]
        weights = pl.Series(weight(column, feature, model))
        told = heads.select(
            "d",
            "proposal_id",
            said_count="count",
            told="told",
            feature=pl.lit(feature),
            level=column.cast(pl.String),
            weight=weights,
        )
        rows.append(told.filter(pl.col("weight") != 0))
    return pl.concat(rows).join(figures, on="d", how="left", maintain_order="left").drop("d")


def evidence_frame(reasons: pl.DataFrame, language: str) -> pl.DataFrame:
    """EVIDENCE: a row for each feature that weighs something, the heaviest for the proposal first."""
    written = with_words(reasons, language)
    return conform(
        written.sort("proposal_id", "weight", "feature", descending=[False, True, False]), EVIDENCE
    )


def _figures(heads: pl.DataFrame, some: Drafts, book: Book) -> pl.DataFrame:
    """By `d`: the texts and numbers of the first document and of all together that sentences are filled with."""
    legs = some.legs.join(heads.select("d"), on="d", how="semi")
    lines = book.lines.select(
        "l", "booking_date", line_currency="currency", line_minor="amount_minor", stated="creditor_reference"
    )
    items = book.items.select(
        "i", "item_id", "document_no", "payment_reference", "open_minor", "anchor", item_kind="kind",
        item_currency="currency", name_text="counterparty_name",
    )  # fmt: skip
    rows = legs.join(lines, on="l", maintain_order="left").join(
        items, on="i", how="left", maintain_order="left"
    )
    rows = rows.sort("d", "anchor", "i", "l", nulls_last=True)
    one_line = pl.col("line_minor").first()
    shown = pl.col("document_no").drop_nulls().unique(maintain_order=True)
    more = pl.when(shown.len() > _DOCUMENTS_SHOWN).then(pl.lit(" …")).otherwise(pl.lit(""))
    return rows.group_by("d", maintain_order=True).agg(
        reference_text=pl.coalesce(pl.col("payment_reference").first(), pl.col("stated").first()),
        stated_text=pl.col("stated").first(),
        document_text=shown.head(_DOCUMENTS_SHOWN).str.join(", ") + more,
        documents=shown.len(),
        item_kind=pl.col("item_kind").first(),
        name_text=pl.coalesce(pl.col("name_text").first(), pl.col("to").first().str.strip_prefix("account:")),
        item_currency=pl.coalesce(pl.col("item_currency").first(), pl.col("line_currency").first()),
        days=(pl.col("booking_date").max() - pl.col("anchor").max()).dt.total_days(),
        money_minor=pl.coalesce(
            pl.col("open_minor").filter(pl.col("i").is_first_distinct()).sum(), one_line.abs()
        ),
        line_minor=one_line,
        count=pl.len(),
    )


def unmatched_frame(
    taken: pl.DataFrame,
    standing: pl.DataFrame,
    rivals: pl.DataFrame,
    likely: pl.DataFrame,
    some: Drafts,
    book: Book,
) -> pl.DataFrame:
    """UNMATCHED: lines without a proposal of rank 1, with the probability that nothing here belongs to them.

    taken: `d` of rank 1. standing: of rank.standing. rivals: of rank.rivals. likely: `d probability`.
    """
    matched = some.legs.join(taken, on="d", how="semi").select("l").unique()
    left = book.lines.select("l", "line_id", "kind").join(matched, on="l", how="anti")
    of_lines = some.legs.select("d", "l").unique().join(left, on="l", how="semi").join(likely, on="d")
    sums = (
        of_lines.sort("l", "d")
        .group_by("l", maintain_order=True)
        .agg(some_probability=pl.col("probability").sum())
    )
    best = (
        standing.join(left, on="l", how="semi")
        .unique("l", keep="first", maintain_order=True)
        .join(rivals.select("d", "rival_probability"), on="d", how="left")
        .select("l", "probability", "rival_probability")
    )
    whole = left.join(sums, on="l", how="left").join(best, on="l", how="left")
    none = (1.0 - pl.col("some_probability").fill_null(0.0)).clip(0.0, 1.0).round(12)
    return conform(whole.with_columns(reason=_reason(), none_probability=none).sort("line_id"), UNMATCHED)


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
