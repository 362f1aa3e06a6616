"""Numbers that a text only implies: `1041/42/43` is three documents, `1041-1044` and `1041 til 1044` are four.

In: texts as received, `row text`. Out: `row key`, the implied numbers in order, each marked with a leading `~` as
weak, for they must add up to count. A series of more than thirty numbers is none.
"""

from __future__ import annotations

import polars as pl

from recon.normalise.plain import every, plain
from recon.references import JOINED

_BASE = r"(?:\b|[A-Za-z])([0-9]{4,12})"
_SHORTHAND = _BASE + r"((?:(?:[/,;+] ?| ?& ?| OG )[0-9]{1,3})+)\b"
_SERIES = _BASE + r"(?: ?- ?| TIL )([0-9]{4,12})\b"
_HINT = r"(?i)[0-9]{4}(?: ?[/,;&+‐-―−-]| og | til ) ?[0-9]"
_SHORTHAND_MOST = 12
_SERIES_MOST = 30
_ISO_DATE = r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b"


def implied(texts: pl.DataFrame) -> pl.DataFrame:
    """The numbers that the texts imply: `row key`, of each row in order."""
    some = plain(texts.filter(pl.col("text").str.contains(_HINT)))
    return pl.concat([_shorthand(some), _series(some)]).with_columns(key=JOINED + pl.col("key"))


def _shorthand(texts: pl.DataFrame) -> pl.DataFrame:
    """The number whose last digits each short one replaces.

    `1041,42` most often is an amount; in `1041,42,43` it is none, so the number itself counts as well.
    """
    base, ends = pl.col("base"), pl.col("ends")
    found = every(texts, _SHORTHAND).select(
        "row",
        whole="key",
        base=pl.col("key").str.extract(_SHORTHAND, 1),
        ends=pl.col("key").str.extract(_SHORTHAND, 2).str.extract_all("[0-9]+").list.head(_SHORTHAND_MOST),
    )
    by_commas = pl.col("whole").str.contains(",", literal=True) & (ends.list.len() > 1)
    kept = base.str.len_bytes() - ends.str.len_bytes()
    each = found.explode("ends").select("row", key=base.str.slice(0, kept) + ends)
    return pl.concat([found.filter(by_commas).select("row", key=base), each])


def _series(texts: pl.DataFrame) -> pl.DataFrame:
    """Every number from the first to the last."""
    found = every(texts.filter(~pl.col("text").str.contains(_ISO_DATE)), _SERIES)
    first, last = (pl.col("key").str.extract(_SERIES, group).cast(pl.Int64) for group in (1, 2))
    ends = found.select("row", first=first, last=last)
    short = ends.filter((pl.col("last") - pl.col("first")).is_between(1, _SERIES_MOST))
    spans = short.select("row", key=pl.int_ranges("first", pl.col("last") + 1)).explode("key")
    return spans.with_columns(pl.col("key").cast(pl.String))
