"""One company's year, from a size and a seed.

In: about how many bank lines, a seed. Out: LabelledBooks; the same size and seed give the same bytes.
Documents first, then who pays what when, then what the bank makes of it. Nothing is read from anywhere.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.checks import danish_iban
from recon.bench.books.credits import net, refund, settle_earlier
from recon.bench.books.documents import make_documents
from recon.bench.books.draw import stream
from recon.bench.books.labelled import LabelledBooks
from recon.bench.books.numbering import number_documents
from recon.bench.books.paid import Paid, only, together, with_amounts
from recon.bench.books.parties import make_parties
from recon.bench.books.paying import pay_documents
from recon.bench.books.payouts import pay_out
from recon.bench.books.rates import BASE, LAST_DAY, START, make_rates
from recon.bench.books.strangers import charge, make_noise, move_own_money, pay_twice
from recon.bench.books.texts import write_texts
from recon.bench.books.wording import word_bank, word_noise, word_payments
from recon.errors import UsageError
from recon.policy import Policy
from recon.schema import ITEMS, LINES, conform

OPENING_MINOR = 250_000_000
SOURCE = "benchmark"
SMALLEST = 100
"""Fewer lines have no room for every kind."""

_BANK = ["fee", "interest", "payout", "transfer"]


def make_books(size: int, seed: int = 7) -> LabelledBooks:
    """Books of about `size` bank lines and about as many documents, labelled with the truth.

    Raises UsageError for a size under 100.
    """
    if size < SMALLEST:
        raise UsageError(
            f"Books of {size} lines hold no year; none were made. Ask for {SMALLEST} or more.", size=size
        )
    parties, rates = make_parties(size, seed), make_rates(seed)
    items, some = _year(parties, rates, size, seed)
    items = number_documents(items, parties, seed)
    pays = _in_time(with_amounts(some), items, seed)
    own = _own_ibans(seed)
    texts = _texts(pays, some, items, parties, own, seed)
    ids = pays.select("pay", "line_id")
    return LabelledBooks(
        lines=_lines(pays.join(texts, on="pay", maintain_order="left"), own),
        items=_items(items, parties, seed),
        links=_links(some, pays, ids, items),
        cases=_cases(pays.join(texts, on="pay", maintain_order="left")),
        policy=Policy(base_currency=BASE, own_accounts=own, fx_rates=rates),
    )


def _year(parties: pl.DataFrame, rates: pl.DataFrame, size: int, seed: int) -> tuple[pl.DataFrame, Paid]:
    """Everything issued and everything paid up to the last day; `settled` marks what was paid before."""
    items = make_documents(parties, size, seed)
    some = pay_documents(items, parties, rates, seed)
    items, some = net(items, some, parties, size, seed)
    items, refunds = refund(items, some, size, seed)
    parts = [some, refunds, pay_out(items, parties, seed), pay_twice(some, size, seed)]
    parts += [move_own_money(size, seed), charge(size, seed), make_noise(size, seed)]
    earlier = settle_earlier(items, size, seed)
    every = pl.concat([items.with_columns(settled=False), earlier.with_columns(settled=True)])
    return every, only(together(parts), pl.col("day") <= LAST_DAY)


def _in_time(pays: pl.DataFrame, items: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Payments in order of booking, each with its `line_id`; the order within a day is chance."""
    tie = pl.Series(stream(seed, "order").permutation(pays.height))
    ordered = pays.with_columns(tie=tie).sort("day", "tie").drop("tie")
    width = len(str(pays.height))
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(width)
    return ordered.with_columns(line_id=pl.lit("L") + number)


def _texts(
    pays: pl.DataFrame,
    some: Paid,
    items: pl.DataFrame,
    parties: pl.DataFrame,
    own: tuple[str, ...],
    seed: int,
) -> pl.DataFrame:
    noisy, bank = pl.col("kind").str.starts_with("noise"), pl.col("kind").is_in(_BANK)
    wording = [
        word_payments(_with_facts(pays.filter(~noisy & ~bank), some, items, parties), seed),
        word_noise(pays.filter(noisy), items, parties, seed),
        word_bank(pays.filter(bank), own, seed),
    ]
    return write_texts(pl.concat(wording, how="vertical_relaxed"), seed)


