"""What is to be matched, made ready once: numbered, folded, and with its keys beside it.

In: LINES and ITEMS as normalised, PARTS if any. Out: a Book of frames with integer ids `l` and `i` in the
order of `line_id` and `item_id`, so that no later step depends on the order of rows received.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from recon.references import JOINED, national_key, printed_form, reference_key
from recon.schema import PARTS, conform
from recon.text import account_key, compact, fold, name_fold, name_key

# Words that tell how money moved, not who moved it.
_MOVEMENT = (
    r"\b(?:overfoersel|straksoverfoersel|overforing|indbetaling|indbetalingskort|betaling|bs betaling|bs|bgs|pbs"
    r"|dankort nota|dk nota|dankort|visa koeb|kortkoeb|visa|mc|vdk|nota|fra|til|mobilepay|mob pay|fik|faktura"
    r"|fakt|fak|nr|kontooverfoersel|transfer|payment|invoice|inv|vedr|vedroerende|og)\b"
)


@dataclass(frozen=True)
class Book:
    """lines: LINES + `l who who_key named account_key plain_text`. items: ITEMS + `i party name name_key account_key
    anchor open` (settled ones too, `open` false). line_keys: `l key trust`. item_keys: `i key role`.
    parts: PARTS + `l references`. rejected: `l item_id` never to be proposed."""

    lines: pl.DataFrame
    items: pl.DataFrame
    line_keys: pl.DataFrame
    item_keys: pl.DataFrame
    parts: pl.DataFrame
    rejected: pl.DataFrame

    @property
    def open_items(self) -> pl.DataFrame:
        return self.items.filter("open")


def open_book(
    lines: pl.DataFrame, items: pl.DataFrame, parts: pl.DataFrame | None, rejected: pl.DataFrame
) -> Book:
    """The Book of these frames. Lines of amount zero stay lines and simply find nothing."""
    ready = _ready_lines(lines)
    ready_items = _ready_items(items)
    numbers = ready.select("line_id", "l")
    ready_parts = _ready_parts(parts, numbers)
    return Book(
        lines=ready,
        items=ready_items,
        line_keys=_line_keys(ready, ready_parts),
        item_keys=_item_keys(ready_items),
        parts=ready_parts,
        rejected=rejected.join(numbers, on="line_id").select("l", "item_id").unique().sort("l", "item_id"),
    )


def _ready_lines(lines: pl.DataFrame) -> pl.DataFrame:
    without_movement = (
        fold(pl.col("text"))
        .str.replace_all(_MOVEMENT, " ")
        .str.replace_all(r"\b\d+\b", " ")
        .str.replace_all(r" +", " ")
        .str.strip_chars(" ")
    )
    named = pl.col("counterparty_name").is_not_null()
    # Each distinct spelling is folded once.
    spellings = lines.select("text", "counterparty_name").unique()
    folded = spellings.with_columns(
        who=pl.coalesce(name_fold(pl.col("counterparty_name")), name_fold(without_movement)),
        plain_text=name_fold(pl.col("text")),
        text_compact=compact(pl.col("text")),
    ).with_columns(who_key=name_key(pl.col("who")))
    return (
        lines.sort("line_id")
        .with_row_index("l")
        .join(folded, on=["text", "counterparty_name"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(named=named, account_key=account_key(pl.col("counterparty_account")))
    )


def _ready_items(items: pl.DataFrame) -> pl.DataFrame:
    ready = items.sort("item_id").with_row_index("i")
    ready = ready.with_columns(name=name_fold(pl.col("counterparty_name")))
    ready = ready.with_columns(
        name_key=name_key(pl.col("name")),
        account_key=account_key(pl.col("counterparty_account")),
        anchor=pl.coalesce("due_date", "issue_date"),
        open=pl.col("open_minor") != 0,
        printed=printed_form(pl.col("payment_reference")),
    )
    return ready.with_columns(party=pl.coalesce("counterparty_id", pl.format("name:{}", "name_key")))


def _ready_parts(parts: pl.DataFrame | None, numbers: pl.DataFrame) -> pl.DataFrame:
    if parts is None:
        columns = {
            "part_id": pl.String, "l": pl.UInt32, "amount_minor": pl.Int64, "counterparty_name": pl.String,
            "references": pl.List(pl.String),
        }  # fmt: skip
        return pl.DataFrame(schema=columns)
    if "references" not in parts.columns:
        parts = conform(parts, PARTS)
        ids = pl.concat_list("creditor_reference", "end_to_end_id").list.drop_nulls()
        parts = parts.with_columns(references=ids)
    return parts.join(numbers, on="line_id").sort("part_id")


def _line_keys(lines: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """`l key trust`: 0 structured, 1 found whole, 2 joined over blanks; the best trust of each key."""
    structured = lines.select("l", key=reference_key(pl.col("creditor_reference")), trust=pl.lit(0, pl.Int8))
    listed = pl.concat([lines.select("l", "references"), parts.select("l", "references")]).explode(
        "references", empty_as_null=False, keep_nulls=False
    )
    found = listed.select(
        "l",
        key=reference_key(pl.col("references")),
        trust=pl.col("references").str.starts_with(JOINED).cast(pl.Int8) + 1,
    )
    keys = pl.concat([structured, found]).drop_nulls()
    inside = keys.with_columns(key=national_key(pl.col("key"))).drop_nulls()
    return pl.concat([keys, inside]).group_by("l", "key").agg(pl.col("trust").min()).sort("l", "key")


def _item_keys(items: pl.DataFrame) -> pl.DataFrame:
    """`i key role`: reference, document (its whole number or digits) or tail (its last group of digits)."""
    reference = items.select("i", key=reference_key(pl.col("payment_reference")), role=pl.lit("reference"))
    national = reference.with_columns(key=national_key(pl.col("key")))
    whole = items.select("i", key=reference_key(pl.col("document_no")), role=pl.lit("document"))
    digits = items.select(
        "i",
        key=pl.col("document_no").str.replace_all(r"\D", "").str.strip_chars_start("0"),
        role=pl.lit("document"),
    ).filter(pl.col("key").str.len_chars() >= 4)
    tail = items.select(
        "i",
        key=pl.col("document_no").str.extract(r"\D(\d{4,})$", 1).str.strip_chars_start("0"),
        role=pl.lit("tail"),
    ).filter(pl.col("key").str.len_chars() >= 4)
    order = {"reference": 0, "document": 1, "tail": 2}
    keys = pl.concat([reference, national, whole, digits, tail]).drop_nulls().filter(pl.col("key") != "")
    return (
        keys.with_columns(order=pl.col("role").replace_strict(order, return_dtype=pl.Int8))
        .sort("i", "key", "order")
        .unique(["i", "key"], keep="first", maintain_order=True)
        .drop("order")
    )
