"""One table of readers to be fuzzed: good files of each, how it reads, how its answer is counted again.

In: bytes. Out: what became of them (`COUNTED`, `READ`, `REFUSED`), or `Wrong` with the reason. Never: an exception that
is not our own taken for a refusal.
"""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
import recount
import xlsxwriter
from mutate import mutated

from recon.documents import read_documents_bytes
from recon.errors import ReconError
from recon.money import to_decimal
from recon.schema import BALANCES, EXPECTED, FINDINGS, ITEMS, LINES, PARTS, Statement, conform
from recon.statements.readers import read_statement_bytes

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"
DEMO = ROOT / "data" / "demo"
_LARGEST: Final = 16_000
"""Bytes of a sample that is mutated: a change in a longer one mostly hits nothing."""

COUNTED, READ, REFUSED = "read and counted again", "read", "refused"


class Wrong(AssertionError):
    """A crash, a frame that breaks its promise, or a sum that differs from the recount."""


class Reader(NamedTuple):
    """A reader under test. `read` gives entries and sum as the reader tells them."""

    name: str
    seeds: Callable[[], list[bytes]]
    read: Callable[[bytes], recount.Count]
    recount: Callable[[bytes], recount.Count | None]


def statement(data: bytes) -> recount.Count:
    """Read a statement, hold its frames against their promises, and count what it tells."""
    read = read_statement_bytes(data, "fuzz.dat", currency="DKK")
    _keeps_its_promises(read)
    told = pl.concat([frame.select("amount_minor", "currency") for frame in (read.lines, read.expected)])
    amounts = [to_decimal(minor, currency) for minor, currency in told.iter_rows()]
    return recount.Count(len(amounts), sum(amounts, Decimal(0)))


def documents(data: bytes) -> recount.Count:
    """Read documents and count their totals without signs."""
    read = read_documents_bytes(data, "fuzz.dat", own_ids=("13585628",), currency="DKK")
    _same(read.items, ITEMS)
    conform(read.findings, FINDINGS)
    column = "open_minor" if read.format.startswith(("ubl", "oioubl", "peppol")) else "total_minor"
    amounts = [
        abs(to_decimal(minor, currency))
        for minor, currency in read.items.select(column, "currency").iter_rows()
    ]
    return recount.Count(len(amounts), sum(amounts, Decimal(0)))


def _keeps_its_promises(read: Statement) -> None:
    for frame, table in (
        (read.lines, LINES), (read.parts, PARTS), (read.expected, EXPECTED), (read.balances, BALANCES),
        (read.findings, FINDINGS),
    ):  # fmt: skip
        _same(frame, table)
    parts = read.parts.group_by("line_id").agg(total=pl.col("amount_minor").sum())
    both = parts.join(read.lines, on="line_id", how="left")
    if both.filter(pl.col("total").ne_missing(pl.col("amount_minor"))).height:
        raise Wrong("parts do not add up to their line")
    moved = pl.col("opening_minor") + pl.col("booked_minor") == pl.col("closing_minor")
    if read.balances.filter(pl.col("ties"), ~moved).height:
        raise Wrong("balances said to tie do not")
    booked = sum(read.balances["booked_minor"].to_list())
    at_home = read.lines.join(read.accounts.select("account_id", home="currency"), on="account_id")
    if booked != sum(at_home.filter(pl.col("currency") == pl.col("home"))["amount_minor"].to_list()):
        raise Wrong("the statements' booked sums are not those of the lines")


def _same(frame: pl.DataFrame, table: object) -> None:
    if not conform(frame, table).equals(frame):  # type: ignore[arg-type]
        raise Wrong("a frame breaks its promise")


def check(reader: Reader, data: bytes) -> str:
    """What became of the bytes. Raises Wrong."""
    try:
        ours = reader.read(data)
    except ReconError as refused:
        if not str(refused).strip():
            raise Wrong("a refusal without a word") from refused
        return REFUSED
    except Wrong:
        raise
    except Exception as crash:
        raise Wrong(f"crash: {type(crash).__name__}: {crash}") from crash
    again = reader.recount(data)
    if again is not None and again != ours:
        raise Wrong(f"told {ours.entries} entries of {ours.total}, counted {again.entries} of {again.total}")
    return READ if again is None else COUNTED


def input_of(reader: Reader, number: int) -> bytes:
    """The n-th damaged file, the same at every run."""
    chance = random.Random(f"{reader.name} {number}")
    return mutated(chance.choice(_seeds(reader)), chance)


_KEPT: dict[str, list[bytes]] = {}


def _seeds(reader: Reader) -> list[bytes]:
    if reader.name not in _KEPT:
        _KEPT[reader.name] = reader.seeds()
    return _KEPT[reader.name]


