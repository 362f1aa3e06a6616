"""What a ledger as a whole says, for a Book that holds only some of its lines and documents.

In: counted once by recon.match.resident. Out: a Whole beside a Book. Everything is told by ids, names and
words, never by numbers of a Book. A Book without one is itself the whole, and counts for itself. Decides
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Payouts:
    """Drafts of payouts. heads: of recon.match.drafts. legs: `d line_id item_id amount_minor item_amount_minor`."""

    heads: pl.DataFrame
    legs: pl.DataFrame


@dataclass(frozen=True)
class Whole:
    """last_day: of the last line there is, days since 1970. lengths: `length numbers`, document numbers by
    their length. customers: `key party dense`, of keys.customer_keys. names: `who named name level`, our
    names that spellings show. crowd: `line_id same`, open documents of a line's amount and time. paid:
    `line_id account who party n`, of decisions and of lines that are not here. delays: `party days`,
    likewise. gone: `item_id` that other lines surely pay. payouts: told of all lines; None where no other
    lines are."""

    last_day: int
    lengths: pl.DataFrame
    customers: pl.DataFrame
    names: pl.DataFrame
    crowd: pl.DataFrame
    paid: pl.DataFrame
    delays: pl.DataFrame
    gone: pl.DataFrame
    payouts: Payouts | None = None
