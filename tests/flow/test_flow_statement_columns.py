"""Columns of a bank's table, said once: found again by the titles, by whichever door the next file comes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

from recon.cli import main
from recon.errors import DataRefused, UsageError
from recon.flow.files import File, import_files, read_file
from recon.flow.statement_columns import LAYOUTS, forget_layout, keep_layout, kept_layout, table_rows
from recon.flow.workspace import Store, open_store
from recon.schema import Statement
from recon.settings import Settings
from recon.statements.readers.csv_layout import Layout, begun

STRANGE = "Hvornår;Hvad;Penge\n02.03.2026;a;1,00\n03.03.2026;b;-2,50\n"
SAID = Layout(
    {"date": (0,), "text": (1,), "amount": (2,)}, titles=("Hvornår", "Hvad", "Penge"), currency="DKK"
)
DNB = "02.03.2026;Husleie;02.03.2026;8000,00;\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    home = tmp_path / "company"
    return open_store(home, Settings(home=home))


def file(text: str | bytes, name: str = "konto.csv") -> File:
    return File(name, text.encode() if isinstance(text, str) else text)


def amounts(read) -> list[int]:
    assert isinstance(read.content, Statement)
    return read.content.lines["amount_minor"].to_list()


def test_what_was_said_is_used_for_the_next_file_with_these_titles(store):
    with pytest.raises(DataRefused):
        read_file(store, file(STRANGE))
    keep_layout(store, SAID, by="anna")
    later = STRANGE.replace("03.2026", "04.2026")
    read = read_file(store, file(later))
    assert read.mapped and amounts(read) == [100, -250]
    (done,) = import_files(store, [file(later)], by="cron")
    assert done.new == 2
    assert kept_layout(store, STRANGE.replace("Penge", "Beholdning").encode(), "x.csv") is None


def test_keeping_is_told_once_and_replaces_what_was_said_before(store):
    keep_layout(store, SAID, by="anna")
    keep_layout(store, SAID, by="anna")
    turned = Layout(SAID.columns, flip=True, titles=SAID.titles, currency="DKK")
    keep_layout(store, turned, by="anna")
    assert store.events().filter(kind="layout_kept").height == 2
    assert amounts(read_file(store, file(STRANGE))) == [-100, 250]


def test_what_was_said_may_be_forgotten(store):
    keep_layout(store, SAID, by="anna")
    forget_layout(store, SAID.titles, by="anna")
    forget_layout(store, SAID.titles, by="anna")
    assert kept_layout(store, STRANGE.encode(), "konto.csv") is None
    assert store.events().filter(kind="layout_forgotten").height == 1


def test_what_was_said_of_a_file_with_other_separators_is_found(store):
    bars = STRANGE.replace(";", "|")
    keep_layout(store, Layout(SAID.columns, delimiter="|", titles=SAID.titles, currency="DKK"), by="anna")
    assert amounts(read_file(store, file(bars))) == [100, -250]


def test_what_was_said_holds_for_a_statement_that_titles_alone_would_read(store):
    card = "Date,Text,Amount,Currency\n2026-03-04,Taxi,120.50,EUR\n"
    assert amounts(read_file(store, file(card))) == [12050]
    said = Layout(
        {"date": (0,), "text": (1,), "amount": (2,), "currency": (3,)}, flip=True,
        titles=("Date", "Text", "Amount", "Currency"),
    )  # fmt: skip
    keep_layout(store, said, by="anna")
    assert amounts(read_file(store, file(card))) == [-12050]


def test_a_statement_in_excel_is_one(store):
    book = io.BytesIO()
    rows = {"Dato": ["02.03.2026", "03.03.2026"], "Tekst": ["a", "b"], "Beløb": ["1,00", "-2,50"]}
    pl.DataFrame(rows).write_excel(book)
    read = read_file(store, file(book.getvalue(), "konto.xlsx"), currency="DKK")
    assert amounts(read) == [100, -250] and not read.mapped


def test_a_list_of_invoices_is_never_taken_for_a_statement(store):
    with pytest.raises(DataRefused, match="could be a bank statement or a list of documents"):
        read_file(store, file("Fakturanr;Dato;Navn;Beløb\n1;02.03.2026;A;1,00\n"), currency="DKK")


def test_a_bank_is_named_by_the_command(tmp_path, capsys):
    path = tmp_path / "konto.csv"
    path.write_text(DNB, "utf-8")
    command = ["import", str(path), "--home", str(tmp_path / "company"), "--json", "--currency", "NOK"]
    assert main([*command, "--layout", "sparekassen"]) == 2
    refused = json.loads(capsys.readouterr().out)["error"]["words"]
    assert all(name in refused for name in LAYOUTS) and "Nothing was imported" in refused
    assert main([*command, "--layout", "dnb"]) == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["new"] == 1


def test_an_unknown_name_is_refused_whatever_the_file_is(store):
    with pytest.raises(UsageError):
        read_file(store, file("<xml/>"), layout="sparekassen")


def test_a_long_file_says_how_far_it_is(store):
    told: list[tuple[float, str]] = []
    row = "\n:61:2603020302C1,00NTRFNONREF\n:86:salg"
    long = ":20:X\n:25:DK5000400440116243\n:28C:1/1\n:60F:C260301DKK0,00" + row * 20_000
    long += "\n:62F:C260302DKK20000,00\n-"
    import_files(store, [file(STRANGE.replace("Hvornår;Hvad;Penge", "Dato;Tekst;Beløb")), file(long, "l.sta")],
                 by="anna", currency="DKK", progress=lambda share, words: told.append((share, words)))  # fmt: skip
    shares = [share for share, _ in told]
    assert shares and shares == sorted(shares) and min(shares) >= 0.5 and max(shares) <= 1
    assert {words for _, words in told} == {"reading l.sta"}


@pytest.mark.parametrize(
    ("text", "header", "roles"),
    [
        (STRANGE, 1, set()),
        ("Konto;5820;\n" + STRANGE, 2, set()),
        (DNB, 0, set()),
        ("Dato;Tekst;Beløb;Belopp\n02.03.2026;a;1,00;2,00\n", 1, {"date", "text"}),
        ("Dato;Tekst;Ting\n02.03.2026;a;1,00\n", 1, {"date", "text"}),
    ],
)
def test_a_person_begins_with_what_titles_tell_and_no_guess(text, header, roles):
    start = begun(table_rows(text.encode(), "x.csv") or [])
    assert start.header == header and set(start.columns) == roles
