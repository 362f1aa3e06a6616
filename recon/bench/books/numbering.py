"""Document numbers and payment references: ours in one series in order of issue, suppliers' as each numbers.

In: documents and PARTIES. Out: the documents in order of issue with `no digits printed reference bare standard`:
`digits` of the document number, `printed` the payment reference as on the document, `bare` its characters
as a payer types them, `standard` its scheme.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from recon.bench.books.checks import fik, kid, ocr, rf, text, viite, viite_digit
from recon.bench.books.draw import Ints, by_part, pick, stream

CREDITOR = "81234570"
"""Our own FIK creditor number, invented."""

SUPPLIER_STATES = 0.55
"""How many bills carry a payment reference."""

SUPPLIER_SHAPES = {"plain": 0.5, "dashed": 0.2, "letter": 0.15, "year": 0.15}


def number_documents(items: pl.DataFrame, parties: pl.DataFrame, seed: int) -> pl.DataFrame:
    dice = stream(seed, "numbers")
    tie = pl.Series(dice.permutation(items.height))
    ordered = items.with_columns(tie=tie).sort("issue", "tie").drop("tie").with_row_index("place")
    who = parties.select("party", "role", "scheme", "country")
    ordered = ordered.join(who, on="party", maintain_order="left").with_columns(
        pl.col("place").cast(pl.Int64)
    )
    numbers = np.where((ordered["role"] == "supplier").to_numpy(), _suppliers(ordered, dice), _ours(ordered))
    named = ordered.with_columns(digits=text(numbers), supplied=pl.col("role") == "supplier")
    named = named.with_columns(no=_document_no(named, parties, dice))
    return _with_references(named, numbers, dice)


def _ours(items: pl.DataFrame) -> Ints:
    """One series for all we issue: a dense block, so any number of its length may be somebody's document."""
    ours = (items["role"] != "supplier").cast(pl.Int64)
    return first_number(items.height) + ours.cum_sum().to_numpy()


def first_number(documents: int) -> int:
    """Where our series starts: as many digits as the books need, six at the least."""
    return 10 ** max(5, len(str(documents)) - 1)


def _suppliers(items: pl.DataFrame, dice: np.random.Generator) -> Ints:
    """Each supplier counts on from a number of its own, by steps: we are not their only customer."""
    parties = int(items["party"].max() or 0) + 1  # ty: ignore[invalid-argument-type]
    start = 10 ** dice.integers(3, 7, parties) + dice.integers(0, 900_000, parties) % 10 ** dice.integers(
        3, 6, parties
    )
    step = 1 + dice.integers(0, 40, parties)
    party = items["party"].to_numpy()
    turn = items.select(pl.int_range(pl.len()).over("party"))[:, 0].to_numpy()
    return (start[party] + turn * step[party]).astype(np.int64)


def _document_no(items: pl.DataFrame, parties: pl.DataFrame, dice: np.random.Generator) -> pl.Expr:
    shapes = parties.select("party", shape=pick(dice, parties.height, SUPPLIER_SHAPES))
    shape = items.select("party").join(shapes, on="party", maintain_order="left")["shape"]
    digits = pl.col("digits")
    supplied = (
        pl.when(shape == "dashed").then(pl.format("INV-2025-{}", digits.str.zfill(5)))
        .when(shape == "letter").then(pl.format("F{}", digits))
        .when(shape == "year").then(pl.format("25/{}", digits))
        .otherwise(digits)
    )  # fmt: skip
    ours = pl.when(pl.col("kind") == "credit_note").then(pl.format("K-{}", digits)).otherwise(digits)
    return pl.when(pl.col("supplied")).then(supplied).otherwise(ours)


def _with_references(items: pl.DataFrame, numbers: Ints, dice: np.random.Generator) -> pl.DataFrame:
    """`standard` first, then a reference by its rule; nobody pays a credit note, so it has none."""
    credit = pl.col("kind").is_in(["credit_note", "bill_credit"])
    stated = pl.Series(dice.random(items.height) < SUPPLIER_STATES)
    at_home = pl.col("country") == "DK"
    theirs = (
        pl.when(~stated)
        .then(pl.lit("none"))
        .when(at_home)
        .then(pl.lit("their fik"))
        .otherwise(pl.lit("their rf"))
    )
    scheme = pl.when(credit).then(pl.lit("none")).when("supplied").then(theirs).otherwise("scheme")
    rule = items.select(scheme)[:, 0]
    printed = by_part(rule, _rules(numbers, items["party"].to_numpy()))
    return items.with_columns(
        printed=printed,
        bare=pl.coalesce(printed.str.extract(r"<(\d+)\+", 1), printed),
        standard=rule.replace({"their fik": "fik71", "their rf": "rf"}),
    )


def _rules(numbers: Ints, party: Ints) -> dict[str, Callable[[Ints], pl.Series]]:
    """How each scheme is printed; half the payers of FIK and KID have their customer number before the invoice's."""
    payload = np.where(party % 2 == 0, (40_000 + party) * 10**7 + numbers % 10**7, numbers)

    def ours(here: Ints) -> pl.Series:
        return pl.Series([CREDITOR]).new_from_index(0, len(here))

    def creditor(here: Ints) -> pl.Series:
        return text(80_000_000 + party[here] * 7919 % 9_999_999)

    return {
        "fik71": lambda here: fik("71", payload[here], ours(here)),
        "fik75": lambda here: fik("75", payload[here], ours(here)),
        "kid10": lambda here: kid(payload[here], mod11=False),
        "kid11": lambda here: kid(payload[here], mod11=True),
        "ocr": lambda here: ocr(numbers[here], with_length=False),
        "ocrlen": lambda here: ocr(numbers[here], with_length=True),
        "viite": lambda here: viite(numbers[here]),
        "rf": lambda here: rf(numbers[here] * 10 + viite_digit(numbers[here])),
        "their fik": lambda here: fik("71", numbers[here] * 97 + party[here] % 89, creditor(here)),
        "their rf": lambda here: rf(numbers[here]),
    }
