"""The scorer: how much of the truth a way of matching found, and what it got wrong.

In: a Matching, or a baseline's answers, and labelled books. Out: Scores. Never: a look at how it was found.

    line    the set of documents of a line is exactly right; precision over lines that were answered, recall over
            lines that belong to something
    link    pairs of line and document
    no match    a line that belongs to nothing; being sure of an answer there (probability >= 0.5) is the worst error
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from recon.bench.losses import losses
from recon.bench.shown import Books, Shown, Suggestions, judged_lines, judged_proposals, shown_by, truth_of
from recon.bench.sureness import Calibration, calibration, coverage

GROUPS = ("one_to_many", "many_to_one", "many_to_many")
PRECISIONS = (0.99, 0.995, 0.999)
SURE = 0.5
VERY_SURE = 0.9


@dataclass(frozen=True)
class Found:
    """Precision, recall and their harmonic mean; 0 where there is nothing to divide by."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Scores:
    """All figures of one run on one set of books.

    first_of_single: of lines with one true document, the share whose answer is that one.
    kinds, classes: `name lines right wrong silent`. wrong_on_nothing: share of no-match lines.
    coverage: by precision, share of ALL lines. auto_*: None where nothing is auto.
    sure_groups, sure_groups_right: group proposals with probability >= 0.9, and how many of them hold.
    completeness: of single true pairs, the share among what was shown. losses: where lines were lost.
    seconds: by stage.
    """

    lines: int
    line: Found
    link: Found
    first_of_single: float
    wrong_on_nothing: float
    kinds: pl.DataFrame
    classes: pl.DataFrame
    coverage: dict[float, float | None]
    auto_coverage: float
    auto_error: float | None
    chosen: Calibration | None
    every: Calibration | None
    sure_groups: int
    sure_groups_right: int
    completeness: Completeness
    losses: pl.DataFrame
    seconds: Mapping[str, float] = field(default_factory=dict)
    peak_mb: float | None = None


@dataclass(frozen=True)
class Completeness:
    """Of `pairs` single-document true links: share among the candidates, and share that comes first."""

    pairs: int
    among: float
    first: float | None
    per_line: float


def score(
    matching: Suggestions,
    books: Books,
    seconds: Mapping[str, float] | None = None,
    peak_mb: float | None = None,
) -> Scores:
    """The figures of the engine's suggestions."""
    return score_shown(shown_by(matching), books, seconds, peak_mb)


def score_shown(
    shown: Shown, books: Books, seconds: Mapping[str, float] | None = None, peak_mb: float | None = None
) -> Scores:
    """The figures of anybody's suggestions; see `shown_as` for answers that are plain pairs."""
    lines, proposals = judged_lines(shown, books), judged_proposals(shown, books)
    taken = lines.filter("auto", "answered")
    nothing = lines.filter(~pl.col("matchable"))
    sure = pl.col("probability").fill_null(1.0) >= SURE
    groups = proposals.filter(pl.col("kind").is_in(GROUPS), pl.col("probability") >= VERY_SURE)
    return Scores(
        lines=lines.height,
        line=_of_lines(lines),
        link=_of_links(shown, books),
        first_of_single=_first_of_single(lines, books),
        wrong_on_nothing=_share(nothing.filter("answered", sure).height, nothing.height),
        kinds=_by(lines, "kind"),
        classes=_by(lines, "evidence"),
        coverage={precision: coverage(lines, precision) for precision in PRECISIONS},
        auto_coverage=_share(taken.height, lines.height),
        auto_error=_share(taken.filter(~pl.col("right")).height, taken.height) if taken.height else None,
        chosen=calibration(proposals.filter(rank=1)) if shown.probable else None,
        every=calibration(proposals) if shown.probable else None,
        sure_groups=groups.height if shown.probable else 0,
        sure_groups_right=groups.filter("right").height if shown.probable else 0,
        completeness=pair_completeness(_as_candidates(shown), books),
        losses=losses(shown, books),
        seconds=seconds or {},
        peak_mb=peak_mb,
    )


def pair_completeness(candidates: pl.DataFrame, books: Books) -> Completeness:
    """How much of the truth blocking keeps, apart from what ranking makes of it.

    candidates: `line_id item_id` and, where they were ranked, `score`, higher first; equal best ones are no first.
    Asked of lines that belong to exactly one document.
    """
    single = _single(books)
    pairs = candidates.select(
        "line_id", "item_id", *(name for name in ("score",) if name in candidates.columns)
    )
    among = single.join(pairs, on=["line_id", "item_id"], how="semi")
    first = None
    if "score" in pairs.columns:
        best = pairs.filter(pl.col("score") == pl.col("score").max().over("line_id"))
        best = best.select("line_id", "item_id").unique()
        alone = best.filter(pl.len().over("line_id") == 1)
        first = _share(single.join(alone, on=["line_id", "item_id"], how="semi").height, single.height)
    return Completeness(
        pairs=single.height,
        among=_share(among.height, single.height),
        first=first,
        per_line=_share(pairs.height, books.lines.height),
    )


def _as_candidates(shown: Shown) -> pl.DataFrame:
    """Each pair that is shown by itself, with the best probability it is shown with."""
    alone = shown.legs.filter(pl.len().over("proposal_id", "line_id") == 1)
    said = alone.join(shown.proposals, on="proposal_id")
    return said.group_by("line_id", "item_id").agg(score=pl.col("probability").max().fill_null(1.0))


def _single(books: Books) -> pl.DataFrame:
    truth = truth_of(books).filter(pl.len().over("line_id") == 1)
    return truth.filter(~pl.col("item_id").str.starts_with("line:"))


def _first_of_single(lines: pl.DataFrame, books: Books) -> float:
    single = lines.join(_single(books), on="line_id", how="semi")
    return _share(single.filter("right").height, single.height)


def _of_lines(lines: pl.DataFrame) -> Found:
    answered, matchable = lines.filter("answered"), lines.filter("matchable")
    right = answered.filter("right").height
    return Found(_share(right, answered.height), _share(right, matchable.height))


def _of_links(shown: Shown, books: Books) -> Found:
    first = shown.legs.join(shown.proposals.filter(rank=1), on="proposal_id", how="semi")
    said, truth = first.select("line_id", "item_id").unique(), truth_of(books)
    right = said.join(truth, on=["line_id", "item_id"], how="semi").height
    return Found(_share(right, said.height), _share(right, truth.height))


def _by(lines: pl.DataFrame, column: str) -> pl.DataFrame:
    """Right, wrong and silent lines of each kind or class; silence is right where there is nothing to say."""
    right, answered = pl.col("right"), pl.col("answered")
    return (
        lines.group_by(pl.col(column).fill_null("unlabelled").alias("name"))
        .agg(
            lines=pl.len().cast(pl.Int64),
            right=right.sum().cast(pl.Int64),
            wrong=(~right & answered).sum().cast(pl.Int64),
            silent=(~right & ~answered).sum().cast(pl.Int64),
        )
        .sort("name")
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
