"""What a line says before the bank spoils it: WORDING, one row a payment.

`pay prefix number name number_first whole own creditor_reference counterparty_name counterparty_account fixed`:
`whole` the number tells the documents truly, `own` the name is the party's, `fixed` the evidence where it does
not depend on what is left of the text.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.checks import text
from recon.bench.books.draw import by_part, choose, pick_by, stream, words, words_by
from recon.bench.books.names import companies, people, with_typo
from recon.bench.books.parties import accounts
from recon.bench.books.quoting import quoted
from recon.bench.books.words import (
    BARE,
    BARE_SENT,
    CARD,
    DIRECT_DEBIT,
    OWN_TRANSFER,
    RECEIVED,
    REFUND,
    SENT,
)  # fmt: skip

WORDING = (
    "pay", "prefix", "number", "name", "number_first", "whole", "own", "creditor_reference",
    "counterparty_name", "counterparty_account", "fixed",
)  # fmt: skip

WANTS = {
    "number": {"number": 0.955, "name": 0.03, "bare": 0.015},
    "name": {"number": 0.06, "name": 0.90, "bare": 0.04},
    "bare": {"number": 0.05, "name": 0.05, "bare": 0.90},
}
"""What a payer of a style writes this time."""

PREFIXES = {
    **RECEIVED,
    **{f"bare {country}": some for country, some in BARE.items()},
    "card": CARD,
    "direct_debit": DIRECT_DEBIT,
    "refund": REFUND,
    "bare sent": BARE_SENT,
    "sent": SENT,
}
"""What a text begins with, by kind of line or the payer's country; `bare` where no number follows."""

NAMED, ODD_PAYER, TYPO = 0.45, 0.012, 0.02
"""Lines with a name in a field of its own, paid by somebody else this once, and with a slip in the name."""

ACCOUNT_SHOWN, ACCOUNT_SENT, NATIONAL = 0.75, 0.6, 0.2
"""Accounts of payers whose bank ever states them, of those we pay, and of these in national spelling."""


