"""Run the engine with a bar that says how far it is. Pages that match come here."""

from __future__ import annotations

import streamlit as st

from recon.flow.matching import Matched, match
from recon.ui.frame import store, user


def match_now() -> Matched:
    """Match what is open, as the person at the screen; the bar goes when it is done."""
    bar = st.progress(0.0, "Looking for matches …")
    try:
        return match(
            store(), by=user(), progress=lambda share, words: bar.progress(share, f"{words.capitalize()} …")
        )
    finally:
        bar.empty()
