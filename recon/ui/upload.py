"""Files in: choose, look at what they hold, import. Each is read whole and kept whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.documents import Table
from recon.errors import DataRefused, ReconError
from recon.flow.document_columns import foreign_table
from recon.flow.files import File, Imported, Read, import_read, read_file
from recon.flow.statement_columns import is_table, kept_layout
from recon.schema import Statement
from recon.statements.accounts import mask
from recon.statements.readers import looks_like_statement
from recon.statements.readers.csv_statement import LayoutOpen
from recon.ui.columns import Asked, draw_again, keep_what_was_said
from recon.ui.document_columns import ask_document_columns, look_like_documents
from recon.ui.frame import flash, guard, plain, store, user
from recon.ui.match_now import match_now
from recon.ui.preview import show_documents, show_findings, show_statement
from recon.ui.statement_columns import ask_statement_columns, could_be_statement, promises_statement
from recon.ui.tables import count, show_table

TYPES = ["csv", "xlsx", "xml", "c52", "c53", "c54", "sta", "940", "942", "mt940", "txt", "ofx", "qfx", "zip"]
STATEMENT, DOCUMENTS, NEW_ACCOUNT = "statement", "documents", "new"
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
        help="Bank statements: camt.052, .053 and .054, MT940, OFX, QFX, CSV or Excel. Documents: electronic invoices "
        "(UBL, OIOUBL, Peppol), CSV or Excel. Also a ZIP of them. What a file is, its content says.",
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
        st.caption(
            "Nothing is imported while a file cannot be read or a question is open: all of them, or none."
        )
    label = "Import" if len(chosen.files) == 1 else f"Import {len(chosen.files)} files"
    if st.button(
        label, type="primary", icon=":material/download_done:", disabled=not whole, key=f"{prefix}_import"
    ):
        with guard():
            done = import_read(store(), read, by=user())
            keep_what_was_said(prefix)
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
        read = _read_or_asked(prefix, file, currency)
        if read is None:
            return None
        key = f"{prefix}_{file.hash[:12]}"
        clear = True
        if isinstance(read.content, Statement):
            clear = _is_of_account(prefix, file, read.content)
            show_statement(read.content, key)
        else:
            show_documents(read.content, key)
        show_findings(read.findings, key)
    return read if clear else None


def _read_or_asked(prefix: str, file: File, currency: str | None) -> Read | None:
    """The file read, by itself or with columns that a person names; None where it is refused, with the reasons."""
    change = f"{prefix}_change_{file.hash[:12]}"
    if meant := st.session_state.get(change):
        return _ask(prefix, file, currency, meant).read
    try:
        read = _read(prefix, file, currency)
    except ReconError as error:
        asked = _ask(prefix, file, currency, None, error)
        if not asked.asking:
            st.error(plain(error.words), icon=":material/block:")
            _show_problems(prefix, file, error)
        return asked.read
    is_statement = isinstance(read.content, Statement)
    may_change = read.mapped or (is_statement and is_table(file.content))
    if may_change and st.button("Change which column is which", key=f"{change}_button"):
        st.session_state[change] = STATEMENT if is_statement else DOCUMENTS
        draw_again()
    return read


def _ask(
    prefix: str, file: File, currency: str | None, meant: str | None, error: ReconError | None = None
) -> Asked:
    """What a table holds that cannot be read by itself, and which of its columns is which.

    meant: what it was read as. error: why it was refused; where columns are not the reason, nothing is asked.
    """
    table = foreign_table(file.content, file.name)
    unknown = table is not None and not looks_like_statement(file.content, file.name)
    if not (meant or unknown or isinstance(error, LayoutOpen)):
        return Asked(False)
    kinds = {STATEMENT: "A bank statement"} if could_be_statement(file) else {}
    kinds |= {DOCUMENTS: "Documents"} if table else {}
    if not kinds:
        return Asked(False)
    chosen = st.segmented_control(
        "This file holds", kinds, default=meant or _meant(file, table), format_func=kinds.__getitem__,
        key=f"{prefix}_holds_{file.hash[:12]}",
    )  # fmt: skip
    if chosen == STATEMENT:
        return ask_statement_columns(prefix, file, currency, _account_of(prefix, file), CURRENCIES)
    if chosen == DOCUMENTS and table:
        return ask_document_columns(prefix, file, table, currency)
    st.caption("Its columns are not known here. Say what the file holds, then which of its columns is which.")
    return Asked(True)


def _meant(file: File, table: Table | None) -> str | None:
    """What the file's titles promise; None where they promise neither."""
    if kept_layout(store(), file.content, file.name):
        return STATEMENT
    if table and look_like_documents(table):
        return DOCUMENTS
    return STATEMENT if promises_statement(file) else None


def _read(prefix: str, file: File, currency: str | None) -> Read:
    kept = st.session_state.setdefault(f"{prefix}_read", {})
    account_id = _account_of(prefix, file)
    key = (file.hash, file.name, currency, account_id)
    if key not in kept:
        with _reading(file) as tell:
            kept[key] = read_file(store(), file, currency=currency, account_id=account_id, progress=tell)
    return kept[key]


@contextmanager
def _reading(file: File) -> Generator[Callable[[float], None]]:
    """A bar while a long file is read; a short one is read before it says anything."""
    place = st.empty()

    def tell(share: float) -> None:
        place.progress(share, f"Reading {plain(file.name)} …")

    try:
        yield tell
    finally:
        place.empty()


def _account_of(prefix: str, file: File) -> str | None:
    """The account that a person chose for a file that names none."""
    chosen = st.session_state.get(f"{prefix}_account_{file.hash[:12]}")
    return None if chosen == NEW_ACCOUNT else chosen


def _is_of_account(prefix: str, file: File, statement: Statement) -> bool:
    """Whether it is clear whose lines these are; where the file names no account, a person says it."""
    currency = statement.accounts["currency"]
    if "no_account" not in statement.findings["what"].to_list() or len(currency) != 1:
        return True
    known = store().accounts().filter(currency=currency[0]).to_dicts()
    if not known:
        return True
    names = {row["account_id"]: row["name"] or mask(row["iban"] or row["bban"]) for row in known}
    names[NEW_ACCOUNT] = "A new account"
    chosen = st.columns(2)[0].selectbox(
        "The file does not name its account: these lines are of", names, None, format_func=names.__getitem__,
        placeholder="Choose the account", key=f"{prefix}_account_{file.hash[:12]}",
    )  # fmt: skip
    return chosen is not None


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
