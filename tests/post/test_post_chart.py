"""The chart a workspace starts with has an account for every part a booking needs."""

import dataclasses

import pytest

from recon.errors import UsageError
from recon.post.chart import Roles, default_chart, role_account
from recon.schema import DIFFERENCE_KINDS

ROLE_KINDS = {
    "debtors": "debtor",
    "creditors": "creditor",
    "bank_fees": "expense",
    "write_off": "expense",
    "fx_difference": "expense",
    "transfers": "asset",
    "payouts": "asset",
    "overpaid": "liability",
    "discount": "expense",
}


def test_every_role_has_its_own_account_of_the_right_kind():
    kinds = {account.number: account.kind for account in default_chart()}
    roles = dataclasses.asdict(Roles())
    assert {role: kinds[number] for role, number in roles.items()} == ROLE_KINDS
    assert len(set(roles.values())) == len(roles)


def test_the_chart_is_the_same_accounts_in_both_languages():
    english, danish = default_chart("en"), default_chart("da")
    assert [account.number for account in english] == sorted({account.number for account in english})
    assert [(account.number, account.kind) for account in english] == [
        (account.number, account.kind) for account in danish
    ]
    assert {account.number: account.name for account in danish}["7220"] == "Bankgebyrer"
    with pytest.raises(UsageError, match="en or da"):
        default_chart("sv")


@pytest.mark.parametrize(
    ("difference_kind", "account"),
    [
        ("fee", "7220"),
        ("tolerance", "7590"),
        ("discount", "7510"),
        ("fx", "7410"),
        ("overpaid", "6850"),
        ("unexplained", "6850"),  # never written off without a person's word
    ],
)
def test_a_difference_goes_to_its_account(difference_kind, account):
    assert role_account(Roles(), difference_kind) == account
    assert difference_kind in DIFFERENCE_KINDS


def test_a_changed_role_is_followed():
    assert role_account(Roles(bank_fees="7221"), "fee") == "7221"


@pytest.mark.parametrize("word", ["none", "", "charge"])
def test_what_is_no_difference_is_refused(word):
    with pytest.raises(UsageError, match="not a difference"):
        role_account(Roles(), word)
