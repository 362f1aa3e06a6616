"""Names for proposals: the same legs have the same id in every run, on every machine.

In: drafts and the ids of lines and documents. Out: `p_` and twenty digits, a mix of all legs' ids and amounts.
Not for secrets: it only has to tell proposals apart.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.match.book import Book
from recon.match.drafts import Drafts

# The finaliser of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
_ADD, _FIRST, _SECOND = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(0x94D049BB133111EB),
)


def proposal_ids(kept: pl.DataFrame, some: Drafts, book: Book) -> pl.DataFrame:
    """`d proposal_id` of the kept drafts."""
    numbers = kept.select("d").sort("d").with_row_index("place")
    legs = some.legs.join(numbers, on="d").sort("place")
    line = digests(book.lines["line_id"])[legs["l"].to_numpy()]
    item = digests(book.items["item_id"])[legs["i"].fill_null(0).to_numpy()] if book.items.height else line
    other = digests(legs["to"].fill_null(""))
    whom = np.where(legs["i"].is_null().to_numpy(), other, item)
    mixed = _mix(_mix(line) ^ whom)
    for column in ("amount_minor", "item_amount_minor"):
        mixed = _mix(mixed ^ legs[column].to_numpy().view(np.uint64))
    total = np.zeros(numbers.height, dtype=np.uint64)
    np.add.at(total, legs["place"].to_numpy(), mixed)
    digits = pl.Series(_mix(total)).cast(pl.String).str.zfill(20)
    return numbers.select("d", proposal_id="p_" + pl.lit(digits))


def digests(texts: pl.Series) -> np.ndarray:
    """A 64-bit number for each text, worked out eight bytes at a time for all of them together."""
    raw = np.array(texts.cast(pl.Binary).to_list(), dtype="S")
    if not raw.size:
        return np.zeros(0, dtype=np.uint64)
    width = -(-raw.dtype.itemsize // 8) * 8
    words = raw.astype(f"S{width}").view("<u8").reshape(len(raw), width // 8)
    mixed = np.full(len(raw), _ADD)
    for place in range(words.shape[1]):
        some = words[:, place] != 0
        # A shorter text among longer ones keeps the digest it has alone.
        mixed = np.where(some, _mix(mixed ^ words[:, place]), mixed)
    return mixed


def _mix(numbers: np.ndarray) -> np.ndarray:
    mixed = numbers + _ADD
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))
