"""Which number a payer quotes, and how it is written.

In: payments with their document's `digits no printed bare standard`, the party's `code`, the `list` of all
numbers paid at once and the `old` number of a document settled before. Out: `number`, `whole` (the number
tells the documents truly) and `creditor_reference` where the bank states one.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.draw import choose

STRUCTURED = {
    "kid10": 0.5,
    "kid11": 0.5,
    "ocr": 0.45,
    "ocrlen": 0.45,
    "viite": 0.55,
    "rf": 0.4,
    "fik71": 0.22,
    "fik75": 0.22,
}
"""How often a bank states an incoming reference in a field of its own."""

STATED_SENT = 0.55
CORRUPTED, TRANSPOSED, OLD, CUSTOMER_CODE = 0.018, 0.02, 0.10, 0.03
ALL_LISTED, FIRST_ONLY = 0.62, 0.08


def quoted(frame: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    """Adds `number whole creditor_reference` to payments that want to quote (`want` is `number`); else null."""
    u, v, w = (pl.Series(dice.random(frame.height)) for _ in range(3))
    wants, several = pl.col("want") == "number", pl.col("documents") > 1
    stated = _stated(frame, dice)
    listed = pl.when(v < ALL_LISTED).then("list").when(v < ALL_LISTED + FIRST_ONLY).then("digits")
    by_reference = pl.col("bare").is_not_null() & (u < 0.72)
    clean = (
        pl.when(several).then(listed)
        .when(pl.col("old").is_not_null() & (w < OLD)).then("old")
        .when(w > 1 - CUSTOMER_CODE).then("code")
        .when(by_reference).then(_spelled(v))
        .when(v < 0.55).then("digits")
        .otherwise("no")
    )  # fmt: skip
    tells = pl.when(several).then(v < ALL_LISTED).otherwise(~(pl.col("old").is_not_null() & (w < OLD)))
    # Half of those whose bank states the reference write nothing more.
    silent = stated.is_not_null() & (pl.Series(dice.random(frame.height)) < 0.6)
    chosen = frame.with_columns(creditor_reference=pl.when(wants).then(stated)).with_columns(
        number=pl.when(wants & ~silent).then(clean), tells=tells
    )
    return (
        _mistyped(chosen, dice)
        .with_columns(whole=pl.col("tells") & ~pl.col("mistyped"))
        .drop("tells", "mistyped")
    )


def _stated(frame: pl.DataFrame, dice: np.random.Generator) -> pl.Series:
    share = frame["standard"].replace_strict(STRUCTURED, default=0.0, return_dtype=pl.Float64)
    u = pl.Series(dice.random(frame.height))
    single = pl.col("documents") <= 1
    incoming = single & ~pl.col("sent") & (u < share)
    outgoing = single & pl.col("sent") & (u < STATED_SENT)
    return frame.select(pl.when(incoming).then("bare").when(outgoing).then("printed"))[:, 0]


def _spelled(v: pl.Series) -> pl.Expr:
    """A FIK as printed, its digits, without zeros or in groups; other references bare or in groups."""
    is_fik = pl.col("standard").is_in(["fik71", "fik75"])
    stripped = pl.col("bare").str.strip_chars_start("0")
    fours = pl.col("bare").str.replace_all(r"(.{4})", "${1} ").str.strip_chars(" ")
    fives = pl.col("bare").str.replace_all(r"(\d{5})", "${1} ").str.strip_chars(" ")
    typed = pl.format(
        "+{}+{}", pl.col("printed").str.slice(1, 2), pl.col("printed").str.extract(r"<(\d+\+\d+)", 1)
    )
    return (
        pl.when(is_fik & (v < 0.12)).then("printed")
        .when(is_fik & (v < 0.35)).then("bare")
        .when(is_fik & (v < 0.82)).then(stripped)
        .when(is_fik & (v < 0.94)).then(fours)
        .when(is_fik).then(typed)
        .when(v < 0.7).then("bare")
        .when(pl.col("standard") == "viite").then(fives)
        .otherwise(fours)
    )  # fmt: skip


def _mistyped(frame: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    """One digit wrong or two neighbours swapped, towards the end where the numbers differ; `mistyped` says so."""
    fate = pl.Series(choose(dice, frame.height, [1 - CORRUPTED - TRANSPOSED, CORRUPTED, TRANSPOSED]))
    back, shift = pl.Series(dice.integers(2, 5, frame.height)), pl.Series(dice.integers(1, 10, frame.height))
    number = pl.col("number")
    place = number.str.len_chars().cast(pl.Int64) - back
    head, here = number.str.slice(pl.lit(0), place), number.str.slice(place, 1)
    follower, tail = number.str.slice(place + 1, 1), number.str.slice(place + 2)
    digit = here.cast(pl.Int64, strict=False)
    other = ((digit + shift) % 10).cast(pl.String).fill_null(here)
    long = place > 0
    spoiled = (
        pl.when(long & (fate == 1)).then(pl.concat_str(head, other, follower, tail))
        .when(long & (fate == 2)).then(pl.concat_str(head, follower, here, tail))
        .otherwise(number)
    )  # fmt: skip
    return (
        frame.with_columns(clean=number, number=spoiled)
        .with_columns(mistyped=(pl.col("clean") != pl.col("number")).fill_null(False))
        .drop("clean")
    )
