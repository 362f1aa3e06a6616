"""The queue "Look over" on the Review page: matches that recon made by itself, drawn by lot, one at a time."""

from __future__ import annotations

import streamlit as st

from recon.flow.sampling import Drawn, say_right, say_wrong, to_look_over
from recon.ui import desk
from recon.ui.frame import flash, guard, moment, money, plain, store, user
from recon.ui.say import share, who
from recon.ui.tables import count, day


def look_over(version: str) -> None:
    """The next match to look over, with the two answers; nothing where none waits."""
    waiting = desk.remembered("look_over", version, lambda: to_look_over(store()))
    if not waiting:
        return
    label = f"Look over: {count(len(waiting), 'match', 'matches')} recon made by itself"
    with st.expander(label, icon=":material/fact_check:", key="review_look_over", expanded=True):
        st.caption("Drawn by lot. Your answer shows whether acting alone still holds.")
        with guard():
            _one(waiting[0])


def _one(drawn: Drawn) -> None:
    line = drawn.line
    st.markdown(f"**{plain(who(line))}** · {plain(money(line['amount_minor'], line['currency']))}")
    if line["counterparty_name"]:
        st.text(line["text"])
    for words, minor, currency in drawn.settles:
        st.markdown(f":material/subdirectory_arrow_right: {plain(words)}, {plain(money(minor, currency))}")
    for words in drawn.evidence:
        st.caption(plain(words))
    told = f"Booked {day(line['booking_date'])}, matched {moment(drawn.decided_at)} at {share(drawn.probability)}"
    st.caption(plain(told))
    with st.container(horizontal=True, vertical_alignment="center"):
        right = st.button("Right", icon=":material/check:", key=f"review_right_{drawn.decision_id}")
        wrong = st.button("Wrong", icon=":material/close:", key=f"review_wrong_{drawn.decision_id}")
        reason = st.text_input(
            "What is wrong", key=f"review_wrong_why_{drawn.decision_id}", placeholder="What is wrong",
            label_visibility="collapsed", width=170,
        )  # fmt: skip
    if right:
        say_right(store(), drawn.decision_id, by=user())
        st.rerun()
    if wrong:
        if say_wrong(store(), drawn.decision_id, by=user(), reason=reason or ""):
            flash("Undone. recon no longer accepts by itself; Settings says why.", ":material/block:")
        else:
            flash("Undone.")
        st.rerun()
