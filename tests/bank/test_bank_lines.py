"""From the bank's transactions to frames: sign, party, references, text, and what is no line yet."""

import msgspec
import polars as pl
import pytest

from recon.bank import wire
from recon.bank.lines import COLUMNS, lines_frame
from recon.errors import AmountInexact, AnswerMalformed, CurrencyUnknown
from recon.schema import EXPECTED, LINES, conform

PLAIN = {
    "id": "t1",
    "state": "Booked",
    "date": "2026-11-20",
    "transactionAmount": {"value": -1249.5, "currency": "DKK"},
    "originalText": "MEL & KORN INV-20877      00412",
    "text": "Mel & Korn",
    "type": "BankTransfer",
}


def transaction(**changes) -> wire.Transaction:
    return msgspec.json.decode(msgspec.json.encode(PLAIN | changes), type=wire.Transaction)


def line(**changes) -> dict:
    booked, expected = lines_frame("acc_1", [transaction(**changes)])
    assert (booked.height, expected.height) == (1, 0)
    return booked.row(0, named=True)


def test_a_documented_answer_becomes_a_line():
    detail = {
        "currencyConversion": {"exchangeRate": 7.46, "originalAmount": {"currency": "EUR", "value": -167.49}},
        "destination": {"account": {"iban": None, "bban": "1234-567"}, "name": "Mel & Korn A/S"},
        "identifiers": {"reference": "INV-20877", "endToEndId": "E2E-1"},
        "message": "Faktura 20877",
        "source": {"account": {"bban": "9876-0012345678"}, "name": "Os selv"},
        "valueDate": "2026-11-19",
    }
    row = line(detail=detail, balance={"currency": "DKK", "value": 51020.05})
    assert row == {
        "account_id": "acc_1",
        "booking_date": pl.date(2026, 11, 20).pipe(pl.select).item(),
        "value_date": pl.date(2026, 11, 19).pipe(pl.select).item(),
        "amount_minor": -124950,
        "currency": "DKK",
        "text": "MEL & KORN INV-20877      00412 Faktura 20877",
        "counterparty_name": "Mel & Korn A/S",
        "counterparty_account": "1234-567",
        "end_to_end_id": "E2E-1",
        "creditor_reference": "INV-20877",
        "references": None,
        "original_minor": -16749,
        "original_currency": "EUR",
        "exchange_rate": 7.46,
        "balance_minor": 5102005,
        "kind": "transfer",
        "source": "viia",
        "bank_ref": "t1",
    }


def test_the_other_party_is_found_by_the_direction_of_the_money():
    detail = {"source": {"name": "Payer"}, "destination": {"name": "Payee"}}
    out = line(detail=detail)
    into = line(detail=detail, transactionAmount={"value": 10, "currency": "DKK"})
    assert (out["counterparty_name"], into["counterparty_name"]) == ("Payee", "Payer")


@pytest.mark.parametrize(
    ("identifiers", "reference", "added"),
    [
        ({"creditorReference": "RF18539007547034", "reference": "B"}, "RF18539007547034", " B"),
        ({"norwegianKid": "2345676", "finnishReference": "1232"}, "2345676", " 1232"),
        ({"finnishReference": "1232", "document": "D1"}, "1232", " D1"),
        ({"reference": "R", "document": "D1"}, "R", " D1"),
        ({"document": "D1"}, "D1", ""),
        ({"reference": "  "}, None, ""),
        ({}, None, ""),
    ],
)
def test_the_most_trusted_reference_leads_and_none_is_lost(identifiers, reference, added):
    row = line(detail={"identifiers": identifiers}, originalText="x")
    assert (row["creditor_reference"], row["text"]) == (reference, "x" + added)


