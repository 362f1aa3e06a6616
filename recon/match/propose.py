"""The engine: LINES × ITEMS → what may belong together, why, and how surely.

In: normalised LINES and ITEMS, and what people decided before. Out: a Matching. Pure: asks neither clock nor
store, and the same rows in any order give the same bytes.

    book → keys → parties → candidates → evidence ┐
                  groups, instalments, batches,   ├→ score → probabilities → choice → words
                  transfers, rules                ┘
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
import polars as pl

from recon.match.assign import CHOSEN_FROM, at_most_one_a_line, chosen, probabilities, wants
from recon.match.auto import may_act
from recon.match.batches import batch_drafts
from recon.match.block import Candidates, candidates
from recon.match.book import Book, open_book
from recon.match.bookings import booking_drafts, rule_drafts, rule_parties
from recon.match.calibrate import calibrated
from recon.match.contest import contested_items
from recon.match.drafts import Drafts, numbered, once, together, without_rejected
from recon.match.evidence import pair_evidence
from recon.match.groups import group_drafts
from recon.match.habits import habits_of_parties
from recon.match.ids import proposal_ids
from recon.match.instalments import instalment_drafts
from recon.match.keys import customer_hits, item_keys, key_hits, line_keys
from recon.match.memory import paid_before
from recon.match.near import near_hits
from recon.match.pairs import pair_drafts
from recon.match.party import names_of_lines, parties_of_lines
from recon.match.payout_channels import channels
from recon.match.payout_pools import explained
from recon.match.payouts import payout_drafts
from recon.match.plans import fitting_beside
from recon.match.rank import ranked, rivals, standing
from recon.match.report import legs_frame, unmatched_frame
from recon.match.rules import parse_rules
from recon.match.score import scored, unseen
from recon.match.selftaught import taught
from recon.match.taken import taken
from recon.match.telling import evidence_frame
from recon.match.transfers import transfer_drafts
from recon.match.weights import DOUBTS, STATED, WAYS, Model
from recon.policy import Policy
from recon.schema import ITEMS, LINES, PROPOSALS, History, Matching, conform

Progress = Callable[[float, str], object]
"""Told how far the work is, from 0 to 1, and what is being done."""


_HELD_BACK = 0.499
"""The most that calibration makes of a draft that was not likelier than everything against it."""


def silent(share: float, words: str) -> None:
    """Nobody is watching."""


def propose(
    lines: pl.DataFrame,
    items: pl.DataFrame,
    parts: pl.DataFrame | None = None,
    policy: Policy | None = None,
    model: Model | None = None,
    history: History | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> Matching:
    """Suggest which open items each booked line pays.

    lines: LINES, booked only, all of them treated as open; `references` as recon.normalise makes them.
    items: ITEMS; those with `open_minor` 0 are settled and serve as evidence against. parts: PARTS.
    policy: bounds of the search. model: weights learnt with `fit`; without one the stated ones, drawn toward what the
    ledger teaches of itself and held against the decisions of `history`. history: payer memory and rejected pairs,
    which no proposal contains. today: unused by this engine, for items not yet due.

    Returns PROPOSALS, LEGS, EVIDENCE, UNMATCHED: every line is in one proposal of rank 1 or in UNMATCHED.
    Proposals of rank 1 fit together. Equal rivals stay beside each other without rank 1, and the line is
    unmatched by reason `tie`. Raises DataRefused where a frame breaks its schema.
    """
    policy, history, tell = policy or Policy(), history or History(), progress or silent
    tell(0.0, "reading lines and documents")
    book = open_book(conform(lines, LINES), conform(items, ITEMS), parts, history.rejected)
    return gone_through(book, policy, model, history, tell).matching


@dataclass(frozen=True)
class Run:
    """What was seen, the model that weighed it, and what came of it. wants: of assign.wants."""

    seen: Look
    model: Model
    wants: pl.DataFrame
    matching: Matching


def gone_through(
    book: Book,
    policy: Policy,
    model: Model | None,
    history: History,
    tell: Progress = silent,
    *,
    weighed: bool = False,
) -> Run:
    """All stages over a Book. weighed: the model is taken as it is, not drawn toward what this Book teaches."""
    given = model
    seen = look(book, policy, history, tell)
    model = given or STATED if weighed else self_taught(book, seen, given or STATED)
    if given is None and not weighed:
        model = _held_against(history, book, policy, model)
    tell(0.55, "adding up")
    found = all_drafts(book, seen, policy, model)
    tell(0.7, "choosing")
    wanted = wants(found.some, found.unseen, book.lines)
    return Run(seen, model, wanted, _matching(book, seen.keys, found, policy, tell))


@dataclass(frozen=True)
class Look:
    """What was seen of lines and documents before anything is weighed.

    keys: of keys.item_keys. hits: of keys.key_hits. parties: of party.parties_of_lines. found: Candidates.
    pairs: of evidence.pair_evidence. accounts: of bookings, what rules and habits book without a document. channels:
    of payout_channels.channels. payouts: of payouts.payout_drafts.
    """

    keys: pl.DataFrame
    hits: pl.DataFrame
    parties: pl.DataFrame
    found: Candidates
    pairs: pl.DataFrame
    accounts: Drafts
    channels: pl.DataFrame
    payouts: Drafts


@dataclass(frozen=True)
class Found:
    """Drafts of every generator, scored; `unseen`, what documents too many to list weigh for a line; the model that
    weighed them."""

    some: Drafts
    unseen: pl.DataFrame
    model: Model


def look(book: Book, policy: Policy, history: History, tell: Progress = silent) -> Look:
    """Keys, parties, candidates and their evidence."""
    rules = parse_rules(policy.rules)
    ours, theirs = item_keys(book), line_keys(book)
    hits = key_hits(book, ours, theirs)
    tell(0.1, "comparing names")
    ruled = rule_parties(book.lines, book.items, rules)
    names = names_of_lines(book)
    parties = parties_of_lines(
        book, names, customer_hits(book, theirs), paid_before(book, hits, history), ruled
    )
    tell(0.25, "finding candidates")
    near = near_hits(book, ours, theirs, hits)
    found = candidates(book, hits, near, names, parties, policy)
    tell(0.4, "weighing evidence")
    habits = habits_of_parties(book, found, history)
    evidence = pair_evidence(book, found, hits, near, names, parties, habits)
    accounts = together([rule_drafts(book.lines, rules), booking_drafts(book.lines, history)])
    sold = channels(book, explained(evidence))
    payouts = payout_drafts(book, evidence, sold, history)
    return Look(ours, hits, parties, found, evidence, accounts, sold, payouts)


def _held_against(history: History, book: Book, policy: Policy, model: Model) -> Model:
    """The model with what decisions so far say of it, in the documents of today and of then."""
    from recon.match.learn import measured  # which itself looks and drafts as this does

    if history.accepted.is_empty():
        return model
    lines, items = book.lines.select(LINES.schema.names()), book.items.select(ITEMS.schema.names())
    older = conform(history.lines, LINES).join(lines, on="line_id", how="anti")
    gone = conform(history.items, ITEMS).join(items, on="item_id", how="anti")
    return measured(
        replace(history, lines=pl.concat([lines, older]), items=pl.concat([items, gone])), policy, model
    )


def self_taught(book: Book, seen: Look, model: Model) -> Model:
    """A model that no decision shaped, drawn toward what the ledger teaches of itself; any other as it is."""
    return model if model.decisions else taught(seen.pairs, unseen(book, seen.found, model), model)


def all_drafts(book: Book, seen: Look, policy: Policy, model: Model) -> Found:
    """Every draft of every generator, scored, without those that hold a rejected pair."""
    pairs = seen.pairs
    gone = taken(book, pairs)
    instalments = instalment_drafts(book, pairs, seen.parties, gone)
    # Part payments that complete a document, and sales paid out together, are told once: as one.
    told = pl.concat([instalments.legs, seen.payouts.legs])
    single = pair_drafts(
        fitting_beside(pairs, gone).join(told, on=["l", "i"], how="anti", maintain_order="left")
    )
    groups = group_drafts(book, seen.hits, seen.parties, pairs, gone, policy)
    batches, transfers = batch_drafts(book, seen.keys, policy), transfer_drafts(book, policy)
    others = together([groups, instalments, batches, transfers, seen.accounts, seen.payouts])
    weighed = once(Drafts(scored(others.heads, model), others.legs))
    whole = together([Drafts(scored(single.heads, model), single.legs), weighed])
    kept = without_rejected(whole, book.items, book.rejected)
    return Found(kept, unseen(book, seen.found, model), model)


def _matching(book: Book, keys: pl.DataFrame, found: Found, policy: Policy, tell: Progress) -> Matching:
    some, model = found.some, found.model
    contested = contested_items(some, book.open_items)
    likely = probabilities(some, book.open_items, contested, found.unseen, book.lines)
    likely = held_to(likely, some, model)
    first = chosen(likely, some, book.open_items)
    tell(0.85, "telling why")
    stand = standing(some, likely)
    kept = ranked(stand, first, policy)
    ids = proposal_ids(kept, some, book)
    rival = rivals(stand.select("d", "probability").unique(), some, contested)
    slim = numbered(some, kept)
    renumber = kept.select("d").sort("d").with_row_index("new")
    proposals = _proposals(kept, ids, some, book, rival, keys, policy, model)
    slim_ids = ids.join(renumber, on="d").select(d="new", proposal_id="proposal_id")
    tell(1.0, "done")
    return Matching(
        proposals=proposals,
        legs=legs_frame(slim_ids, slim, book),
        unmatched=unmatched_frame(kept.filter(rank=1), stand, rival, likely, some, book),
        lines=conform(book.lines, LINES),
        items=conform(book.items, ITEMS),
        calibrated=model.curves is not None,
        telling=partial(evidence_frame, slim_ids, slim, book, model, policy.language),
    )


def held_to(likely: pl.DataFrame, some: Drafts, model: Model) -> pl.DataFrame:
    """`d probability` less the doubt of each way, and as decided history has proved where it has."""
    doubts = np.array([1.0 - DOUBTS[way] for way in WAYS.categories])
    raw = likely.with_columns(pl.col("probability") * doubts[some.heads["way"].to_physical().to_numpy()])
    if model.curves is None or not model.curves.decisions:
        return raw.with_columns(pl.col("probability").round(12))
    named = raw.with_columns(way=some.heads["way"].cast(pl.String))
    bent = raw.with_columns(calibrated(named, model.curves))
    # A curve says how sure to be; it makes nothing likelier than all alternatives that was not so before.
    bent = bent.with_columns(
        pl.when(raw["probability"] < CHOSEN_FROM)
        .then(pl.min_horizontal("probability", pl.lit(_HELD_BACK)))
        .otherwise("probability")
        .alias("probability")
    )
    return at_most_one_a_line(bent, some.legs)


def _proposals(
    kept: pl.DataFrame,
    ids: pl.DataFrame,
    some: Drafts,
    book: Book,
    rival: pl.DataFrame,
    keys: pl.DataFrame,
    policy: Policy,
    model: Model,
) -> pl.DataFrame:
    """PROPOSALS, best rank first, then the most probable, then by id."""
    named = rival.join(ids.select(rival="d", rival_id="proposal_id"), on="rival", how="left")
    whole = (
        kept.join(some.heads, on="d", maintain_order="left")
        .join(ids, on="d", maintain_order="left")
        .join(named.drop("rival"), on="d", how="left", maintain_order="left")
        .with_columns(rival="rival_id")
    )
    whole = whole.with_columns(auto=may_act(whole, some, book, keys, policy, model))
    ordered = whole.sort("rank", "probability", "proposal_id", descending=[False, True, False])
    return conform(ordered.with_columns(pl.col("kind", "difference_kind").cast(pl.String)), PROPOSALS)
