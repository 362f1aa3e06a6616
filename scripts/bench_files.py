"""`make bench-files`: long statement files read by us and by public readers, side by side in one run.

    python scripts/bench_files.py [--entries 100000] [--times 3] [--others .venv-readers/bin/python]

In: made-up files of one account, the same entries in every format. Out: a table on the screen: entries a
second of processor time, how much memory grew as a multiple of the file, and the ratio to us; exit code 1
where we read a wrong sum, are not ahead of every other reader, or pass a bound of `BOUNDS` in camt or MT940.
Never: an import of ours where another reader runs. Each reading is a process of its own, in turn, and the
quickest of several counts; what a reader leaves out (ids, balances, checks) is not held against us.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
OTHERS = ROOT / ".venv-readers" / "bin" / "python"
BOUNDS = {"entries a second": 20_000, "memory": 3.0}
BOUND = ("camt.053", "MT940")


def say(words: str) -> None:
    """A line on the screen, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Entry(NamedTuple):
    """A made-up booking; `ore` is money into the account when positive."""

    number: int
    day: str
    ore: int
    party: str
    text: str

    @property
    def amount(self) -> str:
        return f"{abs(self.ore) // 100}.{abs(self.ore) % 100:02d}"


def entries(count: int) -> Iterator[Entry]:
    """The same entries at every call, in the order of their days."""
    chance = random.Random(7)
    for number in range(count):
        day = f"2026{1 + number * 12 // count:02d}{1 + number * 336 // count % 28:02d}"
        ore = chance.choice((1, 1, -1)) * chance.randint(100, 9_999_999)
        yield Entry(number, day, ore, f"Kunde {number % 5000:04} ApS", f"Faktura {number} og {number + 7}")


def write_camt(path: Path, count: int) -> None:
    """camt.053.001.02 in the shape Danish banks send with details, without blanks between the elements."""
    total = sum(entry.ore for entry in entries(count))
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:'
            'camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-12-31T06:00:00</CreDtTm>'
            "</GrpHdr><Stmt><Id>S1</Id><Acct><Id><IBAN>DK5000400440116243</IBAN></Id><Ccy>DKK</Ccy></Acct>"
            f"{_camt_balance('OPBD', 0)}{_camt_balance('CLBD', total)}"
        )
        file.writelines(_camt_entry(entry) for entry in entries(count))
        file.write("</Stmt></BkToCstmrStmt></Document>")


def _camt_balance(kind: str, ore: int) -> str:
    side, ore = ("CRDT", ore) if ore >= 0 else ("DBIT", -ore)
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='DKK'>{ore // 100}.{ore % 100:02d}</Amt>"
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>2026-12-31</Dt></Dt></Bal>"
    )


def _camt_entry(entry: Entry) -> str:
    day = f"{entry.day[:4]}-{entry.day[4:6]}-{entry.day[6:]}"
    side, role = ("CRDT", "Dbtr") if entry.ore >= 0 else ("DBIT", "Cdtr")
    told = f"<Ustrd>{entry.text}</Ustrd>"
    if entry.number % 3 == 0:
        told = f"<Strd><CdtrRefInf><Ref>71{entry.number:013d}</Ref></CdtrRefInf></Strd>"
    return (
        f"<Ntry><NtryRef>{entry.number}</NtryRef><Amt Ccy='DKK'>{entry.amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>"
        f"<Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<AcctSvcrRef>AR{entry.number:012d}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd>"
        f"<SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E2E-{entry.number}"
        f"</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy='DKK'>{entry.amount}</Amt></TxAmt></AmtDtls><RltdPties>"
        f"<{role}><Nm>{entry.party}</Nm></{role}><{role}Acct><Id><IBAN>DK8398760012345678</IBAN></Id></{role}Acct>"
        f"</RltdPties><RmtInf>{told}</RmtInf></TxDtls></NtryDtls>"
        f"<AddtlNtryInf>Overførsel {entry.number}</AddtlNtryInf></Ntry>"
    )


