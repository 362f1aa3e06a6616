"""Channels: the card acquirers and payment providers that pay out many customers' money in one line.

In: a Book, the lines that something else clearly explains. Out: lines by channel, and for each payout the issue days
of the documents it may hold. A channel is told by the first word that names it; nothing is known of any provider.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from recon.match.book import Book
from recon.text import fold

CHANNELS_MOST = 64
LAGS = range(8)
"""Days, or business days, that may pass from the last sale of a payout to its booking."""
_FEWEST, _FEWEST_UNTOLD = 3, 8
_MOSTLY = 0.8
CUT_FROM = 5
"""Letters that are enough for a word cut off by the bank to be known again."""
_SHIFT_MOST = 5
_STEP_FEWEST, _STEP_MOST = 4, 31
_PHASE_FROM = 12
# Words that tell how money moved, cut or spoilt ones too.
_MOVEMENT = r"^(?:overf|overforsel|rsel|indbet|betaling$|straks|kontoover|payout|udbetal|afregn|transfer|from$|konto$)"
_SAYING_NOTHING = r" (?:[a-z]{1,2}|payout|udb[a-z]*|afregn[a-z]*|overf[a-z]*)$"


def channels(book: Book, explained: pl.DataFrame) -> pl.DataFrame:
    """`l c day amount_minor word`, incoming lines of each channel by day. explained: `l i`, lines not asked for.

    A word makes a channel where the bank calls its lines payouts, or where it recurs, hardly any of its lines is
    explained, the amounts keep changing, and the days keep a rhythm.
    """
    reports = book.items.filter(pl.col("kind") == "payout").select("i")
    incoming = book.lines.filter(pl.col("amount_minor") > 0).select(
        "l", "c", "day", "amount_minor", "kind", words=channel_words("counterparty_name", "text")
    )
    # A payout that has a document of its own is none of those asked for, and speaks against no channel.
    rest = incoming.join(explained.join(reports, on="i"), on="l", how="anti")
    lines = rest.drop_nulls("words").with_columns(asked=~pl.col("l").is_in(explained["l"].implode()))
    one = lines.with_columns(word=pl.col("words").str.extract(r"^(\S+)"))
    first = _recurring(one)
    # Where one word is many people's, as of a service that customers pay through too, two may be one channel's.
    second = _recurring(lines.join(one.select("l", "word").join(first, on="word"), on="l", how="anti").rename(
        {"words": "word"}).with_columns(pl.col("word").str.replace(_SAYING_NOTHING, "")))  # fmt: skip
    found = [
        one.filter("asked").join(_spelled_shorter(first["word"]), on="word").select("l", "channel"),
        lines.filter("asked")
        .with_columns(channel=pl.col("words").str.replace(_SAYING_NOTHING, ""))
        .join(second, left_on="channel", right_on="word")
        .select("l", "channel"),
    ]
    return (
        pl.concat(found)
        .unique("l", keep="first", maintain_order=True)
        .join(lines, on="l")
        .select("l", "c", "day", "amount_minor", word="channel")
        .sort("word", "c", "day", "l")
    )


def may_be_channels(book: Book) -> pl.DataFrame:
    """Incoming lines, each with a word that recurs often enough for a channel."""
    incoming = book.lines.filter(pl.col("amount_minor") > 0).with_columns(
        word=channel_words("counterparty_name", "text").str.extract(r"^(\S+)").str.slice(0, CUT_FROM)
    )
    payouts = (pl.col("kind") == "payout").sum().over("word") * 3 >= pl.len().over("word")
    recurs = (pl.len().over("word") >= _FEWEST_UNTOLD) | (payouts & (pl.len().over("word") >= _FEWEST))
    return incoming.drop_nulls("word").filter(recurs)


def _recurring(lines: pl.DataFrame) -> pl.DataFrame:
    """`word`, at most CHANNELS_MOST, of those that make a channel."""
    asked = lines.filter("asked").sort("word", "day", "l")
    words = lines.group_by("word").agg(
        n=pl.col("asked").sum(),
        share=pl.col("asked").mean(),
        payouts=(pl.col("asked") & (pl.col("kind") == "payout")).sum(),
        amounts=pl.col("amount_minor").filter("asked").n_unique(),
    )
    told = (pl.col("n") >= _FEWEST) & (pl.col("payouts") * 3 >= pl.col("n"))
    recurs = (pl.col("n") >= _FEWEST_UNTOLD) & (pl.col("share") >= _MOSTLY)
    recurs &= pl.col("amounts") >= _MOSTLY * pl.col("n")
    untold = asked.join(words.filter(recurs & ~told), on="word", how="semi", maintain_order="left")
    steady = [
        word
        for (word,), some in untold.partition_by("word", as_dict=True, maintain_order=True).items()
        if _grid(some["day"].to_numpy()) is not None
    ]
    kept = words.filter(told | pl.col("word").is_in(steady)).sort("n", "word", descending=[True, False])
    return kept.head(CHANNELS_MOST).select("word")


def channel_words(*columns: str) -> pl.Expr:
    """The first word of four letters or more that tells no movement, folded, with the letters after it; of the first
    column that has one."""
    words = (fold(pl.col(column)).str.extract_all(r"[a-z]{4,}(?: [a-z]+)?") for column in columns)
    return pl.coalesce(
        some.list.eval(pl.element().filter(~pl.element().str.contains(_MOVEMENT))).list.first()
        for some in words
    )


def channel_names(words: str) -> list[str]:
    """What a channel of these `channel_words` may be called: by its first word, or by both."""
    return list(dict.fromkeys([words.split(" ")[0], re.sub(_SAYING_NOTHING, "", words)]))


def _spelled_shorter(words: pl.Series) -> pl.DataFrame:
    """`word channel`: each channel's word, and as a bank may have cut it where only one channel begins so."""
    whole = words.to_frame("word").with_columns(channel="word", cut=pl.lit(value=False))
    sizes = pl.int_ranges(CUT_FROM, pl.col("word").str.len_chars())
    cut = whole.with_columns(size=sizes).explode("size").drop_nulls("size")
    cut = cut.select(
        word=pl.col("word").str.slice(0, pl.col("size")), channel="channel", cut=pl.lit(value=True)
    )
    # A cut form of a longer word is that channel, even where lines enough were cut the same way.
    both = pl.concat([cut.filter(pl.col("channel").n_unique().over("word") == 1), whole])
    return both.sort("word", "cut", "channel", descending=[False, True, False]).unique(
        "word", keep="first", maintain_order=True
    ).select("word", "channel")  # fmt: skip


