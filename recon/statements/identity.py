"""What of a fetched period is new, what is known, and what the bank took back.

In: the lines of one complete fetch or file, and the lines stored so far, one row per source that told them.
Out: `Reconciled`. Never: a line twice because a source, a file or a reconnect told it again, and never two
genuine twins as one. The rules are those of `safety.md` section 3, in this order:

    1  the source's own reference, compared whole, inside the account
    2  without one: counts per fingerprint (date, amount, currency, words, running balance if given)
    3  between sources: counts per date, amount and currency, similar words first
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final

import polars as pl

from recon.schema import INSTANT, LINES, PARTS, conform, finding, findings_frame
from recon.statements import pairing

_SLICE: Final = 4096
"""Ids made at a time before they join a frame's column."""
RULE: Final = "1"
"""Version of the rule that makes ids. A new rule gets a new number and leaves given ids alone."""

INCOMING: Final = pl.Schema(LINES.types | {"bank_ref": pl.String})
STORED: Final = pl.Schema(
    LINES.types | {"bank_ref": pl.String, "told_text": pl.String, "withdrawn_at": INSTANT}
)
TOLD: Final = ("booking_date", "value_date", "text", "counterparty_name", "counterparty_account",
               "end_to_end_id", "creditor_reference", "original_minor", "original_currency",
               "exchange_rate", "balance_minor")  # fmt: skip
"""What a bank may still correct on a line it told before. Amount and currency are not among it."""


@dataclass(frozen=True)
class Reconciled:
    """The answer for one fetch: every incoming line is in one of `new`, `seen` and `conflicts`.

    A line that came twice under one reference (a page read twice) is there once.

    new: LINES + `bank_ref incoming_id`, with the id to store. seen: `incoming_id line_id bank_ref told_text`,
    the stored line each known row is; its sighting is to be recorded. told_text: this source's own words,
    where the line keeps those of another. changed: LINES + `bank_ref`, the words of
    stored lines as the bank tells them now. conflicts: LINES + `bank_ref`, rows held back. withdrawn and
    returned: stored line ids, sorted; only the source that told a line takes it back or brings it again.
    findings: FINDINGS.
    """

    new: pl.DataFrame
    seen: pl.DataFrame
    changed: pl.DataFrame
    conflicts: pl.DataFrame
    withdrawn: list[str]
    returned: list[str]
    findings: pl.DataFrame

    @property
    def ids(self) -> pl.DataFrame:
        """`incoming_id line_id` of every line kept: what to rename parts by."""
        return pl.concat(
            [self.new.select("incoming_id", "line_id"), self.seen.select("incoming_id", "line_id")]
        )


def reconcile(
    incoming: pl.DataFrame,
    stored: pl.DataFrame,
    since: date | None,
    until: date | None,
    source_kind: str,
    *,
    gone_from: date | None = None,
) -> Reconciled:
    """Decide what of `incoming` is new.

    incoming: LINES (a `line_id` is optional) + `bank_ref`, all told by `source_kind`. stored: LINES +
    `bank_ref told_text withdrawn_at`, of the accounts fetched and nothing else; `source` is who told the row
    (`told_text`: in words other than the line's), and a line told by two sources (or under two references)
    is two rows. `since` ≤ day < `until` is the period of
    which `incoming` is complete, without an end where `until` is None; without `since` it is complete for
    nothing, and then nothing is ever withdrawn. gone_from: from which day on a missing line is withdrawn,
    `since` where None; earlier ones may have been moved out of the period by the bank.
    Pure: the answer does not depend on the order of rows.
    """
    period = pairing.Period(since, until, gone_from)
    rows = _ordered(_filled(incoming, INCOMING))
    known = _filled(stored, STORED)
    rows = pairing.once_per_reference(rows)
    rows = pairing.without_handed_on(rows, known, source_kind, period)
    found = pairing.by_reference(rows, known, source_kind)
    pairs = pairing.by_fingerprint(rows, known, found, source_kind, period)
    held = rows.join(found.conflicts, on="row").sort("row")
    unknown = rows.join(pairs, on="row", how="anti").join(found.conflicts, on="row", how="anti")
    new = give_ids(unknown, taken=known["line_id"].unique().to_list())
    missing = _missing(known, pairs, found.held_ids, period)
    mine = pl.col("line_id").is_in(
        known.filter(pl.col("source") == source_kind)["line_id"].unique().implode()
    )
    gone = known.filter(pl.col("withdrawn_at").is_not_null())["line_id"]
    told_again = sorted(set(pairs["line_id"]) & set(gone))
    return Reconciled(
        new=new.select(*INCOMING, "incoming_id"),
        seen=_seen(rows, pairs, known, source_kind),
        changed=_changed(rows, pairs, known, source_kind, complete=period.complete),
        conflicts=held.select(*INCOMING),
        withdrawn=sorted(set(missing.filter(mine)["line_id"])),
        returned=told_again if period.complete else [],
        findings=pl.concat(
            [
                _conflict_words(held),
                _disputed_words(missing.filter(~mine)),
                _told_again_words([] if period.complete else told_again, known),
            ]
        ),
    )