def write_mt940(path: Path, count: int) -> None:
    """One MT940 message with Nordic `/CODE/` details."""
    total = sum(entry.ore for entry in entries(count))
    with path.open("w", encoding="latin-1", newline="") as file:
        file.write(":20:STARTUMS\r\n:25:DK5000400440116243\r\n:28C:1/1\r\n:60F:C251231DKK0,00\r\n")
        for entry in entries(count):
            side = "C" if entry.ore >= 0 else "D"
            file.write(
                f":61:{entry.day[2:]}{entry.day[4:]}{side}{entry.amount.replace('.', ',')}NTRF"
                f"E2E{entry.number}//AR{entry.number:012d}\r\n"
                f":86:/TRTP/OVERFOERSEL/EREF/E2E-{entry.number}\r\n/NAME/{entry.party}\r\n"
                f"/IBAN/DK8398760012345678/BIC/DABADKKK\r\n/REMI/{entry.text}\r\n"
            )
        side, total = ("C", total) if total >= 0 else ("D", -total)
        file.write(f":62F:{side}261231DKK{total // 100},{total % 100:02d}\r\n-\r\n")


def write_ofx(path: Path, count: int) -> None:
    """OFX 1.02 with tags left open, as most banks still send it."""
    total = sum(entry.ore for entry in entries(count))
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(
            "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:USASCII\r\nCHARSET:1252\r\n"
            "COMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n<OFX><SIGNONMSGSRSV1><SONRS><STATUS>"
            "<CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261231<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1>"
            "<STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>DKK<BANKACCTFROM>"
            "<BANKID>0040<ACCTID>0440116243<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20260101"
            "<DTEND>20261231\r\n"
        )
        for entry in entries(count):
            sign, kind = ("", "CREDIT") if entry.ore >= 0 else ("-", "DEBIT")
            file.write(
                f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>{entry.day}<TRNAMT>{sign}{entry.amount}"
                f"<FITID>AR{entry.number:012d}<NAME>{entry.party}<MEMO>{entry.text}</STMTTRN>\r\n"
            )
        sign, total = ("", total) if total >= 0 else ("-", -total)
        file.write(
            f"</BANKTRANLIST><LEDGERBAL><BALAMT>{sign}{total // 100}.{total % 100:02d}<DTASOF>20261231</LEDGERBAL>"
            "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\r\n"
        )


# What each reader makes of a file: how many entries, and their sum in øre.


def _ours(path: Path) -> tuple[int, int]:
    from recon.statements.readers import read_statement

    lines = read_statement(path).lines
    return lines.height, sum(lines["amount_minor"].to_list())


def _bankstatementparser(path: Path) -> tuple[int, int]:
    frame = import_module("bankstatementparser").CamtParser(str(path)).parse()
    return len(frame), round(sum(frame["Amount"].astype(float)) * 100)


def _mt_940(path: Path) -> tuple[int, int]:
    rows = import_module("mt940").parse(path.read_bytes(), encoding="latin-1").transactions
    return len(rows), int(sum(row.data["amount"].amount for row in rows) * 100)


def _ofxtools(path: Path) -> tuple[int, int]:
    tree = import_module("ofxtools.Parser").OFXTree()
    tree.parse(str(path))
    rows = tree.convert().statements[0].transactions
    return len(rows), int(sum(row.trnamt for row in rows) * 100)


MAKERS: dict[str, Callable[[Path, int], None]] = {
    "camt.053": write_camt,
    "MT940": write_mt940,
    "OFX": write_ofx,
}
ENDINGS = {"camt.053": "xml", "MT940": "sta", "OFX": "ofx"}
READERS: dict[str, dict[str, Callable[[Path], tuple[int, int]]]] = {
    "camt.053": {"recon": _ours, "bankstatementparser": _bankstatementparser},
    "MT940": {"recon": _ours, "mt-940": _mt_940},
    "OFX": {"recon": _ours, "ofxtools": _ofxtools},
}


