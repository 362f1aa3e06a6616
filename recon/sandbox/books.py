"""The company's books for the sandbox: who owed what, and what the banks saw of it.

In: a seed and a day. Out: `Books`, the same for the same two. History runs from 270 days before that day
to 120 days after; a bank shows a line once its own clock has reached the booking date. `truth` tells which
document each line belongs to, for tests and demonstrations only: nothing in `recon.match` may read it.
"""

from __future__ import annotations

import csv
import io
import uuid
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from recon.money import plain
from recon.sandbox.draft import Draft, Entry
from recon.sandbox.dress import Dress
from recon.sandbox.figures import BankLine, Company, Document, OwnAccount, Settled
from recon.sandbox.income import write_income
from recon.sandbox.parties import make_parties
from recon.sandbox.routine import write_routine
from recon.sandbox.spending import write_spending

HISTORY_DAYS = 270
AHEAD_DAYS = 120

DOCUMENT_COLUMNS = [
    "kind", "number", "party_name", "party_id", "party_cvr", "party_iban", "issue_date", "due_date",
    "currency", "total", "open_amount", "payment_reference", "payment_reference_type", "text", "external_id",
    "erp_account", "status",
]  # fmt: skip

TRUTH_SCHEMA = pl.Schema(
    {
        "bank_transaction_id": pl.String,
        "document_no": pl.String,
        "amount_minor": pl.Int64,
        "currency": pl.String,
        "kind": pl.String,
    }
)


@dataclass(frozen=True)
class Books:
    """A company with its accounts, lines per account key (oldest first), documents and the truth.

    truth: `bank_transaction_id! document_no amount_minor! currency! kind!`; the rows of a line add up to it.
    """

    seed: int
    as_of: date
    company: Company
    accounts: tuple[OwnAccount, ...]
    lines: dict[str, tuple[BankLine, ...]]
    documents: tuple[Document, ...]
    truth: pl.DataFrame

    def account(self, key: str) -> OwnAccount:
        return next(account for account in self.accounts if account.key == key)

    def all_lines(self, until: date | None = None) -> list[BankLine]:
        """Lines of all accounts, those booked on `until` included."""
        return [
            line
            for lines in self.lines.values()
            for line in lines
            if until is None or line.booking_date <= until
        ]


def make_books(seed: int, as_of: date) -> Books:
    """Books of one seed around one day; the same arguments give the same books, byte for byte."""
    parties = make_parties(seed)
    draft = Draft(seed, as_of - timedelta(days=HISTORY_DAYS), as_of + timedelta(days=AHEAD_DAYS), parties)
    write_income(draft)
    write_spending(draft)
    write_routine(draft)
    lines, truth = _file_entries(draft)
    documents = sorted(set(draft.documents), key=lambda d: (d.issue_date, d.kind, d.number))
    frame = pl.DataFrame([asdict(row) for row in truth], schema=TRUTH_SCHEMA)
    return Books(seed, as_of, parties.company, parties.accounts, lines, tuple(documents), frame)


def _file_entries(draft: Draft) -> tuple[dict[str, tuple[BankLine, ...]], list[Settled]]:
    """Entries in booking order, each with its id, its running balance and its bank's dress."""
    space = uuid.uuid5(uuid.NAMESPACE_URL, f"recon-sandbox:{draft.seed}:{draft.since}")
    dress = Dress(draft.dice("dress"))
    ordered = sorted(draft.entries, key=lambda entry: (entry.account, entry.date))
    ids = {id(entry): str(uuid.uuid5(space, str(place))) for place, entry in enumerate(ordered)}
    lines: dict[str, tuple[BankLine, ...]] = {}
    for account in draft.parties.accounts:
        balance, filed = account.opening_minor, []
        for entry in (entry for entry in ordered if entry.account == account.key):
            balance += entry.amount_minor
            filed.append(_line(entry, account, ids[id(entry)], balance, dress))
        lines[account.key] = tuple(filed)
    currencies = {account.key: account.currency for account in draft.parties.accounts}
    truth = [
        Settled(
            ids[id(entry)],
            _settled_no(entry, document, ids),
            amount,
            currencies[entry.account],
            entry.kind,
        )
        for entry in ordered
        for document, amount in entry.settles
    ]
    return lines, truth


def _settled_no(entry: Entry, document: Document | None, ids: dict[int, str]) -> str | None:
    """The document's number, or the other side of a transfer, as far as it lies within the books."""
    other = ids.get(id(entry.other))
    return document.number if document else f"line:{other}" if other else None


def _line(entry: Entry, account: OwnAccount, line_id: str, balance: int, dress: Dress) -> BankLine:
    return BankLine(
        id=line_id,
        account=account.key,
        booking_date=entry.date,
        value_date=entry.date,
        amount_minor=entry.amount_minor,
        currency=account.currency,
        balance_minor=balance,
        text=dress.text(account.provider, entry.text),
        type=entry.type,
        name=entry.name,
        iban=entry.iban,
        creditor_reference=entry.creditor_reference,
        reference=entry.reference,
        end_to_end_id=entry.end_to_end_id,
        message=entry.message,
        original=entry.original,
        reserved_from=entry.date - timedelta(days=entry.reserved_days) if entry.reserved_days else None,
        parts=entry.parts,
    )


def write_documents(books: Books, path: Path, until: date) -> None:
    """Write the documents issued up to `until` in the import template: UTF-8, comma, decimal point.

    `open_amount` is what was open before any bank line was reconciled: all of it.
    """
    rows = [_document_row(document) for document in books.documents if document.issue_date <= until]
    _write_csv(path, DOCUMENT_COLUMNS, rows)


def _document_row(document: Document) -> list[str]:
    party = document.party
    total = plain(document.total_minor, document.currency)
    return [
        document.kind, document.number, party.name, party.id, party.cvr, party.iban,
        document.issue_date.isoformat(), document.due_date.isoformat(), document.currency, total, total,
        document.payment_reference, document.payment_reference_type, document.text,
        f"{document.kind}-{document.number}", document.erp_account if document.kind == "receipt" else "", "booked",
    ]  # fmt: skip


def write_truth(books: Books, path: Path, until: date | None = None) -> None:
    """Write which document each bank line belongs to, lines booked up to `until` only if given."""
    known = {line.id for line in books.all_lines(until)}
    rows = [
        ["" if value is None else str(value) for value in row]
        for row in books.truth.iter_rows()
        if row[0] in known
    ]
    _write_csv(path, TRUTH_SCHEMA.names(), rows)


def _write_csv(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    path.write_text(text.getvalue(), "utf-8")
