"""Documents: what is open, files in (statements as well), and what was imported so far."""

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.documents import COLUMNS, write_template
from recon.flow.files import documents_page, imports
from recon.ui.erp import show_erps
from recon.ui.frame import guard, store
from recon.ui.inbox import show_inbox
from recon.ui.preview import KINDS, show_items
from recon.ui.tables import PAGE_ROWS, moment_column, nothing_yet, page_begins, pager, show_table
from recon.ui.upload import choose_files, import_chosen, say_done

STATES = {"open": "Open", "overdue": "Overdue", "settled": "Settled", "all": "All"}


def show_list() -> None:
    """The documents, filtered and paged."""
    search, state, kinds = st.columns([2, 2, 2], vertical_alignment="bottom")
    words = search.text_input(
        "Search",
        placeholder="Number, name, reference or text",
        icon=":material/search:",
        key="documents_words",
    )
    chosen = state.segmented_control(
        "State", STATES, default="open", required=True, format_func=STATES.__getitem__, key="documents_state"
    )
    of_kind = kinds.multiselect(
        "Kind", KINDS, format_func=KINDS.__getitem__, placeholder="All kinds", key="documents_kinds"
    )
    begin = page_begins("documents_page", words, chosen, of_kind)
    total, items = documents_page(
        store(), words=words, state=chosen or "open", kinds=of_kind, limit=PAGE_ROWS, offset=begin
    )
    if items.is_empty():
        nothing_yet("No document fits. Change the search or the state, or import documents.")
        return
    show_items(items, key="documents_table")
    pager(total, "document", key="documents_page")


def show_import() -> None:
    """The uploader, with the template beside it."""
    form, template = st.columns([3, 1], gap="large")
    with form:
        st.markdown(
            "Electronic invoices, the template or an export of your bookkeeping, or a bank statement. You see what a "
            "file holds before anything is kept. **A file is imported whole or not at all**; importing it again adds "
            "nothing twice and updates what is still open."
        )
        chosen = choose_files("documents")
        show_inbox()
    with template.container(border=True):
        st.markdown("**Empty template**")
        st.caption(f"{len(COLUMNS)} columns, three of them needed: kind, number and total.")
        st.download_button(
            "Excel",
            write_template("xlsx"),
            "recon-documents.xlsx",
            icon=":material/table_view:",
            width="stretch",
            key="documents_template_xlsx",
        )
        st.download_button(
            "CSV",
            write_template("csv"),
            "recon-documents.csv",
            "text/csv",
            icon=":material/csv:",
            width="stretch",
            key="documents_template_csv",
        )
        with st.popover("What each column holds", width="stretch"):
            show_table(
                pl.DataFrame({"column": list(COLUMNS), "words": list(COLUMNS.values())}),
                {
                    "column": cc.TextColumn("Column", width=170),
                    "words": cc.TextColumn("What it holds", width=520),
                },
                key="documents_columns",
            )
    if chosen.files:
        import_chosen("documents", chosen)
    else:
        say_done("documents")


def show_imports() -> None:
    """Every file imported so far."""
    done = imports(store())
    if done.is_empty():
        nothing_yet("No file was imported yet.")
        return
    show_table(
        done,
        {
            "imported_at": moment_column("When", width=160),
            "file_name": cc.TextColumn("File", width=300),
            "format": cc.TextColumn("Format", width=130),
            "imported_by": cc.TextColumn("By", width=140),
            "rows_read": cc.NumberColumn("Rows", width=80, format="localized"),
            "rows_new": cc.NumberColumn("New", width=80, format="localized"),
            "rows_known": cc.NumberColumn("Known before", width=110, format="localized"),
        },
        key="documents_imports",
        rows=15,
    )


st.title("Documents", anchor=False)
with guard():
    none_yet = documents_page(store(), words="", state="all", kinds=[], limit=1, offset=0)[0] == 0
    listed, given, pulled, done = st.tabs(
        ["Documents", "Import files", "From the ERP", "Imported so far"],
        default="Import files" if none_yet else None,
    )
    with listed:
        if none_yet:
            nothing_yet(
                "**No documents yet.** Import invoices and bills under *Import files*, as electronic invoices or from "
                "your bookkeeping, or pull them *From the ERP*."
            )
        else:
            show_list()
    with given:
        show_import()
    with pulled:
        show_erps("documents")
    with done:
        show_imports()
