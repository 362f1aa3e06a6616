"""OFX 1.x (SGML), OFX 2.x (XML) and QFX → Statement.

In: the bytes of a file. Out: LINES (one per `STMTTRN`), EXPECTED (`STMTTRNP`), BALANCES (one row a statement,
closing from `LEDGERBAL`; OFX states no opening balance) and FINDINGS, in file order.
Never: a transaction left out, a day passed through a time zone, securities taken for money.

    OFX / BANKMSGSRSV1 / STMTTRNRS / STMTRS / CURDEF, BANKACCTFROM, BANKTRANLIST/STMTTRN[*], LEDGERBAL
          CREDITCARDMSGSRSV1 / CCSTMTTRNRS / CCSTMTRS        INVSTMTMSGSRSV1 / INVSTMTTRNRS / INVSTMTRS
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from recon.errors import DataRefused
from recon.money import INT64_MAX
from recon.schema import Statement
from recon.statements.accounts import danish_iban
from recon.statements.readers.building import Account, Balance, Building
from recon.statements.readers.ofx_amounts import decimal_mark, read_amount
from recon.statements.readers.ofx_entry import day, read_expected, read_transaction
from recon.statements.readers.ofx_tree import Node, read_tree

_STATEMENTS: Final = {"STMTRS": "BANKACCTFROM", "CCSTMTRS": "CCACCTFROM", "INVSTMTRS": "INVACCTFROM"}
_LISTINGS: Final = ("ACCTINFORS", "ACCTINFO")
_LISTS: Final = ("BANKTRANLIST", "BANKTRANLISTP", "INVTRANLIST", "INVBANKTRAN")
_TRANSACTIONS: Final = ("STMTTRN", "STMTTRNP")


def read_ofx(data: bytes, name: str, currency: str | None, account_id: str | None) -> Statement:
    """Read one OFX or QFX file.

    currency: where a statement states none (`CURDEF`). account_id: for a statement that names no account. Of an
    investment account the cash transactions are read, securities are counted in a finding. A list of accounts
    gives empty frames. Raises DataRefused for an error message of the bank's, a file without a statement, and a
    transaction without a sure day or amount.
    """
    root = read_tree(data, name)
    statements = list(root.iter(*_STATEMENTS))
    _refuse_errors(root, statements, name)
    file = Building(name, "ofx")
    _tell_failed(root, file)
    mark = decimal_mark(node.words for node in root.iter("TRNAMT", "BALAMT"))
    held = 0
    for number, statement in enumerate(statements, 1):
        held += _read_statement(statement, f"statement {number}", file, mark, currency, account_id)
    stray = sum(1 for _ in root.iter(*_TRANSACTIONS)) - held
    # A transaction whose beginning was lost leaves its amount behind in the list.
    stray += sum(child.tag == "TRNAMT" for listing in root.iter(*_LISTS) for child in listing.children)
    if stray:
        raise DataRefused(
            f"“{name}”: {stray:,} transactions stand outside any statement. Nothing of the file was imported; "
            "ask the bank for a new file.",
            file=name,
        )
    if not statements:
        file.note("no_statement", name, "The file lists accounts and holds no statement.", severity="note")
    if "\ufffd" in "".join(node.words for node in root.iter("NAME", "MEMO")):
        words = "Letters were lost before the file was made; they are shown as question marks."
        file.note("letters_lost", name, words, severity="note")
    return file.finish()


def _refuse_errors(root: Node, statements: list[Node], name: str) -> None:
    """Refuse what the bank itself calls an error, and files without a statement or a list of accounts."""
    for status in (*root.iter("SONRS"), *([] if statements else [root])):
        for each in status.iter("STATUS"):
            if words := _error(each):
                raise DataRefused(
                    f"“{name}” is an error message of the bank: {words}. Nothing was imported; "
                    "fetch the statement again at the bank.",
                    file=name,
                )
    if not statements and not any(root.iter(*_LISTINGS)):
        raise DataRefused(
            f"“{name}” is an OFX file without a statement in it. Nothing was imported; "
            "ask the bank for the file again.",
            file=name,
        )


def _tell_failed(root: Node, file: Building) -> None:
    """A finding for each answer of the file that is an error while others hold statements."""
    for answer in root.iter("STMTTRNRS", "CCSTMTTRNRS", "INVSTMTTRNRS"):
        status = answer.find("STATUS")
        if status and (words := _error(status)):
            file.note("bank_error", file.name, f"One statement is missing: {words}.", severity="error")


def _error(status: Node) -> str | None:
    """What a STATUS says when it is an error: its code and message."""
    code, severity = status.text("CODE") or "", (status.text("SEVERITY") or "").upper()
    if severity != "ERROR":
        return None
    message = " ".join((status.text("MESSAGE") or "no message").split())[:200]
    return f"{message} (code {code[:10]})" if code else message


def _read_statement(
    statement: Node,
    where: str,
    file: Building,
    mark: str | None,
    currency: str | None,
    account_id: str | None,
) -> int:
    """Tell one statement to `file`; returns how many transactions it holds."""
    nodes = list(statement.iter(*_TRANSACTIONS))
    currency = (statement.text("CURDEF") or currency or "").upper()
    if not currency:
        if nodes:
            raise DataRefused(
                f"“{file.name}”, {where}: No currency is stated; give one with the import. Nothing was imported.",
                file=file.name,
            )
        words = "The statement states no currency and holds no entry; it was left out."
        file.note("no_currency", where, words)
        return 0
    account = _account(statement, where, file, currency, account_id)
    booked = 0
    for number, node in enumerate(nodes, 1):
        place = f"{where}, entry {number}"
        try:
            booked += _read_entry(node, account, place, file, mark)
        except DataRefused as error:
            raise DataRefused(
                f"“{file.name}”, {place}: {error.words} Nothing of the file was imported; "
                "ask the bank for a new file.",
                file=file.name,
                where=place,
            ) from error
    if abs(booked) > INT64_MAX:
        raise DataRefused(f"“{file.name}”, {where}: the entries add up to more than this program can hold.")
    _tell_repeats(nodes, where, file)
    _tell_securities(statement, where, file)
    file.state(where, account, None, None, _closing(statement, account, where, file, mark), booked)
    return len(nodes)


def _read_entry(node: Node, account: Account, place: str, file: Building, mark: str | None) -> int:
    """Tell one transaction to `file`; returns what it adds to the account's booked sum."""
    if node.tag == "STMTTRNP":
        file.expect(account, read_expected(node, account.currency, mark))
        return 0
    row, findings = read_transaction(node, account.currency, mark, place)
    file.book(account, row)
    file.findings.extend(findings)
    return row["amount_minor"] if row["currency"] == account.currency else 0