@pytest.mark.parametrize(
    ("original", "cleaned", "message", "text"),
    [
        ("  A  b ", "Ab", None, "  A  b "),  # kept as the bank sent it
        ("A b", "Ab", "a   B", "A b"),  # the message says nothing new
        ("A", "A", "Faktura 7", "A Faktura 7"),
        (None, "Cleaned", None, "Cleaned"),
        (None, None, "Only a message", "Only a message"),
        (None, None, None, ""),
    ],
)
def test_text(original, cleaned, message, text):
    assert line(originalText=original, text=cleaned, detail={"message": message})["text"] == text


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Card", "card"),
        ("DirectDebit", "direct_debit"),
        ("direct debit", "direct_debit"),
        ("BankTransfer", "transfer"),
        ("PeerToPeer", "transfer"),
        ("CashWithdrawal", "unknown"),
        ("Barter", "unknown"),
        (None, "unknown"),
    ],
)
def test_kind(kind, expected):
    assert line(type=kind)["kind"] == expected


@pytest.mark.parametrize(
    ("state", "deleted", "booked", "expected"),
    [
        ("Booked", False, 1, 0),
        ("Booked", True, 0, 0),  # taken back: its absence from a complete fetch withdraws it
        ("Reserved", False, 0, 1),
        ("Scheduled", False, 0, 1),
        ("Queued", False, 0, 1),
        ("SomethingNew", False, 0, 1),  # unknown states are never lines
        ("Reserved", True, 0, 0),
    ],
)
def test_only_booked_rows_are_lines(state, deleted, booked, expected):
    lines, waiting = lines_frame("acc_1", [transaction(state=state, isDeleted=deleted)])
    assert (lines.height, waiting.height) == (booked, expected)


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("12.50", "DKK", 1250),
        ("1250", "JPY", 1250),
        ("1.234", "KWD", 1234),
        ("0", "DKK", 0),
        ("5E+1", "DKK", 5000),
    ],
)
def test_minor_units(value, currency, minor):
    amount = msgspec.Raw(f'{{"value":{value},"currency":"{currency}"}}'.encode())
    assert line(transactionAmount=amount)["amount_minor"] == minor


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"transactionAmount": {"value": 1.005, "currency": "DKK"}}, AmountInexact),  # never rounded
        ({"transactionAmount": {"value": 0.5, "currency": "JPY"}}, AmountInexact),
        ({"transactionAmount": {"value": 1, "currency": "XXQ"}}, CurrencyUnknown),
        ({"transactionAmount": None}, AnswerMalformed),
        ({"transactionAmount": {"value": 1}}, AnswerMalformed),
        ({"date": None}, AnswerMalformed),
        ({"balance": {"value": 0.001, "currency": "DKK"}}, AmountInexact),
    ],
)
def test_what_cannot_be_booked_exactly_is_refused(changes, error):
    with pytest.raises(error):
        lines_frame("acc_1", [transaction(**changes)])


def test_what_only_informs_is_left_out_where_it_is_inexact():
    detail = {
        "currencyConversion": {"exchangeRate": 7.4, "originalAmount": {"currency": "EUR", "value": 1.23456}}
    }
    row = line(detail=detail, balance={"value": 10, "currency": "EUR"})
    assert (row["original_minor"], row["original_currency"], row["balance_minor"]) == (None, None, None)
    assert line(detail={"identifiers": {"endToEndId": "NOTPROVIDED"}})["end_to_end_id"] is None


def test_the_value_date_stands_in_for_a_missing_booking_date():
    row = line(date=None, detail={"valueDate": "2026-11-19"})
    assert row["booking_date"] == row["value_date"]


def test_types_are_exact_even_when_nothing_came():
    for frame in lines_frame("acc_1", []):
        assert frame.schema == pl.Schema(COLUMNS)
    booked, waiting = lines_frame("acc_1", [transaction(), transaction(id="t2", state="Reserved")])
    assert conform(booked.with_columns(line_id=pl.lit("l_1")), LINES).height == 1
    assert conform(waiting, EXPECTED).height == 1
