"""The matched share over time, by the week a line was booked in."""

from __future__ import annotations

import altair as alt
import polars as pl

from recon.ui.frame import money

SHOWN_WEEKS = 26


def matched_by_lines(weekly: pl.DataFrame) -> pl.DataFrame:
    """`weekly` of all currencies together, in lines: `week share words group`."""
    summed = weekly.group_by("week").agg(pl.col("lines", "matched_lines").sum()).sort("week")
    return summed.select(
        "week",
        share=pl.col("matched_lines").cast(pl.Float64) / pl.col("lines").cast(pl.Float64),
        words=pl.format("{} of {} lines", "matched_lines", "lines"),
        group=pl.lit("Lines"),
    )


def matched_by_money(weekly: pl.DataFrame) -> pl.DataFrame:
    """`weekly` in money, each currency for itself: `week share words group`."""
    moved = weekly.filter(pl.col("moved_minor") > 0).sort("currency", "week")
    words = [
        f"{money(row['matched_minor'], row['currency'])} of {money(row['moved_minor'], row['currency'])}"
        for row in moved.to_dicts()
    ]
    return moved.select(
        "week",
        share=pl.col("matched_minor").cast(pl.Float64) / pl.col("moved_minor").cast(pl.Float64),
        words=pl.Series(words, dtype=pl.String),
        group=pl.col("currency"),
    )


def trend_charts(shares: pl.DataFrame) -> dict[str, alt.LayerChart | alt.FacetChart]:
    """A chart a group, by its name, all over the same last weeks; shares: `week share words group`."""
    recent = shares.filter(pl.col("week") > pl.max("week").dt.offset_by(f"-{SHOWN_WEEKS}w"))
    drawn = recent.with_columns(whole=pl.lit(1.0), label=pl.col("week").dt.strftime("%-d %b"))
    weeks = drawn.sort("week")["label"].unique(maintain_order=True).to_list()
    return {group: _chart(drawn.filter(group=group), weeks) for group in drawn["group"].unique().sort()}


def _chart(drawn: pl.DataFrame, weeks: list[str]) -> alt.LayerChart | alt.FacetChart:
    """Bars of the matched share, each in front of its whole."""
    week = alt.X(
        "label:O",
        title=None,
        scale=alt.Scale(domain=weeks),
        axis=alt.Axis(labelAngle=0, labelOverlap=True),
    )
    share = alt.Y(
        "share:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", values=[0, 0.5, 1])
    )
    told = [
        alt.Tooltip("label:N", title="Week from"),
        alt.Tooltip("share:Q", title="Matched", format=".0%"),
        alt.Tooltip("words:N", title="That is"),
    ]
    frame = drawn.drop("week")
    whole = alt.Chart(frame, mark=alt.MarkDef("bar", color="#e3e9ee"))
    whole = whole.encode(x=week, y=alt.Y("whole:Q", title=None), tooltip=told)
    matched = alt.Chart(frame, mark=alt.MarkDef("bar", color="#1f5f8b"))
    matched = matched.encode(x=week, y=share, tooltip=told)
    return alt.layer(whole, matched).properties(height=150)
