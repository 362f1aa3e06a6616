"""Files for the small company: statements and documents whose every row is known from a number."""

from __future__ import annotations

import random
from collections import Counter

from recon.flow.files import File
from tests.prove.company import FILE_IBAN, Line, day_of, key_of

HEAD = "kind,number,party_name,party_id,issue_date,due_date,currency,total\n"


def file_lines(number: int, rows: int = 5) -> Counter[Line]:
    """The lines of the n-th statement file; two of them are twins."""
    draw = random.Random(number)
    day, account = str(day_of(number)), key_of(FILE_IBAN)
    drawn = [
        (account, day, draw.randrange(100, 99_999), f"Indbetaling {number}-{one}") for one in range(rows)
    ]
    return Counter([*drawn, (account, day, -42_00, "Gebyr"), (account, day, -42_00, "Gebyr")])


def statement_file(number: int) -> File:
    """The n-th statement as camt.053, without references of the bank, so that counts alone tell twins."""
    entries = "".join(_entry(line) for line in file_lines(number).elements())
    return File(f"statement-{number}.xml", _camt(entries).encode())


def documents_file(number: int, rows: int = 4) -> File:
    """The n-th list of documents: invoices `number-0`, `number-1` …"""
    text = "".join(
        f"invoice,{number}-{one},Kunde {one} ApS,K{one},{day_of(number)},{day_of(number + 14)},DKK,{100 + one}.00\n"
        for one in range(rows)
    )
    return File(f"documents-{number}.csv", (HEAD + text).encode())


def document_numbers(number: int, rows: int = 4) -> set[str]:
    """The document numbers of the n-th list."""
    return {f"{number}-{one}" for one in range(rows)}


def payments(count: int) -> tuple[File, File]:
    """`count` invoices and a statement in which each is paid once, quoting its number."""
    text = "".join(
        f"invoice,{7000 + one},Kunde {one} ApS,K{one},{day_of(0)},{day_of(14)},DKK,{200 + one}.{one % 100:02}\n"
        for one in range(count)
    )
    account = key_of(FILE_IBAN)
    entries = "".join(
        _entry(
            (account, str(day_of(9)), (200 + one) * 100 + one % 100, f"Faktura {7000 + one} Kunde {one} ApS")
        )
        for one in range(count)
    )
    return File("invoices.csv", (HEAD + text).encode()), File("payments.xml", _camt(entries).encode())


def _entry(line: Line) -> str:
    _, day, minor, text = line
    return (
        f'<Ntry><Amt Ccy="DKK">{abs(minor) // 100}.{abs(minor) % 100:02}</Amt>'
        f"<CdtDbtInd>{'CRDT' if minor > 0 else 'DBIT'}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt>"
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def _camt(entries: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        f"<BkToCstmrStmt><Stmt><Id>S</Id><Acct><Id><IBAN>{FILE_IBAN}</IBAN></Id><Ccy>DKK</Ccy></Acct>{entries}"
        "</Stmt></BkToCstmrStmt></Document>"
    )
