"""Money between our own accounts: two lines of opposite amount on two accounts within a few days.

In: a Book, a Policy with `own_accounts`. Out: drafts of kind transfer with both lines, their amounts adding to zero.
"""

from __future__ import annotations

import polars as pl

from recon.match.book import Book
from recon.match.drafts import Drafts, drafts, nothing
from recon.policy import Policy
from recon.text import account_key

DAYS_MAX = 3
SAME_AMOUNT_MAX = 24
"""Lines of one amount and currency among which transfers are looked for."""


def transfer_drafts(book: Book, policy: Policy) -> Drafts:
    """One draft for each two lines that can be the two ends of a transfer."""
    own = pl.select(account=account_key(pl.lit(pl.Series(policy.own_accounts, dtype=pl.String))))["account"]
    ends = book.lines.select(
        "l", "line_id", "account_id", "booking_date", "amount_minor", "currency", "kind",
        own=pl.col("account_key").is_in(own.implode()),
        elsewhere=pl.col("account_key").is_not_null(),
    ).with_columns(size=pl.col("amount_minor").abs())  # fmt: skip
    crowd = pl.len().over("size", "currency") <= SAME_AMOUNT_MAX
    ends = ends.filter(pl.col("amount_minor") != 0, crowd)
    paid, received = ends.filter(pl.col("amount_minor") < 0), ends.filter(pl.col("amount_minor") > 0)
    found = paid.join(received, on=["size", "currency"], suffix="_in")
    days = (pl.col("booking_date_in") - pl.col("booking_date")).dt.total_days()
    pairs = (
        found.with_columns(days=days)
        .filter(pl.col("account_id") != pl.col("account_id_in"), pl.col("days").abs() <= DAYS_MAX)
        .join(
            book.rejected,
            left_on=["l", pl.format("line:{}", "line_id_in")],
            right_on=["l", "item_id"],
            how="anti",
        )
        .sort("l", "l_in")
        .with_row_index("d")
    )
    if pairs.is_empty():
        return nothing()
    return drafts(_heads(pairs), _legs(pairs))


def _heads(pairs: pl.DataFrame) -> pl.DataFrame:
    alone = (pl.len().over("l") == 1) & (pl.len().over("l_in") == 1)
    # An account named on either end is either ours or a stranger's.
    own = (pl.col("own") | pl.col("own_in")).fill_null(False)
    stranger = (pl.col("elsewhere") | pl.col("elsewhere_in")) & ~own
    kinds = pl.concat_list("kind", "kind_in").list
    return pairs.select(
        "d",
        "currency",
        kind=pl.lit("transfer"),
        difference_minor=pl.lit(0),
        difference_kind=pl.lit("none"),
        amount_says=pl.when(alone).then(pl.lit("opposite_unique")).otherwise(pl.lit("opposite_common")),
        account_says=pl.when(own).then(pl.lit("own")).when(stranger).then(pl.lit("stranger")),
        date_says=pl.when(pl.col("days").abs() <= 1).then(pl.lit("same_days")),
        kind_says=pl.when(kinds.contains("card") | kinds.contains("fee") | kinds.contains("interest"))
        .then(pl.lit("against"))
        .when((pl.col("kind") == "transfer") & (pl.col("kind_in") == "transfer"))
        .then(pl.lit("fits")),
        days=pl.col("days").abs(),
        money_minor="size",
    )


def _legs(pairs: pl.DataFrame) -> pl.DataFrame:
    """A leg for each line, with its own amount, to `line:` and the other one."""
    number = pl.lit(None, dtype=pl.UInt32)
    paid = pairs.select(
        "d", "l", i=number, item_id=pl.format("line:{}", "line_id_in"),
        amount_minor="amount_minor", item_amount_minor="amount_minor",
    )  # fmt: skip
    received = pairs.select(
        "d", l="l_in", i=number, item_id=pl.format("line:{}", "line_id"),
        amount_minor="amount_minor_in", item_amount_minor="amount_minor_in",
    )  # fmt: skip
    return pl.concat([paid, received])