def _samples(folder: str, made: Iterable[bytes]) -> list[bytes]:
    found = sorted(path for path in (SAMPLES / folder).rglob("*") if path.is_file())
    return [*made, *(data for path in found if 0 < len(data := path.read_bytes()) <= _LARGEST)]


def _camt() -> list[bytes]:
    sys.path.insert(0, str(ROOT / "tests" / "statements"))
    from camt_maker import balance, camt, entry, payment
    from camt_maker import statement as made

    charge = '<Chrgs><Amt Ccy="DKK">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs>'
    inside = [
        balance("OPBD", "10.00"), balance("CLBD", "306.00"),
        entry("195.00", ref="REF-0001", details=payment("160.00") + payment("40.00"), extra=charge),
        entry("1.00", details=payment(inside="<RmtInf><Ustrd>Fak 17</Ustrd></RmtInf>")),
        entry("100.00", ref="REF-0003", status="<Sts><Cd>BOOK</Cd></Sts>"),
        entry("7.00", side="DBIT", status="<Sts>PDNG</Sts>"),
    ]  # fmt: skip
    return _samples(
        "camt", [camt(made(*inside)), camt(made(*inside), made(*inside), version=8, namespace=False)]
    )


def _mt940() -> list[bytes]:
    made = (
        b":20:STARTUMS\r\n:25:12345678/1234567\r\n:28C:1/1\r\n:60F:C260301DKK10,00\r\n"
        b":61:2603020302C100,50NTRFREF1//BANK1\r\n:86:/EREF/E2E-1/NAME/Anna/REMI/Fak 17\r\n"
        b":61:260303RD1,NTRFNONREF\r\n:86:Kort\r\n:61:260303RC2,5NTRFREF3\r\n:86:?20Fak?21 18?32Bo\r\n"
        b":62F:C260303DKK109,00\r\n-\r\n"
    )
    return _samples("mt940", [made])


def _ofx() -> list[bytes]:
    made = (
        b"OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nCHARSET:1252\r\n\r\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS>"
        b"<CURDEF>DKK<BANKACCTFROM><BANKID>0040<ACCTID>0440116243<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>"
        b"<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260302<TRNAMT>100.50<FITID>A1<NAME>Anna<MEMO>Fak 17</STMTTRN>"
        b"<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260303<TRNAMT>-1.25<FITID>A2<NAME>Bo</STMTTRN></BANKTRANLIST>"
        b"<LEDGERBAL><BALAMT>99.25<DTASOF>20260303</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\r\n"
    )
    return _samples("ofx", [made, made.replace(b"<CURDEF>DKK", b"<CURDEF>DKK</CURDEF>")])


def _tables() -> list[bytes]:
    danske = (
        "Dato;Tekst;Beløb;Saldo;Status;Afstemt\r\n02.03.2026;Fak 17;1.100,50;1.110,50;Udført;Nej\r\n"
        "03.03.2026;Kort;-1,25;1.109,25;Udført;Nej\r\n04.03.2026;Løn;-2,50;;Venter;Nej\r\n"
    )
    nordea = (
        "Bogføringsdato;Beløb;Afsender;Modtager;Navn;Beskrivelse;Saldo;Valuta;Afstemt;\r\n"
        "2026/03/02;100,50;;;Anna;Fak 17;110,50;DKK;;\r\n2026/03/03;-1,25;;;;Kort;109,25;DKK;;\r\n"
    )
    return _samples("csv", [danske.encode(), danske.encode("cp1252"), nordea.encode("utf-8-sig")])


def _ubl() -> list[bytes]:
    sys.path.insert(0, str(ROOT / "tests" / "documents"))
    from ubl_maker import invoice

    return _samples("ubl", [invoice().encode(), invoice(root="CreditNote", number="1002").encode()])


def _documents() -> list[bytes]:
    lines = (DEMO / "documents.csv").read_bytes().splitlines(keepends=True)
    return [b"".join(lines[:12]), b"".join(lines[:3]).replace(b",", b";"), lines[0] + lines[20]]


def _workbook() -> list[bytes]:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate((DEMO / "documents.csv").read_text("utf-8").splitlines()[:6]):
            sheet.write_row(row, 0, line.split(","))
    return [held.getvalue()]


def _nobody_counts(_data: bytes) -> None:
    """A packed workbook is not counted again: that would take a reader of its own."""


READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("camt", _camt, statement, recount.camt),
        Reader("mt940", _mt940, statement, recount.mt940),
        Reader("ofx", _ofx, statement, recount.ofx),
        Reader("csv", _tables, statement, recount.table),
        Reader("ubl", _ubl, documents, recount.ubl),
        Reader("documents", _documents, documents, recount.documents),
        Reader("workbook", _workbook, documents, _nobody_counts),
    )
}
