"""The line side of a ledger: open lines already matched, and how a document or another line finds them.

In: LINES with their PARTS. Out: Lines with Places by number, amount, payer, spelling and word. Knows nothing of
documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from recon.match.block import words_by
from recon.match.book import open_book
from recon.match.keys import SAME_KEY_MAX, line_keys
from recon.match.resident.places import Places, key_of
from recon.match.transfers import DAYS_MAX
from recon.schema import ITEMS, LINES, REJECTED
from recon.text import name_key

SAME_AMOUNT_MOST = 200
"""Lines of one amount, on either side of a document's day, for which a further document of it is news."""
_SAME_WORD_MOST = 30
_SAME_PAYER_MOST = 12


@dataclass(frozen=True)
class Lines:
    """lines: LINES + `row day account who`, `account` and `who` null where nobody is named. parts: PARTS, as
    normalised. by: Places of rows. gone: a flag for every row that is no longer there."""

    lines: pl.DataFrame
    parts: pl.DataFrame | None
    by: dict[str, Places]
    gone: np.ndarray

    @classmethod
    def of(cls, lines: pl.DataFrame, parts: pl.DataFrame | None) -> Lines:
        """The Lines of LINES."""
        return _made(lines, parts, 0)

    def beside(self, lines: pl.DataFrame, parts: pl.DataFrame | None) -> Lines:
        """With more lines, none of them here already. parts: of all of them, old ones too."""
        more = _made(lines, parts, self.lines.height)
        return Lines(
            pl.concat([self.lines, more.lines], rechunk=True),
            parts,
            {name: places.beside(more.by[name]) for name, places in self.by.items()},
            np.concatenate([self.gone, more.gone]),
        )

    def without(self, line_ids: pl.Series) -> Lines:
        """Without lines; ids that are not here are no matter."""
        here = self.lines["line_id"].is_in(line_ids.implode()).to_numpy() & ~self.gone
        by = {name: places.without(here) for name, places in self.by.items()}
        return replace(self, by=by, gone=self.gone | here)

    def there(self) -> pl.DataFrame:
        """LINES that are there."""
        return self.lines.filter(pl.Series(~self.gone)).select(LINES.columns)

    def some(self, line_ids: pl.Series) -> pl.DataFrame:
        """LINES of these ids that are there."""
        return self.there().filter(pl.col("line_id").is_in(line_ids.implode()))

    def ids(self) -> pl.Series:
        """`line_id` of lines that are there."""
        return self.lines["line_id"].filter(pl.Series(~self.gone))

    @property
    def count(self) -> int:
        """How many there are."""
        return int((~self.gone).sum())

    @property
    def last_day(self) -> int:
        """Of the last line, days since 1970; 0 without any."""
        return max([0, *self.lines["day"].filter(pl.Series(~self.gone)).top_k(1).to_list()])

    def by_payers(self, paid: pl.DataFrame) -> pl.Series:
        """`line_id` of lines of these accounts and names. paid: `account who`, as of memory.paid_before."""
        asked = paid.select("account", "who").unique().with_columns(day=pl.lit(0))
        most = self.lines.height
        return self._ids(
            [self._near("account", asked, ["account"], most), self._near("payer", asked, ["who"], most)]
        )

    def beside_lines(self, line_ids: pl.Series) -> pl.Series:
        """`line_id` of lines of the same payer as these, and of those that could be the other end of a transfer."""
        asked = self.lines.filter(pl.col("line_id").is_in(line_ids.implode()))
        rows = [
            self._near("account", asked, ["account"], _SAME_PAYER_MOST),
            self._near("who", asked, ["who"], _SAME_PAYER_MOST),
        ]
        back = asked.with_columns(amount_minor=-pl.col("amount_minor"))
        key, day = key_of(back.select("currency", "amount_minor")), back["day"].to_numpy()
        rows.append(self.by["amount"].near(key, day, 8, day - DAYS_MAX, day + DAYS_MAX)[1])
        return self._ids(rows)

    def beside_documents(self, items: pl.DataFrame, keys: pl.DataFrame) -> pl.Series:
        """`line_id` of lines that may pay these documents. items: Documents.items of them. keys: their `key`."""
        asked = items.with_columns(
            day=pl.coalesce("due_date", "issue_date").to_physical().fill_null(0), account="account_key"
        )
        words = words_by(asked.select("row", "name").drop_nulls(), "row", "name")
        owed = asked.filter(pl.col("open_minor") != 0)
        rows = [
            self._near("key", keys.with_columns(day=pl.lit(0)), ["key"], SAME_KEY_MAX),
            self._near("amount", owed, ["currency", "open_minor"], SAME_AMOUNT_MOST),
            self._near("account", asked, ["account"], _SAME_PAYER_MOST),
            self._near("word", asked.join(words, on="row"), ["word"], _SAME_WORD_MOST),
        ]
        return self._ids(rows)

    def _near(self, name: str, asked: pl.DataFrame, on: list[str], most: int) -> np.ndarray:
        known = asked.drop_nulls(on)
        return self.by[name].near(key_of(known.select(on)), known["day"].to_numpy(), most)[1]

    def _ids(self, rows: list[np.ndarray]) -> pl.Series:
        return self.lines["line_id"].gather(np.unique(np.concatenate(rows)))


def _made(lines: pl.DataFrame, parts: pl.DataFrame | None, start: int) -> Lines:
    book = open_book(lines, ITEMS.empty(), parts, REJECTED.empty())
    spelled = book.spellings.select("s", "who")
    ready = book.lines.join(spelled, on="s", how="left", maintain_order="left").select(
        *LINES.columns,
        "day",
        "who",
        account="account_key",
        payer=name_key(pl.col("who")),
        row=pl.int_range(pl.len(), dtype=pl.UInt32) + start,
    )
    keys = line_keys(book).select(row=pl.col("l") + start, key="key", day=pl.lit(0)).sort("row", "key")
    by = {name: _places(frame, *on) for name, frame, on in _asked(ready, keys)}
    return Lines(ready, parts, by, np.zeros(ready.height, dtype=bool))


def _asked(ready: pl.DataFrame, keys: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame, list[str]]]:
    original = ready.select(
        "row", "day", currency="original_currency",
        amount_minor=pl.col("original_minor").abs() * pl.col("amount_minor").sign(),
    ).drop_nulls()  # fmt: skip
    amounts = pl.concat([ready.select(original.columns), original]).sort("row", maintain_order=True)
    yield "key", keys, ["key"]
    yield "amount", amounts, ["currency", "amount_minor"]
    yield "account", ready.drop_nulls("account"), ["account"]
    yield "who", ready.drop_nulls("who"), ["who"]
    yield "payer", ready.drop_nulls("payer").select("row", "day", who="payer"), ["who"]
    words = words_by(ready.select("row", "who").drop_nulls(), "row", "who")
    yield "word", words.join(ready.select("row", "day"), on="row", maintain_order="left"), ["word"]


def _places(frame: pl.DataFrame, *on: str) -> Places:
    return Places.of(key_of(frame.select(on)), frame["day"].to_numpy(), frame["row"].to_numpy())