def _account(statement: Node, where: str, file: Building, currency: str, account_id: str | None) -> Account:
    node = statement.find(_STATEMENTS[statement.tag]) or Node("")
    number = node.text("ACCTID")
    bank = node.text("BANKID") or node.text("BROKERID")
    # A Danish bank's id is the registration number, without which the account number says little.
    iban = danish_iban(f"{bank}-{number}") if currency == "DKK" and bank and len(bank) == 4 else None
    return file.own(where, currency, iban, None if iban else number, bank, account_id=account_id)


def _closing(
    statement: Node, account: Account, where: str, file: Building, mark: str | None
) -> Balance | None:
    """The ledger balance; one that cannot be read counts as not stated, with a finding."""
    figure = statement.text("LEDGERBAL/BALAMT")
    if figure is None:
        return None
    try:
        minor = read_amount(figure, account.currency, mark)
        return Balance(minor, account.currency, day(statement.text("LEDGERBAL/DTASOF")))
    except DataRefused as error:
        words = f"A balance cannot be read: {error.words} It counts as not stated."
        file.note("balance_unreadable", where, words)
        return None


def _tell_repeats(nodes: list[Node], where: str, file: Building) -> None:
    """Ids (`FITID`) are meant to be unique; where they are not, they tell no lines apart."""
    ids = Counter(ref for node in nodes if node.tag == "STMTTRN" and (ref := node.text("FITID")))
    repeated = sum(1 for count in ids.values() if count > 1)
    if repeated:
        words = f"{repeated:,} ids of the bank (FITID) stand at several entries; day, amount and text tell them apart."
        file.note("id_repeated", where, words, severity="note")


def _tell_securities(statement: Node, where: str, file: Building) -> None:
    listed = statement.find("INVTRANLIST")
    if listed is None:
        return
    count = sum(1 for child in listed.children if child.children and child.tag != "INVBANKTRAN")
    if count:
        words = (
            f"{count:,} security transactions were not read; of an investment account only cash entries are."
        )
        file.note("securities_not_read", where, words)
