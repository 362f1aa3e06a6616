"""camt.052, .053 and .054 (ISO 20022 bank to customer), any version → Statement.

In: the bytes of a file. Out: LINES (one per booked `Ntry`), PARTS, EXPECTED (pending, informational,
scheduled), BALANCES (one row a statement) and FINDINGS, all in file order.
Never: an amount guessed, an entry left out, a batch whose parts do not add up.

    Document / BkToCstmrStmt / Stmt[*] / Acct, Bal[*], TxsSummry, Ntry[*]        (camt.053)
               BkToCstmrAcctRpt / Rpt[*]        BkToCstmrDbtCdtNtfctn / Ntfctn[*]
"""

from __future__ import annotations

from typing import Final

from recon.errors import DataRefused
from recon.schema import Statement
from recon.statements.readers import camt_balance
from recon.statements.readers.building import Account, Building
from recon.statements.readers.camt_entry import read_entry
from recon.statements.readers.records import Progress, Record, read_records

MESSAGES: Final = {
    "BkToCstmrStmt": ("Stmt", "camt.053"),
    "BkToCstmrAcctRpt": ("Rpt", "camt.052"),
    "BkToCstmrDbtCdtNtfctn": ("Ntfctn", "camt.054"),
}
_KINDS: Final = {kind: tag for tag, kind in MESSAGES.values()}
_STATEMENT: Final = "statement"
_INSIDE: Final = {
    _STATEMENT: {"Bal": "Bal", "Ntry": "Ntry"},
    "Ntry": {"NtryDtls/TxDtls": "TxDtls", "TxDtls": "TxDtls", "Chrgs": "Chrgs"},
    "TxDtls": {"Chrgs": "Chrgs"},
    "Chrgs": {"Rcrd": "Rcrd"},
}
_NUMBERS: Final = tuple(f"Acct/Id/{path}" for path in ("Othr/Id", "PrtryAcct/Id", "BBAN", "UPIC"))
_BANK: Final = tuple(
    f"Acct/Svcr/FinInstnId/{path}"
    for path in ("BICFI", "BIC", "CmbndId/BIC", "Nm", "NmAndAdr/Nm", "ClrSysMmbId/MmbId")
)


def read_camt(
    data: bytes, name: str, currency: str | None, account_id: str | None, progress: Progress | None = None
) -> Statement:
    """Read one camt file.

    currency: where neither account, balance nor entry states one. account_id: for a file that names no
    account. progress: told the share that has been read, for long files. Raises DataRefused for XML of
    another kind, a message without a statement, and an entry without a sure amount, side or day.
    """
    reading = _Reading(name, currency, account_id)
    closed = {"Ntry": reading.entry, _STATEMENT: reading.statement, **dict.fromkeys(_KINDS, reading.message)}
    root = read_records(data, name, _opens, closed, progress)
    if not reading.messages:
        raise DataRefused(
            f"“{name}” is XML with the root “{root[:60]}” and holds no camt statement. "
            "Nothing was imported; invoices belong under Documents.",
            file=name,
            looks_like=root[:60],
        )
    return reading.file.finish()


def _opens(within: str, path: str) -> str | None:
    """The record an element begins. A message may stand in an envelope; version 01 writes its number behind."""
    if not within:
        tag = path.rpartition("/")[2].removesuffix("V01")
        return MESSAGES[tag][1] if tag in MESSAGES else None
    if within in _KINDS:
        return _STATEMENT if path == _KINDS[within] else None
    return _INSIDE.get(within, {}).get(path)


class _Reading:
    """One file while it is read: its messages, statements and entries arrive as their records end."""

    def __init__(self, name: str, currency: str | None, account_id: str | None) -> None:
        self.file = Building(name, "")
        self.messages = 0
        self._currency = currency
        self._account_id = account_id
        self._statements = 0
        self._in_message = 0
        self._begin()

    def _begin(self) -> None:
        self._where = f"statement {self._statements + 1}"
        self._account: Account | None = None
        self._waiting: list[Record] = []
        self._sums = camt_balance.Sums()

    def entry(self, record: Record) -> None:
        """A `Ntry` has ended: read it. Where nothing before the first one names the account, all wait."""
        self._waiting.append(record)
        statement = record.outer
        if len(self._waiting) == 1 and statement is not None and statement.has("Acct"):
            self._account = self._account or self._find_account(statement)
        if self._account is not None:
            self._read_waiting(self._account)

    def statement(self, record: Record) -> None:
        """A statement has ended: its balances and its own summary against its entries."""
        account = self._account or self._find_account(record)
        if account is not None:
            self._read_waiting(account)
            self._close(record, account)
        elif self._waiting:
            raise DataRefused(
                f"“{self.file.name}”, {self._where}: no currency is stated; give one with the import.",
                file=self.file.name,
            )
        else:
            words = "The statement states no currency and holds no entry; it was left out."
            self.file.note("no_currency", self._where, words)
        self._statements += 1
        self._in_message += 1
        self._begin()

    def message(self, record: Record) -> None:
        """A message has ended. One without a statement, and one that others must complete, are told."""
        if not self._in_message:
            raise DataRefused(
                f"“{self.file.name}” is a {record.name} message without a statement in it. Nothing was "
                "imported; ask the bank for the file again.",
                file=self.file.name,
            )
        self.messages += 1
        self._in_message = 0
        if record.text("GrpHdr/MsgPgntn/LastPgInd") == "false":
            words = "The file says that more pages follow in other files."
            self.file.note("more_pages", self.file.name, words, severity="note")

    def _read_waiting(self, account: Account) -> None:
        for record in self._waiting:
            self._sums.entries += 1
            place = f"{self._where}, entry {self._sums.entries}"
            try:
                entry = read_entry(record, account, self.file.kind, place)
            except DataRefused as error:
                raise DataRefused(
                    f"“{self.file.name}”, {place}: {error.words} Nothing of the file was imported; "
                    "ask the bank for a new file.",
                    file=self.file.name,
                    where=place,
                ) from error
            self._sums.add(entry.row, booked=entry.booked, currency=account.currency)
            self.file.findings += entry.findings
            if entry.booked:
                self.file.book(account, entry.row, entry.parts)
            else:
                self.file.expect(account, entry.row)
        self._waiting = []

    def _close(self, record: Record, account: Account) -> None:
        opening, closing, findings = camt_balance.read_balances(record, account.currency, self._where)
        number = record.first(("LglSeqNb", "ElctrncSeqNb", "Id"))
        self.file.state(self._where, account, number, opening, closing, self._sums.booked)
        self.file.findings += findings
        self.file.findings += camt_balance.check_summary(record, self._sums, account.currency, self._where)

    def _find_account(self, statement: Record) -> Account | None:
        """The statement's account; None when nothing so far tells its currency."""
        self.file.kind = statement.outer.name if statement.outer is not None else ""
        stated = (entry.currency("Amt") for entry in self._waiting)
        currency = (
            statement.text("Acct/Ccy")
            or camt_balance.stated_currency(statement)
            or next(filter(None, stated), None)
            or self._currency
        )
        if not currency:
            return None
        return self.file.own(
            self._where,
            currency,
            iban=statement.text("Acct/Id/IBAN"),
            bban=statement.first(_NUMBERS),
            bank=statement.first(_BANK),
            name=statement.first(("Acct/Nm", "Acct/Ownr/Nm", "Acct/Ownr/Pty/Nm")),
            account_id=self._account_id,
        )
