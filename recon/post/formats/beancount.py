"""A Beancount file: every voucher a transaction, every account opened on its first day.

    2026-01-05 * "Nordic Customer A/S" "Invoice 1042" ^j_0123456789abcdef
      voucher: "1"
      Assets:5820-Bank-operations  95.00 DKK
        line: "l1"
      Assets:5600-Debtors  -100.00 DKK
        document: "1042"

Source: https://beancount.github.io/docs/beancount_language_syntax.html. Checked by `bean-check`.
"""

from __future__ import annotations

from typing import Any

from recon.money import plain
from recon.post.formats.export import Export, Format
from recon.post.formats.ledger_names import first_used, ledger_name, one_line
from recon.post.formats.vouchers import Voucher, vouchers


def _write(export: Export) -> bytes:
    some = list(vouchers(export))
    head = [f'option "title" {_quoted(f"Bank reconciliation {export.batch}")}']
    currencies = sorted(export.postings["currency"].unique())
    head += [f'option "operating_currency" "{currency}"' for currency in currencies]
    opened = [f"{voucher.date} open {name}" for name, voucher in first_used(some).items()]
    blocks = ["\n".join(head), "\n".join(opened), *map(_transaction, some)]
    return ("\n\n".join(block for block in blocks if block) + "\n").encode()


def _transaction(voucher: Voucher) -> str:
    words = [_quoted(voucher.payee), _quoted(voucher.text)] if voucher.payee else [_quoted(voucher.text)]
    told = [f"{voucher.date} * {' '.join(words)} ^{voucher.journal_id}", f'  voucher: "{voucher.number}"']
    return "\n".join([*told, *map(_posting, voucher.entries)])


def _posting(entry: dict[str, Any]) -> str:
    amount = f"{plain(entry['signed'], entry['currency'])} {entry['currency']}"
    told = [f"  {ledger_name(entry)}  {amount}"]
    for key, column in (("line", "line_id"), ("document", "document_no")):
        if entry[column]:
            told.append(f"    {key}: {_quoted(entry[column])}")
    return "\n".join(told)


def _quoted(text: str | None) -> str:
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


BEANCOUNT = Format(
    name="Beancount",
    extension="beancount",
    media_type="text/plain",
    how_to="Include the file in your ledger, or open it with fava; it opens the accounts that it uses.",
    writer=_write,
)