def readings(days: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """First and last issue day of each payout's documents, in every way to read the channel's days.

    Every so many days where the channel keeps to that, else since the payout before, in days or business days; each
    with every lag of LAGS. days: booking days, ascending.
    """
    whole = days.astype(np.int64)
    grid = _grid(whole)
    if grid is not None:
        step, planned = grid
        return [(planned - lag - step + 1, planned - lag) for lag in LAGS]
    dates = whole.astype("datetime64[D]")
    by_business = [np.busday_offset(dates, -lag, roll="backward").astype(np.int64) for lag in LAGS]
    return [_since_the_last(ends) for ends in [*(whole - lag for lag in LAGS), *by_business]]


def _since_the_last(ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    distinct = np.unique(ends)
    usual = int(np.median(np.diff(distinct))) if len(distinct) > 1 else 1
    before = np.concatenate([[distinct[0] - usual], distinct[:-1]])
    return before[np.searchsorted(distinct, ends)] + 1, ends


def _grid(days: np.ndarray) -> tuple[int, np.ndarray] | None:
    """Step, and the day each payout was planned for, where they come every so many days but for days banks are closed.

    First as if none were missing; then by the phase that most days have, a Monday's payout being a weekend's too.
    """
    if len(days) < 4:
        return None
    whole = days.astype(np.int64)
    step = max(1, round((int(whole[-1]) - int(whole[0])) / (len(whole) - 1)))
    planned = step * np.arange(len(whole))
    late = whole - planned
    if late.max() - late.min() <= _SHIFT_MOST:
        return step, planned + late.min()
    return _by_phase(whole) if len(whole) >= _PHASE_FROM else None


def _by_phase(days: np.ndarray) -> tuple[int, np.ndarray] | None:
    monday = (days + 3) % 7 == 0
    best: tuple[float, int, np.ndarray] | None = None
    for step in range(_STEP_FEWEST, _STEP_MOST + 1):
        for phase in range(step):
            shift = (days - phase) % step
            fits = (shift == 0) | (monday & (shift <= 2))
            if best is None or fits.mean() > best[0]:
                best = (float(fits.mean()), step, days - np.where(fits, shift, 0))
    assert best is not None
    return best[1:] if best[0] >= _MOSTLY else None
