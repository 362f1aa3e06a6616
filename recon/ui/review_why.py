"""Why a suggestion, on the Review page: how likely it, its runner-up and none are, and what speaks for and against."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.candidates import Apart, Candidate, Looked, distinguishes, runner_up
from recon.match.explain import Explanation
from recon.schema import EVIDENCE, conform
from recon.ui.frame import money, plain
from recon.ui.say import in_short, share, who
from recon.ui.tables import day

_ROW = 29
_SURE = 0.9
_WAYS = {"list": ":material/list: List", "waterfall": ":material/waterfall_chart: Waterfall"}
_SIDES = {
    "for": "speaks for this one",
    "against": "speaks against this one",
    "for other": "speaks for the other",
    "against other": "speaks against the other",
}


def shares(looked: Looked, one: Candidate, *, calibrated: bool) -> None:
    """How likely this candidate, the next one, and none of those shown are, side by side."""
    other = runner_up(looked, one)
    colour = "green" if one.probability >= _SURE else "orange"
    told = [f":{colour}-badge[This: {plain(share(one.probability))}]"]
    if other:
        told.append(f":gray-badge[Runner-up: {plain(share(other.probability))}]")
    told.append(f":gray-badge[None of these: {plain(share(looked.none_probability))}]")
    if not calibrated:
        told.append(":small[:gray[not yet calibrated]]")
    st.markdown(" ".join(told))


def rivals(looked: Looked, one: Candidate) -> None:
    """The runner-up and what tells it apart, and a line that asks for the same document."""
    if other := runner_up(looked, one):
        st.caption(plain(f"Runner-up: {in_short(other.legs)}, {share(other.probability)}."))
        apart = distinguishes(one, other)
        if apart:
            st.caption("\n".join(f"- {_apart(each)}" for each in apart))
        else:
            st.caption("Nothing tells the two apart.")
    if line := one.rival_line:
        amount = money(line["amount_minor"], line["currency"])
        asks = f"The line of {day(line['booking_date'])}, {who(line)}, {amount}, asks for the same document."
        st.caption(plain(asks))


def why(looked: Looked, one: Candidate) -> None:
    """The evidence as a list, or as a waterfall from what a pair is worth unseen to its score."""
    way = st.segmented_control(
        "Evidence",
        list(_WAYS),
        default="list",
        required=True,
        format_func=_WAYS.__getitem__,
        label_visibility="collapsed",
        key="review_why",
        persist_state="session",
    )
    if way == "waterfall":
        st.altair_chart(_waterfall(looked, one), width="stretch", key=f"review_waterfall_{one.proposal_id}")
    else:
        _list(one)


def _apart(each: Apart) -> str:
    return f"{plain(each.words)} *{_SIDES[each.side]}, {plain(f'{each.by:+.1f}')}*"


def _waterfall(looked: Looked, one: Candidate) -> Any:
    evidence = conform(pl.DataFrame(one.evidence, schema=EVIDENCE.schema), EVIDENCE)
    ordered = evidence.sort("weight", "feature", descending=[True, False])
    return Explanation(looked.line_id, "", one.proposal_id, one.prior, one.score, ordered).chart


def _list(one: Candidate) -> None:
    """The evidence, heaviest first, each with its weight in log2 odds: one more doubles the odds."""
    rows = [
        {
            "words": row["words"],
            "for": row["weight"] if row["weight"] > 0 else None,
            "against": -row["weight"] if row["weight"] < 0 else None,
        }
        for row in one.evidence
    ]
    speaks_against = any(row["against"] for row in rows)
    bar: dict[str, Any] = {"width": 82, "min_value": 0, "max_value": 16}
    columns = {
        "words": cc.TextColumn("Evidence", width=396 if speaks_against else 478),
        "for": cc.ProgressColumn("For", format="+%.1f", color="green", **bar),
    }
    if speaks_against:
        columns["against"] = cc.ProgressColumn("Against", format="−%.1f", color="red", **bar)
    st.dataframe(
        pl.DataFrame(rows, schema={"words": pl.String, "for": pl.Float64, "against": pl.Float64}),
        key=f"review_why_{one.proposal_id}",
        column_order=list(columns),
        column_config=columns,
        hide_index=True,
        row_height=_ROW,
    )
