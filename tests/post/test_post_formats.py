"""The files an ERP and a person get: exact lines for a small book, and the same bytes every time."""

import csv
import dataclasses
import io
import time
import zipfile
from datetime import UTC, date, datetime

import fastexcel
import polars as pl
import pytest
from post_book import book

from recon.errors import CurrencyUnknown, IntegrityAlarm, UsageError
from recon.post.chart import ErpAccount, default_chart
from recon.post.formats import FORMATS, Export, export_format, render
from recon.post.formats import workbook as workbook_module
from recon.post.formats.cells import inert
from recon.post.journal import reverse
from recon.schema import LINES as LINES_FORM

LINES = """
line_id  account_id  booking_date  amount_minor  currency  text           counterparty_name
l1       drift       2026-01-05    95.00         DKK       OVERFØRSEL     Nordic Customer A/S
l2       drift       2026-01-06    -8000.00      DKK       BS Ejendom     Ejendom ApS
l3       drift       2026-01-07    -500.00       DKK       til opsparing  -
l4       savings     2026-01-07    500.00        DKK       fra drift      -
l5       drift       2026-01-08    -300.00       DKK       til opsparing  -
l6       savings     2026-01-10    300.00        DKK       fra drift      -
l7       drift       2026-01-09    40.00         DKK       MobilePay      Per
"""
ITEMS = """
item_id  kind     document_no  counterparty_id  counterparty_name    currency  total_minor
i1       invoice  1042         10042            Nordic Customer A/S  DKK       100.00
i2       bill     9            20009            Ejendom ApS          DKK       -8000.00
i3       invoice  1050         -                Per                  DKK       40.00
"""
GIVEN = """
line_id  item_id       amount_minor  decision_id
l1       i1            100.00        fee kept
l1       account:7220  -5.00         fee kept
l2       i2            -8000.00      rent
l3       line:l4       -500.00       same day
l4       line:l3       500.00        same day
l5       line:l6       -300.00       over days
l6       line:l5       300.00        over days
l7       i3            40.00         no number
"""


def export(**changes) -> Export:
    postings, allocated, lines, items, accounts = book(LINES, ITEMS, GIVEN)
    return dataclasses.replace(
        Export(postings, lines, items, accounts, "2026-01", allocations=allocated), **changes
    )


def read_csv(data: bytes, delimiter: str) -> list[list[str]]:
    return list(
        csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True)
    )


def test_economic_file():
    """Customer 10042 owes 100 less, the fee is an expense, and each row balances against its Modkonto.

    Per has no customer number, so his payment goes to the control account as Finans; a transfer over days has
    one voucher a day, since a voucher has one date.
    """
    data = render("economic", export())
    assert data.startswith(b"\xef\xbb\xbfDato;")
    assert data.decode("utf-8-sig").split("\r\n") == [
        "Dato;Bilagsnr;Type;Konto/Kundenr/Leverandørnr;Modkonto;Tekst;Fakturanr;Beløb;Valuta;Kurs;Momskode",
        "05-01-2026;1;Kundebetaling;10042;5820;Invoice 1042 · Nordic Customer A/S;1042;-100,00;DKK;;",
        "05-01-2026;1;Finans;7220;5820;Bank fee · Nordic Customer A/S;;5,00;DKK;;",
        "06-01-2026;2;Leverandørbetaling;20009;5820;Bill 9 · Ejendom ApS;9;8000,00;DKK;;",
        "07-01-2026;3;Finans;5830;5820;Own transfer · Drift;;500,00;DKK;;",
        "08-01-2026;4;Finans;5890;5820;Own transfer · Savings;;300,00;DKK;;",
        "09-01-2026;5;Finans;5600;5820;Invoice 1050 · Per;1050;-40,00;DKK;;",
        "10-01-2026;6;Finans;5890;5830;Own transfer · Drift;;-300,00;DKK;;",
        "",
    ]


def economic_net(data: bytes) -> dict[str, int]:
    """What the ERP's accounts hold after the import: Beløb debits the account and credits Modkonto."""
    held: dict[str, int] = {}
    for row in read_csv(data, ";")[1:]:
        minor = int(row[7].replace(",", ""))
        held[row[3]] = held.get(row[3], 0) + minor
        if row[4]:
            held[row[4]] = held.get(row[4], 0) - minor
    return {account: minor for account, minor in held.items() if minor}


