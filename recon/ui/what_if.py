"""What if, on the Settings page: another tolerance, window, rules or risk, tried on the last twelve months."""

from __future__ import annotations

from dataclasses import fields, replace

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.whatif import Counts, WhatIf, what_if
from recon.flow.workspace import Preferences
from recon.money import plain as bare
from recon.policy import Policy
from recon.ui.choices import keep, say_kept, typed_amount
from recon.ui.frame import store
from recon.ui.tables import amount_column, amounts, count, day, day_column, show_table

SHOWN_LINES = 200
TABLE_ROWS = 10
_COUNTS = {
    "lines": "Lines replayed",
    "proposed": "With a first choice",
    "alone": "Could be accepted alone",
    "decided": "Decided by people",
    "right": "First choice right",
    "wrong": "First choice wrong",
    "missed": "No first choice, though people found documents",
    "alone_right": "Alone and right",
    "alone_wrong": "Alone and wrong",
}


def show_what_if(chosen: Preferences) -> None:
    """Try other bounds before they are used."""
    st.markdown(
        "Try other bounds on the last twelve months: what would have been suggested, and was it what you decided? "
        "Nothing is saved until you use them."
    )
    tried = _form(chosen.policy)
    if tried:
        with st.spinner("Replaying twelve months, twice…"):
            st.session_state["settings_tried"] = (chosen.policy, tried, what_if(store(), tried))
    say_kept("what_if")
    before, policy, told = st.session_state.get("settings_tried", (None, None, None))
    if told is None:
        return
    if before != chosen.policy:
        st.info("The settings changed since this was tried. Try again.", icon=":material/info:")
        return
    _show(told)
    if policy == chosen.policy:
        st.caption("These are the settings in use.")
    elif st.button("Use these", type="primary", icon=":material/check:", key="settings_try_use"):
        st.session_state.pop("settings_tried")
        keep(replace(chosen, policy=policy), "what_if")


def _form(policy: Policy) -> Policy | None:
    """The policy to try, once the button was pressed."""
    with st.form("settings_what_if"):
        before, after, small, fee, risk = st.columns(5)
        days_before = before.number_input(
            "Days before the document", 0, 365, policy.days_before, key="settings_try_days_before"
        )
        days_after = after.number_input(
            "Days after the due date", 0, 1000, policy.days_after, key="settings_try_days_after"
        )
        currency = policy.base_currency
        tolerance = small.text_input(
            "Small difference, up to", bare(policy.tolerance_minor, currency), key="settings_try_tolerance"
        )
        fee_max = fee.text_input(
            "Bank fee, up to", bare(policy.fee_max_minor, currency), key="settings_try_fee_max"
        )
        auto_risk = risk.number_input(
            "Wrong matches borne, %", 0.01, 5.0, max(0.01, 100 * policy.auto_risk), 0.1, format="%.2f",
            key="settings_try_auto_risk",
        )  # fmt: skip
        rules = st.text_area(
            "Rules, one a line", "\n".join(policy.rules), height=100, key="settings_try_rules",
            help="As under Rules; the first that holds counts.",
        )  # fmt: skip
        pressed = st.form_submit_button(
            "Try on the last twelve months", icon=":material/science:", key="settings_try"
        )
    if not pressed:
        return None
    return replace(
        policy,
        days_before=int(days_before),
        days_after=int(days_after),
        tolerance_minor=typed_amount(tolerance, currency, "Small difference"),
        fee_max_minor=typed_amount(fee_max, currency, "Bank fee"),
        auto_risk=round(auto_risk / 100, 6),
        rules=tuple(dict.fromkeys(line.strip() for line in rules.splitlines() if line.strip())),
    )


def _show(told: WhatIf) -> None:
    st.caption(
        "Both columns know what these decisions taught, so both are kinder than the future will be: compare them "
        "with each other."
    )
    st.markdown(f"**Lines booked since {day(told.since)}**")
    narrow, _ = st.columns([3, 2])
    with narrow:
        show_table(
            _beside(told.now, told.then),
            {
                "what": cc.TextColumn("", width=320),
                "now": cc.NumberColumn("Now", width=75, format="localized"),
                "then": cc.NumberColumn("Then", width=75, format="localized"),
                "change": cc.NumberColumn("Change", width=80, format="%+d"),
            },
            key="settings_try_counts",
        )
    worse, better = (told.changed.filter(change=kind).height for kind in ("worse", "better"))
    st.markdown(f"**{count(told.changed.height, 'line')} would change**: {better:,} better, {worse:,} worse")
    if told.changed.height:
        _show_changed(told.changed)


def _beside(now: Counts, then: Counts) -> pl.DataFrame:
    rows = [
        {"what": _COUNTS[one.name], "now": getattr(now, one.name), "then": getattr(then, one.name)}
        for one in fields(Counts)
    ]
    change = pl.col("then") - pl.col("now")
    return pl.DataFrame(rows).with_columns(change=pl.when(change != 0).then(change))


def _show_changed(changed: pl.DataFrame) -> None:
    first = changed.head(SHOWN_LINES)
    alone = {
        name: pl.when(f"{name}_alone").then(pl.lit(" · alone")).otherwise(pl.lit(""))
        for name in ("now", "then")
    }
    show_table(
        first.with_columns(
            pl.coalesce("decided", pl.lit("nobody decided")),
            amount=amounts(first["amount_minor"], first["currency"]),
            who=pl.coalesce("counterparty_name", "text"),
            **{name: pl.coalesce(name, pl.lit("nothing")) + alone[name] for name in ("now", "then")},
        ),
        {
            "change": cc.TextColumn("", width=60),
            "booking_date": day_column("Booked", width=100),
            "amount": amount_column("Amount", width=120),
            "who": cc.TextColumn("Line", width=180),
            "now": cc.TextColumn("Now", width=180),
            "then": cc.TextColumn("Then", width=180),
            "decided": cc.TextColumn("People decided", width=160),
        },
        key="settings_try_changed",
        rows=TABLE_ROWS,
    )
    if changed.height > first.height:
        st.caption(f"The first {first.height} are shown.")
