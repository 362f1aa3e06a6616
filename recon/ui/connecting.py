"""New bank account: the dialog that leads to the bank or takes a file, and what the page says on return."""

from __future__ import annotations

import streamlit as st

from recon.ui.confirm import confirm_accounts
from recon.ui.consent import login_link
from recon.ui.frame import plain, store
from recon.ui.upload import import_form


@st.dialog("New bank account", width="large")
def new_account_dialog() -> None:
    """Connect to Viia, or import a file beside it."""
    connect, file = st.columns(2, gap="large")
    with connect:
        st.markdown("**Connect to Viia**")
        if store().settings.viia_on:
            st.markdown(
                "You log in at your bank and choose the accounts. recon may then read their lines every six hours; "
                "it can never move money. The bank asks you again after some months."
            )
            login_link("Connect to Viia", key="connect")
        else:
            st.markdown("The connection to banks is switched off in this installation. Import files instead.")
    with file:
        st.markdown("**Import a file**")
        st.markdown("A statement file of your bank. Its account is made from what the file says.")
        import_form("bank_accounts")


def returned_from_bank() -> str | None:
    """What the bank's return came to, as its address says; the consent that is being confirmed, if one is."""
    told = st.query_params
    if problem := told.get("problem"):
        st.error(plain(problem), icon=":material/block:")
        _understood()
    elif told.get("login") == "cancelled":
        st.info(
            "The login was cancelled at the bank. Nothing was linked, and existing access stays as it is.",
            icon=":material/undo:",
        )
        _understood()
    elif told.get("login") == "returned":
        st.success(
            "Back from the bank. Fresh lines are fetched as soon as the bank gives them.",
            icon=":material/check_circle:",
        )
        _understood()
    elif told.get("login") == "connected" and (consent_id := told.get("consent")):
        confirm_accounts(consent_id)
        return consent_id
    return None


def _understood() -> None:
    if st.button("OK", key="bank_accounts_understood"):
        st.query_params.clear()
        st.rerun()
