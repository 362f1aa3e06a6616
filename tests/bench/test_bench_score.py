"""Every figure of the scorer against books counted by hand."""

from __future__ import annotations

import polars as pl
import pytest
from bench_case import Said, books, matching

from recon.bench.score import pair_completeness, score, score_shown
from recon.bench.shown import shown_as
from recon.bench.sureness import calibration, coverage

TEN = books(
    ("l1", "single", "number", "a"),
    ("l2", "single", "number", "b"),
    ("l3", "single", "name", "c"),
    ("l4", "single", "name", "d"),
    ("l5", "batch", "number", "e f g"),
    ("l6", "instalment", "name", "h"),
    ("l7", "instalment", "name", "h"),
    ("l8", "noise", "none", ""),
    ("l9", "noise", "none", ""),
    ("l10", "duplicate", "number", "a"),
)
SAID = matching(
    ("l1>a", 1, 0.99, "one_to_one", True),
    ("l2>x", 1, 0.80, "one_to_one", True),  # wrong
    ("l2>b", 2, 0.15, "one_to_one", False),  # right, but not chosen
    ("l3>c", 1, 0.95, "one_to_one", False),
    ("l5>e f", 1, 0.92, "one_to_many", False),  # one of three is missing
    ("l6>h+l7>h", 1, 0.97, "many_to_one", False),
    ("l8>y", 1, 0.60, "one_to_one", False),  # belongs to nothing
    ("l9>z", 1, 0.40, "one_to_one", False),  # belongs to nothing, and is not sure of it
)


def test_lines_count_as_right_only_with_all_their_documents() -> None:
    """Eight lines answered, four right (l1 l3 l6 l7); seven lines belong to something."""
    found = score(SAID, TEN).line
    assert (found.precision, found.recall) == (4 / 8, 4 / 7)
    assert found.f1 == pytest.approx(2 * 4 / (8 + 7))


def test_links_count_each_pair() -> None:
    """Nine pairs said, six of them true (a c e f h h) of nine true ones."""
    found = score(SAID, TEN).link
    assert (found.precision, found.recall) == (6 / 9, 6 / 9)


def test_a_sure_answer_where_nothing_belongs_is_told() -> None:
    """Of l8, l9 and the payment that came twice, one is proposed at 0.5 or more."""
    assert score(SAID, TEN).wrong_on_nothing == 1 / 3


def test_each_kind_and_class_is_right_wrong_or_silent() -> None:
    scores = score(SAID, TEN)
    assert scores.kinds.rows() == [
        ("batch", 1, 0, 1, 0),
        ("duplicate", 1, 1, 0, 0),  # nothing is said of it, and that is right
        ("instalment", 2, 2, 0, 0),
        ("noise", 2, 0, 2, 0),
        ("single", 4, 2, 1, 1),
    ]
    assert scores.classes.rows() == [("name", 4, 3, 0, 1), ("none", 2, 0, 2, 0), ("number", 4, 2, 2, 0)]


def test_a_duplicate_that_is_given_the_paid_document_is_wrong() -> None:
    kinds = score(matching(("l10>a", 1, 0.9, "one_to_one", False)), TEN).kinds
    assert kinds.filter(name="duplicate").row(0) == ("duplicate", 1, 0, 1, 0)


def test_a_booking_to_an_account_names_no_document() -> None:
    scores = score(matching(("l8>account:6820", 1, 0.99, "rule", True)), TEN)
    assert scores.wrong_on_nothing == 0
    assert scores.kinds.filter(name="noise").row(0) == ("noise", 2, 2, 0, 0)
    assert scores.auto_coverage == 0


def test_a_transfer_is_a_link_to_the_other_line() -> None:
    own = books(("l1", "transfer", "account", "line:l2"), ("l2", "transfer", "account", "line:l1"))
    assert score(matching(("l1>line:l2+l2>line:l1", 1, 0.9, "transfer", False)), own).line.f1 == 1


def test_auto_has_a_coverage_of_all_lines_and_an_error() -> None:
    scores = score(SAID, TEN)
    assert (scores.auto_coverage, scores.auto_error) == (2 / 10, 1 / 2)
    assert score(matching(("l1>a", 1, 0.9, "one_to_one", False)), TEN).auto_error is None


def test_group_proposals_that_are_very_sure_are_counted_with_those_that_hold() -> None:
    scores = score(SAID, TEN)
    assert (scores.sure_groups, scores.sure_groups_right) == (2, 1)


