"""What fails is told by company, and the others do not notice."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest
from scale_companies import Deadly, Threads, Unreadable, Unsendable, broken, company, failures

from recon.errors import UsageError
from recon.scale import Asked, Done, InProcess, Partition, Pool, bundled, propose_all
from recon.scale.work import cores

GOOD = company("good")


def test_a_company_that_is_refused_does_not_stop_the_others() -> None:
    done = propose_all([broken("a"), GOOD, broken("z")])
    assert failures(done) == {"a": "DataRefused", "z": "DataRefused"}
    assert "currency" in done.failures["words"][0]
    assert done.proposals["company"].unique().to_list() == ["good"]


def test_a_panic_inside_polars_is_a_failure_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polars' panic is no `Exception`; unseen, it would end the whole run."""

    def panic(*_: object, **__: object) -> None:
        raise pl.exceptions.PanicException("index out of bounds")

    monkeypatch.setattr("recon.scale.work.propose", panic)
    assert failures(propose_all([GOOD])) == {"good": "PanicException"}


def test_what_goes_wrong_on_the_way_to_a_worker_costs_only_its_own_company() -> None:
    """All but the large one travel in one bundle, which the deadly one takes down at first."""
    companies = [
        company("deadly", 1, model=Deadly()),
        company("good", 1),
        company("large", 12),
        company("unreadable", 1, model=Unreadable()),
        company("unsendable", 1, model=Unsendable()),
    ]
    assert [len(some) for some in bundled(companies)] == [1, 4]
    done = propose_all(companies, Pool(1))
    assert failures(done) == {"deadly": "WorkerLost", "unreadable": "ValueError", "unsendable": "ValueError"}
    assert "code 9" in done.failures["words"][0] and "fewer workers" in done.failures["words"][0]
    assert set(done.unmatched["company"]) == {"good", "large"}


def test_workers_share_the_cores() -> None:
    for workers in {1, cores()}:
        done = propose_all([company("c", model=Threads())], Pool(workers))
        assert done.failures["words"].to_list() == [f"{cores() // workers} threads"]


class Forgetful:
    """Answers for nobody."""

    def run(self, companies: list[Partition], asked: Asked) -> Iterator[list[Done]]:
        yield []


def test_a_company_without_an_answer_is_not_forgotten() -> None:
    assert failures(propose_all([GOOD], Forgetful())) == {"good": "WorkerLost"}


@pytest.mark.parametrize("runner", [InProcess(), Pool(2)], ids=["here", "pool"])
def test_two_companies_of_one_name_are_refused(runner: InProcess | Pool) -> None:
    with pytest.raises(UsageError, match="called good"):
        propose_all([GOOD, company("other"), GOOD], runner)


def test_a_pool_without_workers_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one worker, not 0"):
        propose_all([GOOD], Pool(0))


def test_ray_that_is_not_installed_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from recon.scale import OnRay

    monkeypatch.setitem(__import__("sys").modules, "ray", None)  # as Python marks what cannot be imported
    with pytest.raises(UsageError, match=r'pip install "recon\[scale\]"'):
        propose_all([GOOD], OnRay())


@pytest.mark.parametrize("runner", [InProcess(), Pool(1)], ids=["here", "pool"])
def test_progress_counts_lines_and_names_failures(runner: InProcess | Pool) -> None:
    told: list[tuple[int, int, str]] = []
    propose_all([GOOD, broken("bad"), company("large", 9)], runner, progress=lambda *now: told.append(now))
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1] == (15, 15, "3 of 3 companies, 1 failed")
