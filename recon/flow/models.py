"""What decisions teach the engine: try a new model against the one in use, keep the better one, and teach it again.

In: the decision log. Out: a version that weighs from then on, or the old one, and how each did on the last decided
lines, which neither had seen. Only what people decided teaches: what the engine accepted by itself counts once a
person found it right, else it would learn from its own word. Nothing that was proposed or decided is changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from recon.errors import DataRefused, UsageError
from recon.flow.backtest import whole_policy
from recon.flow.in_use import model_of
from recon.flow.judge import Judged, decided_lines, judge, without_last
from recon.flow.workspace import Store
from recon.match import ENGINE_VERSION
from recon.match.bound import AutoBounds, needed
from recon.match.learn import CALIBRATED_FROM, DECISIONS_LEAST, fit
from recon.match.weights import Model
from recon.policy import Policy
from recon.schema import INSTANT, History
from recon.store import events
from recon.store import models as kept_models

JUDGED_LEAST, JUDGED_MOST = 20, 500
"""Decided lines that two models are compared on: a quarter of those since the model in use, within these ends."""
_FRAME = {
    "version": pl.String, "in_use": pl.Boolean, "promoted": pl.Boolean, "made_at": INSTANT, "by": pl.String,
    "decisions": pl.Int64, "taught_to": pl.Int64, "judged": pl.Int64, "old_log_loss": pl.Float64,
    "new_log_loss": pl.Float64, "old_wrong": pl.Int64, "new_wrong": pl.Int64, "engine_version": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Refitted:
    """What a refit came to. version: of the model in use from now on, None for the stated weights.

    old, new: how the model before and the new one did on the same last lines; None where there were too few.
    """

    version: str | None
    promoted: bool
    words: str
    old: Judged | None = None
    new: Judged | None = None

    def told(self) -> dict[str, Any]:
        """Plain values, as `refit --json` says them."""
        return asdict(self)


@dataclass(frozen=True)
class Learnt:
    """Where the company stands: the model in use and what was measured of it.

    taught_by: decided lines that shaped it. decided: lines people decided so far. needed: decisions without an error
    before anything beyond full references may be accepted alone, under the company's risk; missing: how many of them
    are still to come. judged: the model on lines it had not seen. bounds: from where it may act, for a risk at most
    the company's.
    """

    version: str | None
    made_at: datetime | None
    by: str | None
    taught_by: int
    decided: int
    needed: int
    missing: int
    judged: Judged | None
    bounds: AutoBounds | None

    @property
    def may_act(self) -> bool:
        """Whether decisions bear out more than full references."""
        return self.bounds is not None and bool(self.bounds.thresholds)

    @property
    def alone(self) -> tuple[int, int]:
        """Of the lines that taught it, each answered without its own decision: accepted alone, and wrong of these."""
        acting = [one for one in self.bounds.ways if one.threshold is not None] if self.bounds else []
        return sum(one.decided for one in acting), sum(one.wrong for one in acting)


def refit(store: Store, *, by: str) -> Refitted:
    """Teach a model from what people decided, and use it from now on if it beats the one in use.

    Both are asked about the last decided lines, in order of time, that neither was taught: the new one must be less
    surprised and not more often wrong. Then it is taught on all decisions and kept, with an event. Too few decisions,
    or a new model that is no better, change nothing but the record of the try.
    """
    with store.database.read() as c:
        seq = events.head(c).seq
        history, row = kept_models.taught(c, seq), kept_models.kept(c)
        seen = kept_models.taught(c, row["taught_to"]) if row else History()
    used, policy = model_of(row), whole_policy(store)
    held = _held_back(history, seen)
    if held < JUDGED_LEAST or decided_lines(history).height - held < DECISIONS_LEAST:
        return Refitted(row["version"] if row else None, promoted=False, words=_too_few(history, seen, row))
    before, asked = without_last(history, held)
    tried = fit(before, policy)
    old, new = judge(store, before, asked, policy, used), judge(store, before, asked, policy, tried)
    better = new.log_loss < old.log_loss - 1e-9 and new.wrong <= old.wrong
    kept = fit(history, policy) if better else tried
    with store.database.write(by) as writer:
        writer.event(
            "model_promoted" if better else "model_declined",
            kept.version,
            taught_to=seq, decisions=kept.decisions, old=asdict(old), new=asdict(new),
            instead_of=row["version"] if row else None,
        )  # fmt: skip
        kept_models.add(
            writer.c,
            seq=writer.seq, version=kept.version, promoted=better, made_at=writer.at, made_by=by,
            engine_version=ENGINE_VERSION, taught_to=seq, held_back=0 if better else held, decisions=kept.decisions,
            told=kept.told(), policy=_told_policy(policy), judged={"old": asdict(old), "new": asdict(new)},
            taught_from=_digests(history),
        )  # fmt: skip
    words = _compared(old, new, better=better)
    return Refitted(kept.version if better else (row["version"] if row else None), better, words, old, new)


def measure(store: Store, last: int = JUDGED_MOST) -> Judged | None:
    """The model in use, or the stated weights, on the last lines decided since it was taught; None without any."""
    with store.database.read() as c:
        history, row = kept_models.taught(c, events.head(c).seq), kept_models.kept(c)
        seen = kept_models.taught(c, row["taught_to"]) if row else History()
    held = min(last, decided_lines(history).join(decided_lines(seen), on="line_id", how="anti").height)
    if not held:
        return None
    before, asked = without_last(history, held)
    return judge(store, before, asked, whole_policy(store), model_of(row))


def replay_model(store: Store, version: str) -> Model:
    """Teach a version again from the decision log, as far as it went then; gives the same version.

    Raises UsageError for a version nobody made, DataRefused where documents or lines that it was taught with have
    been worded anew since, or another version of the engine would teach it.
    """
    with store.database.read() as c:
        row = kept_models.of_version(c, version)
        if row is None:
            raise UsageError(f"There is no model {version} in this workspace. Nothing was changed.")
        history = kept_models.taught(c, row["taught_to"])
    taught = without_last(history, row["held_back"])[0] if row["held_back"] else history
    model = fit(taught, _policy_of_told(row["policy"]))
    if model.version != version:
        raise DataRefused(f"{_why_other(row, history)} Nothing was changed; the kept model stays as it is.")
    return model


def models(store: Store) -> pl.DataFrame:
    """Every model that was tried, newest first.

    `version in_use promoted made_at by decisions taught_to judged old_log_loss new_log_loss old_wrong new_wrong
    engine_version`: taught_to is the number of the last event it knew; judged, how many lines it was compared on.
    """
    with store.database.read() as c:
        frame = kept_models.frame(c).rename({"made_by": "by"})
    if frame.is_empty():
        return pl.DataFrame(schema=_FRAME)
    judged = pl.DataFrame([_flat(text) for text in frame["judged"]])
    return pl.concat([frame.drop("judged"), judged], how="horizontal").select(
        pl.col(name).cast(kind) for name, kind in _FRAME.items()
    )


def learnt(store: Store) -> Learnt:
    """Where the company stands with learning; reads, and runs nothing."""
    risk = store.preferences().policy.auto_risk
    with store.database.read() as c:
        row = kept_models.kept(c)
        decided = decided_lines(kept_models.taught(c, events.head(c).seq)).height
    model = model_of(row)
    bounds = model.bound(risk) if model else None
    enough = max(needed(risk), CALIBRATED_FROM)
    missing = bounds.pooled.missing if bounds else max(0, enough - decided)
    return Learnt(
        version=row["version"] if row else None,
        made_at=row["made_at"] if row else None,
        by=row["made_by"] if row else None,
        taught_by=row["decisions"] if row else 0,
        decided=decided,
        needed=enough,
        missing=missing,
        judged=Judged(**row["judged"]["new"]) if row else None,
        bounds=bounds,
    )


def _held_back(history: History, seen: History) -> int:
    new = decided_lines(history).join(decided_lines(seen), on="line_id", how="anti").height
    return min(JUDGED_MOST, max(JUDGED_LEAST, new // 4)) if new >= 2 * JUDGED_LEAST else 0


def _too_few(history: History, seen: History, row: dict[str, Any] | None) -> str:
    new = decided_lines(history).height - decided_lines(seen).height
    since = f" since {row['version']}" if row else ""
    return f"{new:,} lines were decided{since}; a new model is tried from {2 * JUDGED_LEAST} on. Nothing was changed."


def _compared(old: Judged, new: Judged, *, better: bool) -> str:
    verdict = (
        "The new model is used from now on" if better else "The new model is no better; nothing was changed"
    )
    return f"{verdict}. On the last {new.lines:,} decided lines: before {old.words}; new {new.words}."


def _told_policy(policy: Policy) -> dict[str, Any]:
    told = asdict(replace(policy, fx_rates=None))
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def _policy_of_told(told: dict[str, Any]) -> Policy:
    plain: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in told.items()}
    return Policy(**plain)


def _digests(history: History) -> dict[str, str]:
    """What a model was taught with, as digests: the same digest, the same rows."""
    frames = {
        "decisions": pl.concat([history.accepted, history.rejected], how="diagonal"),
        "bank lines": history.lines,
        "documents": history.items,
    }
    return {
        name: hashlib.blake2b(frame.write_ndjson().encode(), digest_size=8).hexdigest()
        for name, frame in frames.items()
    }


def _why_other(row: dict[str, Any], history: History) -> str:
    now = _digests(history)
    changed = [name for name, digest in row["taught_from"].items() if now[name] != digest]
    if changed:
        return f"Model {row['version']} cannot be taught again: {' and '.join(changed)} have been worded anew since."
    if row["engine_version"] != ENGINE_VERSION:
        return (
            f"Model {row['version']} was taught by engine {row['engine_version']}; this is {ENGINE_VERSION}, "
            "which teaches otherwise."
        )
    return f"Model {row['version']} does not follow from the decision log."


def _flat(text: str) -> dict[str, Any]:

    told = json.loads(text)
    return {
        "judged": told["new"]["lines"],
        "old_log_loss": told["old"]["log_loss"],
        "new_log_loss": told["new"]["log_loss"],
        "old_wrong": told["old"]["wrong"],
        "new_wrong": told["new"]["wrong"],
    }
