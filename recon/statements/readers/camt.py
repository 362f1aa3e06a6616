"""camt.052, .053 and .054 (ISO 20022 bank to customer), any version → Statement.

In: the tree of a message, plain tags. Out: LINES (one per booked `Ntry`), PARTS, EXPECTED (pending,
informational, scheduled), BALANCES (one row a statement) and FINDINGS, all in file order.
Never: an amount guessed, an entry left out, a batch whose parts do not add up.

    Document / BkToCstmrStmt / Stmt[*] / Acct, Bal[*], TxsSummry, Ntry[*]        (camt.053)
               BkToCstmrAcctRpt / Rpt[*]        BkToCstmrDbtCdtNtfctn / Ntfctn[*]
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from recon.errors import DataRefused
from recon.schema import BALANCES, EXPECTED, LINES, PARTS, Statement, conform, finding, findings_frame
from recon.statements.accounts import account_id as our_id
from recon.statements.accounts import account_id_from_file_name, clean_iban, is_iban
from recon.statements.identity import INCOMING, give_ids, give_part_ids
from recon.statements.readers import camt_balance
from recon.statements.readers.camt_entry import Account, Entry, read_entry
from recon.statements.readers.xml import first, text

MESSAGES: Final = {
    "BkToCstmrStmt": ("Stmt", "camt.053"),
    "BkToCstmrAcctRpt": ("Rpt", "camt.052"),
    "BkToCstmrDbtCdtNtfctn": ("Ntfctn", "camt.054"),
}
_ACCOUNTS: Final = ("account_id", "iban", "bban", "currency", "bank", "name")
_LEAST_REFERENCE: Final = 6
"""A shorter reference is likely a running number that starts again in the next statement."""


@dataclass
class _File:
    """What has been read of one file so far."""

    name: str
    entries: list[Entry] = field(default_factory=list)
    balances: list[dict[str, Any]] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    findings: list[dict[str, object]] = field(default_factory=list)

    def note(
        self, what: str, where: str, words: str, amount: int | None = None, severity: str = "warning"
    ) -> None:
        self.findings.append(finding(severity, what, where, words, amount))


def find_message(root: ET.Element) -> ET.Element | None:
    """The camt message in a file, wherever an envelope put it; None when there is none."""
    return next((element for element in root.iter() if _message_name(element.tag)), None)


def read_camt(root: ET.Element, name: str, currency: str | None, account_id: str | None) -> Statement:
    """Read one camt file.

    currency: where neither account, balance nor entry states one. account_id: for a file that names no
    account. Raises DataRefused for a message without a statement, and for an entry without a sure amount,
    side or day.
    """
    message = find_message(root)
    if message is None:
        raise DataRefused(f"“{name}” holds no camt statement. Nothing was imported.", file=name)
    tag, kind = MESSAGES[_message_name(message.tag)]
    statements = message.findall(tag)
    if not statements:
        raise DataRefused(
            f"“{name}” is a {kind} message without a statement in it. Nothing was imported; "
            "ask the bank for the file again.",
            file=name,
        )
    file = _File(name)
    for number, statement in enumerate(statements, 1):
        _read_statement(statement, f"statement {number}", kind, file, currency, account_id)
    if text(message, "GrpHdr/MsgPgntn/LastPgInd") == "false":
        file.note("more_pages", name, "The file says that more pages follow in other files.", severity="note")
    return _frames(file, kind)


def _message_name(tag: str) -> str:
    """The message a tag opens, else "". Version 01 writes its number behind the name."""
    plain = tag.removesuffix("V01")
    return plain if plain in MESSAGES else ""


def _read_statement(
    statement: ET.Element, where: str, kind: str, file: _File, currency: str | None, account_id: str | None
) -> None:
    account = _account(statement, where, file, currency, account_id)
    nodes = statement.findall("Ntry")
    if account is None:
        if nodes:
            raise DataRefused(f"“{file.name}”, {where}: no currency is stated; give one with the import.")
        return
    entries = []
    for number, node in enumerate(nodes, 1):
        place = f"{where}, entry {number}"
        try:
            entries.append(read_entry(node, account, kind, place))
        except DataRefused as error:
            raise DataRefused(
                f"“{file.name}”, {place}: {error.words} Nothing of the file was imported; "
                "ask the bank for a new file.",
                file=file.name,
                where=place,
            ) from error
    file.entries += entries
    file.findings += [row for entry in entries for row in entry.findings]
    booked = [entry.row for entry in entries if entry.booked]
    row, findings = camt_balance.read_balance(statement, account, booked, where)
    file.balances.append(row)
    file.findings += findings
    file.findings += camt_balance.check_summary(
        statement, [entry.row for entry in entries], account.currency, where
    )


def _account(
    statement: ET.Element, where: str, file: _File, currency: str | None, account_id: str | None
) -> Account | None:
    """The statement's account under our id; None when there is no currency to tell it by."""
    node = statement.find("Acct")
    currency = first(node, "Ccy") or camt_balance.stated_currency(statement) or currency
    if not currency:
        file.note(
            "no_currency", where, "The statement states no currency and holds no entry; it was left out."
        )
        return None
    iban = clean_iban(first(node, "Id/IBAN"))
    bban = first(node, "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN", "Id/UPIC")
    if bban and not iban and is_iban(bban):
        iban, bban = clean_iban(bban), None
    agent = node.find("Svcr/FinInstnId") if node is not None else None
    bank = first(agent, "BICFI", "BIC", "CmbndId/BIC", "Nm", "NmAndAdr/Nm", "ClrSysMmbId/MmbId")
    if iban or bban:
        ours = our_id(iban, bban, bank, currency=currency)
    else:
        ours = account_id or account_id_from_file_name(file.name, currency)
        told = "the account given with the import" if account_id else "an account named after the file"
        file.note("no_account", where, f"The statement names no account; its lines went to {told}.")
    if iban and not is_iban(iban):
        file.note(
            "iban_check", where, f"The check digits of the account …{iban[-4:]} are wrong.", severity="note"
        )
    account = Account(ours, iban, bban, currency, bank, first(node, "Nm", "Ownr/Nm", "Ownr/Pty/Nm"))
    file.accounts.setdefault(ours, account)
    return account


