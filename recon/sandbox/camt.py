"""The sandbox's bank lines as a camt.053.001.02 statement file.

In: books, an account, a period. Out: XML bytes whose opening balance and entries add up to the closing
one. FIK and other references go to Strd/CdtrRefInf/Ref; a batched line carries its payments as TxDtls.
AcctSvcrRef is the transaction's id without its dashes (a field of 35 characters). Element order: ISO 20022.
"""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree as ET

from recon.money import plain
from recon.sandbox.books import Books
from recon.sandbox.figures import BankLine, OwnAccount, Part
from recon.sandbox.habits import HOUSES

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
_CODES = {
    "Card": ("CCRD", "POSD"),
    "DirectDebit": ("IDDT", "PMDD"),
    "Unknown": ("ACMT", "CHRG"),
    "BankTransfer": ("RCDT", "DMCT"),
}


def write_camt(books: Books, account_key: str, since: date, until: date) -> bytes:
    """The statement of one account, both days included."""
    account = books.account(account_key)
    lines = [line for line in books.lines[account_key] if since <= line.booking_date <= until]
    before = [line for line in books.lines[account_key] if line.booking_date < since]
    opening = before[-1].balance_minor if before else account.opening_minor
    closing = lines[-1].balance_minor if lines else opening
    made = f"{until.isoformat()}T18:00:00"
    root = ET.Element("Document", xmlns=NAMESPACE)
    report = _add(root, "BkToCstmrStmt")
    head = _add(report, "GrpHdr")
    _add(head, "MsgId", f"SANDBOX-{account_key.upper()}-{until:%Y%m%d}")
    _add(head, "CreDtTm", made)
    statement = _add(report, "Stmt")
    _add(statement, "Id", f"{account.number}-{until:%Y%m%d}")
    _add(statement, "ElctrncSeqNb", str(until.month))
    _add(statement, "CreDtTm", made)
    period = _add(statement, "FrToDt")
    _add(period, "FrDtTm", f"{since.isoformat()}T00:00:00")
    _add(period, "ToDtTm", f"{until.isoformat()}T23:59:59")
    _account(statement, books, account)
    _balance(statement, "OPBD", opening, account.currency, since)
    _balance(statement, "CLBD", closing, account.currency, until)
    for line in lines:
        _entry(statement, line)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _add(parent: ET.Element, path: str, text: str | None = None, **attributes: str) -> ET.Element:
    """A child, or a chain of children `A/B/C`; the last one holds the text and comes back."""
    *above, last = path.split("/")
    for name in above:
        parent = ET.SubElement(parent, name)
    child = ET.SubElement(parent, last, attributes)
    child.text = text
    return child


def _money(parent: ET.Element, path: str, minor: int, currency: str) -> None:
    _add(parent, path, plain(abs(minor), currency), Ccy=currency)


def _side(minor: int) -> str:
    return "CRDT" if minor >= 0 else "DBIT"


def _account(statement: ET.Element, books: Books, account: OwnAccount) -> None:
    own = _add(statement, "Acct")
    _add(own, "Id/IBAN", account.iban)
    _add(own, "Ccy", account.currency)
    _add(own, "Nm", account.name)
    _add(own, "Ownr/Nm", books.company.name)
    _add(own, "Svcr/FinInstnId/Nm", HOUSES[account.provider].name)


def _balance(statement: ET.Element, code: str, minor: int, currency: str, day: date) -> None:
    balance = _add(statement, "Bal")
    _add(balance, "Tp/CdOrPrtry/Cd", code)
    _money(balance, "Amt", minor, currency)
    _add(balance, "CdtDbtInd", _side(minor))
    _add(balance, "Dt/Dt", day.isoformat())


def _entry(statement: ET.Element, line: BankLine) -> None:
    entry = _add(statement, "Ntry")
    _money(entry, "Amt", line.amount_minor, line.currency)
    _add(entry, "CdtDbtInd", _side(line.amount_minor))
    _add(entry, "Sts", "BOOK")
    _add(entry, "BookgDt/Dt", line.booking_date.isoformat())
    _add(entry, "ValDt/Dt", line.value_date.isoformat())
    _add(entry, "AcctSvcrRef", line.id.replace("-", ""))
    family, sub = _CODES[line.type]
    code = _add(entry, "BkTxCd/Domn")
    _add(code, "Cd", "PMNT")
    below = _add(code, "Fmly")
    _add(below, "Cd", family)
    _add(below, "SubFmlyCd", sub)
    details = _add(entry, "NtryDtls")
    if line.parts:
        _batch(details, line)
    else:
        _transaction(details, line)
    _add(entry, "AddtlNtryInf", line.text)


def _batch(details: ET.Element, line: BankLine) -> None:
    batch = _add(details, "Btch")
    _add(batch, "NbOfTxs", str(len(line.parts)))
    _money(batch, "TtlAmt", line.amount_minor, line.currency)
    _add(batch, "CdtDbtInd", _side(line.amount_minor))
    for place, part in enumerate(line.parts, 1):
        _part(details, line, place, part)


def _part(details: ET.Element, line: BankLine, place: int, part: Part) -> None:
    one = _add(details, "TxDtls")
    _add(one, "Refs/AcctSvcrRef", f"{line.id.replace('-', '')[:30]}/{place}")
    _money(one, "AmtDtls/TxAmt/Amt", part.amount_minor, line.currency)
    _add(one, "RltdPties/Dbtr/Nm", part.name)
    _reference(_add(one, "RmtInf"), part.creditor_reference)


def _transaction(details: ET.Element, line: BankLine) -> None:
    one = _add(details, "TxDtls")
    if line.end_to_end_id:
        _add(one, "Refs/EndToEndId", line.end_to_end_id)
    amounts = _add(one, "AmtDtls")
    if line.original:
        instructed = _add(amounts, "InstdAmt")
        _money(instructed, "Amt", line.original.amount_minor, line.original.currency)
        rate = _add(instructed, "CcyXchg")
        _add(rate, "SrcCcy", line.original.currency)
        _add(rate, "TrgtCcy", line.currency)
        _add(rate, "XchgRate", line.original.rate)
    _money(amounts, "TxAmt/Amt", line.amount_minor, line.currency)
    if line.name:
        role = "Dbtr" if line.amount_minor >= 0 else "Cdtr"
        parties = _add(one, "RltdPties")
        _add(parties, f"{role}/Nm", line.name)
        if line.iban:
            _add(parties, f"{role}Acct/Id/IBAN", line.iban)
    remittance = _add(one, "RmtInf")
    _add(remittance, "Ustrd", line.message or line.text)
    if line.creditor_reference:
        _reference(remittance, line.creditor_reference)


def _reference(remittance: ET.Element, reference: str) -> None:
    """The structured reference: ISO 11649 as SCOR, national ones as proprietary."""
    structured = _add(remittance, "Strd/CdtrRefInf")
    kind = _add(structured, "Tp/CdOrPrtry")
    if reference.startswith("RF"):
        _add(kind, "Cd", "SCOR")
    else:
        _add(kind, "Prtry", "FIK71" if len(reference) == 15 else "FI")
    _add(structured, "Ref", reference)
