"""The Synchronize button, how far the fetch is, and what came of it."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.outcome import SyncReport
from recon.flow.overview import AccountState, account_states
from recon.flow.worker import Status, ask_for_sync, sync_is_waiting
from recon.ui.consent import login_link
from recon.ui.frame import guard, moment, plain, store, user
from recon.ui.server import worker_status
from recon.ui.tables import count, show_table, span

SHOWN_FOR = timedelta(minutes=15)
_DRAWN = "sync_report_drawn"
LOGIN_FIRST = "Log in at the bank first."
_WORDS = {
    "new": "New lines",
    "none": "Nothing new",
    "partial": "Incomplete",
    "limited": "The bank said wait",
    "needs_login": "Needs a login",
    "failed": "Failed",
}
_REPORT = {
    "account": cc.TextColumn("Account", width=180),
    "outcome": cc.TextColumn("Result", width=140),
    "new": cc.NumberColumn("New", width=70),
    "changed": cc.NumberColumn("Changed", width=80, help="Lines the bank worded anew or took back."),
    "days": cc.TextColumn("Days looked at", width=190),
    "reason": cc.TextColumn("Why", width=400),
}


def outcome_words(outcome: str) -> str:
    """What came of fetching an account, for a table."""
    return _WORDS.get(outcome, outcome)


def under_way() -> bool:
    """Whether a fetch is running, or asked for and about to run."""
    return worker_status().running or sync_is_waiting(store())


def draw_after_sync() -> None:
    """Note which fetch this page is drawn after, before anything is drawn: one that ends meanwhile draws it anew."""
    st.session_state[_DRAWN] = worker_status().report


def synchronize_button(*, disabled: bool) -> None:
    """Ask every bank anew, now."""
    if st.button(
        "Synchronize bank accounts",
        icon=":material/sync:",
        key="bank_accounts_synchronize",
        disabled=disabled or under_way(),
        help="Asks the banks for fresh lines now. Without it they are fetched every six hours.",
    ):
        with guard():
            ask_for_sync(store(), by=user())
            st.rerun()


def sync_progress() -> None:
    """How far a fetch is, looked at every second while there is one; then what came of it."""
    busy = under_way()
    awaited = st.query_params.get("login") == "returned"  # the bank fetches first, then tells us
    drawn_after = st.session_state.get(_DRAWN, worker_status().report)
    st.fragment(_progress, run_every="1s" if busy or awaited else None)(busy, drawn_after)
    if not busy:
        _came_of(worker_status())


def _progress(was_busy: bool, drawn_after: SyncReport | None) -> None:
    if not was_busy:
        if under_way() or worker_status().report is not drawn_after:
            st.rerun()
        return
    if not under_way():
        st.rerun()
    status = worker_status()
    share = status.done / status.total if status.total else 0.0
    step = f"{status.done + 1} of {status.total}" if status.total else ""
    words = f"Fetching {step}: {status.words}" if status.words else "Asking the banks…"
    st.progress(share, text=plain(words))


def _came_of(status: Status) -> None:
    if status.error:
        st.error(plain(status.error), icon=":material/block:")
    report = status.report
    if report is None or report.finished_at is None:
        return
    if store().clock.now() - report.finished_at < SHOWN_FOR and report.accounts:
        _show_report(report)


def _show_report(report: SyncReport) -> None:
    """What came of each account. A bank that waits for a login is told even where a later look found nothing new."""
    known = {account.account_id: account for account in account_states(store())}
    waits = {one for one, account in known.items() if account.consent_status == "needs_login"}
    new = sum(one.new for one in report.accounts)
    with st.container(border=True, key="bank_accounts_report"):
        st.markdown(
            f"**Fetched {moment(report.finished_at)}** · {count(new, 'new line')} from "
            f"{count(len(report.accounts), 'account')}"
        )
        _show_logins([known[one] for one in sorted(waits)])
        rows = [
            {
                "account": known[one.account_id].name if one.account_id in known else one.account_id,
                "outcome": outcome_words("needs_login" if one.account_id in waits else one.outcome),
                "new": one.new,
                "changed": one.changed + one.withdrawn,
                "days": span(one.since, one.until - timedelta(days=1)) if one.until else "",
                "reason": one.reason or (LOGIN_FIRST if one.account_id in waits else ""),
            }
            for one in report.accounts
        ]
        show_table(pl.DataFrame(rows), _REPORT, key="bank_accounts_report_table")


def _show_logins(waiting: list[AccountState]) -> None:
    """Where a person must log in, once a bank, with the link that leads there."""
    for consent_id, bank in {account.consent_id: account.bank for account in waiting}.items():
        words, button = st.columns([5, 1], vertical_alignment="center")
        words.warning(
            f"{plain(bank)} wants you to log in before it gives newer lines. You come back here after.",
            icon=":material/lock:",
        )
        with button:
            login_link("Log in at the bank", consent_id, key=f"report-{consent_id}")
