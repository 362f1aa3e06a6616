"""EVIDENCE of the kept proposals: what weighed for and against each, with the figures its sentences need.

In: kept drafts, the Book, the Model that weighed them. Out: EVIDENCE, whose weights and the proposal's prior add up to
its score. Worked out only when somebody wants to read it.
"""

from __future__ import annotations

import polars as pl

from recon.match.book import Book
from recon.match.drafts import Drafts, says_column
from recon.match.score import weight
from recon.match.weights import FEATURES, Model
from recon.match.words import with_words
from recon.schema import EVIDENCE, conform

_DOCUMENTS_SHOWN = 6


def evidence_frame(ids: pl.DataFrame, some: Drafts, book: Book, model: Model, language: str) -> pl.DataFrame:
    """EVIDENCE: a row for each feature that weighs something, the heaviest for the proposal first.

    ids: `d proposal_id`. some: the drafts of these `d`. language: `en` or `da`.
    """
    heads = ids.join(some.heads, on="d", maintain_order="left").sort("d")
    figures = _figures(heads.select("d"), some, book)
    rows = [
        heads.select(
            "proposal_id",
            said_count="count",
            told="told",
            feature=pl.lit(feature),
            level=pl.col(says_column(feature)).cast(pl.String),
            weight=pl.Series(weight(heads[says_column(feature)], feature, model)),
        ).hstack(figures).filter(pl.col("weight") != 0)
        for feature in FEATURES
    ]  # fmt: skip
    written = with_words(pl.concat(rows), language)
    ordered = written.sort("proposal_id", "weight", "feature", descending=[False, True, False])
    return conform(ordered, EVIDENCE)


def _figures(heads: pl.DataFrame, some: Drafts, book: Book) -> pl.DataFrame:
    """A row for each head, in order: texts and numbers of its documents; one leg as it stands, more together."""
    legs = some.legs.join(heads, on="d", how="semi")
    several = pl.len().over("d") > 1
    alone = _with_sides(legs.filter(~several), book).sort("d")
    together = _with_sides(legs.filter(several), book).sort("d", "anchor", "i", "l", nulls_last=True)
    told = pl.concat([_of_one(alone), _of_several(together)])
    return heads.join(told, on="d", how="left", maintain_order="left").drop("d")


def _with_sides(legs: pl.DataFrame, book: Book) -> pl.DataFrame:
    lines = book.lines.select(
        "booking_date", line_currency="currency", line_minor="amount_minor", stated_text="creditor_reference"
    )
    items = book.items.select(
        "document_no", "payment_reference", "open_minor", "anchor", item_kind="kind", item_currency="currency",
        item_name="counterparty_name",
    )  # fmt: skip
    of_lines = lines[legs["l"]]
    return pl.concat([legs, of_lines, items.select(pl.all().gather(legs["i"]))], how="horizontal")


def _of_one(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "d",
        "stated_text",
        "item_kind",
        "line_minor",
        reference_text=pl.coalesce("payment_reference", "stated_text"),
        document_text=pl.col("document_no").fill_null(""),
        documents=pl.lit(1, pl.UInt32),
        name_text=pl.coalesce("item_name", pl.col("to").str.strip_prefix("account:")),
        item_currency=pl.coalesce("item_currency", "line_currency"),
        days=(pl.col("booking_date") - pl.col("anchor")).dt.total_days(),
        money_minor=pl.coalesce("open_minor", pl.col("line_minor").abs()),
        count=pl.lit(1, pl.UInt32),
    )


def _of_several(rows: pl.DataFrame) -> pl.DataFrame:
    shown = pl.col("document_no").drop_nulls().unique(maintain_order=True)
    more = pl.when(shown.len() > _DOCUMENTS_SHOWN).then(pl.lit(" …")).otherwise(pl.lit(""))
    asked = pl.col("open_minor").filter(pl.col("i").is_first_distinct()).sum()
    one_line = pl.col("line_minor").first()
    return rows.group_by("d", maintain_order=True).agg(
        stated_text=pl.col("stated_text").first(),
        item_kind=pl.col("item_kind").first(),
        line_minor=one_line,
        reference_text=pl.coalesce(pl.col("payment_reference").first(), pl.col("stated_text").first()),
        document_text=shown.head(_DOCUMENTS_SHOWN).str.join(", ") + more,
        documents=shown.len().cast(pl.UInt32),
        name_text=pl.coalesce(pl.col("item_name").first(), pl.col("to").first().str.strip_prefix("account:")),
        item_currency=pl.coalesce(pl.col("item_currency").first(), pl.col("line_currency").first()),
        days=(pl.col("booking_date").max() - pl.col("anchor").max()).dt.total_days(),
        money_minor=pl.when(pl.col("i").is_null().all()).then(one_line.abs()).otherwise(asked),
        count=pl.len().cast(pl.UInt32),
    )
