"""What a way of matching says of each line, and whether that is right: the ground every figure stands on.

In: PROPOSALS with LEGS, or the plain answers of a baseline, and books whose truth is known. Out: frames by line
and by proposal. Never: a partial point. A line is right when exactly its documents are named, else it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

DUPLICATE = "duplicate"
"""A payment that came twice: it belongs to no document, whatever the first one paid."""


class Books(Protocol):
    """What scoring asks of labelled books: LINES, `line_id item_id` links, `line_id kind evidence` cases."""

    @property
    def lines(self) -> pl.DataFrame: ...
    @property
    def items(self) -> pl.DataFrame: ...
    @property
    def links(self) -> pl.DataFrame: ...
    @property
    def cases(self) -> pl.DataFrame: ...


class Suggestions(Protocol):
    """What scoring asks of a Matching: PROPOSALS and LEGS."""

    @property
    def proposals(self) -> pl.DataFrame: ...
    @property
    def legs(self) -> pl.DataFrame: ...


@dataclass(frozen=True)
class Shown:
    """Suggestions in the form scoring reads.

    proposals: `proposal_id rank probability kind auto`; probability is null where the product states none.
    legs: `proposal_id line_id item_id`. probable: the figure is meant as a probability, not only as an order.
    """

    proposals: pl.DataFrame
    legs: pl.DataFrame
    probable: bool = True


def shown_by(matching: Suggestions) -> Shown:
    """The engine's suggestions. Bookings to an account name no document and are left out."""
    documents = matching.proposals.filter(pl.col("kind") != "rule")
    legs = matching.legs.filter(~pl.col("item_id").str.starts_with("account:"))
    return Shown(
        documents.select("proposal_id", "rank", "probability", "kind", "auto"),
        legs.select("proposal_id", "line_id", "item_id").join(documents, on="proposal_id", how="semi"),
    )


def shown_as(answers: pl.DataFrame, *, probable: bool = False) -> Shown:
    """Answers `line_id item_id` with an optional `confidence` (0-1, one a line): each line's documents as one set."""
    if "confidence" not in answers.columns:
        answers = answers.with_columns(confidence=pl.lit(None, dtype=pl.Float64))
    legs = answers.select("line_id", "item_id").unique().sort("line_id", "item_id")
    sure = answers.group_by("line_id").agg(
        probability=pl.col("confidence").min().cast(pl.Float64), items=pl.col("item_id").n_unique()
    )
    proposals = sure.sort("line_id").select(
        proposal_id="line_id",
        rank=pl.lit(1, dtype=pl.Int64),
        probability="probability",
        kind=pl.when(pl.col("items") > 1).then(pl.lit("one_to_many")).otherwise(pl.lit("one_to_one")),
        auto=pl.lit(False),
    )
    return Shown(
        proposals, legs.select(pl.col("line_id").alias("proposal_id"), "line_id", "item_id"), probable
    )


def truth_of(books: Books) -> pl.DataFrame:
    """`line_id item_id`: what really belongs together, each pair once; a payment that came twice has none."""
    twice = books.cases.filter(kind=DUPLICATE)
    return books.links.select("line_id", "item_id").unique().join(twice, on="line_id", how="anti")


def judged_lines(shown: Shown, books: Books) -> pl.DataFrame:
    """One row a line of the books: `line_id kind evidence matchable answered right probability auto`.

    A line that belongs to nothing is right when nothing is said of it. `probability` and `auto` are those of
    its rank 1, the lesser where it has several.
    """
    first = shown.proposals.filter(rank=1).select("proposal_id", "probability", "auto")
    said = shown.legs.join(first, on="proposal_id")
    sure = said.group_by("line_id").agg(pl.col("probability").min(), pl.col("auto").all())
    counted = _counted(said.select("line_id", "item_id").unique(), truth_of(books), ["line_id"])
    lines = books.lines.select("line_id").join(
        books.cases.select("line_id", "kind", "evidence"), on="line_id", how="left", maintain_order="left"
    )
    return (
        lines.join(counted, on="line_id", how="left", maintain_order="left")
        .join(sure, on="line_id", how="left", maintain_order="left")
        .select(
            "line_id",
            "kind",
            "evidence",
            matchable=pl.col("true").fill_null(0) > 0,
            answered=pl.col("said").fill_null(0) > 0,
            right=(pl.col("said").fill_null(0) == pl.col("common").fill_null(0))
            & (pl.col("true").fill_null(0) == pl.col("common").fill_null(0)),
            probability="probability",
            auto=pl.col("auto").fill_null(False),
        )
    )


def judged_sets(shown: Shown, books: Books) -> pl.DataFrame:
    """`proposal_id line_id whole`: whether a proposal gives a line exactly its documents, in every rank."""
    lines = shown.legs.select("proposal_id", "line_id").unique()
    truth = lines.join(truth_of(books), on="line_id")
    counted = _counted(shown.legs.unique(), truth, ["proposal_id", "line_id"])
    whole = (pl.col("said") == pl.col("common")) & (pl.col("true") == pl.col("common"))
    return counted.select("proposal_id", "line_id", whole=whole)


def judged_proposals(shown: Shown, books: Books) -> pl.DataFrame:
    """One row a proposal with legs: `proposal_id rank probability kind right`.

    Right when each of its lines is given exactly its documents.
    """
    right = judged_sets(shown, books).group_by("proposal_id").agg(right=pl.col("whole").all())
    return shown.proposals.join(right, on="proposal_id").select(
        "proposal_id", "rank", "probability", "kind", "right"
    )


def _counted(said: pl.DataFrame, truth: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """How many documents are said, true, and both, for every key of either side."""
    pair = [*by, "item_id"]
    both = said.select(pair).join(truth.select(pair), on=pair)
    sides = [
        frame.group_by(by).agg(pl.len().cast(pl.Int64).alias(name))
        for name, frame in (("said", said), ("true", truth), ("common", both))
    ]
    counted = sides[0].join(sides[1], on=by, how="full", coalesce=True).join(sides[2], on=by, how="left")
    return counted.with_columns(pl.col("said", "true", "common").fill_null(0))
