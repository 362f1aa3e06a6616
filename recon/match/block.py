"""Pairs worth comparing: the union of generators that each stay linear in the number of rows.

In: a Book, the parties its lines point to, a Policy. Out: `l i` once each, with a column a generator.
Never joins on amount alone where many documents ask for the same: subscriptions would make it quadratic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from recon.match.amounts import relation, with_rates
from recon.match.book import Book
from recon.policy import Policy

GENERATORS = ("reference", "document", "party", "amount")

SAME_KEY_MAX = 60
"""Documents one reference or number may belong to before it tells nothing."""
SAME_AMOUNT_MAX = 24
"""Open documents of one amount and currency that may be listed for a line by amount alone."""
PARTY_MAX = 60
"""Open documents of one party that are all looked at; of larger parties only those of the exact amount."""

_LINE_FACTS = ["l", "booking_date", "amount_minor", "currency", "original_minor", "original_currency"]
_ITEM_FACTS = ["i", "item_id", "open_minor", "item_currency", "issue_date", "due_date", "anchor"]


@dataclass(frozen=True)
class Candidates:
    """hits: `l i key trust role open`, keys that lines and documents share. pairs: `l i`, facts, a flag a generator."""

    hits: pl.DataFrame
    pairs: pl.DataFrame

    def report(self) -> dict[str, int]:
        """Pairs by generator, and all together."""
        counts = {name: int(self.pairs[f"by_{name}"].sum()) for name in GENERATORS}
        return counts | {"all": self.pairs.height}


def candidates(book: Book, parties: pl.DataFrame, policy: Policy) -> Candidates:
    """Candidates of the book: open items in the direction of the line's money, rejected pairs left out."""
    hits = key_hits(book)
    named = hits.filter("open")
    found = pl.concat(
        [
            named.filter(pl.col("role") == "reference").select("l", "i", by=pl.lit("reference")),
            named.filter(pl.col("role") != "reference").select("l", "i", by=pl.lit("document")),
            _by_party(book, parties, policy).select("l", "i", by=pl.lit("party")),
            _by_amount(book, policy).select("l", "i", by=pl.lit("amount")),
        ]
    )
    flags = [(pl.col("by") == name).any().alias(f"by_{name}") for name in GENERATORS]
    pairs = with_facts(found.group_by("l", "i").agg(flags), book, policy).filter(
        pl.col("relation").is_not_null()
    )
    # What is left of a batch belongs to its other parts: one document of it is not overpaid.
    batched = book.parts.group_by("l").len("parts").filter(pl.col("parts") > 1)
    pairs = pairs.filter(~((pl.col("relation") == "overpaid") & pl.col("l").is_in(batched["l"].implode())))
    allowed = pairs.join(book.rejected, on=["l", "item_id"], how="anti")
    return Candidates(hits, allowed.sort("l", "i"))


def key_hits(book: Book) -> pl.DataFrame:
    """Where a key of a line is a key of a document, settled ones too."""
    crowd = book.item_keys.group_by("key").len("items").filter(pl.col("items") <= SAME_KEY_MAX)
    keys = book.item_keys.join(crowd, on="key", how="semi")
    hits = book.line_keys.join(keys, on="key").join(book.items.select("i", "open"), on="i")
    return hits.sort("l", "i", "key")


def with_facts(pairs: pl.DataFrame, book: Book, policy: Policy) -> pl.DataFrame:
    """Pairs with the amounts and dates of both sides and their relation (recon.match.amounts)."""
    lines = book.lines.select(_LINE_FACTS)
    items = book.open_items.rename({"currency": "item_currency"}).select(_ITEM_FACTS)
    joined = pairs.join(lines, on="l").join(items, on="i")
    return with_rates(joined, policy).with_columns(relation=relation(policy))


def _by_party(book: Book, parties: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Documents of the line's parties whose amount the line can settle in full."""
    owned = book.open_items.select("i", "party", "open_minor", "currency").drop_nulls("party")
    crowd = owned.group_by("party").len("items")
    small = owned.join(crowd.filter(pl.col("items") <= PARTY_MAX), on="party", how="semi")
    large = owned.join(crowd.filter(pl.col("items") > PARTY_MAX), on="party", how="semi")
    of_small = parties.select("l", "party").join(small.select("party", "i"), on="party").select("l", "i")
    amounts = parties.join(book.lines.select("l", "amount_minor", "currency"), on="l")
    of_large = amounts.join(
        large, left_on=["party", "amount_minor", "currency"], right_on=["party", "open_minor", "currency"]
    ).select("l", "i")
    facts = with_facts(pl.concat([of_small, of_large]).unique(), book, policy)
    settles = ~pl.col("relation").is_in(["partial", "overpaid"])
    return facts.filter(settles & in_window(policy))


def _by_amount(book: Book, policy: Policy) -> pl.DataFrame:
    """Documents of the exact amount and currency in the window, where not too many ask for it."""
    on = ["amount_minor", "currency"]
    items = book.open_items.select("i", "currency", amount_minor="open_minor")
    crowd = items.group_by(on).len("items").filter(pl.col("items") <= SAME_AMOUNT_MAX)
    pairs = book.lines.select("l", *on).join(items.join(crowd, on=on, how="semi"), on=on).select("l", "i")
    return with_facts(pairs, book, policy).filter(in_window(policy))


def in_window(policy: Policy) -> pl.Expr:
    """Whether the line's day lies between issue (less days_before) and due (plus days_after), ends included."""
    opens = pl.coalesce("issue_date", "due_date") - timedelta(days=policy.days_before)
    closes = pl.col("anchor") + timedelta(days=policy.days_after)
    return ((pl.col("booking_date") >= opens) & (pl.col("booking_date") <= closes)).fill_null(True)
