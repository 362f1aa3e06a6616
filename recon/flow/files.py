"""Files in: statements and documents, recognised by content, each whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from recon.disk import read_bounded
from recon.documents import looks_like_documents, read_documents_bytes
from recon.flow.document_columns import kept_columns
from recon.flow.keep import keep_expected, keep_lines, under_known_accounts
from recon.flow.posting import post_decisions
from recon.flow.same_documents import under_known_ids
from recon.flow.statement_columns import is_table, kept_layout, named_layout
from recon.flow.workspace import Store, read_preferences
from recon.normalise.items import normalise_items
from recon.schema import Documents, Statement
from recon.statements.readers import MAX_BYTES, looks_like_statement, read_statement_bytes, what_it_looks_like
from recon.statements.readers.csv_layout import Layout
from recon.statements.readers.csv_statement import LayoutOpen
from recon.store import consents, documents, statements
from recon.store.database import Writer, new_id

Progress = Callable[[float], None]
"""Told the share of a long file that has been read, 0 to 1."""


@dataclass(frozen=True)
class File:
    """A file as it was given: its name and its bytes."""

    name: str
    content: bytes

    @property
    def hash(self) -> str:
        """SHA-256, by which the same file is known again."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Read:
    """A file read and not stored: a statement or documents, for a preview or an import.

    mapped: whether its columns are those that a person said, now or once of files with its titles.
    """

    file: File
    content: Statement | Documents
    mapped: bool = False

    @property
    def findings(self) -> pl.DataFrame:
        """FINDINGS of the reader."""
        return self.content.findings


@dataclass(frozen=True)
class Imported:
    """What one file brought: rows read, new and known; `again` says that the same bytes came before."""

    name: str
    format: str
    lines: int = 0
    items: int = 0
    new: int = 0
    known: int = 0
    again: bool = False
    findings: list[dict[str, Any]] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The contracted fields of `import --json`."""
        return {
            "path": self.name,
            "format": self.format,
            "lines": self.lines,
            "items": self.items,
            "new": self.new,
            "known": self.known,
            "findings": self.findings,
        }


def open_file(path: Path) -> File:
    """A file from disk. Raises DataRefused when it is not there, no file, or too large."""
    return File(str(path), read_bounded(path, MAX_BYTES))


def read_file(
    store: Store,
    file: File,
    *,
    currency: str | None = None,
    account_id: str | None = None,
    mapping: dict[str, str] | None = None,
    layout: Layout | str | None = None,
    progress: Progress | None = None,
) -> Read:
    """Read a statement or document file without storing anything. Raises DataRefused in one clear sentence.

    currency, account_id: for a file that names none. mapping: columns of a table of documents. layout: columns of a
    bank's CSV or Excel file, or the name of its bank's layout. Without them, what was said of such files before.
    """
    if mapping is None:
        said = _layout(store, file, layout)
        if said or _is_statement(file) or (layout and is_table(file.content)):
            statement = read_statement_bytes(file.content, file.name, currency, account_id, said, progress)
            return Read(file, statement, mapped=said is not None)
        mapping = kept_columns(store, file.content, file.name)
    if mapping or looks_like_documents(file.content, file.name):
        own = store.preferences().own_ids
        documents = read_documents_bytes(
            file.content, file.name, own_ids=own, currency=currency, mapping=mapping
        )
        return Read(file, documents, mapped=bool(mapping))
    statement = read_statement_bytes(file.content, file.name, currency, account_id, None, progress)
    if is_table(file.content):  # it has a day and an amount, as a list of invoices has too
        raise LayoutOpen(
            f"“{file.name}” could be a bank statement or a list of documents. Nothing was imported; say in the app "
            "which it is, or name the layout of its bank.",
            file=file.name,
        )
    return Read(file, statement)


def _layout(store: Store, file: File, layout: Layout | str | None) -> Layout | None:
    """The columns of a bank's table: as given, by the name of a bank, or as they were said before."""
    if layout is None:
        return kept_layout(store, file.content, file.name)
    said = named_layout(layout) if isinstance(layout, str) else layout
    return said if is_table(file.content) else None


def _is_statement(file: File) -> bool:
    """Every archive may be one of statements, so what is in it decides."""
    if what_it_looks_like(file.content) == "ZIP":
        return not looks_like_documents(file.content, file.name)
    return looks_like_statement(file.content, file.name)


