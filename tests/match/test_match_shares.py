"""An amount shared over documents adds up to itself, in proportion, whatever the amounts."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.match.shares import shares

money = st.integers(1, 10**13)


@settings(max_examples=200, deadline=None)
@given(money, st.lists(money, min_size=1, max_size=12), st.sampled_from([1, -1]), st.integers(0, 10**12))
def test_the_parts_are_the_whole_and_none_is_off_by_more_than_the_others_rounding(whole, owns, sign, credit):
    owns = [sign * own for own in owns]
    if credit and credit < sum(map(abs, owns)):
        owns.append(-sign * credit)
    rows = pl.DataFrame({"g": [1] * len(owns), "whole": [sign * whole] * len(owns), "own": owns})
    parts = shares(rows, "whole", "own", "g", "part")["part"].to_list()
    assert sum(parts) == sign * whole
    total = sum(owns)
    largest = max(map(abs, owns))
    for part, own in zip(parts, owns, strict=True):
        exact = sign * whole * own
        slack = len(owns) if abs(own) == largest else 1
        assert abs(part * total - exact) <= slack * abs(total)


def test_groups_are_shared_each_for_itself():
    rows = pl.DataFrame({"g": [1, 1, 2], "whole": [100, 100, 7], "own": [1, 2, 5]})
    assert shares(rows, "whole", "own", "g", "part")["part"].to_list() == [33, 67, 7]
