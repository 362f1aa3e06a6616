"""A ledger that stays in memory: what new lines belong to, without a look at everything.

In: ITEMS, open LINES and what was decided, once; then what is new. Out: the Matching that recon.match.propose
would make of all of it, for the lines that what is new can touch; what is proposed for others stays. The engine
is the ordinary one, over some lines and all documents they can touch, with what the whole ledger says beside.

    stale lines ── same payer, same documents ── theirs, to compete with ── documents they touch ── engine
        ▲                                                                                             │
        └── lines that moved, until nothing moves at the rim ─────────────────────────────────────────┘

Where proposals would not fit together, where too many lines are touched or a payout is among them, all of it is
gone through. The weights that the ledger taught of itself stay as they were when it was prepared. What reaches a
line only through lines that hardly move may be left out (docs/engine.md says how often).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from recon.match.book import Book, open_book
from recon.match.evidence import DUE_STEPS
from recon.match.memory import decided_payers
from recon.match.payout_channels import CUT_FROM, channel_words
from recon.match.propose import Progress, Run, gone_through, silent
from recon.match.resident.documents import Documents
from recon.match.resident.lines import Lines
from recon.match.resident.merged import (
    beyond,
    clashing,
    differing,
    merged,
    restricted,
    sharing,
)
from recon.match.resident.said import Said, said_in, wanted_by, wanting
from recon.match.resident.touch import touched
from recon.match.weights import Model
from recon.match.whole import Whole
from recon.policy import Policy
from recon.schema import ITEMS, LINES, History, Matching, conform
from recon.text import name_key

ROUNDS = 6
"""Times the circle of lines grows before what moves at its rim is left as it was."""
CONTEST_MOST = 3_000
"""Lines that are too many to follow who competes with whom among them."""
SHARE_MOST = 0.3
"""Share of the lines from which looking at all of them costs less."""
_FEW = 500
"""Lines that are never too many."""


@dataclass(frozen=True)
class Ledger:
    """documents, lines: both sides, ready to be asked. matching: what is proposed for the lines now. said:
    what they say of each other. model: the weights in use, with what the ledger taught when it was prepared.
    decided: of memory.decided_payers. rematched: how many lines the last change made the engine look at."""

    documents: Documents
    lines: Lines
    policy: Policy
    model: Model
    history: History
    decided: pl.DataFrame
    said: Said
    matching: Matching
    rematched: int = 0

    @classmethod
    def of(
        cls,
        items: pl.DataFrame,
        lines: pl.DataFrame | None = None,
        parts: pl.DataFrame | None = None,
        policy: Policy | None = None,
        model: Model | None = None,
        history: History | None = None,
        progress: Progress | None = None,
    ) -> Ledger:
        """The Ledger of these documents, its open lines matched. Arguments are those of recon.match.propose."""
        policy, history = policy or Policy(), history or History()
        lines = conform(LINES.empty() if lines is None else lines, LINES)
        items = conform(items, ITEMS)
        book = open_book(lines, items, parts, history.rejected)
        whole = gone_through(book, policy, model, history, progress or silent, weighed=lines.is_empty())
        documents = Documents.of(items)
        return cls(
            documents, Lines.of(lines, parts), policy, whole.model, history, decided_payers(history),
            said_in(book, whole, documents.known.ours), whole.matching, lines.height,
        )  # fmt: skip

    def propose(self, lines: pl.DataFrame, parts: pl.DataFrame | None = None) -> Matching:
        """What these lines belong to, beside all lines the ledger knows. LINES in, a Matching of these lines out.

        parts: PARTS of these lines. The ledger stays as it was.
        """
        known = self.with_lines(lines, parts)
        return restricted(known.matching, conform(lines, LINES)["line_id"])

    def with_lines(self, lines: pl.DataFrame, parts: pl.DataFrame | None = None) -> Ledger:
        """With LINES added, or changed where their ids are known. parts: PARTS of these lines."""
        return self.changed(lines=lines, parts=parts)

    def with_items(self, items: pl.DataFrame) -> Ledger:
        """With ITEMS added, or changed where their ids are known: settled ones have `open_minor` 0."""
        return self.changed(items=items)

    def without(self, ids: list[str]) -> Ledger:
        """Without the lines and documents of these ids."""
        return self.changed(gone=pl.Series(ids, dtype=pl.String))

    def changed(
        self,
        lines: pl.DataFrame | None = None,
        parts: pl.DataFrame | None = None,
        items: pl.DataFrame | None = None,
        gone: pl.Series | None = None,
        history: History | None = None,
    ) -> Ledger:
        """All of it at once. lines, items: new or changed. gone: ids of lines and documents. history: what is
        decided now."""
        lines = LINES.empty() if lines is None else conform(lines, LINES)
        items = ITEMS.empty() if items is None else conform(items, ITEMS)
        gone = pl.Series([], dtype=pl.String) if gone is None else gone
        old_lines, old_documents = pl.concat([gone, lines["line_id"]]), pl.concat([gone, items["item_id"]])
        stale = [
            lines["line_id"],
            self._near_documents(self.documents, old_documents),
            self._left_behind(gone),
        ]
        documents = self.documents.without(old_documents)
        documents = documents.beside(items) if items.height else documents
        known = self.lines.without(old_lines)
        known = known.beside(lines, _parts_beside(self.lines.parts, parts)) if lines.height else known
        after = replace(self, documents=documents, lines=known, said=self.said.beside(gone))
        if history is not None:
            after = replace(after, history=history, decided=decided_payers(history))
            stale.append(known.by_payers(_news(after.decided, self.decided)))
            stale.append(_news(history.rejected, self.history.rejected)["line_id"])
        stale += [after._near_documents(documents, items["item_id"]), after._due_by_now(self.last_day)]
        return after._matched(pl.concat(stale).unique())

    def gone_through(self) -> Ledger:
        """With everything gone through again, by the same weights."""
        lines, items = self.lines.there(), self.documents.there()
        book = open_book(lines, items, self.lines.parts, self.history.rejected)
        run = gone_through(book, self.policy, self.model, self.history, weighed=True)
        said = said_in(book, run, self.documents.known.ours)
        return replace(self, said=said, matching=run.matching, rematched=lines.height)

    def written(self) -> Ledger:
        """With its evidence written, so that nothing it was merged from is held any longer."""
        evidence = self.matching.evidence
        return replace(self, matching=replace(self.matching, telling=lambda: evidence))

    @property
    def last_day(self) -> int:
        """Of the last line that is known, days since 1970."""
        return self.lines.last_day

    def _near_documents(self, documents: Documents, item_ids: pl.Series) -> pl.Series:
        """Lines that have these documents among their proposals, or may pay them."""
        some = documents.some(item_ids)
        if some.is_empty():
            return pl.Series("line_id", [], dtype=pl.String)
        keys = documents.keys.join(some.select("row"), on="row", how="semi")
        return pl.concat([sharing(self.matching, item_ids), self.lines.beside_documents(some, keys)])

    def _left_behind(self, gone: pl.Series) -> pl.Series:
        """Lines that stood beside lines that are gone: of the same payer, or with the same documents."""
        wants = self.said.wants
        return pl.concat([self.lines.beside_lines(gone), wanting(wants, wanted_by(wants, gone))])

    def _due_by_now(self, before: int) -> pl.Series:
        """Lines with a document that a later last day makes more or less likely to be paid by now."""
        day = pl.coalesce("due_date", "issue_date").to_physical()
        if before == self.last_day or not before:
            return pl.Series("line_id", [], dtype=pl.String)
        crossed = pl.any_horizontal(
            (day > min(before, self.last_day) - step - 1) & (day <= max(before, self.last_day) - step)
            for step in DUE_STEPS
        )
        return sharing(self.matching, self.documents.items.filter(crossed)["item_id"])

    def _matched(self, stale: pl.Series) -> Ledger:
        """With the proposals of stale lines, and of those that news of them reaches, made anew."""
        inner = stale.filter(stale.is_in(self.lines.ids().implode()))
        if self._of_channels(inner):
            return self.gone_through()
        after, around, near, run = self._renewed(None, inner.clear()), inner.clear(), inner.clear(), None
        for _ in range(ROUNDS):
            wider, more = self._circle(inner, after.said.wants)
            if more.len() > self._most():
                return self.gone_through()
            grows = not more.is_in(around.implode()).all()
            if not grows and wider.is_in(near.implode()).all():
                break
            around, near = _ids(around, more), _ids(near, wider)
            run = self._run(around) if grows or run is None else run
            after = self._renewed(run, near)
            result = run[1].matching
            moved = differing(self.matching, result, near)
            inner = _ids(inner, moved, beyond(result, near), clashing(after.matching, self.policy.per_line))
        return after if clashing(after.matching, self.policy.per_line).is_empty() else self.gone_through()

    def _of_channels(self, line_ids: pl.Series) -> bool:
        """Whether a payout is among them: what it holds hangs on all payouts and on everything that is open."""
        if self.lines.count == line_ids.len():
            return False
        some = self.lines.some(line_ids).filter(pl.col("amount_minor") > 0)
        first = some.select(
            word=channel_words("counterparty_name", "text").str.slice(0, CUT_FROM), kind="kind"
        )
        known = pl.Series(sorted(self.said.channels), dtype=pl.String).implode()
        return (
            first.select((pl.col("word").is_in(known) | (pl.col("kind") == "payout")).any()).item() or False
        )

    def _most(self) -> int:
        """Lines from which a look at everything is taken instead."""
        return max(_FEW, min(CONTEST_MOST, int(SHARE_MOST * self.lines.count)))

    def _circle(self, inner: pl.Series, now: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Lines beside these by payer, transfer or document, then or now; and those again with all that competes with
        them, however far that goes. now: Said.wants as it is by now."""
        there = self.lines.ids().implode()
        wants = pl.concat([self.said.wants, now])
        beside = self.lines.beside_lines(inner)
        near = _ids(inner, beside, wanting(wants, wanted_by(wants, inner)), beyond(self.matching, inner))
        around, rim = near, near
        while not rim.is_empty() and around.len() <= self._most():
            more = wanting(wants, wanted_by(wants, rim))
            rim = more.filter(~more.is_in(around.implode()))
            around = _ids(around, rim)
        return near.filter(near.is_in(there)), around.filter(around.is_in(there))

    def _run(self, line_ids: pl.Series) -> tuple[Book, Run]:
        """The engine over these lines and all documents they can touch."""
        lines, parts = self.lines.some(line_ids), self.lines.parts
        asking = open_book(lines, ITEMS.empty(), parts, self.history.rejected)
        others = self.said.beside(line_ids)
        who = asking.spellings.select(who=name_key(pl.col("who")))
        paid = pl.concat([self.decided, others.payers]).filter(
            pl.col("account").is_in(asking.lines["account_key"].drop_nulls().implode())
            | pl.col("who").is_in(who["who"].drop_nulls().implode())
        )
        payouts = self.said.payouts if self.lines.count > lines.height else None
        heard = others.heard(asking.spellings)
        found = touched(asking, self.documents, paid, heard, payouts, self.policy)
        whole = Whole(
            last_day=self.last_day,
            lengths=self.documents.lengths,
            customers=self.documents.customers,
            names=found.names,
            crowd=found.crowd,
            paid=paid,
            delays=others.delays,
            gone=others.gone.select("item_id").unique(),
            payouts=payouts,
        )
        items = self.documents.items[found.rows].select(ITEMS.columns)
        book = open_book(lines, items, parts, self.history.rejected, whole)
        return book, gone_through(book, self.policy, self.model, self.history, weighed=True)

    def _renewed(self, run: tuple[Book, Run] | None, line_ids: pl.Series) -> Ledger:
        """With what a run says of these lines; what it says of others is not heard."""
        matching = run[1].matching if run else self.matching
        lines, items = self.lines.there(), self.documents.there()
        made = merged(self.matching, matching, line_ids, lines, items)
        if not run:
            return replace(self, matching=made, rematched=0)
        said = self.said.renewed(said_in(run[0], run[1], self.documents.known.ours), line_ids)
        return replace(self, matching=made, said=said, rematched=run[0].lines.height)


def _ids(*some: pl.Series) -> pl.Series:
    return pl.concat(some).unique().sort()


def _parts_beside(old: pl.DataFrame | None, new: pl.DataFrame | None) -> pl.DataFrame | None:
    """PARTS of both, the new ones where a line has any."""
    if old is None or new is None:
        return old if new is None else new
    return pl.concat([old.join(new, on="line_id", how="anti"), new], how="diagonal")


def _news(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Rows that are there now and were not, or the other way round."""
    on = now.columns
    news = now.join(before, on=on, how="anti", nulls_equal=True)
    return pl.concat([news, before.join(now, on=on, how="anti", nulls_equal=True)])
