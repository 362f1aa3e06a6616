"""Bank accounts: connect a bank, confirm and set its accounts, fetch now, renew or end an access."""

import streamlit as st

from recon.flow.overview import account_states
from recon.ui.banks import banks, no_accounts, show_bank, switched_off
from recon.ui.connecting import new_account_dialog, returned_from_bank
from recon.ui.frame import guard, store
from recon.ui.inbox import show_inbox
from recon.ui.sync import sync_progress, synchronize_button

title, buttons = st.columns([2, 3], vertical_alignment="bottom")
title.title("Bank accounts", anchor=False)

with guard():
    accounts = account_states(store())
    on = store().settings.viia_on
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        synchronize_button(disabled=not on or not any(one.consent_id and one.on for one in accounts))
        if st.button("New bank account", type="primary", icon=":material/add:", key="bank_accounts_new"):
            new_account_dialog()
    if not on:
        switched_off()
    confirming = returned_from_bank()
    sync_progress()
    for bank in banks(store(), accounts, confirming):
        show_bank(bank)
    if not accounts and not confirming:
        no_accounts()
    show_inbox()
