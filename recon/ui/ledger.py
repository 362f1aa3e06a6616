"""The journal as a table, entry by entry, and the box that exports it."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.journals import Journals
from recon.flow.posting import ExportedFile, export
from recon.post.formats import FORMATS
from recon.ui.frame import guard, moment, plain, store, user
from recon.ui.say import bare
from recon.ui.tables import amount_column, count, day_column, moment_column, show_table


def journal_table(entries: pl.DataFrame, names: dict[str, str]) -> None:
    """Debit and credit side by side; a journal's first entry tells its date, state and who decided."""
    rows = [_entry(row, names) for row in entries.to_dicts()]
    columns = {
        "date": day_column("Date", width=92),
        "account": cc.TextColumn("ERP account", width=190),
        "text": cc.TextColumn("Text", width=330),
        "debit": amount_column("Debit", width=96),
        "credit": amount_column("Credit", width=96),
        "currency": cc.TextColumn("", width=44),
        "state": cc.TextColumn("State", width=150),
    }
    schema = dict.fromkeys(columns, pl.String) | {"date": pl.Date}
    show_table(pl.DataFrame(rows, schema=schema), columns, key="postings_journal")


def totals_table(totals: pl.DataFrame, names: dict[str, str]) -> None:
    """What each account got; a positive net is a debit."""
    rows = totals.to_dicts()
    shown = totals.with_columns(
        pl.Series([bare(row[f"{side}_minor"], row["currency"]) for row in rows], dtype=pl.String).alias(side)
        for side in ("debit", "credit", "net")
    ).with_columns(account=pl.Series([_account(row["erp_account"], names) for row in rows], dtype=pl.String))
    show_table(
        shown,
        {
            "account": cc.TextColumn("ERP account"),
            "currency": cc.TextColumn("", width=50),
            "debit": amount_column("Debit"),
            "credit": amount_column("Credit"),
            "net": amount_column("Net, debit positive"),
            "entries": cc.NumberColumn("Entries", format="localized", width=80),
        },
        key="postings_totals",
    )


def export_box(seen: Journals, waiting: int) -> None:
    """Choose a format, bind what is new into a batch, take the file."""
    with st.container(border=True):
        choice, button = st.columns([3, 1], vertical_alignment="bottom")
        name = choice.selectbox(
            "Format", list(FORMATS), format_func=lambda one: FORMATS[one].name, key="postings_format"
        )
        if button.button(
            f"Export {count(waiting, 'journal')}" if waiting else "Export",
            key="postings_export",
            type="primary",
            disabled=not waiting,
            width="stretch",
        ):
            with guard():
                st.session_state["postings_file"] = export(store(), name, by=user())
                st.rerun()
        st.caption(plain(FORMATS[name].how_to))
        if made := st.session_state.get("postings_file"):
            _take(made)
        elif not waiting and seen.batches:
            st.caption("Nothing is new since the last batch. Take it again below, in any format.")


def batches_table(seen: Journals) -> None:
    """Earlier batches, each to be had again with the same bytes."""
    numbers = {batch["batch_no"]: batch for batch in seen.batches}
    show_table(
        pl.DataFrame(seen.batches).with_columns(pl.col("batch_no").cast(pl.String)),
        {
            "batch_no": cc.TextColumn("Batch", width=70),
            "exported_at": moment_column("Exported"),
            "exported_by": cc.TextColumn("By"),
            "journals": cc.NumberColumn("Journals", format="localized"),
        },
        key="postings_batches",
        rows=8,
    )
    which, kind, button = st.columns([2, 2, 1], vertical_alignment="bottom")
    number = which.selectbox(
        "Batch",
        list(numbers),
        format_func=lambda one: f"Batch {one}, {moment(numbers[one]['exported_at'])}",
        key="postings_batch",
    )
    name = kind.selectbox(
        "As", list(FORMATS), format_func=lambda one: FORMATS[one].name, key="postings_batch_format"
    )
    if button.button("Fetch again", key="postings_again", width="stretch"):
        with guard():
            st.session_state["postings_again_file"] = export(store(), name, by=user(), batch_no=number)
    made: ExportedFile | None = st.session_state.get("postings_again_file")
    if made and (made.batch_no, made.format) == (number, name):
        _take(made, key="postings_download_again")


def _take(made: ExportedFile, key: str = "postings_download") -> None:
    words, button = st.columns([3, 1], vertical_alignment="center")
    held = f"{count(made.journals, 'journal')}, {count(made.entries, 'entry', 'entries')}"
    words.success(
        f"Batch {made.batch_no} is ready: {held}. "
        f"A copy is in the workspace's folder exports as {plain(made.file_name)}.",
        icon=":material/check:",
    )
    button.download_button(
        "Download",
        made.content,
        file_name=made.file_name,
        mime=made.media_type,
        key=key,
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )


def _entry(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    first = row["entry_no"] == 1
    amount = bare(row["amount_minor"], row["currency"])
    return {
        "date": row["date"],
        "account": _account(row["erp_account"], names),
        "text": row["text"],
        "debit": amount if row["side"] == "debit" else "",
        "credit": amount if row["side"] == "credit" else "",
        "currency": row["currency"],
        "state": _state(row) if first else "",
    }


def _state(row: dict[str, Any]) -> str:
    exported = f"batch {row['batch_no']}" if row["batch_no"] else "to export"
    if row["cancelled"]:
        exported = "never exported"
    if row["reverses"]:
        return f"reversal, {exported}"
    return f"reversed, {exported}" if row["reversed_by"] else exported


def _account(number: str, names: dict[str, str]) -> str:
    return f"{number} {names.get(number, '')}".strip()
