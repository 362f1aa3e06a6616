"""The fields every baseline reads: whole numbers for rows, keys for references, numbers, names and accounts.

In: LINES and ITEMS as received. Out: `Parsed`. Never: a choice; that is each baseline's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from recon.normalise.items import normalise_items
from recon.normalise.lines import normalise_lines
from recon.references import JOINED, reference_key
from recon.text import account_key, name_fold

DAYS = pl.Int32


@dataclass(frozen=True)
class Parsed:
    """Rows by number, lines oldest first and documents by the day they fall due.

    lines: `l line_id amount currency day account name`. items: `i item_id amount total currency issued due
    party account name`, open ones alone. named: `l i how joined`, the documents whose payment reference
    (`how` = reference) or number (number) stands in a line; `joined` where its digits stood apart.
    """

    lines: pl.DataFrame
    items: pl.DataFrame
    named: pl.DataFrame

    def pairs(self, found: pl.DataFrame) -> pl.DataFrame:
        """`l i` and whatever else as `line_id item_id` and the rest."""
        rest = [name for name in found.columns if name not in ("l", "i")]
        named = found.join(self.lines.select("l", "line_id"), on="l").join(
            self.items.select("i", "item_id"), on="i"
        )
        return named.select("line_id", "item_id", *rest).sort("line_id", "item_id")


def parse(lines: pl.DataFrame, items: pl.DataFrame) -> Parsed:
    """Both frames with their keys."""
    read = normalise_lines(lines).sort("booking_date", "line_id").with_row_index("l")
    due = pl.coalesce("due_date", "issue_date")
    kept = (
        normalise_items(items)
        .filter(pl.col("open_minor") != 0)
        .sort(due, "item_id", nulls_last=True)
        .with_row_index("i")
    )
    return Parsed(
        read.select(
            "l",
            "line_id",
            "currency",
            amount="amount_minor",
            day=pl.col("booking_date").cast(DAYS),
            account=account_key(pl.col("counterparty_account")),
            name=name_fold(pl.coalesce("counterparty_name", "text")),
        ),
        kept.select(
            "i",
            "item_id",
            "currency",
            amount="open_minor",
            total="total_minor",
            issued=pl.col("issue_date").cast(DAYS),
            due=due.cast(DAYS),
            party=pl.coalesce("counterparty_id", name_fold(pl.col("counterparty_name"))),
            account=account_key(pl.col("counterparty_account")),
            name=name_fold(pl.col("counterparty_name")),
        ),
        _named(read, kept),
    )


def _named(lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Every document a line names; both ways of naming it are told as the reference."""
    keys = lines.select("l", key="references").explode("key").drop_nulls()
    keys = keys.select(
        "l", joined=pl.col("key").str.starts_with(JOINED), key=pl.col("key").str.strip_prefix(JOINED)
    )
    sides = [
        items.select("i", key=reference_key(pl.col(column)), how=pl.lit(how))
        for column, how in (("payment_reference", "reference"), ("document_no", "number"))
    ]
    found = keys.join(pl.concat(sides).drop_nulls(), on="key")
    # "reference" sorts after "number", and what stood together before what stood apart.
    best = found.sort("l", "i", "joined", "how", descending=[False, False, False, True])
    return best.unique(["l", "i"], keep="first", maintain_order=True).select("l", "i", "how", "joined")


def same_cash(parsed: Parsed, pairs: pl.DataFrame) -> pl.DataFrame:
    """`l i` with both amounts, `day`, `due` and `party`, in one currency and one direction."""
    sides = pairs.join(parsed.lines.select("l", "amount", "currency", "day"), on="l").join(
        parsed.items.select("i", "currency", "due", "issued", "party", item_amount="amount", total="total"),
        on="i",
    )
    one_way = pl.col("amount").sign() == pl.col("item_amount").sign()
    return sides.filter(pl.col("currency") == pl.col("currency_right"), one_way).drop("currency_right")


def parties_by_account(parsed: Parsed) -> pl.DataFrame:
    """`l party`: the one party that this account belongs to."""
    return _one_party(parsed, "account")


def parties_by_name(parsed: Parsed) -> pl.DataFrame:
    """`l party`: the one party of exactly this folded name."""
    return _one_party(parsed, "name")


def _one_party(parsed: Parsed, column: str) -> pl.DataFrame:
    known = parsed.items.select(column, "party").drop_nulls().unique()
    alone = known.filter(pl.len().over(column) == 1)
    return parsed.lines.select("l", column).join(alone, on=column).select("l", "party")
