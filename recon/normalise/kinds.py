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


def guess_kind(text: pl.Expr, amount_minor: pl.Expr) -> pl.Expr:
    """The kind by the table above; `unknown` where no row fits."""
    folded = fold(text)
    kind = pl.lit(None, dtype=pl.String)
    for name, sign, phrases in reversed(CONVENTIONS):
        found = folded.str.contains(_pattern(phrases))
        if sign:
            found &= amount_minor >= 0 if sign == "+" else amount_minor <= 0
        kind = pl.when(found).then(pl.lit(name)).otherwise(kind)
    return kind.fill_null("unknown")


def _pattern(phrases: str) -> str:
    words = [phrase.strip() for phrase in phrases.split(",")]
    anywhere = "|".join(word for word in words if not word.startswith("^"))
    first = "|".join(word[1:] for word in words if word.startswith("^"))
    return rf"\b(?:{anywhere})\b" + (rf"|^(?:{first})\b" if first else "")
