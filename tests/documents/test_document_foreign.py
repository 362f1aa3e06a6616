"""Tables of other programs: columns guessed for a person to confirm, what cannot be decided asked, never guessed."""

from datetime import date

import pytest

from recon.documents import guess_columns, read_documents_bytes, read_table
from recon.errors import DataRefused, UsageError

SALES = {"number": "Nr", "total": "Beløb", "side": "sales"}
HEAD = "Nr;Beløb;Forfald;Type\n"


def read(text, mapping, currency="DKK"):
    return read_documents_bytes(text.encode(), "export.csv", currency=currency, mapping=mapping)


def refused(text, mapping):
    with pytest.raises(DataRefused) as error:
        read(text, mapping)
    return error.value


@pytest.mark.parametrize(
    ("header", "guessed"),
    [
        (
            "Fakturanr.;Kundenr.;Kundenavn;Fakturadato;Forfaldsdato;Valuta;Beløb ex moms;Beløb inkl. moms;Restbeløb",
            "number total open_amount party_name party_id issue_date due_date currency side",
        ),
        (
            "Invoice no.;Customer;Entry date;Due date;Currency;Amount;Tax;Balance;State",
            "number total open_amount party_name issue_date due_date currency status side",
        ),
        ("Leverandør;Bilagsnr.;Dato;Beløb (DKK)", "number total party_name issue_date side"),
        ("NUMMER;KONTAKT;I ALT", "number total party_name"),
        ("Kunde;Leverandør;Bilag;Rest", "number total open_amount party_name"),  # both sides: not guessed
        ("Dato;Tekst;Saldo efter;Kategori", "issue_date text"),  # nothing here is a total
        ("Beløb ekskl. moms;Moms", ""),
    ],
)
def test_titles_of_real_exports_are_guessed(header, guessed):
    found = guess_columns(header.split(";"))
    assert set(found) == set(guessed.split())
    assert set(found.values()) <= {*header.split(";"), "sales", "purchases"}


def test_the_amount_with_tax_is_taken_for_the_total():
    found = guess_columns(["Beløb ekskl. moms", "Moms", "Beløb inkl. moms", "Restbeløb"])
    assert (found["total"], found["open_amount"]) == ("Beløb inkl. moms", "Restbeløb")


def test_one_amount_is_both_total_and_open():
    found = guess_columns(["Fakturanr", "Restbeløb"])
    assert found["total"] == found["open_amount"] == "Restbeløb"


@pytest.mark.parametrize(
    ("side", "sign", "rows"),
    [
        ("sales", "as_written", [("invoice", 10000), ("credit_note", -2500)]),
        ("purchases", "as_written", [("bill", -10000), ("bill_credit", 2500)]),
        ("purchases", "turned", [("bill_credit", 10000), ("bill", -2500)]),
    ],
)
def test_without_a_kind_the_side_and_the_sign_decide(side, sign, rows):
    found = read("Nr;Beløb\n1;100,00\n2;-25,00\n", SALES | {"side": side, "sign": sign})
    assert found.items.select("kind", "total_minor").rows() == rows
    assert found.items["open_minor"].equals(found.items["total_minor"])


@pytest.mark.parametrize(
    ("side", "word", "kind"),
    [
        ("sales", "Faktura", "invoice"),
        ("purchases", "Faktura", "bill"),
        ("purchases", "Kreditnota", "bill_credit"),
        ("purchases", "Salgsfaktura", "invoice"),  # the word itself says it
        ("sales", "Leverandørfaktura", "bill"),
        ("sales", "Credit Note", "credit_note"),
        ("purchases", "invoice", "bill"),
        ("sales", "Kvittering", "bill"),
    ],
)
def test_words_of_other_programs_for_kinds(side, word, kind):
    found = read(f"Nr;Beløb;Type\n1;5;{word}\n", SALES | {"kind": "Type", "side": side})
    assert found.items["kind"].to_list() == [kind]


def test_who_sent_a_plain_invoice_is_asked():
    error = refused("Nr;Beløb;Type\n1;5;Faktura\n", {"number": "Nr", "total": "Beløb", "kind": "Type"})
    assert error.fields["asks"] == ["side"]


@pytest.mark.parametrize(("answer", "total"), [("comma", 123), ("point", 123400)])
def test_what_a_point_means_is_asked_where_the_column_leaves_it_open(answer, total):
    text = "Nr;Beløb\n1;1,23\n" if answer == "comma" else "Nr;Beløb\n1;1,234\n"
    if answer == "point":
        assert refused(text, SALES).fields["asks"] == ["decimal_mark"]
    assert read(text, SALES | {"decimal_mark": answer}).items["total_minor"].to_list() == [total]


def test_the_other_answer_gives_the_other_amount_or_a_refusal():
    text = "Nr;Beløb\n1;1.234\n"
    assert read(text, SALES | {"decimal_mark": "comma"}).items["total_minor"].to_list() == [123400]
    assert refused(text, SALES | {"decimal_mark": "point"}).fields["problems"][0]["column"] == "total"
    dinars = read(text, SALES | {"decimal_mark": "point"}, currency="KWD")
    assert dinars.items["total_minor"].to_list() == [1234]


DATED = SALES | {"due_date": "Forfald"}


@pytest.mark.parametrize(
    ("cells", "answer", "days"),
    [
        (["03/04/2026"], "day", [date(2026, 4, 3)]),
        (["03/04/2026"], "month", [date(2026, 3, 4)]),
        (["03/04/2026", "31/04/2026"], "month", None),
        (["01/31/2026"], "month", [date(2026, 1, 31)]),
        (["03/04/2026", "31/12/2026"], None, [date(2026, 4, 3), date(2026, 12, 31)]),  # the second decides
        (["04/04/2026"], None, [date(2026, 4, 4)]),  # the same day either way
        (["03-04-2026", "03.04.2026"], None, [date(2026, 4, 3)] * 2),  # these begin with the day
        (["2026/04/03"], None, [date(2026, 4, 3)]),
    ],
)
def test_dates_with_slashes(cells, answer, days):
    text = "Nr;Beløb;Forfald\n" + "".join(f"{n};5;{cell}\n" for n, cell in enumerate(cells))
    mapping = DATED | ({"date_order": answer} if answer else {})
    if days is None:
        assert refused(text, mapping)
    else:
        assert read(text, mapping).items["due_date"].to_list() == days


def test_which_is_the_day_is_asked_where_no_date_says_it():
    error = refused("Nr;Beløb;Forfald\n1;5;03/04/2026\n", DATED)
    assert error.fields["asks"] == ["date_order"]
    assert "“03/04/2026”" in error.words


def test_one_column_of_dates_decides_for_the_other():
    text = "Nr;Beløb;Dato;Forfald\n1;5;31/01/2026;03/04/2026\n"
    found = read(text, DATED | {"issue_date": "Dato"}).items
    assert found.select("issue_date", "due_date").row(0) == (date(2026, 1, 31), date(2026, 4, 3))


def test_an_answer_that_is_none_is_a_mistake_of_the_caller():
    with pytest.raises(UsageError, match="sales or purchases"):
        read("Nr;Beløb\n1;5\n", SALES | {"side": "both"})


def test_a_table_can_be_looked_at_before_its_columns_are_known():
    table = read_table("Nr;Beløb\n007;5,00\n".encode(), "export.csv")
    assert (table.header, table.columns) == (["Nr", "Beløb"], [["007"], ["5,00"]])
    with pytest.raises(DataRefused, match="electronic invoice"):
        read_table(b"<Invoice xmlns='urn:x'/>", "invoice.xml")
