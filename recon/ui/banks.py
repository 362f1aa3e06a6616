"""One bank on the Bank accounts page: its access with what is left of it, and its accounts in rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from recon.clock import BANK_ZONE
from recon.flow.connect import forget_consent
from recon.flow.overview import AccountState
from recon.flow.workspace import Store
from recon.ui.accounts import Colour, account_settings, show_erp_account, show_freshness, show_identity
from recon.ui.consent import login_link
from recon.ui.frame import flash, guard, plain, store, user
from recon.ui.tables import badge_lines, count, day, nothing_yet, two_lines

_STATUS: dict[str, tuple[str, Colour, str]] = {
    "connecting": ("Not confirmed yet", "orange", ":material/pending:"),
    "active": ("Connected", "green", ":material/check_circle:"),
    "expiring": ("Ends soon", "orange", ":material/hourglass_bottom:"),
    "needs_login": ("Needs a login", "red", ":material/lock:"),
    "expired": ("Ended", "red", ":material/lock_clock:"),
    "revoked": ("Disconnected", "gray", ":material/link_off:"),
}


@dataclass(frozen=True)
class Bank:
    """One access with its accounts; `consent` is a row of CONSENTS, None for accounts that come from files."""

    name: str
    consent: dict[str, Any] | None
    accounts: list[AccountState]


def banks(store: Store, accounts: list[AccountState], confirming: str | None = None) -> list[Bank]:
    """Accounts by access, then those from files; an access that nothing hangs on shows only while connecting.

    confirming: the access whose accounts are being confirmed above, so that it is not shown twice.
    """
    found = []
    for consent in store.consents().to_dicts():
        own = [account for account in accounts if account.consent_id == consent["consent_id"]]
        waits = consent["status"] == "connecting" and consent["consent_id"] != confirming
        if own or waits:
            found.append(Bank(consent["bank"], consent, own))
    from_files = [account for account in accounts if account.consent_id is None]
    return found + ([Bank("From files", None, from_files)] if from_files else [])


def show_bank(bank: Bank) -> None:
    """The bank's card."""
    with st.container(border=True):
        title, status, actions = st.columns([2.6, 2.6, 2.4], vertical_alignment="center")
        with title:
            owners = ", ".join(sorted({account.owner for account in bank.accounts if account.owner}))
            two_lines(bank.name, owners)
        if bank.consent is None:
            status.caption("These accounts are not linked to a bank; their lines come from files you import.")
        else:
            with status:
                _show_status(bank.consent)
            with actions.container(horizontal=True, horizontal_alignment="right"):
                _show_actions(bank.consent)
        chart = store().erp_accounts()
        for account in bank.accounts:
            with st.container(border=True):
                _show_account(account, chart)


def _show_status(consent: dict[str, Any]) -> None:
    label, colour, icon = _STATUS[consent["status"]]
    words = ""
    if consent["status"] in ("active", "expiring", "expired") and consent["expires_at"]:
        ends = day(consent["expires_at"].astimezone(BANK_ZONE).date())
        left = f"{count(consent['days_left'], 'day')} left, until {ends}"
        words = f"Access ended {ends}" if consent["status"] == "expired" else left
    badge_lines(label, icon, colour, words)


def _show_actions(consent: dict[str, Any]) -> None:
    consent_id, key = consent["consent_id"], f"bank_accounts_{consent['consent_id']}"
    if consent["status"] == "connecting":
        if st.button("Choose accounts", type="primary", key=f"{key}_choose"):
            st.query_params.update({"login": "connected", "consent": consent_id})
            st.rerun()
    elif consent["status"] == "revoked":
        if store().settings.viia_on:
            login_link("Connect again", key=f"again-{consent_id}")
        return
    elif store().settings.viia_on:
        urgent = consent["status"] != "active"
        login_link("Renew access", consent_id, key=f"renew-{consent_id}", primary=urgent)
    if st.button("Disconnect", icon=":material/link_off:", type="tertiary", key=f"{key}_disconnect"):
        _disconnect(consent_id, consent["bank"])


def _show_account(account: AccountState, chart: pl.DataFrame) -> None:
    identity, ledger, fetched, actions = st.columns([2.6, 2.6, 2.4, 1], vertical_alignment="center")
    with identity:
        show_identity(account)
    with ledger:
        show_erp_account(account, chart)
    with fetched:
        show_freshness(account)
    with actions.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            "Settings",
            icon=":material/tune:",
            type="secondary" if account.erp_account else "primary",
            key=f"bank_accounts_{account.account_id}_settings",
        ):
            account_settings(account)


@st.dialog("Disconnect the bank?")
def _disconnect(consent_id: str, bank: str) -> None:
    st.markdown(
        f"recon forgets its access to **{plain(bank)}** at once and fetches nothing more from it. "
        "All lines, matches and postings stay as they are."
    )
    st.markdown(
        "The permission itself can only be taken back by you at Viia: open the Viia Hub at **app.aiia.eu**, "
        "choose *Services*, and remove the access of this program there."
    )
    with st.container(horizontal=True):
        if st.button("Disconnect", type="primary", key="bank_accounts_disconnect_yes"):
            with guard():
                forget_consent(store(), consent_id, by=user())
                flash(
                    f"{plain(bank)} is disconnected. Everything fetched so far stays.",
                    icon=":material/power_off:",
                )
                st.rerun()
        if st.button("Keep it", key="bank_accounts_disconnect_no"):
            st.rerun()


def switched_off() -> None:
    """What the page says where no bank connection is set up."""
    st.info(
        "The connection to banks through Viia is switched off in this installation. Statements come from files: "
        "camt.053 files as every bank offers them.",
        icon=":material/power_off:",
    )


def no_accounts() -> None:
    """What the page says before there is any account."""
    nothing_yet(
        "**No bank account yet.** Choose *New bank account* to connect one, or import a statement file: its account "
        "appears here by itself.",
        page="pages/documents.py",
        label="Import a statement file",
        icon=":material/upload_file:",
    )
