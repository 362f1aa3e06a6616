"""How documents are paid, by the habit of their party.

In: documents and PARTIES. Out: Paid. Documents of `never`, and those due after the books end, are paid by nobody.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.draw import Ints, choose, pick, stream, workday
from recon.bench.books.paid import Paid, own_account, paid, together
from recon.bench.books.rates import BASE, rates_of

MODES = {"single": 0.953, "diff": 0.040, "partial": 0.007}
"""What happens to a document that is paid by itself."""

DIFFERENCES = {"fee": 0.30, "rounding": 0.25, "discount": 0.20, "over": 0.25}


PATIENCE_DAYS = 45
"""No document waits in a batch for a next one that is further away."""


def pay_documents(items: pl.DataFrame, parties: pl.DataFrame, rates: pl.DataFrame, seed: int) -> Paid:
    """Every way of paying but through a provider."""
    columns = ["party", "habit", "early", "lag_days", "lag_spread"]
    due = items.filter(~pl.col("never")).join(parties.select(columns), on="party", maintain_order="left")
    dated = due.with_columns(day=pl.Series(_paid_on(due, stream(seed, "delays"))))
    batched, alone = _runs(dated.filter(pl.col("habit") == "batch"), stream(seed, "runs"))
    each = pl.concat([dated.filter(pl.col("habit").is_in(["each", "nets"])), alone])
    by_habit = dated.filter(pl.col("habit").is_in(["card", "direct_debit"]))
    return together(
        [
            _one_by_one(each, stream(seed, "singles")),
            _straight(by_habit, stream(seed, "straight")),
            _batches(batched, stream(seed, "batches")),
            _instalments(dated.filter(pl.col("habit") == "instalment"), stream(seed, "instalments")),
            _exchanged(dated.filter(pl.col("habit") == "fx"), rates, stream(seed, "fx")),
        ]
    )


def _paid_on(due: pl.DataFrame, dice: np.random.Generator) -> Ints:
    """Around the due date as late as the party is used to, or soon after the invoice; cards the day itself."""
    noise = dice.normal(0, 1, due.height) * due["lag_spread"].to_numpy()
    lag = np.where(
        dice.random(due.height) < 0.02, dice.integers(20, 70, due.height), due["lag_days"].to_numpy() + noise
    )
    issue = due["issue"].to_numpy()
    from_due = due["due"].to_numpy() + np.rint(lag).astype(np.int64)
    soon = issue + 1 + np.rint(np.abs(noise)).astype(np.int64)
    day = np.where(due["early"].to_numpy(), soon, np.maximum(from_due, issue + 1))
    day = np.where((due["habit"] == "direct_debit").to_numpy(), due["due"].to_numpy(), day)
    card = (due["habit"] == "card").to_numpy()
    return workday(np.where(card, issue + dice.integers(0, 4, due.height), day))


def _one_by_one(items: pl.DataFrame, dice: np.random.Generator) -> Paid:
    count, total = items.height, items["total_minor"].to_numpy()
    kind, how = pick(dice, count, MODES), pick(dice, count, DIFFERENCES)
    size = np.abs(total)
    fee = -np.minimum(
        np.array([1500, 2000, 2500, 3000, 4000, 5000])[choose(dice, count, np.ones(6))], size // 3
    )
    rounded = (size + 50) // 100 * 100 - size
    rounding = np.where(rounded == 0, dice.choice([-100, 100, -50, 50], count), rounded)
    discount = -(size * np.array([1, 2, 3])[choose(dice, count, [0.2, 0.6, 0.2])] // 100)
    over = np.where(
        dice.random(count) < 0.5, np.maximum((size + 9999) // 10_000 * 10_000 - size, 100), size // 10 + 1
    )
    extra = np.select(
        [(how == name).to_numpy() for name in ("fee", "rounding", "discount")],
        [fee, rounding, discount],
        over,
    )
    extra = np.where((kind == "diff").to_numpy(), extra, 0) * np.sign(total)
    share = dice.integers(20, 91, count)
    given = np.where((kind == "partial").to_numpy(), total * share // 10_000 * 100, total)
    given = np.where(given == 0, total, given)
    return _each(items, kind, given, extra, dice)


def _each(items: pl.DataFrame, kind: pl.Series, given: Ints, extra: Ints, dice: np.random.Generator) -> Paid:
    """One payment a document."""
    pay = pl.Series("pay", np.arange(items.height))
    account = own_account(items["currency"], dice.integers(0, 100, items.height))
    frame = items.select(
        "party",
        "day",
        "item",
        "currency",
        kind=kind,
        account=pl.Series(account),
        extra_minor=pl.Series(extra),
    )
    pays = frame.select(pay, "kind", "party", "day", "account", "currency", "extra_minor", shows="item")
    value = pl.Series(given)
    return paid(pays, frame.select(pay, "item", amount_minor=value, item_amount_minor=value))


def _straight(items: pl.DataFrame, dice: np.random.Generator) -> Paid:
    """Cards and direct debits take exactly what the bill says."""
    nothing = np.zeros(items.height, dtype=np.int64)
    return _each(items, items["habit"], items["total_minor"].to_numpy(), nothing, dice)


def _runs(items: pl.DataFrame, dice: np.random.Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Documents of batch payers in runs, `run` numbered; a few are left out of theirs and paid by themselves."""
    items = items.sort("party", "issue", "item")
    left_out = dice.random(items.height) < 0.07
    alone, rest = items.filter(pl.Series(left_out)), items.filter(pl.Series(~left_out))
    opens = dice.random(rest.height) < 0.27
    first = (rest["party"] != rest["party"].shift(1)).fill_null(True).to_numpy()
    long_ago = (rest["issue"] - rest["issue"].shift(1) > PATIENCE_DAYS).fill_null(False).to_numpy()
    rest = rest.with_columns(run=pl.Series(np.cumsum(opens | first | long_ago) - 1))
    size = rest.select(pl.len().over("run"))[:, 0]
    singles = rest.filter(size == 1).drop("run")
    return rest.filter(size > 1), pl.concat([alone, singles])


