"""The notice that an access to a bank ends, with the button that renews it. Shown on every page's top."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st

from recon.flow.watch import notices
from recon.ui.frame import guard, plain, store, user

_BOX = {"info": st.info, "warning": st.warning, "error": st.error}
_ICON = {"info": ":material/event:", "warning": ":material/hourglass_bottom:", "error": ":material/lock:"}


def consent_notices() -> None:
    """One box a consent that ends or has ended, most urgent first."""
    with guard():
        for told in notices(store()):
            words, button = st.columns([5, 1], vertical_alignment="center")
            with words:
                _BOX[told.level](plain(told.words), icon=_ICON[told.level])
            with button:
                label = "Renew access" if told.action == "renew" else "Connect again"
                login_link(label, None if told.action == "connect" else told.consent_id, key=told.consent_id)


def login_link(label: str, consent_id: str | None = None, *, key: str = "new", primary: bool = True) -> None:
    """A link that looks like a button and leads to the bank in this same tab, where the login must return to."""
    query = urlencode({"by": user()} | ({"consent": consent_id} if consent_id else {}))
    style = (
        "display:inline-block;padding:.33rem .75rem;border-radius:.25rem;text-decoration:none;"
        "font-size:.875rem;line-height:1.6;border:1px solid "
        + ("#1f5f8b;background:#1f5f8b;color:#fff" if primary else "#1c273333;color:#1c2733")
    )
    st.html(
        f'<a id="login-{_word(key)}" href="/oauth/start?{query}" target="_self" style="{style}">{escape(label)}</a>',
        width="content",
    )


def _word(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum() or sign in "-_")
