"""The bank's JSON: amounts exact, sentinels gone, surprises borne, the indispensable demanded."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from recon.bank import wire

ROW = '{"id":"t1","state":"Booked","date":"2026-11-20","transactionAmount":{"value":%s,"currency":"DKK"}}'


@pytest.mark.parametrize("digits", ["-1249.5", "1234567890123456.10", "0.10", "0", "-0.01", "100"])
def test_amounts_keep_every_digit(digits):
    row = msgspec.json.decode(ROW % digits, type=wire.Transaction)
    assert str(row.value) == digits


@pytest.mark.parametrize("digits", ["NaN", "Infinity", "1,5", '""', "1_0"])
def test_what_is_no_number_is_refused(digits):
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(ROW % digits, type=wire.Transaction)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-06-03T06:02:11.481220300Z", datetime(2024, 6, 3, 6, 2, 11, 481220, tzinfo=UTC)),
        ("2024-06-03T06:02:11Z", datetime(2024, 6, 3, 6, 2, 11, tzinfo=UTC)),
        ("2024-06-03T08:02:11+02:00", datetime(2024, 6, 3, 6, 2, 11, tzinfo=UTC)),
        ("2024-06-03T06:02:11", datetime(2024, 6, 3, 6, 2, 11, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),  # "unknown"
        ("1970-01-01T00:00:00Z", None),  # "never"
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_instants(text, expected):
    assert wire.instant(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026-11-20T23:30:00Z", date(2026, 11, 20)),
        ("", None),
        (None, None),
    ],
)
def test_a_bank_day_never_passes_through_a_time_zone(text, expected):
    assert wire.day(text) == expected


@pytest.mark.parametrize(
    ("flag", "deleted"),
    [
        ("true", True),
        ('"true"', True),
        ('"True"', True),
        ("false", False),
        ('"false"', False),
        ("null", False),
    ],
)
def test_deleted_is_told_as_boolean_or_text(flag, deleted):
    row = msgspec.json.decode('{"id":"t1","state":"Booked","isDeleted":%s}' % flag, type=wire.Transaction)  # noqa: UP031
    assert row.deleted is deleted


@pytest.mark.parametrize(
    ("fields", "currency"),
    [
        ('"transactionAmount":{"value":1,"currency":"EUR"},"currency":"DKK"', "EUR"),
        ('"transactionAmount":{"value":1},"currency":"DKK"', "DKK"),
        ('"transactionAmount":{"value":1},"balance":{"value":2,"currency":"SEK"}', "SEK"),
        ('"amount":1', None),
    ],
)
def test_where_the_currency_comes_from(fields, currency):
    row = msgspec.json.decode('{"id":"t1","state":"Booked",%s}' % fields, type=wire.Transaction)  # noqa: UP031
    assert (row.value, row.currency_code) == (Decimal(1), currency)


def test_unknown_fields_and_values_are_borne():
    text = '{"id":"t","state":"Pondering","type":"Barter","newField":{"a":[1]},"detail":{"reward":{}}}'
    row = msgspec.json.decode(text, type=wire.Transaction)
    assert (row.state, row.type, row.booked) == ("Pondering", "Barter", False)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("{}", wire.Accounts),
        ('{"accounts":[{"name":"no id"}]}', wire.Accounts),
        ('{"pagingToken":null}', wire.Transactions),
        ('{"transactions":[{"id":"t"}]}', wire.Transactions),
        ('{"expires_in":3600}', wire.Token),
        ("{}", list[wire.Provider]),
    ],
)
def test_the_indispensable_is_demanded(text, shape):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=shape)


def test_an_account_of_any_age_of_the_api():
    """`provider` before November 2019; null balances; never synchronised; only a BBAN."""
    text = (
        '{"id":"a","provider":{"id":"DK_TestBank"},"booked":null,"available":null,"currency":"DKK",'
        '"number":{"bban":"9876-0012345678","iban":null},"lastSynchronized":"1970-01-01T00:00:00Z",'
        '"features":{"queryable":false}}'
    )
    account = msgspec.json.decode(text, type=wire.Account)
    assert account.bank.id == "DK_TestBank"
    assert account.currency_code == "DKK"
    assert account.number.best == "9876-0012345678"
    assert account.synced_at is None
    assert not account.readable


def test_a_token_does_not_show_itself():
    token = msgspec.json.decode('{"access_token":"s3cret","expires_in":3600}', type=wire.Token)
    assert "s3cret" not in repr(token)


@pytest.mark.parametrize("value", ["true", "null", '"yes"', '{"since":2027}', "[1]"])
def test_a_feature_nobody_heard_of_costs_nobody_their_accounts(value):
    """One new feature that was no boolean once made every account of the list unreadable."""
    text = '{"accounts":[{"id":"a","features":{"queryable":false,"newInV2":X}},{"id":"b"}]}'.replace(
        "X", value
    )
    told = msgspec.json.decode(text, type=wire.Accounts).accounts
    assert [one.readable for one in told] == [False, True]
