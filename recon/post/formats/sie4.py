"""SIE 4I, the Swedish file for importing vouchers: CP437, CRLF, one `#VER` a voucher whose rows sum to zero.

    #VER "B" "1" 20260105 "Invoice 1042"
    {
    #TRANS 5820 {} 95.00 20260105 "Invoice 1042"
    #TRANS 5600 {} -100.00 20260105 "Invoice 1042"
    }

Source: SIE-gruppen, “SIE filformat”, edition 4B (https://sie.se). Amounts are in the one currency of the books.
What the character set lacks is written as `?`, and ø as ö, as Swedes write it. `#GEN` is the day of the last voucher,
so that the same batch gives the same bytes.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from recon.errors import UsageError
from recon.money import plain
from recon.post.formats.export import Export, Format
from recon.post.formats.ledger_names import one_line
from recon.post.formats.vouchers import Voucher, only_currency, vouchers

_SERIES = "B"
_ENCODING = "cp437"
_LETTERS = str.maketrans("øØ", "öÖ")


def _write(export: Export) -> bytes:
    currency = only_currency(export, "SIE")
    some = list(vouchers(export))
    made = max((voucher.date for voucher in some), default=date(2000, 1, 1))
    head = [
        "#FLAGGA 0",
        '#PROGRAM "recon" "1"',
        "#FORMAT PC8",
        f"#GEN {_day(made)}",
        "#SIETYP 4",
        f"#FNAMN {_quoted(export.company)}",
        *([f"#VALUTA {currency}"] if currency else []),
        *_accounts(some),
    ]
    lines = [*head, *(line for voucher in some for line in _voucher(voucher))]
    return ("\r\n".join(lines) + "\r\n").translate(_LETTERS).encode(_ENCODING, "replace")


def _accounts(some: list[Voucher]) -> list[str]:
    named = {entry["erp_account"]: entry["account_name"] for voucher in some for entry in voucher.entries}
    return [f"#KONTO {_number(account)} {_quoted(name)}" for account, name in sorted(named.items())]


def _voucher(voucher: Voucher) -> list[str]:
    head = f'#VER "{_SERIES}" "{voucher.number}" {_day(voucher.date)} {_quoted(voucher.text)}'
    return [head, "{", *map(_row, voucher.entries), "}"]


def _row(entry: dict[str, Any]) -> str:
    amount = plain(entry["signed"], entry["currency"])
    day, text = _day(entry["date"]), _quoted(entry["text"])
    return f"#TRANS {_number(entry['erp_account'])} {{}} {amount} {day} {text}"


def _number(account: str) -> str:
    if not account.isascii() or not account.isdigit():
        raise UsageError(
            f"SIE knows accounts by number, and “{account}” is none. Nothing was written; give it a number under "
            "Settings, or use another format."
        )
    return account


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"


def _quoted(text: str | None) -> str:
    return '"' + one_line(text).replace("\\", "/").replace('"', '\\"') + '"'


SIE4 = Format(
    name="SIE 4I",
    extension="si",
    media_type="text/plain",
    how_to="In a Swedish program, import the file as SIE type 4 vouchers; check the account numbers first.",
    writer=_write,
)