def import_files(
    store: Store,
    files: Sequence[File | Path | str],
    *,
    by: str,
    currency: str | None = None,
    account_id: str | None = None,
    layout: Layout | str | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> list[Imported]:
    """Import files, all or none: every file is read and checked before the first row is written.

    currency, account_id, layout: as `read_file` takes them, for every file. progress: told the share of all files
    that has been read, and which one is read.
    """
    opened = [file if isinstance(file, File) else open_file(Path(file)) for file in files]
    read = []
    for done, file in enumerate(opened):
        tell = _share_of_all(progress, done, len(opened), file)
        read.append(
            read_file(store, file, currency=currency, account_id=account_id, layout=layout, progress=tell)
        )
    return import_read(store, read, by=by)


def _share_of_all(
    progress: Callable[[float, str], None] | None, done: int, files: int, file: File
) -> Progress | None:
    """A file's own share, told as the share of all files."""
    if progress is None:
        return None
    words = f"reading {Path(file.name).name}"
    return lambda share: progress((done + share) / files, words)


def import_read(store: Store, read: Sequence[Read], *, by: str) -> list[Imported]:
    """Store files that were read before, in one transaction. The same bytes again add nothing and say so."""
    with store.database.write(by) as writer:
        done = [_import(writer, one) for one in read]
        if any(one.new for one in done):
            post_decisions(writer, read_preferences(writer.c, store.settings.language).policy.language)
    return done


def _import(writer: Writer, read: Read) -> Imported:
    before = statements.same_import(writer.c, read.file.hash)
    findings = read.findings
    if isinstance(read.content, Statement):
        rows, new = _keep_statement(writer, read.content)
        answer = Imported(read.file.name, read.content.format, lines=rows, new=new, known=rows - new)
    else:
        told = normalise_items(read.content.items)
        items, met = under_known_ids(told, documents.items(writer.c))
        new, _ = documents.put_items(writer.c, items, writer.at)
        rows = told.height
        answer = Imported(read.file.name, read.content.format, items=rows, new=new, known=rows - new)
        findings = findings.vstack(met)
    found = findings.to_dicts()
    if before:
        found.append(_known_file(before))
    else:
        statements.add_findings(writer.c, findings, Path(read.file.name).name, writer.at)
        _remember(writer, read, answer)
    writer.event(
        "imported", Path(read.file.name).name, format=answer.format, rows=rows, new=new, again=bool(before)
    )
    return replace(answer, findings=found, again=bool(before))


def _keep_statement(writer: Writer, statement: Statement) -> tuple[int, int]:
    new = 0
    statement = under_known_accounts(consents.accounts(writer.c), statement)
    told = statement.lines.join(statement.bank_refs, on="line_id", how="left", validate="1:1")
    for account in statement.accounts.to_dicts():
        if consents.account(writer.c, account["account_id"]) is None:
            named = {key: account[key] for key in ("account_id", "iban", "bban", "currency", "bank", "name")}
            consents.put_account(writer.c, is_on=True, **named)
        of_account = pl.col("account_id") == account["account_id"]
        lines = told.filter(of_account)
        parts = statement.parts.filter(pl.col("line_id").is_in(lines["line_id"].implode()))
        new += keep_lines(writer, account["account_id"], lines, source=statement.format, parts=parts).new
        keep_expected(writer, account["account_id"], lines, statement.expected.filter(of_account))
    statements.add_balances(writer.c, statement.balances, statement.format, writer.at)
    return statement.lines.height, new


def _remember(writer: Writer, read: Read, answer: Imported) -> None:
    statements.add_import(
        writer.c,
        import_id=new_id("imp"),
        file_name=Path(read.file.name).name,
        content_hash=read.file.hash,
        format=answer.format,
        imported_at=writer.at,
        imported_by=writer.by,
        rows_read=answer.lines + answer.items,
        rows_new=answer.new,
        rows_known=answer.known,
    )


def _known_file(before: dict[str, Any]) -> dict[str, Any]:
    return {
        "severity": "note",
        "what": "same_file",
        "where": before["file_name"],
        "words": f"The same file was imported on {before['imported_at']:%d %B %Y} by "
        f"{before['imported_by']}; nothing was added.",
        "amount_minor": None,
    }


def documents_page(
    store: Store, *, words: str, state: str, kinds: list[str], limit: int, offset: int
) -> tuple[int, pl.DataFrame]:
    """One page of ITEMS as they stand, first due first: (how many in all, the page)."""
    with store.database.read() as c:
        return documents.page(
            c,
            today=store.clock.today(),
            words=words,
            state=state,
            kinds=kinds,
            limit=limit,
            offset=offset,
        )


def imports(store: Store) -> pl.DataFrame:
    """Files imported, newest first: `file_name format imported_at imported_by rows_read rows_new rows_known`."""
    with store.database.read() as c:
        return statements.imports(c)
