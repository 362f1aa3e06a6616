"""The ERP's own documents: connect it once, pull what is open, see what changed. Nothing is ever written there."""

from __future__ import annotations

import streamlit as st

from recon.flow.pull import ERPS, Erp, Pulled, forget_access, has_access, is_kept, keep_access, pull
from recon.schema import findings_frame
from recon.ui.frame import flash, guard, plain, store, user
from recon.ui.match_now import match_now
from recon.ui.preview import show_findings
from recon.ui.tables import count


def show_erps(prefix: str) -> None:
    """A card for each ERP that can be read. `prefix` begins the widgets' keys: the page's name."""
    st.markdown(
        "Open documents straight from the bookkeeping, **read only**. Pulling again adds nothing twice: amounts follow "
        "the ERP, and a document that is no longer open there is told and kept."
    )
    st.caption(
        "These follow the published interfaces and were tried against stand-ins of them; compare the first pull with "
        "the ERP's own list of open documents."
    )
    places = [one for _ in range(0, len(ERPS), 2) for one in st.columns(2, gap="medium")]
    for erp, place in zip(ERPS.values(), places, strict=False):
        with place.container(border=True), guard():
            _card(prefix, erp)


def _card(prefix: str, erp: Erp) -> None:
    st.markdown(f"**{erp.title}**")
    st.caption(f"Reads {erp.reads}.")
    if not has_access(store(), erp.name):
        with st.expander("Connect", icon=":material/key:"):
            _form(prefix, erp)
        return
    with st.container(horizontal=True):
        pressed = st.button(
            "Pull open documents", type="primary", icon=":material/download:", key=f"{prefix}_pull_{erp.name}"
        )
        if is_kept(store(), erp.name) and st.button("Disconnect", key=f"{prefix}_forget_{erp.name}"):
            forget_access(store(), erp.name, by=user())
            flash(f"{erp.title} is disconnected; documents pulled before stay.")
            st.rerun()
    if pressed:
        _pull(prefix, erp)
    if done := st.session_state.get(f"{prefix}_pulled_{erp.name}"):
        _show(prefix, done)


def _form(prefix: str, erp: Erp) -> None:
    """The ERP's secrets; they go to the vault and are never shown again."""
    with st.form(f"{prefix}_connect_{erp.name}", border=False):
        told = {
            tail: st.text_input(label, type="password", key=f"{prefix}_{erp.name}_{tail}", autocomplete="off")
            for tail, label in erp.needs.items()
        }
        saved = st.form_submit_button("Keep in the vault", key=f"{prefix}_keep_{erp.name}")
    if saved:
        keep_access(store(), erp.name, told, by=user())
        flash(f"{erp.title} is connected.")
        st.rerun()


def _pull(prefix: str, erp: Erp) -> None:
    with st.spinner(f"Reading {erp.title} …"):
        done = pull(store(), erp.name, by=user())
        if done.new or done.changed:
            match_now()
    st.session_state[f"{prefix}_pulled_{erp.name}"] = done
    st.rerun()


def _show(prefix: str, done: Pulled) -> None:
    """What the last pull of this session brought."""
    read = f"{count(done.read, 'document')} read, {done.still_open:,} open"
    st.success(plain(f"{read}: {done.new:,} new, {done.changed:,} changed."), icon=":material/check_circle:")
    show_findings(findings_frame(done.findings), f"{prefix}_pulled_{done.erp}")
