"""Credit notes: taken off a payment, paid out, or never used; and documents settled before the books begin.

In: documents, what was paid, PARTIES. Out: further documents in the columns of `documents`, and Paid.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.draw import Ints, choose, stream, workday
from recon.bench.books.paid import Paid, only, own_account, paid, with_amounts
from recon.bench.books.rates import LAST_DAY

NETTED, REFUNDED, UNUSED, SETTLED = 0.005, 0.0155, 0.002, 0.03
"""For each bank line: payments less a credit note, refunds, credit notes without use, settled documents."""


def net(
    items: pl.DataFrame, some: Paid, parties: pl.DataFrame, size: int, seed: int
) -> tuple[pl.DataFrame, Paid]:
    """Payments of parties who net take a credit note off; it is issued between the invoice and the payment."""
    dice = stream(seed, "netted")
    netting = parties.filter(pl.col("nets"))["party"]
    fit = with_amounts(some).filter(
        pl.col("kind").is_in(["single", "batch"]),
        pl.col("party").is_in(netting.implode()),
        pl.col("extra_minor") == 0,
    )
    chosen = _some(fit, round(size * NETTED), dice)
    issued = chosen.join(items.select("item", "issue", shows="item"), on="shows", maintain_order="left")
    share = dice.integers(4, 61, chosen.height)
    amount = chosen["amount_minor"].to_numpy()
    credit = -_rounded(amount * share // 100, dice)
    between = issued["issue"].to_numpy() + (
        dice.random(chosen.height) * (chosen["day"] - issued["issue"]).to_numpy()
    )
    notes = _notes(chosen, credit, between.astype(np.int64), items.height)
    legs = notes.select(
        pay=chosen["pay"], item="item", amount_minor="total_minor", item_amount_minor="total_minor"
    )
    kind = pl.when(pl.col("pay").is_in(chosen["pay"].implode())).then(pl.lit("netted")).otherwise("kind")
    return pl.concat([items, notes]), Paid(some.pays.with_columns(kind=kind), pl.concat([some.legs, legs]))


def refund(items: pl.DataFrame, some: Paid, size: int, seed: int) -> tuple[pl.DataFrame, Paid]:
    """Credit notes for documents paid before: most are paid out some days later, a few stay open."""
    dice = stream(seed, "refunds")
    fit = with_amounts(some).filter(pl.col("kind") == "single", pl.col("day") < LAST_DAY - 45)
    chosen = _some(fit, round(size * (REFUNDED + UNUSED)), dice)
    count, amount = chosen.height, chosen["amount_minor"].to_numpy()
    partly = _rounded(amount * dice.integers(10, 90, count) // 100, dice)
    credit = -np.where(dice.random(count) < 0.55, amount, partly)
    issue = chosen["day"].to_numpy() + dice.integers(2, 21, count)
    notes = _notes(chosen, credit, issue, items.height)
    returned = dice.random(count) < REFUNDED / (REFUNDED + UNUSED)
    pays = notes.select(
        pay=pl.int_range(pl.len(), dtype=pl.Int64),
        kind=pl.lit("refund"),
        party="party",
        day=pl.Series(workday(issue + dice.integers(1, 15, count))),
        account=pl.Series(own_account(notes["currency"], dice.integers(0, 100, count))),
        currency="currency",
        shows="item",
    )
    legs = notes.select(pays["pay"], "item", amount_minor="total_minor", item_amount_minor="total_minor")
    kept = pays.filter(pl.Series(returned))["pay"]
    return pl.concat([items, notes]), only(paid(pays, legs), pl.col("pay").is_in(kept.implode()))


def settle_earlier(items: pl.DataFrame, size: int, seed: int) -> pl.DataFrame:
    """Documents paid before: the month before one of ours, same party, same amount. Only their numbers turn up."""
    dice = stream(seed, "settled")
    fit = items.filter(pl.col("kind").is_in(["invoice", "bill"]))
    chosen = fit[np.sort(dice.permutation(fit.height)[: round(size * SETTLED)])]
    back = pl.Series(dice.integers(28, 62, chosen.height))
    first = items.height
    return chosen.with_columns(
        item=pl.int_range(first, first + pl.len(), dtype=pl.Int64),
        issue=pl.col("issue") - back,
        due=pl.col("due") - back,
        never=pl.lit(True),
    )


def _some(fit: pl.DataFrame, count: int, dice: np.random.Generator) -> pl.DataFrame:
    return fit[np.sort(dice.permutation(fit.height)[:count])]


def _rounded(amount: Ints, dice: np.random.Generator) -> Ints:
    """Towards zero to whole units or tens of them; never nothing."""
    step = np.array([1, 100, 1000])[choose(dice, len(amount), [0.3, 0.4, 0.3])]
    size = np.abs(amount) // step * step
    return np.where(size == 0, amount, size * np.sign(amount))


def _notes(chosen: pl.DataFrame, credit: Ints, issue: Ints, first: int) -> pl.DataFrame:
    kind = pl.when(pl.col("total_minor") < 0).then(pl.lit("credit_note")).otherwise(pl.lit("bill_credit"))
    frame = chosen.select(
        item=pl.int_range(first, first + pl.len(), dtype=pl.Int64),
        party="party",
        currency="currency",
        total_minor=pl.Series(credit),
        issue=pl.Series(issue),
        due=pl.Series(issue + 14),
        never=pl.lit(False),
    )
    return frame.select(
        "item", kind.alias("kind"), "party", "currency", "total_minor", "issue", "due", "never"
    )
