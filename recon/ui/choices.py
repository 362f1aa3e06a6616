"""What the company chose: save it, and say in words what changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from recon.errors import AmountInexact
from recon.flow.workspace import Preferences, save_preferences
from recon.money import show
from recon.tables.amounts import Bad, read_amounts
from recon.ui.frame import plain, store, user

ROLES = {
    "debtors": ("Debtors", "What customers owe: the other side of a matched invoice."),
    "creditors": ("Creditors", "What we owe suppliers: the other side of a matched bill."),
    "bank_fees": ("Bank fees", "A fee the bank or a payment provider kept."),
    "write_off": ("Small differences", "Rounding, within the tolerance."),
    "discount": ("Discounts", "What a customer takes off for paying early."),
    "fx_difference": ("Exchange differences", "What a rate moved between document and payment."),
    "transfers": ("Own transfers", "Money on its way between two own accounts."),
    "payouts": ("Payouts", "What payment providers owe until they pay out."),
    "overpaid": ("Unplaced payments", "Money over whose purpose is not known yet."),
}
_LABELS = {
    "days_before": "days before the document",
    "days_after": "days after the due date",
    "tolerance_minor": "small difference",
    "fee_max_minor": "largest bank fee",
    "fx_band": "exchange rate band",
    "base_currency": "base currency",
    "per_line": "suggestions a line",
    "auto_risk": "wrong matches borne",
    "on": "accepting by itself",
    "approved_by": "allowed by",
    "max_minor": "largest amount",
    "measured": "acting on what decisions bear out",
    "stopped": "why it was switched off",
    "sample": "looked over by a person",
    "rules": "rules",
    "consent_days": "days a login holds",
    "own_ids": "own numbers and names",
    "texts": "posting texts",
} | {role: label.lower() for role, (label, _) in ROLES.items()}


def typed_amount(text: str, currency: str, what: str) -> int:
    """Minor units of an amount as a person types it, exactly. Raises AmountInexact that names the field."""
    cells, doubt = read_amounts([text], [currency])
    if doubt:
        raise AmountInexact(f"{what} {doubt}. Nothing was changed; write it like 1234.50.")
    amount = cells[0]
    if amount is None or isinstance(amount, Bad):
        why = amount.reason if amount else "is empty"
        raise AmountInexact(f"{what}: {why}. Nothing was changed; write it like 1234.50.")
    if amount < 0:
        raise AmountInexact(f"{what} cannot be negative. Nothing was changed.")
    return amount


def keep(after: Preferences, box: str) -> None:
    """Save choices, remember in words what changed, and show the page again. box: where `say_kept` says it."""
    before = store().preferences()
    told = changes(before, after)
    if told:
        save_preferences(store(), after, by=user())
    st.session_state[f"settings_kept_{box}"] = told
    st.rerun()


def say_kept(box: str) -> None:
    """What the last save in this box changed, once."""
    told = st.session_state.pop(f"settings_kept_{box}", None)
    if told is None:
        return
    if told:
        st.success(plain(f"Saved: {'; '.join(told)}."), icon=":material/check_circle:")
    else:
        st.info("Nothing was different, so nothing was saved.", icon=":material/info:")


def changes(before: Preferences, after: Preferences) -> list[str]:
    """Each choice that differs, in words: `days after the due date: 120 → 90`."""
    old, new = _flat(before), _flat(after)
    currency = after.policy.base_currency
    return [
        f"{_LABELS.get(name, name)}: {_worded(name, old[name], currency)} → {_worded(name, new[name], currency)}"
        for name in new
        if old[name] != new[name]
    ]


def _flat(chosen: Preferences) -> dict[str, Any]:
    told = asdict(chosen)
    policy = told.pop("policy")
    return (
        {name: policy[name] for name in _LABELS if name in policy}
        | told.pop("auto")
        | told.pop("roles")
        | told
    )


def _worded(name: str, value: Any, currency: str) -> str:
    if name.endswith("_minor"):
        return show(value, currency, store().settings.language)
    if name in ("fx_band", "auto_risk", "sample"):
        return f"{100 * value:g} %"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value) if value is not None else "nobody" if name == "approved_by" else "none"
