"""Payment references as they are printed for the payer; forms from the payment slip rules."""

import doctest

import pytest

from recon.documents import payment_reference
from recon.documents.payment_reference import printed

SLIP = "+71<000000012345674+12345678<"


@pytest.mark.parametrize(
    ("written", "kind", "expected"),
    [
        ("+71<000000012345674+12345678<", None, SLIP),
        ("+71 000000012345674 +12345678", None, SLIP),
        ("71 000000012345674 12345678", None, SLIP),
        ("+71000000012345674+12345678", None, SLIP),  # without brackets
        ("+71<12345674+12345678<", None, SLIP),  # zeros dropped
        ("+71< 0000 0001 2345 674 +12345678<", None, SLIP),
        ("12345674+12345678", "71", SLIP),
        ("000000012345674 + 12345678", "FIK71", SLIP),
        ("+75<1234567890123452+12345678<", None, "+75<1234567890123452+12345678<"),
        ("+04<0000000000123455+1234567<", None, "+04<0000000000123455+1234567<"),
        ("+73<+12345678<", None, "+73<+12345678<"),
        ("RF18 5390 0754 7034", None, "RF18539007547034"),
        ("1234 561", "viite", "1234561"),
        ("000000012345674", "71", "000000012345674"),  # no creditor: not a whole slip
        ("", "71", None),
        (None, None, None),
        ("   ", None, None),
    ],
)
def test_a_reference_is_kept_as_the_payer_sees_it(written, kind, expected):
    assert printed(written, kind) == expected


def test_the_examples_in_the_docstring_are_true():
    results = doctest.testmod(payment_reference)
    assert (results.attempted, results.failed) == (2, 0)
