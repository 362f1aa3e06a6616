"""One line for several documents of one party: what a customer pays together, or nets with a credit note.

In: a Book, hits and parties of its lines, drafts of single documents, a Policy. Out: drafts of kind one_to_many, by
passes in the order of how sure they are: documents named in the text, everything open, a run in due order, a few
that add up, any that do. Every sum is exact, or short by no more than a fee where the text names the documents.
How many choices could add up by chance is said as a level, for a sum among many is worth little.
"""

from __future__ import annotations

import polars as pl

from recon.match import sums
from recon.match.amounts import RELATIONS
from recon.match.book import Book
from recon.match.drafts import Drafts, drafts, nothing
from recon.match.evidence import date_level
from recon.match.ledgers import firm, ledgers
from recon.match.numbers import document_hits, is_reference_hit
from recon.match.subset import subsets
from recon.match.weights import LEVELS, WAYS
from recon.policy import Policy

_CHANCE_MAX = 0.05
_GROUP_MAX = 60


def group_drafts(
    book: Book, hits: pl.DataFrame, parties: pl.DataFrame, pairs: pl.DataFrame, policy: Policy
) -> Drafts:
    """Drafts of one line and several documents of the line's currency.

    pairs: of evidence.pair_evidence; a line that names a document of its exact amount, or whose party has just one
    of it, is not searched for sums.
    """
    told = _told_documents(book, hits)
    named = _named(told, policy)
    exact = pairs.filter(pl.col("relation") == pl.lit("exact", dtype=RELATIONS))
    settled = pl.concat([exact.filter(_by_reference()).select("l"), named.select("l")]).unique()
    # The party of a document that the text names is worth adding up too: a credit note may stand beside it.
    whose = told.filter("sure").select("l", "p").drop_nulls()
    asked = (
        pl.concat([parties.filter(firm()).select("l", "p"), whose]).unique().join(settled, on="l", how="anti")
    )
    rows = ledgers(book, asked, policy).filter(pl.len().over("q") >= 2)
    alone = (
        exact.filter(pl.col("name_said").is_not_null() | pl.col("account_said").is_not_null())
        .select("l")
        .unique()
    )
    found = _by_passes(rows, rows.join(alone, on="l", how="anti", maintain_order="left"))
    whole = pl.concat([named.select(_SET), found.with_columns(g=pl.col("g") + _last(named)).select(_SET)])
    return _as_drafts(whole, told, book, parties)


def _last(groups: pl.DataFrame) -> int:
    return groups.select(pl.col("g").max().fill_null(0)).item() or 0


def _by_reference() -> pl.Expr:
    return pl.col("reference_says").is_in(
        pl.Series(["structured", "printed", "digits"], dtype=LEVELS["reference"]).implode()
    )


_SET = ["g", "l", "i", "amount_says", "way"]


def _by_passes(rows: pl.DataFrame, searched: pl.DataFrame) -> pl.DataFrame:
    """`l i amount_says way` + `g`, a number for each set."""
    every = sums.everything(rows)
    net = pl.when("net").then(pl.lit("sum_netted")).otherwise(pl.lit("sum_all"))
    parts = [every.select("q", "i", set=pl.col("net").cast(pl.UInt32), says=net, way=pl.lit("all"))]
    explained = every.select("q").unique()
    open_rows = searched.join(explained, on="q", how="anti", maintain_order="left")
    for netted, says in ((False, "sum_run"), (True, "sum_netted")):
        run = sums.runs(open_rows, netted=netted)
        parts.append(run.select("q", "i", set="run", says=pl.lit(says), way=pl.lit("run")))
    few = sums.few(open_rows)
    explained = pl.concat([part.select("q") for part in [*parts, few]]).unique()
    rest = open_rows.join(explained, on="q", how="anti", maintain_order="left")
    some = sums.searched(rest, _CHANCE_MAX)
    for one in (few, some):
        parts.append(_unlikely_by_chance(one, open_rows))
    lines = rows.select("q", "l").unique()
    whole = [
        part.with_columns(pl.col("set").cast(pl.UInt32), pass_=pl.lit(number))
        for number, part in enumerate(parts)
    ]
    found = pl.concat(whole).join(lines, on="q")
    group = pl.struct("pass_", "q", "set").rank("dense").cast(pl.UInt64)
    return found.select(
        "l", "i", g=group, amount_says=pl.col("says").cast(LEVELS["amount"]), way=pl.col("way").cast(WAYS)
    )


