"""Documents that may be in payouts: those no other line clearly pays, by the class they were sold in.

In: a Book, evidence for pairs, lines by channel. Out: a Pool of arrays in issue order. A class is what the ledger
shows of how something was sold: its currency, days to pay, and account. A document whose own text names one channel
is that channel's; what a customer bought is thought to be paid the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.match.amounts import RELATIONS
from recon.match.book import Book
from recon.match.weights import LEVELS
from recon.text import fold

CLASSES_MOST = 2
_SURELY = 8.0
_NOBODY = 0.03
"""Share of documents that no channel pays, at least."""
_WHOLE = pl.Series(["exact", "tolerance", "fee", "discount", "fx_stated"], dtype=RELATIONS).implode()
_FIRM = {
    "reference": ["structured", "printed", "digits", "joined"],
    "document_no": ["exact", "crowded", "joined"],
    "name": ["rule", "exact", "memory", "in_text", "cut", "close"],
    "account": ["same", "memory"],
}


@dataclass(frozen=True)
class Pool:
    """A place a document, by issue day: its number `i`, `day`, open `minor`, `party`, class `of`; `label` the
    channel its text names, `used` once a payout surely holds it. told, leaning: document × channel and party ×
    channel, what payouts say for the channel so far, in log odds; the second is the sum of the first."""

    i: np.ndarray
    day: np.ndarray
    minor: np.ndarray
    party: np.ndarray
    of: np.ndarray
    label: np.ndarray
    used: np.ndarray
    told: np.ndarray
    leaning: np.ndarray

    def within(self, of: int, first: int, last: int) -> np.ndarray:
        """Places of unused documents of a class issued from first to last."""
        begin, end = np.searchsorted(self.day, [first, last + 1])
        places = np.arange(begin, end)
        return places[(self.of[places] == of) & ~self.used[places]]

    def tell(self, place: int, channel: int, log_odds: float) -> None:
        """What a payout says of a document's customer, instead of what it said before."""
        self.leaning[self.party[place], channel] += log_odds - self.told[place, channel]
        self.told[place, channel] = log_odds

    def chances(self, places: np.ndarray, channel: int, shares: np.ndarray) -> np.ndarray:
        """How likely these customers' documents are the channel's, by what all other payouts say.

        shares: of each channel in what is in doubt; what is missing to 1 is nobody's.
        """
        leaning = self.leaning[self.party[places]].clip(-_SURELY, _SURELY)
        leaning[:, channel] = (self.leaning[self.party[places], channel] - self.told[places, channel]).clip(
            -_SURELY, _SURELY
        )
        each = np.exp(leaning) * shares[None, :]
        nobody = max(1.0 - float(shares.sum()), _NOBODY)
        return (each[:, channel] / (each.sum(axis=1) + nobody)).clip(0.002, 0.998)


def explained(pairs: pl.DataFrame) -> pl.DataFrame:
    """`l i` where the line's own words and amount leave hardly a doubt. pairs: of evidence.pair_evidence."""
    firm = [
        pl.col(f"{feature}_says").is_in(pl.Series(levels, dtype=LEVELS[feature]).implode())
        for feature, levels in _FIRM.items()
    ]
    told = pl.any_horizontal(firm).fill_null(value=False) & pl.col("relation").is_in(_WHOLE)
    return pairs.filter(told).select("l", "i")


def pool_of(book: Book, taken: pl.DataFrame, words: list[str]) -> Pool:
    """The Pool of documents not `taken` (`i`). words: of the channels, in their order."""
    free = book.open_items.filter(
        pl.col("kind").is_in(["invoice", "credit_note"]), pl.col("issue_date").is_not_null()
    ).join(taken, on="i", how="anti")
    term = (pl.col("due_date") - pl.col("issue_date")).dt.total_days().fill_null(-1)
    ready = free.with_columns(
        sold=pl.struct("c", term.alias("term"), pl.col("erp_account").fill_null("")).rank("dense"),
        day=pl.col("issue_date").to_physical(),
        # A document without a customer stands for itself.
        customer=pl.when(pl.col("p").is_null())
        .then(-1 - pl.col("i").cast(pl.Int64))
        .otherwise("p")
        .rank("dense"),
        label=_label(words),
    ).sort("day", "i")
    party = ready["customer"].to_numpy().astype(np.int64) - 1
    return Pool(
        i=ready["i"].to_numpy(),
        day=ready["day"].to_numpy().astype(np.int64),
        minor=ready["open_minor"].to_numpy(),
        party=party,
        of=ready["sold"].to_numpy().astype(np.int64),
        label=ready["label"].to_numpy().astype(np.int64).copy(),
        used=np.zeros(ready.height, dtype=bool),
        told=np.zeros((ready.height, len(words))),
        leaning=np.zeros((int(party.max(initial=0)) + 1, len(words))),
    )


def _label(words: list[str]) -> pl.Expr:
    """The channel a document's own text names, -1 where it names none or more than one."""
    text = pl.lit(" ") + fold(pl.col("text").fill_null(""))
    named = [text.str.contains(f" {word}", literal=True) for word in words]
    label = pl.coalesce(*(pl.when(one).then(place) for place, one in enumerate(named)), -1)
    return pl.when(pl.sum_horizontal(named) == 1).then(label).otherwise(-1)


def classes(pool: Pool, channel: int, days: np.ndarray, money: int) -> list[int]:
    """Classes that may hold a channel's documents: large enough for half its money; those its documents name it in
    first, then those of documents not paid otherwise."""
    begin, end = np.searchsorted(pool.day, [days[0] - 60, days[-1] + 1])
    of, minor = pool.of[begin:end], pool.minor[begin:end].astype(float)
    size = int(pool.of.max(initial=0)) + 1
    open_minor = np.bincount(of, weights=minor, minlength=size)
    named = np.bincount(of, weights=minor * (pool.label[begin:end] == channel), minlength=size)
    fits = np.flatnonzero(2 * open_minor >= money)
    order = np.lexsort((fits, -open_minor[fits], -named[fits]))
    return [int(one) for one in fits[order][:CLASSES_MOST]]
