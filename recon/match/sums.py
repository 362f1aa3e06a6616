"""Which documents of a ledger add up to a line: all, a run, two, three, all but one or two, some.

In: rows of recon.match.ledgers. Out: `q way i` – sets `g` of documents – for each pass, found by joins on sums, so that
nothing is searched that cannot fit. Exact sums only.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.match.subset import MOST, chance, subsets

RUNS_KEPT = 4
SEARCHES_MAX = 4_000
"""Exact searches in one run of the engine; questions beyond have the other passes alone."""
_PAIRS_MOST = 16
"""Documents of a question among which three that add up are looked for."""
BESIDE_MAX = 3
"""Choices of documents beside the named ones that may add up before none of them tells anything."""


def everything(rows: pl.DataFrame) -> pl.DataFrame:
    """`q i net`: all open in the line's direction, or all open with the credit notes taken off."""
    same_way = (pl.col("open_minor") > 0) == (pl.col("amount_minor") > 0)
    totals = rows.group_by("q").agg(
        pl.col("amount_minor").first(),
        owed=pl.col("open_minor").filter(same_way).sum(),
        owing=same_way.sum(),
        net=pl.col("open_minor").sum(),
        n=pl.len(),
    )
    gross = totals.filter(pl.col("owed") == pl.col("amount_minor"), pl.col("owing") >= 2)
    netted = totals.filter(
        pl.col("net") == pl.col("amount_minor"), pl.col("owing") < pl.col("n"), pl.col("owing") > 0
    )
    one = rows.filter(same_way).join(gross, on="q", how="semi", maintain_order="left")
    other = rows.join(netted, on="q", how="semi", maintain_order="left")
    return pl.concat(
        [one.select("q", "i", net=pl.lit(value=False)), other.select("q", "i", net=pl.lit(value=True))]
    )


def runs(rows: pl.DataFrame, *, netted: bool) -> pl.DataFrame:
    """`q run i`: neighbours in due order whose sum is the amount: two prefix sums that differ by it.

    netted: with credit notes among them, else only documents in the line's direction. A whole ledger is no run.
    """
    same_way = (pl.col("open_minor") > 0) == (pl.col("amount_minor") > 0)
    some = rows if netted else rows.filter(same_way)
    if netted:
        some = some.filter((same_way.any() & ~same_way.all()).over("q"))
    placed = some.with_columns(
        place=pl.int_range(pl.len()).over("q"),
        size=pl.len().over("q"),
        after=pl.col("open_minor").cum_sum().over("q"),
    )
    starts = placed.select(
        "q", "size", first="place", after=pl.col("after") - pl.col("open_minor") + pl.col("amount_minor")
    )
    ends = placed.select("q", "after", last="place", way=same_way)
    found = starts.join(ends, on=["q", "after"]).filter(
        pl.col("last") > pl.col("first"), pl.col("last") - pl.col("first") + 1 < pl.col("size")
    )
    ordered = found.sort("q", "last", "first", descending=[False, True, False])
    kept = ordered.group_by("q", maintain_order=True).head(RUNS_KEPT).with_row_index("run")
    spread = kept.select("q", "run", place=pl.int_ranges("first", pl.col("last") + 1)).explode("place")
    return spread.join(placed.select("q", "place", "i"), on=["q", "place"], maintain_order="left").select(
        "q", "run", "i"
    )


