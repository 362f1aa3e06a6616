"""A journal as rows of account against account, which is how a daybook of an ERP takes it.

In: an Export. Out: a row a counter entry with the bank as its contra account, so that each row balances by itself.
A payment settles a customer or supplier only where the document says who that is in the ERP (counterparty_id) and
is booked on a control account; otherwise it stands on that account.
"""

from __future__ import annotations

import polars as pl

from recon.post.formats.export import Export, rows
from recon.post.journal import SIGNED
from recon.post.texts import filled

_VOUCHER = ("voucher_no", "date", "currency")


def daybook(export: Export) -> pl.DataFrame:
    """`voucher_no date party_kind party erp_account contra text document_no signed currency …`, in voucher order.

    party_kind: customer, supplier or null. contra: null where a voucher's rows balance only together. signed:
    minor units, positive debits `erp_account` (or the party) and credits `contra`.
    """
    entries = rows(export).with_columns(signed=SIGNED.cast(pl.Int64))
    bank, counter = _split(entries)
    both = [_against_bank(counter, bank), _between_banks(_bank_left(counter, bank))]
    return pl.concat(both, how="diagonal").sort("voucher_no", "entry_no")


def _split(entries: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The bank's entries (a line and no document) and the counter entries."""
    is_bank = pl.col("item_id").is_null()
    return entries.filter(is_bank), entries.filter(~is_bank)


def _against_bank(counter: pl.DataFrame, bank: pl.DataFrame) -> pl.DataFrame:
    """Counter entries with their line's bank account as Modkonto; without where documents net to zero."""
    own_bank = bank.select("journal_id", "line_id", contra="erp_account")
    customer = pl.col("item_kind").is_in(["invoice", "credit_note"]) & (pl.col("account_kind") == "debtor")
    supplier = pl.col("item_kind").is_in(["bill", "bill_credit"]) & (pl.col("account_kind") == "creditor")
    known = filled("counterparty_id")
    return counter.join(own_bank, on=["journal_id", "line_id"], how="left", validate="m:1").with_columns(
        party_kind=pl.when(known.is_null())
        .then(None)
        .when(customer)
        .then(pl.lit("customer"))
        .when(supplier)
        .then(pl.lit("supplier")),
        party=pl.when(customer | supplier).then(known),
    )


def _bank_left(counter: pl.DataFrame, bank: pl.DataFrame) -> pl.DataFrame:
    """What of a bank entry no counter entry answers: the sides of a direct transfer between own accounts."""
    answered = counter.group_by("journal_id", "line_id").agg(answered=pl.col("signed").sum())
    return (
        bank.join(answered, on=["journal_id", "line_id"], how="left", validate="1:1")
        .with_columns(signed=pl.col("signed") + pl.col("answered").fill_null(0))
        .filter(pl.col("signed") != 0)
        .drop("answered")
    )


def _between_banks(left: pl.DataFrame) -> pl.DataFrame:
    """Two opposite bank entries of a voucher as one row, receiver against sender; others a row each."""
    counted = left.with_columns(sides=pl.len().over(_VOUCHER))
    pair = pl.col("sides") == 2
    sender = counted.filter(pair & (pl.col("signed") < 0)).select(*_VOUCHER, contra="erp_account")
    return (
        counted.filter(~(pair & (pl.col("signed") < 0)))
        .join(sender, on=list(_VOUCHER), how="left", validate="m:1")
        .drop("sides")
    )
