"""Journals for other programs: each read back by the program itself where it can be installed, else by a small reader
of our own, and the money compared with the journal's."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from post_book import BANKS, book, net
from test_post_formats import GIVEN, ITEMS, LINES

from recon.errors import UsageError
from recon.post.formats import FORMATS, Export, render
from recon.post.formats.ledger_names import ledger_name
from recon.post.journal import reverse

FOREIGN_LINES = """
line_id  account_id  booking_date  amount_minor  currency  text       counterparty_name
e1       euro        2026-01-12    250.00        EUR       SEPA       Berlin GmbH
"""
FOREIGN_ITEMS = """
item_id  kind     document_no  counterparty_id  counterparty_name  currency  total_minor
f1       invoice  2001         10077            Berlin GmbH        EUR       250.00
"""
FOREIGN_GIVEN = """
line_id  item_id  amount_minor  decision_id
e1       f1       250.00        abroad
"""
HOSTILE = 'a "quoted" name; with | bar \\ back {brace} #VER ^link, tag:x'


def danish() -> Export:
    postings, allocated, lines, items, accounts = book(LINES, ITEMS, GIVEN)
    return Export(
        postings, lines, items, accounts, "2026-01", allocations=allocated, company="Nordlys Interiør ApS"
    )


def with_euro() -> Export:
    one = danish()
    postings, allocated, lines, items, _ = book(FOREIGN_LINES, FOREIGN_ITEMS, FOREIGN_GIVEN, BANKS)
    return dataclasses.replace(
        one,
        postings=pl.concat([one.postings, postings]),
        allocations=pl.concat([one.allocations, allocated]),
        lines=pl.concat([one.lines, lines]),
        items=pl.concat([one.items, items]),
    )


def undone() -> Export:
    """A batch whose journals all went out, answered by their reversals."""
    one = danish()
    answer = reverse(one.postings, "undo", date(2026, 2, 1))
    return dataclasses.replace(
        one, postings=pl.concat([one.postings, answer]), allocations=one.allocations.head(0)
    )


def hostile() -> Export:
    one = danish()
    words = {"counterparty_name": pl.lit(HOSTILE), "text": pl.lit(HOSTILE)}
    return dataclasses.replace(
        one,
        postings=one.postings.with_columns(text=pl.lit(HOSTILE)),
        lines=one.lines.with_columns(**words),
        items=one.items.with_columns(**words, document_no=pl.lit(HOSTILE)),
    )


BATCHES = [danish, with_euro, undone, hostile]


def named_net(export: Export) -> dict[tuple[str, str], int]:
    """What each account holds, by the number that begins its name."""
    return {key: minor for key, minor in net(export.postings).items() if minor}


def by_number(held: dict[tuple[str, str], Decimal]) -> dict[tuple[str, str], int]:
    """`Assets:5820-Bank-operations` → `5820`, in minor units; zeros left out."""
    plain = {
        (name.split(":")[1].split("-")[0], currency): int(100 * amount)
        for (name, currency), amount in held.items()
    }
    return {key: minor for key, minor in plain.items() if minor}


# ---- plain-text accounting, checked by the programs themselves


@pytest.mark.parametrize("batch", BATCHES)
def test_beancount_takes_the_file_and_holds_the_same_money(batch, tmp_path):
    loader = pytest.importorskip("beancount.loader", reason="beancount is not installed")
    path = tmp_path / "batch.beancount"
    path.write_bytes(render("beancount", batch()))
    entries, errors, _ = loader.load_file(str(path))
    assert not errors
    held: dict[tuple[str, str], Decimal] = {}
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            key = (posting.account, posting.units.currency)
            held[key] = held.get(key, Decimal(0)) + posting.units.number
    assert by_number(held) == named_net(batch())


@pytest.mark.parametrize("batch", BATCHES)
def test_hledger_takes_the_file_and_holds_the_same_money(batch, tmp_path):
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("hledger is not installed on this machine (Debian: apt install hledger)")
    path = tmp_path / "batch.journal"
    path.write_bytes(render("hledger", batch()))
    subprocess.run([program, "-f", str(path), "check", "--strict"], check=True, capture_output=True)
    asked = [program, "-f", str(path), "balance", "--flat", "--no-total", "-O", "csv"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    held = {}
    for name, amounts in list(csv.reader(io.StringIO(told)))[1:]:
        for amount in amounts.split(", "):
            number, _, currency = amount.partition(" ")
            if currency:
                held[name, currency] = Decimal(number)
    assert by_number(held) == named_net(batch())


def test_beancount_file():
    told = render("beancount", danish()).decode()
    assert '2026-01-05 * "Nordic Customer A/S" "Invoice 1042, Bank fee · Nordic Customer A/S" ^j_' in told
    assert "  Assets:5820-Bank-operations  95.00 DKK\n" in told
    assert "  Expenses:7220-Bank-charges  5.00 DKK\n" in told


#  number, name and kind of an account, and its name in plain-text accounting
NAMES = [
    ("5820", "Bank, operations", "bank", "Assets:5820-Bank-operations"),
    ("6800", "Kreditorer", "creditor", "Liabilities:6800-Kreditorer"),
    ("7220", "Gebyrer på køb", "expense", "Expenses:7220-Gebyrer-paa-koeb"),
    ("a1", None, None, "Equity:A1"),
]


@pytest.mark.parametrize(("number", "name", "kind", "told"), NAMES)
def test_an_account_has_a_name_that_every_program_takes(number, name, kind, told):
    assert ledger_name({"erp_account": number, "account_name": name, "account_kind": kind}) == told


# ---- SIE, read back by the rules of its format


def sie_rows(data: bytes) -> list[list[str]]:
    """Records as fields: quoted text with \\" inside, objects in braces as one."""
    text = data.decode("cp437")
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    field = re.compile(r'"(?:[^"\\]|\\")*"|\{[^}]*\}|\S+')
    return [field.findall(line) for line in text.split("\r\n") if line]


