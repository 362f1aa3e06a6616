"""Real files of many banks, in every format read, against the true figures written down beside them."""

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from recon.errors import DataRefused
from recon.money import to_minor
from recon.schema import BALANCES, EXPECTED, LINES, PARTS, Statement, conform
from recon.statements.readers import read_statement

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
FORMATS = ("camt", "mt940", "ofx", "csv")


def manifest() -> list[dict[str, str]]:
    if not (SAMPLES / "manifest.tsv").is_file():
        return []
    with (SAMPLES / "manifest.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return [row for row in rows if row["format"] in FORMATS]


ROWS = manifest()
needs_samples = pytest.mark.skipif(not ROWS, reason="the sample files are not beside the project")


def expected_to(*what: str, formats: tuple[str, ...] = ("camt", "mt940", "ofx")):
    rows = [row for row in ROWS if row["expect"] in what and row["format"] in formats]
    return [pytest.param(row, id=f"{row['format']}-{Path(row['file']).stem}") for row in rows] or [
        pytest.param(None)
    ]


def minor(text: str, currency: str) -> int | None:
    return None if text in ("-", "") else to_minor(Decimal(text), currency)


def bare(number: str | None) -> str:
    return re.sub(r"[^A-Z0-9]", "", (number or "").upper())


def check_figures(row: dict[str, str], read: Statement) -> None:
    """Everything the manifest states of the file, statement by statement where it says so."""
    entries = pl.concat([read.lines.drop("references"), read.expected.drop("references")])
    balances = read.balances.to_dicts()
    assert entries.height == int(row["entries_total"])
    assert len(balances) == int(row["statements"])

    currencies = [
        given if given not in ("", "-") else balances[place]["currency"]
        for place, given in enumerate(row["currency"].split(";")[: len(balances)])
    ]
    assert [balance["currency"] for balance in balances] == currencies
    figures = {
        name: [minor(text, currency) for text, currency in zip(row[name].split(";"), currencies, strict=True)]
        for name in ("opening", "closing", "sum_credit", "sum_debit")
    }
    amounts = entries["amount_minor"].to_list()
    assert sum(amount for amount in amounts if amount > 0) == sum(figures["sum_credit"])
    assert sum(-amount for amount in amounts if amount < 0) == sum(figures["sum_debit"])
    assert [balance["opening_minor"] for balance in balances] == figures["opening"]
    assert [balance["closing_minor"] for balance in balances] == figures["closing"]
    ties = [{"yes": True, "no": False, "na": None}[word] for word in row["balances_tie"].split(";")]
    assert [balance["ties"] for balance in balances] == ties
    if read.expected.is_empty() and set(entries["currency"]) <= set(currencies):
        moved = [c - d for c, d in zip(figures["sum_credit"], figures["sum_debit"], strict=True)]
        assert [balance["booked_minor"] for balance in balances] == moved

    held = {
        account["account_id"]: bare(account["iban"] or account["bban"])
        for account in read.accounts.to_dicts()
    }
    for balance, number in zip(balances, row["account"].split(";"), strict=True):
        known = held[balance["account_id"]]
        assert known and (bare(number).endswith(known) or known.endswith(bare(number)))


@needs_samples
@pytest.mark.parametrize("row", expected_to("parse", "empty"))
def test_a_sample_gives_the_figures_of_its_manifest(row):
    read = read_statement(SAMPLES / row["file"])
    if row["statements"] != "0":
        check_figures(row, read)
    if row["expect"] == "empty":
        assert read.lines.is_empty() and read.expected.is_empty()


@needs_samples
@pytest.mark.parametrize("row", expected_to("lenient"))
def test_a_malformed_sample_gives_its_figures_or_is_refused(row):
    """Never something in between. A currency the file lacks is given, so that more than its lack is tried."""
    given = None if row["currency"].strip("-") else "EUR"
    try:
        read = read_statement(SAMPLES / row["file"], currency=given)
    except DataRefused as refused:
        assert "othing" in refused.words
    else:
        check_figures(row, read)


@needs_samples
@pytest.mark.parametrize("row", expected_to("parse", "lenient", formats=("csv",)))
def test_a_table_gives_its_figures_or_asks_for_its_layout(row):
    """A table without titles says nothing of its columns; what a person then says is tested with the layouts."""
    try:
        read = read_statement(SAMPLES / row["file"], currency=row["currency"])
    except DataRefused as refused:
        assert "Nothing was imported" in refused.words
    else:
        entries = pl.concat([read.lines.drop("references"), read.expected.drop("references")])
        amounts = entries["amount_minor"].to_list()
        assert len(amounts) == int(row["entries_total"])
        assert sum(amount for amount in amounts if amount > 0) == minor(row["sum_credit"], row["currency"])
        assert sum(-amount for amount in amounts if amount < 0) == minor(row["sum_debit"], row["currency"])


@needs_samples
@pytest.mark.parametrize("row", expected_to("reject"))
def test_what_holds_no_statement_is_refused(row):
    with pytest.raises(DataRefused, match="Nothing was imported"):
        read_statement(SAMPLES / row["file"])


@needs_samples
@pytest.mark.parametrize("row", expected_to("parse"))
def test_a_sample_keeps_the_promises_of_the_frames(row):
    read, again = (read_statement(SAMPLES / row["file"]) for _ in range(2))
    for frame, table in ((read.lines, LINES), (read.parts, PARTS), (read.balances, BALANCES)):
        assert frame.schema == table.schema
        assert conform(frame, table).equals(frame)
    assert read.expected.schema == EXPECTED.schema
    sums = read.parts.group_by("line_id").agg(parts=pl.col("amount_minor").sum())
    assert sums.join(read.lines, on="line_id").filter(pl.col("parts") != pl.col("amount_minor")).is_empty()
    assert again.lines.equals(read.lines)
    assert again.parts.equals(read.parts)


@needs_samples
def test_the_manifest_was_really_read():
    counts = Counter((row["format"], row["expect"]) for row in ROWS)
    assert counts["camt", "parse"] >= 15
    assert counts["mt940", "parse"] >= 27
    assert counts["ofx", "parse"] >= 3
    assert counts["csv", "parse"] >= 8
    assert all(counts[kind, "reject"] for kind in ("camt", "mt940", "ofx"))


@needs_samples
def test_an_invoice_is_named_in_the_refusal():
    file = next(path for path in sorted((SAMPLES / "ubl").rglob("*")) if path.is_file())
    with pytest.raises(DataRefused, match="Documents"):
        read_statement(file)
