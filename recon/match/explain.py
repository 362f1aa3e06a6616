"""Why a line was matched, or not: words, and a waterfall of the evidence.

In: a Matching and a line. Out: an Explanation for notebooks and pages. Bank text is escaped wherever it could
be taken for markup. Altair is imported only when a chart is asked for.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import polars as pl

from recon.errors import UsageError
from recon.match import say_probability
from recon.money import show
from recon.schema import Matching

_REASONS = {
    "nothing_fits": "No document fits this line.",
    "tie": "Documents or lines fit equally well; choosing between them is yours.",
    "below_threshold": "Nothing is more likely than not.",
    "needs_rule": "This looks like a fee or interest: book it to an account.",
}


@dataclass(frozen=True)
class Explanation:
    """`words` for reading, `evidence` (EVIDENCE of the best proposal, empty where there is none), `.chart` to see."""

    line_id: str
    words: str
    proposal_id: str | None
    prior: float | None
    score: float | None
    evidence: pl.DataFrame

    @property
    def chart(self) -> Any:
        """An Altair waterfall in log2 odds, from the prior to the score. None where there is no proposal."""
        if self.prior is None:
            return None
        import altair as alt

        steps = waterfall(self.prior, self.evidence)
        order = steps["step"].to_list()
        colours = alt.Scale(domain=["for", "against", "sum"], range=["#3b7d5a", "#b5473c", "#6b7280"])
        bars = alt.Chart(alt.Data(values=steps.to_dicts()), mark="bar")
        bars = bars.encode(
            y=alt.Y("step:N", sort=order, title=None),
            x=alt.X("start:Q", title="log2 odds"),
            x2="end:Q",
            color=alt.Color("speaks:N", title=None, scale=colours),
            tooltip=[alt.Tooltip("words:N"), alt.Tooltip("weight:Q", format="+.1f")],
        )
        return bars.properties(width=420, height=alt.Step(22))

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.words)}</pre>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.words, "text/html": self._repr_html_()}

    def __repr__(self) -> str:
        return self.words


def waterfall(prior: float, evidence: pl.DataFrame) -> pl.DataFrame:
    """`step words weight start end speaks`: each weight begins where the one before ended; the last row is the sum."""
    first = pl.DataFrame(
        {"step": ["before any evidence"], "words": ["what a pair is worth unseen"], "weight": [prior]}
    )
    rows = evidence.select(step=pl.format("{}: {}", "feature", "level"), words="words", weight="weight")
    steps = pl.concat([first, rows]).with_columns(end=pl.col("weight").cum_sum())
    steps = steps.with_columns(
        start=pl.col("end") - pl.col("weight"),
        speaks=pl.when(pl.col("weight") < 0).then(pl.lit("against")).otherwise(pl.lit("for")),
    )
    total = pl.DataFrame({"step": ["score"], "words": ["all together"]}).with_columns(
        weight=pl.lit(steps["end"][-1]), end=pl.lit(steps["end"][-1]), start=pl.lit(0.0), speaks=pl.lit("sum")
    )
    columns = ["step", "words", "weight", "start", "end", "speaks"]
    return pl.concat([steps.select(columns), total.select(columns)])


def explain(result: Matching, line_id: str) -> Explanation:
    """Tell why this line got its best proposal, with the sum a reader can redo, and what else was possible.

    Raises UsageError for a line that was not part of the matching.
    """
    line = result.lines.filter(pl.col("line_id") == line_id)
    if line.is_empty():
        raise UsageError(
            f"There is no line {line_id} in this matching; take an id from result.lines.", line_id=line_id
        )
    proposals = _proposals_of(result, line_id)
    head = _line_words(line.row(0, named=True))
    unmatched = result.unmatched.filter(pl.col("line_id") == line_id)
    said = [head, *(_reason_words(row) for row in unmatched.iter_rows(named=True))]
    if proposals.is_empty():
        return Explanation(line_id, "\n".join(said), None, None, None, result.evidence.clear())
    best = proposals.row(0, named=True)
    evidence = result.evidence.filter(pl.col("proposal_id") == best["proposal_id"]).sort(
        "weight", "feature", descending=[True, False]
    )
    said += [_proposal_words(result, best), *_sum_words(best, evidence)]
    said += [f"Also possible: {_proposal_words(result, row)}" for row in proposals[1:].iter_rows(named=True)]
    return Explanation(line_id, "\n".join(said), best["proposal_id"], best["prior"], best["score"], evidence)


def _proposals_of(result: Matching, line_id: str) -> pl.DataFrame:
    ids = result.legs.filter(pl.col("line_id") == line_id).select("proposal_id").unique()
    return result.proposals.join(ids, on="proposal_id", how="semi").sort(
        "rank", "probability", "proposal_id", descending=[False, True, False]
    )


def _line_words(line: dict[str, Any]) -> str:
    amount = show(line["amount_minor"], line["currency"])
    return f"{line['booking_date']}  {amount}  {line['counterparty_name'] or ''}  {line['text']}"


def _reason_words(row: dict[str, Any]) -> str:
    return f"{_REASONS[row['reason']]} Chance that none of these is right: {row['none_probability']:.0%}."


def _proposal_words(result: Matching, proposal: dict[str, Any]) -> str:
    legs = result.legs.filter(pl.col("proposal_id") == proposal["proposal_id"])
    documents = result.items.select("item_id", "kind", "document_no", "counterparty_name")
    named = legs.join(documents, on="item_id", how="left")
    told = [
        f"{row['kind'].replace('_', ' ')} {row['document_no']} ({row['counterparty_name'] or 'no name'})"
        if row["kind"]
        else row["item_id"].replace("line:", "line ").replace("account:", "account ")
        for row in named.iter_rows(named=True)
    ]
    sure = say_probability(proposal["probability"]) + ("" if result.calibrated else ", not yet calibrated")
    return f"{sure}: {proposal['kind'].replace('_', ' ')}, {', '.join(told)}"


def _sum_words(proposal: dict[str, Any], evidence: pl.DataFrame) -> list[str]:
    rows = [f"  {weight:+6.1f}  {words}" for weight, words in evidence.select("weight", "words").iter_rows()]
    return [
        f"  {proposal['prior']:+6.1f}  before any evidence",
        *rows,
        f"  {proposal['score']:+6.1f}  together",
    ]