def _frames(file: _File, kind: str) -> Statement:
    booked = [entry for entry in file.entries if entry.booked]
    lines = give_ids(_trusted(pl.DataFrame([entry.row for entry in booked], schema=INCOMING)))
    parts = [
        part | {"line_id": line_id}
        for line_id, entry in zip(lines["line_id"], booked, strict=True)
        for part in entry.parts
    ]
    expected = [entry.row for entry in file.entries if not entry.booked]
    accounts = [[getattr(account, name) for name in _ACCOUNTS] for account in file.accounts.values()]
    return Statement(
        lines=conform(lines, LINES),
        parts=conform(give_part_ids(pl.DataFrame(parts, schema=PARTS.schema)), PARTS),
        expected=conform(pl.DataFrame(expected, schema=INCOMING), EXPECTED),
        balances=conform(pl.DataFrame(file.balances, schema=BALANCES.schema), BALANCES),
        findings=findings_frame(file.findings),
        accounts=pl.DataFrame(accounts, schema=dict.fromkeys(_ACCOUNTS, pl.String), orient="row"),
        format=kind,
        bank_refs=lines.filter(pl.col("bank_ref").is_not_null()).select("line_id", "bank_ref"),
    )


def _trusted(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their reference only where it can tell lines apart.

    Some banks give one reference to a payment and its fee, or count entries from 1 in each statement. So a
    reference counts when it is long enough and once in the account, and then together with its day.
    """
    ref = pl.col("bank_ref")
    alone = ref.is_not_null() & (pl.len().over("account_id", "bank_ref") == 1)
    long = ref.str.strip_chars_start("0").str.len_chars() >= _LEAST_REFERENCE
    dated = pl.format("{}/{}", pl.col("booking_date").cast(pl.String), ref)
    return rows.with_columns(bank_ref=pl.when(alone & long).then(dated))