def test_lost_lines_are_told_by_where_they_were_lost() -> None:
    said = matching(
        ("l1>a", 1, 0.9, "one_to_one", False),
        ("l2>x", 1, 0.8, "one_to_one", False),
        ("l2>b", 2, 0.2, "one_to_one", False),
        ("l3>c", 2, 0.45, "one_to_one", False),  # a tie: nothing is chosen
        ("l3>d", 3, 0.45, "one_to_one", False),
        ("l5>e f", 1, 0.9, "one_to_many", False),
    )
    assert score(said, TEN).losses.rows() == [
        ("one", "not shown", 3),  # l4 l6 l7
        ("one", "right", 1),
        ("one", "shown and likeliest, not chosen", 1),
        ("one", "shown behind another", 1),
        ("several", "not shown", 1),
    ]


def test_one_document_lines_ask_for_the_first_choice() -> None:
    """l1 l2 l3 l4 l6 l7 have one document; l2 has it second and l4 not at all."""
    assert score(SAID, TEN).first_of_single == 4 / 6


def test_blocking_is_told_apart_from_ranking() -> None:
    candidates = pl.DataFrame(
        {
            "line_id": ["l1", "l1", "l2", "l2", "l3", "l3", "l8"],
            "item_id": ["a", "b", "a", "b", "c", "d", "a"],
            "score": [9.0, 1.0, 5.0, 4.0, 3.0, 3.0, 1.0],
        }
    )
    found = pair_completeness(candidates, TEN)
    # l1 is first, l2 is there but second, l3 is there with an equal: no first; l4, l6 and l7 are missing.
    assert (found.pairs, found.among, found.first, found.per_line) == (6, 3 / 6, 1 / 6, 0.7)
    assert pair_completeness(candidates.drop("score"), TEN).first is None


@pytest.mark.parametrize(
    ("precision", "share"),
    [
        (1.0, 2 / 6),  # the two surest
        (0.75, 4 / 6),  # one wrong among four
        (0.6, 5 / 6),  # the equal ones come together, or not at all
        (0.5, 6 / 6),
    ],
)
def test_coverage_is_taken_from_the_surest_down_and_never_parts_equals(
    precision: float, share: float
) -> None:
    lines = pl.DataFrame(
        {
            "answered": [True] * 6,
            "probability": [0.99, 0.95, 0.9, 0.9, 0.5, 0.4],
            "right": [True, True, True, False, False, False],
        }
    )
    assert coverage(lines, precision) == share


def test_coverage_is_of_all_lines_and_unknown_without_a_figure() -> None:
    lines = pl.DataFrame({"answered": [True, False], "probability": [0.9, None], "right": [True, True]})
    assert coverage(lines, 0.99) == 1 / 2
    assert coverage(lines.with_columns(probability=pl.lit(None, pl.Float64)), 0.99) is None


def test_calibration_weighs_the_gap_of_each_bin_by_its_size() -> None:
    judged = pl.DataFrame(
        {
            "proposal_id": ["a", "b", "c", "d", "e"],
            "probability": [0.1, 0.1, 0.8, 0.8, 0.9],
            "right": [False, False, True, False, True],
        }
    )
    found = calibration(judged, bins=2)
    # Bins of a b c (stated 1/3, right 1/3) and d e (stated 0.85, right 1/2).
    assert found.table["proposals"].to_list() == [3, 2]
    assert found.table["right"].to_list() == [pytest.approx(1 / 3), 0.5]
    assert found.ece == pytest.approx(2 / 5 * 0.35)
    assert found.brier == pytest.approx((0.01 + 0.01 + 0.04 + 0.64 + 0.01) / 5)


def test_calibration_is_over_the_chosen_and_over_everything_shown() -> None:
    scores = score(SAID, TEN)
    assert scores.chosen and scores.every
    assert (scores.chosen.over, scores.every.over) == (7, 8)
    assert (
        calibration(
            pl.DataFrame(schema={"proposal_id": pl.String, "probability": pl.Float64, "right": pl.Boolean})
        ).ece
        is None
    )


def test_plain_answers_are_scored_alike_and_claim_what_they_say() -> None:
    answers = pl.DataFrame({"line_id": ["l1", "l5", "l5", "l5", "l8"], "item_id": ["a", "e", "f", "g", "y"]})
    scores = score_shown(shown_as(answers), TEN)
    assert (scores.line.precision, scores.line.recall) == (2 / 3, 2 / 7)
    assert scores.wrong_on_nothing == 1 / 3
    assert scores.chosen is None and scores.coverage[0.99] is None


def test_the_order_of_rows_changes_nothing() -> None:
    first = score(SAID, TEN)
    mixed = Said(SAID.proposals.reverse(), SAID.legs.reverse())
    second = score(mixed, TEN)
    assert (first.line, first.link, first.coverage) == (second.line, second.link, second.coverage)
    assert first.kinds.equals(second.kinds)
