"""The document side of a ledger: every document once, and where it stands by all that a line can ask for.

In: ITEMS. Out: Documents with Places by number, amount, party, name and word. Adding or taking away a few costs
a few copies. Knows nothing of lines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from recon.match.block import words_by
from recon.match.book import Book, open_book
from recon.match.keys import customer_keys, item_keys, numbers_by_length
from recon.match.names import Known, known
from recon.match.near import long_number
from recon.match.resident.places import Places, key_of
from recon.schema import ITEMS, LINES, REJECTED

_AMOUNT = ["currency", "open_minor"]
ASKED = (
    "key", "near", "amount", "party_amount", "name_amount", "word_amount", "party", "party_way", "document_of_party",
    "name_party", "account_party",
)  # fmt: skip
_SAID_ONCE = ("name_party", "account_party")


@dataclass(frozen=True)
class Documents:
    """items: ITEMS + `row party name`. keys: of keys.item_keys with `row` for `i`. by: Places of rows by what is asked
    for (ASKED). gone: a flag for every row that is no longer there."""

    items: pl.DataFrame
    keys: pl.DataFrame
    by: dict[str, Places]
    gone: np.ndarray

    @classmethod
    def of(cls, items: pl.DataFrame) -> Documents:
        """The Documents of ITEMS."""
        return _made(items, 0)

    def beside(self, items: pl.DataFrame) -> Documents:
        """With more documents, none of them here already."""
        more = _made(items, self.items.height)
        return Documents(
            pl.concat([self.items, more.items], rechunk=True),
            pl.concat([self.keys, more.keys]),
            {name: places.beside(more.by[name]) for name, places in self.by.items()},
            np.concatenate([self.gone, more.gone]),
        )

    def without(self, item_ids: pl.Series) -> Documents:
        """Without documents; ids that are not here are no matter."""
        here = self.items["item_id"].is_in(item_ids.implode()).to_numpy() & ~self.gone
        if not here.any():
            return self
        # Which parties bear a name stays known by the document that first said so.
        by = {
            name: places if name in _SAID_ONCE else places.without(here) for name, places in self.by.items()
        }
        return replace(self, by=by, gone=self.gone | here)

    def there(self) -> pl.DataFrame:
        """ITEMS that are there."""
        return self.items.filter(pl.Series(~self.gone)).select(ITEMS.columns)

    def some(self, item_ids: pl.Series) -> pl.DataFrame:
        """`items` of these ids that are there."""
        return self.items.filter(pl.col("item_id").is_in(item_ids.implode()) & ~pl.lit(pl.Series(self.gone)))

    @cached_property
    def names(self) -> pl.DataFrame:
        """`n name name_key` as of a Book."""
        distinct = self._there("name", "name_key").unique().drop_nulls("name").sort("name")
        return distinct.with_row_index("n").select("n", "name", "name_key")

    @cached_property
    def known(self) -> Known:
        """The names as recon.match.names asks them."""
        return known(self.names)

    @cached_property
    def lengths(self) -> pl.DataFrame:
        """`length numbers` of keys.numbers_by_length."""
        return numbers_by_length(self.keys.filter(pl.Series(~self.gone[self.keys["row"].to_numpy()])))

    @cached_property
    def customers(self) -> pl.DataFrame:
        """`key party dense` of keys.customer_keys."""
        return customer_keys(self._there("party").unique().drop_nulls().sort("party"))

    @cached_property
    def moneys(self) -> list[str]:
        """Currencies of open documents."""
        return self._there("currency")["currency"].unique().sort().to_list()

    def _there(self, *columns: str) -> pl.DataFrame:
        some = self.items.select(columns)
        return some.filter(pl.Series(~self.gone)) if self.gone.any() else some


def _made(items: pl.DataFrame, start: int) -> Documents:
    book = open_book(LINES.empty(), items, None, REJECTED.empty())
    ready = _ready(book, start)
    keys = item_keys(book).with_columns(row=pl.col("i") + start).drop("i").sort("row", "key")
    by = {name: _places(frame, *on) for name, frame, on in _asked(ready, keys)}
    return Documents(ready.drop("day"), keys, by, np.zeros(items.height, dtype=bool))


def _ready(book: Book, start: int) -> pl.DataFrame:
    """The items of a Book with their names and parties as texts. `day` is 0 where no day is known."""
    named = book.items.join(book.names, on="n", how="left", maintain_order="left").join(
        book.parties, on="p", how="left", maintain_order="left"
    )
    return named.select(
        *ITEMS.columns, "party", "name", "name_key", "account_key",
        row=pl.int_range(pl.len(), dtype=pl.UInt32) + start,
        day=pl.col("anchor_day").fill_null(0),
    )  # fmt: skip


def _asked(ready: pl.DataFrame, keys: pl.DataFrame) -> list[tuple[str, pl.DataFrame, list[str]]]:
    """What is asked for, the rows that have it, and by which columns."""
    open_ones = ready.filter(pl.col("open_minor") != 0)
    of_party = open_ones.drop_nulls("party").with_columns(way=pl.col("open_minor") > 0)
    of_name = open_ones.drop_nulls("name")
    words = words_by(ready.select("name").drop_nulls().unique(), "name", "name")
    numbers = keys.filter(pl.col("open"), pl.col("role") != "tail", long_number())
    halves = halves_of(numbers.join(ready.select("row", "day", *_AMOUNT), on="row"))
    once = ready.with_columns(day=pl.lit(0))
    return [
        ("key", keys.with_columns(day=pl.lit(0)), ["key"]),
        ("near", halves.with_columns(day=pl.lit(0)).sort("row"), [*_AMOUNT, "length", "half", "head"]),
        ("amount", open_ones, _AMOUNT),
        ("party_amount", of_party, ["party", *_AMOUNT]),
        ("name_amount", of_name, ["name_key", *_AMOUNT]),
        ("word_amount", of_name.join(words, on="name", maintain_order="left"), ["word", *_AMOUNT]),
        ("party", of_party, ["party", "currency"]),
        ("party_way", of_party, ["party", "currency", "way"]),
        ("document_of_party", once.drop_nulls("party"), ["party"]),
        ("name_party", _parties_by(once, "name"), ["name"]),
        ("account_party", _parties_by(once, "account_key"), ["account_key"]),
    ]


def _parties_by(ready: pl.DataFrame, column: str) -> pl.DataFrame:
    """A row for each party of a name or account: its first document."""
    some = ready.select("row", "day", "party", column).drop_nulls()
    return some.unique([column, "party"], keep="first", maintain_order=True).sort("row")


def halves_of(numbers: pl.DataFrame) -> pl.DataFrame:
    """Each number twice: by its length and its first half, and by its length and the other half."""
    size = pl.col("key").str.len_chars()
    sides = [
        numbers.with_columns(length=size, half=half, head=pl.lit(value=head))
        for half, head in ((pl.col("key").str.slice(0, size // 2), True), (pl.col("key").str.slice(size // 2), False))
    ]  # fmt: skip
    return pl.concat(sides)


def _places(frame: pl.DataFrame, *on: str) -> Places:
    return Places.of(key_of(frame.select(on)), frame["day"].to_numpy(), frame["row"].to_numpy())
