"""The Review page's dialogs: give a line to documents, book it to an account, accept several at once.

A dialog decides inside itself, so that what was typed stays when it is refused; once it is done it closes and
the page is drawn anew.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from recon.errors import AmountInexact
from recon.flow import queue, review
from recon.flow.candidates import Looked, legs_of
from recon.review.allocate import ACCOUNT
from recon.ui import desk
from recon.ui.choices import typed_amount
from recon.ui.frame import guard, money, plain, store, user
from recon.ui.say import DOCUMENTS, bare, in_short, maybe_amount, share, who
from recon.ui.tables import amount_column, count, day

_FOUND = {
    "document": st.column_config.TextColumn("Document", width="medium"),
    "party": st.column_config.TextColumn("Party", width="medium"),
    "due": st.column_config.TextColumn("Due", width="small"),
    "open": amount_column("Open", width="small"),
}
_BULK = {
    "date": st.column_config.TextColumn("Date", width="small"),
    "who": st.column_config.TextColumn("Counterparty", width="medium"),
    "amount": amount_column("Amount", width="small"),
    "sure": st.column_config.TextColumn("Sure", width="small", alignment="right"),
    "settles": st.column_config.TextColumn("Settles", width="large"),
    "note": st.column_config.TextColumn("Difference", width="small"),
}


def _close() -> None:
    desk.panel(None)


@st.dialog("Find documents", width="large", on_dismiss=_close)
def split(looked: Looked) -> None:
    """Give the line to documents found by search, several if need be; the rest shown as one types."""
    st.text(f"{who(looked.line)}   {money(looked.left_minor, looked.currency)}")
    words = st.text_input(
        "Search documents",
        key="review_find",
        type="search",
        live="300ms",
        placeholder="Number, party, reference or amount",
    )
    _found(looked, words or "")
    basket: dict[str, dict[str, Any]] = st.session_state["review_basket"]
    amounts, wrong = _amounts(looked, basket)
    number = _rest_account(looked)
    rest = looked.left_minor - sum(amounts.values())
    if number and rest:
        amounts[f"{ACCOUNT}{number}"] = rest
    _told_rest(looked, rest, number, wrong)
    reason = st.text_input(
        "Reason", key="review_split_reason", placeholder="Optional, kept with the decision"
    )
    form = desk.form("split", looked.line_id, sorted(amounts.items()))
    command = desk.command_id(form)
    over = rest * looked.left_minor < 0 and not number
    if st.button(
        "Give",
        key=f"review_split_give_{looked.line_id}",
        type="primary",
        disabled=not amounts or wrong or over,
        shortcut="Ctrl+Enter",
    ):
        with guard():
            made = review.allocate(
                store(),
                looked.line_id,
                amounts,
                by=user(),
                reason=reason or None,
                command_id=command,
                seen=looked.seen,
            )
            desk.decided(made, looked.line_id, f"Given: {money(looked.left_minor - rest, looked.currency)}")
            st.rerun()


@st.dialog("Book to an ERP account", width="medium", on_dismiss=_close)
def book(looked: Looked) -> None:
    """Book what is left of the line without a document."""
    st.text(f"{who(looked.line)}   {money(looked.left_minor, looked.currency)}")
    every, likely = queue.account_choices(store(), looked.line)
    with st.container(horizontal=True):
        for place, account in enumerate(likely[:5], start=1):
            if st.button(
                plain(f"{account.number} {account.name}"),
                key=f"review_likely_{account.number}_{looked.line_id}",
                shortcut=str(place),
            ):
                _book(looked, account.number, looked.left_minor, None)
    chosen = st.selectbox(
        "Account",
        every,
        index=None,
        format_func=lambda account: f"{account.number} {account.name}",
        key="review_book_account",
        placeholder="Type a number or a name",
    )
    typed = st.text_input(
        f"Amount in {looked.currency}",
        value=bare(abs(looked.left_minor), looked.currency),
        key=f"review_book_amount_{looked.line_id}",
        help="Less than what is left keeps the rest of the line open.",
    )
    reason = st.text_input("Reason", key="review_book_reason", placeholder="Optional, kept with the decision")
    booked = st.button(
        "Book",
        key=f"review_book_do_{looked.line_id}",
        type="primary",
        disabled=chosen is None,
        shortcut="Ctrl+Enter",
    )
    if booked and chosen:
        with guard():
            amount = typed_amount(typed or "", looked.currency, "The amount")
            _book(looked, chosen.number, amount if looked.left_minor > 0 else -amount, reason)


@st.dialog("Accept the ticked lines", width="large", on_dismiss=_close)
def bulk(lines: list[dict[str, Any]]) -> None:
    """A summary of what is about to be accepted; all of it or none."""
    proposals = list(dict.fromkeys(line["proposal_id"] for line in lines))
    legs = legs_of(store(), proposals)
    settles = {one: in_short(legs[one]) for one in proposals}
    st.dataframe(_summary(lines, settles), key="review_bulk_lines", column_config=_BULK, hide_index=True)
    sums: dict[str, int] = {}
    for line in lines:
        sums[line["currency"]] = sums.get(line["currency"], 0) + line["amount_minor"]
    total = " and ".join(money(minor, currency) for currency, minor in sums.items())
    least = share(min(line["probability"] for line in lines))
    st.text(
        f"{count(len(lines), 'line')} over {total}. The least certain: {least}. All are accepted, or none."
    )
    form = desk.form("bulk", *sorted(proposals))
    command = desk.command_id(form)
    if st.button(
        f"Accept {count(len(lines), 'line')}",
        key=f"review_bulk_do_{desk.shown_as(proposals)}",
        type="primary",
        shortcut="Ctrl+Enter",
    ):
        with guard():
            made = review.accept(store(), proposals, by=user(), command_id=command)
            st.session_state["review_ticked"] = set()
            desk.decided(made, lines[0]["line_id"], f"Accepted: {count(len(lines), 'line')}")
            st.rerun()


def _book(looked: Looked, number: str, amount: int, reason: str | None) -> None:
    form = desk.form("book", looked.line_id, number, amount)
    with guard():
        made = review.allocate(
            store(),
            looked.line_id,
            {f"{ACCOUNT}{number}": amount},
            by=user(),
            reason=reason or None,
            command_id=desk.command_id(form),
            seen=looked.seen,
        )
        desk.decided(made, looked.line_id, f"Booked: {money(amount, looked.currency)} to {number}")
        st.rerun()


def _found(looked: Looked, words: str) -> None:
    """Documents that fit the words; a tick puts one into the basket, another takes it out."""
    items = queue.find_items(
        store(), words, looked.currency, looked.left_minor, amount=maybe_amount(words, looked.currency)
    )
    if not items:
        st.info(
            "No open document fits. Try fewer letters, or import the document under Documents.",
            icon=":material/search:",
        )
        return
    ids = [item["item_id"] for item in items]
    basket = st.session_state["review_basket"]
    key = f"review_found_{desk.shown_as(ids)}"
    st.dataframe(
        pl.DataFrame(
            [
                {
                    "document": f"{DOCUMENTS[item['kind']]} {item['document_no']}",
                    "party": item["counterparty_name"] or "",
                    "due": day(item["due_date"] or item["issue_date"]),
                    "open": money(item["open_minor"], item["currency"]),
                }
                for item in items
            ]
        ),
        key=key,
        column_config=_FOUND,
        hide_index=True,
        row_height=29,
        height=29 * min(len(items), 6) + 38,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [row for row, one in enumerate(ids) if one in basket]}},
        on_select=partial(_ticked, key, items, looked),
    )


def _ticked(key: str, items: list[dict[str, Any]], looked: Looked) -> None:
    """Keep the basket in step with the ticks; a new document is given what is left, at most what it has open."""
    basket: dict[str, dict[str, Any]] = st.session_state["review_basket"]
    rows = set(st.session_state[key]["selection"]["rows"])
    for row, item in enumerate(items):
        if row in rows and item["item_id"] not in basket:
            basket[item["item_id"]] = item | {"suggested": _suggested(looked, item, basket)}
        elif row not in rows:
            basket.pop(item["item_id"], None)


def _suggested(looked: Looked, item: dict[str, Any], basket: dict[str, dict[str, Any]]) -> int:
    """What is left for a document, without sign; all it has open where it goes the other way, as a credit note."""
    rest = looked.left_minor - sum(_sign(one["open_minor"]) * _typed(one, looked) for one in basket.values())
    if rest * item["open_minor"] <= 0:
        return abs(item["open_minor"])
    return min(abs(rest), abs(item["open_minor"]))


def _typed(item: dict[str, Any], looked: Looked) -> int:
    """The amount typed for a document of the basket, without sign. Raises AmountInexact."""
    typed = st.session_state.get(f"review_give_{item['item_id']}")
    if typed is None:
        return item["suggested"]
    return typed_amount(typed, looked.currency, f"The amount for {item['document_no']}")


def _amounts(looked: Looked, basket: dict[str, dict[str, Any]]) -> tuple[dict[str, int], bool]:
    """An amount field a document; returns what each is given, in its own sign, and whether one cannot be read."""
    amounts: dict[str, int] = {}
    wrong = False
    for item in basket.values():
        words, field = st.columns([3, 2], vertical_alignment="center")
        words.text(
            f"{DOCUMENTS[item['kind']]} {item['document_no']}  {item['counterparty_name'] or ''}  "
            f"(open {money(item['open_minor'], item['currency'])})"
        )
        shown = bare(item["suggested"], item["currency"])
        field.text_input(
            f"Amount for {item['document_no']}",
            value=shown,
            key=f"review_give_{item['item_id']}",
            label_visibility="collapsed",
            live="300ms",
        )
        try:
            amounts[item["item_id"]] = _sign(item["open_minor"]) * _typed(item, looked)
        except AmountInexact as error:
            st.error(plain(error.words), icon=":material/block:")
            wrong = True
    return {one: amount for one, amount in amounts.items() if amount}, wrong


def _rest_account(looked: Looked) -> str | None:
    every, _ = queue.account_choices(store(), looked.line)
    chosen = st.selectbox(
        "The rest goes to",
        [None, *every],
        format_func=lambda account: f"{account.number} {account.name}" if account else "nowhere: stays open",
        key="review_rest_account",
    )
    return chosen.number if chosen else None


def _told_rest(looked: Looked, rest: int, number: str | None, wrong: bool) -> None:
    if wrong:
        return
    amount = money(abs(rest), looked.currency)
    if not rest:
        st.success("The line is used up, to the last unit.", icon=":material/check_circle:")
    elif number:
        st.info(
            plain(f"{amount} {'is short and' if rest * looked.left_minor < 0 else ''} goes to {number}."),
            icon=":material/book:",
        )
    elif rest * looked.left_minor < 0:
        st.error(
            plain(f"{amount} more than the line has. Give less, or choose an account for it."),
            icon=":material/block:",
        )
    else:
        st.info(plain(f"{amount} of the line stays open."), icon=":material/attach_file:")


def _summary(lines: list[dict[str, Any]], settles: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "date": day(line["booking_date"]),
                "who": who(line),
                "amount": money(line["amount_minor"], line["currency"]),
                "sure": share(line["probability"]),
                "settles": settles[line["proposal_id"]],
                "note": f"{money(line['difference_minor'], line['currency'])} {line['difference_kind']}"
                if line["difference_minor"]
                else "",
            }
            for line in lines
        ],
        schema=dict.fromkeys(_BULK, pl.String),
    )


def _sign(minor: int) -> int:
    return 1 if minor >= 0 else -1