def without_nothing(found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Sets `q set i` in which no document and credit note cancel each other: those two say nothing of the line."""
    amounts = found.join(rows.select("q", "i", "open_minor"), on=["q", "i"], maintain_order="left")
    cancelled = amounts.filter(
        pl.col("open_minor").sign().n_unique().over("q", "set", pl.col("open_minor").abs()) > 1
    )
    out = cancelled.select("q", "set").unique()
    return found.join(out, on=["q", "set"], how="anti", maintain_order="left")


def begun(rows: pl.DataFrame) -> pl.DataFrame:
    """`q set i`: runs in due order that begin with the first document the text names, `told`: payers name the oldest
    first, and a text is cut at its end. Once with credit notes among them, once without."""
    some = rows.filter(pl.col("told").any().over("q"))
    same_way = (pl.col("open_minor") > 0) == (pl.col("amount_minor") > 0)
    whole = pl.concat(
        [
            some.filter(same_way).with_columns(net=pl.lit(value=False)),
            some.filter((~same_way).any().over("q")).with_columns(net=pl.lit(value=True)),
        ]
    )
    over = ["q", "net"]
    after = whole.filter(pl.col("told").cast(pl.Int32).cum_sum().over(over) > 0).with_columns(
        total=pl.col("open_minor").cum_sum().over(over), place=pl.int_range(pl.len()).over(over)
    )
    last = after.filter(pl.col("total") == pl.col("amount_minor"), pl.col("place") > 0)
    ends = last.group_by(over).agg(end=pl.col("place").min())
    found = after.join(ends, on=over).filter(pl.col("place") <= pl.col("end"))
    return _sets([found.group_by(over).agg(items=pl.col("i")).select("q", "items")])


def beside(rows: pl.DataFrame) -> pl.DataFrame:
    """`q set i`: the documents the text names and one or two of the others, that add up together."""
    named = rows.filter("told").group_by("q").agg(names="i", sum=pl.col("open_minor").sum())
    rest = rows.filter(~pl.col("told")).join(named, on="q", maintain_order="left")
    missing = pl.col("amount_minor") - pl.col("sum")
    alone = rest.filter(pl.col("open_minor") == missing).select("q", "names", items=pl.concat_list("i"))
    placed = rest.with_columns(place=pl.int_range(pl.len()).over("q"))
    two = _two(placed, missing, left_out=False).join(named.select("q", "names"), on="q")
    met = pl.concat([alone, two.select("q", "names", "items")])
    whole = met.select("q", items=pl.concat_list("names", "items"))
    return _sets([whole.filter(pl.len().over("q") <= BESIDE_MAX)])


def few(rows: pl.DataFrame) -> pl.DataFrame:
    """`q set i`: two or three documents that add up, or all but one or two of those in the line's direction."""
    same_way = (pl.col("open_minor") > 0) == (pl.col("amount_minor") > 0)
    owed = rows.filter(same_way).with_columns(
        place=pl.int_range(pl.len()).over("q"),
        total=pl.col("open_minor").sum().over("q"),
        n=pl.len().over("q"),
    )
    two = _two(owed, pl.col("amount_minor"), left_out=False)
    spare = _one(owed.filter(pl.col("n") > 3), pl.col("total") - pl.col("amount_minor"))
    spare_two = _two(owed.filter(pl.col("n") > 4), pl.col("total") - pl.col("amount_minor"), left_out=True)
    mixed = rows.filter((same_way.any() & ~same_way.all()).over("q"))
    credit = _less_a_credit(mixed)
    three = _three(owed.filter(pl.col("n") <= _PAIRS_MOST))
    return _sets([two, spare, spare_two, credit, three])


def _sets(found: list[pl.DataFrame]) -> pl.DataFrame:
    """`q set i` of lists of documents, each set once."""
    whole = pl.concat([one.select("q", items=pl.col("items").list.sort()) for one in found])
    distinct = whole.unique().sort("q", "items").with_row_index("set")
    return distinct.explode("items").select("q", "set", i="items")


def _two(owed: pl.DataFrame, target: pl.Expr, *, left_out: bool) -> pl.DataFrame:
    """`q items`: pairs with this sum, or everything but them."""
    wanted = owed.select("q", "place", "i", other=target - pl.col("open_minor"))
    met = wanted.join(
        owed.select("q", i_other="i", place_other="place", other="open_minor"), on=["q", "other"]
    ).filter(pl.col("place") < pl.col("place_other"))  # fmt: skip
    pairs = met.select("q", items=pl.concat_list("i", "i_other"))
    return _without(owed, pairs) if left_out else pairs


def _one(owed: pl.DataFrame, spare: pl.Expr) -> pl.DataFrame:
    """`q items`: everything but one document that is just what is over."""
    alone = owed.filter(spare == pl.col("open_minor")).select("q", items=pl.concat_list("i"))
    return _without(owed, alone)


def _without(owed: pl.DataFrame, out: pl.DataFrame) -> pl.DataFrame:
    some = out.with_row_index("w")
    rest = some.join(owed.select("q", "i"), on="q").filter(~pl.col("i").is_in(pl.col("items")))
    return rest.group_by("w", "q").agg(items=pl.col("i").sort()).select("q", "items")


def _less_a_credit(mixed: pl.DataFrame) -> pl.DataFrame:
    """`q items`: one document less one credit note, or two documents less one."""
    same_way = (pl.col("open_minor") > 0) == (pl.col("amount_minor") > 0)
    owed, credits = mixed.filter(same_way), mixed.filter(~same_way)
    gross = credits.select("q", credit="i", open_minor=pl.col("amount_minor") - pl.col("open_minor"))
    one = gross.join(owed.select("q", "i", "open_minor"), on=["q", "open_minor"])
    small = owed.filter(pl.len().over("q") <= _PAIRS_MOST)
    halves = gross.join(small.select("q", first="i", first_minor="open_minor"), on="q").with_columns(
        open_minor=pl.col("open_minor") - pl.col("first_minor")
    )
    two = halves.join(small.select("q", "i", "open_minor"), on=["q", "open_minor"]).filter(
        pl.col("first") < pl.col("i")
    )
    return pl.concat(
        [
            one.select("q", items=pl.concat_list("i", "credit")),
            two.select("q", items=pl.concat_list("first", "i", "credit")),
        ]
    )


def _three(owed: pl.DataFrame) -> pl.DataFrame:
    small = owed.filter(pl.len().over("q") >= 4)
    first = small.select("q", "amount_minor", a="i", a_place="place", a_minor="open_minor")
    second = small.select("q", b="i", b_place="place", b_minor="open_minor")
    two = first.join(second, on="q").filter(pl.col("a_place") < pl.col("b_place"))
    wanted = two.with_columns(open_minor=pl.col("amount_minor") - pl.col("a_minor") - pl.col("b_minor"))
    met = wanted.join(small.select("q", "i", "place", "open_minor"), on=["q", "open_minor"])
    return met.filter(pl.col("b_place") < pl.col("place")).select("q", items=pl.concat_list("a", "b", "i"))


def searched(rows: pl.DataFrame, most_chance: float) -> pl.DataFrame:
    """`q set i`: any documents that add up, where few choices could do so by chance; at most SEARCHES_MAX questions."""
    sized = rows.filter(pl.len().over("q").is_between(5, MOST))
    groups = sized.group_by("q", maintain_order=True).agg("i", "open_minor", pl.col("amount_minor").first())
    found: list[tuple[int, list[int]]] = []
    for question, numbers, amounts, target in groups.head(SEARCHES_MAX).iter_rows():
        if chance(amounts) <= most_chance:
            found += [(question, [numbers[place] for place in places]) for places in subsets(amounts, target)]
    schema = {"q": pl.UInt32, "items": pl.List(pl.UInt32)}
    return _sets([pl.DataFrame(found, schema=schema, orient="row")])


def chances(rows: pl.DataFrame) -> pl.DataFrame:
    """`q ways_minor`: over how many different sums choices of these documents can fall.

    The sum of all amounts in steps of their greatest common divisor: round amounts make fewer different sums.
    """
    ordered = rows.sort("q")
    starts = ordered.select(pl.col("q").rle_id().alias("r"))["r"].to_numpy()
    first = np.flatnonzero(np.diff(starts, prepend=-1))
    amounts = np.abs(ordered["open_minor"].to_numpy())
    if not len(amounts):
        return pl.DataFrame(schema={"q": pl.UInt32, "n": pl.UInt32, "sums": pl.Float64})
    step = np.gcd.reduceat(amounts, first)
    total = np.add.reduceat(amounts, first)
    count = np.diff(np.append(first, len(amounts)))
    return pl.DataFrame(
        {
            "q": ordered["q"].to_numpy()[first],
            "n": count.astype(np.uint32),
            "sums": total / np.maximum(step, 1),
        }
    )
