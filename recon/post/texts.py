"""What a posting says: expressions that word the legs of a journal, `en` or `da`, plain or Fenerum's way.

In: columns of a leg (`item_kind document_no item_party item_currency …`, see legs.py). Out: text
expressions. Never: amounts or accounts chosen here; a text explains a posting, it decides nothing.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

import polars as pl

from recon.errors import UsageError
from recon.post.amounts import amount_text
from recon.post.chart import Roles

Style = Literal["plain", "fenerum"]
SHOWN = 3
"""So many documents are named in a bank entry's text; the rest is counted."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "invoice": "Invoice",
        "credit_note": "Credit note",
        "bill": "Bill",
        "bill_credit": "Supplier credit note",
        "payout": "Payout",
        "transfer": "Own transfer",
        "bank_fees": "Bank fee",
        "write_off": "Rounding",
        "fx_difference": "Exchange difference",
        "overpaid": "Unplaced payment",
        "discount": "Discount",
        "booking": "Bank line",
        "more": "and {} more",
        "reversal": "Reversal of",
    },
    "da": {
        "invoice": "Faktura",
        "credit_note": "Kreditnota",
        "bill": "Leverandørfaktura",
        "bill_credit": "Leverandørkreditnota",
        "payout": "Udbetaling",
        "transfer": "Egen overførsel",
        "bank_fees": "Bankgebyr",
        "write_off": "Afrunding",
        "fx_difference": "Kursdifference",
        "overpaid": "Uplaceret betaling",
        "discount": "Rabat",
        "booking": "Banklinje",
        "more": "og {} flere",
        "reversal": "Tilbageførsel af",
    },
}


def words(language: str) -> dict[str, str]:
    """The words of a language. Raises UsageError for one we do not write."""
    if language not in WORDS:
        raise UsageError(f"Posting texts can be written in {' or '.join(WORDS)}, not in “{language}”.")
    return WORDS[language]


def leg_what(roles: Roles, style: Style, language: str) -> pl.Expr:
    """What a leg pays: `Invoice 1042`, `Bank fee`, `Own transfer`; null where the bank's text is best."""
    named = words(language)
    played = {account: named[role] for role, account in reversed(asdict(roles).items()) if role in named}
    document = pl.col("item_kind").replace_strict(named, default=None) + " " + pl.col("document_no")
    plain = (
        pl.when(pl.col("item_id").str.starts_with("line:"))
        .then(pl.lit(named["transfer"]))
        .when(pl.col("item_id").str.starts_with("account:"))
        .then(pl.col("counter_account").replace_strict(played, default=None))
        .otherwise(document)
    )
    if style == "plain":
        return plain
    if style == "fenerum":
        return pl.coalesce(_fenerum(), plain)
    raise UsageError(f"Posting texts can be plain or fenerum, not “{style}”.")


def leg_who(style: Style) -> pl.Expr:
    """Whom a leg is with: the document's party, our other account, else the bank's counterparty."""
    party = pl.coalesce(filled("item_party"), filled("other_account"), filled("line_party"))
    return party if style == "plain" else pl.when(_fenerum().is_null()).then(party)


def leg_text(language: str) -> pl.Expr:
    """The counter entry's text from `what` and `who`, with the sum in the document's currency if another."""
    foreign = pl.when(pl.col("item_currency") != pl.col("currency")).then(
        amount_text("item_amount_minor", "item_currency") + " " + pl.col("item_currency")
    )
    worded = pl.concat_str("what", "who", foreign, separator=" · ", ignore_nulls=True)
    return _one_line(pl.when(pl.col("what").is_not_null()).then(worded).otherwise(_bank_words(language)))


def bank_text(language: str) -> pl.Expr:
    """The bank entry's text, over the legs of one line: `Invoice 1042, Invoice 1043 · Nordic A/S`."""
    more = pl.lit(" ") + pl.format(words(language)["more"], pl.len() - SHOWN)
    what = pl.coalesce("what", _bank_words(language)).head(SHOWN).str.join(", ")
    named = pl.when(pl.len() > SHOWN).then(what + more).otherwise(what)
    parties = pl.col("who").filter(pl.col("what").is_not_null()).drop_nulls().unique(maintain_order=True)
    who = (
        pl.when(parties.len() == 1)
        .then(parties.first())
        .when(parties.len() > 1)
        .then(filled("line_party").first())
    )
    return _one_line(pl.concat_str(named, who, separator=" · ", ignore_nulls=True))


def _fenerum() -> pl.Expr:
    """Fenerum's wording of customer and supplier payments; null for anything else (file-formats.md 8.3)."""
    title = pl.col("item_kind").replace_strict(
        {"invoice": "Invoice", "credit_note": "Credit Note"}, default=None, return_dtype=pl.String
    )
    way = (
        pl.when(pl.col("line_minor").sign() != pl.col("amount_minor").sign())
        .then(pl.lit("Settlement Payment"))
        .when(pl.col("amount_minor") < 0)
        .then(pl.lit("Refund"))
        .when(pl.col("line_kind") == "card")
        .then(pl.lit("Credit Card"))
        .otherwise(pl.lit("Bank Transfer"))
    )
    customer = pl.format("{} - {} {} - Transaction {}", way, title, "document_no", "line_id")
    supplier = pl.concat_str(
        pl.lit("Supplier Payment:"), "item_party", "document_no", separator=" ", ignore_nulls=True
    )
    return (
        pl.when(title.is_not_null())
        .then(customer)
        .when(pl.col("item_kind").is_in(["bill", "bill_credit"]))
        .then(supplier)
    )


def _bank_words(language: str) -> pl.Expr:
    """The bank's own text of the line, else its counterparty, else a bare word."""
    return pl.coalesce(filled("line_text"), filled("line_party"), pl.lit(words(language)["booking"]))


def filled(column: str | pl.Expr) -> pl.Expr:
    """The text without outer blanks; blank is as good as not given, so it becomes null."""
    stripped = (pl.col(column) if isinstance(column, str) else column).str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def _one_line(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"\s+", " ").str.strip_chars()
