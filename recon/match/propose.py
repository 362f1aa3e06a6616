"""The engine: LINES × ITEMS → what may belong together, why, and how surely.

In: normalised LINES and ITEMS, and what people decided before. Out: a Matching. Pure: asks neither clock nor
store, and the same rows in any order give the same bytes.

    book → parties → candidates → evidence ┐
                     groups, instalments,  ├→ score → probabilities → choice → words
                     batches, transfers    ┘
"""

from __future__ import annotations

import hashlib
from datetime import date

import polars as pl

from recon.match.assign import chosen, probabilities
from recon.match.batches import batch_drafts
from recon.match.block import candidates
from recon.match.book import Book, open_book
from recon.match.drafts import Drafts, of_pairs, once, together, without_pairs
from recon.match.evidence import pair_drafts
from recon.match.groups import group_drafts
from recon.match.instalments import instalment_drafts
from recon.match.party import names_of_lines, parties_of_lines, payer_memory
from recon.match.rank import ranked
from recon.match.report import evidence_frame, proposals_frame, unmatched_frame
from recon.match.score import scored
from recon.match.transfers import transfer_drafts
from recon.match.weights import STATED, Model
from recon.policy import Policy
from recon.schema import ITEMS, LEGS, LINES, History, Matching, conform


def propose(
    lines: pl.DataFrame,
    items: pl.DataFrame,
    parts: pl.DataFrame | None = None,
    policy: Policy | None = None,
    model: Model | None = None,
    history: History | None = None,
    today: date | None = None,
) -> Matching:
    """Suggest which open items each booked line pays.

    lines: LINES, booked only, all of them treated as open; `references` as recon.normalise makes them.
    items: ITEMS; those with `open_minor` 0 are settled and serve as evidence against. parts: PARTS.
    policy: bounds of the search. model: weights learnt with `fit`, else the stated ones. history: payer
    memory and rejected pairs, which no proposal contains. today: unused by this engine, for items not yet due.

    Returns PROPOSALS, LEGS, EVIDENCE, UNMATCHED: every line is in one proposal of rank 1 or in UNMATCHED.
    Proposals of rank 1 fit together. Equal rivals stay beside each other without rank 1, and the line is
    unmatched by reason `tie`. Probabilities come from stated weights and are not yet calibrated.
    Raises DataRefused where a frame breaks its schema.
    """
    policy, model, history = policy or Policy(), model or STATED, history or History()
    book = open_book(conform(lines, LINES), conform(items, ITEMS), parts, history.rejected)
    some = once(all_drafts(book, policy, model, history))
    likely = probabilities(some, book.open_items)
    first = chosen(likely, some, book.open_items)
    kept = ranked(some, likely, first, policy)
    ids = _proposal_ids(kept.select("d"), some, book)
    return Matching(
        proposals=proposals_frame(kept, ids, some, book, policy),
        legs=_legs_frame(ids, some, book),
        evidence=evidence_frame(ids, some, book, model, policy),
        unmatched=unmatched_frame(kept, likely, some, book),
        lines=conform(book.lines, LINES),
        items=conform(book.items, ITEMS),
        calibrated=False,
    )


def all_drafts(book: Book, policy: Policy, model: Model, history: History) -> Drafts:
    """Every draft of every generator, scored, without those that hold a rejected pair."""
    names = names_of_lines(book)
    parties = parties_of_lines(book, names, payer_memory(book, history))
    found = candidates(book, parties, policy)
    pairs = pair_drafts(book, found, names, parties)
    instalments = instalment_drafts(pairs)
    # Part payments that complete a document are told as one, not once more each by itself.
    single = pairs.join(instalments.legs, on=["l", "i"], how="anti")
    some = together(
        [
            of_pairs(single),
            group_drafts(book, found.hits, parties, pairs, policy),
            instalments,
            batch_drafts(book, policy),
            transfer_drafts(book, policy),
        ]
    )
    allowed = without_pairs(some, book.rejected)
    return Drafts(scored(allowed.heads, model), allowed.legs)


def _proposal_ids(kept: pl.DataFrame, some: Drafts, book: Book) -> pl.DataFrame:
    """`d proposal_id`: a hash of the sorted legs, so the same legs have the same id in every run."""
    legs = some.legs.join(kept, on="d", how="semi").join(book.lines.select("l", "line_id"), on="l")
    leg = pl.concat_str("line_id", "item_id", "amount_minor", "item_amount_minor", separator="\x1f")
    texts = legs.group_by("d").agg(legs=leg.sort().str.join("\x1e")).sort("d")
    hashes = ["p_" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts["legs"]]
    return texts.select("d", proposal_id=pl.Series(hashes, dtype=pl.String))


def _legs_frame(ids: pl.DataFrame, some: Drafts, book: Book) -> pl.DataFrame:
    legs = some.legs.join(ids, on="d").join(book.lines.select("l", "line_id"), on="l")
    return conform(legs.sort("proposal_id", "line_id", "item_id"), LEGS)
