"""Reconciliation."""

import streamlit as st

st.title("Reconciliation", anchor=False)
