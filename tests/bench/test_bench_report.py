"""What is measured, kept and told: seconds and memory of a fresh process, exponents, thresholds, document, picture."""

from __future__ import annotations

import time
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from bench_case import Case, books, matching

from recon.bench.goals import goals
from recon.bench.keep import Kept, keep, kept
from recon.bench.measure import Watch, growth, measured
from recon.bench.picture import reliability_svg
from recon.bench.report import ratio, report
from recon.bench.runs import Runs
from recon.bench.score import Scores, score, score_shown
from recon.bench.shown import shown_as
from recon.bench.ways import LIMIT, RECON, WORDS, Result, at_best
from recon.policy import Policy

SMALL = books(("l1", "single", "number", "a"), ("l2", "batch", "name", "b c"), ("l3", "noise", "none", ""))


def hold(watch: Watch, megabytes: int) -> int:
    """Work that is known to take a while and memory."""
    with watch.stage("wait"):
        time.sleep(0.05)
    with watch.stage("fill"):
        return len(bytearray(b"x") * (megabytes * 1_000_000))


def refuse(watch: Watch) -> None:
    raise ValueError("these books are closed")


def test_stages_and_memory_are_those_of_the_work_alone() -> None:
    ballast = bytearray(b"x") * 200_000_000
    small, large = measured(hold, 1), measured(hold, 90)
    assert small.value == 1_000_000 and list(small.seconds) == ["wait", "fill"]
    assert 0.05 <= small.seconds["wait"] < 5
    assert 70 < large.peak_mb - small.peak_mb < 120
    assert small.peak_mb < len(ballast) / 1e6


def test_laps_are_told_by_the_work_itself() -> None:
    watch = Watch()
    with watch.laps("names") as lap:
        time.sleep(0.02)
        lap("sums")
        lap("names")
    assert list(watch.seconds) == ["names", "sums"]
    assert watch.seconds["names"] >= 0.02 > watch.seconds["sums"]


def test_an_error_of_the_work_is_told_as_it_is() -> None:
    with pytest.raises(ValueError, match="these books are closed"):
        measured(refuse)


@pytest.mark.parametrize(("seconds", "exponent"), [(10.0, 1.0), (100.0, 2.0), (1.0, 0.0)])
def test_growth_is_an_exponent(seconds: float, exponent: float) -> None:
    assert growth((1_000, 1.0), (10_000, seconds)) == pytest.approx(exponent)


def as_kept(case: Case, folder: Path) -> Kept:
    return Kept(folder, case.lines, case.items, case.links, case.cases, Policy())


def test_books_are_read_back_as_they_were_kept(tmp_path: Path) -> None:
    given = as_kept(SMALL, tmp_path)
    keep(given, tmp_path / "books")
    found = kept(tmp_path / "books")
    assert all(
        getattr(found, name).equals(getattr(given, name)) for name in ("lines", "items", "links", "cases")
    )
    assert (found.policy, found.history) == (given.policy, None)


def test_a_baseline_is_given_its_best_threshold(tmp_path: Path) -> None:
    answers = pl.DataFrame(
        {
            "line_id": ["l1", "l2", "l2", "l3"],
            "item_id": ["a", "b", "c", "x"],
            "confidence": [0.9, 0.5, 0.5, 0.2],
        }
    )
    best = at_best(answers, as_kept(SMALL, tmp_path))
    assert set(best["line_id"]) == {"l1", "l2"}


def runs() -> Runs:
    def at(seconds: float, scores: Scores) -> Scores:
        return Scores(
            **{**vars(scores), "seconds": {"read": seconds / 4, WORDS: seconds * 3 / 4}, "peak_mb": 300.0}
        )

    said = matching(("l1>a", 1, 0.9, "one_to_one", False), ("l2>b c", 1, 0.95, "one_to_many", False))
    ours, theirs = (
        score(said, SMALL),
        score_shown(shown_as(pl.DataFrame({"line_id": ["l3"], "item_id": ["a"]})), SMALL),
    )
    results = [
        Result(way, size, 7, at(seconds * size / 100_000, scores), explained=450_000)
        for size in (100_000, 1_000_000)
        for way, seconds, scores in ((LIMIT, 0.1, theirs), (RECON, 1.5, ours))
    ]
    return Runs(results, {1_000_000: [0.01, 0.02, 0.2]}, 2_000)


def test_goals_are_met_missed_or_not_measured() -> None:
    told = {goal.words: (goal.ours, goal.met) for goal in goals(runs())}
    assert told["line F1 at 100,000, no decisions"] == ("1.000", True)
    assert told["1,000,000 × 1,000,000, files to stored proposals"] == ("15.0 s", False)
    assert told["the same in limits"] == ("15", True)
    assert told["growth exponent 100,000 → 1,000,000"] == ("1.00", True)
    assert told["100 new lines against 1,000,000 documents, median"] == ("20 ms", True)
    assert told["the same, the slowest"] == ("200 ms", False)
    assert told["batch lines right at 100,000"] == ("1.000", True)
    assert told["explanations rendered a second"] == ("40,000", True)
    assert told["payout lines right at 100,000"] == ("not run", None)
    assert told["calibration error of rank 1 at 100,000, 2,000 decisions"] == ("not run", None)


def test_the_document_tells_quality_and_ratios_and_no_seconds_of_this_machine() -> None:
    document = report(runs())
    tables = document.split("## Time and memory")
    assert "| recon | 15 | 15 | 1.00 | 300 |" in tables[1]
    assert f"| {LIMIT} | 1.0 | 1.0 | 1.00 | 300 |" in tables[1]
    assert "| recon | 1.000 | 1.000 | 1.000 |" in document
    assert "| batch | 1 | 0.000 | 1.000 |" in document
    widths = {line.count("|") for line in tables[1].splitlines() if line.startswith("| ")}
    assert " s |" not in tables[1] and widths


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "–"), (0.44, "0.4"), (3.21, "3.2"), (48.3, "48"), (214, "210"), (1_320, "1,300")],
)
def test_ratios_have_two_digits_that_mean_something(value: float | None, told: str) -> None:
    assert ratio(value) == told


def test_the_picture_is_an_svg_with_a_dot_for_each_bin() -> None:
    table = pl.DataFrame({"proposals": [10, 30], "stated": [0.2, 1.0], "right": [0.25, 1.0]})
    root = ElementTree.fromstring(reliability_svg({"recon, rank 1": table}))
    dots = [one for one in root.iter("{http://www.w3.org/2000/svg}circle") if one.get("fill-opacity")]
    places = [(one.get("cx"), one.get("cy")) for one in dots]
    assert places == [("128.0", "348.0"), ("448.0", "48.0")]
    assert "recon, rank 1" in [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