def _with_facts(pays: pl.DataFrame, some: Paid, items: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """What a text could tell: the party's names and habits, the document's numbers, all numbers paid at once."""
    who = parties.select(
        "party", "alias", "alias_own", "account_shown", "style", "country", "code",
        party_name="name", party_account="account",
    )  # fmt: skip
    what = items.select("digits", "no", "printed", "bare", "standard", shows="item")
    old = items.filter("settled").group_by("party", maintain_order=True).agg(old=pl.col("digits").last())
    several = some.legs.filter(pl.len().over("pay") > 1).join(
        items.select("item", "place", "digits"), on="item", maintain_order="left"
    )
    lists = (
        several.sort("pay", "place")
        .group_by("pay", maintain_order=True)
        .agg(list=pl.col("digits").str.join(", "))
    )
    joined = pays.join(who, on="party", how="left", maintain_order="left")
    for part, key in ((what, "shows"), (old, "party"), (lists, "pay")):
        joined = joined.join(part, on=key, how="left", maintain_order="left")
    return joined.with_columns(sent=pl.col("amount_minor") < 0)


def _own_ibans(seed: int) -> tuple[str, ...]:
    dice = stream(seed, "own accounts")
    bank = np.full(5, 5470, dtype=np.int64)
    return tuple(danish_iban(bank, dice.integers(10**8, 10**9, 5)).to_list())


def _lines(pays: pl.DataFrame, own: tuple[str, ...]) -> pl.DataFrame:
    """LINES; the bank values money in or out on the day it books it, and states the balance after."""
    booked = pl.lit(START) + pl.duration(days="day")
    account = pl.Series(list(own)).gather(pays["account"]).str.slice(-6)
    frame = pays.with_columns(
        account_id=pl.lit("bank-") + account,
        booking_date=booked,
        value_date=booked,
        exchange_rate="rate",
        source=pl.lit(SOURCE),
        balance_minor=OPENING_MINOR + pl.col("amount_minor").cum_sum().over("account"),
    ).with_columns(kind=pl.lit(None, dtype=pl.String))
    return conform(frame, LINES)


def _items(items: pl.DataFrame, parties: pl.DataFrame, seed: int) -> pl.DataFrame:
    """ITEMS, open by their total or settled; accounts are known of suppliers mostly, of customers seldom."""
    dice = stream(seed, "item facts")
    often = np.where((parties["role"] == "supplier").to_numpy(), 0.7, 0.1)
    known = pl.Series(dice.random(parties.height) < often) & parties["alias_own"]
    who = parties.select(
        "party",
        counterparty_id="code",
        counterparty_name="name",
        counterparty_account=pl.when(known).then("account"),
    )
    frame = items.join(who, on="party", how="left", maintain_order="left").with_columns(
        item_id=item_ids(items),
        document_no="no",
        payment_reference="printed",
        open_minor=pl.when("settled").then(0).otherwise("total_minor"),
        issue_date=pl.lit(START) + pl.duration(days="issue"),
        due_date=pl.lit(START) + pl.duration(days="due"),
        source=pl.lit(SOURCE),
    )
    return conform(frame, ITEMS)


def item_ids(items: pl.DataFrame) -> pl.Expr:
    return pl.lit("I") + (pl.col("place") + 1).cast(pl.String).str.zfill(len(str(items.height)))


def _links(some: Paid, pays: pl.DataFrame, ids: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    documents = some.legs.join(
        items.select("item", item_id=item_ids(items)), on="item", maintain_order="left"
    )
    linked = documents.join(ids, on="pay", maintain_order="left")
    ends = pays.filter(pl.col("mate").is_not_null()).join(
        ids.select(mate="pay", other="line_id"), on="mate", maintain_order="left"
    )
    columns = ("line_id", "item_id", "amount_minor", "item_amount_minor")
    transfers = ends.with_columns(item_id=pl.format("line:{}", "other"), item_amount_minor="amount_minor")
    return pl.concat([linked.select(columns), transfers.select(columns)]).sort("line_id", "item_id")


def _cases(pays: pl.DataFrame) -> pl.DataFrame:
    return pays.select(
        "line_id", kind=pl.col("kind").str.replace(r"^noise:.*$", "noise"), evidence="evidence"
    )
