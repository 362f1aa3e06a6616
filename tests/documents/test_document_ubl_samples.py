"""Real invoices of many senders against the true figures written down beside them."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from recon.documents import looks_like_documents, read_documents
from recon.money import to_minor
from recon.schema import ITEMS, conform
from recon.statements.readers import looks_like_statement

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"


def manifest() -> list[dict[str, str]]:
    if not (SAMPLES / "manifest.tsv").is_file():
        return []
    with (SAMPLES / "manifest.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return [row for row in rows if row["format"] == "ubl"]


ROWS = manifest()
needs_samples = pytest.mark.skipif(not ROWS, reason="the sample files are not beside the project")
each = pytest.mark.parametrize(
    "row", [pytest.param(row, id=Path(row["file"]).stem) for row in ROWS] or [pytest.param(None)]
)


def bare(text: str | None) -> str:
    return "".join(sign for sign in text or "" if sign.isalnum()).upper()


@needs_samples
@each
@pytest.mark.parametrize("we_sell", [False, True])
def test_every_sample_gives_the_figures_of_its_manifest(row, we_sell):
    assert row["expect"] == "parse", "no other expectation is known here"
    read = read_documents(SAMPLES / row["file"], own_ids=(row["supplier" if we_sell else "customer"],))
    found = read.items.row(0, named=True)
    credit = row["doc_type"] == "credit note 381"
    payable = to_minor(Decimal(row["payable"]), row["currency"])
    kinds = ("invoice", "credit_note") if we_sell else ("bill", "bill_credit")

    assert read.items.height == 1
    assert conform(read.items, ITEMS).equals(read.items)
    assert found["kind"] == kinds[credit]
    assert found["open_minor"] == (payable if we_sell != credit else -payable)
    assert (found["document_no"], found["currency"]) == (row["invoice_no"], row["currency"])
    assert str(found["issue_date"]) == row["issue_date"]
    assert str(found["due_date"] or "") == row["due_date"].split(";")[0]
    assert found["counterparty_name"] == row["customer" if we_sell else "supplier"]
    assert found["payment_reference"] == (row["payment_id"].replace(" ", "") or None)
    account = "" if we_sell else row["payee_account"].split(";")[0]
    assert bare(found["counterparty_account"]).endswith(bare(account))
    assert bool(found["counterparty_account"]) is bool(account)
    for number in filter(None, row["ref_to"].split(";")):
        assert number in found["text"]
    told = set(read.findings["what"])
    assert ("refers_to" in told) is bool(row["ref_to"])
    assert ("several_accounts" in told) is (";" in row["payee_account"])
    assert not told & {"totals_differ", "side_not_known", "prepaid_too_much"}, "the sums of these are sound"


@needs_samples
@each
def test_every_sample_is_known_by_its_content(row):
    data = (SAMPLES / row["file"]).read_bytes()
    assert looks_like_documents(data)
    assert not looks_like_statement(data)


@needs_samples
def test_the_manifest_was_really_read():
    assert len(ROWS) >= 25


@needs_samples
def test_no_statement_is_taken_for_documents():
    for folder in ("camt", "mt940", "ofx"):
        for path in (SAMPLES / folder).rglob("*"):
            assert not path.is_file() or not looks_like_documents(path.read_bytes(), path.name), path.name