@pytest.mark.parametrize("batch", [danish, undone, hostile])
def test_every_voucher_of_the_sie_file_sums_to_zero(batch):
    held: dict[tuple[str, str], int] = {}
    sums, known = [], set()
    for row in sie_rows(render("sie4", batch())):
        if row[0] == "#KONTO":
            known.add(row[1])
        elif row[0] == "#VER":
            sums.append(0)
        elif row[0] == "#TRANS":
            minor = int(100 * Decimal(row[3]))
            sums[-1] += minor
            assert row[1] in known
            held[row[1], "DKK"] = held.get((row[1], "DKK"), 0) + minor
    assert set(sums) == {0}
    assert {key: minor for key, minor in held.items() if minor} == named_net(batch())


def test_sie_file_begins_as_the_format_asks():
    head = [row[0] for row in sie_rows(render("sie4", danish()))][:7]
    assert head == ["#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#FNAMN", "#VALUTA"]
    assert "Nordlys Interiör ApS".encode("cp437") in render("sie4", danish())


# ---- e-conomic's API, Dinero, SAF-T


def test_vouchers_for_the_api_of_economic():
    told = json.loads(render("economic-api", danish()), parse_float=Decimal)["vouchers"]
    assert told[0] == {
        "accountingYear": {"year": "2026"},
        "entries": {
            "customerPayments": [
                {
                    "date": "2026-01-05",
                    "amount": Decimal("-100.00"),
                    "currency": {"code": "DKK"},
                    "text": "Invoice 1042 · Nordic Customer A/S",
                    "contraAccount": {"accountNumber": 5820},
                    "customer": {"customerNumber": 10042},
                    "customerInvoiceNumber": 1042,
                }
            ],
            "financeVouchers": [
                {
                    "date": "2026-01-05",
                    "amount": Decimal("5.00"),
                    "currency": {"code": "DKK"},
                    "text": "Bank fee · Nordic Customer A/S",
                    "contraAccount": {"accountNumber": 5820},
                    "account": {"accountNumber": 7220},
                }
            ],
        },
    }
    assert told[1]["entries"]["supplierPayments"][0]["supplierInvoiceNumber"] == "9"


def test_the_api_of_economic_moves_the_same_money():
    held: dict[int, int] = {}
    for voucher in json.loads(render("economic-api", danish()), parse_float=Decimal)["vouchers"]:
        for kind, entries in voucher["entries"].items():
            for entry in entries:
                whose = {"customerPayments": 5600, "supplierPayments": 6800}.get(kind)
                own = whose or entry["account"]["accountNumber"]
                minor = int(100 * entry["amount"])
                held[own] = held.get(own, 0) + minor
                contra = entry["contraAccount"]["accountNumber"]
                held[contra] = held.get(contra, 0) - minor
    assert {str(account): minor for account, minor in held.items() if minor} == {
        account: minor for (account, _), minor in named_net(danish()).items()
    }


def test_dinero_moves_the_same_money():
    held: dict[str, int] = {}
    for row in csv.DictReader(io.StringIO(render("dinero", danish()).decode())):
        minor = int(100 * Decimal(row["Amount"]))
        held[row["AccountNumber"]] = held.get(row["AccountNumber"], 0) + minor
        held[row["BalancingAccountNumber"]] = held.get(row["BalancingAccountNumber"], 0) - minor
    assert {account: minor for account, minor in held.items() if minor} == {
        account: minor for (account, _), minor in named_net(danish()).items()
    }


def test_saft_is_marked_as_partial_and_adds_up():
    root = ET.fromstring(render("saft", danish()))
    space = {"s": "urn:StandardAuditFile-Taxation-Financial:DK"}
    assert "Partial" in root.findtext("s:Header/s:HeaderComment", "", space)
    ledger = root.find("s:GeneralLedgerEntries", space)
    for tag, side in (("TotalDebit", "DebitAmount"), ("TotalCredit", "CreditAmount")):
        amounts = ledger.findall(f".//s:{side}/s:Amount", space)
        assert (
            sum(Decimal(one.text) for one in amounts) == Decimal(ledger.findtext(f"s:{tag}", "", space)) > 0
        )
    accounts = {one.text for one in root.findall(".//s:Account/s:AccountID", space)}
    assert {one.text for one in ledger.findall(".//s:AccountID", space)} == accounts


# ---- what is refused, before a byte is written


@pytest.mark.parametrize("name", ["sie4", "dinero", "saft"])
def test_a_program_with_one_currency_takes_no_other(name):
    with pytest.raises(UsageError, match=r"DKK, EUR.*Nothing was written"):
        render(name, with_euro())


def test_dinero_takes_danish_kroner_alone():
    postings, allocated, lines, items, accounts = book(FOREIGN_LINES, FOREIGN_ITEMS, FOREIGN_GIVEN)
    with pytest.raises(UsageError, match="kept in DKK"):
        render("dinero", Export(postings, lines, items, accounts, "x", allocations=allocated))


@pytest.mark.parametrize("name", ["sie4", "economic-api"])
def test_an_account_that_is_no_number_is_named(name):
    one = danish()
    lettered = one.postings.with_columns(pl.col("erp_account").replace({"7220": "GEBYR"}))
    with pytest.raises(UsageError, match="GEBYR"):
        render(name, dataclasses.replace(one, postings=lettered))


def test_formats_of_the_commands_are_all_there():
    assert {"economic", "dinero", "sie4", "beancount", "hledger", "xlsx", "csv"} <= set(FORMATS)