def _batches(items: pl.DataFrame, dice: np.random.Generator) -> Paid:
    """A run is paid in one sum when the last to be paid of its documents would be."""
    runs = items.group_by("run", maintain_order=True).agg(
        pl.col("party", "currency").first(), pl.col("day").max(), pl.col("item").min().alias("shows")
    )
    runs = runs.with_row_index("pay").with_columns(pl.col("pay").cast(pl.Int64))
    account = own_account(runs["currency"], dice.integers(0, 100, runs.height))
    pays = runs.with_columns(kind=pl.lit("batch"), account=pl.Series(account))
    legs = items.join(runs.select("run", "pay"), on="run", maintain_order="left")
    return paid(pays, legs.select("pay", "item", amount_minor="total_minor", item_amount_minor="total_minor"))


def _instalments(items: pl.DataFrame, dice: np.random.Generator) -> Paid:
    """Two to six equal parts a month apart, the last takes what is left over; half the payers pay round sums."""
    count = items.height
    parts = 2 + choose(dice, count, [0.25, 0.3, 0.2, 0.1, 0.15])
    total = items["total_minor"].to_numpy()
    even = np.abs(total) // parts
    part = np.where((dice.random(count) < 0.5) & (even > 20_000), even // 10_000 * 10_000, even) * np.sign(
        total
    )
    row = np.repeat(np.arange(count), parts)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts)
    last = turn == parts[row] - 1
    amount = np.where(last, total[row] - part[row] * (parts[row] - 1), part[row])
    day = workday(items["day"].to_numpy()[row] + turn * 30 + dice.integers(-2, 3, len(row)) * (turn > 0))
    spread = items[row].with_columns(day=pl.Series(day))
    kinds = pl.select(pl.lit("instalment").repeat_by(len(row)).explode())[:, 0]
    return _each(spread, kinds, amount, np.zeros(len(row), dtype=np.int64), dice)


def _exchanged(items: pl.DataFrame, rates: pl.DataFrame, dice: np.random.Generator) -> Paid:
    """Into or out of a DKK account at the day's rate, less the bank's margin; the bank often states both sides."""
    total, day = items["total_minor"].to_numpy(), items["day"].to_numpy()
    margin = dice.random(items.height) * 0.008
    rate = np.round(rates_of(rates, items["currency"], day) * (1 - np.sign(total) * margin), 6)
    kroner = pl.Series(np.rint(total * rate).astype(np.int64))
    stated = pl.Series(dice.random(items.height) < 0.5)
    kinds = pl.select(pl.lit("fx").repeat_by(items.height).explode())[:, 0]
    plain = _each(items.with_columns(currency=pl.lit(BASE)), kinds, total, np.zeros_like(total), dice)
    pays = plain.pays.with_columns(
        original_minor=pl.when(stated).then(pl.Series(total)),
        original_currency=pl.when(stated).then(items["currency"]),
        rate=pl.when(stated).then(pl.Series(rate)),
    )
    return Paid(pays, plain.legs.with_columns(amount_minor=kroner))
