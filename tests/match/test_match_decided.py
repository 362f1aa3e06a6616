"""What was decided as questions: what counts as the answer, and which lines without one belong to nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from match_book import items_of, lines_of

from recon.match.decided import decided_book, gone_through, truth_of
from recon.policy import Policy
from recon.schema import ACCEPTED, History

DAY = date(2026, 2, 2)
WHEN = datetime(2026, 3, 3, tzinfo=UTC)


def ledger(given: dict[str, list[str]], lines: int, *, total: str = "100.00") -> History:
    """Lines l0, l1 … a day each from 2 February, given documents (open by nothing now) or accounts."""
    items = sorted({one for some in given.values() for one in some if not one.startswith("account:")})
    accepted = [(line, item, 10000, 10000, WHEN, "anna") for line, some in given.items() for item in some]
    return History(
        lines=lines_of(
            [{"id": f"l{n}", "amount": total, "date": DAY + timedelta(days=n)} for n in range(lines)]
        ),
        items=items_of([
            {"id": item, "no": f"50{n:03d}", "total": total, "open": "0.00"} for n, item in enumerate(items)
        ]),
        accepted=pl.DataFrame(accepted, schema=ACCEPTED.schema, orient="row"),
    )  # fmt: skip


#  what one line was given, what counts as its answer
ANSWERS = [
    (["i1"], "i1"),
    (["i2", "i1"], "i1\x1fi2"),
    (["i1", "account:7220"], "i1"),
    (["account:7220"], "account:7220"),
]


@pytest.mark.parametrize(("given", "answer"), ANSWERS)
def test_the_answer_is_the_documents_or_else_the_accounts(given, answer):
    assert truth_of(ledger({"l0": given}, 1))["truth"].to_list() == [answer]


#  lines decided of ten, lines that then belong to nothing: those passed over, but not the newest ones
PASSED = [
    (range(10), []),
    ([0, 1, 3, 4, 5, 6, 7, 8, 9], ["l2"]),
    ([0, 1, 3, 4, 6, 7, 9], ["l2", "l5"]),
    ([0, 1, 2, 3], []),
    ([0, 4, 9], []),  # too many left undone to say anything
]


@pytest.mark.parametrize(("decided", "nothing"), PASSED)
def test_a_line_passed_over_among_decided_ones_belongs_to_nothing(decided, nothing):
    truth = truth_of(ledger({f"l{n}": [f"i{n}"] for n in decided}, 10))
    assert truth.filter(truth="")["line_id"].sort().to_list() == nothing


#  how likely the engine finds it that a line passed over belongs to something, and whether it then teaches "nothing"
LEFT_BEHIND = [
    ({"l2": 0.1, "l5": 0.2}, True),
    ({"l2": 0.1}, True),
    ({}, True),
    ({"l2": 0.9, "l5": 0.1}, False),
]


@pytest.mark.parametrize(("chances", "taught"), LEFT_BEHIND)
def test_who_leaves_lines_behind_that_belong_to_something_says_nothing_of_them(chances, taught):
    truth = truth_of(ledger({f"l{n}": [f"i{n}"] for n in (0, 1, 3, 4, 6, 7, 9)}, 10))
    seen = pl.DataFrame(
        list(chances.items()), schema={"line_id": pl.String, "chance": pl.Float64}, orient="row"
    )
    kept = gone_through(truth, seen)
    assert kept.filter(truth="").height == (2 if taught else 0)
    assert kept.filter(pl.col("truth") != "").height == 7


def test_documents_are_as_open_as_before_they_were_settled():
    history = ledger({"l0": ["i0"], "l1": ["i1"]}, 2)
    book = decided_book(history, truth_of(history), Policy())
    assert book.items["open_minor"].to_list() == [10000, 10000] and book.lines.height == 2


def test_only_the_latest_decisions_are_asked():
    history = ledger({f"l{n}": [f"i{n}"] for n in range(10)}, 10)
    assert truth_of(history, most=3)["line_id"].to_list() == ["l7", "l8", "l9"]
