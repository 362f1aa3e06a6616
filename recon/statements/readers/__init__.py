"""Bank files → Statement, recognised by content and never by name.

In: a path or bytes. Out: `recon.schema.Statement`. Never: half a file.
This version reads camt.052, .053 and .054; other formats are named in the refusal.
"""

from __future__ import annotations

from pathlib import Path

from recon.disk import read_bounded
from recon.errors import DataRefused
from recon.schema import Statement
from recon.statements.readers.camt import find_message, read_camt
from recon.statements.readers.recognise import looks_like_statement, what_it_looks_like
from recon.statements.readers.xml import MAX_BYTES, read_xml

__all__ = ["looks_like_statement", "read_statement", "read_statement_bytes"]


def read_statement(
    path: str | Path, currency: str | None = None, account_id: str | None = None, profile: str | None = None
) -> Statement:
    """Read the bank statements in a file.

    currency, account_id: for a file that does not state its own. profile: the name of a CSV layout; camt has
    one layout and needs none. Returns lines (LINES, one per booked entry, `references` left to normalising),
    parts, expected, balances, findings and accounts, in file order.
    Raises DataRefused for a file that holds no statement or cannot be trusted; nothing of it is returned.
    """
    path = Path(path)
    data = read_bounded(path, MAX_BYTES)
    return read_statement_bytes(data, path.name, currency, account_id, profile)


def read_statement_bytes(
    data: bytes,
    name: str,
    currency: str | None = None,
    account_id: str | None = None,
    profile: str | None = None,
) -> Statement:
    """As `read_statement`, from bytes; `name` is the file's, for words and for an account it does not name."""
    kind = what_it_looks_like(data)
    if kind != "XML":
        raise DataRefused(
            f"“{name}” {_IS.get(kind, f'looks like {kind}')}; this version reads camt.052, .053 and .054 "
            "statements. Nothing was imported; ask the bank for camt.",
            file=name,
            looks_like=kind,
        )
    root = read_xml(data, name)
    if find_message(root) is None:
        raise DataRefused(
            f"“{name}” is XML with the root “{root.tag[:60]}” and holds no camt statement. "
            "Nothing was imported; invoices belong under Documents.",
            file=name,
            looks_like=root.tag[:60],
        )
    return read_camt(root, name, currency, account_id)


_IS = {"empty": "is empty", "binary": "is a binary file"}
