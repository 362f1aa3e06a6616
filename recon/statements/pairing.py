"""Which incoming row is which stored line: by reference, then by counting equals.

In: incoming rows numbered by `row`, stored lines with one row per source that told them. Out: pairs
`row line_id`, each side at most once. Never: a pair across accounts, amounts or currencies.

Counting: rows equal in a key are numbered on both sides and the n-th meets the n-th. So the stored count
becomes the fetched count, and nothing hangs on which of two equals is which.

A reference is trusted until the bank hands one on to another line, as banks do that number their rows: from
then on the account's lines are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import polars as pl
from rapidfuzz import fuzz, process

FAR_DAYS: Final = 10
"""A bank may move a booking by days; the same reference further away is another line with a reused one."""

SLOT: Final = ("account_id", "booking_date", "amount_minor", "currency")
_PAIRS: Final = pl.Schema({"row": pl.UInt32, "line_id": pl.String})
_INVISIBLE: Final = r"[\p{Cf}\p{Cc}\s]+"

_ANY: Final = pl.lit(True)
_UNNAMED: Final = pl.col("bank_ref").is_null()
_NO_BALANCE: Final = pl.col("balance_minor").is_null()
_NOT_WITHDRAWN: Final = ~pl.col("withdrawn")
_STANDS: Final = pl.col("withdrawn_at").is_null()
"""What the bank took back contradicts nothing."""


class Period(NamedTuple):
    """The days a fetch is complete for: `since` ≤ day < `until`, open where None. No `since`: for none.

    gone_from: from which day on what is missing counts as gone; before it, the bank may have moved a line
    out of the period.
    """

    since: date | None = None
    until: date | None = None
    gone_from: date | None = None

    @property
    def complete(self) -> bool:
        return self.since is not None

    def holds(self, *, gone: bool = False) -> pl.Expr:
        """Whether a line's day is one the fetch is complete for, or (`gone`) one where missing means gone."""
        day, since = pl.col("booking_date"), (gone and self.gone_from) or self.since
        if since is None:
            return pl.lit(False)
        return (day >= since) & (pl.lit(True) if self.until is None else day < self.until)


@dataclass(frozen=True)
class ByReference:
    """pairs: `row line_id`. conflicts: `row`, to be held back. held_ids: stored lines they argue with."""

    pairs: pl.DataFrame
    conflicts: pl.DataFrame
    held_ids: list[str]


class _Pass(NamedTuple):
    """One round of counting: rows and lines that may meet, and in what they must be equal."""

    rows: pl.Expr
    lines: pl.Expr
    key: tuple[str, ...]


_WORDS: Final = (*SLOT, "words")
_BALANCE: Final = (*_WORDS, "balance_minor")

# A stored line missing from a complete fetch and a row nobody knows are one line when they are equal: its
# reference was issued anew. Where neither has a reference, even the words may have been rewritten.
# What stands comes before what was withdrawn, whatever balance that one had in its day.
_COMPLETE: Final = (
    _Pass(_ANY, _NOT_WITHDRAWN, _BALANCE),
    _Pass(_ANY, _NOT_WITHDRAWN, _WORDS),
    _Pass(_ANY, _ANY, _BALANCE),
    _Pass(_ANY, _ANY, _WORDS),
    _Pass(_UNNAMED, _ANY, SLOT),
    _Pass(_ANY, _UNNAMED, SLOT),
)
# In a part of a period the missing line may just not be in it: two references that differ are two lines,
# and so are two running balances that differ.
_PARTIAL: Final = (
    _Pass(_UNNAMED, _ANY, _BALANCE),
    _Pass(_ANY, _UNNAMED, _BALANCE),
    _Pass(_UNNAMED & _NO_BALANCE, _ANY, _WORDS),
    _Pass(_UNNAMED, _NO_BALANCE, _WORDS),
    _Pass(_NO_BALANCE, _UNNAMED, _WORDS),
    _Pass(_ANY, _UNNAMED & _NO_BALANCE, _WORDS),
)


def words(column: str = "text") -> pl.Expr:
    """The text as compared: compatible forms made one, lower case, blanks and invisible marks folded."""
    plain = pl.col(column).fill_null("").str.normalize("NFKC").str.to_lowercase()
    return plain.str.replace_all(_INVISIBLE, " ").str.strip_chars()


