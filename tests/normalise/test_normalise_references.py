"""Payment references: check digits by published vectors, and what is found in texts as banks send them."""

from __future__ import annotations

import csv
import doctest
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recon.references as shared
from recon.normalise.implied import implied
from recon.normalise.references import candidates
from recon.references import (
    fik_ok,
    is_complete,
    kid_ok,
    luhn_ok,
    ocr_ok,
    qrr_ok,
    reference_key,
    rf_ok,
    viite_ok,
)


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(shared).failed == 0


VALID = [
    (luhn_ok, "000000000123455", "FIK 71, invoice 12345"),
    (luhn_ok, "000000067097535", "a real printed line"),
    (luhn_ok, "026840149965328", "FIK 71"),
    (luhn_ok, "004040400000669", "customer and invoice in one"),
    (luhn_ok, "1234567890123452", "FIK 75"),
    (kid_ok, "12344", "KID mod 10"),
    (kid_ok, "12343", "KID mod 11"),
    (kid_ok, "123456701123453", "KID mod 10, long"),
    (kid_ok, "123456701123458", "KID mod 11, long"),
    (kid_ok, "602243", "KID mod 10"),
    (kid_ok, "104-", "KID mod 11 whose check is ten"),
    (kid_ok, "10030", "KID mod 11 whose check is eleven"),
    (ocr_ok, "123455", "Swedish OCR"),
    (ocr_ok, "123456789023", "Swedish OCR with length"),
    (viite_ok, "1234561", "viitenumero"),
    (viite_ok, "1234567123456784", "viitenumero, long"),
    (viite_ok, "202600017", "viitenumero"),
    (rf_ok, "RF18 5390 0754 7034", "RF in groups"),
    (rf_ok, "RF38INV2026A", "RF with letters"),
    (rf_ok, "rf462026000123", "RF in small letters"),
    (qrr_ok, "21 00000 00003 13947 14300 09017", "QRR"),
    (qrr_ok, "000000000000000000000123457", "QRR with padding"),
]


@pytest.mark.parametrize(("check", "reference", "why"), VALID)
def test_valid_references_pass(check, reference, why):
    assert check(reference), why


@pytest.mark.parametrize(
    ("check", "reference"),
    [
        (luhn_ok, "000000000123451"),
        (luhn_ok, ""),
        (luhn_ok, "12a"),
        (kid_ok, "1"),
        (kid_ok, "12345"),
        (ocr_ok, "123451"),
        (viite_ok, "1234562"),
        (viite_ok, "12"),
        (rf_ok, "RF19539007547034"),
        (qrr_ok, "210000000003139471430009018"),
        (is_complete, "1042"),
        (is_complete, "+71<000000012345675+12345678<"),
        (is_complete, "INV-2026-1"),
    ],
)
def test_broken_references_fail(check, reference):
    assert not check(reference)


def test_ocr_length_digit():
    assert ocr_ok("1234574", with_length=True)
    assert not ocr_ok("123455", with_length=True)


def test_card_types_have_their_lengths():
    assert fik_ok("71", "000000000123455") and fik_ok("75", "1234567890123452") and fik_ok("01", "")
    assert not fik_ok("71", "123455") and not fik_ok("73", "123455") and not fik_ok("99", "000000000123455")


@given(st.integers(1, 10**13), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(number, place, step):
    payload = f"{number:014d}"
    whole = next(payload + check for check in "0123456789" if luhn_ok(payload + check))
    wrong = whole[:place] + str((int(whole[place]) + step) % 10) + whole[place + 1 :]
    assert luhn_ok(whole) and not luhn_ok(wrong)


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
