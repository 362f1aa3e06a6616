"""Bank files → Statement, recognised by content and never by name.

In: a path or bytes. Out: `recon.schema.Statement`. Never: half a file.
"""

from __future__ import annotations

from pathlib import Path

from recon.archive import read_zip
from recon.disk import read_bounded
from recon.errors import DataRefused
from recon.schema import Statement
from recon.statements.readers.camt import read_camt
from recon.statements.readers.csv_layout import Layout
from recon.statements.readers.csv_statement import looks_like_payments, read_csv_statement
from recon.statements.readers.mt940 import read_mt940
from recon.statements.readers.ofx import read_ofx
from recon.statements.readers.recognise import looks_like_message, what_it_looks_like
from recon.statements.readers.records import MAX_BYTES, Progress
from recon.statements.readers.zip_joined import joined

__all__ = [
    "MAX_BYTES",
    "looks_like_statement",
    "read_statement",
    "read_statement_bytes",
    "what_it_looks_like",
]


def looks_like_statement(data: bytes, name: str = "") -> bool:
    """Whether the bytes look like a bank statement: a message, a ZIP of files, or a table of payments."""
    return looks_like_message(data) or looks_like_payments(data, name)


def read_statement(
    path: str | Path,
    currency: str | None = None,
    account_id: str | None = None,
    profile: str | Layout | None = None,
    progress: Progress | None = None,
) -> Statement:
    """Read the bank statements in a file: camt.052/.053/.054, MT940/MT942, OFX/QFX, CSV or Excel, or a ZIP of these.

    currency, account_id: for a file that does not state its own. profile: the layout of a CSV or Excel file, or
    a layout's name; the other formats have one layout and need none. progress: told the share that has been
    read, for long files.
    Returns lines (LINES, one per booked entry, `references` left to normalising), parts, expected, balances,
    findings and accounts, in file order.
    Raises DataRefused for a file that holds no statement or cannot be trusted; nothing of it is returned.
    """
    path = Path(path)
    data = read_bounded(path, MAX_BYTES)
    return read_statement_bytes(data, path.name, currency, account_id, profile, progress)


def read_statement_bytes(
    data: bytes,
    name: str,
    currency: str | None = None,
    account_id: str | None = None,
    profile: str | Layout | None = None,
    progress: Progress | None = None,
) -> Statement:
    """As `read_statement`, from bytes; `name` is the file's, for words and for an account it does not name."""
    if len(data) > MAX_BYTES:
        raise DataRefused(
            f"“{name}” has {len(data):,} bytes; statements up to {MAX_BYTES:,} are read. Nothing was imported; "
            "ask the bank for a shorter period.",
            file=name,
        )
    kind = what_it_looks_like(data)
    match kind:
        case "XML":
            return read_camt(data, name, currency, account_id, progress)
        case "MT940":
            return read_mt940(data, name, currency, account_id, progress)
        case "OFX":
            return read_ofx(data, name, currency, account_id)
        case "CSV or text" | "Excel":
            return read_csv_statement(data, name, currency, account_id, profile)
        case "ZIP":
            return _read_zip(data, name, currency, account_id, profile, progress)
    raise DataRefused(
        f"“{name}” {_IS.get(kind, f'looks like {kind}')}; statements are read from camt.052, .053 and .054, "
        "MT940, MT942, OFX, QFX, CSV, Excel and ZIP files of these. Nothing was imported; ask the bank for one.",
        file=name,
        looks_like=kind,
    )


def _read_zip(
    data: bytes,
    name: str,
    currency: str | None,
    account_id: str | None,
    profile: str | Layout | None,
    progress: Progress | None,
) -> Statement:
    members = read_zip(data, name)
    read: dict[bytes, tuple[str, Statement]] = {}
    for done, (member, content) in enumerate(members, 1):
        if what_it_looks_like(content) == "ZIP":
            raise DataRefused(
                f"“{name}” holds another archive, {member}. Nothing was imported; unpack it first.", file=name
            )
        # The same file under two names is one file.
        if content not in read:
            try:
                read[content] = member, read_statement_bytes(content, member, currency, account_id, profile)
            except DataRefused as error:
                raise DataRefused(
                    f"“{name}” cannot be read whole: {error.words}", file=name, member=member
                ) from error
        if progress is not None:
            progress(done / len(members))
    return joined(list(read.values()), name)


_IS = {"empty": "is empty", "binary": "is a binary file"}
