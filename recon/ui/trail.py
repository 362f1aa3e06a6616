"""Events of the audit trail in words: for tables, since they hold names and texts of banks and files."""

from __future__ import annotations

from collections.abc import Callable

from recon.flow.trail import Happened, Names
from recon.match import say_probability
from recon.money import show

Words = Callable[[Happened, Names], str]

TOPICS: dict[str, tuple[str, ...]] = {
    "Decisions": ("accept", "reject", "allocate", "book", "undo"),
    "Matching": ("matched", "model_promoted", "model_declined", "auto_checked", "auto_stopped"),
    "Postings": ("posted", "exported"),
    "Bank lines": ("lines_kept", "lines_changed", "imported", "inbox_refused", "layout_kept", "layout_forgotten"),
    "Documents": ("erp_pulled", "erp_access_kept", "erp_access_forgotten", "columns_kept"),
    "Fetching": (
        "sync_started", "sync_finished", "account_synced", "fetch_asked", "fetch_taken", "bank_asked", "bank_told",
    ),
    "Bank access": (
        "login_begun", "login_returned", "login_required", "login_seen", "consent_given", "consent_withdrawn",
        "accounts_linked",
    ),
    "Settings": ("settings_changed", "rules_changed", "chart_changed", "account_changed", "workspace_prepared"),
    "Keeping": ("backed_up", "restored", "stored"),
}  # fmt: skip
"""Kinds of events by what they are about."""

_TOPIC_OF = {kind: topic for topic, kinds in TOPICS.items() for kind in kinds}
_OUTCOMES = {
    "new": "new lines",
    "none": "nothing new",
    "partial": "incomplete",
    "limited": "the bank said wait",
    "needs_login": "needs a login",
    "failed": "failed",
}
_SETTINGS = {
    "policy": "matching",
    "auto": "acting alone",
    "roles": "roles of ERP accounts",
    "consent_days": "length of a login",
    "own_ids": "own numbers and names",
    "texts": "posting texts",
    "erp_account": "ERP account",
    "name": "name",
    "sync_from": "start date",
    "is_on": "on or off",
}


def topic_of(kind: str) -> str:
    """The topic a kind belongs to."""
    return _TOPIC_OF.get(kind, "Other")


def event_words(event: Happened, names: Names) -> str:
    """What happened, in a sentence; a kind nobody worded yet is told by its own name."""
    worded = _WORDS.get(event.kind)
    return worded(event, names) if worded else f"{event.kind.replace('_', ' ').capitalize()}: {event.subject}"


