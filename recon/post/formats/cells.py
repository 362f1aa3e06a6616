"""Text on its way into somebody's spreadsheet: made inert, quoted by RFC 4180, account numbers masked.

In: frames whose text came from banks and senders of invoices. Out: frames and bytes no spreadsheet runs.
Never: a change to a column named as a number; the store's own text, which stays as received.
"""

from __future__ import annotations

import io

import polars as pl
import polars.selectors as cs

_BREAKS = r"[\t\r\n\x0B\x0C\x{85}\x{2028}\x{2029}]+"
_UNSEEN = r"[\p{Cc}\p{Cf}\x{FFFE}\x{FFFF}]"
# Signs that begin a formula, with the twins a spreadsheet or its importer may fold into them. They count
# after blanks and quotes too, and after a separator: a file opened with the wrong one is cut there.
_FORMULA = r"(^|[;,|])([\s\"]*)([=+\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−])"
_ACCOUNT_NUMBERS = ("iban", "bban", "counterparty_account")


def inert(text: pl.Expr) -> pl.Expr:
    """Text in one line without unseen characters, with `'` before any sign that could begin a formula.

    Doing it twice changes nothing more. An amount is a number and must not come through here.
    """
    seen = text.str.replace_all(_BREAKS, " ").str.replace_all(_UNSEEN, "")
    return seen.str.replace_all(_FORMULA, "${1}${2}'${3}")


def inert_frame(frame: pl.DataFrame, numbers: tuple[str, ...] = ()) -> pl.DataFrame:
    """The frame with all text inert, except the columns in `numbers`: amounts we wrote as text ourselves."""
    return frame.with_columns(inert(cs.string() - cs.by_name(*numbers, require_all=False)))


def masked(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with bank account numbers cut to their last four characters: `…4711`."""
    present = [name for name in _ACCOUNT_NUMBERS if name in frame.columns]
    return frame.with_columns(("…" + pl.col(name).str.tail(4)).alias(name) for name in present)


def csv_bytes(
    frame: pl.DataFrame,
    *,
    numbers: tuple[str, ...],
    separator: str = ",",
    dates: str = "%Y-%m-%d",
    bom: bool = False,
) -> bytes:
    """RFC 4180 in UTF-8: header, CRLF, quotes where needed and doubled inside; text inert, null empty."""
    out = io.BytesIO()
    inert_frame(frame, numbers).write_csv(
        out,
        separator=separator,
        line_terminator="\r\n",
        date_format=dates,
        include_bom=bom,
        quote_style="necessary",
    )
    return out.getvalue()