def test_economic_moves_the_same_money_as_the_journal():
    assert economic_net(render("economic", export())) == {
        "5820": 9500 - 800000 - 50000 - 30000 + 4000,
        "5830": 80000,
        "5600": -4000,  # Per
        "10042": -10000,
        "20009": 800000,
        "7220": 500,
    }


def test_economic_answers_an_undone_batch_to_zero():
    whole = export()
    answer = reverse(whole.postings, "undo", date(2026, 2, 1))
    both = export(postings=pl.concat([whole.postings, answer]), allocations=whole.allocations.head(0))
    assert economic_net(render("economic", both)) == {}


def test_a_transfer_with_a_fee_is_one_row_for_the_fee_and_one_for_the_move():
    postings, allocated, *frames = book(
        LINES,
        ITEMS,
        """
        line_id  item_id       amount_minor  decision_id
        l3       line:l4       -500.00       t
        l4       line:l3       500.00        t
        l3       account:7220  -12.00        t
        """,
    )
    rows = read_csv(render("economic", Export(postings, *frames, "t", allocations=allocated)), ";")[1:]
    assert [(row[3], row[4], row[7]) for row in rows] == [
        ("7220", "5820", "12,00"),
        ("5830", "5820", "500,00"),
    ]


def test_documents_that_net_to_zero_stand_without_modkonto():
    items = ITEMS + "c1  credit_note  7  10042  Nordic Customer A/S  DKK  -95.00\n"
    postings, allocated, *frames = book(
        LINES, items, "line_id  item_id  amount_minor  decision_id\nl1  i1  95.00  n\nl1  c1  -95.00  n"
    )
    rows = read_csv(render("economic", Export(postings, *frames, "n", allocations=allocated)), ";")[1:]
    assert [(row[2], row[3], row[4], row[7]) for row in rows] == [
        ("Kundebetaling", "10042", "", "-95,00"),
        ("Kundebetaling", "10042", "", "95,00"),
    ]


def test_a_document_booked_to_an_expense_is_no_customer_payment():
    """Only a control account has parties under it; the chart says which those are."""
    postings, allocated, *frames = book(
        LINES, ITEMS, "line_id  item_id  amount_minor  decision_id  erp_account\nl2  i2  -8000.00  d  4010"
    )
    (row,) = read_csv(render("economic", Export(postings, *frames, "d", allocations=allocated)), ";")[1:]
    assert row[2:4] == ["Finans", "4010"]
    chart = (*default_chart(), ErpAccount("4010", "Creditors abroad", "creditor"))
    with_chart = Export(postings, *frames, "d", allocations=allocated, chart=chart)
    (row,) = read_csv(render("economic", with_chart), ";")[1:]
    assert row[2:4] == ["Leverandørbetaling", "20009"]


def test_plain_csv_file():
    lines = render("csv", export()).decode().split("\r\n")
    assert lines[0] == (
        "voucher_no,date,erp_account,account_name,text,debit,credit,currency,document_no,counterparty_name,"
        "journal_id,entry_no,line_id,item_id"
    )
    assert lines[2].startswith(
        "1,2026-01-05,5600,Debtors,Invoice 1042 · Nordic Customer A/S,,100.00,DKK,1042,"
    )
    assert lines[3].startswith("1,2026-01-05,7220,Bank charges,Bank fee · Nordic Customer A/S,5.00,,DKK,,")
    rows = read_csv(render("csv", export()), ",")[1:]
    debit = sum(int(row[5].replace(".", "") or 0) for row in rows)
    credit = sum(int(row[6].replace(".", "") or 0) for row in rows)
    assert debit == credit == 10000 + 800000 + 50000 + 2 * 30000 + 4000


def test_vouchers_start_where_the_erp_stopped():
    rows = read_csv(render("csv", export(first_voucher=500)), ",")[1:]
    assert sorted({int(row[0]) for row in rows}) == [500, 501, 502, 503, 504, 505]


def test_an_account_outside_the_chart_is_named_after_its_bank_account():
    rows = read_csv(render("csv", export(chart=())), ",")[1:]
    assert {(row[2], row[3]) for row in rows} >= {("5820", "Drift"), ("5830", "Savings"), ("5600", "")}


def sheet(data: bytes, name: str, **options) -> pl.DataFrame:
    return fastexcel.read_excel(data).load_sheet(name, **options).to_polars()


