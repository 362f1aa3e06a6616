"""How tables and lists look on every page: amounts to the right, dates one way, paging, and what an empty one says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.clock import BANK_ZONE
from recon.ui.frame import money

PAGE_ROWS = 50
DAY = "D MMM YYYY"


def amounts(minor: Iterable[int | None], currencies: Iterable[str]) -> pl.Series:
    """Amounts as people read them, for a text column of a table."""
    words = [money(one, currency) for one, currency in zip(minor, currencies, strict=True)]
    return pl.Series(words, dtype=pl.String)


def amount_column(label: str, **more: Any) -> Any:
    """The shape of a column of `amounts`."""
    return cc.TextColumn(label, alignment="right", **more)


def day_column(label: str, **more: Any) -> Any:
    """The shape of a column of dates."""
    return cc.DateColumn(label, format=DAY, **more)


def moment_column(label: str, **more: Any) -> Any:
    """The shape of a column of instants, on the clock of the bank's country."""
    return cc.DatetimeColumn(label, format=f"{DAY}, HH:mm", timezone=BANK_ZONE.key, **more)


def day(on: date | None) -> str:
    """A date in a sentence: `22 Nov 2026`."""
    return f"{on:%-d %b %Y}" if on else ""


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 line`, `1,204 lines`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def show_table(frame: pl.DataFrame, columns: dict[str, Any], *, key: str, rows: int | None = None) -> None:
    """A table of the named columns in their order; as high as its rows, or as `rows` where there are more."""
    shown = min(frame.height, rows or frame.height)
    st.dataframe(
        frame.select(columns.keys()),
        column_config=columns,
        hide_index=True,
        height=35 * (shown + 1) + 3,
        key=key,
    )


def page_begins(key: str, *filters: object) -> int:
    """How many rows stand before the page to show; a changed filter begins at the first page again."""
    if st.session_state.get(f"{key}_filters") != filters:
        st.session_state[f"{key}_filters"] = filters
        st.session_state[key] = 1
    return (int(st.session_state.get(key, 1)) - 1) * PAGE_ROWS


def pager(total: int, what: str, *, key: str) -> None:
    """How many there are, and the pages to choose from where one is not enough."""
    words, numbers = st.columns([1, 2], vertical_alignment="center")
    words.caption(count(total, what))
    pages = -(-total // PAGE_ROWS)
    if pages > 1:
        st.session_state[key] = min(int(st.session_state.get(key, 1)), pages)
        with numbers.container(horizontal=True, horizontal_alignment="right"):
            st.pagination(pages, key=key)


def nothing_yet(words: str, *, page: str | None = None, label: str = "", icon: str | None = None) -> None:
    """What an empty place says, with the next step to take."""
    with st.container(border=True):
        st.markdown(words)
        if page:
            st.page_link(page, label=label, icon=icon)
