"""Who wants what: the drafts that stand in each other's way, and the places they compete for.

In: scored drafts, what is open, what unlisted documents weigh, the lines' days. Out: a Contest of plain arrays:
lines and contested documents are places, and a draft has a claim on each place it needs. Lines whose documents nobody
else wants are no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.match.drafts import Drafts
from recon.match.weights import LEVELS, WAYS

BOOKED_LATER = 2.0**-8
"""How often of two payments of one document the later one is the one that counts."""
_AGAIN = 2.0**-8
"""How often a payment is followed by a second one for the same document."""
_CLAIMS_FROM = -2.0
"""Score from which a draft's claim counts when a document may be asked for more than is open."""
_HOPELESS = 2.0**-10
"""Odds against "none of these" below which a draft is nobody's rival."""
_OUTDONE = 1e-4
"""Share of its line below which a draft is outdone by its own alternatives."""
_WITHOUT_NUMBER = pl.Series(["party", "amount"], dtype=WAYS).implode()
_LATER = pl.lit("later", dtype=LEVELS["order"])


@dataclass(frozen=True)
class Contest:
    """drafts: their `d`, ascending. odds: of each against "none". soft: whether no number speaks for it.
    draft, line: who stands on which line. none: what leaving each line alone is worth. day: of each line.
    claimer, wanted, paid, again: a claim each, of a draft on a document, sorted by document and day: the day the
    money came, and what the claim is worth beside its odds as a second payment (0: it cannot be one).
    series, age: of each document; those of one series (above 0) are owed by one party and ask for the same.

    `draft line claimer wanted` are numbers within the Contest.
    """

    drafts: np.ndarray
    odds: np.ndarray
    soft: np.ndarray
    draft: np.ndarray
    line: np.ndarray
    none: np.ndarray
    day: np.ndarray
    claimer: np.ndarray
    wanted: np.ndarray
    paid: np.ndarray
    again: np.ndarray
    series: np.ndarray
    age: np.ndarray


def contested_items(some: Drafts, items: pl.DataFrame) -> pl.DataFrame:
    """`i` of documents that the lines together claim more of than is open, each line by its largest claim.

    Part payments that fit beside each other do not compete.
    """
    counted = pl.Series(some.heads["score"].to_numpy()[some.legs["d"].to_numpy()] >= _CLAIMS_FROM)
    claims = (
        some.legs.filter(counted & some.legs["i"].is_not_null())
        .group_by("i", "l")
        .agg(claim=pl.col("item_amount_minor").abs().max())
        .group_by("i")
        .agg(pl.col("claim").sum())
    )
    asked = claims.join(items.select("i", "open_minor"), on="i")
    return asked.filter(pl.col("claim") > pl.col("open_minor").abs()).select("i").sort("i")


def _side_by_side(claims: pl.DataFrame) -> pl.DataFrame:
    """`l i` of lines whose claims fit beside stronger ones: what a weaker line claims beyond is no matter between them.

    The strongest of them alone stands for the document against others.

    claims: `l i item_amount_minor open_minor score`.
    """
    part = pl.col("item_amount_minor").abs() < pl.col("open_minor").abs()
    of_parts = claims.filter(pl.col("score") >= _CLAIMS_FROM).filter(part.any().over("i"))
    asked = of_parts.group_by("i", "l").agg(
        pl.col("score").max(),
        claim=pl.col("item_amount_minor").abs().max(),
        awaited=pl.col("open_minor").first().abs(),
    )
    ordered = asked.sort("i", "score", "l", descending=[False, True, False])
    total = pl.col("claim").cum_sum().over("i")
    fits = ordered.filter((total <= pl.col("awaited")) & (pl.int_range(pl.len()).over("i") > 0))
    return fits.select("l", "i")


def contest(
    some: Drafts,
    odds: np.ndarray,
    share: np.ndarray,
    none: np.ndarray,
    items: pl.DataFrame,
    contested: pl.DataFrame,
    lines: pl.DataFrame,
) -> Contest:
    """The Contest of all lines with a draft that needs another line too, or a contested document.

    odds, share: of each draft, against "none" and among all of its line. none: for each line what "none of these" is
    worth, one and what unlisted documents weigh.
    items: `i p c open_minor anchor_day`. contested: of contested_items. lines: `l day`, in the order of `l`.
    """
    whole = some.legs.select(pl.col("d", "l", "i").cast(pl.Int64).fill_null(-1))
    d, line, item = (whole[column].to_numpy() for column in ("d", "l", "i"))
    wanted = contested["i"].to_numpy()
    # The last place stands for legs that are no document.
    wants = _marked(wanted, max(int(item.max(initial=0)), int(wanted.max(initial=0))) + 2)[item]
    able = rivalling(odds, share)[d]
    stands = able & _busy(d, line, wants, len(none))[line]
    drafts, places = _marked(d[stands], len(odds)), _marked(line[stands], len(none))
    draft_number, line_number = np.cumsum(drafts) - 1, np.cumsum(places) - 1
    on_lines = _pairs(draft_number[d[stands]], line_number[line[stands]])
    day = lines["day"].cast(pl.Int64).to_numpy()
    last = np.full(len(odds), np.iinfo(np.int64).min)
    np.maximum.at(last, d[stands], day[line[stands]])
    rows = _claims(some, np.flatnonzero(wants & drafts[d]), items, last)
    series, age = _owed(rows)
    return Contest(
        drafts=np.flatnonzero(drafts),
        odds=odds[drafts],
        soft=some.heads["way"].is_in(_WITHOUT_NUMBER).to_numpy()[drafts],
        draft=on_lines[0],
        line=on_lines[1],
        none=none[places],
        day=day[places],
        claimer=draft_number[rows["d"].to_numpy()],
        wanted=rows["i"].rle_id().to_numpy().astype(np.int64),
        paid=rows["paid"].to_numpy(),
        again=rows["again"].to_numpy(),
        series=series,
        age=age,
    )