def give_ids(rows: pl.DataFrame, taken: Collection[str] = ()) -> pl.DataFrame:
    """The rows with a `line_id` each, their order kept.

    The id is made from account and bank reference; without one from account, date, amount, currency, words
    and the rank among equal rows of the day, so that twins stay two. An id in `taken` is never given again.
    """
    told = _ranked(rows)
    ids = _as_series(_id(*parts, nth) for parts, nth in _parts(told))
    if ids.n_unique() < rows.height or not set(taken).isdisjoint(ids):
        ids = _as_series(_untaken(told, taken))
    return rows.with_columns(line_id=ids)


def _untaken(told: pl.DataFrame, taken: Collection[str]) -> Iterator[str]:
    """An id for each row that neither `taken` nor a row before it has."""
    used = set(taken)
    for parts, nth in _parts(told):
        while (line_id := _id(*parts, nth)) in used:
            nth += 1
        used.add(line_id)
        yield line_id


def _parts(told: pl.DataFrame) -> Iterator[tuple[tuple[object, ...], int]]:
    """What each row's id is made of, and its rank."""
    for source, ref, account, *same, rank in told.iter_rows():
        yield (("ref", source, account, ref), 0) if ref else (("row", account, *same), rank)


def _as_series(ids: Iterator[str]) -> pl.Series:
    """The ids, never all of them as Python's own words, which are several times longer."""
    pieces = [pl.Series([], dtype=pl.String)]
    while some := list(islice(ids, _SLICE)):
        pieces.append(pl.Series(some))
    return pl.concat(pieces, rechunk=True)


def _ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """What an id is made of: source, reference, and what tells rows without one apart, their rank last."""
    same = ["account_id", "booking_date", "amount_minor", "currency"]
    if rows.select((pl.col("bank_ref").fill_null("") != "").all()).item():
        # Nothing but references counts then, and folding the words of a long file is most of the work.
        nothing = (pl.lit(None).alias(name) for name in (*same[1:], "_words", "_rank"))
        return rows.select("source", "bank_ref", "account_id", *nothing)
    worded = rows.select("source", "bank_ref", *same, _words=pairing.words())
    return worded.with_columns(_rank=pl.int_range(pl.len()).over(*same, "_words"))


