"""An hledger journal: every voucher a transaction, every account and currency declared.

    2026-01-05 * (1) Nordic Customer A/S | Invoice 1042  ; journal:j_0123456789abcdef
        Assets:5820-Bank-operations  95.00 DKK  ; line:l1
        Assets:5600-Debtors  -100.00 DKK  ; document:1042

Source: https://hledger.org/hledger.html#journal. Checked by `hledger check --strict`.
"""

from __future__ import annotations

from typing import Any

from recon.money import minor_digits, plain
from recon.post.formats.export import Export, Format
from recon.post.formats.ledger_names import first_used, ledger_name, one_line
from recon.post.formats.vouchers import Voucher, vouchers


def _write(export: Export) -> bytes:
    some = list(vouchers(export))
    currencies = sorted(export.postings["currency"].unique())
    blocks = [
        f"; Bank reconciliation {_free(export.batch)}\ndecimal-mark .",
        "\n".join(f"commodity {_sample(currency)}" for currency in currencies),
        "\n".join(f"account {name}" for name in first_used(some)),
        *map(_transaction, some),
    ]
    return ("\n\n".join(block for block in blocks if block) + "\n").encode()


def _transaction(voucher: Voucher) -> str:
    words = f"{_free(voucher.payee)} | {_free(voucher.text)}" if voucher.payee else _free(voucher.text)
    head = f"{voucher.date} * ({voucher.number}) {words}  ; journal:{voucher.journal_id}"
    return "\n".join([head, *map(_posting, voucher.entries)])


def _posting(entry: dict[str, Any]) -> str:
    amount = f"{plain(entry['signed'], entry['currency'])} {entry['currency']}"
    tags = [f"line:{_tag(entry['line_id'])}"] if entry["line_id"] else []
    tags += [f"document:{_tag(entry['document_no'])}"] if entry["document_no"] else []
    return f"    {ledger_name(entry)}  {amount}" + (f"  ; {', '.join(tags)}" if tags else "")


def _sample(currency: str) -> str:
    """How amounts of a currency are written: `1000.00 DKK`, `1000. JPY`."""
    digits = minor_digits(currency)
    return f"1000.{'0' * digits} {currency}"


def _free(text: str | None) -> str:
    """Text that ends no description: a semicolon would begin a comment, a bar the payee's end."""
    return one_line(text).replace(";", ",").replace("|", "/")


def _tag(text: str) -> str:
    """A tag's value ends at a comma."""
    return one_line(text).replace(",", " ")


HLEDGER = Format(
    name="hledger",
    extension="journal",
    media_type="text/plain",
    how_to="Include the file in your journal; it declares the accounts and currencies that it uses.",
    writer=_write,
)
