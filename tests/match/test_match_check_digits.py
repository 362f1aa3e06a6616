"""Many references judged at once are judged as each of them alone."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recon.match.check_digits import complete
from recon.references import is_complete

plain = st.from_regex(r"[0-9]{4,28}-?", fullmatch=True)
rf = st.from_regex(r"RF[0-9A-Z]{1,24}", fullmatch=True)
fik = st.from_regex(r"\+?(71|75|04|15|73)[<#/ ]?[0-9]{1,17}(\+[0-9]{6,8}<?)?", fullmatch=True)
other = st.text(alphabet="0123456789 +-<#RFrfa٣\t", max_size=14)


@settings(deadline=None)
@given(st.lists(st.one_of(plain, rf, fik, other, st.none()), max_size=40))
@example(["12345674", "1234561", "123455", "0000104-", "RF18 5390 0754 7034", "rf18539007547034"])
@example(["+71<000000012345674+12345678<", "71#000000012345674", "71<000000012345674", "٣٤٥٦٧٨٩"])
@example(["21 00000 00003 13947 14300 09017", "210000000003139471430009018", "RF", "", "000000000"])
def test_complete_is_is_complete(texts):
    found = complete(pl.Series(texts, dtype=pl.String)).to_list()
    assert found == [text is not None and is_complete(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("+71<000000012345674+12345678<", True),  # FIK
        ("+71<000000012345675+12345678<", False),
        ("12345674", True),  # KID and OCR, mod 10
        ("1234561", True),  # viitenumero
        ("RF18539007547034", True),
        ("RF19539007547034", False),
        ("210000000003139471430009017", True),  # QRR
        ("12345", False),  # too short for any
        (None, False),
    ],
)
def test_what_counts_as_whole(text, whole):
    assert complete(pl.Series([text], dtype=pl.String)).to_list() == [whole]