def read_once(kind: str, reader: str, path: Path, warm: Path) -> dict[str, Any]:
    """One reading in this process: entries, sum, seconds of processor time, kilobytes grown."""
    read = READERS[kind][reader]
    read(warm)
    before = _resident()
    started = time.process_time()
    count, total = read(path)
    taken = time.process_time() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"count": count, "sum": total, "seconds": taken, "grown": max(0, grown)}


def _resident() -> int:
    """Kilobytes in memory now, by Linux's account; elsewhere the highest so far."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() // 1024


def in_process(python: Path, *asked: str) -> dict[str, Any]:
    """The same in a process of its own; `error` where it ends badly."""
    done = subprocess.run(
        [str(python), __file__, "--read", *asked], capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["it ended without a word"])[-1][:70]}
    return json.loads(done.stdout.splitlines()[-1])


def compare(kind: str, folder: Path, count: int, times: int, others: Path) -> list[str]:
    """Print the table of one format; returns what is not as it should be."""
    path, warm = (folder / f"{length}.{ENDINGS[kind]}" for length in ("long", "tenth"))
    MAKERS[kind](path, count)
    MAKERS[kind](warm, count // 10)
    size = path.stat().st_size
    truth = sum(entry.ore for entry in entries(count))
    say(f"\n{kind}: {count:,} entries, {size / 1e6:.1f} MB")
    say(f"  {'reader':22}{'entries/s':>11}{'us/entry':>10}{'memory':>9}{'takes':>9}   sum")
    runs: dict[str, list[dict[str, Any]]] = {reader: [] for reader in READERS[kind]}
    for _ in range(times):
        for reader, held in runs.items():
            python = Path(sys.executable) if reader == "recon" else others
            if python.exists():
                held.append(in_process(python, kind, reader, str(path), str(warm)))
    wrong = []
    ours = 0.0
    for reader, held in runs.items():
        good = [run for run in held if "error" not in run]
        if not good:
            say(f"  {reader:22}{held[0]['error'] if held else 'not installed: make bench-files'}")
            wrong += [f"{kind}: {reader} did not read"]
            continue
        best = min(good, key=lambda run: run["seconds"])
        each, memory = best["seconds"] / count, min(run["grown"] for run in good) * 1024 / size
        ours = ours or each
        right = (best["count"], best["sum"]) == (count, truth)
        say(
            f"  {reader:22}{1 / each:11,.0f}{each * 1e6:10.1f}{memory:8.1f}x{each / ours:8.2f}x"
            f"   {'right' if right else 'WRONG'}"
        )
        if reader != "recon":
            wrong += [f"{kind}: {reader} is ahead"] if each <= ours else []
            continue
        wrong += [] if right else [f"{kind}: our sum is wrong"]
        if kind not in BOUND:
            continue
        wrong += [f"{kind}: slower than the bound"] if 1 / each < BOUNDS["entries a second"] else []
        wrong += [f"{kind}: more memory than the bound"] if memory > BOUNDS["memory"] else []
    return wrong


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--entries", type=int, default=100_000)
    asked.add_argument("--times", type=int, default=3)
    asked.add_argument("--formats", default=",".join(MAKERS), help="comma between")
    asked.add_argument("--others", type=Path, default=OTHERS, help="a Python with the public readers")
    asked.add_argument(
        "--read", nargs=4, metavar=("FORMAT", "READER", "FILE", "SHORT"), help="read one, as JSON"
    )
    given = asked.parse_args()
    if given.read:
        kind, reader, path, warm = given.read
        if reader == "recon":
            sys.path.insert(0, str(ROOT))
        say(json.dumps(read_once(kind, reader, Path(path), Path(warm))))
        return 0
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in given.formats.split(","):
            wrong += compare(kind, Path(folder), given.entries, given.times, given.others)
    say("\n" + ("\n".join(wrong) if wrong else "All sums right, ahead of each reader, within the bounds."))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
