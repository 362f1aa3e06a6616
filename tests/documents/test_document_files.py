"""Documents from CSV and Excel: whole file or nothing, every bad cell named, the same document the same id."""

import io
import random
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.documents import (
    COLUMNS,
    looks_like_documents,
    read_documents,
    read_documents_bytes,
    write_template,
)
from recon.errors import DataRefused, ReconError, UsageError
from recon.money import plain
from recon.schema import ITEMS, conform

HEAD = "kind;number;party_name;issue_date;due_date;currency;total;open_amount\n"


def read(text, name="documents.csv", encoding="utf-8", **options):
    return read_documents_bytes(text.encode(encoding), name, **options)


def item(text, **options):
    return read(text, **options).items.row(0, named=True)


def problems(text, **options):
    with pytest.raises(DataRefused) as refused:
        read(text, **options)
    return [(p["line"], p["column"], p["reason"]) for p in refused.value.fields["problems"]]


@pytest.mark.parametrize(
    ("kind", "kept", "total", "open_minor"),
    [
        ("invoice", "invoice", 12500, 2500),
        ("credit_note", "credit_note", -12500, -2500),
        ("bill", "bill", -12500, -2500),
        ("receipt", "bill", -12500, -2500),
        ("bill_credit", "bill_credit", 12500, 2500),
        ("payout", "payout", 12500, 2500),
        ("Credit Note", "credit_note", -12500, -2500),
    ],
)
def test_the_kind_says_which_way_the_cash_goes(kind, kept, total, open_minor):
    found = item(HEAD + f"{kind};1;Bager;;;DKK;125.00;25.00\n")
    assert (found["kind"], found["total_minor"], found["open_minor"]) == (kept, total, open_minor)


def test_a_negative_document_keeps_its_kind_and_turns_its_sign():
    found = item(HEAD + "invoice;1;Bager;;;DKK;-125.00;-25.00\n")
    assert (found["kind"], found["total_minor"], found["open_minor"]) == ("invoice", -12500, -2500)


def test_a_receipt_says_so_in_its_text():
    assert item("kind;number;total;currency;text\nreceipt;1;5;DKK;Taxa\n")["text"] == "Receipt: Taxa"


@pytest.mark.parametrize(
    ("open_amount", "status", "open_minor", "kept"),
    [
        ("", "", 12500, 1),
        ("", "booked", 12500, 1),
        ("0", "", 0, 1),
        ("", "Paid", 0, 1),
        ("25.00", "paid", 2500, 1),  # the figure beats the word
        ("", "cancelled", 0, 1),
        ("", "Draft", None, 0),
    ],
)
def test_what_is_open(open_amount, status, open_minor, kept):
    found = read(
        f"kind;number;currency;total;open_amount;status\ninvoice;1;DKK;125.00;{open_amount};{status}\n"
    )
    assert found.items["open_minor"].to_list() == [open_minor] * kept
    assert found.findings["what"].to_list() == ([] if kept else ["draft"])


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_delimiters_and_encodings_of_real_exports(delimiter, encoding, ends):
    text = 'kind;number;party_name;currency;total\ninvoice;0012;"Smørrebrød; A/S";DKK;"1234.50"\n'
    text = text.replace(";", delimiter).replace("\n", ends)
    found = item(text, encoding=encoding)
    assert (found["document_no"], found["counterparty_name"]) == ("0012", f"Smørrebrød{delimiter} A/S")
    assert found["total_minor"] == 123450


def test_letters_saved_in_the_wrong_encoding_are_mended():
    twice = "Smørrebrød".encode().decode("cp1252")
    assert item(HEAD + f"bill;1;{twice};;;DKK;1;\n")["counterparty_name"] == "Smørrebrød"


def test_the_separator_line_and_blank_lines_do_not_shift_the_line_numbers():
    text = "sep=;\nkind;number;total;currency\n\ninvoice;1;1;DKK\n;;;\ninvoice;2;x;DKK\n"
    assert problems(text) == [(6, "total", "“x” is no amount")]


def test_a_cell_over_two_lines_does_not_shift_the_line_numbers():
    assert problems('kind;number;text;total;currency\nbill;1;"two\nlines";1;DKK\nbill;2;;x;DKK\n')[0][0] == 4


