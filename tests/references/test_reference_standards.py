"""Payment references by their standards: published and computed vectors, agreed lengths, and laws of check digits."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649
from stdnum.ch import esr
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength

from recon.references import fik, is_complete, keys, kid, ocr, viitenumero
from recon.sandbox import checkdigits


@pytest.mark.parametrize("module", [fik, keys, kid, ocr, viitenumero], ids=lambda one: one.__name__)
def test_the_examples_in_the_docstrings_hold(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


VALID = [
    (fik, "+71<000000000123455+12345678<", "invoice 12345"),
    (fik, "+71<000000067097535+85799665<", "a printed line"),
    (fik, "71#026840149965328", "as Peppol writes it"),
    (fik, "+71 004040400000669 +12345678", "customer and invoice in one"),
    (fik, "+75<1234567890123452+12345678<", "sixteen digits"),
    (fik, "+71<12345674+12345678<", "zeros lost on the way"),
    (fik, "+04<0000000000123455+1234567<", "giro with seven digits"),
    (fik, "+15<0000000000123455+12345678<", "giro"),
    (fik, "+73<+12345678<", "no payment id"),
    (fik, "01+1234567", "giro without payment id"),
    (kid, "12344", "mod 10"),
    (kid, "12343", "mod 11"),
    (kid, "123456701123453", "mod 10, long"),
    (kid, "123456701123458", "mod 11, long"),
    (kid, "602243", "mod 10"),
    (kid, "104-", "mod 11 whose check is ten"),
    (kid, "10030", "mod 11 whose check is eleven"),
    (ocr, "123455", "check digit"),
    (ocr, "1234574", "length digit"),
    (ocr, "123456789023", "length digit, twelve long"),
    (ocr, "202600193", "length digit, nine long"),
    (viitenumero, "1234561", ""),
    (viitenumero, "1234567123456784", "long"),
    (viitenumero, "202600017", ""),
    (viitenumero, "00000000000001234561", "padded by a machine"),
    (viitenumero, "12 34561", "printed"),
    (viitenumero, "RF85 2026 0001 7", "inside an RF reference"),
    (iso11649, "RF18 5390 0754 7034", "in groups"),
    (iso11649, "RF38INV2026A", "with letters"),
    (iso11649, "RF462026000123", ""),
    (esr, "21 00000 00003 13947 14300 09017", "QRR"),
    (esr, "000000000000000000000123457", "QRR, padded"),
]


@pytest.mark.parametrize(("standard", "reference", "why"), VALID)
def test_valid_references_pass(standard, reference, why):
    assert standard.is_valid(reference), why


BROKEN = [
    (fik, "+71<000000012345675+12345678<", InvalidChecksum),
    (fik, "+71<0000000012345674+12345678<", InvalidLength),
    (fik, "+71<000000012345674+1234567<", InvalidLength),
    (fik, "+73<000000012345674+12345678<", InvalidLength),
    (fik, "+71<+12345678<", InvalidLength),
    (fik, "+99<000000012345674+12345678<", InvalidComponent),
    (fik, "000000012345674", InvalidFormat),
    (kid, "12345", InvalidChecksum),
    (kid, "1", InvalidFormat),
    (kid, "1" * 26, InvalidLength),
    (kid, "12-4", InvalidFormat),
    (ocr, "123451", InvalidChecksum),
    (ocr, "12a455", InvalidFormat),
    (viitenumero, "1234562", InvalidChecksum),
    (viitenumero, "123", InvalidLength),
    (viitenumero, "RF351234561", InvalidChecksum),
    (viitenumero, "12A4561", InvalidFormat),
]


@pytest.mark.parametrize(("standard", "reference", "error"), BROKEN)
def test_broken_references_say_what_is_wrong(standard, reference, error):
    assert not standard.is_valid(reference)
    with pytest.raises(error):
        standard.validate(reference)


def test_an_agreement_makes_a_reference_stricter():
    assert kid.is_valid("12343", algorithm="mod11") and not kid.is_valid("12343", algorithm="mod10")
    assert kid.is_valid("12344", lengths={5, 12}) and not kid.is_valid("12344", lengths={12})
    assert ocr.is_valid("1234574", length_digit=True) and not ocr.is_valid("123455", length_digit=True)
    assert ocr.is_valid("123455", lengths=(6,)) and not ocr.is_valid("123455", lengths=(7, 8))


COMPLETE = ["+71<12345674+12345678<", "71#000000012345674", "RF34 1234 561", "123456701123453", "1234561"]
NOT_COMPLETE = [
    "1042",
    "INV-2026-1",
    "+71<000000012345675+12345678<",
    "RF19539007547034",
    "+73<+12345678<",
    "",
]


@pytest.mark.parametrize("reference", COMPLETE)
def test_a_whole_reference_is_complete(reference):
    assert is_complete(reference)


@pytest.mark.parametrize("reference", NOT_COMPLETE)
def test_what_has_no_check_or_a_wrong_one_is_not(reference):
    assert not is_complete(reference)


payloads = st.integers(100, 10**14 - 1).map(str)


@given(payloads)
def test_what_is_made_is_valid(payload):
    assert fik.is_valid(f"71#{payload.zfill(14)}{fik.calc_check_digit(payload.zfill(14))}")
    assert kid.is_valid(payload + kid.calc_check_digit(payload, "mod10"), algorithm="mod10")
    assert kid.is_valid(payload + kid.calc_check_digit(payload, "mod11"), algorithm="mod11")
    assert ocr.is_valid(payload + ocr.calc_check_digits(payload), length_digit=True)
    whole = payload + viitenumero.calc_check_digit(payload)
    assert (
        viitenumero.validate(viitenumero.format(whole))
        == viitenumero.validate(viitenumero.to_rf(whole))
        == whole
    )
    assert viitenumero.to_rf(whole) == checkdigits.rf(whole), "the sandbox prints the same"


@given(payloads, st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(payload, place, step):
    for standard, whole in (
        (ocr, payload + ocr.calc_check_digit(payload)),
        (viitenumero, payload + viitenumero.calc_check_digit(payload)),
    ):
        place %= len(whole)
        wrong = whole[:place] + str((int(whole[place]) + step) % 10) + whole[place + 1 :]
        assert standard.is_valid(whole)
        assert not standard.is_valid(wrong)
