"""A small slice of `make fuzz`, and one test a failure that it found: each names the harm."""

import random

import pytest
from harness import COUNTED, READ, READERS, REFUSED, Wrong, check, input_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mutate import mutated

from recon.errors import DataRefused
from recon.statements.readers import looks_like_statement, read_statement_bytes

SLICE = 200


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_damaged_files_are_read_right_or_refused(reader):
    outcomes = []
    for number in range(SLICE):
        try:
            outcomes.append(check(reader, input_of(reader, number)))
        except Wrong as wrong:
            raise AssertionError(f"scripts/fuzz.py --reader {reader.name} --only {number}") from wrong
    assert outcomes.count(REFUSED) > SLICE // 20
    assert outcomes.count(READ) + outcomes.count(COUNTED) > SLICE // 50


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_every_good_file_is_read_and_counted_alike(reader):
    told = [check(reader, data) for data in reader.seeds()]
    assert COUNTED in told or reader.name == "workbook"


@pytest.mark.parametrize("name", ["camt", "mt940", "ofx"])
def test_a_wrong_sum_would_be_seen(name):
    """The check itself is checked: a reader that is one entry short does not pass."""
    reader = READERS[name]
    short = reader._replace(
        read=lambda data: reader.read(data)._replace(entries=reader.read(data).entries - 1)
    )
    with pytest.raises(Wrong, match="counted"):
        check(short, reader.seeds()[0])


@settings(max_examples=SLICE)
@given(chance=st.randoms(use_true_random=False), name=st.sampled_from(["camt", "mt940", "ofx", "documents"]))
def test_no_damage_is_read_wrong(chance: random.Random, name: str):
    """The same laws on damage that hypothesis draws, and shrinks where one fails."""
    reader = READERS[name]
    check(reader, mutated(reader.seeds()[0], chance))


@settings(max_examples=SLICE)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet=":0126F8-{}()/?ACDR,.\r\n<>PKx\0", max_size=200).map(str.encode),
    )
)
@example(b"PK\x05\x06" + b"\0" * 18)
@example(b"<?xml?>")
@example(b":61:")
@example(b"\xff\xfe<\0")
def test_bytes_of_no_meaning_are_refused_in_words(data: bytes):
    looks_like_statement(data)
    try:
        read_statement_bytes(data, "x")
    except DataRefused as refused:
        assert "othing" in refused.words


def test_an_ofx_transaction_whose_beginning_was_lost_is_not_lost_with_it():
    """Found by fuzzing: with `<STMTTRN>` moved above the file's head, 1,250.50 went unread without a word."""
    whole = READERS["ofx"].seeds()[0]
    headless = whole.replace(b"<STMTTRN>", b"", 1)
    for data in (headless, b"<STMTTRN>\r\n" + headless):
        with pytest.raises(DataRefused, match=r"outside any statement|before its OFX element"):
            read_statement_bytes(data, "march.ofx")
