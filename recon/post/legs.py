"""What a booking is made of: each allocation beside its bank line, its document and the two ERP accounts.

In: ALLOCATIONS with the LINES, ITEMS and ACCOUNTS they name. Out: one leg an allocation, in the order an
accountant reads. Never: a leg that lacks an account; whatever cannot be booked is refused as a whole.
"""

from __future__ import annotations

import polars as pl

from recon.errors import DataRefused, ErpAccountMissing
from recon.post.chart import Roles
from recon.post.texts import filled
from recon.schema import ACCOUNTS, ALLOCATIONS, ITEMS, LINES, conform


def gather_legs(
    allocations: pl.DataFrame,
    lines: pl.DataFrame,
    items: pl.DataFrame,
    accounts: pl.DataFrame,
    roles: Roles,
) -> pl.DataFrame:
    """Each allocation beside its line and document and the two ERP accounts it moves money between.

    Within a line the documents come first, by number, then what is booked to accounts.
    """
    booked = _booked(conform(lines, LINES), conform(accounts, ACCOUNTS))
    documents = conform(items, ITEMS).select(
        "item_id",
        item_kind="kind",
        document_no="document_no",
        item_party="counterparty_name",
        item_currency="currency",
        item_account=filled("erp_account"),
    )
    other = booked.select(item_id="line:" + pl.col("line_id"), other_account="account_name")
    legs = (
        conform(allocations, ALLOCATIONS)
        .join(booked, on="line_id", how="left", validate="m:1")
        .join(documents, on="item_id", how="left", validate="m:1")
        .join(other, on="item_id", how="left", validate="m:1")
        .with_columns(counter_account=_counter_account(roles))
        .sort(
            "decision_id", "line_id", pl.col("item_id").str.starts_with("account:"), "document_no", "item_id"
        )
        .with_row_index("place")
    )
    _refuse_unknown(legs)
    return legs.filter(pl.col("amount_minor") != 0)


def _booked(lines: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The columns of a line that a posting needs, with the name and ERP account of its bank account."""
    ending = "…" + pl.coalesce("iban", "bban").str.tail(4)
    named = pl.coalesce(filled("name"), pl.concat_str("bank", ending, separator=" "), ending, "account_id")
    own = accounts.select("account_id", account_name=named, bank_account=filled("erp_account"))
    return lines.select(
        "line_id",
        "account_id",
        "currency",
        date="booking_date",
        line_minor="amount_minor",
        line_text="text",
        line_party="counterparty_name",
        line_kind="kind",
    ).join(own, on="account_id", how="left", validate="m:1")


def _counter_account(roles: Roles) -> pl.Expr:
    by_kind = {
        "invoice": roles.debtors,
        "credit_note": roles.debtors,
        "bill": roles.creditors,
        "bill_credit": roles.creditors,
        "payout": roles.payouts,
    }
    return pl.coalesce(
        filled("erp_account"),
        filled(_where_id("account:", pl.col("item_id").str.strip_prefix("account:"))),
        _where_id("line:", pl.lit(roles.transfers)),
        "item_account",
        pl.col("item_kind").replace_strict(by_kind, default=None, return_dtype=pl.String),
    )


def _where_id(prefix: str, value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("item_id").str.starts_with(prefix)).then(value)


def _refuse_unknown(legs: pl.DataFrame) -> None:
    if (lost := legs.filter(pl.col("currency").is_null())).height:
        raise DataRefused(
            f"Decision {lost['decision_id'][0]} allocates line {lost['line_id'][0]}, which is not among the "
            "lines given. Nothing was booked; pass all lines, withdrawn ones too.",
            line_id=lost["line_id"][0],
        )
    if (lost := legs.filter(pl.col("counter_account").is_null())).height:
        raise DataRefused(
            f"Decision {lost['decision_id'][0]} settles document {lost['item_id'][0]}, which is not among "
            "the documents given. Nothing was booked; pass all documents, settled ones too.",
            item_id=lost["item_id"][0],
        )
    unset = legs.filter(pl.col("bank_account").is_null())
    if unset.height:
        ids = unset["account_id"].unique().sort().to_list()
        names = unset.select(pl.coalesce("account_name", "account_id")).to_series().unique().sort()
        raise ErpAccountMissing(
            f"The ERP account is not set for {', '.join(names)}. Nothing was booked; "
            "set it under Bank accounts.",
            account_ids=ids,
        )
