"""A document that comes by a second way: from a file and from the ERP, from a table and as an electronic invoice.

In: ITEMS that come, ITEMS that are kept. Out: those that come, under the ids they are kept under. Pure.
Never: two documents taken for one where anything that is told of both differs.
"""

from __future__ import annotations

import polars as pl

from recon.schema import finding, findings_frame
from recon.text import name_fold

_ALIKE = ["kind", "number", "currency", "total_minor"]
_TOLD_ONCE = "ubl"
"""Sources that tell what was open when the document was made, and nothing of what was paid since."""


def under_known_ids(incoming: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Incoming ITEMS, each under the id its document is kept under, and FINDINGS of those met by likeness.

    Alike is what has the same kind, number, currency and total, where dates, parties and their numbers agree as far
    as both tell them, and where just one is alike on either side. An electronic invoice that is kept already is
    left out: what is still open the books know better.
    """
    by_likeness = _alike(incoming, known)
    renamed = (
        incoming.join(by_likeness, on="item_id", how="left", maintain_order="left")
        .with_columns(item_id=pl.coalesce("known_id", "item_id"))
        .drop("known_id")
    )
    stale = (pl.col("source") == _TOLD_ONCE) & pl.col("item_id").is_in(known["item_id"].implode())
    numbers = incoming.filter(pl.col("item_id").is_in(by_likeness["item_id"].implode()))["document_no"]
    return renamed.filter(~stale), findings_frame(
        [
            finding(
                "note", "known_document", number, f"{number} was kept before, from elsewhere; it stays one."
            )
            for number in numbers
        ]
    )


def _alike(incoming: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """`item_id known_id` of documents that are new by id and one known document's equal."""
    fresh = incoming.filter(~pl.col("item_id").is_in(known["item_id"].implode()))
    others = known.filter(~pl.col("item_id").is_in(incoming["item_id"].implode()))
    pairs = _keyed(fresh).join(_keyed(others), on=_ALIKE, suffix="_known")
    for column in ("issue_date", "party", "counterparty_id"):
        same = pl.col(column) == pl.col(f"{column}_known")
        agrees = same.fill_null(True)
        if column == "counterparty_id":
            # A customer number of ours and a company's own number differ without contradicting each other.
            agrees = agrees | (pl.col("party") == pl.col("party_known")).fill_null(False)
        pairs = pairs.filter(agrees)
    alone = pl.col("item_id").is_duplicated() | pl.col("item_id_known").is_duplicated()
    return pairs.filter(~alone).select("item_id", known_id="item_id_known")


def _keyed(items: pl.DataFrame) -> pl.DataFrame:
    return items.select(
        "item_id",
        "kind",
        "currency",
        "total_minor",
        "issue_date",
        "counterparty_id",
        number=pl.col("document_no").str.strip_chars().str.to_lowercase(),
        party=name_fold(pl.col("counterparty_name")),
    )
