"""Rules on the Settings page: the list in its order, and an editor that shows what a rule would have met."""

from __future__ import annotations

import polars as pl
import streamlit as st
from streamlit import column_config as cc

from recon.flow.rules import RulePreview, add_rule, move_rule, preview_rule, remove_rule
from recon.flow.workspace import Preferences
from recon.ui.frame import flash, guard, plain, store, user
from recon.ui.tables import amount_column, amounts, count, day, day_column, show_table

SHOWN_LINES = 200
TABLE_ROWS = 8
FORMS = """
| a condition | for example |
|---|---|
| words in the bank's text | `text has "gebyr"` |
| the other party | `counterparty is "Skat"` · `counterparty has "energi"` |
| the other party's account | `account is "DK5000400440116243"` |
| the amount, plus is money in | `amount < 0` · `amount >= 500.00` · `amount between 100.00 and 200.00` |
| the currency | `currency is EUR` |
| the kind of movement | `kind is fee` · `interest` · `card` · `direct_debit` · `transfer` · `payout` |

Join conditions with `and`. Then comes `->` and where such a line belongs: `account 7220`, or the party whose documents
it pays: `party C1042` · `party "Nordlys ApS"`. Capitals, æøå and company forms do not matter.
"""


def show_rules(chosen: Preferences) -> None:
    """The rules there are, and below them a new one."""
    st.markdown(
        "A rule says in one line where bank lines belong that no document names. What it says becomes a suggestion "
        "like any other: you accept it under Review, and a document with its own reference still comes first."
    )
    rules = chosen.policy.rules
    if not rules:
        st.caption("There is no rule yet.")
    for place, rule in enumerate(rules, 1):
        _show_rule(rule, place, len(rules))
    if len(rules) > 1:
        st.caption("Of several rules that hold for a line, the first one counts.")
    _show_editor(chosen)


def _show_rule(rule: str, place: int, last: int) -> None:
    number, words, buttons = st.columns([1, 16, 5], vertical_alignment="center")
    number.markdown(f"{place}\\.")
    words.code(rule, language=None, wrap_lines=True)
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        up = st.button(
            "",
            icon=":material/arrow_upward:",
            help="Up",
            disabled=place == 1,
            key=f"settings_rule_up_{place}",
        )
        down = st.button(
            "", icon=":material/arrow_downward:", help="Down", disabled=place == last,
            key=f"settings_rule_down_{place}",
        )  # fmt: skip
        away = st.button(
            "Remove", icon=":material/delete:", help="Take this rule away", key=f"settings_rule_away_{place}"
        )
    if up or down:
        move_rule(store(), rule, place + (1 if down else -1), by=user())
        st.rerun()
    if away:
        remove_rule(store(), rule, by=user())
        flash("Rule taken away. What it led to stays as it is.")
        st.rerun()


def _show_editor(chosen: Preferences) -> None:
    turn = st.session_state.setdefault("settings_rule_turn", 0)
    fees = f"kind is fee and amount < 0 -> account {chosen.roles.bank_fees}"
    typed = st.text_input(
        "New rule", key=f"settings_rule_text_{turn}", placeholder=fees,
        help="Press Enter to see which lines of the last twelve months it would have met.",
    )  # fmt: skip
    with st.expander("What a rule can say", icon=":material/help:"):
        st.markdown(FORMS)
    if not typed.strip():
        return
    with guard():
        tried = preview_rule(store(), typed)
        show_preview(tried)
        if tried.rule in chosen.policy.rules:
            st.info("This rule is in the list already.", icon=":material/info:")
        elif st.button("Add rule", type="primary", icon=":material/add:", key="settings_rule_add"):
            add_rule(store(), typed, by=user())
            st.session_state["settings_rule_turn"] = turn + 1
            flash("Rule added. It speaks when matching runs next.")
            st.rerun()


def show_preview(tried: RulePreview) -> None:
    """How many lines a rule would have met, what speaks against it, and the lines themselves."""
    counts = tried.counts
    told = st.columns(4)
    told[0].metric("Lines it would have met", f"{counts['hits']:,}")
    told[1].metric("Decided the same way", f"{counts['agree']:,}")
    told[2].metric("Still open", f"{counts['open']:,}")
    told[3].metric("Conflicts", f"{counts['conflicts']:,}")
    st.caption(f"Booked since {day(tried.since)}.")
    for doubt in tried.doubts:
        st.warning(plain(doubt), icon=":material/warning:")
    if counts["conflicts"]:
        st.markdown(f"**{count(counts['conflicts'], 'line')} would conflict**")
        _show_lines(tried.conflicts, key="settings_rule_conflicts")
    if counts["hits"]:
        with st.expander(f"All {count(counts['hits'], 'line')} it would have met"):
            _show_lines(tried.hits, key="settings_rule_hits")


def _show_lines(hits: pl.DataFrame, *, key: str) -> None:
    first = hits.head(SHOWN_LINES)
    decided = pl.format("Decided: {}", "decided")
    why = (
        pl.when(pl.col("conflict") == "earlier")
        .then(pl.format("Taken first by: {}", "earlier"))
        .when(pl.col("conflict") == "refused")
        .then(pl.lit("A person said no to this"))
        .otherwise(pl.coalesce(decided, pl.lit("Open")))
    )
    show_table(
        first.with_columns(amount=amounts(first["amount_minor"], first["currency"]), why=why),
        {
            "booking_date": day_column("Booked", width=105),
            "amount": amount_column("Amount", width=130),
            "text": cc.TextColumn("Text", width=300),
            "counterparty_name": cc.TextColumn("Other party", width=180),
            "why": cc.TextColumn("What became of it", width=320),
        },
        key=key,
        rows=TABLE_ROWS,
    )
    if hits.height > first.height:
        st.caption(f"The latest {first.height} are shown.")
