"""Names and accounts are equal however a bank spells them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.text import account_key, fold, name_fold, name_key


def of(function, text):
    return pl.DataFrame({"t": [text]}, schema={"t": pl.String}).select(function(pl.col("t"))).item()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Købmand Sørensen A/S", "KØBMAND SØRENSEN"),
        ("Købmand Sørensen", "KOEBMAND SOERENSEN AS"),
        ("Købmand Sørensen", "K\\BMAND S\\RENSEN"),
        ("Købmand Sørensen", "Købmand Sørensen".encode().decode("latin-1")),
        ("Rønnede Kro", "R@NNEDE KRO"),
        ("Åse Ågård", "AASE AAGAARD"),
        ("Åse Ågård", "A\u030ase A\u030aga\u030ard"),
        ("Bärner Öl GmbH", "BAERNER OEL"),
        ("Hansen & Søn I/S", "Hansen Søn"),
        ("Rema 1000", "REMA 1000 A/S"),
        ("Jensen, Ole", "Ole Jensen"),
        ("Bygma A / S", "BYGMA AS"),
        ("Andelsselskabet Ø A.m.b.A.", "Andelsselskabet Ø"),
        ("Foreningen Åen f.m.b.a.", "FORENINGEN AAEN FMBA"),
        ("Café Ñandú", "CAFE NANDU"),
        ("ﬁsk &\u00a0vildt", "Fisk og Vildt".replace("og ", "")),
    ],
)
def test_spellings_of_one_name(one, other):
    def key(name):
        return of(lambda c: name_key(name_fold(c)), name)

    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), [("Hansen Holding ApS", "Hansen ApS"), ("Rema 1000", "Rema 500")])
def test_names_that_stay_apart(one, other):
    assert of(name_fold, one) != of(name_fold, other)


def test_a_name_of_nothing_but_a_form_is_kept_and_an_empty_one_is_null():
    assert of(name_fold, "A/S") == "a s"
    assert of(name_fold, " - ") is None and of(name_fold, None) is None


def test_fold_keeps_words_apart():
    assert of(fold, "BS-Betaling  ATP / Samlet") == "bs betaling atp samlet"


@pytest.mark.parametrize(
    "spelling",
    ["DK5000400440116243", "dk50 0040 0440 1162 43", "0040 0440116243", "0040-440116243", "00400440116243"],
)
def test_danish_accounts(spelling):
    assert of(account_key, spelling) == "0040-440116243"


def test_other_accounts_keep_their_characters():
    assert of(account_key, "NO93 8601 1117 947") == of(account_key, "8601 11 17947")
    assert of(account_key, "DE89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    assert of(account_key, "") is None


MANY = ["Købmand Sørensen A/S", "hansen", "Caf\u00e9", "A/S", None, "", "K\\BENHAVN", "KÃ¸bmand", "01"]


@pytest.mark.parametrize("function", [fold, name_fold, account_key])
def test_the_company_of_other_names_changes_nothing(function):
    together = pl.DataFrame({"t": MANY}).select(function(pl.col("t"))).to_series().to_list()
    assert together == [of(function, name) for name in MANY]


@given(st.text(alphabet="aAæÆøåÖüßéÃ¸¦[]\\{|}@/. -&01", max_size=30))
def test_folding_twice_changes_nothing_and_leaves_plain_words(text):
    folded = of(fold, text)
    assert set(folded) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ") and "  " not in folded
    assert folded == folded.strip() == of(fold, folded)
