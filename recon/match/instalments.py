"""Several lines that together pay one document: instalments, and a remainder that closes what earlier parts left.

In: a Book, the pairs of recon.match.evidence, the parties of its lines. Out: drafts of kind many_to_one, exact sums
only, by passes in the order of how sure they are: lines that all name the document; those and what is left; equal
parts; a few lines of the party that add up.
"""

from __future__ import annotations

import polars as pl

from recon.match import sums
from recon.match.book import Book
from recon.match.drafts import Drafts, drafts, nothing, says_column
from recon.match.plans import PARTS_MOST, equal_parts, parts_of_documents, with_nameless
from recon.match.weights import LEVELS, says

_WEAKEST = ("reference", "document_no", "name", "account", "customer")
_CHANCE_MAX = 0.02
SETS_MOST = 3
"""Choices of lines that fit a document equally well before none of them tells anything."""
_UNEVEN = 8
"""Days by which the times between regular payments may differ."""


def instalment_drafts(book: Book, pairs: pl.DataFrame, parties: pl.DataFrame, gone: pl.DataFrame) -> Drafts:
    """Drafts of documents whose part payments add up to what is open.

    gone: of taken.taken. Of each feature the weakest level counts for all lines of a draft, and none where a line
    says nothing.
    """
    rows = parts_of_documents(book, pairs, parties, gone)
    named = _named(rows)
    rest = _without(rows, named)
    whole = with_nameless(rest, book, parties, gone)
    found, levels = [named], ["sum_instalments"]
    # What lines of the party explain is not looked for among lines that point to nobody.
    for left, level in ((rest, "sum_instalments"), (whole, "sum_rest")):
        for look in (_filled, _beside, _equal):
            one = look(_without(left, _all(found)))
            found.append(one)
            levels.append(level)
    for look in (_grown, _few):
        found.append(look(_without(rest, _all(found))))
        levels.append("sum_parts")
    return _as_drafts(_numbered(found, levels), pl.concat([rows, whole]), book, pairs, parties)


