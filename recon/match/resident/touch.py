"""What some lines can touch: every document that any stage of recon.match.propose could set beside them.

In: a Book of the lines alone, Documents, what is known of payers. Out: rows of Documents, and what the whole
ledger says of the lines. Finds more than is needed and never less, but for the caps stated here; decides
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.match import names as resolver
from recon.match.block import SAME_AMOUNT_MAX, TERM, words_by
from recon.match.book import Book
from recon.match.bookings import rule_parties
from recon.match.keys import SAME_KEY_MAX, line_keys
from recon.match.name_words import Heard
from recon.match.near import long_number
from recon.match.party import name_level
from recon.match.payout_channels import may_be_channels
from recon.match.resident.documents import Documents, halves_of
from recon.match.resident.places import Places, key_of
from recon.match.rules import parse_rules
from recon.match.whole import Payouts
from recon.policy import Policy
from recon.text import name_fold, name_key

LEDGER_MOST = 200
"""Documents of a party on either side of a line's day; a party that owes more than twice that is cut there."""
PARTIES_MOST = 60
"""Parties of one account, name or payer that are looked at."""
_NEAREST = 8
_NEAR_MOST = 21
_POOL_DAYS = 110
"""Days before the first payout of a channel on which its documents may have been issued."""


@dataclass(frozen=True)
class Touched:
    """rows: of Documents, ascending. names: `who named name level` of the lines. crowd: `line_id same`."""

    rows: np.ndarray
    names: pl.DataFrame
    crowd: pl.DataFrame


def touched(
    book: Book,
    documents: Documents,
    paid: pl.DataFrame,
    heard: Heard,
    payouts: Payouts | None,
    policy: Policy,
) -> Touched:
    """book: of the lines, without documents. paid: `line_id account who party n` of memory.paid_before, sorted so that
    parties paid for come first. heard: words of the texts of other lines. payouts: told before, None where
    these lines are all."""
    keys = line_keys(book)
    by_key = _by_key(keys, documents)
    names = _names(book, documents, heard)
    shown = book.lines.select("l", "s").drop_nulls().join(names, on="s")
    parties = pl.concat(
        [
            _parties_named(shown, documents),
            _parties_of_accounts(book, documents),
            _parties_paid_for(book, paid),
            keys.join(documents.customers, on="key").select("l", "party"),
            _parties_ruled(book, documents, policy),
            by_key.join(documents.items.select("row", "party")[by_key["row"]].unique(), on="row").select("l", "party"),
        ]
    ).drop_nulls().unique().sort("l", "party")  # fmt: skip
    dated = parties.join(
        book.lines.select("l", "day", "currency", "amount_minor"), on="l", maintain_order="left"
    )
    rows = [
        by_key["row"].to_numpy(),
        *_near(keys, by_key, book, documents),
        *_by_party(dated, documents, policy),
        *_by_amount(book, documents, policy),
        *_by_name_and_amount(book, shown, documents),
        *(_pool(book, documents) if payouts is None else _paid_out(book, documents, payouts)),
    ]
    told = names.join(book.spellings, on="s").select("who", "named", "name", "level")
    crowd = book.lines.select("line_id", same=_crowd(book, documents, policy))
    return Touched(np.unique(np.concatenate(rows)), told, crowd)


def _asked(places: Places, frame: pl.DataFrame, on: list[str], most: int) -> tuple[np.ndarray, np.ndarray]:
    """`question, row`: of the rows of each key those nearest the question's `day`; without one the first."""
    day = frame["day"].to_numpy() if "day" in frame.columns else 0
    return places.near(key_of(frame.select(on)), day, most)


def _by_key(keys: pl.DataFrame, documents: Documents) -> pl.DataFrame:
    """`l row` of documents that have a key of the line; one more than tell anything, so that the engine sees it too."""
    question, row = _asked(documents.by["key"], keys, ["key"], SAME_KEY_MAX + 1)
    return pl.DataFrame({"l": keys["l"].to_numpy()[question], "row": row})


def _near(keys: pl.DataFrame, by_key: pl.DataFrame, book: Book, documents: Documents) -> Iterator[np.ndarray]:
    lost = keys.join(by_key.select("l").unique(), on="l", how="anti").filter(long_number())
    asked = halves_of(lost.join(book.lines.select("l", "currency", "amount_minor"), on="l"))
    yield _asked(
        documents.by["near"], asked, ["currency", "amount_minor", "length", "half", "head"], _NEAR_MOST
    )[1]


def _names(book: Book, documents: Documents, heard: Heard | None) -> pl.DataFrame:
    """`s name level`."""
    found = resolver.resolve(book.spellings, documents.known, heard)
    named = found.join(documents.names.select("n", "name"), on="n", maintain_order="left")
    return named.select("s", "name", level=name_level())


def _parties_named(shown: pl.DataFrame, documents: Documents) -> pl.DataFrame:
    question, row = _asked(documents.by["name_party"], shown, ["name"], PARTIES_MOST)
    return pl.DataFrame({"l": shown["l"].gather(question), "party": documents.items["party"].gather(row)})


def _parties_of_accounts(book: Book, documents: Documents) -> pl.DataFrame:
    lines = book.lines.select("l", "account_key").drop_nulls()
    question, row = _asked(documents.by["account_party"], lines, ["account_key"], PARTIES_MOST)
    return pl.DataFrame({"l": lines["l"].gather(question), "party": documents.items["party"].gather(row)})