def full_export() -> Export:
    lines = export().lines.with_columns(
        counterparty_account=pl.lit("DK5000400440116243"),
        references=pl.lit(["1042", "1043"], LINES_FORM.types["references"]),
        kind=pl.lit("card").cast(pl.Categorical),
    )
    audit = pl.DataFrame(
        {"at": [datetime(2026, 1, 20, 8, 30, tzinfo=UTC)], "auto": [False], "weight": [0.5], "count": [3]}
    )
    proof = pl.DataFrame(
        {"account": ["Yen", "Dinar"], "closing_minor": [1250, None], "currency": ["JPY", "KWD"]}
    )
    return export(unmatched_lines=lines, unmatched_documents=export().items, balance_proof=proof, audit=audit)


def test_the_workbook_holds_real_dates_and_numbers():
    book_file = fastexcel.read_excel(render("xlsx", full_export()))
    assert book_file.sheet_names == [
        "Journal",
        "Unmatched lines",
        "Unmatched documents",
        "Balance proof",
        "Audit",
    ]
    journal = sheet(render("xlsx", full_export()), "Journal").with_columns(pl.col("Date").cast(pl.Date))
    assert journal.row(0, named=True) == {
        "Voucher no": 1.0,
        "Date": date(2026, 1, 5),
        "ERP account": "5820",
        "Account name": "Bank, operations",
        "Text": "Invoice 1042, Bank fee · Nordic Customer A/S",
        "Debit": 95.0,
        "Credit": None,
        "Currency": "DKK",
        "Document no": None,
        "Counterparty name": "Nordic Customer A/S",
        "Line id": "l1",
        "Journal id": export().postings["journal_id"][0],
    }
    assert journal["Debit"].sum() == journal["Credit"].sum() == 9240.0
    audit = sheet(render("xlsx", full_export()), "Audit")
    assert audit.rows() == [(datetime(2026, 1, 20, 8, 30), False, 0.5, 3.0)]  # noqa: DTZ001 - Excel has no zones
    assert sheet(render("xlsx", full_export()), "Balance proof").rows() == [
        ("Yen", 1250.0, "JPY"),
        ("Dinar", None, "KWD"),
    ]


def test_the_workbook_masks_account_numbers_and_joins_lists():
    lines = sheet(render("xlsx", full_export()), "Unmatched lines")
    assert lines.row(0, named=True)["Counterparty account"] == "…6243"
    assert lines.row(0, named=True)["References"] == "1042, 1043"
    assert lines.row(0, named=True)["Amount"] == 95.0
    with zipfile.ZipFile(io.BytesIO(render("xlsx", full_export()))) as parts:
        assert not any(b"DK5000400440116243" in parts.read(name) for name in parts.namelist())


def test_the_workbook_is_a_filtered_table_with_a_frozen_heading():
    with zipfile.ZipFile(io.BytesIO(render("xlsx", full_export()))) as parts:
        journal, table = parts.read("xl/worksheets/sheet1.xml"), parts.read("xl/tables/table1.xml")
        formats = parts.read("xl/styles.xml").decode()
    assert b'state="frozen"' in journal
    assert b"<autoFilter" in table
    assert b"<f>" not in journal
    assert all(f'formatCode="{code}"' in formats for code in ("#,##0.00", "#,##0", "yyyy-mm-dd"))


def test_an_amount_too_long_for_excel_is_text_and_not_rounded():
    proof = pl.DataFrame({"closing_minor": [10**17 + 1, 10**14 + 1], "currency": ["DKK", "DKK"]})
    data = render("xlsx", export(balance_proof=proof))
    assert sheet(data, "Balance proof", dtypes="string")["Closing"][0] == "1000000000000000.01"
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert b"<v>1000000000000.01</v>" in parts.read("xl/worksheets/sheet2.xml")


def test_an_amount_without_its_currency_is_refused():
    bare = pl.DataFrame({"difference_minor": [5]})
    with pytest.raises(UsageError, match="difference_minor has no currency"):
        render("xlsx", export(differences=bare))


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(workbook_module, "MOST_ROWS", 3)
    with pytest.raises(UsageError, match="Excel holds 3"):
        render("xlsx", export())


HOSTILE = ['=HYPERLINK("http://x","y")', "+1", "-2+3", "@SUM(A1)", "\t=1", "＝1", ' "=1', "a;=1", "a\r\n=1"]