@pytest.mark.parametrize(
    ("cells", "minors"),
    [
        (["1234.50", "1.50"], [123450, 150]),
        (["1.234,50", "2.000"], [123450, 200000]),  # the first decides for the second
        (["1,234.50", "2,000"], [123450, 200000]),
        (["1.234", "0,5"], [123400, 50]),
        (["1 234,50", "12\u00a0345,00", "1\u202f000,00"], [123450, 1234500, 100000]),
        (["300,00-", "\u2212300,00"], [-30000, -30000]),
        (["100,00 DKK", "kr. 1.234,00", "DKK 5,00"], [10000, 123400, 500]),
        (["1000", "12345"], [100000, 1234500]),
        (["1.234.567"], [123456700]),
        (["0.123.456,00", "1,5"], None),  # no such grouping
        (["12.34.567,00"], None),
        (["1,50", "1.50"], None),  # two ways in one column
        (["1.234"], None),  # thousands or decimals: not decided
        (["1,234", "2,345"], None),
        (["1.005,5", "1,005"], None),  # more decimals than the currency has
        (["abc"], None),
        (["1e5"], None),
        (["--5"], None),
        (["5 5"], None),  # blanks stand only before three digits
        (["1 2345"], None),
    ],
)
def test_amounts_are_read_over_the_whole_column_or_not_at_all(cells, minors):
    rows = "".join(f'invoice;{n};Bager;;;DKK;"{cell}";\n' for n, cell in enumerate(cells))
    if minors is None:
        assert {column for _, column, _ in problems(HEAD + rows)} == {"total"}
    else:
        assert read(HEAD + rows).items["total_minor"].to_list() == minors


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["2026-01-31", "2026-02-01"], [date(2026, 1, 31), date(2026, 2, 1)]),
        (["31-01-2026", "1.2.2026"], [date(2026, 1, 31), date(2026, 2, 1)]),
        (["31/01/2026", ""], [date(2026, 1, 31), None]),
        (["2026/01/31", "2026-02-01 00:00:00"], [date(2026, 1, 31), date(2026, 2, 1)]),
        (["31.02.2026", "01.03.2026"], None),
        (["2026-01-31", "01-02-2026"], None),  # two orders in one column
        (["01/31/2026", "02/28/2026"], None),  # month first
        (["31-01-26"], None),
        (["46053"], None),
    ],
)
def test_dates_are_read_in_one_order_or_not_at_all(cells, days):
    rows = "".join(f"invoice;{n};Bager;;{cell};DKK;1;\n" for n, cell in enumerate(cells))
    if days is None:
        assert {column for _, column, _ in problems(HEAD + rows)} == {"due_date"}
    else:
        assert read(HEAD + rows).items["due_date"].to_list() == days


def test_every_bad_cell_is_named_and_nothing_is_kept():
    text = HEAD + (
        "invoice;1;Bager;2026-01-01;2026-02-31;DKK;1.00;\n"
        "factura;2;Bager;;;DKK;2.00;\n"
        "bill;;Bager;;;XYZ;3.00;\n"
        "bill;4;Bager;;;DKK;;\n"
        "bill;5;Bager;;;DKK;5.00;-1.00\n"
        "invoice;1;bager;;;DKK;6.00;\n"
    )
    assert [(line, column) for line, column, _ in problems(text)] == [
        (2, "due_date"), (3, "kind"), (4, "currency"), (4, "number"), (5, "total"), (6, "open_amount"), (7, "number"),
    ]  # fmt: skip
    with pytest.raises(
        DataRefused, match=r"line 2, column due_date: “2026-02-31” is no date; line 3.*and 4 more"
    ):
        read(text)


def test_the_same_document_gets_the_same_id_from_each_file():
    by_number = item("kind;number;party_id;total;currency\nbill;7;K1;5;DKK\n")["item_id"]
    assert (
        item("currency,total,number,kind,party_id,due_date\nDKK,9,7,bill,K1,2026-01-01\n")["item_id"]
        == by_number
    )
    assert item("kind;number;party_id;total;currency\nbill;7;K2;5;DKK\n")["item_id"] != by_number
    assert item("kind;number;party_id;total;currency\nbill_credit;7;K1;5;DKK\n")["item_id"] != by_number
    outside = "kind;number;total;currency;external_id\nbill;{};5;DKK;e-17\n"
    assert item(outside.format(7))["item_id"] == item(outside.format("0007"))["item_id"]


def test_one_document_twice_in_a_file_is_refused():
    text = "kind;number;party_id;total;currency;external_id\nbill;7;K1;5;DKK;{}\nbill;{};K1;5;DKK;{}\n"
    assert problems(text.format("a", 7, "b")) == [(3, "number", "“7” is in line 2 already")]
    assert problems(text.format("a", 8, "a")) == [(3, "external_id", "“a” is in line 2 already")]


