"""Explaining a line: the sum can be redone, and bank text stays text."""

from __future__ import annotations

import pytest
from match_book import match

from recon.errors import UsageError
from recon.match.explain import explain, waterfall


@pytest.fixture(scope="module")
def result():
    return match(
        [
            {"id": "l", "amount": "75.00", "text": "<b>200011</b> & co", "name": "<script>alert(1)</script>"},
            {"id": "alien", "amount": "1.00", "text": "arv"},
        ],
        [{"id": "i", "no": "200011", "total": "75.00", "name": "<i>Hansen</i>"}],
    )


def test_the_words_tell_document_evidence_and_sum(result):
    told = explain(result, "l")
    assert "invoice 200011" in told.words and "not yet calibrated" in told.words
    assert "The text names invoice 200011." in told.words
    assert abs(told.prior + told.evidence["weight"].sum() - told.score) < 1e-9


def test_markup_in_bank_text_is_shown_not_obeyed(result):
    for page in (explain(result, "l")._repr_html_(), explain(result, "l")._repr_mimebundle_()["text/html"]):
        assert "<script" not in page and "&lt;script&gt;" in page and "<i>" not in page


def test_the_chart_ends_at_the_score(result):
    told = explain(result, "l")
    steps = waterfall(told.prior, told.evidence)
    assert steps["end"][-1] == pytest.approx(told.score)
    assert (steps["start"][1:-1] == steps["end"][:-2]).all()
    spec = told.chart.to_dict()
    assert spec["mark"]["type"] == "bar" and len(spec["data"]["values"]) == told.evidence.height + 2


def test_a_line_nothing_fits_says_so(result):
    told = explain(result, "alien")
    assert "No document fits" in told.words and told.chart is None and told.proposal_id is None


def test_an_unknown_line_is_refused(result):
    with pytest.raises(UsageError, match="no line x"):
        explain(result, "x")
