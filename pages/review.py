"""Review: the open lines on the left, what belongs to the chosen one on the right, each decision a key."""

import streamlit as st

from recon.flow import queue
from recon.flow.candidates import look
from recon.ui import desk, review_dialogs, review_line, review_queue
from recon.ui.frame import store
from recon.ui.look_over import look_over
from recon.ui.tables import nothing_yet

desk.carry_out()
ask = review_queue.asked()
version = queue.version(store())
desk.at_version(version)
shown = desk.remembered("bench", (ask, version), lambda: queue.bench(store(), ask))
around = queue.around(store(), ask.account_id)

title, keys = st.columns([2, 3], vertical_alignment="center")
title.title("Review", anchor=False)
if not shown.known:
    nothing_yet(
        "There are no bank lines yet. Connect a bank or import a statement first.",
        page="pages/bank_accounts.py",
        label="Go to Bank accounts",
        icon=":material/account_balance:",
    )
    st.stop()

review_queue.withdrawn(around.withdrawn)
review_queue.filters(shown)
position = desk.place(shown.lines)
with keys.container(horizontal=True, horizontal_alignment="right"):
    review_line.moves(shown, position, around.recent)
    review_queue.match_again()

left, right = st.columns([6, 9], gap="medium")
with left:
    review_queue.state(shown)
    if shown.lines:
        review_queue.table(shown, position)
        review_queue.below(shown)
    else:
        review_queue.nothing(shown, ask)
    look_over(version)
    review_queue.pending(around.expected)
    review_queue.recent(around.recent)

line = shown.lines[position] if shown.lines else None
looked = look(store(), line["line_id"], line["candidates"]) if line else None
with right:
    if looked:
        review_line.line_card(looked)
        bar = st.container()
        picked = review_line.candidates(looked)
        account = review_line.proposal(looked, picked, calibrated=shown.calibrated) if picked else None
        with bar:
            review_line.actions(looked, picked, account)
    review_line.legend()

match st.session_state.get("review_panel"):
    case "split" if looked:
        review_dialogs.split(looked)
    case "book" if looked:
        review_dialogs.book(looked)
    case "bulk" if ticked := review_queue.ticked_lines(shown):
        review_dialogs.bulk(ticked)
