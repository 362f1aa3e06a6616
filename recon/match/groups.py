"""One line for several documents of one party: what a customer pays together, or nets with a credit note.

In: a Book, hits and parties of its lines, the pairs of recon.match.evidence, a Policy. Out: drafts of kind one_to_many,
by passes in the order of how sure they are: documents named in the text, everything open, a run in due order, a few
that add up, any that do – of the line's own amount, and of the amount it was in another currency. Every such sum is
exact, or short by a discount or fee where the text names the documents. Where no other amount is stated, documents of
one currency may be worth the line at the day's rate.
"""

from __future__ import annotations

import polars as pl

from recon.match import sums
from recon.match.book import Book
from recon.match.drafts import Drafts
from recon.match.group_drafts import as_drafts
from recon.match.ledgers import allowed, ledgers, moneys
from recon.match.named_sums import named_documents, named_keys, named_sets
from recon.match.party import firm
from recon.match.rated_sums import rated_sets
from recon.match.taken import WHOLE
from recon.match.weights import LEVELS, WAYS
from recon.policy import Policy

_CHANCE_MAX = 0.05
_SET = ["g", "l", "i", "amount_says", "way"]


def group_drafts(
    book: Book,
    hits: pl.DataFrame,
    parties: pl.DataFrame,
    pairs: pl.DataFrame,
    gone: pl.DataFrame,
    policy: Policy,
) -> Drafts:
    """Drafts of one line and several documents.

    pairs: of evidence.pair_evidence; a line that names a document of its exact amount, or whose party has just one
    of it, is not searched for sums. gone: of taken.taken.
    """
    keys = named_keys(book, hits, pairs)
    told = named_documents(book, keys)
    named = named_sets(told, policy)
    whole = pairs.filter(pl.col("relation").is_in(WHOLE))
    settled = pl.concat(
        [whole.filter(_by_reference()).select("l"), named.select("l"), gone.select("l")]
    ).unique()
    # The party of a document that the text names is worth adding up too: a credit note may stand beside it.
    whose = told.filter("sure").select("l", "p").drop_nulls()
    asked = pl.concat([parties.filter(firm()).select("l", "p"), whose]).unique()
    asked = asked.join(settled, on="l", how="anti")
    alone = whole.filter(_by_party()).select("l").unique()
    found = _searched(book, asked, told, gone, alone, policy)
    rated = rated_sets(book, keys, asked, gone, policy)
    return as_drafts(_together([named, found, rated]), keys, book, parties, policy)


def _together(found: list[pl.DataFrame]) -> pl.DataFrame:
    """Sets of all passes, numbered through."""
    start, whole = 0, []
    for one in found:
        whole.append(one.with_columns(g=pl.col("g") + start).select(_SET))
        start += one.select(pl.col("g").max().fill_null(0)).item() + 1
    return pl.concat(whole)


def _by_reference() -> pl.Expr:
    return pl.col("reference_says").is_in(
        pl.Series(["structured", "printed", "digits"], dtype=LEVELS["reference"]).implode()
    )


def _by_party() -> pl.Expr:
    return pl.col("name_said").is_not_null() | pl.col("account_said").is_not_null()


def _searched(
    book: Book,
    asked: pl.DataFrame,
    told: pl.DataFrame,
    gone: pl.DataFrame,
    alone: pl.DataFrame,
    policy: Policy,
) -> pl.DataFrame:
    """Sets of what no other line takes; for lines of which nothing is found so, of everything in the ledger."""
    left = book.open_items.join(gone, on="i", how="anti", maintain_order="left")
    first = _of_ledgers(book, left, asked, told, alone, policy)
    # Where nothing of a party was set aside its ledger is the same again.
    lessened = book.items.select("i", "p").join(gone, on="i", how="semi").select("p").unique()
    again = asked.join(first.select("l").unique(), on="l", how="anti").join(lessened, on="p", how="semi")
    second = _of_ledgers(book, book.open_items, again, told, alone, policy)
    return _together([first, second])


def _of_ledgers(
    book: Book,
    items: pl.DataFrame,
    asked: pl.DataFrame,
    told: pl.DataFrame,
    alone: pl.DataFrame,
    policy: Policy,
) -> pl.DataFrame:
    rows = allowed(ledgers(items, moneys(book), asked, policy), book)
    named = told.select("l", "i", told=pl.lit(value=True))
    rows = rows.join(named, on=["l", "i"], how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("told").fill_null(value=False)).filter(pl.len().over("q") >= 2)
    return _by_passes(rows, rows.join(alone, on="l", how="anti", maintain_order="left"))


def _by_passes(rows: pl.DataFrame, searched: pl.DataFrame) -> pl.DataFrame:
    """`l i amount_says way` + `g`, a number for each set."""
    every = sums.everything(rows)
    cancelled = sums.without_nothing(every.select("q", "i", set="net"), rows)
    every = cancelled.rename({"set": "net"})
    net = pl.when("net").then(pl.lit("sum_netted")).otherwise(pl.lit("sum_all"))
    parts = [every.select("q", "i", set=pl.col("net").cast(pl.UInt32), says=net, way=pl.lit("all"))]
    explained = every.select("q").unique()
    open_rows = searched.join(explained, on="q", how="anti", maintain_order="left")
    begun = sums.begun(open_rows)
    parts.append(begun.select("q", "i", "set", says=pl.lit("sum_run"), way=pl.lit("run")))
    open_rows = open_rows.join(begun.select("q").unique(), on="q", how="anti", maintain_order="left")
    for netted, says in ((False, "sum_run"), (True, "sum_netted")):
        run = sums.without_nothing(sums.runs(open_rows, netted=netted).rename({"run": "set"}), open_rows)
        level = pl.lit(says)
        parts.append(run.select("q", "i", "set", says=level, way=pl.lit("run")))
    beside, few = sums.beside(open_rows), sums.few(open_rows)
    explained = pl.concat([part.select("q") for part in [*parts, beside, few]]).unique()
    rest = open_rows.join(explained, on="q", how="anti", maintain_order="left")
    some = sums.searched(rest, _CHANCE_MAX)
    parts.append(beside.select("q", "i", "set", says=pl.lit("sum_some"), way=pl.lit("some")))
    parts += [_unlikely_by_chance(sums.without_nothing(one, open_rows), open_rows) for one in (few, some)]
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
