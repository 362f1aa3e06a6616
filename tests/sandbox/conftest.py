"""A sandbox that is really up, and a visitor to it."""

from __future__ import annotations

import pytest
from sandbox_visitor import Visitor

from recon.sandbox import running


@pytest.fixture
def sandbox():
    with running(clock="2026-10-31T10:00:00Z") as up:
        yield up


@pytest.fixture
def visitor(sandbox):
    visitor = Visitor(sandbox)
    yield visitor
    visitor.http.close()
