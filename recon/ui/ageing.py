"""Charts of the Reconciliation page: how old what is open is, and how much is placed."""

from __future__ import annotations

import altair as alt
import polars as pl

from recon.money import to_decimal
from recon.review.progress import BUCKETS
from recon.ui.frame import money

_COLOURS = ["#9fbfd3", "#6f9fbd", "#3f7fa7", "#c98b4b", "#b4532a"]
_SIDES = {"receivable": "To receive", "payable": "To pay", "in": "Money in", "out": "Money out"}


def ageing_chart(aged: pl.DataFrame, counted: str, first: str) -> alt.FacetChart:
    """Bars by age, money in and out apart, a panel a currency; first: what the youngest age is called."""
    drawn = aged.select(
        "currency",
        counted,
        side=pl.col("side").replace(_SIDES),
        age=pl.col("age").cast(pl.String).replace(BUCKETS[0], first),
        # A chart takes no exact numbers; the words beside are exact.
        amount=pl.Series([float(to_decimal(row["open_minor"], row["currency"])) for row in aged.to_dicts()]),
        words=pl.Series([money(row["open_minor"], row["currency"]) for row in aged.to_dicts()]),
    )
    ages = [first, *BUCKETS[1:]]
    bars = alt.Chart(drawn, mark=alt.MarkDef("bar", cornerRadiusEnd=2)).encode(
        x=alt.X("age:N", sort=ages, title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("amount:Q", title=None, axis=alt.Axis(format="~s")),
        color=alt.Color("age:N", sort=ages, scale=alt.Scale(domain=ages, range=_COLOURS), legend=None),
        tooltip=[
            alt.Tooltip("side:N", title=""),
            alt.Tooltip("age:N", title="Days"),
            alt.Tooltip("words:N", title="Open"),
            alt.Tooltip(f"{counted}:Q", title="Count"),
        ],
    )
    return (
        bars.properties(width=330, height=150)
        .facet(
            column=alt.Column("side:N", title=None, sort=list(_SIDES.values())),
            row=alt.Row("currency:N", title=None),
        )
        .resolve_scale(y="independent")
    )


def ageing_table(aged: pl.DataFrame, counted: str, first: str) -> pl.DataFrame:
    """One row a side and currency, a column an age, and the sum: exact amounts as text."""
    rows = []
    for (side, currency), part in aged.group_by("side", "currency", maintain_order=True):
        cells = {
            str(row["age"]): money(row["open_minor"], str(currency)) if row[counted] else "–"
            for row in part.to_dicts()
        }
        total = money(int(part["open_minor"].sum()), str(currency))
        rows.append(
            {"side": _SIDES[str(side)], "count": int(part[counted].sum())}
            | {first: cells.pop(BUCKETS[0])}
            | cells
            | {"sum": total}
        )
    return pl.DataFrame(rows)