def test_foreign_headers_are_mapped_and_other_columns_told():
    text = "Type;Fakturanr.;Beløb inkl. moms;Afdeling\ninvoice;17;1.250,00;Nord\n"
    mapping = {"kind": "type", "number": "Fakturanr.", "total": "Beløb inkl. moms"}
    found = read(text, mapping=mapping, currency="DKK")
    assert found.items.select("document_no", "total_minor", "currency").rows() == [("17", 125000, "DKK")]
    assert found.findings["what"].to_list() == ["columns_not_read"]
    with pytest.raises(DataRefused, match="no column “Sum”"):
        read(text, mapping=mapping | {"total": "Sum"}, currency="DKK")
    with pytest.raises(UsageError, match="no column of the template"):
        read(text, mapping=mapping | {"amount": "Beløb"}, currency="DKK")


def test_without_a_currency_one_must_be_given():
    assert problems("kind;number;total\nbill;1;5\n") == [
        (2, "currency", "is empty; give a currency with the import")
    ]
    assert item("kind;number;total\nbill;1;5\n", currency="jpy")["total_minor"] == -5


def test_our_own_company_as_the_other_party_is_told():
    found = read(HEAD + "bill;1;Havnens Bageri ApS;;;DKK;1;\n", own_ids=("12345678", "havnens  bageri aps"))
    assert found.findings["what"].to_list() == ["own_company"]


def test_more_open_than_the_total_is_told():
    assert read(HEAD + "bill;1;Bager;;;DKK;10;12\n").findings.select("what", "amount_minor").rows() == [
        ("open_exceeds_total", 200)
    ]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"<?xml version='1.0'?><Invoice xmlns='urn:x'/>", "no UBL 2.1 invoice"),
        (b"<ubl:CreditNote xmlns:ubl='urn:x'/>", "no UBL 2.1 invoice"),
        (b"<html/>", "XML or HTML"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0....", "old Excel"),
        (b"PK\x03\x04rubbish", "damaged archive"),
        (b"PK\x03\x04 xl/workbook.xml", "damaged Excel"),
        (b"\x00\x01\x02\x03" * 9, "no text file"),
        (b"number;total\n1;2\n", "no column kind"),
        (b"kind;number;total;total\nbill;1;2;3\n", "two columns"),
        (b"kind;number;total\nbill;1;2;DKK;5\n", "more cells in line 2"),
        (b'kind;number;total\nbill;"1;2\n', "breaks off"),
    ],
)
def test_what_is_no_document_file_is_refused_in_words(data, word):
    with pytest.raises(DataRefused, match="Nothing was imported") as refused:
        read_documents_bytes(data, "file.csv")
    assert word in refused.value.words


def test_a_file_with_only_a_header_gives_empty_frames():
    found = read(HEAD)
    assert found.items.schema == ITEMS.schema
    assert found.items.is_empty()


def test_a_path_is_read_like_its_bytes(tmp_path):
    file = tmp_path / "documents.csv"
    file.write_text(HEAD + "bill;1;Bager;;;DKK;10;\n", encoding="utf-8")
    assert read_documents(file).items.equals(read(HEAD + "bill;1;Bager;;;DKK;10;\n").items)
    with pytest.raises(DataRefused, match="cannot be opened"):
        read_documents(tmp_path / "missing.csv")


# ── Excel ─────────────────────────────────────────────────────────────────────────────────────────────


def workbook(*rows, sheet="Sheet1", first_sheet=None):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd-mm-yyyy"}) as book:
        if first_sheet:
            book.add_worksheet(first_sheet).write_row(0, 0, ["nothing", "here"])
        page = book.add_worksheet(sheet)
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
    return out.getvalue()


# A spreadsheet's dates have no zone.
JANUARY, FEBRUARY = datetime(2026, 1, 31), datetime(2026, 2, 1)  # noqa: DTZ001
EXCEL_HEAD = ["kind", "number", "currency", "total", "due_date", "open_amount"]


def test_excel_cells_are_read_as_what_they_are():
    data = workbook(
        EXCEL_HEAD,
        ["invoice", "0012", "DKK", 1234.5, JANUARY, 0],
        [],
        ["bill", 1001, "DKK", 1.234 * 1000, FEBRUARY],
    )
    found = read_documents_bytes(data, "documents.xlsx")
    assert found.format == "xlsx"
    assert found.items.select("document_no", "total_minor", "open_minor", "due_date").rows() == [
        ("0012", 123450, 0, date(2026, 1, 31)),
        ("1001", -123400, -123400, date(2026, 2, 1)),
    ]


def test_a_number_in_a_spreadsheet_has_a_point_and_is_never_taken_for_thousands():
    data = workbook(EXCEL_HEAD, ["invoice", "1", "DKK", 1.234])
    with pytest.raises(DataRefused) as refused:
        read_documents_bytes(data, "documents.xlsx")
    assert [(p["line"], p["column"]) for p in refused.value.fields["problems"]] == [(2, "total")]


