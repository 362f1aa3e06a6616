"""Files in: choose, look at what they hold, import. Each is read whole and kept whole, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.errors import DataRefused, ReconError
from recon.flow.files import File, Imported, Read, import_read, read_file
from recon.schema import Statement
from recon.ui.frame import flash, guard, plain, store, user
from recon.ui.match_now import match_now
from recon.ui.preview import show_documents, show_findings, show_statement
from recon.ui.tables import count, show_table

TYPES = ["csv", "xlsx", "xml", "c53", "txt"]
CURRENCIES = ("DKK", "EUR", "SEK", "NOK", "USD", "GBP")


@dataclass(frozen=True)
class Chosen:
    """Files a person chose and the currency to take where a file names none."""

    files: list[File]
    currency: str | None


def choose_files(prefix: str) -> Chosen:
    """The uploader. `prefix` begins the widgets' keys: the page's name."""
    turn = st.session_state.setdefault(f"{prefix}_turn", 0)
    given = st.file_uploader(
        "Files to import",
        type=TYPES,
        accept_multiple_files=True,
        key=f"{prefix}_files_{turn}",
        help="Statements: camt.053 XML. Documents: our template as CSV or Excel. What a file is, its content says.",
    )
    currency = st.selectbox(
        "Currency, where a file names none",
        CURRENCIES,
        index=None,
        placeholder="The file says it",
        key=f"{prefix}_currency",
    )
    return Chosen([File(one.name, one.getvalue()) for one in given or ()], currency)


def import_chosen(prefix: str, chosen: Chosen) -> None:
    """A preview of each file, and the button that keeps them all."""
    if not chosen.files:
        return
    read = [one for file in chosen.files if (one := _preview(prefix, file, chosen.currency))]
    whole = len(read) == len(chosen.files)
    if not whole:
        st.caption("Nothing is imported while a file cannot be read: all of them, or none.")
    label = "Import" if len(chosen.files) == 1 else f"Import {len(chosen.files)} files"
    if st.button(
        label, type="primary", icon=":material/download_done:", disabled=not whole, key=f"{prefix}_import"
    ):
        with guard():
            done = import_read(store(), read, by=user())
            _find_matches(done)
            _forget(prefix)
            st.session_state[f"{prefix}_done"] = done
            flash(plain(" ".join(_told(one) for one in done)))
            st.rerun()


def say_done(prefix: str) -> None:
    """What the last import of this session brought, until the next."""
    for one in st.session_state.get(f"{prefix}_done", ()):
        st.success(plain(_told(one)), icon=":material/check_circle:")
    if f"{prefix}_done" in st.session_state:
        st.page_link("pages/review.py", label="Review the suggestions", icon=":material/rule:")


def _preview(prefix: str, file: File, currency: str | None) -> Read | None:
    """What the file holds, read once in this browser session; None where it is refused, with every reason."""
    with st.container(border=True):
        st.markdown(f":material/draft: **{plain(file.name)}**")
        try:
            read = _read(prefix, file, currency)
        except ReconError as error:
            st.error(plain(error.words), icon=":material/block:")
            _show_problems(prefix, file, error)
            return None
        key = f"{prefix}_{file.hash[:12]}"
        if isinstance(read.content, Statement):
            show_statement(read.content, key)
        else:
            show_documents(read.content, key)
        show_findings(read.findings, key)
    return read


def _read(prefix: str, file: File, currency: str | None) -> Read:
    kept = st.session_state.setdefault(f"{prefix}_read", {})
    key = (file.hash, file.name, currency)
    if key not in kept:
        kept[key] = read_file(store(), file, currency=currency)
    return kept[key]


def _show_problems(prefix: str, file: File, error: ReconError) -> None:
    """Every bad cell of a refused file, as a table a person can work through."""
    problems = error.fields.get("problems") if isinstance(error, DataRefused) else None
    if not problems:
        return
    st.caption(
        f"{count(len(problems), 'cell')} to correct. Nothing of the file is kept until all of it can be read."
    )
    show_table(
        pl.DataFrame(problems),
        {
            "line": cc.NumberColumn("Line", width="small", format="%d"),
            "column": cc.TextColumn("Column", width="medium"),
            "reason": cc.TextColumn("What is wrong", width="large"),
        },
        key=f"{prefix}_problems_{file.hash[:12]}",
        rows=10,
    )


def _find_matches(done: list[Imported]) -> None:
    if any(one.new for one in done):
        match_now()


def _forget(prefix: str) -> None:
    """Empty the uploader and let the read files go."""
    st.session_state[f"{prefix}_turn"] += 1
    st.session_state.pop(f"{prefix}_read", None)


def _told(one: Imported) -> str:
    what = count(one.lines, "line") if one.lines or not one.items else count(one.items, "document")
    if one.again:
        return f"{one.name} was imported before; nothing was added."
    return f"{one.name}: {what}, {one.new:,} new, {one.known:,} known before."