def _all(found: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([one.select("q", "i") for one in found])


def _as_question(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as recon.match.sums reads them: the lines add up to the document instead of documents to a line."""
    return rows.select(
        "q", "day", "told", i="l", open_minor="amount_minor", amount_minor="open_minor", anchor_day="day"
    )


def _without(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Rows of documents not yet found, without lines that are."""
    found = found.select(pl.col("q").cast(pl.UInt32), pl.col("i").cast(pl.UInt32))
    left = rows.join(found.select("q").unique(), on="q", how="anti", maintain_order="left")
    return left.join(found.select(l="i").unique(), on="l", how="anti", maintain_order="left")


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """`q set i`: all lines that name a document."""
    told = rows.filter("told")
    whole = told.filter(
        pl.len().over("q").is_between(2, PARTS_MOST),
        pl.col("amount_minor").sum().over("q") == pl.col("open_minor"),
    )
    return whole.select("q", set=pl.lit(0, dtype=pl.UInt32), i="l")


def _beside(rows: pl.DataFrame) -> pl.DataFrame:
    """`q set i`: the lines that name a document and one or two others."""
    found = sums.beside(_as_question(rows.filter(pl.col("told").any().over("q"))))
    return found.filter(pl.col("set").n_unique().over("q") == 1)


def _filled(rows: pl.DataFrame) -> pl.DataFrame:
    """`q set i`: the lines that name a document and as many others of one of their amounts as are left to pay."""
    told = rows.filter("told")
    missing = told.group_by("q").agg(
        left=pl.col("open_minor").first() - pl.col("amount_minor").sum(),
        same=pl.col("amount_minor").unique().sort(),
    )
    one = missing.filter(pl.col("same").list.len() <= 2).explode("same").filter(
        pl.col("left").sign() == pl.col("same").sign(), pl.col("left") % pl.col("same") == 0
    )  # fmt: skip
    others = rows.filter(~pl.col("told")).join(one, left_on=["q", "amount_minor"], right_on=["q", "same"])
    enough = others.filter(
        pl.len().over("q") == pl.col("left") // pl.col("amount_minor"), pl.len().over("q") < PARTS_MOST
    )
    whole = pl.concat([told.join(enough, on="q", how="semi").select("q", "l"), enough.select("q", "l")])
    return whole.select("q", set=pl.lit(0, dtype=pl.UInt32), i="l")


def _equal(rows: pl.DataFrame) -> pl.DataFrame:
    """`q set i`: as many equal parts as the document needs, neighbours in time, the most regular of them."""
    parts = equal_parts(rows).sort("q", "count", "day", "l")
    over = ["q", "count"]
    placed = parts.filter(pl.len().over(over) >= pl.col("count")).with_columns(
        place=pl.int_range(pl.len()).over(over), sum=pl.col("amount_minor").cum_sum().over(over)
    )
    ends = placed.select(*over, "open_minor", "sum", "day", end="place")
    starts = placed.select(
        *over, "place", start_day="day", sum=pl.col("sum") - pl.col("amount_minor") + pl.col("open_minor")
    )
    met = starts.join(ends, on=[*over, "sum"]).filter(pl.col("end") - pl.col("place") + 1 == pl.col("count"))
    return _spread(met, placed, over)


def _spread(met: pl.DataFrame, placed: pl.DataFrame, over: list[str]) -> pl.DataFrame:
    """Lines from `place` to `end` of each window that holds all lines naming the document, at most SETS_MOST each."""
    windows = met.sort(*over, "place").with_row_index("set")
    lines = windows.select("set", *over, at=pl.int_ranges("place", pl.col("end") + 1)).explode("at")
    inside = lines.join(
        placed.select(*over, "l", "told", "day", at="place"), on=[*over, "at"], maintain_order="left"
    )
    all_told = placed.filter("told").group_by("q").agg(all_told=pl.col("l").n_unique())
    facts = inside.group_by("set", "q").agg(told=pl.col("told").sum(), gaps=_unevenness())
    good = facts.join(all_told, on="q", how="left").filter(pl.col("told") == pl.col("all_told").fill_null(0))
    best = good.filter(pl.col("gaps") == pl.col("gaps").min().over("q")).filter(
        pl.len().over("q") <= SETS_MOST
    )
    return inside.join(best.select("set"), on="set", how="semi", maintain_order="left").select(
        "q", "set", i="l"
    )


def _unevenness() -> pl.Expr:
    """Days by which the longest time between neighbours passes the shortest."""
    gaps = pl.col("day").sort().diff().drop_nulls()
    return gaps.max() - gaps.min()


def _grown(rows: pl.DataFrame) -> pl.DataFrame:
    """`q set i`: lines of one amount at regular times and one last line of what is left."""
    again = rows.filter(pl.len().over("q", "amount_minor") >= 2).sort("q", "amount_minor", "day", "l")
    over = ["q", "amount_minor"]
    placed = again.with_columns(place=pl.int_range(pl.len()).over(over))
    first, last = placed.select(*over, "place", from_day="day"), placed.select(
        *over, "open_minor", "day", end="place"
    )  # fmt: skip
    windows = first.join(last, on=over).filter(
        (pl.col("end") - pl.col("place")).is_between(1, PARTS_MOST), pl.col("day") > pl.col("from_day")
    )
    count = pl.col("end") - pl.col("place") + 1
    asked = windows.with_columns(
        rest=pl.col("open_minor") - pl.col("amount_minor") * count,
        pace=(pl.col("day") - pl.col("from_day")) / (count - 1),
    )
    lasts = rows.select("q", last_l="l", last_day="day", rest="amount_minor")
    met = asked.filter(pl.col("rest") != pl.col("amount_minor")).join(lasts, on=["q", "rest"])
    due = (pl.col("last_day") - pl.col("day") - pl.col("pace")).abs() <= _UNEVEN
    windows = met.filter(due).sort(*over, "place", "end", "last_l").with_row_index("set")
    lines = windows.select("set", *over, "last_l", at=pl.int_ranges("place", pl.col("end") + 1)).explode("at")
    inside = lines.join(placed.select(*over, "l", "day", at="place"), on=[*over, "at"], maintain_order="left")
    even = inside.group_by("set", "q").agg(gaps=_unevenness(), last_l=pl.col("last_l").first())
    good = even.filter(pl.col("gaps") <= _UNEVEN).filter(pl.len().over("q") == 1)
    parts = inside.join(good.select("set"), on="set", how="semi").select("q", "set", i="l")
    return pl.concat([parts, good.select("q", "set", i="last_l")])


def _few(rows: pl.DataFrame) -> pl.DataFrame:
    """`q set i`: two or three lines that hardly any other choice could equal by chance, where no others do."""
    asked = _as_question(rows)
    size = sums.chances(asked).select("q", odds=pl.col("n").cast(pl.Float64).pow(2) / pl.col("sums"))
    few = sums.few(asked)
    alone = few.filter(pl.col("set").n_unique().over("q") == 1).join(size, on="q")
    return alone.filter(pl.col("odds") <= _CHANCE_MAX).select("q", "set", "i")


def _numbered(found: list[pl.DataFrame], levels: list[str]) -> pl.DataFrame:
    """`d q l amount_says` of all passes."""
    whole = [
        one.select("q", pl.col("set").cast(pl.UInt32), l="i", pass_=pl.lit(number), amount_says=pl.lit(level))
        for number, (one, level) in enumerate(zip(found, levels, strict=True))
    ]
    group = (pl.struct("pass_", "q", "set").rank("dense") - 1).cast(pl.UInt32)
    return pl.concat(whole).select("q", "l", "amount_says", d=group)


def _as_drafts(
    found: pl.DataFrame, rows: pl.DataFrame, book: Book, pairs: pl.DataFrame, parties: pl.DataFrame
) -> Drafts:
    if found.is_empty():
        return nothing()
    facts = rows.select("q", "i", "l", "amount_minor", "day").unique(
        ["q", "l"], keep="first", maintain_order=True
    )
    legs = found.join(facts, on=["q", "l"]).sort("d", "day", "l")
    legs = legs.join(book.lines.select("l", line_minor="amount_minor"), on="l", maintain_order="left")
    heads = (
        _said(legs, book, pairs, parties)
        .group_by("d", maintain_order=True)
        .agg(
            *(_weakest(feature) for feature in _WEAKEST),
            pl.col("amount_says").first(),
            parts_says=_some_named(),
            kind=pl.lit("many_to_one"),
            way=pl.lit("instalments"),
            difference_minor=pl.lit(0),
            difference_kind=pl.lit("none"),
            count=pl.len(),
        )
    )
    return drafts(
        heads, legs.select("d", "l", "i", amount_minor="line_minor", item_amount_minor="amount_minor")
    )


def _said(legs: pl.DataFrame, book: Book, pairs: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """Legs with what each line says of the document and its party."""
    said = parties.rename({name: says_column(name) for name in ("name", "account", "customer")})
    numbers = pairs.select("l", "i", "reference_says", "document_no_says")
    return (
        legs.join(book.items.select("i", "p"), on="i", how="left", maintain_order="left")
        .join(numbers, on=["l", "i"], how="left", maintain_order="left")
        .join(said, on=["l", "p"], how="left", maintain_order="left")
    )


def _weakest(feature: str) -> pl.Expr:
    """The weakest level of the group; null where a line has none."""
    column = pl.col(says_column(feature))
    weakest = pl.when(column.null_count() == 0).then(column.max())
    return weakest.cast(LEVELS[feature]).alias(says_column(feature))


def _some_named() -> pl.Expr:
    """Where some lines name the document, but not all of them by the same kind of number."""
    by = [pl.col(says_column(feature)) for feature in ("reference", "document_no")]
    # Only levels that name the very document; `other` and the like say the opposite.
    against = pl.Series(["other", "settled", "foreign"], dtype=LEVELS["reference"]).implode()
    reference = by[0].is_not_null() & ~by[0].is_in(against).fill_null(value=False)
    number = by[1].is_not_null() & (by[1] != says("document_no", "other")).fill_null(value=False)
    one_kind = (by[0].null_count() == 0) | (by[1].null_count() == 0)
    return pl.when((reference | number).any() & ~one_kind).then(says("parts", "some_named"))
