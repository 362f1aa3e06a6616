"""Acting alone, on the Settings page: what was measured on the company's own decisions, and the switch below it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.errors import UsageError
from recon.flow.judge import Judged
from recon.flow.models import Learnt, learnt, measure
from recon.flow.sampling import watched
from recon.flow.workspace import Preferences
from recon.match.bound import AutoBounds
from recon.money import plain as bare
from recon.review.policy import AutoAccept
from recon.ui.choices import keep, say_kept, typed_amount
from recon.ui.frame import flash, plain, store, user
from recon.ui.tables import count, show_table

REFERENCES = (
    "**Full payment references** need no history: the reference is complete, its check digit holds, it belongs to one "
    "open document alone, and the amount is exact."
)
WAYS = {
    "all ways": "All ways together",
    "reference": "By payment reference",
    "number": "By document number",
    "party": "By the other party",
    "amount": "By amount alone",
    "part": "Part of a document",
    "fx": "In another currency",
    "named": "Several documents, all named",
    "all": "All that a party has open",
    "run": "A run of documents",
    "some": "Some documents that add up",
    "payout": "Payouts of a provider",
    "instalments": "Instalments",
    "parts": "Parts of a batched line",
    "transfer": "Own transfers",
    "rule": "By a rule",
    "booking": "Booked to an account",
}


def stopped_notice(*, link: bool = False) -> None:
    """Why acting alone was switched off by itself; nothing where it was not."""
    if words := store().preferences().auto.stopped:
        st.warning(plain(f"Acting alone was switched off. {words}"), icon=":material/front_hand:")
        if link:
            st.page_link("pages/settings.py", label="See Acting alone", icon=":material/settings:")


def show_alone(chosen: Preferences) -> None:
    """Whether recon may accept by itself, what that covers, up to what, and who says so."""
    stopped_notice()
    known = learnt(store())
    _show_measured(chosen, known)
    st.subheader("The switch", anchor=False)
    _show_switch(chosen, known)
    say_kept("alone")
    _show_sample(chosen.auto)


def _show_measured(chosen: Preferences, known: Learnt) -> None:
    st.subheader("Measured on your own decisions", anchor=False)
    told = st.session_state.get("settings_measured") or known.judged
    _figures(told, known)
    if told:
        st.caption(plain(_back_test(told)))
    st.markdown(REFERENCES)
    st.markdown(_standing(known, plain(f"{100 * chosen.policy.auto_risk:g} %")))
    if known.bounds:
        _show_ways(known.bounds)
    if st.button("Measure on the latest decisions", icon=":material/straighten:", key="settings_measure"):
        with st.spinner("Replaying what people decided…"):
            st.session_state["settings_measured"] = measure(store())
        if st.session_state["settings_measured"] is None:
            flash("Nothing was decided since the model was taught.", ":material/info:")
        st.rerun()


def _standing(known: Learnt, risk: str) -> str:
    """What may act beyond full references, and what is missing for it. risk: escaped."""
    if known.may_act:
        return f"**More than that** is borne out by your decisions, with at most {risk} wrong:"
    if known.missing:
        return (
            f"**More than that** is not known to be safe yet. To know whether at most {risk} would be wrong, at least "
            f"**{count(known.missing, 'more decision')}** are needed, without an error among the surest."
        )
    if known.bounds:
        return f"**More than that** is not safe: your decisions do not bear out at most {risk} wrong."
    return "**More than that** can be measured now: press Learn from decisions, under Learning."


def _figures(told: Judged | None, known: Learnt) -> None:
    """By lines that taught the model, each answered without its own decision; else by the back-test."""
    coverage, precision, decided, missing = st.columns(4)
    alone, wrong = known.alone
    of = known.taught_by
    if not known.may_act and told:
        alone, wrong, of = told.auto, told.auto - told.auto_right, told.lines
    words = f"{alone:,} of {of:,} decided lines" if of else "not measured yet"
    _figure(coverage, "Would be accepted alone", f"{alone / of:.0%}" if of else "–", words)
    share = f"{100 * (alone - wrong) / alone:.1f} %" if alone else "–"
    _figure(
        precision, "Of these right", share, f"{alone - wrong:,} of {alone:,}" if alone else "none to judge"
    )
    _figure(decided, "Lines people decided", f"{known.decided:,}", f"{known.needed:,} are the least")
    _figure(missing, "Decisions still missing", f"{known.missing:,}", "for more than references")


def _back_test(told: Judged) -> str:
    return (
        f"Back-test on the last {count(told.lines, 'decided line')}, which the model did not know then: {told.auto:,} "
        f"would have been accepted alone, {told.auto_right:,} of them right; of all first choices {told.right:,} were "
        f"right and {told.wrong:,} wrong."
    )


def _figure(place: st.delta_generator.DeltaGenerator, label: str, value: str, words: str) -> None:
    place.metric(label, value, words, delta_color="off", delta_arrow="off", border=True)


def _show_ways(bounds: AutoBounds) -> None:
    may = {one.way: "yes" if one.threshold is not None else "no" for one in bounds.ways}
    rows = [
        {"way": WAYS.get(way, way), "may": may.get(way, ""), "words": words}
        for way, words in bounds.words().items()
    ]
    show_table(
        pl.DataFrame(rows),
        {
            "way": cc.TextColumn("How it was found", width=200),
            "may": cc.TextColumn("May act", width=70),
            "words": cc.TextColumn("What your decisions say", width=720),
        },
        key="settings_ways",
    )


def _show_switch(chosen: Preferences, known: Learnt) -> None:
    auto, policy = chosen.auto, chosen.policy
    with st.form("settings_alone"):
        on = st.toggle("Accept certain matches without a person", auto.on, key="settings_auto_on")
        measured = st.checkbox(
            "Also what your decisions bear out, not only full references",
            auto.measured and known.may_act, disabled=not known.may_act, key="settings_auto_measured",
            help=None if known.may_act else "Your decisions do not yet show from where that would be safe.",
        )  # fmt: skip
        who, most, risk, sample = st.columns(4)
        approved_by = who.text_input(
            "Allowed by", auto.approved_by or user(), max_chars=80, key="settings_approved_by",
            help="The person who answers for it; named with every match.",
        )  # fmt: skip
        largest = most.text_input(
            f"Largest amount, {policy.base_currency}", bare(auto.max_minor, policy.base_currency),
            key="settings_auto_max", help="Anything larger waits for a person, in whatever currency.",
        )  # fmt: skip
        auto_risk = risk.number_input(
            "Wrong matches borne, %", 0.01, 5.0, max(0.01, 100 * policy.auto_risk), 0.1, format="%.2f",
            key="settings_auto_risk", help="The share of wrong ones the company bears among these.",
        )  # fmt: skip
        share = sample.number_input(
            "Looked over by a person, %", 1.0, 100.0, 100 * auto.sample, 1.0, format="%.0f",
            key="settings_auto_sample", help="Drawn by lot, at least one a week; they wait under Review.",
        )  # fmt: skip
        st.caption(
            "Nothing with a difference, with a rival that is as good, or above the largest amount is accepted alone. "
            "Every such match names the person in the audit trail and can be undone."
        )
        saved = st.form_submit_button("Save", type="primary", key="settings_alone_save")
    if not saved:
        return
    name = approved_by.strip()
    if on and not name:
        raise UsageError("Accepting by itself needs a person who allows it. Nothing was changed; name one.")
    limit = typed_amount(largest, policy.base_currency, "Largest amount")
    allowed = replace(
        auto, on=on, approved_by=name if on else auto.approved_by, max_minor=limit, measured=measured,
        sample=round(share / 100, 4), stopped=None if on else auto.stopped,
    )  # fmt: skip
    keep(replace(chosen, auto=allowed, policy=replace(policy, auto_risk=round(auto_risk / 100, 6))), "alone")


def _show_sample(auto: AutoAccept) -> None:
    seen = watched(store())
    if not seen.accepted:
        return
    told = (
        f"{count(seen.accepted, 'match', 'matches')} made alone in the last 90 days, {seen.drawn:,} drawn. "
    )
    waits = f" {seen.waiting:,} wait under Review." if seen.waiting else ""
    st.caption(plain(f"{told}{seen.words}.{waits}"))
    if auto.on:
        st.caption("Where the sample shows more wrong ones than the company bears, this switches itself off.")
