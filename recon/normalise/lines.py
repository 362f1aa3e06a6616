"""Bank rows as received become LINES: exact types, candidate references, a guessed kind.

In: a frame with at least the required columns of LINES. Out: LINES. Given values are kept; only what is
missing or null is computed. Never touches amounts, dates or the text itself.
"""

from __future__ import annotations

import polars as pl

from recon.normalise.frames import as_table
from recon.normalise.kinds import guess_kind
from recon.normalise.references import candidates, expanded
from recon.references import reference_key
from recon.schema import LINES, PARTS

_SOURCES = ["text", "creditor_reference", "end_to_end_id"]
# Longer ids are the payer's machine numbers; their digits mean nothing to us.
_MEANT_FOR_PEOPLE = 30


def normalise_lines(raw: pl.DataFrame) -> pl.DataFrame:
    """LINES of any frame that has its required columns.

    `references` where null: canonical candidate keys (recon.references.reference_key) from the creditor
    reference, the end-to-end id and the text, most trusted first; `~` marks digits joined over blanks.
    An empty list says: looked, none there. `kind` where null: by the table of text conventions.
    `currency` in capitals. Raises DataRefused naming required columns that are missing or hold nulls,
    amounts that are not whole minor units, and dates that are none.
    """
    lines = as_table(raw, LINES).with_columns(pl.col("currency").str.to_uppercase())
    found = _with_references(lines)
    kinds = pl.coalesce("kind", guess_kind(pl.col("text"), pl.col("amount_minor")))
    return found.with_columns(kind=kinds).select(LINES.columns)


def normalise_parts(raw: pl.DataFrame) -> pl.DataFrame:
    """PARTS with one more column, `references`, found as in lines. Text may be null here."""
    parts = as_table(raw, PARTS).with_columns(references=pl.lit(None, dtype=pl.List(pl.String)))
    return _with_references(parts)


def _with_references(frame: pl.DataFrame) -> pl.DataFrame:
    """`references` filled where null. Each distinct text is read once."""
    distinct = frame.filter(pl.col("references").is_null()).select(_SOURCES).unique()
    found = distinct.with_columns(found=_candidates_of_row())
    joined = frame.join(found, on=_SOURCES, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(references=pl.coalesce("references", "found")).drop("found")


def _candidates_of_row() -> pl.Expr:
    sent = pl.col("end_to_end_id")
    absent = sent.str.to_uppercase().str.replace_all(r"[^A-Z]", "").str.starts_with("NOTPROVIDED")
    own_id = pl.when(~absent).then(sent)
    short_id = pl.when(own_id.str.len_chars() <= _MEANT_FOR_PEOPLE).then(own_id)
    structured = pl.concat_list(reference_key(pl.col("creditor_reference")), reference_key(own_id))
    return pl.concat_list(
        structured.list.drop_nulls(),
        candidates(pl.col("creditor_reference")),
        candidates(pl.col("text")),
        candidates(short_id),
        expanded(pl.col("text")),
    ).list.unique(maintain_order=True)
