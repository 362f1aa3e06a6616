"""Learning, on the Settings page: the model in use, the ones tried before, and the button that tries a new one."""

from __future__ import annotations

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.models import learnt, models, refit
from recon.ui.frame import moment, plain, store, user
from recon.ui.tables import count, moment_column, show_table

TABLE_ROWS = 10


def show_learning() -> None:
    """What weighs now, and whether decisions teach something better."""
    known = learnt(store())
    st.markdown(
        "recon weighs what speaks for and against a match. Stated weights begin; what you decide teaches better ones. "
        "A new model is used only if it beats the old one on your latest decisions, which neither has seen. What recon "
        "accepted by itself teaches only once a person looked it over."
    )
    now = (
        f"Model {known.version}, taught {moment(known.made_at)} by {known.by}"
        if known.version
        else "Stated weights"
    )
    st.markdown(f"In use: **{plain(now)}**. {count(known.decided, 'decided line')} to learn from.")
    if st.button("Learn from decisions", icon=":material/school:", type="primary", key="settings_refit"):
        with st.spinner("Learning, and asking both models about the latest decisions…"):
            st.session_state["settings_refitted"] = refit(store(), by=user())
        st.session_state.pop("settings_measured", None)
        st.rerun()
    if done := st.session_state.pop("settings_refitted", None):
        told = st.success if done.promoted else st.info
        told(plain(done.words), icon=":material/check_circle:" if done.promoted else ":material/info:")
    _show_tried(models(store()))


def _show_tried(tried: pl.DataFrame) -> None:
    if tried.is_empty():
        return
    state = (
        pl.when("in_use")
        .then(pl.lit("in use"))
        .when("promoted")
        .then(pl.lit("was used"))
        .otherwise(pl.lit("no better"))
    )
    show_table(
        tried.with_columns(state=state),
        {
            "made_at": moment_column("Tried", width=135),
            "version": cc.TextColumn("Model", width=125),
            "state": cc.TextColumn("", width=75),
            "by": cc.TextColumn("By", width=80),
            "decisions": cc.NumberColumn("Taught by", width=80, format="localized", help="decided lines"),
            "judged": cc.NumberColumn("Judged on", width=80, format="localized", help="decided lines"),
            "old_wrong": cc.NumberColumn("Wrong before", width=100),
            "new_wrong": cc.NumberColumn("now", width=60),
            "old_log_loss": cc.NumberColumn(
                "Surprise before", width=115, format="%.3f", help="bits a line; 0 is knowing"
            ),
            "new_log_loss": cc.NumberColumn("now", width=60, format="%.3f", help="bits a line; 0 is knowing"),
        },
        key="settings_models",
        rows=TABLE_ROWS,
    )
