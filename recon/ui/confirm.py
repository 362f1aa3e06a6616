"""After the bank: a person confirms bank, owner and accounts, with their settings, before anything is fetched."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from recon.clock import BANK_ZONE
from recon.flow.accounts import Offered, link, offered, suggested_start
from recon.flow.connect import forget_consent
from recon.flow.overview import AccountState, account_states
from recon.ui.accounts import CALENDAR, ERP_HELP, START_HELP, erp_choice
from recon.ui.frame import flash, guard, plain, store, user
from recon.ui.tables import count, day, two_lines

_COLUMNS = (0.35, 2.3, 2.2, 2.6, 1.6)


def confirm_accounts(consent_id: str) -> None:
    """The step between the bank's yes and the first fetch; says that access is renewed where nothing is new."""
    found = store().consents().filter(consent_id=consent_id)
    if found.is_empty():
        st.warning(
            "This login is not known here. Nothing was linked; connect the bank again.",
            icon=":material/block:",
        )
        return
    with guard():
        offers = _offers(consent_id)
        known = {account.account_id: account for account in account_states(store())}
        fresh = [
            one
            for one in offers
            if one.account_id not in known or known[one.account_id].consent_id != consent_id
        ]
        renewed = found["status"][0] != "connecting"
        if renewed and not fresh:
            _say_renewed(found.row(0, named=True))
        elif not offers:
            st.warning(
                "The bank names no account for this login. Nothing was linked.", icon=":material/block:"
            )
        else:
            _form(consent_id, fresh if renewed else offers, known, renewed=renewed)


def _offers(consent_id: str) -> list[Offered]:
    """The accounts of this login; the bank is asked once in this browser session."""
    key = f"bank_accounts_offered_{consent_id}"
    if key not in st.session_state:
        with st.spinner("Asking the bank which accounts it shares…"):
            st.session_state[key] = offered(store(), consent_id)
    return st.session_state[key]


def _say_renewed(consent: dict[str, Any]) -> None:
    until = (
        f" until {day(consent['expires_at'].astimezone(BANK_ZONE).date())}" if consent["expires_at"] else ""
    )
    flash(f"Access to {plain(consent['bank'])} is renewed{until}; new lines are being fetched.")
    _leave(consent["consent_id"])


def _form(consent_id: str, offers: list[Offered], known: dict[str, AccountState], *, renewed: bool) -> None:
    bank, owners = offers[0].bank, sorted({one.owner for one in offers if one.owner})
    with st.form("bank_accounts_confirm"):
        st.subheader("More accounts to link" if renewed else "Confirm the accounts to link", anchor=False)
        st.markdown(
            f"**{plain(bank)}** lets recon read {count(len(offers), 'account')}"
            + (f" of **{plain(', '.join(owners))}**" if owners else "")
            + ". Tick those you keep books for, and say how. Nothing is fetched before you link them."
        )
        _headings()
        given = {one.account_id: _row(one, known.get(one.account_id)) for one in offers}
        st.caption(f":material/star: {ERP_HELP} It can also be chosen later.")
        with st.container(horizontal=True):
            yes = st.form_submit_button(
                "Link these accounts", type="primary", icon=":material/link:", key="bank_accounts_link"
            )
            no = st.form_submit_button("Do not link", key="bank_accounts_link_not")
    if yes:
        chosen = [one for one in offers if given[one.account_id] is not None]
        settings = {key: value for key, value in given.items() if value is not None}
        link(store(), consent_id, chosen, by=user(), settings=settings)
        flash(f"{count(len(chosen), 'account')} linked. The first lines are being fetched.")
        _leave(consent_id)
    if no and renewed:
        _leave(consent_id)
    elif no:
        forget_consent(store(), consent_id, by=user())
        flash("Nothing was linked, and this login was forgotten.", icon=":material/delete:")
        _leave(consent_id)


def _headings() -> None:
    words = ("", "Account at the bank", "Name here", ":material/star: ERP account", "Start date")
    helps = (None, None, None, ERP_HELP, START_HELP)
    for column, word, more in zip(st.columns(_COLUMNS), words, helps, strict=True):
        column.caption(word, help=more)


def _row(one: Offered, before: AccountState | None) -> dict[str, Any] | None:
    """The widgets of one account; its settings, or None where it is not ticked."""
    key = f"bank_accounts_confirm_{one.account_id}"
    tick, identity, named, ledger, starts = st.columns(_COLUMNS, vertical_alignment="center")
    wanted = tick.checkbox("Link", value=True, label_visibility="collapsed", key=f"{key}_tick")
    with identity:
        seen = f"{count(before.lines, 'line')} here" if before and before.lines else ""
        two_lines(
            one.name or "Account", " · ".join(fact for fact in (one.masked, one.currency, seen) if fact)
        )
    name = named.text_input(
        "Name",
        before.name if before else one.name or "",
        label_visibility="collapsed",
        max_chars=80,
        key=f"{key}_name",
    )
    with ledger:
        chosen = before.erp_account if before else None
        number = erp_choice(
            "ERP account", store().erp_accounts(), chosen, key=f"{key}_erp_account", hidden=True
        )
    start: date | None = starts.date_input(
        "Start date",
        before.sync_from if before else suggested_start(store().clock.today()),
        max_value=store().clock.today(),
        format=CALENDAR,
        label_visibility="collapsed",
        key=f"{key}_sync_from",
    )
    if not wanted:
        return None
    return {"name": name.strip() or None, "erp_account": number, "sync_from": start, "is_on": True}


def _leave(consent_id: str) -> None:
    """Clean the address and show the page again."""
    st.session_state.pop(f"bank_accounts_offered_{consent_id}", None)
    st.query_params.clear()
    st.rerun()
