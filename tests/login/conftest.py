"""A company that has one bank connected, as often as somebody asks, and browsers that open its addresses."""

from __future__ import annotations

import pytest
from login_stage import Stage

from tests.prove.in_process import clients_over
from tests.prove.sandbox_world import MOMENTS, prepare, world_of


@pytest.fixture(scope="session")
def connected(tmp_path_factory):
    return prepare(MOMENTS[1], tmp_path_factory.mktemp("login") / "connected")


@pytest.fixture
def stage(connected):
    with world_of(connected) as world, clients_over(world.inner):
        stage = Stage(world)
        yield stage
        stage.close()
