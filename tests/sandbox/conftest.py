"""A sandbox that is really up, and a visitor to it."""

from __future__ import annotations

import pytest
from sandbox_visitor import Visitor

from recon.sandbox import running


@pytest.fixture(scope="session")
def address():
    with running() as up:
        yield up


@pytest.fixture
def sandbox(address):
    """A new bank each time, behind one address for all."""
    address.begin_again(clock="2026-10-31T10:00:00Z")
    return address


@pytest.fixture
def visitor(sandbox):
    visitor = Visitor(sandbox)
    yield visitor
    visitor.http.close()
