"""The same companies on Ray, in a session of our own and in one that runs already. `make test-ray` installs it."""

from __future__ import annotations

import importlib.util

import pytest
from scale_companies import Deadly, Threads, Unreadable, Unsendable, as_bytes, broken, company, failures

from recon.scale import OnRay, bundled, propose_all
from recon.scale.work import cores

pytestmark = [
    pytest.mark.ray,
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None, reason="Ray is not installed here; run `make test-ray`"
    ),
]

COMPANIES = [company("beta", 4), company("alfa", 2), broken("gamma"), company("delta", 7)]


def test_a_session_of_our_own_gives_the_same_bytes_and_is_ended() -> None:
    import ray

    assert as_bytes(propose_all(reversed(COMPANIES), OnRay(workers=2))) == as_bytes(propose_all(COMPANIES))
    assert not ray.is_initialized()


def test_a_session_that_runs_is_used_and_left_running() -> None:
    import ray

    ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        one_bundle = propose_all(COMPANIES, OnRay(least=10**6))
        assert ray.is_initialized()
        assert as_bytes(one_bundle) == as_bytes(propose_all(COMPANIES))
    finally:
        ray.shutdown()


def test_what_goes_wrong_on_the_way_costs_only_its_own_company() -> None:
    """All but the large one travel in one bundle, which the deadly one takes down at first."""
    companies = [
        company("deadly", 1, model=Deadly()),
        company("good", 1),
        company("large", 16),
        company("threads", 1, model=Threads()),
        company("unreadable", 1, model=Unreadable()),
        company("unsendable", 1, model=Unsendable()),
    ]
    assert [len(some) for some in bundled(companies)] == [1, 5]
    told: list[str] = []
    done = propose_all(companies, OnRay(workers=1), progress=lambda *now: told.append(now[2]))
    assert failures(done) == {
        "deadly": "WorkerLost",
        "threads": "ValueError",
        "unreadable": "ValueError",
        "unsendable": "ValueError",
    }
    words = dict(done.failures.select("company", "words").iter_rows())
    assert words["threads"] == f"{cores()} threads"
    assert set(done.unmatched["company"]) == {"good", "large"}
    assert told[-1] == "6 of 6 companies, 4 failed"