def rivalling(odds: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Which drafts are somebody's rival at all."""
    return (odds >= _HOPELESS) & (share >= _OUTDONE)


def _owed(claims: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The series and the age of each document claimed; without a party a document is in no series."""
    documents = claims.unique("i", keep="first", maintain_order=True)
    alike = pl.struct("p", "c", "open_minor").rank("dense")
    told = documents.select(
        series=pl.when(pl.col("p").is_not_null()).then(alike).fill_null(0).cast(pl.Int64),
        age=pl.col("anchor_day").fill_null(0).cast(pl.Int64),
    )
    return told["series"].to_numpy(), told["age"].to_numpy()


def _marked(numbers: np.ndarray, count: int) -> np.ndarray:
    marked = np.zeros(count, dtype=bool)
    marked[numbers] = True
    return marked


def _pairs(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each pair once, sorted by the first number, then the second."""
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    new = np.ones(len(one), dtype=bool)
    new[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    return one[new], other[new]


def _busy(d: np.ndarray, line: np.ndarray, wants: np.ndarray, lines: int) -> np.ndarray:
    """Which lines have a draft that wants a contested document, or a second line."""
    count = int(d.max(initial=-1)) + 1
    least, most = np.full(count, lines), np.zeros(count, dtype=np.int64)
    np.minimum.at(least, d, line)
    np.maximum.at(most, d, line)
    entangled = most > least
    entangled[d[wants]] = True
    return _marked(line[entangled[d]], lines)


def _claims(some: Drafts, rows: np.ndarray, items: pl.DataFrame, last: np.ndarray) -> pl.DataFrame:
    """`d i paid again` + the document's `p c open_minor anchor_day`, each claim once, sorted by document and day."""
    alone = np.bincount(some.legs["d"].to_numpy(), minlength=some.heads.height) == 1
    legs = some.legs.select("d", "l", "i", "item_amount_minor")[rows]
    heads = some.heads.select("way", "difference_kind", "order_says", "score")[legs["d"]]
    d = legs["d"].to_numpy()
    legs = pl.concat([legs, heads], how="horizontal").with_columns(
        paid=pl.Series(last[d]), alone=pl.Series(alone[d])
    )
    asked = items.select("i", "p", "c", "open_minor", "anchor_day")
    legs = legs.sort("i", "paid", "d", "l").join(asked, on="i", how="left", maintain_order="left")
    first = (pl.col("d") != pl.col("d").shift()) | (pl.col("i") != pl.col("i").shift())
    beside = _side_by_side(legs)
    return (
        legs.join(beside, on=["l", "i"], how="anti", maintain_order="left")
        .filter(first.fill_null(value=True))
        .with_columns(again=_again())
    )


def _again() -> pl.Expr:
    """Second payments are as large as the document, of one line; for one that "says later" this is paid for already."""
    whole = pl.col("item_amount_minor").abs() == pl.col("open_minor").abs()
    plain = (pl.col("difference_kind") == "none") | (pl.col("way") == "fx")
    later = (pl.col("order_says") == _LATER).fill_null(value=False)
    worth = pl.when(later).then(1.0).otherwise(_AGAIN)
    return pl.when(pl.col("alone") & whole & plain).then(worth).otherwise(0.0)


def cut(some: Contest, kept: np.ndarray, odds: np.ndarray, none: np.ndarray) -> Contest:
    """The Contest of the kept drafts alone, with new odds of all drafts, and worth of leaving each line alone."""
    stands, wants = kept[some.draft], kept[some.claimer]
    places = _marked(some.line[stands], len(none))
    documents = _marked(some.wanted[wants], len(some.series))
    number, line_number, document_number = (np.cumsum(marked) - 1 for marked in (kept, places, documents))
    return Contest(
        drafts=some.drafts[kept],
        odds=odds[kept],
        soft=some.soft[kept],
        draft=number[some.draft[stands]],
        line=line_number[some.line[stands]],
        none=none[places],
        day=some.day[places],
        claimer=number[some.claimer[wants]],
        wanted=document_number[some.wanted[wants]],
        paid=some.paid[wants],
        again=some.again[wants],
        series=some.series[documents],
        age=some.age[documents],
    )


def entangled(some: Contest) -> np.ndarray:
    """Which drafts stand on a line that shares a draft or a document with another, or is owed several equal ones."""
    line = np.zeros(len(some.odds), dtype=np.int64)
    line[some.draft] = some.line
    own = line[some.claimer]
    least, most = np.full(len(some.series), len(some.none)), np.zeros(len(some.series), dtype=np.int64)
    np.minimum.at(least, some.wanted, own)
    np.maximum.at(most, some.wanted, own)
    of_series = some.soft[some.claimer] & (some.series[some.wanted] > 0)
    several = np.bincount(own[of_series], minlength=len(some.none)) > 1
    together = np.bincount(some.draft, minlength=len(some.odds)) > 1
    busy = several
    busy[own[(most > least)[some.wanted]]] = True
    busy[some.line[together[some.draft]]] = True
    out = np.zeros(len(some.odds), dtype=bool)
    out[some.draft[busy[some.line]]] = True
    return out
