"""New bank account: the dialog that leads to the bank or takes a file, and what the page says on return."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from recon.ui.confirm import confirm_accounts
from recon.ui.consent import login_link
from recon.ui.frame import plain, store
from recon.ui.upload import choose_files, import_chosen


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
        chosen = choose_files("bank_accounts")
    import_chosen("bank_accounts", chosen)


def returned_from_bank() -> str | None:
    """What the bank's return came to, as its address says; the consent that is being confirmed, if one is."""
    told = st.query_params
    if problem := told.get("problem"):
        _say(st.error, plain(problem), ":material/block:")
    elif told.get("login") == "cancelled":
        words = "The login was cancelled at the bank. Nothing was linked, and existing access stays as it is."
        _say(st.info, words, ":material/undo:")
    elif told.get("login") == "returned":
        words = "Back from the bank. Fresh lines are fetched as soon as the bank gives them."
        _say(st.success, words, ":material/check_circle:")
    elif told.get("login") == "connected" and (consent_id := told.get("consent")):
        confirm_accounts(consent_id)
        return consent_id
    return None


def _say(box: Callable[..., object], words: str, icon: str) -> None:
    """The words, and the button that cleans the address."""
    told, button = st.columns([8, 1], vertical_alignment="center")
    with told:
        box(words, icon=icon)
    if button.button("OK", key="bank_accounts_understood", width="stretch"):
        st.query_params.clear()
        st.rerun()