def rename_parts(parts: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """PARTS under the ids their lines are stored by (`Reconciled.ids`); parts of held lines fall away."""
    stored = ids.rename({"line_id": "stored_id"})
    named = parts.join(stored, left_on="line_id", right_on="incoming_id", maintain_order="left")
    return conform(give_part_ids(named.with_columns(line_id="stored_id")), PARTS)


def give_part_ids(parts: pl.DataFrame) -> pl.DataFrame:
    """The parts with a `part_id` each, from their line's id and their place in it."""
    nth = parts.select("line_id", n=pl.int_range(pl.len()).over("line_id"))
    ids = ["p_" + _digest("part", line_id, n) for line_id, n in nth.iter_rows()]
    return parts.with_columns(part_id=pl.Series(ids, dtype=pl.String))


def _filled(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The frame with all columns of `schema`; a reference of blanks is none."""
    whole = frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )
    return whole.with_columns(bank_ref=pl.col("bank_ref").str.strip_chars().replace("", None))


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in an order of their own making, numbered, with the id they came by or a fresh one."""
    # The id comes last: it must not decide which of two equal rows is the first.
    telling = [name for name in INCOMING if name not in ("line_id", "references")]
    rows = rows.sort(*telling, "line_id", nulls_last=True).with_row_index("row")
    if rows["line_id"].null_count():
        rows = give_ids(rows)
    return rows.with_columns(incoming_id=pl.col("line_id"))


def _seen(rows: pl.DataFrame, pairs: pl.DataFrame, known: pl.DataFrame, source_kind: str) -> pl.DataFrame:
    both = (
        rows.drop("line_id")
        .join(pairs, on="row")
        .join(_once(known, source_kind), on="line_id", suffix="_stored")
    )
    other = ~pl.col("alone") & (pl.col("text") != pl.col("text_stored"))
    told = both.with_columns(told_text=pl.when(other).then("text"))
    return told.sort("row").select("incoming_id", "line_id", "bank_ref", "told_text")


def _once(known: pl.DataFrame, source_kind: str) -> pl.DataFrame:
    """Stored lines, one row each; `alone` says that this source and no other told it."""
    lines = known.with_columns(alone=(pl.col("source") == source_kind).all().over("line_id"))
    return lines.unique("line_id", keep="last", maintain_order=True).drop("told_text")


def _changed(
    rows: pl.DataFrame, pairs: pl.DataFrame, known: pl.DataFrame, source_kind: str, *, complete: bool
) -> pl.DataFrame:
    """Rows whose source now tells something else of its line; what it leaves out now is no change.

    A line of two sources keeps the words it was first told in, or each sync would turn them round; the
    other source only fills in what is missing. The running balance follows the complete fetch: it alone
    knows what was put in before the line since then.
    """
    both = (
        rows.drop("line_id")
        .join(pairs, on="row")
        .join(_once(known, source_kind), on="line_id", suffix="_stored")
    )
    may = {name: pl.col("alone") | pl.col(f"{name}_stored").is_null() for name in TOLD}
    if complete:
        may["balance_minor"] = pl.lit(True)
    told = both.with_columns(
        pl.when(may[name]).then(pl.coalesce(name, f"{name}_stored")).otherwise(f"{name}_stored").alias(name)
        for name in TOLD
    )
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_stored")) for name in TOLD]
    return told.filter(pl.any_horizontal(differs)).sort("row").select(*INCOMING)


def _missing(
    known: pl.DataFrame, pairs: pl.DataFrame, held: list[str], period: pairing.Period
) -> pl.DataFrame:
    """Standing lines that a complete fetch lacks, whoever told them."""
    return known.filter(
        pl.col("withdrawn_at").is_null(),
        period.holds(gone=True),
        ~pl.col("line_id").is_in([*pairs["line_id"], *held]),
    )


def _conflict_words(held: pl.DataFrame) -> pl.DataFrame:
    rows = [
        finding(
            "error",
            "reference_conflict",
            f"account {row['account_id']}, {row['booking_date']}",
            f"The bank sent its reference {row['bank_ref']} again with another amount or day. "
            "The line was held back and nothing was changed; ask the bank which one stands.",
            row["amount_minor"],
        )
        for row in held.iter_rows(named=True)
    ]
    return findings_frame(rows)


def _disputed_words(disputed: pl.DataFrame) -> pl.DataFrame:
    rows = [
        finding(
            "warning",
            "missing_at_source",
            f"line {row['line_id']}, {row['booking_date']}",
            "The bank does not send this line, but a file holds it. It was kept; look at it.",
            row["amount_minor"],
        )
        for row in disputed.unique("line_id").sort("line_id").iter_rows(named=True)
    ]
    return findings_frame(rows)


def _told_again_words(told_again: list[str], known: pl.DataFrame) -> pl.DataFrame:
    lines = known.filter(pl.col("line_id").is_in(told_again)).unique("line_id").sort("line_id")
    rows = [
        finding(
            "warning",
            "withdrawn_at_bank",
            f"line {row['line_id']}, {row['booking_date']}",
            f"The file holds a line that the bank took back on {row['withdrawn_at']:%d %B %Y}. It stays "
            "withdrawn until the bank itself shows it again.",
            row["amount_minor"],
        )
        for row in lines.iter_rows(named=True)
    ]
    return findings_frame(rows)


def _id(*parts: object) -> str:
    return "l_" + _digest(*parts)


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join([RULE, *map(str, parts)]).encode()).hexdigest()[:16]
