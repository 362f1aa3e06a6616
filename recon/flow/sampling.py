"""A sample of what the engine accepted by itself, put before a person, and the hand that switches it off.

In: decisions of the engine, what the audit trail kept of them, what people said of the sample. Out: lines to look
over, figures, and, where too many were wrong, acting alone switched off with the reason. The sample is drawn by the
decisions' own ids, so anybody can draw it again; which line is drawn depends on nothing known of the line.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from recon.clock import BANK_ZONE
from recon.errors import AlreadyDecided, UsageError
from recon.flow.review import undo
from recon.flow.workspace import Preferences, Store, read_preferences
from recon.match.bound import broken
from recon.match.calibrate import OUTCOMES
from recon.schema import conform
from recon.store import documents, events, models, preferences, statements

WINDOW = timedelta(days=90)
"""How far back matches of the engine are watched."""
_SPACE = 2**64


@dataclass(frozen=True)
class Drawn:
    """A match of the engine that a person is to look over.

    line: the bank line (LINES). settles: documents and accounts in words, with what each got, in `currency`. evidence:
    what spoke for and against it then, in words.
    """

    decision_id: str
    decided_at: datetime
    probability: float
    line: dict[str, Any]
    settles: tuple[tuple[str, int, str], ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Watched:
    """What people said of the engine's matches of the last 90 days, since it was last switched off.

    accepted: matches made alone. drawn: of them put before a person. waiting: not looked over yet. right, wrong: what
    people said; a drawn match that was undone is wrong, whoever undid it.
    """

    accepted: int
    drawn: int
    waiting: int
    right: int
    wrong: int
    broken: bool

    @property
    def words(self) -> str:
        """What was found, in a sentence."""
        said = self.right + self.wrong
        were = "was" if self.wrong == 1 else "were"
        return f"{self.wrong:,} of {said:,} looked over {were} wrong" if said else "None was looked over yet"


def drawn(decisions: list[dict[str, Any]], share: float) -> list[dict[str, Any]]:
    """The sample: by chance `share` of the decisions, and of each week one of its first run.

    decisions: `decision_id decided_at`, oldest first. A later decision never takes an earlier one out.
    """
    first: dict[tuple[int, int], datetime] = {}
    of_week: dict[tuple[int, int], str] = {}
    for one in sorted(decisions, key=lambda row: (row["decided_at"], _lot(row["decision_id"]))):
        week = one["decided_at"].astimezone(BANK_ZONE).isocalendar()[:2]
        if week not in first:
            first[week], of_week[week] = one["decided_at"], one["decision_id"]
    weekly = set(of_week.values())
    return [
        one for one in decisions if _lot(one["decision_id"]) < share * _SPACE or one["decision_id"] in weekly
    ]


def watched(store: Store) -> Watched:
    """Figures of the sample; reads only."""
    return _watched(_alone(store), store.preferences())


def to_look_over(store: Store, limit: int = 20) -> list[Drawn]:
    """Drawn matches nobody has looked over yet, oldest first."""
    waiting = [
        one
        for one in drawn(_alone(store, since_stopped=False), store.preferences().auto.sample)
        if not one["checked"] and not one["undone"]
    ][:limit]
    if not waiting:
        return []
    with store.database.read() as c:
        lines = {row["line_id"]: row for row in statements.some_lines(c, _ids(waiting)).to_dicts()}
        given = [leg["item_id"] for one in waiting for leg in one["told"]["allocations"]]
        items = {row["item_id"]: row for row in documents.some_items(c, given).to_dicts()}
    return [_shown(one, lines, items) for one in waiting]


def say_right(store: Store, decision_id: str, *, by: str) -> None:
    """A person looked at a match of the engine and found it right; from then on it teaches like their own."""
    with store.database.write(by) as writer:
        one = next(
            (row for row in models.accepted_alone(writer.c) if row["decision_id"] == decision_id), None
        )
        if one is None:
            raise UsageError(f"{decision_id} is no match that recon made by itself. Nothing was changed.")
        if one["checked"] or one["undone"]:
            raise AlreadyDecided("Somebody looked this over meanwhile. Nothing was changed; reload the page.")
        writer.event("auto_checked", decision_id, line_id=one["line_id"])
        models.add_check(
            writer.c, decision_id=decision_id, seq=writer.seq, checked_at=writer.at, checked_by=by
        )


def say_wrong(store: Store, decision_id: str, *, by: str, reason: str) -> bool:
    """A person found a match of the engine wrong: it is undone; returns whether acting alone was switched off for it.

    Raises UsageError without a reason, NothingToUndo where it was undone before.
    """
    if not reason.strip():
        raise UsageError("A wrong match is undone with a reason. Nothing was changed; say what is wrong.")
    undo(store, decision_id, by=by, reason=reason.strip())
    return watch(store)


def watch(store: Store) -> bool:
    """Switch acting alone off where the sample shows more wrong matches than the company bears; True where it did."""
    chosen = store.preferences()
    if not chosen.auto.on:
        return False
    seen = _watched(_alone(store), chosen)
    if not seen.broken:
        return False
    risk = chosen.policy.auto_risk
    words = (
        f"{seen.words}, more than chance explains where at most {100 * risk:g} % are. recon accepts nothing by itself "
        "until a person switches it on again."
    )
    with store.database.write("engine") as writer:
        auto = read_preferences(writer.c, store.settings.language).auto
        if not auto.on:
            return False
        told = preferences.read_setting(writer.c, "preferences", {})
        told["auto"] = asdict(replace(auto, on=False, stopped=words))
        preferences.write_setting(writer.c, "preferences", told)
        writer.event(
            "auto_stopped", "acting alone", words=words, right=seen.right, wrong=seen.wrong, risk=risk
        )
    return True


def _alone(store: Store, *, since_stopped: bool = True) -> list[dict[str, Any]]:
    """What the engine accepted in the window, by default only since it was last switched off."""
    since = store.clock.now() - WINDOW
    with store.database.read() as c:
        stopped = events.last_of(c, "auto_stopped") if since_stopped else 0
        return [one for one in models.accepted_alone(c, since) if one["seq"] > stopped]


def _watched(alone: list[dict[str, Any]], chosen: Preferences) -> Watched:
    some = drawn(alone, chosen.auto.sample)
    said = [one for one in some if one["checked"] or one["undone"]]
    rows = [
        {
            "line_id": one["decision_id"],
            "way": one["told"]["kind"],
            "probability": one["told"]["probability"],
            "right": not one["undone"],
            "decided_at": one["decided_at"],
        }
        for one in said
    ]
    sample = conform(pl.DataFrame(rows, schema=OUTCOMES.schema), OUTCOMES)
    return Watched(
        accepted=len(alone),
        drawn=len(some),
        waiting=len(some) - len(said),
        right=int(sample["right"].sum()),
        wrong=int((~sample["right"]).sum()),
        broken=bool(rows) and broken(sample, chosen.policy.auto_risk),
    )


def _shown(one: dict[str, Any], lines: dict[str, Any], items: dict[str, Any]) -> Drawn:
    line = lines[one["line_id"]]
    return Drawn(
        decision_id=one["decision_id"],
        decided_at=one["decided_at"],
        probability=one["told"]["probability"],
        line=line,
        settles=tuple(_settles(leg, line, items) for leg in one["told"]["allocations"]),
        evidence=tuple(one["told"]["evidence"]),
    )


def _settles(leg: dict[str, Any], line: dict[str, Any], items: dict[str, Any]) -> tuple[str, int, str]:
    item = items.get(leg["item_id"])
    if item is None:
        return leg["item_id"].replace(":", " "), leg["amount_minor"], line["currency"]
    words = f"{item['kind'].replace('_', ' ').capitalize()} {item['document_no']}"
    party = f" · {item['counterparty_name']}" if item["counterparty_name"] else ""
    return words + party, leg["item_amount_minor"], item["currency"]


def _ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["line_id"] for row in rows]


def _lot(decision_id: str) -> int:
    """A number drawn for a decision: evenly from 0 to 2⁶⁴, the same for everybody."""
    return int.from_bytes(hashlib.blake2b(decision_id.encode(), digest_size=8).digest(), "big")
