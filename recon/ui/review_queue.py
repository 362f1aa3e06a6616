"""The left side of the Review page: what to show, the page of lines, and what is done to several at once."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from recon.flow import queue
from recon.ui import desk
from recon.ui.frame import moment, money, plain
from recon.ui.say import maybe_amount, share, short_day, who
from recon.ui.tables import count, day

_STATES = {"proposed": "Proposed", "tie": "Ties", "open": "No proposal", "all": "All"}
_ORDERS = {"certain": "Most certain first", "money": "Most money first", "oldest": "Oldest first"}
_ROW = 29
_COLUMNS = {
    "here": st.column_config.TextColumn("", width=20),
    "date": st.column_config.TextColumn("Date", width=50),
    "who": st.column_config.TextColumn("Counterparty", width=132),
    "amount": st.column_config.TextColumn("Amount", width=106, alignment="right"),
    "sure": st.column_config.TextColumn("Sure", width=46, alignment="right"),
}


def asked() -> queue.Ask:
    """What the filters say; they are drawn later, beside the counts they need."""
    state = st.session_state
    words = state.get("review_words") or ""
    return queue.Ask(
        order=state.get("review_order") or "certain",
        state=state.get("review_state") or "proposed",
        words=words,
        amount=maybe_amount(words, "DKK"),
        account_id=state.get("review_account"),
        page=state.get("review_page") or 1,
    )


def state(shown: queue.Bench) -> None:
    """What was just done, else what waits: one line, so that the list below stays where it is."""
    if told := desk.told():
        st.caption(f":material/check: {plain(told)}", wrap=False)
        return
    waiting = count(sum(shown.counts[name] for name in ("proposed", "tie", "open")), "open line")
    st.caption(f"{waiting} · matched {moment(shown.matched_at)}", wrap=False)


def match_again() -> None:
    """The button that runs the engine."""
    st.button(
        "Match again",
        key="review_match",
        icon=":material/sync:",
        help="Run the engine on all open lines and documents. Decisions stay as they are.",
        on_click=desk.want,
        args=(desk.Intent("match"),),
    )


def filters(shown: queue.Bench) -> None:
    """Which lines, in which order, of which account, holding which words."""
    show, order, account, search = st.columns([4.2, 2.2, 2, 2.6])
    kept: dict[str, Any] = {
        "label_visibility": "collapsed",
        "on_change": desk.from_the_start,
        "persist_state": "session",
    }
    show.segmented_control(
        "Show",
        list(_STATES),
        default="proposed",
        required=True,
        format_func=lambda name: f"{_STATES[name]} {shown.counts[name]:,}",
        key="review_state",
        **kept,
    )
    order.selectbox("Order", list(_ORDERS), format_func=_ORDERS.__getitem__, key="review_order", **kept)
    account.selectbox(
        "Account",
        [None, *shown.accounts],
        format_func=lambda one: shown.accounts[one] if one else "All accounts",
        key="review_account",
        **kept,
    )
    search.text_input("Search", key="review_words", type="search", placeholder="Text, name or amount", **kept)


def table(shown: queue.Bench, position: int) -> None:
    """The page of lines: a click looks at one, a tick marks it for accepting with others."""
    ids = [line["line_id"] for line in shown.lines]
    key = f"review_queue_{desk.shown_as(ids)}"
    ticked = st.session_state.setdefault("review_ticked", set())
    rows = [row for row, line_id in enumerate(ids) if line_id in ticked]
    st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    st.dataframe(
        _frame(shown.lines, position),
        key=key,
        hide_index=True,
        height=_ROW * len(ids) + 38,
        row_height=_ROW,
        column_config=_COLUMNS,
        selection_mode=["multi-row", "single-cell"],
        on_select=partial(_selected, key, ids),
    )


def below(shown: queue.Bench) -> None:
    """Turning pages, and the ticked lines of this one."""
    pages, button = st.columns([3, 2], vertical_alignment="center")
    if shown.pages > 1:
        key = f"review_pages_{shown.page}_{shown.pages}"
        with pages:
            st.pagination(
                shown.pages,
                default=shown.page,
                max_visible_pages=3,
                key=key,
                on_change=_turned,
                args=(key,),
            )
    ready = ticked_lines(shown)
    button.button(
        f"Accept {len(ready)} ticked" if ready else "Accept ticked",
        key="review_bulk",
        icon=":material/done_all:",
        disabled=not ready,
        width="stretch",
        shortcut=desk.key("T"),
        on_click=desk.panel,
        args=("bulk",),
        help="Tick lines in the list; you see a summary before anything is accepted.",
    )


def ticked_lines(shown: queue.Bench) -> list[dict[str, Any]]:
    """Lines of this page that are ticked and have a proposal."""
    ticked = st.session_state.get("review_ticked", set())
    return [line for line in shown.lines if line["line_id"] in ticked and line["proposal_id"]]


def pending(expected: list[dict[str, Any]]) -> None:
    """Money the bank only announces: shown in grey, never matched."""
    if not expected:
        return
    with st.expander(f"Pending at the bank: {len(expected)}", icon=":material/hourglass_empty:"):
        st.caption("Not booked yet, so it cannot be matched. It becomes a line once the bank books it.")
        for row in expected:
            amount = money(row["amount_minor"], row["currency"]) if row["currency"] else ""
            words = " · ".join(
                word
                for word in (day(row["booking_date"]), amount, who(row | {"text": row["text"] or ""}))
                if word
            )
            st.caption(plain(words))


def recent(decisions: list[dict[str, Any]]) -> None:
    """The last decisions, each with its way back."""
    if not decisions:
        return
    with st.expander("Recent decisions", icon=":material/history:"):
        for row in decisions:
            words, button = st.columns([4, 1], vertical_alignment="center")
            amount = money(row["amount_minor"], row["currency"]) if row["currency"] else ""
            told = " · ".join(
                word
                for word in (
                    _DONE[row["action"]],
                    amount,
                    who(row) if row["text"] else "",
                    "by itself" if row["auto"] else row["decided_by"],
                    moment(row["decided_at"]),
                    row["reason"] or "",
                )
                if word
            )
            words.caption(plain(told))
            button.button(
                "Undo",
                key=f"review_undo_{row['decision_id']}",
                type="tertiary",
                on_click=desk.want,
                args=(
                    desk.Intent(
                        "undo", (row["decision_id"],), row["line_id"], words=f"Undone: {amount or 'decision'}"
                    ),
                ),
            )


_DONE = {"accept": "Accepted", "reject": "Rejected", "allocate": "Given to documents", "book": "Booked"}


def withdrawn(lines: list[dict[str, Any]]) -> None:
    """Lines that the bank took back although they are matched: somebody has to decide."""
    for row in lines:
        words, button = st.columns([5, 1], vertical_alignment="center")
        amount = money(row["amount_minor"], row["currency"])
        words.warning(
            plain(
                f"The bank took back the line of {day(row['booking_date'])} over {amount} "
                f"(“{row['text'][:80]}”), which is matched. Undo the match, or ask the bank."
            ),
            icon=":material/undo:",
        )
        button.button(
            "Undo the match",
            key=f"review_withdrawn_{row['decision_id']}_{row['line_id']}",
            width="stretch",
            on_click=desk.want,
            args=(desk.Intent("undo", (row["decision_id"],), words=f"Undone: {amount}"),),
        )


def _frame(lines: list[dict[str, Any]], position: int) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "here": "▶" if row == position else "",
                "date": short_day(line["booking_date"]),
                "who": who(line),
                "amount": money(line["amount_minor"], line["currency"]),
                "sure": share(line["probability"]) or ("tie" if line["reason"] == "tie" else "–"),
            }
            for row, line in enumerate(lines)
        ],
        schema=dict.fromkeys(_COLUMNS, pl.String),
    )


def _selected(key: str, ids: list[str]) -> None:
    """Positions of the page that was shown, as line ids. A tick leaves the line that is looked at alone."""
    selection = st.session_state[key]["selection"]
    ticked = {ids[row] for row in selection["rows"]}
    if ticked != st.session_state["review_ticked"] & set(ids):
        st.session_state["review_ticked"] = ticked
    elif selection["cells"]:
        desk.go(ids[selection["cells"][0][0]])


def _turned(key: str) -> None:
    desk.from_the_start()
    st.session_state["review_page"] = st.session_state[key]


def nothing(shown: queue.Bench, ask: queue.Ask) -> None:
    """An empty list, and where to go from here."""
    if ask.words or ask.account_id:
        st.info("No open line fits the search.", icon=":material/search:")
    elif ask.state == "all" or not shown.counts["all"]:
        st.success("Every line is placed. Go on to Postings.", icon=":material/celebration:")
        st.page_link("pages/postings.py", label="Go to Postings", icon=":material/receipt_long:")
    else:
        rest = [
            f"{shown.counts[name]:,} under {_STATES[name]}"
            for name in ("proposed", "tie", "open")
            if shown.counts[name]
        ]
        st.info(f"Nothing left here. Still open: {', '.join(rest)}.", icon=":material/thumb_up:")
