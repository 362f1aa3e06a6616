"""Which lines may be parts of a document: those that name it, those of its party, and those that fit what is left.

In: a Book, parties and pairs of its lines, what lines and documents have only each other. Out: rows `q l …` of a
question `q`, a document, in the order of days. Linear: at most LINES_MAX lines of a party stand around a document.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.match.amounts import RELATIONS
from recon.match.block import told
from recon.match.book import Book
from recon.match.ledgers import allowed, moneys
from recon.match.party import firm
from recon.match.spans import DAY_BITS, composite, nearest, pairs, spans
from recon.match.weights import LEVELS, says

LINES_MAX = 40
"""Lines of a party around a document's due day among which its parts are looked for."""
SAME_MAX = 6
"""Lines that name nobody and have just the amount that is left, before it tells nothing."""
PARTS_MOST = 12
_EARLY = 3
_BEFORE, _AFTER, _NEAR = 40, 300, 100
_PARTS = pl.Series(["partial", "equal_part"], dtype=RELATIONS).implode()
_REFERENCE = pl.Series(["structured", "printed", "digits"], dtype=LEVELS["reference"]).implode()
_NUMBER = pl.Series(["exact", "crowded"], dtype=LEVELS["document_no"]).implode()
_FACTS = ("q", "i", "l", "c", "open_minor", "amount_minor", "day", "told", "known")


def parts_of_documents(
    book: Book, seen: pl.DataFrame, parties: pl.DataFrame, gone: pl.DataFrame
) -> pl.DataFrame:
    """`q i l c open_minor amount_minor day told known`: a document, a line and the line's amount in its currency.

    told: the line names the document. known: it is of its party.
    """
    lines = moneys(book).join(gone.select("l"), on="l", how="anti").join(_accounted(book), on="l", how="anti")
    items = book.open_items.select("i", "c", "p", "open_minor", "issue_date", "anchor_day")
    items = items.join(gone.select("i"), on="i", how="anti", maintain_order="left")
    part = seen.filter(pl.col("relation").is_in(_PARTS), told())
    named = part.select("l", "i", told=surely_named())
    of_party = _of_party(items, lines, parties.filter(firm()).select("l", "p"))
    found = pl.concat(
        [named.with_columns(known=~pl.col("told")), of_party.with_columns(told=pl.lit(value=False))],
        how="diagonal",
    )
    once = found.group_by("l", "i").agg(pl.col("told", "known").any())
    rows = once.join(items, on="i").join(lines, on=["l", "c"])
    fitting = rows.filter(
        pl.col("amount_minor").sign() == pl.col("open_minor").sign(),
        pl.col("amount_minor").abs() < pl.col("open_minor").abs(),
        pl.col("told") | (pl.col("day") >= pl.col("issue_date").to_physical() - _EARLY).fill_null(value=True),
    )
    return _ordered(allowed(fitting, book))


def surely_named() -> pl.Expr:
    """The pair has a reference or number that is hardly there by chance."""
    firm_reference = pl.col("reference_says").is_in(_REFERENCE)
    return (firm_reference | pl.col("document_no_says").is_in(_NUMBER)).fill_null(value=False)


