"""Real MT940 and OFX files: what each statement moved by itself, and by how much balances are off."""

import csv
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from recon.errors import DataRefused
from recon.money import to_minor
from recon.schema import FINDINGS, conform
from recon.statements.readers.mt940 import read_mt940
from recon.statements.readers.ofx import read_ofx

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
READERS = {"mt940": read_mt940, "ofx": read_ofx}


def manifest() -> list[dict[str, str]]:
    if not (SAMPLES / "manifest.tsv").is_file():
        return []
    with (SAMPLES / "manifest.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return [row for row in rows if row["format"] in READERS]


ROWS = manifest()
needs_samples = pytest.mark.skipif(not ROWS, reason="the sample files are not beside the project")


def expecting(*words: str):
    rows = [row for row in ROWS if row["expect"] in words]
    return [pytest.param(row, id=Path(row["file"]).stem) for row in rows] or [pytest.param(None)]


def read(row: dict[str, str], currency: str | None = None):
    path = SAMPLES / row["file"]
    return READERS[row["format"]](path.read_bytes(), path.name, currency, None)


def listed(row: dict[str, str], column: str) -> list[str]:
    return [value for value in row[column].split(";") if value]


def figures(row: dict[str, str]) -> list[tuple]:
    """Per statement: currency, opening, closing, money in, money out, whether it ties."""
    told = []
    for place, currency in enumerate(listed(row, "currency")):
        values = [listed(row, name)[place] for name in ("opening", "closing", "sum_credit", "sum_debit")]
        amounts = [None if value == "-" else to_minor(Decimal(value), currency) for value in values]
        told.append(
            (currency, *amounts, {"yes": True, "no": False, "na": None}[listed(row, "balances_tie")[place]])
        )
    return told


def figures_read(statement, counts: list[int]) -> list[tuple]:
    told, start = [], 0
    for count, balance in zip(counts, statement.balances.iter_rows(named=True), strict=True):
        amounts = statement.lines["amount_minor"].slice(start, count).to_list()
        start += count
        come = sum(amount for amount in amounts if amount > 0)
        gone = -sum(amount for amount in amounts if amount < 0)
        ends = balance["opening_minor"], balance["closing_minor"]
        told.append((balance["currency"], *ends, come, gone, balance["ties"]))
    assert start == statement.lines.height
    return told


@needs_samples
@pytest.mark.parametrize("row", expecting("parse"))
def test_each_statement_of_a_sample_has_its_own_money_in_and_out(row):
    statement = read(row)
    assert figures_read(statement, [int(count) for count in listed(row, "entries")]) == figures(row)


@needs_samples
@pytest.mark.parametrize("row", expecting("parse", "empty"))
def test_a_sample_whose_balances_do_not_tie_says_by_how_much(row):
    statement = read(row)
    assert conform(statement.findings, FINDINGS).equals(statement.findings)
    off = statement.findings.filter(pl.col("what") == "balance_does_not_tie")
    assert off.height == listed(row, "balances_tie").count("no")
    missing = statement.balances.filter(pl.col("ties").eq_missing(pl.lit(False))).select(
        pl.col("closing_minor") - pl.col("opening_minor") - pl.col("booked_minor")
    )
    assert off["amount_minor"].to_list() == missing.to_series().to_list()


@needs_samples
@pytest.mark.parametrize(
    ("stem", "currency", "come"), [("lbbw2", "EUR", 100), ("fixtures__ofx-v102-empty-tags", "USD", 1234)]
)
def test_a_file_without_currency_asks_for_it_and_takes_the_one_given(stem, currency, come):
    row = next(row for row in ROWS if Path(row["file"]).stem == stem)
    with pytest.raises(DataRefused, match="give one with the import"):
        read(row)
    assert read(row, currency).lines["amount_minor"].to_list() == [come]
