"""The first steps of a new workspace, ticked off as they are done; nothing once all are."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st


class Step(NamedTuple):
    """One step: whether it is done, what to do, why, and where."""

    done: bool
    title: str
    words: str
    page: str
    label: str


def first_steps(beginnings: dict[str, Any]) -> list[Step]:
    """The steps from an empty workspace to an exported journal; `beginnings` counts what there is."""
    had = {name: number > 0 for name, number in beginnings.items()}
    return [
        Step(
            had["lines"], "Bank lines in", "Connect your bank, or import a statement.",
            "pages/bank_accounts.py", "Bank accounts",
        ),
        Step(
            had["items"], "Documents in", "Open invoices and bills, from the template.",
            "pages/documents.py", "Documents",
        ),
        Step(
            had["accounts"] and not had["unbooked"], "ERP accounts", "One ledger account for each bank account.",
            "pages/bank_accounts.py", "Set them",
        ),
        Step(
            had["decisions"], "Review", "Accept what fits, and book the rest to an account.",
            "pages/review.py", "Review",
        ),
        Step(had["exports"], "Export", "Take the journal to your bookkeeping.", "pages/postings.py", "Postings"),
    ]  # fmt: skip


def show_first_steps(beginnings: dict[str, Any]) -> None:
    """The steps side by side, the next one marked; nothing when all are done."""
    steps = first_steps(beginnings)
    left = [step for step in steps if not step.done]
    if not left:
        return
    with st.container(border=True):
        st.markdown(f"**First steps** · {len(steps) - len(left)} of {len(steps)} done")
        for number, (column, step) in enumerate(zip(st.columns(len(steps)), steps, strict=True), 1):
            with column:
                if step.done:
                    st.badge("Done", icon=":material/check:", color="green")
                elif step is left[0]:
                    st.badge("Next", icon=":material/arrow_forward:", color="blue")
                else:
                    st.badge(f"Step {number}", color="gray")
                st.markdown(f"**{step.title}**")
                st.caption(step.words)
                st.page_link(step.page, label=step.label, icon=":material/arrow_forward:")
