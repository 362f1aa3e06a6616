"""Bank rows as received become LINES: exact types, candidate references, a guessed kind.

In: a frame with at least the required columns of LINES. Out: LINES. Given values are kept; only what is
missing or null is computed. Never touches amounts, dates or the text itself.
"""

from __future__ import annotations

import polars as pl

from recon.normalise.frames import as_table, by_slices
from recon.normalise.implied import implied
from recon.normalise.kinds import guess_kind
from recon.normalise.references import candidates
from recon.normalise.told_amounts import with_told_amounts
from recon.references import reference_key
from recon.schema import LINES, PARTS

_SOURCES = ["text", "creditor_reference", "end_to_end_id"]
# Longer ids are the payer's machine numbers; their digits mean nothing to us.
_MEANT_FOR_PEOPLE = 30
_PLACES = 100


def normalise_lines(raw: pl.DataFrame) -> pl.DataFrame:
    """LINES of any frame that has its required columns.

    `references` where null: canonical candidate keys (recon.references.reference_key) from the creditor
    reference, the end-to-end id and the text, most trusted first; `~` marks digits joined over blanks.
    An empty list says: looked, none there. `kind` where null: by the table of text conventions. The original
    amount where null: what the text tells in another currency (recon.normalise.told_amounts).
    `currency` in capitals. Raises DataRefused naming required columns that are missing or hold nulls,
    amounts that are not whole minor units, and dates that are none.
    """
    lines = as_table(raw, LINES).with_columns(pl.col("currency").str.to_uppercase())
    return by_slices(lines, lambda some: with_told_amounts(_with_kinds(_with_references(some))))


def normalise_parts(raw: pl.DataFrame) -> pl.DataFrame:
    """PARTS with one more column, `references`, found as in lines. Text may be null here."""
    parts = as_table(raw, PARTS).with_columns(references=pl.lit(None, dtype=pl.List(pl.String)))
    return by_slices(parts, _with_references)


def _with_kinds(lines: pl.DataFrame) -> pl.DataFrame:
    kinds = guess_kind(lines["text"], lines["amount_minor"])
    return lines.with_columns(kind=pl.coalesce("kind", kinds))


def _with_references(frame: pl.DataFrame) -> pl.DataFrame:
    """`references` filled where null."""
    numbered = frame.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    missing = numbered.filter(pl.col("references").is_null()).select("row", *_SOURCES)
    if not missing.height:
        return frame
    lists = _listed(_found(missing))
    joined = numbered.join(lists, on="row", how="left", maintain_order="left")
    filled = pl.coalesce("references", "found", pl.lit([], dtype=pl.List(pl.String)))
    return joined.with_columns(references=filled).drop("row", "found")


def _found(rows: pl.DataFrame) -> pl.DataFrame:
    """Every key of every source: `row place key`, a lower place trusted more.

    Whole fields come first, then what is inside the creditor reference, the text and the end-to-end id.
    """
    sent = pl.col("end_to_end_id")
    absent = sent.str.to_uppercase().str.replace_all(r"[^A-Z]", "").str.starts_with("NOTPROVIDED")
    own = rows.filter(sent.is_not_null()).filter(~absent)
    short = own.filter(sent.str.len_chars() <= _MEANT_FOR_PEOPLE)
    texts = _placed(rows, "text", 20)
    inside = pl.concat([_placed(rows, "creditor_reference", 10), texts, _placed(short, "end_to_end_id", 30)])
    weak = implied(texts).with_columns(place=pl.lit(20, pl.Int64)).select("row", "place", "key")
    whole = pl.concat([_placed(rows, "creditor_reference", 0), _placed(own, "end_to_end_id", 1)])
    given = whole.select("row", place=pl.lit(0, pl.Int64), key=reference_key(pl.col("text")))
    found = pl.concat([given.drop_nulls("key"), candidates(inside), weak])
    return found.select(
        pl.col("row") // _PLACES, place=pl.col("row") % _PLACES + pl.col("place"), key=pl.col("key")
    )


def _placed(rows: pl.DataFrame, column: str, place: int) -> pl.DataFrame:
    """`row text`, the row number telling the source as well, so that all sources are read at once."""
    return rows.select(row=pl.col("row") * _PLACES + place, text=column).drop_nulls()


def _listed(found: pl.DataFrame) -> pl.DataFrame:
    """One list a row, the most trusted first, each key once: `row found`."""
    ordered = found.sort("row", "place", maintain_order=True)
    once = pl.col("key").unique(maintain_order=True)
    return ordered.group_by("row", maintain_order=True).agg(found=once)
