"""Money between our own accounts: two lines of opposite amount on two accounts within a few days.

In: a Book, a Policy with `own_accounts` and rates. Out: drafts of kind transfer with both lines, each with its own
amount. Between accounts of two currencies the amounts agree by the day's rate, and one end names an own account.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.match.amounts import rate_agrees
from recon.match.book import Book
from recon.match.drafts import Drafts, drafts, nothing
from recon.match.spans import DAY_BITS, composite, nearest, pairs, spans
from recon.policy import Policy
from recon.text import account_key, compact, fold

DAYS_MAX = 5
"""Days between the two ends: a weekend and a holiday."""
ENDS_MAX = 8
"""Other ends looked at for one: those nearest its day."""
_OWN_WORDS = (
    r"\b(?:intern|internt|interne|egen overf|egen konto|egne konti|eget konto|mellem konti|opsparing|own account|"
    r"own transfer|internal transfer|intern overforing|oma tili|oma siirto|umbuchung|momsopsparing|likviditet)"
)
_NUMBER_LEAST = 7
"""Digits of an account number by which a text names it."""


def transfer_drafts(book: Book, policy: Policy) -> Drafts:
    """One draft for each two lines that can be the two ends of a transfer."""
    ends = _ends(book, policy)
    paid, received = ends.filter(pl.col("amount_minor") < 0), ends.filter(pl.col("amount_minor") > 0)
    same = _same_amount(paid, received)
    met = pl.concat([same, _across_currencies(paid, received, book, policy)])
    found = (
        met.with_columns(days=pl.col("day_in") - pl.col("day"))
        .filter(pl.col("account_id") != pl.col("account_id_in"), pl.col("days").abs() <= DAYS_MAX)
        .sort("l", "l_in")
        .with_row_index("d")
    )
    return drafts(_heads(found), _legs(found)) if found.height else nothing()


def _ends(book: Book, policy: Policy) -> pl.DataFrame:
    """`own`: the other account is ours, by its field or by its number in the text; `elsewhere`: it is known at all."""
    ours = pl.select(pl.lit(pl.Series(policy.own_accounts, dtype=pl.String)).alias("account"))
    keys = ours.select(account_key(pl.col("account")))["account"]
    numbers = ours.select(compact(pl.col("account")).str.extract(r"([0-9]+)$", 1).str.slice(-10))["account"]
    numbers = (
        numbers.str.strip_chars_start("0").filter(numbers.str.len_chars() >= _NUMBER_LEAST).unique().sort()
    )
    ends = book.lines.filter(pl.col("amount_minor") != 0).select(
        "l", "line_id", "account_id", "booking_date", "day", "amount_minor", "c", "kind",
        own=pl.col("account_key").is_in(keys.implode()).fill_null(value=False),
        elsewhere=pl.col("account_key").is_not_null(),
        text="text",
        size=pl.col("amount_minor").abs(),
        inward=fold(pl.col("text")).str.contains(_OWN_WORDS),
    )  # fmt: skip
    if numbers.is_empty():
        return ends.drop("text")
    named = pl.any_horizontal(
        compact(pl.col("text")).str.contains(number, literal=True) for number in numbers
    )
    return ends.with_columns(own=pl.col("own") | named).drop("text")


def _same_amount(paid: pl.DataFrame, received: pl.DataFrame) -> pl.DataFrame:
    """Each payment beside the receipts of its size that lie nearest its day."""
    group = received.select("size", "c").unique().sort("size", "c").with_row_index("g")
    received = received.join(group, on=["size", "c"]).sort("g", "day", "l")
    asked = paid.join(group, on=["size", "c"]).sort("l")
    key = composite(received["g"].to_numpy(), received["day"].to_numpy(), DAY_BITS)
    numbers, days = asked["g"].to_numpy(), asked["day"].to_numpy()
    low, high = (composite(numbers, days + step, DAY_BITS) for step in (-DAYS_MAX, DAYS_MAX))
    question, row = pairs(*nearest(key, *spans(key, low, high), composite(numbers, days, DAY_BITS), ENDS_MAX))
    return _met(asked.drop("g"), received.drop("g"), question, row)


def _across_currencies(
    paid: pl.DataFrame, received: pl.DataFrame, book: Book, policy: Policy
) -> pl.DataFrame:
    """Pairs of two currencies that name an own account on either end and agree by the day's rate."""
    few_paid, few_received = paid.filter("own").sort("l"), received.sort("day", "l")
    if policy.fx_rates is None or received["c"].n_unique() < 2:
        return _met(paid.clear(), received.clear(), np.zeros(0, int), np.zeros(0, int))
    few_received = few_received.filter("own")
    days = few_received["day"].to_numpy()
    low = np.searchsorted(days, few_paid["day"].to_numpy() - DAYS_MAX, "left")
    high = np.searchsorted(days, few_paid["day"].to_numpy() + DAYS_MAX, "right")
    met = _met(few_paid, few_received, *pairs(low, np.minimum(high, low + 200)))
    foreign = met.filter(pl.col("c") != pl.col("c_in"))
    return foreign.filter(rate_agrees(foreign, book, policy)).select(met.columns)


def _met(paid: pl.DataFrame, received: pl.DataFrame, question: np.ndarray, row: np.ndarray) -> pl.DataFrame:
    one = paid[question]
    other = received[row].rename({name: f"{name}_in" for name in received.columns})
    return pl.concat([one, other], how="horizontal")


def _heads(found: pl.DataFrame) -> pl.DataFrame:
    alone = (pl.len().over("l") == 1) & (pl.len().over("l_in") == 1)
    # An account named on either end is either ours or a stranger's.
    own = pl.col("own") | pl.col("own_in")
    stranger = (pl.col("elsewhere") | pl.col("elsewhere_in")) & ~own
    kinds = pl.concat_list("kind", "kind_in").list
    against = kinds.contains("card") | kinds.contains("fee") | kinds.contains("interest")
    both = (pl.col("kind") == "transfer") & (pl.col("kind_in") == "transfer")
    inward = pl.col("inward") | pl.col("inward_in")
    return found.select(
        "d",
        kind=pl.lit("transfer"),
        way=pl.lit("transfer"),
        difference_minor=pl.lit(0),
        difference_kind=pl.lit("none"),
        amount_says=pl.when(pl.col("c") != pl.col("c_in"))
        .then(pl.lit("opposite_rate"))
        .when(alone)
        .then(pl.lit("opposite_unique"))
        .otherwise(pl.lit("opposite_common")),
        account_says=pl.when(own).then(pl.lit("own")).when(stranger).then(pl.lit("stranger")),
        date_says=pl.when(pl.col("days").abs() <= 1)
        .then(pl.lit("same_days"))
        .when(pl.col("days").abs() > 3)
        .then(pl.lit("days_apart")),
        kind_says=pl.when(against)
        .then(pl.lit("against"))
        .when(inward)
        .then(pl.lit("inward"))
        .when(both)
        .then(pl.lit("fits")),
    )


def _legs(found: pl.DataFrame) -> pl.DataFrame:
    """A leg for each line, with its own amount, to `line:` and the other one."""
    paid = found.select(
        "d",
        "l",
        to="line:" + pl.col("line_id_in"),
        amount_minor="amount_minor",
        item_amount_minor="amount_minor",
    )
    received = found.select(
        "d", l="l_in", to="line:" + pl.col("line_id"), amount_minor="amount_minor_in",
        item_amount_minor="amount_minor_in",
    )  # fmt: skip
    return pl.concat([paid, received])
