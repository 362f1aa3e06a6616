"""Texts as the bank sends them, and the best evidence each still shows.

In: WORDING. Out: `pay text counterparty_name counterparty_account creditor_reference end_to_end_id evidence`.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.checks import text as in_digits
from recon.bench.books.draw import stream
from recon.bench.books.spoil import cut, spoil

LEAST_NAME = 6
"""Letters of a name that must be left for it to be evidence."""


def write_texts(wording: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The pieces in order, spoiled and cut, never empty; evidence is judged by what is left."""
    dice = stream(seed, "texts")
    numbered = pl.col("number").str.to_uppercase()
    first = pl.when("number_first").then(numbered).otherwise("name")
    second = pl.when("number_first").then("name").otherwise(numbered)
    joined = pl.concat_str("prefix", first, second, separator=" ", ignore_nulls=True)
    before_name = pl.concat_str(
        "prefix", pl.when("number_first").then(numbered), separator=" ", ignore_nulls=True
    ).str.len_chars()
    whole = wording.with_columns(
        text=pl.when(joined == "").then(pl.lit("Betaling")).otherwise(joined),
        name_from=before_name.cast(pl.Int64) + (before_name > 0).cast(pl.Int64),
        end_to_end_id=_machine_ids(wording.height, dice),
    )
    shown = cut(spoil(whole, ["text", "counterparty_name"], dice), dice)
    return shown.with_columns(evidence=_evidence()).select(
        "pay",
        "text",
        "counterparty_name",
        "counterparty_account",
        "creditor_reference",
        "end_to_end_id",
        "evidence",
    )


def _evidence() -> pl.Expr:
    # Of a printed code line the payment id is enough.
    number = pl.coalesce(
        pl.col("number").str.extract(r"^\+7[15][<+](\d+)\+", 1), pl.col("number").str.to_uppercase()
    )
    quoted = pl.col("whole") & pl.col("text").str.contains(number, literal=True).fill_null(False)
    left = pl.col("text").str.len_chars().cast(pl.Int64) - pl.col("name_from")
    needed = pl.min_horizontal(pl.lit(LEAST_NAME), pl.col("name").str.len_chars().cast(pl.Int64))
    in_text = (pl.col("name").is_not_null() & (left >= needed)).fill_null(False)
    named = pl.col("own") & (in_text | pl.col("counterparty_name").is_not_null())
    return (
        pl.when(pl.col("fixed").is_not_null()).then("fixed")
        .when(quoted | pl.col("creditor_reference").is_not_null()).then(pl.lit("number"))
        .when(named).then(pl.lit("name"))
        .otherwise(pl.lit("amount"))
    )  # fmt: skip


def _machine_ids(count: int, dice: np.random.Generator) -> pl.Expr:
    """Most banks send none, some say so in words, some send a number that means nothing to us."""
    u = pl.Series(dice.random(count))
    machine = pl.lit("NB") + in_digits(dice.integers(10**14, 10**15, count))
    return pl.when(u < 0.05).then(pl.lit("NOTPROVIDED")).when(u < 0.09).then(machine)
