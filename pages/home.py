"""Home: what to do next, whether the banks are up to date, what waits and what is open. Notices frame it."""

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.overview import Overview, overview
from recon.ui.accounts import show_erp_account, show_freshness, show_identity
from recon.ui.acting_alone import stopped_notice
from recon.ui.frame import guard, store
from recon.ui.steps import show_first_steps
from recon.ui.tables import amount_column, amounts, nothing_yet, show_table
from recon.ui.trend import matched_by_lines, matched_by_money, trend_charts


def show_figures(seen: Overview) -> None:
    """The counts of what waits."""
    booked, matched = seen.lines_booked, seen.lines_matched
    linked, fresh = len(seen.linked), sum(one.fresh for one in seen.linked)
    behind = f"{linked - fresh} behind" if fresh < linked else "all fetched within a day"
    review, share, overdue, banks = st.columns(4)
    with review:
        _figure(
            "Lines waiting for review",
            f"{seen.lines_waiting:,}",
            f"{seen.lines_proposed:,} with a suggestion",
        )
    with share:
        _figure("Lines matched", f"{matched / booked:.0%}" if booked else "–", f"{matched:,} of {booked:,}")
    with overdue:
        _figure("Documents overdue", f"{seen.documents_late:,}", f"of {seen.documents_open:,} open")
    with banks:
        known = behind if linked else "none is linked"
        _figure("Bank accounts up to date", f"{fresh} of {linked}" if linked else "–", known)


def _figure(label: str, value: str, words: str) -> None:
    st.metric(label, value, words, delta_color="off", delta_arrow="off", border=True)


def show_waiting(waiting: pl.DataFrame) -> None:
    """Money not matched yet, each currency for itself."""
    st.subheader("Not matched yet", anchor=False)
    if waiting.is_empty():
        nothing_yet("Nothing waits.")
        return
    show_table(
        waiting.with_columns(
            money_in=amounts(waiting["in_minor"], waiting["currency"], bare=True),
            money_out=amounts(waiting["out_minor"], waiting["currency"], bare=True),
        ),
        {
            "currency": cc.TextColumn("", width=60),
            "money_in": amount_column("Money in"),
            "money_out": amount_column("Money out"),
            "lines": cc.NumberColumn("Lines", width=70, format="localized"),
            "proposed": cc.NumberColumn("Suggested", width=90, format="localized"),
        },
        key="home_waiting",
    )
    st.page_link("pages/review.py", label="Review them", icon=":material/rule:")


def show_documents(documents: pl.DataFrame) -> None:
    """Documents not settled, each currency for itself."""
    st.subheader("Open documents", anchor=False)
    if documents.is_empty():
        nothing_yet(
            "No document is open.",
            page="pages/documents.py",
            label="Import documents",
            icon=":material/upload_file:",
        )
        return
    sums = ("receivable", "overdue", "payable", "overdue_payable")
    show_table(
        documents.with_columns(
            amounts(documents[f"{name}_minor"], documents["currency"], bare=True).alias(f"{name}_sum")
            for name in sums
        ),
        {
            "currency": cc.TextColumn("", width=60),
            "receivable_sum": amount_column("To receive"),
            "overdue_sum": amount_column("of it overdue"),
            "payable_sum": amount_column("To pay"),
            "overdue_payable_sum": amount_column("of it overdue"),
        },
        key="home_documents",
    )
    st.page_link("pages/documents.py", label="See the documents", icon=":material/description:")


def show_trend(weekly: pl.DataFrame) -> None:
    """The matched share by week."""
    title, choice = st.columns([3, 1], vertical_alignment="center")
    title.subheader("Matched, by week of booking", anchor=False)
    with choice.container(horizontal=True, horizontal_alignment="right"):
        measure = st.segmented_control(
            "Measure",
            ["Lines", "Money"],
            default="Lines",
            required=True,
            label_visibility="collapsed",
            key="home_measure",
        )
    shares = matched_by_money(weekly) if measure == "Money" else matched_by_lines(weekly)
    for group, chart in trend_charts(shares).items():
        if measure == "Money":
            st.caption(group)
        st.altair_chart(chart, width="stretch", key=f"home_trend_{group}")


def show_accounts(seen: Overview) -> None:
    """Each account with how fresh it is, honestly."""
    title, link = st.columns([3, 1], vertical_alignment="center")
    title.subheader("Bank accounts", anchor=False)
    with link.container(horizontal=True, horizontal_alignment="right"):
        st.page_link("pages/bank_accounts.py", label="Bank accounts", icon=":material/account_balance:")
    chart = store().erp_accounts()
    for account in seen.accounts:
        with st.container(border=True):
            identity, ledger, fetched = st.columns([2.6, 2, 2.4], vertical_alignment="center")
            with identity:
                show_identity(account)
            with ledger:
                show_erp_account(account, chart)
            with fetched:
                show_freshness(account)


st.title("Home", anchor=False)
with guard():
    seen = overview(store())
    stopped_notice(link=True)
    show_first_steps(seen.beginnings)
    if seen.beginnings["lines"] or seen.beginnings["items"]:
        show_figures(seen)
        left, right = st.columns(2, gap="medium")
        with left:
            show_waiting(seen.waiting)
        with right:
            show_documents(seen.documents)
    if seen.weekly.height:
        show_trend(seen.weekly)
    if seen.accounts:
        show_accounts(seen)
