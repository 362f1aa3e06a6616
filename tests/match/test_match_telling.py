"""Every level of evidence has a weight, a sentence in two languages, and somebody who says it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import polars as pl
import pytest
from match_book import match

from recon.match.weights import DOUBTS, FEATURES, LEVELS, PRIORS, WAYS, WEIGHTS
from recon.match.words import SENTENCES
from recon.policy import Policy
from recon.schema import PROPOSAL_KINDS

FOLDER = Path(__file__).resolve().parents[2] / "recon" / "match"
LISTS = {"weights.py", "words.py", "booking_weights.py"}
PUT_TOGETHER = {f"{way}_{strength}" for way in ("text", "party", "kind") for strength in ("often", "mostly")}
"""Levels whose names recon.match.bookings makes of two halves."""
FIGURES = {"reference", "document", "name", "money", "gap", "days", "count", "told"}


def parsed() -> list[ast.AST]:
    files = sorted(path for path in FOLDER.glob("*.py") if path.name not in LISTS)
    return [node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8")))]


def test_every_level_has_a_sentence_and_every_sentence_a_level() -> None:
    assert set(SENTENCES) == set(WEIGHTS)


@pytest.mark.parametrize(("feature", "level"), WEIGHTS, ids=lambda name: name)
def test_a_level_is_told_in_english_and_danish(feature: str, level: str) -> None:
    english, danish = SENTENCES[feature, level]
    assert english != danish
    for sentence in (english, danish):
        assert sentence.endswith(".") and (sentence[0] == "{" or sentence[0].isupper()), sentence
    figures = [set(re.findall(r"\{(\w+)\}", sentence)) for sentence in (english, danish)]
    assert figures[0] == figures[1] <= FIGURES


def test_somebody_says_each_level() -> None:
    spoken = {
        node.value for node in parsed() if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    silent = {f"{feature}: {level}" for feature, level in WEIGHTS if level not in spoken | PUT_TOGETHER}
    assert not silent, "levels that nothing in recon.match says"


def test_nobody_says_a_level_that_is_not_there() -> None:
    calls = [
        node for node in parsed() if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "says"
    ]
    said = {tuple(ast.literal_eval(one) for one in call.args) for call in calls if len(call.args) == 2
            and all(isinstance(one, ast.Constant) for one in call.args)}  # fmt: skip
    assert len(said) > 40
    assert said <= set(WEIGHTS)


def test_features_levels_and_ways_agree() -> None:
    assert set(LEVELS) == set(FEATURES) == {feature for feature, _ in WEIGHTS}
    assert all(LEVELS[feature].categories.to_list() == [level for name, level in WEIGHTS if name == feature]
               for feature in FEATURES)  # fmt: skip
    assert list(DOUBTS) == WAYS.categories.to_list() and all(0 < doubt < 0.1 for doubt in DOUBTS.values())
    assert set(PRIORS) == set(PROPOSAL_KINDS)


LINES = [
    {"id": "l1", "amount": "100.37", "text": "Faktura 990517", "name": "Kaffe & Kager ApS"},
    {"id": "l2", "amount": "70.00", "text": "Faktura 990518 990519", "name": "Solvang & Søn"},
]
ITEMS = [
    {"id": "i1", "no": "990517", "total": "100.37", "name": "Kaffe & Kager ApS"},
    {"id": "i2", "no": "990518", "total": "30.00", "name": "Solvang & Søn"},
    {"id": "i3", "no": "990519", "total": "40.00", "name": "Solvang & Søn"},
]


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("en", "The text names invoice 990517.", "The text names all 2 documents: 990518, 990519."),
        ("da", "Teksten nævner faktura 990517.", "Teksten nævner alle 2 bilag: 990518, 990519."),
    ],
)
def test_sentences_have_their_figures(language: str, one: str, several: str) -> None:
    result = match(LINES, ITEMS, Policy(language=language))
    words = result.evidence.filter(feature="document_no")["words"].to_list()
    assert one in words and several in words
    assert not result.evidence.filter(pl.col("words").str.contains(r"[{}?]|null")).height


def test_evidence_is_told_only_of_what_weighs_and_the_heaviest_first() -> None:
    evidence = match(LINES, ITEMS).evidence
    assert (evidence["weight"] != 0).all()
    order = evidence.sort("proposal_id", "weight", "feature", descending=[False, True, False])
    assert evidence.equals(order)
