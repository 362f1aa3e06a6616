"""A ledger kept in memory says of a few lines what a look at everything would say of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from match_book import keeps_the_laws

from recon.bench.books import LabelledBooks, make_books
from recon.match.book import open_book
from recon.match.propose import gone_through, propose
from recon.match.resident.ledger import Ledger
from recon.match.resident.places import Places, key_of
from recon.match.weights import STATED
from recon.normalise.items import normalise_items
from recon.normalise.lines import normalise_lines
from recon.schema import Matching


def books_of(size: int, seed: int) -> LabelledBooks:
    made = make_books(size, seed)
    return replace(made, lines=normalise_lines(made.lines), items=normalise_items(made.items))


BOOKS = books_of(600, seed=11)
SHUFFLED = BOOKS.lines.sample(fraction=1.0, shuffle=True, seed=1)


def same(one: Matching, other: Matching) -> bool:
    """To the last bit, evidence in words included."""
    return all(
        getattr(one, name).equals(getattr(other, name))
        for name in ("proposals", "legs", "unmatched", "evidence")
    )


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger.of(BOOKS.items, policy=BOOKS.policy)


@pytest.mark.parametrize(("since", "count"), [(0, 1), (1, 40), (300, 250)])
def test_a_few_lines_get_what_everything_would_give_them(ledger: Ledger, since: int, count: int) -> None:
    some = SHUFFLED.slice(since, count)
    warm = ledger.propose(some)
    assert same(warm, propose(some, BOOKS.items, policy=BOOKS.policy, model=STATED))
    assert warm.proposals.height and set(warm.lines["line_id"]) == set(some["line_id"])


def test_no_lines_and_no_documents_are_no_matter(ledger: Ledger) -> None:
    assert ledger.propose(BOOKS.lines.clear()).proposals.is_empty()
    nothing = Ledger.of(BOOKS.items.clear(), policy=BOOKS.policy)
    assert nothing.propose(SHUFFLED.head(5)).unmatched.height == 5
    assert nothing.with_items(BOOKS.items).propose(SHUFFLED.head(5)).proposals.height


def test_decisions_are_remembered(ledger: Ledger) -> None:
    """Payers, delays and refused pairs are those of the whole history."""
    history = BOOKS.history(300)
    some = BOOKS.lines.join(history.accepted, on="line_id", how="anti").sample(80, seed=2)
    told = Ledger.of(BOOKS.items, policy=BOOKS.policy, model=STATED, history=history)
    asked = propose(some, BOOKS.items, policy=BOOKS.policy, model=STATED, history=history)
    assert same(told.propose(some), asked)
    assert not same(told.propose(some), ledger.propose(some))


def test_documents_come_change_and_go(ledger: Ledger) -> None:
    some = SHUFFLED.slice(0, 60)
    settled = BOOKS.items.sample(150, seed=3)["item_id"].implode()
    later = BOOKS.items.with_columns(
        open_minor=pl.when(pl.col("item_id").is_in(settled)).then(0).otherwise("open_minor")
    )
    changed = ledger.with_items(later.filter(pl.col("item_id").is_in(settled)))
    assert same(changed.propose(some), propose(some, later, policy=BOOKS.policy, model=STATED))
    fewer = later.filter(~pl.col("item_id").is_in(settled))
    less = changed.without(later.filter(pl.col("item_id").is_in(settled))["item_id"].to_list())
    assert same(less.propose(some), propose(some, fewer, policy=BOOKS.policy, model=STATED))
    assert not same(changed.propose(some), ledger.propose(some))


def test_the_order_of_rows_is_no_matter(ledger: Ledger) -> None:
    other = Ledger.of(BOOKS.items.reverse(), policy=BOOKS.policy)
    some = SHUFFLED.slice(100, 60)
    assert same(other.propose(some.reverse()), ledger.propose(some))


def looked_at_whole(ledger: Ledger) -> Matching:
    """Everything the ledger knows, by the ledger's weights."""
    book = open_book(ledger.lines.there(), ledger.documents.there(), None, ledger.history.rejected)
    return gone_through(book, ledger.policy, ledger.model, ledger.history, weighed=True).matching