def _parties_paid_for(book: Book, paid: pl.DataFrame) -> pl.DataFrame:
    spelled = book.spellings.select("s", who=name_key(pl.col("who")))
    lines = book.lines.select("l", "s", account="account_key").join(spelled, on="s", how="left")
    found = [
        lines.select("l", by).drop_nulls().join(paid.select(by, "party"), on=by, maintain_order="left_right")
        .unique(["l", "party"], keep="first", maintain_order=True)
        .group_by("l", maintain_order=True).head(PARTIES_MOST)
        for by in ("account", "who")
    ]  # fmt: skip
    return pl.concat([one.select("l", "party") for one in found])


def _parties_ruled(book: Book, documents: Documents, policy: Policy) -> pl.DataFrame:
    rules = parse_rules(policy.rules)
    if not any(rule.party for rule in rules):
        return pl.DataFrame(schema={"l": pl.UInt32, "party": pl.String})
    named = documents.items.with_columns(p="party")
    return rule_parties(book.lines, named, rules).rename({"p": "party"})


def _by_party(dated: pl.DataFrame, documents: Documents, policy: Policy) -> Iterator[np.ndarray]:
    """What each party owes around the line's day, and one document at least of whoever is named."""
    of_amount = dated.select("party", "currency", "amount_minor", "day")
    yield _asked(documents.by["party_amount"], of_amount, ["party", "currency", "amount_minor"], _NEAREST)[1]
    yield _asked(documents.by["document_of_party"], dated.select("party"), ["party"], 1)[1]
    for money in documents.moneys:
        one = dated.select("party", "day", currency=pl.lit(money))
        yield _asked(documents.by["party"], one, ["party", "currency"], LEDGER_MOST)[1]
        for way in (False, True):
            ways = one.with_columns(way=pl.lit(value=way))
            yield _asked(documents.by["party_way"], ways, ["party", "currency", "way"], _NEAREST)[1]


def _by_amount(book: Book, documents: Documents, policy: Policy) -> Iterator[np.ndarray]:
    """Documents of the line's amount and time, and of the amount it was; one more than are listed."""
    places, most = documents.by["amount"], SAME_AMOUNT_MAX + 1
    foreign = book.lines.filter(pl.col("original_minor").is_not_null()).select(
        "day", currency="original_currency", amount_minor=pl.col("original_minor").abs() * pl.col("amount_minor").sign()
    )  # fmt: skip
    for lines in (book.lines.select("day", "currency", "amount_minor"), foreign.drop_nulls()):
        key, day = key_of(lines.select("currency", "amount_minor")), lines["day"].to_numpy()
        yield places.near(key, day, most, *_time(day, policy))[1]
        yield places.near(key, 0, most, 0, 0)[1]


def _time(day: np.ndarray, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """As block reads it: from the first due day to the last for which a line of this day may pay."""
    return np.maximum(day - policy.days_after, 1), day + policy.days_before + TERM


def _crowd(book: Book, documents: Documents, policy: Policy) -> pl.Series:
    places, day = documents.by["amount"], book.lines["day"].to_numpy()
    key = key_of(book.lines.select("currency", "amount_minor"))
    count = places.counted(key, *_time(day, policy)) + places.counted(key, 0, 0)
    return pl.Series(count, dtype=pl.UInt32)


def _by_name_and_amount(book: Book, shown: pl.DataFrame, documents: Documents) -> Iterator[np.ndarray]:
    """Documents of the exact amount whose name the line or a part of it shows, or has a word of."""
    lines = book.lines.select("l", "s", "day", "currency", "amount_minor")
    keyed = shown.join(documents.names.select("name", "name_key"), on="name").select("l", "name_key")
    of_name = lines.join(keyed, on="l")
    of_parts = book.parts.with_columns(name_key=name_key(name_fold(pl.col("counterparty_name")))).join(
        lines.select("l", "day", "currency"), on="l"
    )
    on = ["name_key", "currency", "amount_minor"]
    for some in (of_name.select(*on, "day"), of_parts.select(*on, "day").drop_nulls()):
        yield _asked(documents.by["name_amount"], some, on, _NEAREST)[1]
    words = words_by(book.spellings, "s", "who")
    of_words = lines.drop_nulls("s").join(words, on="s")
    yield _asked(documents.by["word_amount"], of_words, ["word", "currency", "amount_minor"], _NEAREST)[1]


def _paid_out(book: Book, documents: Documents, payouts: Payouts) -> Iterator[np.ndarray]:
    """Documents of payouts told before."""
    held = payouts.legs.join(book.lines.select("line_id"), on="line_id", how="semi")["item_id"]
    if held.len():
        yield documents.some(held)["row"].to_numpy()


def _pool(book: Book, documents: Documents) -> Iterator[np.ndarray]:
    """Where lines may be payouts of a channel, all that may have been sold through it before."""
    payouts = may_be_channels(book)
    if payouts.is_empty():
        return
    since, until = payouts["booking_date"].min(), payouts["booking_date"].max()
    sold = documents.items.filter(
        pl.col("issue_date").is_between(pl.lit(since).dt.offset_by(f"-{_POOL_DAYS}d"), until),
        pl.col("open_minor") != 0,
        pl.col("kind").is_in(["invoice", "credit_note", "payout"]),
    )
    rows = sold["row"].to_numpy()
    yield rows[~documents.gone[rows]]
