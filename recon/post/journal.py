"""Standing allocations become journals: per decision, debit and credit entries that balance on every date.

    line +95.00 ── invoice 1042  +100.00        debit   5820 bank         95.00
               └── account:7220    −5.00   →    credit  5600 debtors     100.00
                                                debit   7220 bank fees     5.00

In: ALLOCATIONS with the LINES, ITEMS and ACCOUNTS they name. Out: POSTINGS, a side and a positive amount in
the line's currency. Never: a clock, a store, a rounding, an entry that an allocation did not ask for.
The bank's entry has `line_id` and no `item_id`; a counter entry has both.
"""

from __future__ import annotations

import hashlib
from datetime import date

import polars as pl

from recon.errors import IntegrityAlarm
from recon.post.chart import Roles
from recon.post.legs import gather_legs
from recon.post.texts import Style, bank_text, leg_text, leg_what, leg_who, words
from recon.schema import POSTINGS, conform

SIGNED = (
    pl.when(pl.col("side") == "debit").then(pl.col("amount_minor")).otherwise(-pl.col("amount_minor"))
).cast(pl.Int128)
"""An entry as one number, debit positive; wide, because sums of amounts may leave 64 bits."""


def journal(
    allocations: pl.DataFrame,
    lines: pl.DataFrame,
    items: pl.DataFrame,
    accounts: pl.DataFrame,
    roles: Roles,
    *,
    texts: Style = "plain",
    language: str = "en",
) -> pl.DataFrame:
    """Book each decision's allocations as one journal, dated like its bank lines.

    The bank side is one entry a line over what is allocated of it. The counter side is one entry an
    allocation, on the account that is named nearest: by the allocation, by `account:<erp_account>`, by the
    document, else the role of its kind. An own transfer posts bank against bank where both sides fall on one
    date in one currency, otherwise each side against cash in transit.

    lines: LINES including withdrawn ones, since an accepted match stays accepted. Returns POSTINGS, earliest
    journal first, whatever order the rows came in. Raises ErpAccountMissing naming bank accounts that have
    no ERP account, DataRefused for an allocation whose line or document is not given.
    """
    legs = _worded(gather_legs(allocations, lines, items, accounts, roles), roles, texts, language)
    entries = pl.concat([_bank_entries(legs, language), _counter_entries(legs, language)])
    return _numbered(entries.filter(pl.col("signed") != 0))


def journal_id(decision_id: str) -> str:
    """The journal of a decision: always the same id for the same decision."""
    return "j_" + hashlib.sha256(decision_id.encode()).hexdigest()[:16]


def reverse(journal: pl.DataFrame, decision_id: str, date: date, language: str = "en") -> pl.DataFrame:
    """Answer journals with their opposite on `date`: same accounts and amounts, sides swapped.

    decision_id: the decision that undoes. Returns POSTINGS with ids of their own, not yet exported.
    """
    opposite = pl.col("side").replace_strict({"debit": "credit", "credit": "debit"})
    ids = {
        posted: journal_id(f"reversal of {posted} by {decision_id}")
        for posted in journal["journal_id"].unique()
    }
    swapped = conform(journal, POSTINGS).with_columns(
        journal_id=pl.col("journal_id").replace_strict(ids, return_dtype=pl.String),
        date=pl.lit(date),
        side=opposite,
        text=pl.lit(words(language)["reversal"] + " ") + pl.col("text"),
        exported_at=pl.lit(None, POSTINGS.types["exported_at"]),
    )
    return conform(swapped, POSTINGS)


def totals(journal: pl.DataFrame) -> pl.DataFrame:
    """What each account got, debit positive.

    Returns `erp_account currency debit_minor credit_minor net_minor entries`.
    """

    def of_side(side: str) -> pl.Expr:
        return pl.col("amount_minor").filter(pl.col("side") == side).sum()

    return (
        journal.group_by("erp_account", "currency")
        .agg(debit_minor=of_side("debit"), credit_minor=of_side("credit"), entries=pl.len().cast(pl.Int64))
        .with_columns(net_minor=pl.col("debit_minor") - pl.col("credit_minor"))
        .select("erp_account", "currency", "debit_minor", "credit_minor", "net_minor", "entries")
        .sort("erp_account", "currency")
    )


