"""Which pairs of a line and a document the engine compares, and which generator named each: blocking by itself.

In: lines and documents as `rc.propose` takes them. Out: the pairs and how many each generator gave. Never weighs
anything; what is not among the pairs, no weight can find.
"""

from __future__ import annotations

import polars as pl

from recon.match.block import GENERATORS
from recon.match.book import open_book
from recon.match.propose import look
from recon.normalise.items import normalise_items
from recon.normalise.lines import normalise_lines, normalise_parts
from recon.policy import Policy
from recon.schema import ITEMS, LINES, History, conform


def blocking(
    lines: pl.DataFrame,
    items: pl.DataFrame,
    policy: Policy = Policy(),  # noqa: B008 - a frozen value
    parts: pl.DataFrame | None = None,
    history: History | None = None,
) -> tuple[pl.DataFrame, dict[str, int]]:
    """The pairs of one line and one document that are worth comparing, and how many each generator named.

    lines, items, parts, history: as in `rc.propose`. Returns `line_id item_id by`, each pair once in the order of ids,
    `by` the names of its generators; and the report: generator → pairs, `all` → pairs together, which is less than the
    sum where several name the same. Sets of documents are found by the sums of a party, not here.
    """
    told = None if parts is None else normalise_parts(parts)
    history = history or History()
    book = open_book(
        conform(normalise_lines(lines), LINES), conform(normalise_items(items), ITEMS), told, history.rejected
    )
    found = look(book, policy, history).found
    named = [
        pl.when(pl.col("by") & pl.lit(1 << place, pl.UInt8) != 0).then(pl.lit(name))
        for place, name in enumerate(GENERATORS)
    ]
    pairs = found.pairs.select(
        book.lines["line_id"].gather(found.pairs["l"]),
        book.items["item_id"].gather(found.pairs["i"]),
        by=pl.concat_list(named).list.drop_nulls(),
    )
    return pairs.sort("line_id", "item_id"), found.report()