def word_payments(pays: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Payments of parties for documents, also second ones; pays has the party's and the document's columns."""
    dice = stream(seed, "wording")
    count = pays.height
    by_machine = pl.col("kind").is_in(["card", "direct_debit"])
    want = pl.when(by_machine).then(pl.lit("name")).otherwise(pick_by(dice, pays["style"], WANTS))
    named = _payer(pays.with_columns(want=want), dice)
    told = quoted(named, dice)
    in_text = pl.Series(dice.random(count) < 0.6)
    in_field = pl.Series(dice.random(count) < NAMED) & (pl.col("want") != "bare") & ~by_machine
    unquoted = pl.col("number").is_null() & pl.col("creditor_reference").is_null()
    beside = pl.when(unquoted).then(pl.Series(dice.random(count) < 0.9)).otherwise(in_text)
    name_in_text = pl.when(pl.col("want") == "number").then(beside & ~pl.Series(dice.random(count) < 0.2))
    name_in_text = name_in_text.otherwise((pl.col("want") == "name") & (~in_field | in_text))
    shown = pl.when(pl.col("sent")).then(pl.Series(dice.random(count) < ACCOUNT_SENT))
    shown = shown.otherwise(pl.col("account_shown") & pl.Series(dice.random(count) < ACCOUNT_SHOWN))
    silent = (
        pl.Series(dice.random(count) < 0.5) & (pl.col("number").is_not_null() | name_in_text) & ~by_machine
    )
    return told.with_columns(
        prefix=pl.when(~silent).then(_prefix(told, dice)),
        name=pl.when(name_in_text).then("payer"),
        number_first=pl.Series(dice.random(count) < 0.85),
        counterparty_name=pl.when(in_field).then("payer"),
        counterparty_account=pl.when(shown & ~by_machine).then(_spelled_account(dice, count)),
        fixed=pl.lit(None, dtype=pl.String),
    ).select(WORDING)


def _payer(pays: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    """`payer payer_account own`: the party as its bank spells it; what we send ourselves bears the true name."""
    count = pays.height
    odd = pl.Series(dice.random(count) < ODD_PAYER) & ~pays["sent"]
    other = by_part(
        odd.cast(pl.String), {"true": lambda here: people(dice, pays["country"].gather(here))["name"]}
    )
    typo = pl.Series(dice.random(count) < TYPO)
    usual = pl.when(pl.col("sent")).then("party_name").otherwise("alias")
    spelled = pl.when(typo).then(with_typo(usual, pl.lit(pl.Series(dice.random(count))))).otherwise(usual)
    return pays.with_columns(
        payer=pl.when(odd).then(other).otherwise(spelled),
        payer_account=pl.when(odd).then(accounts(dice, count)).otherwise("party_account"),
        own=~odd & (pl.col("sent") | pl.col("alias_own")),
    )


def _spelled_account(dice: np.random.Generator, count: int) -> pl.Expr:
    """An IBAN, or now and then the registration number and the account of it."""
    iban, national = pl.col("payer_account"), pl.Series(dice.random(count) < NATIONAL)
    return pl.when(national).then(pl.format("{}-{}", iban.str.slice(4, 4), iban.str.slice(8))).otherwise(iban)


def _prefix(told: pl.DataFrame, dice: np.random.Generator) -> pl.Series:
    """What stands before number and name, by what kind of line it is and where the payer banks."""
    kind, sent, bare = pl.col("kind"), pl.col("sent"), pl.col("want") == "bare"
    home = pl.when(pl.col("number").is_null()).then(pl.format("bare {}", "country")).otherwise("country")
    part = (
        pl.when(kind.is_in(["card", "direct_debit"])).then("kind")
        .when((kind == "refund") & ~bare).then("kind")
        .when(sent & bare).then(pl.lit("bare sent"))
        .when(sent).then(pl.lit("sent"))
        .otherwise(home)
    )  # fmt: skip
    return words_by(dice, told.select(part)[:, 0], PREFIXES, 0.5)


def word_noise(pays: pl.DataFrame, items: pl.DataFrame, parties: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Strangers, some with a customer's surname, and numbers that may be a document's."""
    dice = stream(seed, "noise wording")
    count = pays.height
    danish = pl.Series(["DK"]).gather(np.zeros(count, dtype=np.int64))
    person, firm = people(dice, danish), companies(dice, danish)
    customers = parties.filter(~pl.col("is_company"), pl.col("country") == "DK")["last"]
    surname = customers.gather(dice.integers(0, len(customers), count))
    related = person["first"] + " " + surname
    kind, u = pays["kind"], pl.Series(dice.random(count))
    who = pl.when(u < 0.35).then(related).when(u < 0.75).then(person["name"]).otherwise(firm)
    has_name = kind.is_in(["noise:price", "noise:stranger"]) & pl.Series(dice.random(count) < 0.8)
    name = pays.select(pl.when(has_name).then(who))[:, 0]
    in_field = pl.Series(dice.random(count) < 0.4)
    shown = pl.Series(dice.random(count) < 0.3)
    worded = pays.with_columns(
        prefix="hint",
        number=pl.when(kind == "noise:number").then(_any_number(items, count, dice)),
        name=pl.when(~in_field).then(name),
        number_first=pl.lit(False),
        whole=pl.lit(False),
        own=pl.lit(False),
        creditor_reference=pl.lit(None, dtype=pl.String),
        counterparty_name=pl.when(in_field).then(name),
        counterparty_account=pl.when(shown).then(accounts(dice, count)),
        fixed=pl.lit("none"),
    )
    return worded.select(WORDING)


def _any_number(items: pl.DataFrame, count: int, dice: np.random.Generator) -> pl.Expr:
    """A telephone number, a settled document's, or any number in the block ours are in."""
    ours = items.filter(~pl.col("supplied"))["digits"].cast(pl.Int64)
    low, high = int(ours.min() or 0), int(ours.max() or 0) + 1  # ty: ignore[invalid-argument-type]
    settled = items.filter(pl.col("settled"), ~pl.col("supplied"))["digits"]
    old = settled.gather(dice.integers(0, len(settled), count))
    phone, block = text(dice.integers(20_000_000, 99_999_999, count)), text(dice.integers(low, high, count))
    which = pl.Series(choose(dice, count, [0.3, 0.3, 0.4]))
    return pl.when(which == 0).then(phone).when(which == 1).then(old).otherwise(block)


def word_bank(pays: pl.DataFrame, own_ibans: tuple[str, ...], seed: int) -> pl.DataFrame:
    """Fees, interest, payouts and money between our own accounts."""
    dice = stream(seed, "bank wording")
    count = pays.height
    kind = pl.col("kind")
    batch_no = text(dice.integers(100_000_000, 999_999_999, count))
    transfer, payout = kind == "transfer", kind == "payout"
    shown = pl.Series(dice.random(count) < 0.55) & transfer
    opposite = pl.Series(list(own_ibans)).gather(1 - pays["account"].clip(0, 1))
    has_no = pl.Series(dice.random(count) < 0.5)
    return pays.with_columns(
        prefix=pl.when(transfer).then(words(dice, count, OWN_TRANSFER, 0.3)).otherwise("hint"),
        number=pl.when(payout & has_no).then(batch_no),
        name=pl.lit(None, dtype=pl.String),
        number_first=pl.lit(True),
        whole=pl.lit(False),
        own=pl.lit(False),
        creditor_reference=pl.lit(None, dtype=pl.String),
        counterparty_name=pl.when(payout).then("hint"),
        counterparty_account=pl.when(shown).then(opposite),
        fixed=pl.when(payout).then(pl.lit("payout")).when(transfer & shown).then(pl.lit("name"))
        .when(transfer).then(pl.lit("amount")).otherwise(pl.lit("none")),
    ).select(WORDING)  # fmt: skip
