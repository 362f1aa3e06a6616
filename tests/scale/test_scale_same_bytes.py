"""The law of this package: who does the work, in which order and bundles, cannot be seen in the result."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scale_companies import FRAMES, as_bytes, broken, company

import recon as rc
from recon.scale import InProcess, Pool, Scaled, propose_all

COMPANIES = [company("beta", 4), company("alfa", 2), broken("gamma"), company("delta", 7), company("øre", 1)]


@pytest.fixture(scope="module")
def here() -> Scaled:
    return propose_all(COMPANIES)


def test_a_company_gets_what_it_would_get_alone(here: Scaled) -> None:
    for one in (each for each in COMPANIES if each.key != "gamma"):
        alone = rc.propose(one.lines, one.items)
        for name in FRAMES[:4]:
            own = getattr(here, name).filter(company=one.key).drop("company")
            assert_frame_equal(own, getattr(alone, name), check_exact=True)


def test_company_comes_first_and_sorted(here: Scaled) -> None:
    assert here.proposals.height > 0 and here.evidence.height > 0
    for name in FRAMES:
        frame = getattr(here, name)
        assert frame.columns[0] == "company"
        assert frame["company"].to_list() == sorted(frame["company"])


@pytest.mark.parametrize(
    "runner",
    [Pool(1), Pool(2)],
    ids=["one worker", "two workers"],
)
def test_a_pool_gives_the_same_bytes(here: Scaled, runner: Pool) -> None:
    assert as_bytes(propose_all(reversed(COMPANIES), runner)) == as_bytes(here)


@settings(max_examples=3, deadline=None)
@given(order=st.permutations(COMPANIES))
def test_any_order_of_companies_gives_the_same_bytes(here: Scaled, order: list) -> None:
    assert as_bytes(propose_all(order, InProcess())) == as_bytes(here)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.permutations(COMPANIES), least=st.integers(1, 20), workers=st.integers(1, 2))
def test_any_order_and_bundling_on_a_pool(here: Scaled, order: list, least: int, workers: int) -> None:
    assert as_bytes(propose_all(order, Pool(workers, least=least))) == as_bytes(here)


@pytest.mark.parametrize("runner", [InProcess(), Pool(2)], ids=["here", "pool"])
def test_no_companies_give_empty_frames_of_the_right_types(here: Scaled, runner: InProcess | Pool) -> None:
    nothing = propose_all([], runner)
    for name in FRAMES:
        assert getattr(nothing, name).schema == getattr(here, name).schema
        assert getattr(nothing, name).is_empty()


def test_evidence_can_be_left_out(here: Scaled) -> None:
    without = propose_all(COMPANIES, Pool(1), evidence=False)
    assert without.evidence.is_empty()
    assert without.evidence.schema == here.evidence.schema
    mine, whole = as_bytes(without), as_bytes(here)
    assert all(mine[name] == whole[name] for name in FRAMES if name != "evidence")
