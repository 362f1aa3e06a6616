"""The Reconciliation page: the proof holds or says by how much it does not, and every figure is by currency."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from page_company import ACCOUNT, fill, proposal_of
from streamlit.testing.v1 import AppTest

from recon.flow import review
from recon.schema import BALANCES, findings_frame
from recon.schema import finding as found
from recon.store import statements


def table(app: AppTest, *columns: str) -> pl.DataFrame:
    """The table that has these columns."""
    return next(one.value for one in app.dataframe if set(columns) <= set(one.value.columns))


def test_an_empty_workspace_names_the_next_step(page):
    app = page("reconciliation")
    assert "No bank balance is known yet" in app.markdown[0].value
    assert not app.dataframe


def test_a_statement_that_ties_is_shown_with_its_sum(workspace, page):
    fill(workspace)
    app = page("reconciliation")
    proof = table(app, "opening", "lines", "closing", "off").to_dict("records")
    assert [(row["opening"], row["lines"], row["closing"], row["off"]) for row in proof] == [
        ("1,000.00", "7,267.50", "8,267.50", "ties")
    ]
    assert "No break" in app.success[0].value


def test_a_line_that_is_missing_is_told_by_its_amount(workspace, page):
    fill(workspace)
    with workspace.database.read() as c:
        told = statements.balances(c)
    later = pl.col("closing_date") + timedelta(days=5)
    gap = told.with_columns(
        statement_no=pl.lit("11"),
        opening_date=later,
        opening_minor=pl.col("closing_minor"),
        closing_date=later + timedelta(days=5),
        closing_minor=pl.col("closing_minor") - 12_345,
        booked_minor=pl.lit(-12_345, pl.Int64),
    ).select(BALANCES.columns)
    with workspace.database.write("test") as writer:
        statements.add_balances(writer.c, gap, "test", writer.at)
    app = page("reconciliation")
    assert table(app, "opening", "off")["off"].to_list() == ["-123.45 DKK", "ties"]
    assert table(app, "words")["words"].str.contains("-123.45 DKK").all()
    assert any("1 statement off" in each.value for each in app.markdown)


def test_the_match_rate_counts_lines_and_money(workspace, page):
    fill(workspace)
    review.accept(workspace, proposal_of(workspace, 119500), by="anna")
    app = page("reconciliation")
    figures = {metric.label: (metric.value, metric.delta) for metric in app.metric}
    assert figures == {"Lines": ("17%", "1 of 6"), "DKK": ("16%", "1,195.00 DKK")}
    rate = table(app, "lines_share", "money_share").to_dict("records")
    assert [(row["account"], row["moved"], row["matched"]) for row in rate] == [
        ("Drift", "7,463.50 DKK", "1,195.00 DKK")
    ]


def test_ageing_sums_up_to_what_is_open(workspace, page):
    fill(workspace)
    app = page("reconciliation")
    aged = [one.value for one in app.dataframe if "sum" in one.value.columns]
    sums = [(row["side"], row["count"], row["sum"]) for one in aged for row in one.to_dict("records")]
    assert sums == [
        ("Money out", 1, "-98.00 DKK"),
        ("Money in", 5, "7,365.50 DKK"),
        ("To receive", 6, "7,470.50 DKK"),
    ]


def test_findings_of_imports_name_accounts_as_a_person_does(workspace, page):
    fill(workspace)
    told = findings_frame(
        [found("warning", "held_back", f"account {ACCOUNT}", f"Two lines of {ACCOUNT} differ.")]
    )
    with workspace.database.write("test") as writer:
        statements.add_findings(writer.c, told, "drift.xml", writer.at)
    app = page("reconciliation")
    row = table(app, "words", "origin").to_dict("records")[0]
    assert (row["words"], row["where"], row["origin"]) == (
        "Two lines of Drift differ.",
        "account Drift",
        "drift.xml",
    )