def _unlikely_by_chance(found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Sets with `says` by how many choices of their size could have the sum by chance; too many are no evidence."""
    size = found.group_by("q", "set").agg(size=pl.len())
    sized = size.join(sums.chances(rows), on="q")
    n, k = (
        pl.col("n").cast(pl.Float64),
        pl.min_horizontal("size", pl.col("n") - pl.col("size")).cast(pl.Float64),
    )
    choices = pl.when(k <= 1).then(n).when(k <= 2).then(n * (n - 1) / 2).when(k <= 3).then(
        n * (n - 1) * (n - 2) / 6
    ).otherwise(pl.lit(2.0).pow(n))  # fmt: skip
    expected = choices / pl.col("sums")
    says = pl.when(expected <= _CHANCE_MAX / 50).then(pl.lit("sum_few")).otherwise(pl.lit("sum_some"))
    good = sized.filter(expected <= _CHANCE_MAX).select("q", "set", says=says)
    return found.join(good, on=["q", "set"]).select("q", "i", "set", "says", way=pl.lit("some"))


def _named(told: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Documents a text names that add up: all of them, the surely named ones, those of one party, or any that do."""
    several = told.filter(pl.len().over("l").is_between(2, _GROUP_MAX))
    whole = _adding_up(several, policy)
    rest = several.join(whole, on="l", how="anti")
    by_sure = _adding_up(rest.filter("sure"), policy)
    rest = rest.join(by_sure, on="l", how="anti")
    same_party = _adding_up(rest.filter(pl.len().over("l", "p") >= 2), policy, "p")
    rest = rest.join(same_party, on="l", how="anti")
    found = pl.concat([whole, by_sure, same_party])
    placed = found.with_columns(g=pl.struct("l", "p_group").rank("dense").cast(pl.UInt64))
    some = _any_adding_up(rest, _last(placed))
    return pl.concat([placed.drop("p_group"), some]).with_columns(way=pl.lit("named", dtype=WAYS))


def _any_adding_up(rest: pl.DataFrame, start: int) -> pl.DataFrame:
    """Two or more of the named documents whose exact sum is the amount, where the others are named by chance."""
    lines = rest.sort("l", "i").group_by("l", maintain_order=True).agg(
        "i", "open_minor", pl.col("amount_minor").first()
    ).head(sums.SEARCHES_MAX)  # fmt: skip
    rows = []
    for line, numbers, amounts, target in lines.iter_rows():
        for places in subsets(amounts, target):
            start += 1
            rows += [(start, line, numbers[place]) for place in places]
    frame = pl.DataFrame(rows, schema={"g": pl.UInt64, "l": pl.UInt32, "i": pl.UInt32}, orient="row")
    return frame.select("l", "i", amount_says=pl.lit("sum_named", dtype=LEVELS["amount"]), g="g")


def _told_documents(book: Book, hits: pl.DataFrame) -> pl.DataFrame:
    """`l i sure` + facts: open documents of the line's currency that its text names."""
    by_reference = hits.filter(is_reference_hit(), pl.col("open")).select("l", "i", sure=pl.lit(value=True))
    strong = pl.Series(["exact", "crowded"], dtype=LEVELS["document_no"]).implode()
    by_number = document_hits(hits).filter("open").select("l", "i", sure=pl.col("level").is_in(strong))
    told = pl.concat([by_reference, by_number]).group_by("l", "i").agg(pl.col("sure").any())
    items = book.items.select("i", "item_id", "c", "p", "open_minor")
    rows = told.join(items, on="i").join(book.lines.select("l", "c", "amount_minor"), on=["l", "c"])
    return rows.join(book.rejected, on=["l", "item_id"], how="anti").sort("l", "i")


def _adding_up(rows: pl.DataFrame, policy: Policy, *by: str) -> pl.DataFrame:
    """The groups whose sum is the line's amount, or more by no more than a fee or the tolerance."""
    over = ["l", *by]
    total = pl.col("open_minor").sum().over(over)
    gap = pl.col("amount_minor") - total
    short = (gap < 0) & (gap.abs() <= max(policy.fee_max_minor, policy.tolerance_minor))
    same_way = (total > 0) == (pl.col("amount_minor") > 0)
    says = pl.when(gap == 0).then(pl.lit("sum_named")).when(short & same_way).then(pl.lit("sum_fee"))
    grouped = rows.with_columns(amount_says=says.cast(LEVELS["amount"]), n=pl.len().over(over))
    kept = grouped.filter(pl.col("amount_says").is_not_null(), pl.col("n") >= 2)
    return kept.select(
        "l", "i", "amount_says", p_group=pl.col(by[0]) if by else pl.lit(None, dtype=pl.UInt32)
    )


def _as_drafts(found: pl.DataFrame, told: pl.DataFrame, book: Book, parties: pl.DataFrame) -> Drafts:
    if found.is_empty():
        return nothing()
    items = book.items.select("i", "p", "n", "open_minor", "issue_date", "anchor")
    lines = book.lines.select("l", "amount_minor", "booking_date", "day", "c")
    whole = (
        found.with_columns(d=(pl.col("g").rank("dense") - 1).cast(pl.UInt32))
        .join(items, on="i")
        .join(lines, on="l")
    )
    named = told.select("l", "i", named=pl.lit(value=True), sure="sure")
    whole = whole.join(named, on=["l", "i"], how="left").sort("d", "anchor", "i")
    whole = whole.join(
        told.group_by("l").agg(sure_ones=pl.col("sure").sum()), on="l", how="left", maintain_order="left"
    )
    return drafts(_heads(whole, parties), whole.select(
        "d", "l", "i", amount_minor="open_minor", item_amount_minor="open_minor"))  # fmt: skip


def _heads(whole: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    said = parties.rename({name: f"{name}_says" for name in ("name", "account", "customer")})
    heads = (
        whole.group_by("d", maintain_order=True)
        .agg(
            pl.col("l", "amount_says", "way", "amount_minor", "booking_date", "day").first(),
            pl.col("anchor", "issue_date").max(),
            p=pl.when(pl.col("p").n_unique() == 1).then(pl.col("p").first()),
            money_minor=pl.col("open_minor").sum(),
            count=pl.len(),
            named=pl.col("named").sum(),
            sure=pl.col("sure").sum(),
            sure_ones=pl.col("sure_ones").first().fill_null(0),
        )
        .join(said, on=["l", "p"], how="left", maintain_order="left")
    )
    heads = heads.with_columns(
        days=pl.col("day") - pl.col("anchor").to_physical(),
        gap=pl.col("amount_minor") - pl.col("money_minor"),
    )
    return heads.with_columns(
        date_says=date_level(),
        document_no_says=pl.when(pl.col("named") == pl.col("count"))
        .then(pl.lit("all_named"))
        .when(pl.col("sure") < pl.col("sure_ones"))
        .then(pl.lit("other"))
        .when(pl.col("sure") > 0)
        .then(pl.lit("some_named")),
        kind=pl.lit("one_to_many"),
        difference_minor="gap",
        difference_kind=pl.when(pl.col("gap") == 0).then(pl.lit("none")).otherwise(pl.lit("fee")),
    )
