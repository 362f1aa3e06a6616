"""What card providers pay out: many small invoices in one sum, less their fees.

In: documents of parties who pay by card, PARTIES. Out: Paid, the fees as `extra_minor`.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.draw import choose, stream, workday
from recon.bench.books.paid import Paid, paid
from recon.bench.books.words import PROVIDERS

FEES = ((125, 0), (99, 100), (140, 180))
"""For each provider hundredths of a per cent of the sum, and minor units for each sale."""

AT_MOST, USUAL = 60, 36


def pay_out(items: pl.DataFrame, parties: pl.DataFrame, seed: int) -> Paid:
    """Sales of some days in one payout, two days later; a long day is paid out in several."""
    dice = stream(seed, "payouts")
    shop = parties.filter(pl.col("habit") == "provider").select("party")
    shop = shop.with_columns(provider=pl.Series(choose(dice, shop.height, [0.5, 0.3, 0.2])))
    sold = items.filter(~pl.col("never"), pl.col("currency") == "DKK").join(
        shop, on="party", maintain_order="left"
    )
    sold = sold.with_columns(caught=pl.col("issue") + pl.Series(dice.integers(0, 3, sold.height)))
    sold = _grouped(sold.sort("provider", "caught", "item"))
    heads = sold.group_by("group", maintain_order=True).agg(
        pl.col("provider").first(), pl.col("caught").max(), gross=pl.col("total_minor").sum(), sales=pl.len()
    )
    rate, fixed = (np.array(part)[heads["provider"].to_numpy()] for part in zip(*FEES, strict=True))
    fee = (heads["gross"].to_numpy() * rate + 5_000) // 10_000 + heads["sales"].to_numpy().astype(
        np.int64
    ) * fixed
    pays = heads.select(
        pay=pl.int_range(pl.len(), dtype=pl.Int64),
        kind=pl.lit("payout"),
        day=pl.Series(workday(heads["caught"].to_numpy() + 2)),
        account=pl.lit(0),
        currency=pl.lit("DKK"),
        extra_minor=pl.Series(-fee),
        hint=pl.Series(list(PROVIDERS)).gather(heads["provider"]),
    )
    legs = sold.select(pay="group", item="item", amount_minor="total_minor", item_amount_minor="total_minor")
    return paid(pays, legs)


def _grouped(sold: pl.DataFrame) -> pl.DataFrame:
    """`group`, from 0: whole days of a provider together, split evenly where they hold too many sales."""
    each_day = pl.len().over("provider").cast(pl.Float64) / 365
    days = (USUAL / each_day).round().clip(1, 30).cast(pl.Int64)
    blocks = sold.with_columns(block=pl.col("caught") // days)
    many = pl.len().over("provider", "block")
    place = pl.int_range(pl.len()).over("provider", "block")
    parts = (many + AT_MOST - 1) // AT_MOST
    cut = blocks.with_columns(part=place * parts // many)
    return cut.with_columns(group=pl.struct("provider", "block", "part").rle_id().cast(pl.Int64))
