"""What every page is framed by: the workspace, who is there, errors in words, and plain text."""

from __future__ import annotations

import getpass
import re
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime

import streamlit as st

from recon.clock import BANK_ZONE
from recon.errors import ReconError
from recon.flow.workspace import Store
from recon.money import show
from recon.ui.server import the_store

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")


def store() -> Store:
    """The workspace of this app."""
    return the_store()


def user() -> str:
    """Who is at the screen, for the audit trail: the login where one is set up, else this machine's user."""
    if getattr(st.user, "is_logged_in", False):
        return str(st.user.get("email") or st.user.get("name") or "user")
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "user"


@contextmanager
def guard() -> Generator[None]:
    """Show what was refused in its own words; anything else is a fault of ours and goes on."""
    try:
        yield
    except ReconError as error:
        st.error(plain(error.words), icon=":material/block:")


def plain(text: str | None) -> str:
    """Text of a bank or a file for widgets that read Markdown: every sign stands for itself."""
    return _MARKDOWN.sub(r"\\\1", text or "")


def money(minor: int | None, currency: str) -> str:
    """An amount as the person reads it; nothing where there is none."""
    return "" if minor is None else show(int(minor), currency, store().settings.language)


def moment(at: datetime | None) -> str:
    """An instant on the clock of the bank's country."""
    return at.astimezone(BANK_ZONE).strftime("%-d %b %Y %H:%M") if at else "never"


def flash(words: str, icon: str = ":material/check_circle:") -> None:
    """Say something after the next rerun."""
    st.session_state.setdefault("frame_flashes", []).append((words, icon))


def show_flashes() -> None:
    """Say what the last run left to say, once."""
    for words, icon in st.session_state.pop("frame_flashes", []):
        st.toast(words, icon=icon)
