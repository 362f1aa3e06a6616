"""Laws of the invented books: balances join, the truth adds up, the same seed gives the same books."""

from __future__ import annotations

import doctest
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, iso11649, luhn
from stdnum.dk import cvr

from recon.sandbox import checkdigits, make_books, write_documents, write_truth

AS_OF = date(2026, 10, 31)
KINDS = [
    "fik", "fik_printed", "fik_stripped", "fik_grouped", "fik_batch", "document_number", "name_only", "batch",
    "instalments", "fee_deducted", "small_difference", "bill_transfer", "bill_fik", "bill_bs", "bill_direct_debit",
    "bill_fx", "card", "card_fx", "card_no_receipt", "bank_fee", "interest", "own_transfer", "wages", "tax", "payout",
    "refund", "credit_netted", "bill_credit", "paid_twice", "third_party", "abroad", "no_match",
]  # fmt: skip


@pytest.fixture(scope="module")
def books():
    return make_books(7, AS_OF)


@pytest.fixture(scope="module")
def kinds(books):
    """Share of each kind among the lines up to the day."""
    seen = [line.id for line in books.all_lines(AS_OF)]
    first = books.truth.filter(pl.col("bank_transaction_id").is_in(seen)).unique("bank_transaction_id")
    return {kind: count / len(seen) for kind, count in first["kind"].value_counts().iter_rows()}


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32), as_of=st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_laws_of_any_books(seed, as_of):
    books = make_books(seed, as_of)
    for account in books.accounts:
        balance = account.opening_minor
        for line in books.lines[account.key]:
            balance += line.amount_minor
            assert line.balance_minor == balance and line.currency == account.currency
            assert as_of - timedelta(days=270) <= line.booking_date <= as_of + timedelta(days=120)
            assert sum(part.amount_minor for part in line.parts) == (line.amount_minor if line.parts else 0)
    lines = {line.id: line for line in books.all_lines()}
    assert len(lines) == sum(len(each) for each in books.lines.values()), "ids are unique"
    sums = books.truth.group_by("bank_transaction_id").agg(pl.col("amount_minor").sum())
    assert dict(sums.iter_rows()) == {line.id: line.amount_minor for line in lines.values()}
    numbers = [document.number for document in books.documents]
    assert len(set(numbers)) == len(numbers), "a number names one document"
    named = books.truth["document_no"].drop_nulls()
    others = named.filter(named.str.starts_with("line:")).str.strip_prefix("line:")
    assert set(others) <= set(lines)
    assert set(named.filter(~named.str.starts_with("line:"))) <= set(numbers)


def test_no_document_is_settled_for_more_than_it_is(books):
    totals = {document.number: (document.total_minor, document.currency) for document in books.documents}
    settled = books.truth.filter(pl.col("document_no").is_in(list(totals))).group_by(
        "document_no", "currency"
    )
    for number, currency, amount in settled.agg(pl.col("amount_minor").sum().abs()).iter_rows():
        total, own = totals[number]
        assert amount <= total or currency != own, number


def test_a_payment_never_comes_before_its_document(books):
    issued = {document.number: document.issue_date for document in books.documents}
    booked = {line.id: line.booking_date for line in books.all_lines()}
    for line_id, number in books.truth.select("bank_transaction_id", "document_no").iter_rows():
        assert number not in issued or issued[number] <= booked[line_id]


def test_the_same_seed_and_day_give_the_same_books_and_others_do_not(books):
    again = make_books(7, AS_OF)
    assert (again.lines, again.documents) == (books.lines, books.documents)
    assert again.truth.equals(books.truth)
    assert make_books(8, AS_OF).lines != books.lines


def test_the_size_is_that_of_a_small_company(books):
    assert 450 <= len(books.all_lines(AS_OF)) <= 700
    assert len(books.all_lines()) > len(books.all_lines(AS_OF)) + 150, "the future brings more"
    assert [account.currency for account in books.accounts] == ["DKK", "DKK", "DKK", "EUR"]
    assert all(line.balance_minor > 0 for line in books.all_lines())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_line_occurs(kinds, kind):
    assert kinds[kind] > 0


def test_a_known_share_belongs_to_nothing(kinds):
    assert 0.10 <= kinds["no_match"] <= 0.20


def test_some_documents_are_never_paid(books):
    old = {d.number for d in books.documents if d.due_date < AS_OF - timedelta(days=60)}
    unpaid = old - set(books.truth["document_no"])
    assert 0.02 < len(unpaid) / len(old) < 0.12


def test_numbers_pass_the_checks_of_their_standards(books):
    assert cvr.is_valid(books.company.cvr)
    assert len(books.company.creditor_no) == 8 and books.company.creditor_no[0] == "8"
    for account in books.accounts:
        assert iban.is_valid(account.iban)
    for document in books.documents:
        assert not document.party.cvr or cvr.is_valid(document.party.cvr)
        reference = document.payment_reference
        if document.payment_reference_type == "FIK71":
            paid, creditor = reference.removeprefix("+71<").removesuffix("<").split("+")
            assert len(paid) == 15 and luhn.is_valid(paid) and len(creditor) == 8
        if document.payment_reference_type == "RF":
            assert iso11649.is_valid(reference)


def test_the_vectors_of_the_reference_notes():
    result = doctest.testmod(checkdigits)
    assert result.failed == 0 and result.attempted == 4


def test_documents_are_written_as_the_template_has_it(books, tmp_path):
    until = date(2026, 9, 30)
    write_documents(books, tmp_path / "documents.csv", until)
    frame = pl.read_csv(tmp_path / "documents.csv", infer_schema=False)
    assert frame.columns[:5] == ["kind", "number", "party_name", "party_id", "party_cvr"]
    assert frame.height == sum(document.issue_date <= until for document in books.documents)
    assert set(frame["kind"]) == {"invoice", "credit_note", "bill", "bill_credit", "receipt", "payout"}
    assert frame["total"].str.contains(r"^\d+\.\d\d$").all()
    assert frame["total"].equals(frame["open_amount"])


def test_the_truth_is_written_up_to_a_day(books, tmp_path):
    write_truth(books, tmp_path / "truth.csv", AS_OF)
    frame = pl.read_csv(tmp_path / "truth.csv", schema_overrides={"document_no": pl.String})
    assert set(frame["bank_transaction_id"]) == {line.id for line in books.all_lines(AS_OF)}
