"""One sandbox for all flow tests, a new bank in it for each."""

from __future__ import annotations

import pytest
from flow_company import CLOCK, SECRETS, make_company

from recon.sandbox import running


@pytest.fixture(scope="session")
def address():
    with running(client_secret=SECRETS["client"], webhook_secret=SECRETS["webhook"]) as up:
        yield up


@pytest.fixture
def company(address, tmp_path):
    address.begin_again(clock=CLOCK, client_secret=SECRETS["client"], webhook_secret=SECRETS["webhook"])
    return make_company(address, tmp_path / "workspace")
