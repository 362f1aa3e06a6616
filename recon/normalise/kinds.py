"""What kind of movement a bank text tells of: a table of conventions anybody can extend.

The first row of which a phrase is found in the folded text decides. Heuristics, not a standard: collected
from Danish bank help pages, public parsers and sample rows.
"""

from __future__ import annotations

import polars as pl

from recon.text import fold

# Kind, the direction it needs (+, - or either), phrases between commas; `^` asks for the beginning of the text.
CONVENTIONS: tuple[tuple[str, str, str], ...] = (
    ("fee", "-", "gebyr, gebyrer, kortgebyr, provision, kurtage, bank fee, avgift"),
    ("interest", "", "rente, renter, debetrente, kreditrente, ranta, interest"),
    (
        "direct_debit",
        "",
        "^bs, ^bgs, ^pbs, ^ls, bs betaling, betalingsservice, leverandoerservice, bs erhverv, autogiro",
    ),
    (
        "card",
        "-",
        "dankort nota, dankort, dk nota, visa dankort, visa koeb, visa, kortkoeb, kortkop, mc visa, mastercard, vdk",
    ),
    (
        "payout",
        "+",
        "nets, teller, bambora, clearhaus, quickpay, stripe, adyen, worldline, mobilepay myshop, vipps mobilepay",
    ),
    (
        "transfer",
        "",
        "overfoersel, straksoverfoersel, loenoverfoersel, overforing, overforsel, transfer, indbetaling, "
        "indbetalingskort, udbetaling, fik, fi kort, ^fra, ^til",
    ),
)


def guess_kind(text: pl.Series, amount_minor: pl.Series) -> pl.Series:
    """The kind by the table above; `unknown` where no row fits."""
    frame = pl.DataFrame({"text": text, "amount": amount_minor})
    # Folded text is words with single blanks, so a phrase between blanks is whole words; `^` marks the start.
    words = frame.with_columns(text="^ " + fold(pl.col("text")) + " ")
    kind = pl.lit(None, dtype=pl.String)
    for name, sign, phrases in reversed(CONVENTIONS):
        found = pl.col("text").str.contains_any(_between_blanks(phrases))
        if sign:
            found &= pl.col("amount") >= 0 if sign == "+" else pl.col("amount") <= 0
        kind = pl.when(found).then(pl.lit(name)).otherwise(kind)
    return words.select(kind=kind.fill_null("unknown"))["kind"]


def _between_blanks(phrases: str) -> list[str]:
    words = [phrase.strip() for phrase in phrases.split(",")]
    return [f"^ {word[1:]} " if word.startswith("^") else f" {word} " for word in words]
