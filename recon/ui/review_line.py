"""The right side of the Review page: one bank line, what may belong to it and why, and the decision."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow import queue
from recon.flow.candidates import Candidate, Looked
from recon.ui import desk
from recon.ui.frame import money, plain, store
from recon.ui.review_why import rivals, shares, why
from recon.ui.say import DIFFERENCES, bare, document, in_short, share, who
from recon.ui.tables import amount_column, day

_NOTHING = {
    "tie": "Several suggestions, or several lines, fit equally well. So none is preselected: choose, then accept.",
    "needs_rule": "A fee or interest of the bank: no document belongs to it. Book it to an account.",
    "below_threshold": "Only weak suggestions. Choose one if it is right, or find the document.",
    "nothing_fits": "No open document fits this line. Find one by search, or book the line to an account.",
}
_ROW = 29


def line_card(looked: Looked) -> None:
    """The bank line: who, how much, when, and every word the bank gave."""
    line = looked.line
    with st.container(border=True):
        words, amount = st.columns([3, 1.4])
        with words:
            st.markdown(f"**{plain(who(line))}**")
            if line["counterparty_name"]:
                st.text(line["text"])
            told = [looked.account_name, f"booked {day(line['booking_date'])}"]
            told += (
                [f"value {day(line['value_date'])}"]
                if line["value_date"] not in (None, line["booking_date"])
                else []
            )
            told += [line["kind"].replace("_", " ")] if line["kind"] not in (None, "unknown") else []
            told += [f"account {line['counterparty_account']}"] if line["counterparty_account"] else []
            told += [f"reference {line['creditor_reference']}"] if line["creditor_reference"] else []
            if line["original_minor"] and line["original_currency"] not in (None, line["currency"]):
                told += [f"originally {money(line['original_minor'], line['original_currency'])}"]
            st.caption(plain(" · ".join(told)))
        with amount:
            st.caption("Money in" if line["amount_minor"] > 0 else "Money out", text_alignment="right")
            shown = plain(money(looked.left_minor, looked.currency))
            st.markdown(f"#### {shown}", text_alignment="right", anchors=False)
            if looked.left_minor != line["amount_minor"]:
                whole = money(line["amount_minor"], looked.currency)
                st.caption(plain(f"left of {whole}"), text_alignment="right")


def candidates(looked: Looked) -> Candidate | None:
    """The suggestions as buttons 1 to 5; returns the one that is chosen."""
    picked = desk.chosen(looked)
    if not looked.candidates:
        words = _NOTHING.get(
            looked.reason if looked.reason in ("needs_rule", "nothing_fits") else "nothing_fits"
        )
        st.info(words, icon=":material/search:")
    elif picked is None:
        tie = looked.reason == "tie"
        st.info(
            _NOTHING["tie" if tie else "below_threshold"], icon=f":material/{'balance' if tie else 'search'}:"
        )
    if len(looked.candidates) > 1 or (looked.candidates and picked is None):
        with st.container(gap=None):
            for number, one in enumerate(looked.candidates[:5], start=1):
                _choice(number, one, chosen=one is picked)
    if picked is None and looked.candidates:
        st.caption(plain(f"None of these is right: {share(looked.none_probability)}."))
    return picked


def _choice(number: int, one: Candidate, *, chosen: bool) -> None:
    st.button(
        plain(f"{share(one.probability)}, {in_short(one.legs)}"),
        key=f"review_choose_{one.proposal_id}",
        icon=":material/radio_button_checked:" if chosen else ":material/radio_button_unchecked:",
        type="tertiary",
        shortcut=desk.key(str(number)),
        on_click=desk.choose,
        args=(one.proposal_id,),
    )


def proposal(looked: Looked, one: Candidate, *, calibrated: bool) -> str | None:
    """One candidate in full; returns the ERP account that its difference goes to, None where there is none."""
    with st.container(border=True):
        st.markdown(f"**{plain(in_short(one.legs))}**")
        shares(looked, one, calibrated=calibrated)
        _settles(one)
        for other in one.other_lines:
            amount = money(other["amount_minor"], other["currency"])
            st.caption(
                plain(f"Together with the line of {day(other['booking_date'])}: {who(other)}, {amount}")
            )
        account = _difference(looked, one)
        rivals(looked, one)
        why(looked, one)
    return account


def actions(looked: Looked, one: Candidate | None, account: str | None) -> None:
    """Accept, reject, find documents, book: each a key. Keys of the buttons name what they decide on."""
    reason = f"review_reason_{looked.line_id}"
    about = one.proposal_id if one else looked.line_id
    form = desk.form("accept", about, account)
    desk.command_id(form)
    seen = tuple(looked.seen.items())
    ids = (one.proposal_id,) if one else ()
    words = in_short(one.legs) if one else ""
    amount = money(looked.left_minor, looked.currency)
    told = f"Accepted: {amount}, {words}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Accept",
            key=f"review_accept_{about}",
            type="primary",
            disabled=one is None or (one.short and account is None),
            shortcut=desk.key("A"),
            on_click=desk.want,
            args=(desk.Intent("accept", ids, looked.line_id, form, account, seen, reason, told),),
        )
        st.button(
            "Reject",
            key=f"review_reject_{about}",
            disabled=one is None,
            shortcut=desk.key("X"),
            on_click=desk.want,
            args=(
                desk.Intent(
                    "reject",
                    ids,
                    looked.line_id,
                    desk.form("reject", about),
                    seen=seen,
                    reason_key=reason,
                    words=f"Rejected: {words}",
                ),
            ),
            help="These do not belong together. They are not proposed again.",
        )
        st.button(
            "Find",
            key="review_split",
            shortcut=desk.key("S"),
            on_click=desk.panel,
            args=("split",),
        )
        st.button("Book", key="review_book", shortcut=desk.key("B"), on_click=desk.panel, args=("book",))
        st.text_input(
            "Reason",
            key=reason,
            placeholder="Reason (optional)",
            label_visibility="collapsed",
            width=150,
        )


def moves(shown: queue.Bench, position: int, recent: list[dict[str, Any]]) -> None:
    """Up, down and back, in the corner."""
    ids, line_id = desk.last_decisions(recent)
    st.button(
        f"Undo {len(ids)}" if len(ids) > 1 else "Undo",
        key="review_undo_last",
        icon=":material/undo:",
        disabled=not ids,
        shortcut=desk.key("U"),
        on_click=desk.want,
        args=(desk.Intent("undo", tuple(ids), line_id, words="Undone: the last decision"),),
        help="Take your last decision back. What it booked is answered by a reversing journal.",
    )
    for name, label, letter, by in (("previous", "Previous", "K", -1), ("next", "Next", "J", 1)):
        st.button(
            label,
            key=f"review_{name}",
            shortcut=desk.key(letter),
            on_click=desk.step,
            args=(by, position, shown),
        )


def _settles(one: Candidate) -> None:
    """What the candidate settles, in the documents' own currency."""
    currencies = {leg.currency for leg in one.legs}
    unit = f" {one.legs[0].currency}" if len(currencies) == 1 else ""
    shown = bare if unit else money
    rows = [
        {
            "number": document(leg),
            "party": leg.party or "",
            "due": day(leg.due_date),
            "open": shown(leg.open_minor, leg.currency) if leg.kind != "account" else "",
            "settles": shown(leg.item_amount_minor, leg.currency),
            "stays": shown(leg.stays_minor, leg.currency) if leg.kind not in ("account", "line") else "",
        }
        for leg in one.legs
    ]
    columns = {
        "number": cc.TextColumn("Document", width=126),
        "party": cc.TextColumn("Party", width=106),
        "due": cc.TextColumn("Due", width=80),
        "open": amount_column(f"Open{unit}", width=84),
        "settles": amount_column("Settles", width=74),
        "stays": amount_column("Then open", width=80),
    }
    st.dataframe(
        pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)),
        key=f"review_legs_{one.proposal_id}",
        column_config=columns,
        hide_index=True,
        row_height=_ROW,
    )