def once_per_reference(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, one that came twice under one reference (a page read twice) once.

    Adds `quarrel`: the reference came with two amounts or days in this one fetch.
    """
    ref = ["account_id", "bank_ref"]
    named = rows.filter(~_UNNAMED).unique(
        [*ref, "booking_date", "amount_minor", "currency"], keep="first", maintain_order=True
    )
    named = named.with_columns(quarrel=pl.len().over(ref) > 1)
    return pl.concat([rows.filter(_UNNAMED).with_columns(quarrel=pl.lit(False)), named]).sort("row")


def by_reference(rows: pl.DataFrame, known: pl.DataFrame, source_kind: str) -> ByReference:
    """Rows whose reference this source gave before; other money or a far day is a conflict, not an update."""
    met, agrees = _met_by_reference(rows, known, source_kind)
    # Of two rows that were one line once, the one that is told as the line is stored goes on being it.
    reworded = (pl.col("text") != pl.col("text_stored")) | (
        pl.col("booking_date") != pl.col("booking_date_stored")
    )
    agreed = met.filter(agrees).sort(~_STANDS, reworded, "line_id", "row")
    argued = met.join(agreed, on="row", how="anti").filter(_STANDS)
    pairs = agreed.unique("row", keep="first", maintain_order=True)
    pairs = pairs.unique("line_id", keep="first", maintain_order=True).select(_PAIRS.names())
    quarrels = rows.filter("quarrel").join(agreed, on="row", how="anti")
    return ByReference(
        pairs=pairs.cast(_PAIRS),
        conflicts=pl.concat([argued.select("row"), quarrels.select("row")]).unique().sort("row"),
        held_ids=sorted(set(argued["line_id"])),
    )


def _met_by_reference(
    rows: pl.DataFrame, known: pl.DataFrame, source_kind: str
) -> tuple[pl.DataFrame, pl.Expr]:
    """Rows beside the stored lines of their reference, and whether the two agree in money and day."""
    told = known.filter(pl.col("source") == source_kind, ~_UNNAMED)
    met = rows.drop("line_id").join(told, on=["account_id", "bank_ref"], suffix="_stored")
    agrees = (
        (pl.col("amount_minor") == pl.col("amount_minor_stored"))
        & (pl.col("currency") == pl.col("currency_stored"))
        & ((pl.col("booking_date") - pl.col("booking_date_stored")).dt.total_days().abs() <= FAR_DAYS)
    )
    return met, agrees


def without_handed_on(
    rows: pl.DataFrame, known: pl.DataFrame, source_kind: str, period: Period
) -> pl.DataFrame:
    """The rows, without references where this source hands them on from line to line.

    A reference that comes with other money was handed on when its old line is there under another one, or
    the row is a line known under another one. That an account's references are not to be trusted is
    remembered by sightings without one.
    """
    if not period.complete:
        return rows
    mine = known.filter(pl.col("source") == source_kind)
    doubted = mine.filter(_UNNAMED).select("account_id")
    met, agrees = _met_by_reference(rows, mine, source_kind)
    agreed = met.filter(agrees)
    argued = met.join(agreed, on="row", how="anti").filter(_STANDS, ~pl.col("quarrel"))
    if argued.height:
        # A number that moved on may by chance name the same amount: only equal words make it the same line.
        exact = (pl.col("text") == pl.coalesce("told_text", "text_stored")) & (
            pl.col("booking_date") == pl.col("booking_date_stored")
        )
        agreed = agreed.filter(exact)
        as_told = mine.filter(_STANDS).with_columns(text=pl.coalesce("told_text", "text"))
        doubted = pl.concat([doubted, _handed_on(argued, agreed, rows, as_told.unique("line_id"))])
    if doubted.is_empty():
        return rows
    doubtful = pl.col("account_id").is_in(doubted["account_id"].unique().implode())
    return rows.with_columns(
        bank_ref=pl.when(~doubtful).then("bank_ref"), quarrel=pl.col("quarrel") & ~doubtful
    )


def _handed_on(
    argued: pl.DataFrame, agreed: pl.DataFrame, rows: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """`account_id` of those argued rows whose line, or who themselves, are there under another reference."""
    rows, lines = rows.with_columns(words=words()), lines.with_columns(words=words())
    free_rows, free_lines = (
        rows.join(agreed, on="row", how="anti"),
        lines.join(agreed, on="line_id", how="anti"),
    )
    old = lines.join(argued, on="line_id", how="semi").join(free_rows, on=_WORDS, how="semi")
    new = rows.join(argued, on="row", how="semi").join(free_lines, on=_WORDS, how="semi")
    return pl.concat([old.select("account_id"), new.select("account_id")])


def by_fingerprint(
    rows: pl.DataFrame, known: pl.DataFrame, found: ByReference, source_kind: str, period: Period
) -> pl.DataFrame:
    """All pairs `row line_id`: those by reference, then by counting equals, strictest key first."""
    left = rows.join(found.conflicts, on="row", how="anti").with_columns(words=words())
    lines = _one_row_a_line(known, source_kind).filter(~pl.col("line_id").is_in(found.held_ids))
    mine, others = lines.filter("mine"), lines.filter(~pl.col("mine"))
    pairs = found.pairs
    if period.complete:
        within = mine.filter(period.holds())
        for step in _COMPLETE:
            pairs = _count_off(left, within, step, pairs)
    for step in _PARTIAL:
        pairs = _count_off(left, mine, step, pairs)
    pairs = _count_off(left, others, _Pass(_ANY, _ANY, _WORDS), pairs)
    # Words that differ are no reason to bring back what was withdrawn.
    return _most_similar(left, others.filter(~pl.col("withdrawn")), pairs)


def _one_row_a_line(known: pl.DataFrame, source_kind: str) -> pl.DataFrame:
    """Stored lines, once each: `mine` says this source told it, `bank_ref` and `words` are as this source did."""
    is_mine = pl.col("source") == source_kind
    own_words = pl.when(is_mine).then("told_text").max().over("line_id")
    marked = known.with_columns(
        mine=is_mine.any().over("line_id"),
        bank_ref=pl.when(is_mine).then("bank_ref"),
        withdrawn=pl.col("withdrawn_at").is_not_null(),
        text=pl.coalesce(own_words, "text"),
    ).with_columns(words=words())
    once = marked.sort("line_id", "bank_ref", nulls_last=True).unique(
        "line_id", keep="first", maintain_order=True
    )
    return once.select("line_id", *SLOT, "words", "balance_minor", "bank_ref", "mine", "withdrawn")


def _count_off(rows: pl.DataFrame, lines: pl.DataFrame, step: _Pass, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs and those of one more round; among equal lines the standing come before the withdrawn."""
    left = rows.join(pairs, on="row", how="anti").filter(step.rows)
    right = lines.join(pairs, on="line_id", how="anti").filter(step.lines)
    if left.is_empty() or right.is_empty():
        return pairs
    nth = pl.int_range(pl.len()).over(step.key)
    left = left.sort("row").with_columns(nth=nth)
    right = right.sort("withdrawn", "line_id").with_columns(nth=nth)
    met = left.drop("line_id").join(right, on=[*step.key, "nth"], suffix="_stored")
    return pl.concat([pairs, met.select(_PAIRS.names()).cast(_PAIRS)])


def _most_similar(rows: pl.DataFrame, lines: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs and what is left between sources, equal in day and money, most similar words first."""
    left = rows.join(pairs, on="row", how="anti").drop("line_id")
    both = left.join(lines.join(pairs, on="line_id", how="anti"), on=SLOT, suffix="_stored")
    if both.is_empty():
        return pairs
    alike = process.cpdist(
        both["words"].to_list(), both["words_stored"].to_list(), scorer=fuzz.token_set_ratio
    )
    ranked = both.with_columns(alike=pl.Series(alike)).sort(
        "alike", "row", "line_id", descending=[True, False, False]
    )
    met: dict[int, str] = {}
    taken: set[str] = set()
    # Each pair depends on those before it, so this is a loop; only lines of two sources come here.
    for row, line_id in ranked.select("row", "line_id").iter_rows():
        if row not in met and line_id not in taken:
            met[row] = line_id
            taken.add(line_id)
    return pl.concat([pairs, pl.DataFrame({"row": list(met), "line_id": list(met.values())}, schema=_PAIRS)])
