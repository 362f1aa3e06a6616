"""Postings."""

import streamlit as st

st.title("Postings", anchor=False)
