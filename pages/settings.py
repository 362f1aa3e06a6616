"""Settings: how matching weighs, the company's rules, when it may act alone, who we are, and the ERP's accounts."""

from dataclasses import replace
from typing import get_args

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.workspace import Preferences, save_erp_accounts
from recon.money import MINOR_DIGITS, plain
from recon.post.chart import Kind, Roles
from recon.ui.acting_alone import show_alone
from recon.ui.choices import ROLES, keep, say_kept, typed_amount
from recon.ui.frame import flash, guard, store, user
from recon.ui.learning import show_learning
from recon.ui.match_now import match_now
from recon.ui.rule_editor import show_rules
from recon.ui.tables import count
from recon.ui.what_if import show_what_if

CONSENT_DAYS = {90: "90 days (the older rule)", 180: "180 days (the rule since 2023)"}
TEXTS = {
    "plain": "Plain: Invoice 1042 · Nordic A/S",
    "fenerum": "Fenerum: Bank Transfer - Invoice 1042 - Transaction …",
}


def show_matching(chosen: Preferences) -> None:
    """Bounds of the search and of what counts as equal."""
    policy = chosen.policy
    with st.form("settings_matching"):
        before, after, many = st.columns(3)
        days_before = before.number_input(
            "Days before the document", 0, 365, policy.days_before, key="settings_days_before",
            help="How early a payment may come, counted from the document's issue date.",
        )  # fmt: skip
        days_after = after.number_input(
            "Days after the due date", 0, 1000, policy.days_after, key="settings_days_after",
            help="How late a payment may come.",
        )  # fmt: skip
        per_line = many.number_input(
            "Suggestions a line, at most", 1, 20, policy.per_line, key="settings_per_line"
        )
        small, fee, band = st.columns(3)
        tolerance = small.text_input(
            "Small difference, up to", plain(policy.tolerance_minor, policy.base_currency),
            key="settings_tolerance", help="A rest up to this is called rounding. In the line's currency.",
        )  # fmt: skip
        fee_max = fee.text_input(
            "Bank fee, up to", plain(policy.fee_max_minor, policy.base_currency),
            key="settings_fee_max", help="The most that can be missing as a bank's fee. In the line's currency.",
        )  # fmt: skip
        fx_band = band.number_input(
            "Exchange rate band, %", 0.0, 20.0, 100 * policy.fx_band, 0.5, format="%.1f", key="settings_fx_band",
            help="How far an amount in another currency may lie from the day's rate.",
        )  # fmt: skip
        currencies = sorted(MINOR_DIGITS)
        base, _ = st.columns([1, 2])
        base_currency = base.selectbox(
            "Base currency", currencies, currencies.index(policy.base_currency), key="settings_base_currency"
        )
        st.caption("None of these accepts anything by itself; they decide what is suggested.")
        saved = st.form_submit_button("Save", type="primary", key="settings_matching_save")
    if saved:
        changed = replace(
            policy,
            days_before=int(days_before),
            days_after=int(days_after),
            per_line=int(per_line),
            tolerance_minor=typed_amount(tolerance, base_currency, "Small difference"),
            fee_max_minor=typed_amount(fee_max, base_currency, "Bank fee"),
            fx_band=round(fx_band / 100, 6),
            base_currency=base_currency,
        )
        keep(replace(chosen, policy=changed), "matching")
    say_kept("matching")
    show_match_again()


def show_match_again() -> None:
    """Run the engine, since choices take effect with its next run."""
    words, button = st.columns([3, 1], vertical_alignment="center")
    words.caption("Choices take effect when matching runs next: after each fetch and import, or now.")
    with button.container(horizontal=True, horizontal_alignment="right"):
        pressed = st.button("Match again now", icon=":material/join_inner:", key="settings_match")
    if pressed:
        done = match_now()
        flash(
            f"{count(done.proposals, 'suggestion')}; {count(done.auto, 'match', 'matches')} accepted by itself."
        )
        st.rerun()


