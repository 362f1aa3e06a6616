"""Some of the cases of `tests/prove/http_faults.py` at every test run; `make prove` tries hundreds."""

from __future__ import annotations

import pytest

from tests.prove.http_faults import MOVES, STAGES, WAYS, Case, wrong_with
from tests.prove.sandbox_world import prepare

# The calls of a later sync, in order.
TOKEN, ACCOUNTS, UPDATE, ACCOUNTS_AGAIN, PAGE, ACCOUNTS_AFTER = range(6)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepare(STAGES["later sync"], tmp_path_factory.mktemp("faults") / "later")


@pytest.mark.parametrize(
    ("call", "mishap", "way"),
    [
        (TOKEN, "502 after the deed", "once"),  # the new token is lost on its way
        (TOKEN, "400", "from here on"),
        (UPDATE, "a page instead of JSON", "once"),  # what the service holds is read all the same
        (PAGE, "amounts that are none", "from here on"),
        (PAGE, "JSON cut short", "once"),
        (ACCOUNTS_AFTER, "unknown fields", "from here on"),  # seed 1: a feature that was an object
        *[(PAGE, move, "once") for move in MOVES],
    ],
)
def test_what_goes_wrong_leaves_the_truth_after_a_clean_sync(prepared, call, mishap, way):
    assert way in WAYS
    assert wrong_with(Case("later sync", call, mishap, way, 0), prepared) == []
