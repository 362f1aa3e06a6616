"""Reconciliation: do the books agree with the bank, how much is matched, and how old is the rest."""

from typing import Any

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.reconciliation import Reconciliation, reconciliation
from recon.review.progress import BUCKETS
from recon.ui.ageing import ageing_chart, ageing_table
from recon.ui.frame import guard, money, plain, store
from recon.ui.tables import (
    amount_column,
    amounts,
    count,
    day_column,
    moment_column,
    nothing_yet,
    show_table,
)


def show_proof(seen: Reconciliation) -> None:
    """Opening + lines = closing, a table an account; then every break in words."""
    st.caption("Opening balance plus our own lines must give the closing balance that the bank states.")
    if seen.proof.is_empty():
        nothing_yet(
            "No bank balance is known yet. Statements in camt.053 or MT940 carry one; so does the running "
            "balance of many CSV files.",
            page="pages/bank_accounts.py",
            label="Import a statement",
            icon=":material/upload_file:",
        )
    for (account_id, currency), statements in seen.proof.group_by(
        "account_id", "currency", maintain_order=True
    ):
        _show_account(seen.names.get(str(account_id), ""), str(account_id), str(currency), statements)
    if seen.breaks.height:
        st.subheader(count(seen.breaks.height, "break"), anchor=False)
        _show_findings(seen.breaks, key="reconciliation_breaks")
    elif seen.proof.height:
        st.success("No break: every running balance follows from the one before.", icon=":material/check:")


def _show_account(name: str, account_id: str, currency: str, statements: pl.DataFrame) -> None:
    off = [minor for minor in statements["off_minor"] if minor]
    unstated = statements["off_minor"].null_count()
    title, badge = st.columns([3, 1], vertical_alignment="center")
    title.markdown(f"**{plain(name)}** · {currency}")
    with badge.container(horizontal=True, horizontal_alignment="right"):
        if off:
            st.badge(f"{count(len(off), 'statement')} off", icon=":material/error:", color="red")
        elif unstated == statements.height:
            st.badge("no balance stated", icon=":material/help:", color="gray")
        else:
            st.badge("ties", icon=":material/check:", color="green")
    shown = statements.with_columns(
        amounts(statements[f"{part}_minor"], statements["currency"], bare=True).alias(part)
        for part in ("opening", "lines", "closing")
    ).with_columns(
        off=pl.Series(
            [
                "not stated" if minor is None else "ties" if minor == 0 else money(minor, currency)
                for minor in statements["off_minor"]
            ]
        )
    )
    show_table(
        shown,
        {
            "statement_no": cc.TextColumn("Statement", width=90),
            "opening_date": day_column("From"),
            "opening": amount_column(f"Opening, {currency}"),
            "lines": amount_column("+ our lines"),
            "closing_date": day_column("To"),
            "closing": amount_column("= closing"),
            "off": amount_column("Missing"),
        },
        key=f"reconciliation_proof_{account_id}_{currency}",
        rows=8,
    )


def show_rate(seen: Reconciliation) -> None:
    """What is placed of what was booked, by account."""
    if seen.rate.is_empty():
        nothing_yet("No bank line is here yet.", page="pages/bank_accounts.py", label="Go to Bank accounts")
        return
    lines, matched = int(seen.rate["lines"].sum()), int(seen.rate["matched_lines"].sum())
    of_currency = seen.rate.group_by("currency", maintain_order=True).agg(
        pl.col("moved_minor", "matched_minor").sum()
    )
    figures = st.columns(max(3, of_currency.height + 1))
    figures[0].metric("Lines", f"{matched / lines:.0%}", f"{matched:,} of {lines:,}", **_QUIET)
    for figure, row in zip(figures[1:], of_currency.to_dicts(), strict=False):
        share = row["matched_minor"] / row["moved_minor"] if row["moved_minor"] else 0
        figure.metric(row["currency"], f"{share:.0%}", money(row["matched_minor"], row["currency"]), **_QUIET)
    rate = seen.rate.with_columns(
        account=pl.col("account_id").replace(seen.names),
        lines_share=100 * pl.col("matched_lines") / pl.col("lines"),
        money_share=100 * pl.col("matched_minor") / pl.col("moved_minor"),
        moved=amounts(seen.rate["moved_minor"], seen.rate["currency"]),
        matched=amounts(seen.rate["matched_minor"], seen.rate["currency"]),
    )
    show_table(
        rate,
        {
            "account": cc.TextColumn("Account"),
            "lines": cc.NumberColumn("Lines", format="localized", width=70),
            "matched_lines": cc.NumberColumn("Matched", format="localized", width=80),
            "lines_share": cc.ProgressColumn("of lines", format="%.0f %%", min_value=0, max_value=100),
            "moved": amount_column("Money moved"),
            "matched": amount_column("Placed"),
            "money_share": cc.ProgressColumn("of money", format="%.0f %%", min_value=0, max_value=100),
        },
        key="reconciliation_rate",
    )
    st.caption("Money is counted without its sign. A line counts as matched once nothing of it is left.")
    st.page_link("pages/review.py", label="Review the rest", icon=":material/rule:")


def show_ageing(aged: pl.DataFrame, counted: str, first: str, *, empty: str) -> None:
    """Bars and the exact figures beneath."""
    if aged.is_empty():
        nothing_yet(empty)
        return
    table = ageing_table(aged, counted, first)
    columns = {"side": cc.TextColumn(""), "count": cc.NumberColumn("Count", format="localized", width=60)}
    show_table(
        table,
        columns | {name: amount_column(name.capitalize()) for name in (first, *BUCKETS[1:], "sum")},
        key=f"reconciliation_{counted}",
    )
    st.altair_chart(ageing_chart(aged, counted, first), key=f"reconciliation_{counted}_chart")


def _show_findings(findings: pl.DataFrame, *, key: str) -> None:
    columns = {
        "severity": cc.TextColumn("", width=70),
        "words": cc.TextColumn("What", width="large"),
        "where": cc.TextColumn("Where", width="medium"),
    }
    if "origin" in findings.columns:
        columns |= {"origin": cc.TextColumn("From", width="medium"), "found_at": moment_column("Found")}
    show_table(findings, columns, key=key, rows=15)


_QUIET: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off", "border": True}

st.title("Reconciliation", anchor=False)
with guard():
    seen = reconciliation(store())
    proof, rate, lines, documents, findings = st.tabs(
        [
            "Balance proof",
            "Match rate",
            "Unmatched lines",
            "Open documents",
            f"Findings ({seen.findings.height})",
        ]
    )
    with proof:
        show_proof(seen)
    with rate:
        show_rate(seen)
    with lines:
        st.caption("Bank lines with money left to place, by days since they were booked.")
        show_ageing(seen.lines, "lines", "today", empty="No line waits.")
    with documents:
        st.caption("Documents not settled, by days past their due date. Amounts to pay are negative.")
        show_ageing(seen.documents, "documents", "not due", empty="No document is open.")
    with findings:
        if seen.findings.is_empty():
            nothing_yet("The imports and fetches so far gave no cause for remark.")
        else:
            _show_findings(seen.findings, key="reconciliation_findings")
