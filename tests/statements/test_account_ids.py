"""The same account gets the same id from the bank's interface, from its files, and after a reconnect."""

import doctest

import pytest

from recon.statements import accounts
from recon.statements.accounts import (
    account_id,
    account_id_from_file_name,
    danish_iban,
    is_iban,
    mask,
    same_account,
)

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


@pytest.mark.parametrize(
    ("iban", "bban", "bic"),
    [
        ("FI6779970012345671", "79970012345671", "KOIVFIHH"),
        ("NO9386011117947", "8601.11.17947", "DNBANOKK"),
        ("DE89370400440532013000", "370400440532013000", "COBADEFF"),
    ],
)
def test_a_whole_national_number_is_its_iban_from_the_interface_and_from_a_file(iban, bban, bic):
    """The interface names the bank by the provider's id and the country, a file by its BIC."""
    same = account_id(iban, currency="EUR")
    assert account_id(bban=bban, bank="XX_Provider", currency="EUR", country=iban[:2]) == same
    assert account_id(bban=bban, bank=bic, currency="EUR") == same
    assert account_id(bban=bban, bank="XX_Provider", currency="EUR") != same, "which country is not said"


KNOWN = [
    {"account_id": "a", "iban": None, "bban": "8327-9 123456789-0", "bank": "SE_Testbank", "currency": "SEK"},
    {"account_id": "b", "iban": None, "bban": "60000635", "bank": "GB_Testbank", "currency": "GBP"},
    {
        "account_id": "c",
        "iban": "SE4550000000058398257466",
        "bban": None,
        "bank": "ESSESESS",
        "currency": "SEK",
    },
]


@pytest.mark.parametrize(
    ("bban", "bank", "currency", "found"),
    [
        ("832791234567890", "SWEDSESS", "SEK", "a"),  # the file names the bank by its BIC
        ("832791234567890", "SWEDSESS", "EUR", None),
        ("60000635", "GSLDGB20", "GBP", None),  # too short to be one bank's alone
        ("SE45 5000 0000 0583 9825 7466", "ESSESESS", "SEK", "c"),
        ("SE45 5000 0000 0583 9825 7466", "NDEAFIHH", "SEK", None),  # a bank of another country
    ],
)
def test_a_number_is_known_again_whatever_its_bank_is_called(bban, bank, currency, found):
    assert same_account(KNOWN, None, bban, bank, currency) == found


def test_two_accounts_of_one_number_are_not_told_apart_by_guessing():
    twice = [*KNOWN, KNOWN[0] | {"account_id": "d", "bank": "SE_Other"}]
    assert same_account(twice, None, "832791234567890", None, "SEK") is None


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
