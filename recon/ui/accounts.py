"""A bank account in a row: whether it is up to date and why not, its ERP account, and its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl
import streamlit as st

from recon.flow.accounts import change_account
from recon.flow.overview import AccountState
from recon.ui.frame import flash, guard, moment, plain, store, user
from recon.ui.tables import badge_lines, count, day, span, two_lines

Colour = Literal["green", "orange", "red", "gray", "blue"]

CALENDAR = "DD-MM-YYYY"
START_HELP = (
    "Nothing older is downloaded. Most choose the first day of the financial year, or the day after the last "
    "statement that is in the books already. Empty: everything the bank still has, two years at most."
)
ERP_HELP = "The ledger account that stands for this bank account. Nothing can be posted before it is chosen."


@dataclass(frozen=True)
class Freshness:
    """How well an account is fetched: a label in a colour, and the reason or time behind it."""

    label: str
    colour: Colour
    icon: str
    words: str


_OUTCOMES: dict[str, tuple[str, Colour, str]] = {
    "needs_login": ("Needs a login", "red", ":material/lock:"),
    "failed": ("Fetch failed", "red", ":material/error:"),
    "limited": ("Bank said wait", "orange", ":material/hourglass_top:"),
    "partial": ("Incomplete", "orange", ":material/warning:"),
}
_ENDED: dict[str, tuple[str, Colour, str]] = {
    "needs_login": ("Needs a login", "red", ":material/lock:"),
    "expired": ("Access ended", "red", ":material/lock_clock:"),
    "revoked": ("Disconnected", "gray", ":material/link_off:"),
}


def freshness(account: AccountState) -> Freshness:
    """What may honestly be said of an account: up to date only after a complete fetch within a day."""
    if not account.on:
        return Freshness("Off", "gray", ":material/pause:", "Not fetched until it is switched on.")
    if account.consent_id is None:
        last = f"Lines until {day(account.last_day)}." if account.last_day else "No lines yet."
        return Freshness("From files", "blue", ":material/description:", last)
    if account.fresh:
        return Freshness(
            "Up to date", "green", ":material/check_circle:", f"Fetched {moment(account.last_success_at)}"
        )
    if account.consent_status in _ENDED:
        label, colour, icon = _ENDED[account.consent_status]
        return Freshness(label, colour, icon, f"No newer lines arrive. {_last_good(account)}")
    if account.outcome in _OUTCOMES:
        label, colour, icon = _OUTCOMES[account.outcome]
        tried = f"Tried {moment(account.last_tried_at)}. {account.reason or ''}"
        return Freshness(label, colour, icon, f"{tried} {_last_good(account)}".strip())
    if account.last_tried_at is None:
        return Freshness("Not fetched yet", "gray", ":material/schedule:", "The first fetch is on its way.")
    return Freshness("Older than a day", "orange", ":material/update:", _last_good(account))


def _last_good(account: AccountState) -> str:
    if account.last_success_at is None:
        return "Never fetched completely."
    return f"Last complete fetch {moment(account.last_success_at)}."


def show_freshness(account: AccountState) -> None:
    """The label and its words."""
    told = freshness(account)
    badge_lines(told.label, told.icon, told.colour, told.words)


def show_identity(account: AccountState) -> None:
    """Name, number, currency, and which lines are here."""
    days = span(account.first_day, account.last_day)
    facts = [account.masked, account.currency, count(account.lines, "line"), days]
    two_lines(account.name, " · ".join(fact for fact in facts if fact))


def show_erp_account(account: AccountState, chart: pl.DataFrame) -> None:
    """The ERP account by number and name, or that it is missing."""
    if account.erp_account is None:
        words = "Nothing of this account can be posted."
        badge_lines("ERP account missing", ":material/report:", "red", words)
        return
    names = dict(chart.select("number", "name").iter_rows())
    two_lines(f"ERP account {account.erp_account}", names.get(account.erp_account, "no longer in the chart"))


def erp_choice(
    label: str, chart: pl.DataFrame, chosen: str | None, *, key: str, hidden: bool = False
) -> str | None:
    """A choice of ERP account, accounts of the kind bank first; None while none is chosen."""
    order = chart.sort((pl.col("kind") != "bank"), "number")
    names = {number: f"{number} · {name}" for number, name in order.select("number", "name").iter_rows()}
    numbers = list(names)
    return st.selectbox(
        label,
        numbers,
        index=numbers.index(chosen) if chosen in names else None,
        format_func=lambda number: names[number],
        placeholder="Choose the ERP account",
        help=ERP_HELP,
        label_visibility="collapsed" if hidden else "visible",
        key=key,
    )


@st.dialog("Account settings")
def account_settings(account: AccountState) -> None:
    """The form of one account's settings; saves and closes."""
    key = f"bank_accounts_{account.account_id}"
    st.caption(plain(" · ".join(fact for fact in (account.bank, account.masked, account.currency) if fact)))
    with st.form(f"{key}_form", border=False):
        number = erp_choice(
            "ERP account (the most important)",
            store().erp_accounts(),
            account.erp_account,
            key=f"{key}_erp_account",
        )
        name = st.text_input("Name", account.name, max_chars=80, key=f"{key}_name")
        start = st.date_input(
            "Start date",
            account.sync_from,
            max_value=store().clock.today(),
            format=CALENDAR,
            help=START_HELP,
            key=f"{key}_sync_from",
        )
        on = st.toggle(
            "Fetch this account",
            account.on,
            disabled=account.consent_id is None,
            help="Off: what is here stays, and nothing new is fetched.",
            key=f"{key}_on",
        )
        saved = st.form_submit_button("Save", type="primary", key=f"{key}_save")
    if account.lines:
        st.caption("Lines that are here already stay, whatever the start date.")
    if saved:
        given: dict[str, object] = {"erp_account": number, "sync_from": start, "is_on": on}
        if name.strip() != account.name:
            given["name"] = name.strip() or None
        with guard():
            _save(account, given)


def _save(account: AccountState, given: dict[str, object]) -> None:
    """Keep the settings and close the dialog; it stays open with what was refused."""
    changed = change_account(store(), account.account_id, given, by=user())
    words = {"erp_account": "ERP account", "name": "name", "sync_from": "start date", "is_on": "on or off"}
    told = ", ".join(words[one] for one in changed)
    flash(plain(f"{account.name}: {told} changed." if told else f"{account.name}: nothing changed."))
    st.rerun()
