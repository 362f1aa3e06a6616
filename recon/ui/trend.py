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


def trend_chart(shares: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Bars of the matched share up to 100 %, one band a group; shares: `week share words group`."""
    recent = shares.filter(pl.col("week") > pl.max("week").dt.offset_by(f"-{SHOWN_WEEKS}w"))
    drawn = recent.with_columns(whole=pl.lit(1.0), week=pl.col("week").cast(pl.Datetime("ms")))
    week = alt.X(
        "yearmonthdate(week):O", title=None, axis=alt.Axis(format="%-d %b", labelAngle=0, labelOverlap=True)
    )
    share = alt.Y(
        "share:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", values=[0, 0.5, 1])
    )
    told = [
        alt.Tooltip("week:T", title="Week from", format="%-d %b %Y"),
        alt.Tooltip("share:Q", title="Matched", format=".0%"),
        alt.Tooltip("words:N", title="That is"),
        alt.Tooltip("group:N", title="Of"),
    ]
    whole = alt.Chart(drawn, mark=alt.MarkDef("bar", color="#e3e9ee"))
    whole = whole.encode(x=week, y=alt.Y("whole:Q", title=None), tooltip=told)
    matched = alt.Chart(drawn, mark=alt.MarkDef("bar", color="#1f5f8b"))
    matched = matched.encode(x=week, y=share, tooltip=told)
    layered = alt.layer(whole, matched).properties(height=180)
    if drawn["group"].n_unique() < 2:
        return layered
    return layered.facet(
        row=alt.Row("group:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left"))
    )
