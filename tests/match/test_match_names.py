"""Which of our names a bank spelling shows: a table of spellings, and what must hold for any of them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.match.name_keys import our_names, pairs, read_words
from recon.match.name_lists import COMMON, FILLERS, MOVEMENT
from recon.match.names import LEVELS, NAMES_KEPT, resolve
from recon.text import name_fold, name_key

SCHEMA = {"s": pl.UInt32, "n": pl.UInt32, "level": pl.Int8, "likeness": pl.Int16}
PEOPLE = [
    "Jens Hansen",
    "Mette Sørensen",
    "Lars Krogsgaard",
    "Anna-Lena Ågren",
    "Jürgen Müller",
    "Pekka Mäkinen",
]
FIRMS = [
    "Møbelhuset Nordsjælland A/S", "Byggemarked Horsens ApS", "Vinci", "Blomqvist Redovisning AB", "Novatek Pumper",
    "Nordic Wind Services", "Oy Rantala Rakennus Ab", "Bäckerei Hölzl GmbH", "Dansk Service",
]  # fmt: skip
OURS = PEOPLE + FIRMS


def frames(spelled: list[tuple[str, bool]], ours: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    who = [text for text, _ in spelled]
    named = [is_name for _, is_name in spelled]
    spellings = pl.DataFrame({"who": who, "named": named}, schema={"who": pl.String, "named": pl.Boolean})
    names = pl.DataFrame({"name": ours}, schema={"name": pl.String}).with_columns(
        name=name_fold(pl.col("name"))
    )
    return (
        spellings.with_columns(who=name_fold(pl.col("who"))).with_row_index("s"),
        names.with_columns(name_key=name_key(pl.col("name"))).with_row_index("n"),
    )


def shown(who: str, named: bool, ours: list[str]) -> list[tuple[str, str]]:
    """(level, name) of one spelling alone, best first."""
    found = resolve(*frames([(who, named)], ours))
    return [(LEVELS[level], ours[n]) for n, level in found.select("n", "level").iter_rows()]


NAMED = [
    # the same words
    ("Jens Hansen", "exact", "Jens Hansen"),
    ("HANSEN JENS", "exact", "Jens Hansen"),
    ("Hansen, Jens", "exact", "Jens Hansen"),
    ("Mette Soerensen", "exact", "Mette Sørensen"),
    ("METTE SORENSEN", "exact", "Mette Sørensen"),
    ("Mette SÃ¸rensen", "exact", "Mette Sørensen"),
    ("Mette S|rensen", "exact", "Mette Sørensen"),
    ("Moebelhuset Nordsjaelland", "exact", "Møbelhuset Nordsjælland A/S"),
    ("Agren Anna Lena", "exact", "Anna-Lena Ågren"),
    ("Juergen Mueller", "exact", "Jürgen Müller"),
    ("MAKINEN PEKKA", "exact", "Pekka Mäkinen"),
    ("VINCI A/S", "exact", "Vinci"),
    ("Rantala Rakennus Oy", "exact", "Oy Rantala Rakennus Ab"),
    # cut off by the bank
    ("MOBELHUSET NORDSJALL", "cut", "Møbelhuset Nordsjælland A/S"),
    ("Møbelhuset Nordsj", "cut", "Møbelhuset Nordsjælland A/S"),
    ("Møbelhuset", "cut", "Møbelhuset Nordsjælland A/S"),
    ("Blomqvist Redovisnin", "cut", "Blomqvist Redovisning AB"),
    ("Blomqvist", "cut", "Blomqvist Redovisning AB"),
    ("Nordic Wind Se", "cut", "Nordic Wind Services"),
    ("Hölzl Bäcke", "cut", "Bäckerei Hölzl GmbH"),
    ("Krogsgaard Lar", "cut", "Lars Krogsgaard"),
    # more words than our name
    ("Vinci Danmark", "in_text", "Vinci"),
    ("Novatek Pumper Service Vejle", "in_text", "Novatek Pumper"),
    ("Jens Peter Hansen", "near", "Jens Hansen"),
    ("Jens og Mette Hansen", "near", "Jens Hansen"),
    # one slip of the pen
    ("Jens Hansn", "close", "Jens Hansen"),
    ("Jnes Hansen", "close", "Jens Hansen"),
    ("Hanssen Jens", "close", "Jens Hansen"),
    ("Mette Sørennsen", "close", "Mette Sørensen"),
    ("Lars Krogsgård", "exact", "Lars Krogsgaard"),
    ("Lars Krosgaard", "close", "Lars Krogsgaard"),
    ("Novatec Pumper", "close", "Novatek Pumper"),
    ("Blomquist Redovisning", "close", "Blomqvist Redovisning AB"),
    ("Pekka Mäkkinen", "close", "Pekka Mäkinen"),
    ("Møbelhuset Nordjsælland", "close", "Møbelhuset Nordsjælland A/S"),
    # letters the bank could not write
    ("Mette S?rensen", "close", "Mette Sørensen"),
    ("B?ckerei H?lzl", "close", "Bäckerei Hölzl GmbH"),
    ("Pekka M?kinen", "close", "Pekka Mäkinen"),
    # two slips, letters for words, words for one
    ("Møbelhust Nordsjaeland", "close", "Møbelhuset Nordsjælland A/S"),
    ("Blomkvst Redovsning", "close", "Blomqvist Redovisning AB"),
    ("J Hansen", "near", "Jens Hansen"),
    ("Hansen J", "near", "Jens Hansen"),
    ("L. Krogsgaard", "near", "Lars Krogsgaard"),
    ("P Mäkinen", "near", "Pekka Mäkinen"),
    ("Blomkist Redovisng", "near", "Blomqvist Redovisning AB"),
    ("Bygge Marked Horsens", "near", "Byggemarked Horsens ApS"),
    ("Møbel Huset Nordsjælland", "near", "Møbelhuset Nordsjælland A/S"),
    ("Pum per Novatek", "near", "Novatek Pumper"),
    ("Novatek & Pumper", "exact", "Novatek Pumper"),
    ("NovatekPumper", "close", "Novatek Pumper"),
    ("Annalena Ågren", "close", "Anna-Lena Ågren"),
    ("Nord Wind Services", "near", "Nordic Wind Services"),
    # a household, a parent company
    ("Birthe Krogsgaard", "partial", "Lars Krogsgaard"),
    ("Novatek Holding", "partial", "Novatek Pumper"),
    ("Hölzl Hamburg", "partial", "Bäckerei Hölzl GmbH"),
    # nothing
    ("Ole Hansen", None, None),
    ("Hansen", None, None),
    ("Jens Jensen", None, None),
    ("Mette Pedersen", None, None),
    ("Hans Jensen", None, None),
    ("Karin Müller", None, None),
    ("Svensk Service", None, None),
    ("Nordic Consult", None, None),
    ("Horsens", "partial", "Byggemarked Horsens ApS"),
    ("Skat", None, None),
    ("Jens", None, None),
]  # fmt: skip

TEXTS = [
    ("Indbetaling fra Jens Hansen", "exact", "Jens Hansen"),
    ("Bankgiro Blomqvist Redovisning", "exact", "Blomqvist Redovisning AB"),
    ("Maksu Mäkinen Pekka", "exact", "Pekka Mäkinen"),
    ("Husleje april Jens Hansen", "in_text", "Jens Hansen"),
    ("Miete Müller Jürgen Wohnung", "in_text", "Jürgen Müller"),
    ("Hansen husleje Jens", "in_text", "Jens Hansen"),
    ("Vinci parkering Vejle", "in_text", "Vinci"),
    ("Kontingent Lars Krogsg", "in_text", "Lars Krogsgaard"),
    ("Tilmelding Møbelhuset Nordsj", "in_text", "Møbelhuset Nordsjælland A/S"),
    ("Overførsel Møbelhuset Nordsj", "cut", "Møbelhuset Nordsjælland A/S"),
    ("Husleje Lars Krogsgaad", "close", "Lars Krogsgaard"),
    ("Indbetaling Jens Hansn", "close", "Jens Hansen"),
    ("Kontingent Wind Services", "near", "Nordic Wind Services"),
    ("Kontingent Krogsgaard", "partial", "Lars Krogsgaard"),
    ("Gave til Hansen", None, None),
    ("Betaling", None, None),
    ("Service april", None, None),
    ("Tak for hjælpen Jens", None, None),
]


@pytest.mark.parametrize(("who", "level", "name"), NAMED)
def test_a_name_of_the_bank(who: str, level: str | None, name: str | None):
    assert shown(who, True, OURS)[:1] == ([(level, name)] if level else [])


@pytest.mark.parametrize(("who", "level", "name"), TEXTS)
def test_a_text_that_may_hold_other_words(who: str, level: str | None, name: str | None):
    assert shown(who, False, OURS)[:1] == ([(level, name)] if level else [])


def test_of_two_names_in_a_text_the_one_with_more_words_comes_first():
    ours = ["Jens Holm", "Jens Bredgren Holm"]
    assert shown("husleje jens bredgrn holm", False, ours) == [("close", ours[1]), ("near", ours[0])]


def test_a_word_is_rare_only_while_few_of_our_names_have_it():
    few = [f"{first} Krogsgaard" for first in ("Lars", "Ida", "Bodil")]
    many = [*few, *(f"{first} Krogsgaard" for first in ("Viggo", "Ejnar", "Frode"))]
    assert {level for level, _ in shown("Rikke Krogsgaard", True, few)} == {"partial"}
    assert shown("Rikke Krogsgaard", True, many) == []


def test_who_is_named_outright_needs_no_relatives():
    ours = ["Lars Krogsgaard", "Bodil Krogsgaard"]
    assert shown("Lars Krogsgard", True, ours) == [("exact", ours[0])]
    assert shown("Lars Krogsgad", True, ours) == [("close", ours[0])]


def test_two_parties_of_the_same_words_are_both_exact():
    assert shown("Hansen Jens", True, ["Jens Hansen", "Hansen Jens ApS"]) == [
        ("exact", "Jens Hansen"),
        ("exact", "Hansen Jens ApS"),
    ]


def test_more_equals_than_can_be_shown_are_no_answer():
    """Four of six equal names would look like a choice that nobody made."""
    six = [f"J{letters} Krog" for letters in ("ens", "ohn", "ytt", "ane", "oan", "uul")]
    assert len(shown("J Krog", True, six[:4])) == 4
    assert shown("J Krog", True, six) == []


def test_words_that_only_texts_have_are_learnt_to_be_noise():
    """`abonnement` is on no list; a dozen texts of strangers teach it."""
    strangers = [(f"abonnement kunde {letter * 5}", False) for letter in "abcdefghijklmn"]
    one = frames([("abonnement jens hansen", False)], OURS)
    many = frames([("abonnement jens hansen", False), *strangers], OURS)
    assert resolve(*one).filter(s=0)["level"].to_list() == [LEVELS.index("in_text")]
    assert resolve(*many).filter(s=0)["level"].to_list() == [LEVELS.index("exact")]


def test_listed_words_are_written_as_names_are_folded():
    listed = pl.DataFrame({"word": sorted(COMMON | MOVEMENT | FILLERS)})
    assert listed.filter(name_fold(pl.col("word")) != pl.col("word")).is_empty()


def test_a_party_called_like_a_word_of_movement_keeps_its_name():
    assert shown("Betaling", False, ["Betaling ApS"]) == [("exact", "Betaling ApS")]


def test_a_spelling_without_words_and_an_empty_ledger_find_nothing():
    nothing = pl.DataFrame(schema=SCHEMA)
    assert resolve(*frames([("- -", True), ("", False)], OURS)).equals(nothing)
    assert resolve(*frames([("Jens Hansen", True)], [])).equals(nothing)
    assert resolve(*frames([], OURS)).equals(nothing)
    assert resolve(*frames([("Skat", True)], OURS)).equals(nothing)


WORDS = ["jens", "hansen", "hansn", "j", "krogsgaard", "krogs", "novatek", "byg", "bygge", "marked", "byggemarked",
         "nordic", "wind", "betaling", "peter", "petersen", "pedersen"]  # fmt: skip
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
BOOK = st.tuples(
    st.lists(st.tuples(TEXT, st.booleans()), max_size=12, unique=True),
    st.lists(TEXT, max_size=12, unique=True),
)


@settings(max_examples=40, deadline=None)
@given(BOOK, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_and_the_answer_is_bounded(book, random):
    spellings, names = frames(*book)
    found = resolve(spellings, names)
    assert found.schema == pl.Schema(SCHEMA)
    assert resolve(_shuffled(spellings, random), _shuffled(names, random)).equals(found)
    assert found.equals(found.sort("s", "level", "likeness", "n", descending=[False, False, True, False]))
    assert not found.select("s", "n").is_duplicated().any()
    assert (found.group_by("s").len()["len"] <= NAMES_KEPT).all()
    assert found["level"].is_between(0, len(LEVELS) - 1).all() and found["likeness"].is_between(0, 100).all()


@settings(max_examples=40, deadline=None)
@given(BOOK)
def test_the_same_words_are_always_found_and_always_first(book):
    spellings, names = frames(*book)
    same = spellings.with_columns(name_key=name_key(pl.col("who"))).join(names, on="name_key")
    found = resolve(spellings, names)
    first = found.unique("s", keep="first", maintain_order=True)
    assert first.join(same.select("s").unique(), on="s")["level"].to_list() == [0] * same["s"].n_unique()


def _shuffled(frame: pl.DataFrame, random) -> pl.DataFrame:
    order = list(range(frame.height))
    random.shuffle(order)
    return frame[order]


def test_pairs_grow_with_the_spellings_and_not_with_spellings_times_names():
    """A word that all names have must not pair all with all: a million here."""
    letters = "abcdefghij"
    ours = [f"Hansen {a}{b}{c}{a} Byg" for a in letters for b in letters for c in letters]
    spelled = [(f"Hansen {a}{b}{c}x Byg", True) for a in letters for b in letters for c in letters]
    spellings, names = frames(spelled, ours)
    compared = pairs(read_words(spellings, our_names(names)))
    assert len(spelled) // 2 <= compared.height <= 50 * len(spelled)
