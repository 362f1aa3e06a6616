"""What is to be matched, made ready once: numbered, folded, and with its keys beside it.

In: LINES and ITEMS as normalised, PARTS if any. Out: a Book of frames with whole numbers for lines `l` and
documents `i` in the order of their ids, parties `p`, names `n`, spellings `s`, amounts `a` and currencies `c`,
so that no later step depends on the order of rows received or compares a text twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from recon.match.whole import Whole
from recon.references import printed_form
from recon.schema import PARTS, conform
from recon.text import account_key, name_fold, name_key

# Words that tell how money moved, not who moved it.
_MOVEMENT = (
    r"(?-u:\b)(?:overførsel|overfoersel|straksoverførsel|överföring|overføring|indbetaling|innbetaling|inbetalning|"
    r"indbetalingskort|betaling|betalning|bs|bgs|pbs|dankort|nota|dk|visa|køb|koeb|mc|vdk|fra|til|från|mobilepay|swish|"
    r"vipps|fik|faktura|fakt|fak|fakturanr|nr|kontooverførsel|transfer|payment|invoice|inv|vedr|vedrørende|og|ref|kid|ocr|"
    r"bankgiro|bg|pg|giro|iban|konto|kto|sepa|lb|lev|kunde|kundenr|kontonr|netbank|tilisiirto|viite|maksu)(?-u:\b)"
)


@dataclass(frozen=True)
class Book:
    """lines: LINES + `l c a day s account_key original_c original_a`, `s` the spelling of who is named, null where
    nobody is.
    items: ITEMS + `i c a p n account_key anchor open` (settled ones too, `open` false).
    spellings: `s who named`. names: `n name name_key`. parties: `p party`. parts: PARTS + `l references`.
    rejected: `l item_id` never to be proposed. whole: of the ledger these are taken from; None where they are all."""

    lines: pl.DataFrame
    items: pl.DataFrame
    spellings: pl.DataFrame
    names: pl.DataFrame
    parties: pl.DataFrame
    currencies: pl.DataFrame
    parts: pl.DataFrame
    rejected: pl.DataFrame
    whole: Whole | None = None

    @property
    def last_day(self) -> int:
        """Of the last line there is, days since 1970; 0 without any."""
        elsewhere = self.whole.last_day if self.whole else 0
        return max([elsewhere, *self.lines["day"].top_k(1).to_list()])

    @property
    def open_items(self) -> pl.DataFrame:
        return self.items.filter("open")


def open_book(
    lines: pl.DataFrame,
    items: pl.DataFrame,
    parts: pl.DataFrame | None,
    rejected: pl.DataFrame,
    whole: Whole | None = None,
) -> Book:
    """The Book of these frames. Lines of amount zero stay lines and simply find nothing."""
    currencies = _numbers(pl.concat([lines["currency"], items["currency"]]), "currency", "c", pl.UInt8)
    amounts = _amounts(items, currencies)
    ready, spellings = _with_spellings(lines.sort("line_id").with_row_index("l"))
    ready = ready.with_columns(
        day=pl.col("booking_date").to_physical(),
        # Banks give the original amount without its sign.
        _original=pl.col("original_minor").abs() * pl.col("amount_minor").sign(),
    )
    ready = _counted(ready, currencies, amounts, "currency", "amount_minor", ("c", "a"))
    ready = _counted(
        ready, currencies, amounts, "original_currency", "_original", ("original_c", "original_a")
    )
    ready_items, names, parties = _ready_items(items)
    numbers = ready.select("line_id", "l")
    return Book(
        lines=ready.with_columns(account_key=_once("counterparty_account", ready, account_key)),
        items=_counted(ready_items, currencies, amounts, "currency", "open_minor", ("c", "a")),
        spellings=spellings,
        names=names,
        parties=parties,
        currencies=currencies,
        parts=_ready_parts(parts, numbers),
        rejected=rejected.join(numbers, on="line_id").select("l", "item_id").unique().sort("l", "item_id"),
        whole=whole,
    )


def _numbers(values: pl.Series, name: str, number: str, dtype: type[pl.DataType] = pl.UInt32) -> pl.DataFrame:
    """`name number`: distinct values in their order."""
    distinct = values.unique().drop_nulls().sort().alias(name)
    return distinct.to_frame().with_row_index(number).with_columns(pl.col(number).cast(dtype))


def _once(column: str, frame: pl.DataFrame, how: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """A text column worked on once for each distinct text."""
    distinct = frame.select(column).unique().drop_nulls().with_columns(made=how(pl.col(column)))
    return frame.select(column).join(distinct, on=column, how="left", maintain_order="left")["made"]


def _amounts(items: pl.DataFrame, currencies: pl.DataFrame) -> pl.DataFrame:
    """`c minor a`: a number for each amount and currency that documents ask for."""
    asked = items.filter(pl.col("open_minor") != 0).join(currencies, on="currency")
    distinct = asked.select("c", minor="open_minor").unique().sort("c", "minor")
    return distinct.with_row_index("a")


def _counted(
    frame: pl.DataFrame,
    currencies: pl.DataFrame,
    amounts: pl.DataFrame,
    currency: str,
    minor: str,
    names: tuple[str, str],
) -> pl.DataFrame:
    """The frame with the numbers of its currency and of its amount, null where no document asks for that."""
    c, a = names
    numbered = frame.join(
        currencies.rename({"c": c, "currency": currency}), on=currency, how="left", maintain_order="left"
    )
    return numbered.join(
        amounts.rename({"c": c, "minor": minor, "a": a}), on=[c, minor], how="left", maintain_order="left"
    )


def _with_spellings(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines with `s`, and the spellings."""
    folded = lines.select("l").with_columns(
        who=spelled(lines), named=lines["counterparty_name"].is_not_null()
    )
    spellings = folded.select("who", "named").drop_nulls("who").unique().sort("who", "named")
    spellings = spellings.with_row_index("s")
    numbered = folded.join(spellings, on=["who", "named"], how="left", maintain_order="left")
    return lines.with_columns(numbered["s"]), spellings


def spelled(lines: pl.DataFrame) -> pl.Series:
    """Who a line names, folded: the bank's own field for the other party, else what words of the text remain."""
    words = (
        pl.col("text")
        .str.to_lowercase()
        .str.replace_all(r"[0-9]+", " ")
        .str.replace_all(_MOVEMENT, " ")
        .str.replace_all(r"[ .,:;/+#<>*_-]+", " ")
        .str.strip_chars(" ")
    )
    told = pl.col("counterparty_name")
    raw = lines.select(spelled=pl.when(told.is_not_null()).then(told).otherwise(words))
    return _once("spelled", raw, name_fold).alias("who")


def _ready_items(items: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    ready = items.sort("item_id").with_row_index("i")
    ready = ready.with_columns(name=_once("counterparty_name", ready, name_fold))
    names = _numbers(ready["name"], "name", "n").with_columns(name_key=name_key(pl.col("name")))
    ready = ready.join(names, on="name", how="left", maintain_order="left")
    ready = ready.with_columns(
        account_key=_once("counterparty_account", ready, account_key),
        anchor=pl.coalesce("due_date", "issue_date"),
        open=pl.col("open_minor") != 0,
        printed=_once("payment_reference", ready, printed_form),
        party=pl.coalesce("counterparty_id", "name:" + pl.col("name_key")),
    )
    parties = _numbers(ready["party"], "party", "p")
    ready = ready.join(parties, on="party", how="left", maintain_order="left")
    ready = ready.with_columns(anchor_day=pl.col("anchor").to_physical())
    return ready.drop("name", "name_key"), names, parties


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
