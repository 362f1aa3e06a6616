"""How tables and lists look on every page: amounts to the right, dates one way, paging, and what an empty one says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.clock import BANK_ZONE
from recon.ui.frame import money, plain

PAGE_ROWS = 50
ROW_PIXELS = 33
TALL_PIXELS = 66  # Streamlit wraps only in rows higher than 4 rem
DAY = "D MMM YYYY"


def amounts(minor: Iterable[int | None], currencies: Iterable[str], *, bare: bool = False) -> pl.Series:
    """Amounts as people read them, for a text column of a table; bare where another column has the currency."""
    words = [
        money(one, currency).removesuffix(f" {currency}" if bare else "")
        for one, currency in zip(minor, currencies, strict=True)
    ]
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


def span(first: date | None, last: date | None) -> str:
    """Days from and to, the year once where it is one: `26 Feb – 20 Nov 2026`."""
    if first is None or last is None:
        return ""
    return f"{first:%-d %b}{'' if first.year == last.year else f' {first.year}'} – {day(last)}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 line`, `1,204 lines`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def two_lines(strong: str, quiet: str) -> None:
    """A name of a bank, a file or a person, and below it in small what else is known of it."""
    below = f"  \n:small[:gray[{plain(quiet)}]]" if quiet else ""
    st.markdown(f"**{plain(strong.strip())}**{below}")


def badge_lines(label: str, icon: str, colour: str, quiet: str) -> None:
    """A state as a badge, and below it in small what is behind it. The label is ours, the rest may be a bank's."""
    below = f"  \n:small[:gray[{plain(quiet)}]]" if quiet else ""
    st.markdown(f":{colour}-badge[{icon} {label}]{below}")


def show_table(
    frame: pl.DataFrame, columns: dict[str, Any], *, key: str, rows: int | None = None, tall: bool = False
) -> None:
    """A table of the named columns in their order; as high as its rows, or as `rows` where there are more.

    tall: rows of three lines, over which long sentences are wrapped.
    """
    high = TALL_PIXELS if tall else ROW_PIXELS
    st.dataframe(
        frame.select(columns.keys()),
        column_config=columns,
        hide_index=True,
        height="content" if rows is None or frame.height <= rows else ROW_PIXELS + high * rows,
        row_height=high if tall else None,
        placeholder="",
        key=key,
    )


def page_begins(key: str, *filters: object) -> int:
    """How many rows stand before the page to show; a changed filter begins at the first page again."""
    if st.session_state.get(f"{key}_filters") != filters:
        st.session_state[f"{key}_filters"] = filters
        _first_page(key)
    return (_page(key) - 1) * PAGE_ROWS


def pager(total: int, what: str, *, key: str) -> None:
    """How many there are, and the pages to choose from where one is not enough."""
    pages = max(1, -(-total // PAGE_ROWS))
    if _page(key) > pages:
        _first_page(key)
        st.rerun()
    words, numbers = st.columns([1, 2], vertical_alignment="center")
    words.caption(count(total, what))
    if pages > 1:
        with numbers.container(horizontal=True, horizontal_alignment="right"):
            st.pagination(pages, key=_widget(key))


def _page(key: str) -> int:
    return int(st.session_state.get(_widget(key), 1))


def _widget(key: str) -> str:
    """The page numbers' own key: another one begins at the first page."""
    return f"{key}_{st.session_state.get(f'{key}_turn', 0)}"


def _first_page(key: str) -> None:
    st.session_state[f"{key}_turn"] = st.session_state.get(f"{key}_turn", 0) + 1


def nothing_yet(words: str, *, page: str | None = None, label: str = "", icon: str | None = None) -> None:
    """What an empty place says, with the next step to take."""
    with st.container(border=True):
        st.markdown(words)
        if page:
            st.page_link(page, label=label, icon=icon)