def _n(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"


def _line(event: Happened, names: Names) -> str:
    line = names.lines.get(event.told.get("line_id") or "")
    if line is None:
        return "a bank line"
    return f"{line['booking_date']:%-d %b %Y}, {show(line['amount_minor'], line['currency'])}, “{line['text'][:70]}”"


def _bank(event: Happened, names: Names) -> str:
    return event.told.get("bank") or names.banks.get(
        event.told.get("consent_id") or event.subject, "the bank"
    )


def _account(event: Happened, names: Names) -> str:
    return names.accounts.get(event.subject, "an account")


def _accept(event: Happened, names: Names) -> str:
    sure = event.told.get("probability")
    alone = "Accepted by itself" if event.told.get("auto") else "Accepted"
    return f"{alone}{f' at {say_probability(sure)}' if sure is not None else ''}: {_line(event, names)}"


def _book(event: Happened, names: Names) -> str:
    accounts = sorted({row["erp_account"] for row in event.told["allocations"] if row.get("erp_account")})
    return f"Booked to {', '.join(accounts)}: {_line(event, names)}"


def _kept(event: Happened, names: Names) -> str:
    told = event.told
    parts = [
        f"{told['new']:,} new of {told['told']:,}",
        f"{told['held']:,} held back" if told.get("held") else "",
        f"{len(told['withdrawn']):,} taken back by the bank" if told.get("withdrawn") else "",
        f"{len(told['returned']):,} brought back" if told.get("returned") else "",
    ]
    return f"Lines of {_account(event, names)}: {', '.join(part for part in parts if part)}"


def _pulled(event: Happened, _: Names) -> str:
    told = event.told
    parts = [
        f"{told['new']:,} new",
        f"{told['changed']:,} changed" if told["changed"] else "",
        f"{len(told['closed']):,} settled there" if told["closed"] else "",
        f"{len(told['gone']):,} no longer there" if told["gone"] else "",
    ]
    return f"Pulled from {event.subject}: {', '.join(part for part in parts if part)}"


def _imported(event: Happened, _: Names) -> str:
    again = "; the same file as before, nothing added" if event.told.get("again") else ""
    rows = f"{_n(event.told['rows'], 'row')}, {event.told['new']:,} new"
    return f"Imported {event.subject} ({event.told['format']}): {rows}{again}"


def _finished(event: Happened, _: Names) -> str:
    outcomes = list(event.told["outcomes"].values())
    counted = [f"{words} ({outcomes.count(one)})" for one, words in _OUTCOMES.items() if one in outcomes]
    return f"Fetch finished: {', '.join(counted) or 'no account'}"


def _synced(event: Happened, names: Names) -> str:
    outcome = _OUTCOMES.get(event.told["outcome"], event.told["outcome"])
    new = f" ({event.told['new']:,})" if event.told.get("new") else ""
    return f"Fetched {_account(event, names)}: {outcome}{new}"


def _returned(event: Happened, names: Names) -> str:
    outcome = {"accepted": "with a yes", "cancelled": "cancelled", "returned": "after a login"}
    return f"Back from {_bank(event, names)}: {outcome.get(event.told['outcome'], event.told['outcome'])}"


def _linked(event: Happened, names: Names) -> str:
    named = ", ".join(names.accounts.get(one, "an account") for one in event.told["accounts"])
    return f"Linked at {_bank(event, names)}: {named}"


def _account_changed(event: Happened, names: Names) -> str:
    before, after = event.told["before"], event.told["after"]
    parts = [f"{_SETTINGS.get(key, key)} {_value(before[key])} → {_value(after[key])}" for key in after]
    return f"{_account(event, names)}: {', '.join(parts)}"


def _value(value: object) -> str:
    if value is None or value == "":
        return "none"
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _settings(event: Happened, _: Names) -> str:
    changed = [_SETTINGS.get(name, name) for name in event.told]
    return f"Settings changed: {', '.join(changed) or 'nothing'}"


def _rules(event: Happened, _: Names) -> str:
    done = {"added": "Rule added", "removed": "Rule taken away", "moved": "Rule moved"}
    told = [f"{words}: {event.told[name]}" for name, words in done.items() if name in event.told]
    return f"{told[0]} ({_n(len(event.told['rules']), 'rule')} now)"


def _judged(event: Happened) -> str:
    old, new = event.told["old"], event.told["new"]
    return f"{new['wrong']:,} wrong of {new['lines']:,}, before {old['wrong']:,}"


_WORDS: dict[str, Words] = {
    "accept": _accept,
    "reject": lambda e, n: f"Rejected a suggestion for: {_line(e, n)}",
    "allocate": lambda e, n: f"Placed by hand ({_n(len(e.told['allocations']), 'part')}): {_line(e, n)}",
    "book": _book,
    "undo": lambda e, n: f"Undone: {_line(e, n)}",
    "matched": lambda e, _: (
        f"Matched {_n(e.told['lines'], 'open line')}: {_n(e.told['proposals'], 'suggestion')}"
    ),
    "model_promoted": lambda e, _: (
        f"New model {e.subject}, taught by {_n(e.told['decisions'], 'decided line')}: {_judged(e)}"
    ),
    "model_declined": lambda e, _: f"Model {e.subject} was no better than the one in use: {_judged(e)}",
    "auto_checked": lambda e, n: f"Looked over and right: {_line(e, n)}",
    "auto_stopped": lambda e, _: f"Acting alone was switched off. {e.told['words']}",
    "posted": lambda e, _: (
        f"Posted {_n(len(e.told['decisions']), 'decision')} in {e.told['entries']:,} entries"
    ),
    "exported": lambda e, _: (
        f"Exported {e.subject} as {e.told['format']}: {_n(e.told['journals'], 'journal')}"
    ),
    "lines_kept": _kept,
    "lines_changed": lambda e, _: f"The bank worded {e.subject} anew",
    "imported": _imported,
    "erp_pulled": _pulled,
    "erp_access_kept": lambda e, _: f"Connected {e.subject}",
    "erp_access_forgotten": lambda e, _: f"Disconnected {e.subject}",
    "inbox_refused": lambda e, _: f"Refused from the inbox: {e.told['words']}",
    "layout_forgotten": lambda e, _: f"Files with {e.subject} are no statements any more",
    "layout_kept": lambda e, _: f"Columns named for bank files with {e.subject}",
    "columns_kept": lambda e, _: f"Columns named for files with {e.subject}",
    "sync_started": lambda e, _: f"Fetch started for {_n(len(e.told['accounts']), 'account')}",
    "sync_finished": _finished,
    "account_synced": _synced,
    "fetch_asked": lambda e, _: f"Fetch asked for ({e.told['reason']})",
    "fetch_taken": lambda e, _: f"Fetch taken up ({', '.join(sorted(set(e.told['reasons'])))})",
    "bank_asked": lambda e, n: (
        f"Asked {_bank(e, n)} for fresh data" + (", a person being there" if e.told.get("attended") else "")
    ),
    "bank_told": lambda e, n: f"Message from {_bank(e, n)}: {e.subject}",
    "login_begun": lambda e, _: (
        "Login at a bank begun" + ("" if e.told["purpose"] == "connect" else " to renew an access")
    ),
    "login_returned": _returned,
    "login_required": lambda e, n: f"{_bank(e, n)} wants a person to log in",
    "login_seen": lambda e, n: f"A person logged in at {_bank(e, n)}",
    "consent_given": lambda e, n: f"Access to {_bank(e, n)} given",
    "consent_withdrawn": lambda e, n: f"Access to {_bank(e, n)} ended here; its tokens were deleted",
    "accounts_linked": _linked,
    "settings_changed": _settings,
    "rules_changed": _rules,
    "chart_changed": lambda e, _: f"Chart of ERP accounts changed: {_n(e.told['accounts'], 'account')} now",
    "account_changed": _account_changed,
    "workspace_prepared": lambda e, _: f"Workspace prepared (shape {e.subject})",
    "backed_up": lambda e, _: f"Backed up to {e.subject}, restored from it and checked",
    "restored": lambda e, _: f"Restored from {e.subject}",
    "stored": lambda e, _: f"Stored without further words: {e.subject.replace('_', ' ')}",
}
