"""The same account gets the same id from the bank's interface, from its files, and after a reconnect."""

import doctest

import pytest

from recon.statements import accounts
from recon.statements.accounts import account_id, account_id_from_file_name, danish_iban, is_iban, mask

SAME = account_id("DK8398760012345678", currency="DKK")


@pytest.mark.parametrize(
    "given",
    [
        {"iban": "dk83 9876 0012 3456 78"},
        {"bban": "9876-0012345678"},
        {"bban": "9876-12345678"},
        {"bban": "9876 0012345678"},
        {"bban": "98760012345678"},
        {"bban": "9876.12345678", "bank": "Any bank"},
        {"bban": "98760012345678", "country": "DK"},
        {"iban": "DK8398760012345678", "bban": "98760012345678", "bank": "NDEADKKK"},
    ],
)
def test_every_spelling_of_one_account_gives_one_id(given):
    assert account_id(**given, currency="DKK") == SAME


@pytest.mark.parametrize(
    "given",
    [
        {"iban": "DK8398760012345678", "currency": "EUR"},
        {"bban": "98760012345678", "currency": "DKK", "bank": "NDEAFIHH"},  # a Finnish number of 14 digits
        {"bban": "98760012345678", "currency": "DKK", "country": "FI"},
        {"bban": "9876001234567", "currency": "DKK"},  # 13 digits: no Danish number
    ],
)
def test_another_account_gets_another_id(given):
    assert account_id(**given) != SAME


def test_a_foreign_number_counts_together_with_its_bank():
    ids = {account_id(bban="60000635", bank=bank, currency="GBP") for bank in ("GSCRUS30", "GSLDGB20", None)}
    assert len(ids) == 3


def test_an_id_has_its_contracted_shape():
    assert SAME.startswith("acc_")
    assert len(SAME) == len("acc_") + 16
    assert account_id_from_file_name("a/march.xml", "DKK") == account_id_from_file_name("March.xml", "DKK")


@pytest.mark.parametrize("given", [{}, {"iban": " "}, {"bban": "-"}, {"iban": "DK83", "currency": ""}])
def test_nothing_to_tell_an_account_by_is_refused(given):
    with pytest.raises(ValueError, match="account id needs"):
        account_id(**{"currency": "DKK"} | given)


def test_check_digits_are_those_of_the_standard():
    # Worked examples, recomputed: registration 0040, account 0440116243.
    assert danish_iban("0040-440116243") == "DK5000400440116243"
    assert is_iban("DK50 0040 0440 1162 43")
    assert not is_iban("DK8320000141123456")
    assert not is_iban("SE12")


def test_a_number_is_shown_by_its_last_four_digits():
    assert mask("DK83 9876 0012 3456 78") == "…5678"
    assert mask(None) == ""


def test_the_examples_in_the_docstrings_are_true():
    results = doctest.testmod(accounts)
    assert results.attempted >= 3
    assert results.failed == 0