def prove(postings: pl.DataFrame, allocations: pl.DataFrame | None = None) -> None:
    """Stop with IntegrityAlarm naming the journal, unless the journals prove themselves.

    Always: every amount is positive, and debit equals credit per journal, date and currency. With
    allocations, which must be all that stand for the postings given: the bank side of a standing decision's
    journal equals what it allocates of each line, and all other journals cancel each other, line by line.
    """
    if (wrong := postings.filter(pl.col("amount_minor") <= 0)).height:
        _alarm("has an entry without a positive amount", wrong)
    sums = postings.group_by("journal_id", "date", "currency").agg(off_minor=SIGNED.sum())
    if (wrong := sums.filter(pl.col("off_minor") != 0)).height:
        _alarm("does not balance: debit and credit differ", wrong)
    if allocations is not None:
        _prove_bank_side(postings, allocations)


def _prove_bank_side(postings: pl.DataFrame, allocations: pl.DataFrame) -> None:
    of = ["journal_id", "line_id"]
    ids = {each: journal_id(each) for each in allocations["decision_id"].unique()}
    given = (
        allocations.with_columns(journal_id=pl.col("decision_id").replace_strict(ids, return_dtype=pl.String))
        .group_by(of)
        .agg(given=pl.col("amount_minor").cast(pl.Int128).sum())
    )
    booked = postings.filter(pl.col("item_id").is_null()).group_by(of).agg(booked=SIGNED.sum())
    both = given.join(booked, on=of, how="left", validate="1:1")
    if (wrong := both.filter(pl.col("given") != pl.col("booked").fill_null(0))).height:
        _alarm("books other money than its decision allocates", wrong)
    undone = booked.join(given, on=of, how="anti").with_columns(left=pl.col("booked").sum().over("line_id"))
    if (wrong := undone.filter(pl.col("left") != 0)).height:
        _alarm("books money that no standing decision allocates", wrong)


def _alarm(what: str, wrong: pl.DataFrame) -> None:
    name = wrong["journal_id"].min()
    raise IntegrityAlarm(
        f"Journal {name} {what}. Nothing was written; run `check` and have the workspace looked at.",
        journal_id=name,
    )


def _worded(legs: pl.DataFrame, roles: Roles, texts: Style, language: str) -> pl.DataFrame:
    return legs.with_columns(what=leg_what(roles, texts, language), who=leg_who(texts))


def _bank_entries(legs: pl.DataFrame, language: str) -> pl.DataFrame:
    """One entry a line, over all that the decision allocates of it."""
    return legs.group_by("decision_id", "line_id", maintain_order=True).agg(
        pl.col("place", "date", "currency").first(),
        item_id=pl.lit(None, pl.String),
        erp_account=pl.col("bank_account").first(),
        signed=pl.col("amount_minor").sum(),
        text=bank_text(language),
    )


def _counter_entries(legs: pl.DataFrame, language: str) -> pl.DataFrame:
    """One entry an allocation; none for a transfer whose bank entries already balance each other."""
    own = pl.col("item_id").str.starts_with("line:")
    moved = pl.when(own).then("amount_minor").otherwise(0)
    direct = own & (moved.sum().over("decision_id", "date", "currency") == 0)
    return legs.filter(~direct).select(
        "decision_id",
        "line_id",
        "place",
        "date",
        "currency",
        "item_id",
        erp_account="counter_account",
        signed=-pl.col("amount_minor"),
        text=leg_text(language),
    )


def _numbered(entries: pl.DataFrame) -> pl.DataFrame:
    """Entries as POSTINGS, earliest journal first; in it by date and line, the bank's entry first."""
    ids = {each: journal_id(each) for each in entries["decision_id"].unique()}
    postings = (
        entries.with_columns(journal_id=pl.col("decision_id").replace_strict(ids, return_dtype=pl.String))
        .with_columns(begins=pl.col("date").min().over("journal_id"))
        .sort("begins", "journal_id", "date", "line_id", pl.col("item_id").is_not_null(), "place")
        .with_columns(
            entry_no=pl.int_range(1, pl.len() + 1).over("journal_id"),
            side=pl.when(pl.col("signed") > 0).then(pl.lit("debit")).otherwise(pl.lit("credit")),
            amount_minor=pl.col("signed").abs(),
        )
    )
    return conform(postings, POSTINGS)
