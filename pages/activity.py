"""Activity: what happened and who did it, every fetch, and the proof that the records hold."""

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.check import Proof, check
from recon.flow.overview import account_states
from recon.flow.trail import people, trail
from recon.ui.frame import guard, moment, store
from recon.ui.sync import outcome_words
from recon.ui.tables import (
    PAGE_ROWS,
    count,
    day_column,
    moment_column,
    nothing_yet,
    page_begins,
    pager,
    show_table,
)
from recon.ui.trail import TOPICS, event_words, topic_of

RUNS = 500


def show_trail() -> None:
    """The audit trail, filtered and paged."""
    about, who = st.columns([3, 1], vertical_alignment="bottom")
    topics = about.pills("About", list(TOPICS), selection_mode="multi", key="activity_topics")
    person = who.selectbox("Who", people(store()), index=None, placeholder="Everybody", key="activity_person")
    kinds = [kind for topic in topics for kind in TOPICS[topic]] or None
    begin = page_begins("activity_page", topics, person)
    seen = trail(store(), kinds=kinds, by=person, limit=PAGE_ROWS, offset=begin)
    if not seen.events:
        nothing_yet("Nothing of this kind happened yet. Take a filter away to see more.")
        return
    show_table(
        pl.DataFrame(
            [
                {
                    "at": event.at,
                    "by": event.by,
                    "topic": topic_of(event.kind),
                    "words": event_words(event, seen.names),
                    "seq": event.seq,
                }
                for event in seen.events
            ]
        ),
        {
            "at": moment_column("When", width=160),
            "by": cc.TextColumn("Who", width=130),
            "topic": cc.TextColumn("About", width=110),
            "words": cc.TextColumn("What happened", width=680),
            "seq": cc.NumberColumn("No.", width=70, format="%d", help="Its place in the chain."),
        },
        key="activity_trail",
        rows=18,
    )
    pager(seen.total, "event", key="activity_page")


def show_runs() -> None:
    """The last fetches, one row an account."""
    runs = store().sync_runs(RUNS)
    if runs.is_empty():
        nothing_yet(
            "Nothing was fetched from a bank yet.",
            page="pages/bank_accounts.py",
            label="Connect a bank",
            icon=":material/account_balance:",
        )
        return
    names = {account.account_id: account.name for account in account_states(store())}
    show_table(
        runs.with_columns(
            account=pl.col("account_id").replace(names),
            outcome=pl.Series([outcome_words(one) for one in runs["outcome"]], dtype=pl.String),
            last_day=pl.col("until").dt.offset_by("-1d"),
            seconds=(pl.col("finished_at") - pl.col("started_at")).dt.total_milliseconds() / 1000,
        ),
        {
            "started_at": moment_column("When", width=160),
            "account": cc.TextColumn("Account", width=170),
            "outcome": cc.TextColumn("Result", width=140),
            "fetched": cc.NumberColumn("Read", width=70, format="localized"),
            "new": cc.NumberColumn("New", width=70, format="localized"),
            "changed": cc.NumberColumn("Changed", width=80, format="localized"),
            "withdrawn": cc.NumberColumn("Taken back", width=90, format="localized"),
            "from": day_column("From", width=105),
            "last_day": day_column("To", width=105),
            "by": cc.TextColumn("By", width=100),
            "reason": cc.TextColumn("Why", width=320),
        },
        key="activity_runs",
        rows=18,
    )


def show_proof() -> None:
    """The button that proves the records, and what it found last in this session."""
    st.markdown(
        "The proof reads everything: the chain of events against its anchor, allocations against lines and "
        "documents, journals against decisions, counts and sums against the trail, and the balances of the banks. "
        "It changes nothing."
    )
    if st.button("Prove the records", type="primary", icon=":material/verified:", key="activity_check"):
        with st.spinner("Reading everything…"):
            st.session_state["activity_proof"] = (check(store()), store().clock.now())
    if proved := st.session_state.get("activity_proof"):
        proof, at = proved
        st.caption(f"Proved {moment(at)}")
        _show_proof(proof)


def _show_proof(proof: Proof) -> None:
    if not proof.ok:
        st.error(
            "The records contradict themselves. Keep the files of this workspace as they are, and restore the last "
            "good backup beside them.",
            icon=":material/block:",
        )
    elif proof.findings:
        st.warning(
            f"The records hold. {count(len(proof.findings), 'thing')} at the bank's side to look at:",
            icon=":material/warning:",
        )
    else:
        st.success(
            "The records hold: chain, sums, journals and balances all prove themselves.",
            icon=":material/check_circle:",
        )
    if proof.findings:
        names = {account.account_id: account.name for account in account_states(store())}
        found = pl.DataFrame(
            [{name: finding[name] for name in ("severity", "where", "words")} for finding in proof.findings]
        )
        show_table(
            found.with_columns(pl.col("where", "words").str.replace_many(names)),
            {
                "severity": cc.TextColumn("Weight", width=90),
                "where": cc.TextColumn("Where", width=260),
                "words": cc.TextColumn("What", width=700),
            },
            key="activity_findings",
            rows=12,
        )


st.title("Activity", anchor=False)
happened, fetches, proof = st.tabs(["What happened", "Fetches", "Proof"])
with happened, guard():
    show_trail()
with fetches, guard():
    show_runs()
with proof, guard():
    show_proof()
