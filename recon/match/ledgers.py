"""What is open with each party a line points to, around its day: where sums are looked for.

In: a Book, the parties of its lines. Out: rows `q l i` of a question `q` (a line, one party and one currency) and a
document, in due order, at most LEDGER_MAX documents a question; linear in the number of questions.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.match.book import Book
from recon.match.spans import DAY_BITS, composite, nearest, pairs, spans
from recon.policy import Policy

LEDGER_MAX = 32
"""Open documents of a party around a line's day among which sums are looked for."""
_TERM = 75
_PAST = 3
"""Times the usual days after which a document that stayed open may still be paid with others."""
_KNOWN = 3
"""Days after a line on which a document may be issued that it pays with others."""


def moneys(book: Book) -> pl.DataFrame:
    """`l c amount_minor day`: each line's own amount, and the one it was before it was exchanged."""
    own = book.lines.select("l", "c", "amount_minor", "day")
    foreign = book.lines.filter(pl.col("original_c").is_not_null() & (pl.col("original_c") != pl.col("c")))
    stated = pl.col("original_minor").abs() * pl.col("amount_minor").sign()
    exchanged = foreign.select("l", c="original_c", amount_minor=stated, day="day")
    return pl.concat([own, exchanged]).filter(pl.col("amount_minor") != 0).drop_nulls().sort("l", "c")


def ledgers(items: pl.DataFrame, lines: pl.DataFrame, asked: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`q l p c i open_minor amount_minor day anchor_day`, sorted by `q`, then in due order.

    items: of Book, open ones. lines: `l c amount_minor day`, what documents of that currency are to add up to.
    asked: `l p`.
    """
    items = items.select("i", "p", "c", "open_minor", "issue_date", "anchor_day").drop_nulls("p")
    items = items.with_columns(pl.col("anchor_day").fill_null(0))
    group = items.select("p", "c").unique().sort("p", "c").with_row_index("g")
    items = items.join(group, on=["p", "c"], maintain_order="left")
    questions = asked.join(lines, on="l").join(group, on=["p", "c"]).sort("l", "p", "c").with_row_index("q")
    key = composite(items["g"].to_numpy(), items["anchor_day"].to_numpy(), DAY_BITS)
    order = np.lexsort((items["i"].to_numpy(), key))
    key, numbers, days = key[order], questions["g"].to_numpy(), questions["day"].to_numpy()
    low = composite(numbers, np.maximum(days - _PAST * policy.days_after, 0), DAY_BITS)
    span = spans(key, low, composite(numbers, days + policy.days_before + _TERM, DAY_BITS))
    question, row = pairs(*nearest(key, *span, composite(numbers, days, DAY_BITS), LEDGER_MAX))
    of_question = questions.select("q", "l", "p", "c", "day", "amount_minor")[question]
    of_item = items.select("i", "open_minor", "issue_date", "anchor_day")[order[row]]
    whole = pl.concat([of_question, of_item], how="horizontal")
    known = pl.col("issue_date").to_physical() <= pl.col("day") + _KNOWN
    return whole.filter(known.fill_null(value=True)).drop("issue_date")


def allowed(rows: pl.DataFrame, book: Book) -> pl.DataFrame:
    """`l i …` without rejected pairs."""
    if book.rejected.is_empty():
        return rows
    barred = book.rejected.join(book.items.select("i", "item_id"), on="item_id").select("l", "i")
    return rows.join(barred, on=["l", "i"], how="anti", maintain_order="left")
