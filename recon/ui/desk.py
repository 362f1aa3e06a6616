"""Where the reviewer is and what the last click asked for: the session side of the Review page.

A click only notes an intent, with a command id made when its form was first shown; `carry_out` does the work
once, at the top of the next run. Which line is looked at follows its id while it is on the page, else its
position, so that after a decision the next line stands at the same place.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from recon.flow import queue, review
from recon.flow.candidates import Candidate, Looked
from recon.ui.frame import guard, store, user
from recon.ui.match_now import match_now

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Intent:
    """What a click asked for. `form` names the shown form that the command id belongs to; `seen` the versions shown."""

    action: str
    ids: tuple[str, ...] = ()
    line_id: str | None = None
    form: str = ""
    account: str | None = None
    seen: tuple[tuple[str, str], ...] = ()
    reason_key: str = "review_no_reason"
    words: str = ""


def want(intent: Intent) -> None:
    """Note what was clicked, with the reason typed beside it."""
    reason = str(st.session_state.get(intent.reason_key) or "").strip() or None
    st.session_state["review_intent"] = (intent, reason)


def carry_out() -> None:
    """Do what the last click asked for, once; what is refused is told in its own words."""
    intent, reason = st.session_state.pop("review_intent", (None, None))
    if intent is None:
        return
    with guard():
        st.session_state["review_told"] = _ACTS[intent.action](intent, reason)


def shown_as(ids: Iterable[str]) -> str:
    """A short name for just these rows: a click on other rows than those shown finds no widget of that name."""
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:12]


def form(*about: object) -> str:
    """The name of a form as it is shown now: what it is about, at this state of the workspace."""
    return " ".join(str(one) for one in (st.session_state.get("review_version"), *about))


def command_id(form: str) -> str:
    """The id of the command that this form sends: made once, so that a second click is answered like the first."""
    return st.session_state.setdefault("review_commands", {}).setdefault(form, uuid.uuid4().hex)


def answered(decision_ids: str | list[str], line_id: str | None) -> None:
    """Remember what the undo key takes back."""
    made = [decision_ids] if isinstance(decision_ids, str) else decision_ids
    st.session_state["review_last"] = (made, line_id)


def decided(decision_ids: str | list[str], line_id: str | None, words: str) -> None:
    """A dialog's form is done: close it, and say so on the page."""
    answered(decision_ids, line_id)
    panel(None)
    st.session_state["review_told"] = words


def told() -> str | None:
    """What was just done, in words, once."""
    return st.session_state.pop("review_told", None)


def last_decisions(recent: list[dict[str, Any]]) -> tuple[list[str], str | None]:
    """What the undo key takes back, and its line: this session's last decision, else this person's last."""
    if "review_last" in st.session_state:
        return st.session_state["review_last"]
    mine = [row for row in recent if row["decided_by"] == user()]
    return ([mine[0]["decision_id"]], mine[0]["line_id"]) if mine else ([], None)


def remembered(name: str, about: Any, read: Callable[[], Thing]) -> Thing:
    """What was read for the same question at the same state of the workspace, else read now."""
    kept = st.session_state.get(f"review_kept_{name}")
    if kept is None or kept[0] != about:
        kept = (about, read())
        st.session_state[f"review_kept_{name}"] = kept
    return kept[1]


def place(lines: list[dict[str, Any]]) -> int:
    """Which row is looked at: the line chosen before while it is here, else the same position."""
    ids = [line["line_id"] for line in lines]
    chosen = st.session_state.get("review_line")
    position = ids.index(chosen) if chosen in ids else st.session_state.get("review_position", 0)
    position = max(0, min(position, len(ids) - 1))
    st.session_state["review_position"] = position
    st.session_state["review_line"] = ids[position] if ids else None
    return position


def go(line_id: str) -> None:
    """Look at a line of the page shown."""
    st.session_state["review_line"] = line_id


def step(by: int, position: int, shown: queue.Bench) -> None:
    """One line down or up, over to the next or previous page at its ends."""
    wanted = position + by
    if 0 <= wanted < len(shown.lines):
        go(shown.lines[wanted]["line_id"])
    elif 1 <= shown.page + by <= shown.pages:
        st.session_state["review_page"] = shown.page + by
        st.session_state["review_position"] = 0 if by > 0 else queue.PAGE_LINES - 1
        st.session_state["review_line"] = None


def from_the_start() -> None:
    """Another filter, another list."""
    st.session_state.update(review_page=1, review_position=0, review_line=None, review_ticked=set())


def choose(proposal_id: str) -> None:
    """Look at another candidate of the line."""
    st.session_state["review_choice"] = proposal_id


def chosen(looked: Looked) -> Candidate | None:
    """The candidate chosen by hand, else the one the engine chose. Of equal ones none: that is for a person."""
    by_hand = st.session_state.get("review_choice")
    for candidate in looked.candidates:
        if candidate.proposal_id == by_hand:
            return candidate
    return next((one for one in looked.candidates if one.rank == 1), None)


def at_version(version: str) -> None:
    """The page is drawn from this state of the workspace. Ids of forms of other states are forgotten."""
    if st.session_state.get("review_version") != version:
        st.session_state["review_version"] = version
        kept = list(st.session_state.get("review_commands", {}).items())[-20:]
        st.session_state["review_commands"] = dict(kept)


def panel(name: str | None) -> None:
    """Open a dialog over the page, or close it."""
    st.session_state["review_panel"] = name
    st.session_state["review_basket"] = {}


def key(letter: str) -> str | None:
    """A keyboard shortcut, asleep while a dialog is open: a key must not decide behind it."""
    return None if st.session_state.get("review_panel") else letter


def _accept(intent: Intent, reason: str | None) -> str:
    made = review.accept(
        store(),
        intent.ids[0],
        by=user(),
        difference_account=intent.account,
        reason=reason,
        command_id=command_id(intent.form),
        seen=dict(intent.seen),
    )
    answered(made, intent.line_id)
    return intent.words


def _reject(intent: Intent, reason: str | None) -> str:
    made = review.reject(
        store(),
        intent.ids[0],
        by=user(),
        reason=reason,
        command_id=command_id(intent.form),
        seen=dict(intent.seen),
    )
    answered(made, intent.line_id)
    return intent.words


def _undo(intent: Intent, reason: str | None) -> str:
    st.session_state.pop("review_last", None)
    review.undo(
        store(),
        list(intent.ids),
        by=user(),
        reason=reason,
        command_id=command_id(form("undo", *intent.ids)),
    )
    st.session_state["review_line"] = intent.line_id
    return intent.words


def _match(_intent: Intent, _reason: str | None) -> str:
    done = match_now()
    from_the_start()
    return f"Matched: {done.proposals} proposals, {done.unmatched} lines without one."


_ACTS: dict[str, Callable[[Intent, str | None], str]] = {
    "accept": _accept,
    "reject": _reject,
    "undo": _undo,
    "match": _match,
}
