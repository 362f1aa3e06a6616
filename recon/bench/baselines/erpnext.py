"""The bank reconciliation tool of ERPNext, as its open source does it: one point for each thing that is equal.

rank = 1 + reference equal + amount equal + party equal, among vouchers of the line's amount; the highest rank is on
top, then the earliest date. The party is that of the bank account, else the name most alike by token set ratio over
all names, above 80; two names equally alike give none. What was matched is gone for the lines that follow.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from recon.bench.baselines.parsed import Parsed, parse, parties_by_account, parties_by_name
from recon.bench.baselines.taking import in_turn, without

ALIKE = 80
MOST_PAIRS = 20_000_000
"""Every name is compared with every party's; beyond so many pairs only equal names are found, and that is told."""
_BLOCK = 256


def erpnext(lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """`line_id item_id confidence` of the suggestion on top; confidence is its rank of four."""
    parsed = parse(lines, items)
    return parsed.pairs(on_top(parsed))


def on_top(parsed: Parsed) -> pl.DataFrame:
    """`l i confidence`, from the highest rank down."""
    lines = parsed.lines.join(parties(parsed), on="l", how="left")
    items, found = parsed.items, []
    referred = _by_reference(parsed)
    for rank, by, among in (
        (4, ["i", "amount", "currency", "party"], referred),
        (3, ["amount", "currency", "party"], None),
        (3, ["i", "amount", "currency"], referred),
        (2, ["amount", "currency"], None),
    ):
        known = lines if among is None else lines.join(among, on="l")
        keys = [f"key_{name}" for name in by]
        left = known.drop_nulls(by).select("l", *(pl.col(name).alias(f"key_{name}") for name in by))
        right = items.drop_nulls(by).select("i", *(pl.col(name).alias(f"key_{name}") for name in by))
        now = in_turn(left, right, keys).with_columns(confidence=pl.lit(rank / 4))
        found.append(now)
        lines, items = without(lines, now, "l"), without(items, now, "i")
    return pl.concat(found)


def _by_reference(parsed: Parsed) -> pl.DataFrame:
    """`l i`: a document whose reference or number is what the line gives, where that is one document."""
    whole = parsed.named.filter(~pl.col("joined"))
    return whole.filter(pl.len().over("l") == 1).select("l", "i")


def parties(parsed: Parsed) -> pl.DataFrame:
    """`l party`: by account, else by the name most alike."""
    account = parties_by_account(parsed)
    lines = without(parsed.lines, account, "l").select("l", "name").drop_nulls()
    names = lines["name"].unique().sort()
    known = parsed.items.select("name", "party").drop_nulls().unique().sort("name", "party")
    if not scans_names(names.len(), known.height):
        return pl.concat([account, without(parties_by_name(parsed), account, "l")])
    alike = pl.DataFrame(
        _most_alike(names, known), schema={"name": pl.String, "party": pl.String}, orient="row"
    )
    return pl.concat([account, lines.join(alike, on="name").select("l", "party")])


def scans_names(names: int, known: int) -> bool:
    """Whether every name is compared with every party's."""
    return names * known <= MOST_PAIRS


def _most_alike(names: pl.Series, known: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Distinct names with the party of the one name most alike; none where two are."""
    choices, owners = known["name"].to_list(), known["party"].to_list()
    if not choices:
        return
    for start in range(0, names.len(), _BLOCK):
        block = names.slice(start, _BLOCK).to_list()
        scores = process.cdist(block, choices, scorer=fuzz.token_set_ratio, dtype=np.float32)
        best = scores.max(axis=1)
        ties = (scores == best[:, None]).sum(axis=1)
        for row in np.flatnonzero((best > ALIKE) & (ties == 1)):
            yield block[row], owners[int(scores[row].argmax())]
