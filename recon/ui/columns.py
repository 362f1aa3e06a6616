"""What foreign tables of both kinds share when a person names their columns: first rows, fields, memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recon.flow.files import File, Read
from recon.ui.tables import count

SHOWN_ROWS = 5


class Asked(NamedTuple):
    """asking: whether fields for the columns are shown. read: the file, once they are all named."""

    asking: bool
    read: Read | None = None


def column_names(titles: Sequence[str]) -> list[str]:
    """What columns are called on the screen; equal titles are told apart by their place."""
    named = [title or f"Column {place}" for place, title in enumerate(titles, 1)]
    return [
        title if named.count(title) == 1 else f"{title} ({place})" for place, title in enumerate(named, 1)
    ]


def show_rows(titles: Sequence[str], rows: Sequence[Sequence[str | None]], total: int, key: str) -> None:
    """The first rows as they stand in the file."""
    unique = column_names(titles)
    columns = {
        title: [row[place] if place < len(row) else None for row in rows[:SHOWN_ROWS]]
        for place, title in enumerate(unique)
    }
    st.caption(f"{count(total, 'row')}; the first as they stand in the file:")
    st.dataframe(
        pl.DataFrame(columns, schema=dict.fromkeys(unique, pl.String)), hide_index=True, key=f"{key}_rows"
    )


def radio(
    place: DeltaGenerator, label: str, options: Mapping[str, str], start: str | None, key: str
) -> str | None:
    """One answer of several in words; None where none is given yet."""
    index = list(options).index(start) if start and start in options else None
    return place.radio(label, list(options), index, format_func=options.__getitem__, key=key)


def four_in_a_row(names: Sequence[str]) -> Iterator[tuple[str, DeltaGenerator]]:
    """Each name with the place of its field."""
    places = [one for begin in range(0, len(names), 4) for one in st.columns(4)]
    return zip(names, places, strict=False)


def draw_again() -> None:
    """Draw what changed; a dialog is a fragment of its page and would be closed by a run of all of it."""
    context = get_script_run_ctx()
    st.rerun(scope="fragment" if context and context.fragment_ids_this_run else "app")


def remember(prefix: str, file: File, read: Read | None, keep: Callable[[], None], key: str) -> None:
    """The box that lets what was said hold for further files; `keep` is called when this one is imported."""
    wanted = st.checkbox("Remember for files with the same columns", True, key=f"{key}_remember")
    kept = st.session_state.setdefault(f"{prefix}_to_keep", {})
    kept.pop(file.hash, None)
    if read and wanted:
        kept[file.hash] = keep


def keep_what_was_said(prefix: str) -> None:
    """Remember the columns of the files that were imported."""
    for keep in st.session_state.pop(f"{prefix}_to_keep", {}).values():
        keep()
