"""Lines and documents that have only each other: where sums are looked for, they are not free.

In: a Book, the pairs of recon.match.evidence. Out: `l i`, no line and no document twice. A ledger as received
holds what was paid long ago beside what is open today; without what other lines surely pay, what is left stands
out.
"""

from __future__ import annotations

import polars as pl

from recon.match.amounts import RELATIONS
from recon.match.book import Book
from recon.match.weights import LEVELS, says

WHOLE = pl.Series(["exact", "fx_stated"], dtype=RELATIONS).implode()
_FIRM = pl.Series(["structured", "printed", "digits"], dtype=LEVELS["reference"]).implode()
_NUMBER = pl.Series(["exact", "crowded"], dtype=LEVELS["document_no"]).implode()


def taken(book: Book, pairs: pl.DataFrame) -> pl.DataFrame:
    """`l i` of pairs that have only each other, and documents that lines outside this book surely pay, without `l`."""
    here = taken_here(pairs)
    if not book.whole:
        return here
    elsewhere = book.items.join(book.whole.gone, on="item_id", how="semi").select(
        pl.lit(None, pl.UInt32).alias("l"), "i"
    )
    return pl.concat([here, elsewhere.join(here, on="i", how="anti")]).sort("l", "i")


def taken_here(pairs: pl.DataFrame) -> pl.DataFrame:
    """`l i` of pairs in full: by reference or number where nothing else is, else of one party and amount."""
    whole = pairs.filter(pl.col("relation").is_in(WHOLE))
    firm = pl.col("reference_says").is_in(_FIRM) | pl.col("document_no_says").is_in(_NUMBER)
    firm = firm.fill_null(value=False)
    named = whole.filter(firm)
    by_number = named.filter(pl.len().over("l") == 1, pl.len().over("i") == 1).select("l", "i")
    rest = whole.join(by_number.select("l"), on="l", how="anti", maintain_order="left")
    rest = rest.join(by_number.select("i"), on="i", how="anti", maintain_order="left")
    # A document that other lines name is not the one line's that merely has its amount.
    rest = rest.join(pairs.filter(firm).select("i"), on="i", how="anti", maintain_order="left")
    return pl.concat([by_number, _by_party(rest)]).sort("l", "i")


def _by_party(rest: pl.DataFrame) -> pl.DataFrame:
    """Documents and lines of one party and amount that have but each other."""
    party = pl.col("name_said").is_not_null() | pl.col("account_said").is_not_null()
    known = rest.filter(
        party | pl.col("customer_said").is_not_null(),
        (pl.col("name_said") != says("name", "refused")).fill_null(value=True),
        pl.col("document_no_says").ne_missing(says("document_no", "other")),
    )
    return known.filter(pl.len().over("l") == 1, pl.len().over("i") == 1).select("l", "i")
