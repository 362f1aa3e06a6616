"""Run the engine on what is open, keep its proposals, and accept by itself only where the company said so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from recon.flow import resident
from recon.flow.in_use import held_to, model_in_use
from recon.flow.resident import normalised
from recon.flow.review import accept
from recon.flow.sampling import watch
from recon.flow.workspace import Preferences, Store
from recon.match import ENGINE_VERSION, learn
from recon.match.propose import Progress
from recon.match.propose import propose as propose_normalised
from recon.match.weights import Model
from recon.normalise.items import normalise_items
from recon.normalise.lines import normalise_lines, normalise_parts
from recon.policy import Policy
from recon.review.policy import acceptable
from recon.schema import History, Matching
from recon.store import matching, statements
from recon.store.database import new_id


@dataclass(frozen=True)
class Matched:
    """What a run came to: proposals kept, accepted by itself, lines without one."""

    proposals: int
    auto: int
    unmatched: int

    def told(self) -> dict[str, int]:
        """The contracted fields of `match --json`."""
        return {"proposals": self.proposals, "auto": self.auto, "unmatched": self.unmatched}


def propose(
    lines: pl.DataFrame,
    items: pl.DataFrame,
    parts: pl.DataFrame | None = None,
    policy: Policy = Policy(),  # noqa: B008 - a frozen value
    model: Any = None,
    history: History | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> Matching:
    """Suggest which documents each bank line pays. Pure: no store, no clock.

    lines: LINES, all treated as open; what is missing (references, kinds, optional columns) is worked out
    from the texts. items: ITEMS, open by `open_minor`; settled ones serve as evidence against. parts: PARTS
    of batched lines. history: decisions so far, for rejected pairs and payer memory. progress: told how far the
    work is, from 0 to 1, and what is being done.
    Returns proposals, legs, evidence and unmatched lines as in `recon.schema`; row order does not matter.
    """
    return propose_normalised(
        normalise_lines(lines),
        normalise_items(items),
        None if parts is None else normalise_parts(parts),
        policy,
        model=model,
        history=history and normalised(history),
        today=today,
        progress=progress,
    )


def fit(history: History, policy: Policy = Policy(), confidence: float = 0.9) -> Model:  # noqa: B008 - a frozen value
    """The Model this history teaches, as `recon.match.learn.fit`; what its lines and documents lack is worked out."""
    return learn.fit(normalised(history), policy, confidence)


def match(
    store: Store, *, by: str = "engine", progress: Progress | None = None, whole: bool = True
) -> Matched:
    """Propose for everything open and keep that instead of the last run; then auto-accept, if switched on.

    whole: False lets a process that matched this workspace before look only at what changed since, and what that
    touches (recon.flow.resident says when). The kept model weighs where there is one, and what people decided
    is remembered. Before anything is accepted, what people said of a sample of such matches is looked at,
    which may switch it off.
    """
    watch(store)
    chosen = store.preferences()
    kept, run_id = model_in_use(store), new_id("match")
    last, books = _open_books(store, chosen, kept)
    result, looked_at = resident.matched(store.home, books, last, run_id, progress, whole=whole)
    with store.database.write(by) as writer:
        matching.replace(writer.c, result, run_id=run_id, at=writer.at, by=by, engine_version=ENGINE_VERSION)
        writer.event(
            "matched", ENGINE_VERSION, lines=result.lines.height, proposals=result.proposals.height,
            model=kept and kept.version, looked_at=looked_at,
        )  # fmt: skip
    ids = acceptable(result.proposals, result.legs, chosen.auto)
    if ids:
        accept(
            store,
            ids,
            by=f"engine, as {chosen.auto.approved_by} allowed",
            auto=True,
            reason="auto-accept policy",
        )
    return Matched(result.proposals.height, len(ids), result.unmatched.height)


def _open_books(store: Store, chosen: Preferences, kept: Model | None) -> tuple[str | None, resident.Books]:
    """The id of the last run, and all that is to be matched now."""
    with store.database.read() as c:
        parts, run = statements.parts(c), matching.last_run(c)
    history = normalised(store.history())
    policy = replace(chosen.policy, own_accounts=(*chosen.policy.own_accounts, *own_accounts(store)))
    books = resident.Books(
        normalise_lines(store.open_lines()), history.items, normalise_parts(parts), policy,
        held_to(kept, chosen), history, store.clock.today(),
    )  # fmt: skip
    return (run["run_id"] if run else None), books


def own_accounts(store: Store) -> tuple[str, ...]:
    """IBAN or BBAN of every account of the workspace: payments between them are own transfers."""
    rows = store.accounts().to_dicts()
    return tuple(row["iban"] or row["bban"] for row in rows if row["iban"] or row["bban"])


def kept_matching(store: Store) -> Matching:
    """The last run as `rc.explain` wants it."""
    with store.database.read() as c:
        run = matching.last_run(c)
    return Matching(
        proposals=store.proposals(),
        legs=store.legs(),
        unmatched=store.unmatched(),
        lines=store.open_lines(),
        items=store.items(),
        calibrated=bool(run and run["calibrated"]),
        telling=store.evidence,
    )