def test_computed_cells_are_read_as_the_spreadsheet_shows_them():
    # Excel writes 17 digits of 0.1 + 0.2 and shows 0.3.
    data = workbook(EXCEL_HEAD, ["invoice", "1", "DKK", 100.0])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, body.replace(b"<v>100</v>", b"<v>0.30000000000000004</v>"))
    assert read_documents_bytes(out.getvalue(), "x.xlsx").items["total_minor"].to_list() == [30]


def test_text_amounts_in_excel_follow_the_rules_of_text():
    data = workbook(EXCEL_HEAD, ["invoice", "1", "DKK", "1.234,50"], ["invoice", "2", "DKK", "2.000"])
    assert read_documents_bytes(data, "x.xlsx").items["total_minor"].to_list() == [123450, 200000]


def test_a_sheet_called_documents_goes_first_and_lines_are_the_rows_of_the_sheet():
    data = workbook(EXCEL_HEAD, [], ["invoice", "1", "DKK", "x"], sheet="Documents", first_sheet="Cover")
    with pytest.raises(DataRefused, match="line 3, column total"):
        read_documents_bytes(data, "x.xlsx")


def test_an_archive_that_is_no_workbook_or_unpacks_too_far_is_refused():
    plain_zip, bomb = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(plain_zip, "w") as archive:
        archive.writestr("a.txt", "xl/")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 30_000_000)
    for data, word in ((plain_zip.getvalue(), "no Excel file"), (bomb.getvalue(), "unpacks to far more")):
        with pytest.raises(DataRefused, match=word):
            read_documents_bytes(data, "x.xlsx")


@pytest.mark.parametrize("cell", ["A1048576", "XFD2", "XFD1048576", "a999999999"])
def test_a_far_cell_that_would_fill_the_memory_is_refused(cell):
    data, out = workbook(EXCEL_HEAD, ["invoice", "1", "DKK", 1]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'r="A2"', f'r="{cell}"'.encode()))
    with pytest.raises(DataRefused, match=f"has a cell {cell}"):
        read_documents_bytes(out.getvalue(), "x.xlsx")


# ── template and recognition ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_read_back_empty_and_is_always_the_same(kind):
    data = write_template(kind)
    assert data == write_template(kind)
    found = read_documents_bytes(data, f"template.{kind}")
    assert found.items.is_empty()
    assert found.findings.is_empty()
    assert looks_like_documents(data, "any")


def test_the_template_has_every_column_and_csv_opens_in_danish_excel():
    text = write_template("csv").decode("utf-8-sig")
    assert text.strip().split(";") == list(COLUMNS)
    assert write_template("csv").startswith(b"\xef\xbb\xbf")
    with pytest.raises(UsageError):
        write_template("pdf")


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (b"Kind;Number;Total\n", True),
        (b'"kind","number","total"\r\n', True),
        ("Dato;Tekst;Beløb;Saldo\n".encode("cp1252"), False),
        (b"<Invoice xmlns='urn:x'/>", True),  # refused later, with words
        (b"<Document/>", False),
        (b"", False),
        (b"PK\x03\x04 nothing", False),
    ],
)
def test_documents_are_known_by_content(data, is_one):
    assert looks_like_documents(data, "any.name") is is_one


# ── laws ──────────────────────────────────────────────────────────────────────────────────────────────

MINORS = st.integers(min_value=-(10**11), max_value=10**11)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["invoice", "bill"]), MINORS), min_size=1, max_size=10))
def test_no_money_is_made_or_lost_from_file_to_frame(rows):
    body = "".join(f"{kind};{n};Bager;;;DKK;{plain(minor, 'DKK')};\n" for n, (kind, minor) in enumerate(rows))
    items = read(HEAD + body).items
    assert items["total_minor"].to_list() == [minor if kind == "invoice" else -minor for kind, minor in rows]
    assert items.equals(conform(items, ITEMS))


def test_damaged_files_are_read_or_refused_and_nothing_else():
    """Only ReconError may escape, from a spreadsheet as from text."""
    refused = 0
    text = (HEAD + "invoice;1;Bager;2026-01-01;2026-02-01;DKK;1.234,50;\nbill;2;Smør;;;DKK;7,00;0\n").encode()
    book = workbook(EXCEL_HEAD, ["invoice", "0012", "DKK", 1234.5, JANUARY, 0])
    for good, rounds in ((text, 300), (book, 150)):
        for seed in range(rounds):
            chance = random.Random(seed)
            data = bytearray(good)
            for _ in range(chance.randint(1, 5)):
                place = chance.randrange(len(data))
                data[place : place + chance.randint(0, 3)] = bytes(
                    chance.randrange(256) for _ in range(chance.randint(0, 3))
                )
            try:
                read_documents_bytes(bytes(data), "x")
            except ReconError:
                refused += 1
            except BaseException as error:
                raise AssertionError(f"seed {seed}") from error
    assert refused > 50