def _difference(looked: Looked, one: Candidate) -> str | None:
    """What is over or short, and the account that takes it; the reviewer may choose another."""
    if not one.rest_minor:
        return None
    every, _ = queue.account_choices(store(), looked.line)
    chart = {account.number: account for account in every}
    usual = one.account.number if one.account else None
    amount = money(abs(one.rest_minor), looked.currency)
    words = (
        f"{amount} is missing and {DIFFERENCES.get(one.difference_kind, 'is not explained')}. It is booked to"
        if one.short
        else f"{amount} is left over and {DIFFERENCES.get(one.difference_kind, 'is not explained')}. It goes to"
    )
    open_too = not one.short and usual is None
    options = [*([None] if open_too else []), *chart]
    text, choice = st.columns([3, 2], vertical_alignment="center")
    text.markdown(plain(words))
    return choice.selectbox(
        "Account for the difference",
        options,
        index=options.index(usual) if usual in options else None,
        format_func=lambda number: f"{number} {chart[number].name}" if number else "nowhere: stays open",
        key=f"review_difference_{one.proposal_id}",
        placeholder="Choose an account",
        label_visibility="collapsed",
    )


def legend() -> None:
    """The keys, in small."""
    st.caption(
        "Keys: **A** accept · **X** reject · **J** / **K** next, previous · **1–5** choose · **S** find · "
        "**B** book · **U** undo · **T** accept ticked · **Ctrl+Enter** confirms a dialog, **Esc** leaves it"
    )