def documents(matching: Matching) -> pl.DataFrame:
    """`line_id documents` of rank 1."""
    first = matching.legs.join(matching.proposals.filter(rank=1), on="proposal_id", how="semi")
    return first.group_by("line_id").agg(documents=pl.col("item_id").sort().str.join(" ")).sort("line_id")


@pytest.fixture(scope="module")
def week_by_week() -> list[Ledger]:
    """The last weeks of some books, told as they came; documents paid along the way are settled."""
    day = BOOKS.lines["booking_date"].max() - timedelta(days=14)  # ty: ignore[unsupported-operator]
    known = Ledger.of(BOOKS.items, BOOKS.lines.filter(pl.col("booking_date") <= day), policy=BOOKS.policy)
    steps = [known]
    for start in (0, 7):
        span = pl.col("booking_date").is_between(day + timedelta(start + 1), day + timedelta(start + 7))
        steps.append(steps[-1].with_lines(BOOKS.lines.filter(span)))
    sure = steps[-1].matching.legs.join(
        steps[-1].matching.proposals.filter(pl.col("rank") == 1, pl.col("kind") == "one_to_one"), on="proposal_id"
    ).sort("line_id").head(20)  # fmt: skip
    paid = BOOKS.items.filter(pl.col("item_id").is_in(sure["item_id"].implode())).with_columns(open_minor=0)
    steps.append(steps[-1].changed(items=paid, gone=sure["line_id"].unique()))
    return steps


def told(matching: Matching) -> pl.DataFrame:
    """What is proposed for each line, probabilities to six digits."""
    proposals = matching.proposals.select("proposal_id", "rank", pl.col("probability").round(6))
    return matching.legs.select("line_id", "proposal_id").unique().join(proposals, on="proposal_id")


def apart(one: Matching, other: Matching) -> set[str]:
    """Lines of which the two do not say the same."""
    a, b = told(one), told(other)
    both = pl.concat([a.join(b, on=a.columns, how="anti"), b.join(a, on=a.columns, how="anti")])
    return set(both["line_id"])


def test_weeks_one_by_one_say_what_everything_at_once_says(week_by_week: list[Ledger]) -> None:
    """Of the lines that a week moves nearly all, to six digits: news from far away may be left out (docs/engine.md says
    how often). Which documents are chosen is the same."""
    whole = [looked_at_whole(ledger) for ledger in week_by_week]
    moved, missed = 0, 0
    for before, after, ledger in zip(whole[:-1], whole[1:], week_by_week[1:], strict=True):
        assert documents(after).equals(documents(ledger.matching))
        news = apart(before, after)
        moved, missed = moved + len(news), missed + len(news & apart(after, ledger.matching))
    assert moved > 60
    assert missed / moved < 0.1


def test_what_is_put_together_keeps_every_law(week_by_week: list[Ledger]) -> None:
    for ledger in week_by_week:
        keeps_the_laws(ledger.matching, ledger.policy)
        assert set(ledger.matching.lines["line_id"]) == set(ledger.lines.ids())


def test_a_step_looks_at_fewer_lines_than_there_are(week_by_week: list[Ledger]) -> None:
    assert min(ledger.rematched for ledger in week_by_week[1:]) < week_by_week[0].lines.count / 2


def test_a_document_that_is_gone_is_in_no_proposal(week_by_week: list[Ledger]) -> None:
    last = week_by_week[-1]
    settled = last.documents.there().filter(open_minor=0)["item_id"].implode()
    assert not last.matching.legs.filter(pl.col("item_id").is_in(settled)).height


def test_places_find_the_nearest_of_a_key() -> None:
    frame = pl.DataFrame({"party": ["a", "b", "a", "a"], "day": [5, 6, 9, 20]})
    key, rows = key_of(frame.select("party")), np.arange(4, dtype=np.uint32)
    places = Places.of(key, frame["day"].to_numpy(), rows)
    asked = key_of(pl.DataFrame({"party": ["a"]}))
    assert places.near(asked, 10, 1)[1].tolist() == [2, 3]
    assert places.near(asked, 10, 8, 0, 10)[1].tolist() == [0, 2]
    assert places.counted(asked, 5, 9).tolist() == [2]
    gone = np.array([False, False, True, False])
    assert places.without(gone).near(asked, 10, 8)[1].tolist() == [0, 3]
    assert places.without(gone).beside(places).near(asked, 9, 1, 9, 9)[1].tolist() == [2]
