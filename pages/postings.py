"""Postings: the journal that accepted matches became, and the files it is handed to the ERP in."""

import streamlit as st

from recon.flow.journals import STATES, Journals, journals, trial_totals
from recon.ui.frame import guard, plain, store
from recon.ui.ledger import batches_table, export_box, journal_table, totals_table
from recon.ui.tables import count, nothing_yet

_SHOWN = {"waiting": "To export", "exported": "Exported", "all": "All"}


def show_missing(seen: Journals) -> None:
    """Decisions that cannot be posted because their bank account has no ERP account."""
    if not seen.missing:
        return
    words = ", ".join(
        f"{one['name'] or 'an account without a name'} ({count(one['decisions'], 'decision')})"
        for one in seen.missing
    )
    told, link = st.columns([4, 1], vertical_alignment="center")
    told.warning(
        f"Waiting for an ERP account: {plain(words)}. They are posted as soon as their bank account has one.",
        icon=":material/pending:",
    )
    link.page_link("pages/bank_accounts.py", label="Set it", icon=":material/account_balance:")


def show_journal(seen: Journals) -> None:
    """Filter, table, pages."""
    if seen.entries.is_empty():
        words = "Nothing waits to be exported." if seen.counts["all"] else "No journal holds these words."
        nothing_yet(words)
        return
    journal_table(seen.entries, seen.names)
    if seen.pages > 1:
        key = f"postings_pages_{seen.page}_{seen.pages}"
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.pagination(seen.pages, default=seen.page, key=key, on_change=_turn, args=(key,))


def _turn(key: str) -> None:
    st.session_state["postings_page"] = st.session_state[key]


def _first() -> None:
    st.session_state["postings_page"] = 1


st.title("Postings", anchor=False)
with guard():
    asked = st.session_state
    seen = journals(
        store(),
        state=asked.get("postings_state") or "waiting",
        words=asked.get("postings_words") or "",
        page=asked.get("postings_page") or 1,
    )
    show_missing(seen)
    nothing = not any(seen.counts.values()) and not asked.get("postings_words")
    if nothing:
        nothing_yet(
            "Nothing is posted yet. Each match you accept becomes a journal: the bank's account against debtor, "
            "creditor, fee or the account you book to.",
            page="pages/review.py",
            label="Go to Review",
            icon=":material/rule:",
        )
    else:
        journal, totals, batches = st.tabs(["Journal", "Totals by account", f"Batches ({len(seen.batches)})"])
        with journal:
            export_box(seen, seen.counts["waiting"])
            show, search = st.columns([2, 1])
            show.segmented_control(
                "Show",
                list(STATES),
                default="waiting",
                required=True,
                format_func=lambda one: f"{_SHOWN[one]} {seen.counts[one]:,}",
                key="postings_state",
                label_visibility="collapsed",
                on_change=_first,
            )
            search.text_input(
                "Search",
                key="postings_words",
                type="search",
                placeholder="Text, account or document",
                label_visibility="collapsed",
                on_change=_first,
            )
            show_journal(seen)
        with totals:
            st.caption("All postings, exported or not, each account and currency for itself.")
            totals_table(trial_totals(store()), seen.names)
        with batches:
            st.caption(
                "A batch is what one export handed to the ERP. It never changes: fetched again it gives the same "
                "bytes, and what is undone later goes out as a reversal in a later batch."
            )
            if seen.batches:
                batches_table(seen)
            else:
                nothing_yet("There is no batch yet. The first one is made by *Export*.")