def with_nameless(rows: pl.DataFrame, book: Book, parties: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """The rows, and lines that point to nobody whose amount is a document's part so far, or just what is left."""
    left = (
        rows.filter("told")
        .group_by("q")
        .agg(
            pl.col("i", "c", "open_minor").first(),
            paid=pl.col("amount_minor").sum(),
            since=pl.col("day").min(),
        )
    )
    rest = left.select(
        "q", "i", "c", "open_minor", "since", amount_minor=pl.col("open_minor") - pl.col("paid")
    )
    again = (
        rows.filter(pl.col("told") | _equal_part())
        .group_by("q", "amount_minor")
        .agg(pl.col("i", "c", "open_minor").first(), since=pl.col("day").min())
    )
    wanted = pl.concat([rest, again.select(rest.columns)]).unique(
        ["q", "amount_minor"], keep="first", maintain_order=True
    )
    pointed = parties.filter(firm()).select("l")
    nobody = moneys(book).join(
        pl.concat([pointed, gone.select("l"), rows.select("l")]).unique(), on="l", how="anti"
    )
    nobody = nobody.join(_accounted(book), on="l", how="anti")
    met = wanted.filter(pl.col("amount_minor") != 0).join(nobody, on=["c", "amount_minor"])
    issued = book.items.select("i", issued=pl.col("issue_date").to_physical())
    met = met.join(issued, on="i", maintain_order="left").filter(
        (pl.col("day") - pl.col("since")).is_between(-_NEAR, _NEAR),
        (pl.col("day") >= pl.col("issued") - _EARLY).fill_null(value=True),
    )
    few = met.filter(pl.len().over("q", "amount_minor") <= SAME_MAX)
    added = few.with_columns(told=pl.lit(value=False), known=pl.lit(value=False)).select(_FACTS)
    return _sorted(
        pl.concat([rows, allowed(added, book)]).unique(["q", "l"], keep="first", maintain_order=True)
    )


def _equal_part() -> pl.Expr:
    """The line's amount is one of up to twelve equal parts, rounded."""
    amount, awaited = pl.col("amount_minor").abs(), pl.col("open_minor").abs()
    count = (awaited + amount // 2) // amount
    return count.is_between(2, PARTS_MOST) & ((awaited - amount * count).abs() <= count)


def equal_parts(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose line is an equal part, with `count`, how many of them make the document."""
    amount, awaited = pl.col("amount_minor").abs(), pl.col("open_minor").abs()
    return rows.filter(_equal_part()).with_columns(count=(awaited + amount // 2) // amount)


def _accounted(book: Book) -> pl.DataFrame:
    """`l` of lines the bank calls its own fee or interest."""
    return book.lines.filter(pl.col("kind").is_in(["fee", "interest"])).select("l")


def _of_party(items: pl.DataFrame, lines: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """`l i known`: lines of each document's party and currency, those nearest its due day."""
    asked = items.drop_nulls("p").with_columns(pl.col("anchor_day").fill_null(0))
    theirs = lines.join(parties, on="l").sort("l", "p", "c")
    group = theirs.select("p", "c").unique().sort("p", "c").with_row_index("g")
    theirs = theirs.join(group, on=["p", "c"], maintain_order="left")
    asked = asked.join(group, on=["p", "c"], maintain_order="left").sort("i")
    key = composite(theirs["g"].to_numpy(), theirs["day"].to_numpy(), DAY_BITS)
    order = np.lexsort((theirs["l"].to_numpy(), key))
    numbers, days = asked["g"].to_numpy(), asked["anchor_day"].to_numpy()
    low = composite(numbers, np.maximum(days - _BEFORE, 0), DAY_BITS)
    span = spans(key[order], low, composite(numbers, days + _AFTER, DAY_BITS))
    centre = composite(numbers, days + _BEFORE, DAY_BITS)
    question, row = pairs(*nearest(key[order], *span, centre, LINES_MAX))
    # Most of them are no part of it: they are left out before anything is joined.
    amount, awaited = theirs["amount_minor"].to_numpy()[order[row]], asked["open_minor"].to_numpy()[question]
    issued = asked["issue_date"].to_physical().fill_null(0).to_numpy()[question]
    late = theirs["day"].to_numpy()[order[row]] >= issued - _EARLY
    part = ((amount > 0) == (awaited > 0)) & (np.abs(amount) < np.abs(awaited)) & late
    return pl.DataFrame(
        {"l": theirs["l"].to_numpy()[order[row[part]]], "i": asked["i"].to_numpy()[question[part]]}
    ).with_columns(known=pl.lit(value=True))


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    return _sorted(rows.with_columns(q=pl.col("i")).select(_FACTS))


def _sorted(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort("q", "day", "l")


def fitting_beside(pairs: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """The pairs without part payments that nothing names and that do not fit: of a line or document that has its own,
    and of a document of which the lines that name it leave less.

    gone: of taken.taken. Equal parts that come again are marked so.
    """
    part = pl.col("relation").is_in(_PARTS)
    named = pairs.filter(part, told(), pl.col("c") == pl.col("item_c"))
    claimed = named.group_by("i").agg(claimed=pl.col("amount_minor").abs().sum())
    marked = (
        pairs.join(claimed, on="i", how="left", maintain_order="left")
        .join(gone.select("l", line_gone=pl.lit(value=True)), on="l", how="left", maintain_order="left")
        .join(gone.select("i", item_gone=pl.lit(value=True)), on="i", how="left", maintain_order="left")
    )
    left = pl.col("open_minor").abs() - pl.col("claimed")
    beyond = (left >= 0) & (pl.col("amount_minor").abs() > left)
    over = pl.col("relation") == pl.lit("overpaid", dtype=RELATIONS)
    owned = pl.col("line_gone").is_not_null() | pl.col("item_gone").is_not_null()
    unfit = ~told() & ((part & beyond.fill_null(value=False)) | ((part | over) & owned))
    return _with_again(marked.filter(~unfit).drop("claimed", "line_gone", "item_gone"))


def _with_again(pairs: pl.DataFrame) -> pl.DataFrame:
    """An equal part says more where another line of the party is an equal part of the same document."""
    equal = pl.col("relation") == pl.lit("equal_part", dtype=RELATIONS)
    count = (pl.col("open_minor").abs() + pl.col("amount_minor").abs() // 2) // pl.col("amount_minor").abs()
    known = pl.col("name_said").is_not_null() | pl.col("account_said").is_not_null() | told()
    parts = pairs.filter(equal & known).select("l", "i", "open_minor", count=count)
    again = parts.filter(pl.len().over("i", "count").is_between(2, pl.col("count"))).select(
        "l", "i", again=pl.lit(value=True)
    )
    marked = pairs.join(again, on=["l", "i"], how="left", maintain_order="left")
    level = pl.when(pl.col("again")).then(says("amount", "equal_part_again")).otherwise(pl.col("amount_says"))
    return marked.with_columns(amount_says=level).drop("again")
