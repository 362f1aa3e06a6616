"""A line's candidates beside each other: which is next, what tells them apart, and the chance that none is right."""

from __future__ import annotations

from taught_company import taught

from recon.flow.candidates import Candidate, distinguishes, look, runner_up
from recon.flow.matching import match


def candidate(title: str, probability: float, **evidence: float) -> Candidate:
    rows = [{"feature": one, "words": f"{title} {one}", "weight": weight} for one, weight in evidence.items()]
    return Candidate(
        proposal_id=title, rank=1, probability=probability, prior=-5.0, score=sum(evidence.values()) - 5.0,
        kind="one_to_one", difference_kind="none", rest_minor=0, short=False, account=None, legs=[],
        evidence=rows, other_lines=[], rival=None, rival_line=None,
    )  # fmt: skip


def told(one: Candidate, other: Candidate) -> list[tuple[str, str, float]]:
    return [(each.side, each.words, round(each.by, 1)) for each in distinguishes(one, other)]


def test_what_tells_two_apart_is_said_of_the_one_it_belongs_to():
    best = candidate("best", 0.9, document_no=17.0, amount=4.5, date=-0.5)
    next_one = candidate("next", 0.08, amount=4.5, name=9.0, date=-2.5, account=-4.0)
    assert told(best, next_one) == [
        ("for", "best document_no", 17.0),
        ("for other", "next name", -9.0),
        ("against other", "next account", 4.0),
    ]
    assert told(candidate("best", 0.5, name=-4.0), candidate("next", 0.4)) == [("against", "best name", -4.0)]


def test_equal_rivals_are_told_apart_by_nothing():
    assert told(candidate("a", 0.45, amount=4.5), candidate("b", 0.45, amount=4.5)) == []


def test_the_runner_up_is_the_likeliest_other(tmp_path):
    store = taught(tmp_path / "company")
    match(store)
    line = store.open_lines()["line_id"][0]
    looked = look(store, line)
    assert looked
    assert runner_up(looked, looked.candidates[0]) is None, "it is alone"
    shown = sum(one.probability for one in looked.candidates)
    assert abs(looked.none_probability + shown - 1.0) < 1e-9
    best, next_one, last = (candidate(name, p) for name, p in (("a", 0.7), ("b", 0.1), ("c", 0.15)))
    looked.candidates[:] = [best, next_one, last]
    assert runner_up(looked, best) is last and runner_up(looked, last) is best
