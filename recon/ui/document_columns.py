"""A foreign table of documents: a person says which column is which, and sees at once what would be read.

What is guessed is only offered; what the file leaves open is asked. Said once, it holds for files with this header.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.documents import NEEDED, Table, guess_columns
from recon.errors import DataRefused
from recon.flow.document_columns import keep_columns, kept_columns
from recon.flow.files import File, Read, read_file
from recon.flow.statement_columns import forget_layout
from recon.ui.columns import SHOWN_ROWS, Asked, draw_again, four_in_a_row, radio, remember, show_rows
from recon.ui.frame import plain, store, user
from recon.ui.tables import show_table

LABELS = {
    "number": "Document number",
    "total": "Total with VAT",
    "open_amount": "Still open",
    "party_name": "Customer or supplier",
    "issue_date": "Date",
    "due_date": "Due date",
    "currency": "Currency",
    "payment_reference": "Payment reference",
    "party_id": "Customer or supplier number",
    "party_cvr": "Their company number (CVR)",
    "party_iban": "Their bank account",
    "text": "Text",
    "kind": "Kind of document",
    "payment_reference_type": "Kind of reference (FIK 71, 75 …)",
    "status": "Status",
    "external_id": "Id in the bookkeeping",
    "erp_account": "ERP account",
}
_USUAL = 8
_QUESTIONS = {
    "decimal_mark": ("Amounts are written", {"comma": "1.234,50", "point": "1,234.50"}),
    "date_order": ("Dates begin with", {"day": "the day: 31/12/2026", "month": "the month: 12/31/2026"}),
}
_SIDES = {"sales": "We sent them: invoices", "purchases": "We received them: bills"}
_SIGNS = {"as_written": "Positive", "turned": "Negative (credits positive)"}


def look_like_documents(table: Table) -> bool:
    """Whether the titles of a foreign table promise documents."""
    guess = guess_columns(table.header)
    return all(column in guess for column in NEEDED if column != "kind")


def ask_document_columns(prefix: str, file: File, table: Table, currency: str | None) -> Asked:
    """Let a person name the columns of a foreign table."""
    key = f"{prefix}_columns_{file.hash[:12]}"
    start = kept_columns(store(), file.content, file.name) or guess_columns(table.header)
    show_rows(table.header, list(zip(*table.columns, strict=True)), len(table.lines), key)
    mapping = _choose(table, start, key)
    missing = [LABELS[column] for column in ("number", "total") if column not in mapping]
    missing += [] if "side" in mapping else ["Who sent these documents"]
    if missing:
        st.caption(f"Still to say: {', '.join(missing)}.")
        return Asked(True)
    read = _read(file, currency, mapping, key)
    remember(prefix, file, read, lambda: _keep(table, mapping), key)
    return Asked(True, read)


def _keep(table: Table, mapping: dict[str, str]) -> None:
    """What was said last counts: files with this header are documents, whatever they were taken for before."""
    forget_layout(store(), table.header, by=user())
    keep_columns(store(), table.header, mapping, by=user())


def _choose(table: Table, start: Mapping[str, str], key: str) -> dict[str, str]:
    """The mapping as the fields below say it, guesses filled in."""
    chosen = _answers(start, key)
    titles = [title for title in table.header if title]
    columns = list(LABELS)
    chosen |= _selects(columns[:_USUAL], titles, start, key)
    with st.expander("More columns"):
        chosen |= _selects(columns[_USUAL:], titles, start, key)
    return chosen


def _answers(start: Mapping[str, str], key: str) -> dict[str, str]:
    """Who sent them, how their sign reads, and whatever an earlier try found undecidable."""
    asked = ["side", "sign", *st.session_state.get(f"{key}_asked", ())]
    asked += [answer for answer in _QUESTIONS if answer in start and answer not in asked]
    given: dict[str, str | None] = {}
    for place, column in zip(asked, st.columns(len(asked)), strict=True):
        if place == "side":
            given[place] = radio(column, "Who sent these documents?", _SIDES, start.get(place), f"{key}_side")
        elif place == "sign":
            words = "An ordinary invoice's amount is"
            given[place] = radio(column, words, _SIGNS, start.get(place, "as_written"), f"{key}_sign")
        else:
            label, options = _QUESTIONS[place]
            given[place] = radio(column, label, options, start.get(place), f"{key}_{place}")
    return {name: answer for name, answer in given.items() if answer}


def _selects(columns: list[str], titles: list[str], start: Mapping[str, str], key: str) -> dict[str, str]:
    """A field for each of our columns, four in a row."""
    chosen = {}
    for column, place in four_in_a_row(columns):
        guess = start.get(column)
        title = place.selectbox(
            LABELS[column], titles, titles.index(guess) if guess in titles else None,
            placeholder="Needed" if column in NEEDED[1:] else "Not in the file", key=f"{key}_{column}",
        )  # fmt: skip
        if title:
            chosen[column] = title
    return chosen


def _read(file: File, currency: str | None, mapping: dict[str, str], key: str) -> Read | None:
    """The file read; what it leaves open is asked above, in the next run."""
    try:
        return read_file(store(), file, currency=currency, mapping=mapping)
    except DataRefused as error:
        asked = st.session_state.setdefault(f"{key}_asked", [])
        if fresh := [one for one in error.fields.get("asks", ()) if one in _QUESTIONS and one not in asked]:
            asked += fresh
            draw_again()
        _say_why(error, key)
        return None


def _say_why(error: DataRefused, key: str) -> None:
    """What keeps the table from being read, under the names of the fields above."""
    if not (problems := error.fields.get("problems")):
        st.warning(plain(error.words), icon=":material/help:")
        return
    st.warning(
        "The table cannot be read yet. Answer what is asked above, or correct these cells in the file."
    )
    rows = [one | {"column": LABELS.get(one["column"], one["column"])} for one in problems]
    show_table(
        pl.DataFrame(rows),
        {
            "line": cc.NumberColumn("Line", width="small", format="%d"),
            "column": cc.TextColumn("Field", width="medium"),
            "reason": cc.TextColumn("What is wrong", width="large"),
        },
        key=f"{key}_problems",
        rows=SHOWN_ROWS,
    )