def show_company(chosen: Preferences) -> None:
    """Who we are, how long a bank login holds, and how postings are worded."""
    with st.form("settings_company"):
        own, more = st.columns(2, gap="large")
        ids = own.text_area(
            "Our own numbers and names, one a line", "\n".join(chosen.own_ids), height=150, key="settings_own_ids",
            help="CVR or VAT number, EAN, and exact names. They tell which side of a document is ours.",
        )  # fmt: skip
        length = sorted({*CONSENT_DAYS, chosen.consent_days})
        days = more.radio(
            "A login at the bank holds for", length, length.index(chosen.consent_days),
            format_func=lambda days: CONSENT_DAYS.get(days, count(days, "day")), key="settings_consent_days",
            help="Counts where the bank announces no date itself.",
        )  # fmt: skip
        style = more.selectbox(
            "Posting texts", list(TEXTS), list(TEXTS).index(chosen.texts) if chosen.texts in TEXTS else 0,
            format_func=TEXTS.__getitem__, key="settings_texts",
        )  # fmt: skip
        saved = st.form_submit_button("Save", type="primary", key="settings_company_save")
    if saved:
        own_ids = tuple(dict.fromkeys(line.strip() for line in ids.splitlines() if line.strip()))
        keep(replace(chosen, own_ids=own_ids, consent_days=days, texts=style), "company")
    say_kept("company")


def show_roles(chosen: Preferences, chart: pl.DataFrame) -> None:
    """Which ERP account plays which part in a posting."""
    names = {number: f"{number} · {name}" for number, name in chart.select("number", "name").iter_rows()}
    with st.form("settings_roles"):
        given = {}
        columns = st.columns(3)
        for place, (role, (label, words)) in enumerate(ROLES.items()):
            number = getattr(chosen.roles, role)
            numbers = list(names) if number in names else [number, *names]
            given[role] = columns[place % 3].selectbox(
                label, numbers, numbers.index(number),
                format_func=lambda one: names.get(one, f"{one} · not in the chart"),
                help=words, key=f"settings_role_{role}",
            )  # fmt: skip
        st.caption("What is posted already stays as it is.")
        saved = st.form_submit_button("Save", type="primary", key="settings_roles_save")
    if saved:
        keep(replace(chosen, roles=Roles(**given)), "roles")
    say_kept("roles")


def show_chart(chart: pl.DataFrame) -> None:
    """The chart of ERP accounts, to edit in place."""
    st.caption(
        "The ledger accounts of your bookkeeping. Add a row at the end, or select rows and delete them; an account in "
        "use stays."
    )
    turn = st.session_state.setdefault("settings_chart_turn", 0)
    edited = st.data_editor(
        chart,
        column_config={
            "number": cc.TextColumn("Number", width="small", required=True, max_chars=20),
            "name": cc.TextColumn("Name", width="large", required=True, max_chars=120),
            "kind": cc.SelectboxColumn("Kind", options=list(get_args(Kind)), width="small", required=True),
        },
        num_rows="dynamic",
        hide_index=True,
        height=480,
        key=f"settings_chart_{turn}",
    )
    wanted = pl.DataFrame(edited).select(pl.col("number", "name", "kind").cast(pl.String))
    if st.button("Save the chart", type="primary", key="settings_chart_save"):
        keep_chart(chart, wanted)
    say_kept("chart")


def keep_chart(before: pl.DataFrame, after: pl.DataFrame) -> None:
    """Save the chart and say what was added, taken away and renamed."""
    numbers, were = set(after["number"]), set(before["number"])
    same = after.join(before, on="number", suffix="_before", how="inner").filter(
        (pl.col("name") != pl.col("name_before")) | (pl.col("kind") != pl.col("kind_before"))
    )
    told = [f"{number} added" for number in sorted(numbers - were, key=str)]
    told += [f"{number} taken away" for number in sorted(were - numbers)]
    told += [f"{number} changed" for number in same["number"]]
    if told:
        save_erp_accounts(store(), after, by=user())
        st.session_state["settings_chart_turn"] += 1
    st.session_state["settings_kept_chart"] = told
    st.rerun()


st.title("Settings", anchor=False)
with guard():
    chosen, chart = store().preferences(), store().erp_accounts()
    parts = st.tabs(
        [
            "Matching", "Rules", "What if", "Learning", "Acting alone", "Company", "Roles of ERP accounts",
            "Chart of accounts",
        ]
    )  # fmt: skip
    with parts[0], guard():
        show_matching(chosen)
    with parts[1], guard():
        show_rules(chosen)
    with parts[2], guard():
        show_what_if(chosen)
    with parts[3], guard():
        show_learning()
    with parts[4], guard():
        show_alone(chosen)
    with parts[5], guard():
        show_company(chosen)
    with parts[6], guard():
        show_roles(chosen, chart)
    with parts[7], guard():
        show_chart(chart)
