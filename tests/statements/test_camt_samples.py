"""Real files of many banks against the true figures written down beside them."""

import csv
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from recon.errors import DataRefused
from recon.money import to_minor
from recon.schema import BALANCES, EXPECTED, LINES, PARTS, conform
from recon.statements.readers import read_statement

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"


def manifest() -> list[dict[str, str]]:
    if not (SAMPLES / "manifest.tsv").is_file():
        return []
    with (SAMPLES / "manifest.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return [row for row in rows if row["format"] == "camt"]


ROWS = manifest()
READ = [row for row in ROWS if row["expect"] == "parse"]
REFUSED = [row for row in ROWS if row["expect"] == "reject"]

needs_samples = pytest.mark.skipif(not ROWS, reason="the sample files are not beside the project")


def named(rows):
    return [pytest.param(row, id=Path(row["file"]).stem) for row in rows] or [pytest.param(None)]


def minor(text: str, currency: str) -> int | None:
    return None if text in ("-", "") else to_minor(Decimal(text), currency)


@needs_samples
@pytest.mark.parametrize("row", named(READ))
def test_every_sample_gives_the_figures_of_its_manifest(row):
    read = read_statement(SAMPLES / row["file"])
    entries = pl.concat([read.lines.drop("references"), read.expected.drop("references")])

    assert entries.height == int(row["entries_total"])
    assert read.balances.height == int(row["statements"])
    currencies = row["currency"].split(";")
    assert read.balances["currency"].to_list() == currencies
    for place, currency in enumerate(currencies):
        account = read.balances["account_id"][place]
        own = entries.filter(pl.col("account_id") == account, pl.col("currency") == currency)
        amounts = own["amount_minor"].to_list()
        figure = {name: minor(row[name].split(";")[place], currency) for name in ("opening", "closing")}
        sums = {name: minor(row[name].split(";")[place], currency) for name in ("sum_credit", "sum_debit")}
        assert len(amounts) == int(row["entries"].split(";")[place])
        assert read.balances["opening_minor"][place] == figure["opening"]
        assert read.balances["closing_minor"][place] == figure["closing"]
        assert sum(amount for amount in amounts if amount > 0) == sums["sum_credit"]
        assert sum(-amount for amount in amounts if amount < 0) == sums["sum_debit"]
        ties = {"yes": True, "no": False, "na": None}[row["balances_tie"].split(";")[place]]
        assert read.balances["ties"][place] is ties
    ibans = [iban or bban for iban, bban in read.accounts.select("iban", "bban").iter_rows()]
    assert ibans == row["account"].split(";")


@needs_samples
@pytest.mark.parametrize("row", named(READ))
def test_every_sample_keeps_the_promises_of_the_frames(row):
    read = read_statement(SAMPLES / row["file"])
    for frame, table in ((read.lines, LINES), (read.parts, PARTS), (read.balances, BALANCES)):
        assert frame.schema == table.schema
        assert conform(frame, table).equals(frame)
    assert read.expected.schema == EXPECTED.schema
    sums = read.parts.group_by("line_id").agg(parts=pl.col("amount_minor").sum())
    assert sums.join(read.lines, on="line_id").filter(pl.col("parts") != pl.col("amount_minor")).is_empty()


@needs_samples
@pytest.mark.parametrize("row", named(READ))
def test_the_same_file_twice_gives_the_same_ids(row):
    once, again = (read_statement(SAMPLES / row["file"]) for _ in range(2))
    assert once.lines.equals(again.lines)
    assert once.parts.equals(again.parts)


@needs_samples
@pytest.mark.parametrize("row", named(REFUSED))
def test_what_is_no_statement_is_refused(row):
    with pytest.raises(DataRefused, match="Nothing was imported"):
        read_statement(SAMPLES / row["file"])


@needs_samples
def test_the_manifest_was_really_read():
    assert len(READ) >= 15
    assert REFUSED


@needs_samples
def test_other_formats_are_named_in_the_refusal():
    for folder, word in (("mt940", "MT940"), ("ofx", "OFX"), ("ubl", "camt")):
        file = next(path for path in sorted((SAMPLES / folder).rglob("*")) if path.is_file())
        with pytest.raises(DataRefused, match=word):
            read_statement(file)
