"""Payment references: one key for every spelling, and what is found in texts as banks send them."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.normalise.implied import implied
from recon.normalise.references import candidates
from recon.references import reference_key

SAME = [
    "+71<000000012345674+12345678<",
    "+71 000000012345674 +12345678",
    "+71000000012345674+12345678",
    "71#000000012345674",
    "000000012345674",
    "0000 0001 2345 674",
    "12345674",
]


def test_every_spelling_of_a_payment_id_has_one_key():
    keys = pl.select(reference_key(pl.lit(pl.Series(SAME)))).to_series()
    assert set(keys) == {"12345674"}


def test_keys_of_other_references():
    given_, wanted = zip(
        ("RF18 5390 0754 7034", "RF18539007547034"),
        ("INV-2026-00123", "INV202600123"),
        ("0000", None),
        ("", None),
        strict=True,
    )
    assert pl.select(reference_key(pl.lit(pl.Series(given_)))).to_series().to_list() == list(wanted)


def found_in(texts: list[str]) -> list[list[str]]:
    """Every key of every text, the most trusted first, implied numbers last."""
    frame = pl.DataFrame({"row": range(len(texts)), "text": texts}, schema_overrides={"text": pl.String})
    weak = implied(frame).select("row", pl.lit(40, pl.Int64).alias("place"), "key")
    keys = pl.concat([candidates(frame), weak]).sort("row", "place", maintain_order=True)
    lists = keys.group_by("row").agg(pl.col("key").unique(maintain_order=True))
    by_row = dict(lists.iter_rows())
    return [by_row.get(row, []) for row in range(len(texts))]


def found(text: str) -> list[str]:
    return found_in([text])[0]


def test_a_table_of_texts_is_read_as_ever():
    """One text of every pattern, alone, among words, beside another, and glued to Nordic letters and odd blanks."""
    with (Path(__file__).parent / "cases" / "references.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) > 250
    answers = found_in([row["text"] for row in rows])
    assert {row["text"]: keys for row, keys in zip(rows, answers, strict=True)} == {
        row["text"]: row["keys"].split() for row in rows
    }


def test_the_company_of_other_texts_changes_nothing():
    texts = [*SAME, "INV-1041/INV-1042", "Ærø 12345Ø", "²", "1041–1044", "DK5000400440116243", ""]
    assert found_in(texts) == [found(text) for text in texts]
    assert found_in(texts[::-1]) == found_in(texts)[::-1]


@given(st.text(alphabet="ÆØÅÄÖæøåéñ aAZ019-/+.,:#RF<", max_size=40))
def test_what_is_found_has_at_least_a_digit_and_stands_in_the_text(text):
    digits = "".join(sign for sign in text if sign in "0123456789")
    for key in found(text):
        assert any(sign in "0123456789" for sign in key)
        assert key == key.upper()
        if not key.startswith("~"):
            assert "".join(sign for sign in key if sign in "0123456789") in digits


@pytest.mark.parametrize(
    "text", [*SAME[:4], "/FIK/71/000000012345674+12345678", "Indbetaling 71 000000012345674 12345678"]
)
def test_fik_lines_as_printed_and_typed(text):
    assert found(text)[0] == "12345674"


@pytest.mark.parametrize("text", ["0000 0001 2345 674", "FIK 71 0000 0001 2345 674"])
def test_digits_joined_over_blanks_are_marked(text):
    assert "~12345674" in found(text) and "12345674" not in found(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("RF18 5390 0754 7034 TAK FOR NU", "RF18539007547034"),
        ("ref RF341234561", "1234561"),
        ("Betaling INV-2026-00123 fra Hansen", "INV202600123"),
        ("F2026/123", "F2026123"),
        ("Faktura nr. 17", "17"),
        ("1041, 1042 og 1044", "1042"),
        ("LIDL225HASLEV 55321", "55321"),
        ("kto. 1234-0001234567 nr 55321", "55321"),
        ("FAKTURA12345", "12345"),
        ("FAKTURA17", "17"),
        ("INV12345,12346", "12346"),
        ("KUNDE123456", "123456"),
        ("FAKTURAK1234", "K1234"),
        ("FAKTURANR.F12-7", "F127"),
        ("Fakt. INV-1041/INV-1042", "INV1042"),
        ("INV-7001/INV-7002", "7002"),
        ("INV-2026-00123", "~202600123"),
        ("F2026/123", "F2026123"),
        ("F2026/123", "~2026123"),
        ("12345A", "12345A"),
        ("12345A", "12345"),
        ("1041;1042 & 1043", "1043"),
        ("1041og1042", "1042"),
        ("1041/1042+1043", "1043"),
        ("Ærø-12345Ø", "ÆRØ12345Ø"),
    ],
)
def test_candidates_in_texts(text, key):
    assert key in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "DK5000400440116243 Hansen",
        "DK50 0040 0440 1162 43",
        "konto 1234 1234567",
        "1234-0001234567",
        "4571 1234 5678 9012 kort",
        "VISA XXXX XXXX XXXX 5512",
        "28.08.2026 1.234,50",
        "2026-08-28",
        "tlf 12 34 56 78",
        "+45 12 34 56 78",
        "010190-1234",
        "Den 28.08 kl. 17.42",
        "Hansen & Søn",
        "2026\N{EN DASH}08\N{EN DASH}28",
        "1234-0001234567 +45 12 34 56 78",
        "",
    ],
)
def test_digits_of_other_things_are_never_candidates(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("100420/21/22", ["~100421", "~100422"]),
        ("Fakt. 1041-1043", ["~1041", "~1042", "~1043"]),
        ("INV1041-1043", ["~1041", "~1042", "~1043"]),
        ("1041\N{EN DASH}1043", ["~1041", "~1042", "~1043"]),
        ("1041 til 1043", ["~1041", "~1042", "~1043"]),
        ("FAKTURA1041/42", ["~1042"]),
        ("1041,42,43", ["~1041", "~1042", "~1043"]),
        ("1041, 42 og 43", ["~1041", "~1042", "~1043"]),
        ("1041/42 1051/52", ["~1042", "~1052"]),
        ("1041-9999", []),
        ("1043-1041", []),
        ("nothing here", []),
    ],
)
def test_numbers_a_text_only_implies(text, numbers):
    assert implied(pl.DataFrame({"row": [0], "text": [text]}))["key"].to_list() == numbers