def test_hostile_text_begins_no_cell_in_any_file():
    """A counterparty can choose its name, an invoice its number: neither may run in Excel."""
    for text in HOSTILE:
        changes = {"counterparty_name": pl.lit(text), "text": pl.lit(text)}
        hostile = export(
            postings=export().postings.with_columns(text=pl.lit(text), erp_account=pl.lit(text)),
            lines=export().lines.with_columns(**changes),
            items=export().items.with_columns(
                **changes, document_no=pl.lit(text), counterparty_id=pl.lit(text)
            ),
            unmatched_lines=export().lines.with_columns(**changes, kind=pl.lit(text).cast(pl.Categorical)),
        )
        cells = [cell for row in read_csv(render("csv", hostile), ",") for cell in row]
        for row in read_csv(render("economic", hostile), ";"):
            cells += [cell for at, cell in enumerate(row) if at != 7]  # 7: Beløb, our own number
        for name in ("Journal", "Unmatched lines"):
            frame = sheet(render("xlsx", hostile), name, dtypes="string")
            numbers = {"Debit", "Credit", "Amount", "Balance", "Original"}
            cells += [cell for each in frame if each.name not in numbers for cell in each if cell]
        assert not [cell for cell in cells if cell.lstrip(' "')[:1] in tuple("=+-@＝＋－＠\t\r\n\0")]
        assert pl.select(inert(pl.lit(text))).item() in cells


def test_exporting_again_gives_the_same_bytes():
    """Neither the clock, nor the mark that it was exported, nor the order of rows changes a byte."""
    first = {name: render(name, full_export()) for name in FORMATS}
    time.sleep(2.1)  # a zip file counts time in steps of two seconds
    marked = full_export().postings.with_columns(exported_at=pl.lit(datetime(2026, 2, 1, tzinfo=UTC)))
    again = dataclasses.replace(full_export(), postings=marked.reverse())
    assert {name: render(name, again) for name in FORMATS} == first


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_journal_that_proves_wrong_is_not_written(name):
    wrong = export().postings.with_columns(
        pl.when(pl.col("entry_no") == 1).then(pl.col("amount_minor") + 1).otherwise(pl.col("amount_minor"))
    )
    with pytest.raises(IntegrityAlarm, match="does not balance"):
        render(name, export(postings=wrong, allocations=None))
    doubled = export().postings.with_columns(pl.col("amount_minor") * 2)
    with pytest.raises(IntegrityAlarm, match="other money"):
        render(name, export(postings=doubled))
    with pytest.raises(CurrencyUnknown):
        render(name, export(postings=export().postings.with_columns(currency=pl.lit("DKR"))))


def test_a_batch_may_be_part_of_the_books_and_may_hold_a_reversal_alone():
    whole = export()
    first = pl.col("journal_id") == whole.postings["journal_id"][0]
    part = export(postings=whole.postings.filter(first))
    assert len(read_csv(render("economic", part), ";")) == 3
    answer = reverse(whole.postings.filter(first), "undo", date(2026, 2, 1))
    alone = export(postings=answer, allocations=whole.allocations.filter(pl.col("decision_id") != "fee kept"))
    assert len(read_csv(render("economic", alone), ";")) == 3


@pytest.mark.parametrize("name", list(FORMATS))
def test_an_empty_batch_is_a_file_with_headings(name):
    empty = export(postings=export().postings.head(0))
    data = render(name, empty)
    if name == "xlsx":
        assert sheet(data, "Journal").drop_nulls("Voucher no").is_empty()
    elif FORMATS[name].extension == "csv":
        assert len(data.decode().splitlines()) == 1
    else:
        assert data and b"5820" not in data


def test_an_unknown_format_lists_those_that_exist():
    with pytest.raises(UsageError, match=r"no format “sap”.*economic, .*csv, xlsx"):
        render("sap", export())
    assert export_format("economic") is FORMATS["economic"]


@pytest.mark.parametrize(
    ("batch", "name"),
    [("2026-01", "journal-2026-01.csv"), ("../../etc/x y", "journal-etc-x-y.csv"), ("", "journal.csv")],
)
def test_a_file_name_is_of_our_own_making(batch, name):
    assert FORMATS["economic"].file_name(export(batch=batch)) == name
