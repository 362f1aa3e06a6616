"""Text from banks and senders of invoices cannot become a formula, wherever it is opened."""

import csv
import io
import re

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recon.post.amounts import amount_text
from recon.post.formats.cells import csv_bytes, inert, masked

BEGINS_FORMULA = re.compile(r"[\s\"]*[=+\-@＝＋－＠﹦﹢﹣﹫]")

hostile = st.text(
    alphabet=st.sampled_from(list("=+-@＝＋－＠﹦﹢﹣﹫\t\r\n\0\u200b\ufeff\u2028\u00a0 '\";,|a1")),
    max_size=10,
)


def made_inert(*texts: str) -> list[str]:
    return pl.DataFrame({"text": list(texts)}).select(inert(pl.col("text")))["text"].to_list()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Invoice 1042 · Nordic A/S", "Invoice 1042 · Nordic A/S"),
        ("Faktura 5-6, a+b=c @ 10", "Faktura 5-6, a+b=c @ 10"),
        ("=1+1", "'=1+1"),
        ("+4512345678", "'+4512345678"),
        ("-100", "'-100"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),  # full width: folded to = by some importers
        ("﹣1", "'﹣1"),
        ("   =1", "   '=1"),  # importers strip blanks first
        ("\u00a0=1", "\u00a0'=1"),
        ("\t=1", " '=1"),
        ("\r\n=1", " '=1"),
        ("\0=1", "'=1"),
        ("\u200b=1", "'=1"),  # zero width
        ("\ufeff=1", "'=1"),
        ('"=1', "\"'=1"),
        ("Ref;=1", "Ref;'=1"),  # a comma file opened with semicolons is cut here
        ('Ref,"=1', "Ref,\"'=1"),
        ("line\nbreak\x07bell", "line breakbell"),
        ("a\u202eb", "ab"),  # turns the direction of reading
        ("a\uffffb", "ab"),  # no character of XML: would break a workbook
        ("", ""),
    ],
)
def test_text_becomes_inert(text, cell):
    assert made_inert(text) == [cell]


@given(hostile)
@example("=;=")
@settings(max_examples=200, deadline=None)
def test_no_text_begins_a_formula_and_twice_changes_nothing(text):
    (cell,) = made_inert(text)
    assert not BEGINS_FORMULA.match(cell)
    assert not any(BEGINS_FORMULA.match(piece) for piece in re.split("[;,|]", cell))
    assert not any(ord(character) < 32 for character in cell)
    assert made_inert(cell) == [cell]


@given(st.lists(st.tuples(hostile, st.text(max_size=8)), min_size=1, max_size=5), st.sampled_from([",", ";"]))
@settings(max_examples=100, deadline=None)
def test_a_csv_reads_back_cell_by_cell_and_numbers_stay_numbers(rows, separator):
    """Blank cells and line breaks are where quoting goes wrong: the csv module must find the same cells."""
    frame = pl.DataFrame(
        {"one": [row[0] for row in rows], "amount": ["-1.50"] * len(rows), "two": [row[1] for row in rows]}
    )
    written = csv_bytes(frame, numbers=("amount",), separator=separator)
    heading, *read = list(
        csv.reader(io.StringIO(written.decode(), newline=""), delimiter=separator, strict=True)
    )
    assert heading == ["one", "amount", "two"]
    assert [row[0] for row in read] == made_inert(*frame["one"])
    assert [row[1] for row in read] == ["-1.50"] * len(rows)
    assert [row[2] for row in read] == made_inert(*frame["two"])
    assert written.count(b"\r\n") == len(rows) + 1 == written.count(b"\n")


def test_the_bytes_of_a_csv():
    frame = pl.DataFrame({"text": ['say "hi"', "a,b", None], "amount": ["-1.00", "2.00", None]})
    assert (
        csv_bytes(frame, numbers=("amount",)) == b'text,amount\r\n"say ""hi""",-1.00\r\n"a,b",2.00\r\n,\r\n'
    )
    assert csv_bytes(frame.head(0), numbers=("amount",), bom=True) == b"\xef\xbb\xbftext,amount\r\n"


@pytest.mark.parametrize(
    ("minor", "currency", "point", "comma"),
    [
        (-123450, "DKK", "-1234.50", "-1234,50"),
        (5, "DKK", "0.05", "0,05"),
        (-5, "DKK", "-0.05", "-0,05"),
        (0, "DKK", "0.00", "0,00"),
        (1250, "JPY", "1250", "1250"),
        (0, "JPY", "0", "0"),
        (12, "KWD", "0.012", "0,012"),
        (2**63 - 1, "EUR", "92233720368547758.07", "92233720368547758,07"),
    ],
)
def test_amounts_as_text(minor, currency, point, comma):
    frame = pl.DataFrame({"minor": [minor], "currency": [currency]})
    shown = frame.select(point=amount_text("minor", "currency"), comma=amount_text("minor", "currency", ","))
    assert shown.row(0) == (point, comma)


def test_account_numbers_show_their_end_only():
    frame = pl.DataFrame({"iban": ["DK5000400440116243", None], "text": ["x", "y"]})
    assert masked(frame).rows() == [("…6243", "x"), (None, "y")]
