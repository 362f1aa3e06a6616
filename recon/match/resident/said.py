"""What open lines say beyond themselves: who pays for whom, when, which documents they take, which words texts have.

In: a run of the engine and its Book. Out: Said, told by ids and names, so that a later run over some lines
hears the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from recon.match.book import Book
from recon.match.drafts import nothing
from recon.match.habits import delays_seen
from recon.match.memory import referred_payers
from recon.match.name_keys import OurNames, words_heard
from recon.match.name_words import Heard
from recon.match.payout_channels import CUT_FROM
from recon.match.payouts import by_ids
from recon.match.propose import Run
from recon.match.taken import taken_here
from recon.match.whole import Payouts

LINE = "line:"
_OF_LINES = ("payers", "delays", "gone", "wants")


@dataclass(frozen=True)
class Said:
    """payers: `line_id account who party n` of memory.referred_payers. delays: `line_id party days`. gone: `line_id
    item_id`, documents a line surely pays. wants: `line_id item_id`, documents and other lines a line may
    want. words: `who word` of each distinct text without a named payer. payouts, channels: the payouts told,
    and the first letters of their channels, when all lines were last gone through."""

    payers: pl.DataFrame
    delays: pl.DataFrame
    gone: pl.DataFrame
    wants: pl.DataFrame
    words: pl.DataFrame
    payouts: Payouts
    channels: frozenset[str]

    def renewed(self, other: Said, line_ids: pl.Series) -> Said:
        """With what `other` says of these lines instead. A text once heard stays heard."""
        rest, theirs = self.beside(line_ids), other.of(line_ids)
        unheard = other.words.join(self.words.select("who").unique(), on="who", how="anti")
        both = {name: pl.concat([getattr(rest, name), getattr(theirs, name)]) for name in _OF_LINES}
        return replace(self, **both, words=pl.concat([self.words, unheard]))

    def beside(self, line_ids: pl.Series) -> Said:
        """What all other lines say."""
        return self._where(~pl.col("line_id").is_in(line_ids.implode()))

    def of(self, line_ids: pl.Series) -> Said:
        """What these lines say."""
        return self._where(pl.col("line_id").is_in(line_ids.implode()))

    def _where(self, those: pl.Expr) -> Said:
        return replace(self, **{name: getattr(self, name).filter(those) for name in _OF_LINES})

    def heard(self, spellings: pl.DataFrame) -> Heard:
        """Words of texts that are not among these spellings."""
        others = self.words.join(spellings.select("who"), on="who", how="anti")
        return Heard(others.group_by("word").agg(texts=pl.len()), others["who"].n_unique())


def said_in(book: Book, run: Run, ours: OurNames) -> Said:
    """What the lines of a Book say. ours: the names of the whole ledger."""
    seen = run.seen
    line, item = book.lines.select("l", "line_id"), book.items.select("i", "item_id")
    delays = delays_seen(seen.found).drop_nulls().join(line, on="l").join(book.parties, on="p")
    return Said(
        payers=referred_payers(book, seen.hits),
        delays=delays.select("line_id", "party", "days"),
        gone=taken_here(seen.pairs).join(line, on="l").join(item, on="i").select("line_id", "item_id"),
        wants=_wants(run.wants.join(line, on="l").join(item, on="i", how="left")),
        words=words_heard(book.spellings, ours),
        payouts=by_ids(nothing() if book.whole else seen.payouts, book),
        channels=frozenset(seen.channels["word"].str.slice(0, CUT_FROM)),
    )


def _wants(named: pl.DataFrame) -> pl.DataFrame:
    """`line_id item_id`; two lines of a transfer both want both. Accounts are there for everybody."""
    documents = named.drop_nulls("item_id").select("line_id", "item_id")
    ends = named.filter(pl.col("to").str.starts_with(LINE)).select("line_id", item_id="to")
    selves = ends.select("line_id", item_id=LINE + pl.col("line_id"))
    return pl.concat([documents, ends, selves]).unique()


def wanting(wants: pl.DataFrame, item_ids: pl.Series) -> pl.Series:
    """Lines that want one of these."""
    return wants.filter(pl.col("item_id").is_in(item_ids.implode()))["line_id"].unique()


def wanted_by(wants: pl.DataFrame, line_ids: pl.Series) -> pl.Series:
    """What these lines want."""
    return wants.filter(pl.col("line_id").is_in(line_ids.implode()))["item_id"].unique()
