"""Bank exports as CSV: layouts of known banks, rows that are not booked, what is asked and never guessed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.errors import DataRefused, UsageError
from recon.money import plain
from recon.statements.readers import looks_like_statement, read_statement_bytes
from recon.statements.readers.csv_layout import Layout
from recon.statements.readers.csv_statement import LayoutOpen, kept_for, table_of


def read(text: str, currency: str | None = "DKK", encoding: str = "utf-8", **told):
    return read_statement_bytes(text.encode(encoding), "export.csv", currency=currency, **told)


def told(statement) -> list[tuple[str, str, str]]:
    """Lines as a person reads them: day, amount, text."""
    return [
        (f"{row['booking_date']:%d.%m}", plain(row["amount_minor"], row["currency"]), row["text"])
        for row in statement.lines.iter_rows(named=True)
    ]


DANSKE = (
    '"Dato";"Tekst";"Beløb";"Saldo";"Status";"Afstemt"\r\n'
    '"02.03.2026";"Løn";"21.500,00";"31.500,00";"Udført";"Nej"\r\n'
    '"03.03.2026";"Husleje";"-8.250,50";"23.249,50";"Udført";"Ja"\r\n'
    '"05.03.2026";"Dankort";"-99,95";"";"Venter";"Nej"\r\n'
)
BUSINESS = (
    '"Bogført dato";"Rentedato";"Tekst";"Antal";"Beløb i DKK";"Bogført saldo i DKK";"Status";"Bankens arkivreference"\n'
    '"02.03.2026";"03.03.2026";"Faktura 1042";"1";"1200,00";"2200,00";"Udført";"1234 5678 901  "\n'
)
NORDEA = (
    "\ufeffBogføringsdato;Beløb;Afsender;Modtager;Navn;Beskrivelse;Saldo;Valuta;Afstemt;\n"
    "Reserveret;-50,00;2112 1234567890;;;DANKORT KIOSK;;DKK;;\n"
    "2026/03/04;-39,95;2112 1234567890;;;Rema 1000 Den 28.08;860,05;DKK;;\n"
    "2026/03/03;900,00;;2112 1234567890;Anna Holm;Faktura 7;900,00;DKK;;\n"
)
NORDEA_OLD = (
    "Bogført;Tekst;Rentedato;Beløb;Saldo\n04-03-2026;Bs betaling TDC A/S;04-03-2026;-2032,48;967,52\n"
)
JYSKE = (
    "Dato;Tekst;Beløb;Saldo;Afstemt;Kontonummer;Kontonavn;Hovedkategori;Kategori;Kommentar\n"
    "04.03.2026;Indbetaling;28.566,24;30.000,00;Nej;7670 2746936;Drift;;;\n"
    "04.03.2026;Overført;-1.000,00;500,00;Nej;7670 2746944;Skat;;;\n"
)
JYSKE_ENGLISH = (
    "Date;Text;Amount;Balance;Reconciled;AccountNumber;AccountName;MainCategory;Category;Comment\n"
    "04.03.2026;Payment;1,234.56;2,000.00;No;7670 2746936;Main;;;\n"
)
SYDBANK = (
    '"Dato";"Valør";"Tekst";"Beløb";"Saldo";"Afstemt"\n'
    '"04.03.2026";"05.03.2026";"Salg";"21.461,20";"30.000,00";""\n'
)
LUNAR = (
    "Date,Time,Title,Amount,Balance,Transaction ID\n"
    '2026-03-05,10:30,Kaffe,"-42,00","12 303,00",aaaa-1111\n'
    '2026-03-04,09:00,Løn,"12 345,00","12 345,00",bbbb-2222\n'
)
LUNAR_SE = 'Datum,Tid,Titel,Belopp,Balans\n2026-03-04,09:00,Lön,"12\u202f345,00","12\u202f345,00"\n'
NORDEA_SE = (
    "Bokföringsdag;Belopp;Avsändare;Mottagare;Namn;Rubrik;Saldo;Valuta\n"
    "2026-03-04;-28,00;1234567890;;;Swish betalning;972,00;SEK\n"
)

#  the file, the currency told with it, its lines, opening and closing
BANKS = {
    "Danske Bank": (
        DANSKE, "DKK", [("02.03", "21500.00", "Løn"), ("03.03", "-8250.50", "Husleje")], (10000_00, 23249_50),
    ),
    "Danske Bank, business": (BUSINESS, None, [("02.03", "1200.00", "Faktura 1042")], (1000_00, 2200_00)),
    "Nordea": (
        NORDEA, None, [("04.03", "-39.95", "Rema 1000 Den 28.08"), ("03.03", "900.00", "Faktura 7")], (0, 860_05),
    ),
    "Nordea before 2022": (NORDEA_OLD, "DKK", [("04.03", "-2032.48", "Bs betaling TDC A/S")], (3000_00, 967_52)),
    "Jyske Bank, English": (JYSKE_ENGLISH, "DKK", [("04.03", "1234.56", "Payment")], (765_44, 2000_00)),
    "Sydbank": (SYDBANK, "DKK", [("04.03", "21461.20", "Salg")], (8538_80, 30000_00)),
    "Lunar": (LUNAR, "DKK", [("05.03", "-42.00", "Kaffe"), ("04.03", "12345.00", "Løn")], (0, 12303_00)),
    "Lunar in Sweden": (LUNAR_SE, "SEK", [("04.03", "12345.00", "Lön")], (0, 12345_00)),
    "Nordea in Sweden": (NORDEA_SE, None, [("04.03", "-28.00", "Swish betalning")], (1000_00, 972_00)),
}  # fmt: skip


@pytest.mark.parametrize("bank", BANKS)
def test_exports_of_known_banks_are_read_by_their_titles(bank):
    text, currency, lines, balances = BANKS[bank]
    statement = read(text, currency)
    assert told(statement) == lines
    assert statement.balances.select("opening_minor", "closing_minor").rows() == [balances]
    assert looks_like_statement(text.encode(), "any.name")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16"])
def test_letters_survive_every_encoding_banks_use(encoding):
    assert told(read(DANSKE, encoding=encoding))[0] == ("02.03", "21500.00", "Løn")


def test_what_the_bank_calls_pending_is_expected_and_no_line():
    assert read(DANSKE).expected.select("amount_minor", "text").rows() == [(-99_95, "Dankort")]
    assert read(NORDEA, None).expected["amount_minor"].to_list() == [-50_00]


def test_several_accounts_in_one_file_are_told_apart():
    statement = read(JYSKE)
    assert statement.accounts["bban"].to_list() == ["7670 2746936", "7670 2746944"]
    assert statement.lines["account_id"].n_unique() == 2 and statement.balances.height == 2


def test_the_banks_own_reference_and_the_other_party_are_kept():
    statement = read(BUSINESS, None)
    assert statement.bank_refs["bank_ref"].to_list() == ["2026-03-02/12345678901"]
    assert read(NORDEA, None).lines["counterparty_name"].to_list() == [None, "Anna Holm"]


def test_an_account_named_after_its_file_has_that_name():
    assert read(DANSKE).accounts["name"].to_list() == ["export"]
    assert read(DANSKE, account_id="acc_1").accounts["name"].to_list() == [None]


def test_money_in_and_out_in_columns_of_their_own():
    text = (
        "Dato;Forklaring;Rentedato;Ut fra konto;Inn på konto\n"
        "04.03.2026;Husleie;04.03.2026;8.000,00;\n05.03.2026;Lønn;05.03.2026;;21.000,50\n"
    )
    assert [amount for _, amount, _ in told(read(text, "NOK"))] == ["-8000.00", "21000.50"]


@pytest.mark.parametrize(
    ("words", "sign"), [(("Af", "Bij"), ["-12.50", "30.00"]), (("D", "C"), ["-12.50", "30.00"])]
)
def test_a_column_that_says_in_or_out_gives_the_sign(words, sign):
    text = f"Datum;Omschrijving;Bedrag;Af Bij\n2026-03-04;x;12,50;{words[0]}\n2026-03-05;y;30,00;{words[1]}\n"
    assert [amount for _, amount, _ in told(read(text, "EUR"))] == sign


def test_what_stands_above_the_titles_and_remarks_among_the_rows_do_not_disturb():
    text = (
        "Kontoudskrift for Drift\nPeriode;01.03.2026 - 31.03.2026\n\nDato;Tekst;Beløb;Saldo\n"
        "02.03.2026;a;10,00;110,00\n;Overført fra side 1;;\n03.03.2026;b;-5,00;105,00\n"
    )
    statement = read(text)
    assert told(statement) == [("02.03", "10.00", "a"), ("03.03", "-5.00", "b")]
    assert "row_passed_over" in statement.findings["what"].to_list()


def test_an_amount_without_a_day_is_left_out_and_told():
    statement = read("Dato;Tekst;Beløb\n02.03.2026;a;10,00\n;I alt;10,00\n")
    assert told(statement) == [("02.03", "10.00", "a")]
    assert statement.findings.filter(what="row_without_day").select("severity", "where").rows() == [
        ("warning", "line 3")
    ]


#  why the file is refused, and a word of the sentence
OPEN = [
    ("Dato;Tekst;Beløb\n02.03.2026;a;1.234\n", "thousands or decimals"),
    ("Dato;Tekst;Beløb\n03/04/2026;a;1,00\n", "the day or the month"),
    ("Dato;Tekst;Beløb\n02.03.2026;a;1,50\n03.03.2026;b;2.50\n", "comma and others with a point"),
    ("Dato;Tekst;Beløb;Belopp\n02.03.2026;a;1,00;2,00\n", "both could be the amount"),
    ("Dato;Tekst;Beløb\n31.02.2026;a;1,00\n", "31.02.2026"),
    ("02.03.2026;a;1,00;\n", "no row of titles"),
    ("just words\nand more words\n", "no row of titles"),
    ("Dato;Tekst;Beløb\n02.03.2026;a;1,23456\n", "more decimals"),
]


@pytest.mark.parametrize(("text", "word"), OPEN)
def test_what_a_file_leaves_open_is_asked(text, word):
    with pytest.raises(LayoutOpen) as refused:
        read(text)
    assert word in refused.value.words and "Nothing was imported" in refused.value.words


def test_a_remark_among_the_rows_needs_no_currency():
    text = "18.09.2017;a;-33,87;EUR\nA remark;;;\n" + "19.09.2017;b;10,00;EUR\n" * 30
    assert set(read(text, None).lines["currency"]) == {"EUR"}


def test_a_file_that_names_no_currency_says_so():
    with pytest.raises(DataRefused, match="does not say its currency"):
        read(DANSKE, None)
    with pytest.raises(DataRefused, match="names “KRONER” as a currency"):
        read("Dato;Tekst;Beløb;Valuta\n02.03.2026;a;1,00;kroner\n")


UNTITLED = "02-03-2026;Salg;100,00;600,00\n03-03-2026;Køb;-75,00;525,00\n04-03-2026;Salg;25,00;550,00\n"


def test_a_table_without_titles_is_read_where_running_balances_prove_its_columns():
    statement = read(UNTITLED)
    assert [amount for _, amount, _ in told(statement)] == ["100.00", "-75.00", "25.00"]
    assert statement.balances["ties"].to_list() == [True]
    shifted = "".join(f";{line}\n" for line in UNTITLED.splitlines())
    assert told(read(shifted)) == told(statement), "as savings banks write it, with an empty first column"


def test_without_titles_signs_or_balances_the_columns_are_asked_and_a_layout_answers():
    text = "18.09.2017;HOFER;18.09.2017;;33,87\n19.09.2017;LOHN;19.09.2017;1.500,00;\n"
    with pytest.raises(LayoutOpen):
        read(text, "EUR")
    said = Layout(
        {"date": (0,), "text": (1,), "value_date": (2,), "money_in": (3,), "money_out": (4,)}, header=0
    )
    assert [amount for _, amount, _ in told(read(text, "EUR", profile=said))] == ["-33.87", "1500.00"]
    assert Layout.of_told(said.told()) == said


def test_a_bank_may_be_named():
    row = "02.03.2026;Husleie;02.03.2026;8000,00;\n"
    assert [amount for _, amount, _ in told(read(row, "NOK", profile="dnb"))] == ["-8000.00"]
    assert told(read(DANSKE, profile="danske-bank")) == told(read(DANSKE))
    with pytest.raises(UsageError, match="choose bec"):
        read(row, profile="sparekassen")


def test_card_statements_may_be_written_the_other_way_round():
    text = "Date,Text,Amount\n2026-03-04,Taxi,120.50\n"
    said = Layout({"date": (0,), "text": (1,), "amount": (2,)}, header=1, flip=True)
    assert [amount for _, amount, _ in told(read(text, profile=said))] == ["-120.50"]


def test_an_invoice_list_is_no_statement():
    assert not looks_like_statement(
        b"Fakturanr;Dato;Navn;Forfaldsdato;Amount\n1;02.03.2026;A;02.04.2026;1,00\n"
    )
    assert looks_like_statement(LUNAR.encode())


def kept_layout_for(text: str, kept: Layout) -> Layout | None:
    return kept_for(table_of(text.encode(), "f.csv")[1], [kept])


def test_a_kept_layout_is_found_by_the_titles_wherever_they_stand():
    text = "Hvornår;Hvad;Penge\n02.03.2026;a;1,00\n"
    kept = Layout({"date": (0,), "text": (1,), "amount": (2,)}, titles=("Hvornår", "Hvad", "Penge"))
    assert kept_layout_for(text.replace("02.03", "05.04"), kept) == kept
    below = kept_layout_for(f"Konto;5820;\n;;\n{text}", kept)
    assert below is not None and below.header == 2, "rows that are empty do not count"
    assert kept_layout_for(LUNAR, kept) is None


def test_a_kept_layout_without_titles_is_used_only_where_balances_prove_it():
    kept = Layout({"date": (0,), "text": (1,), "amount": (2,), "balance": (3,)}, header=0)
    assert kept_layout_for(UNTITLED, kept) == kept
    turned = "".join(
        ";".join([day, text, balance, amount]) + "\n"
        for day, text, amount, balance in (line.split(";") for line in UNTITLED.splitlines())
    )
    assert kept_layout_for(turned, kept) is None, "the same number of columns in another order"


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Dato;Tekst;Beløb\n02.03.2026;a;1.234\n", "mark"),
        ("Dato;Tekst;Beløb\n03/04/2026;a;1,00\n", "first"),
        ("Dato;Tekst;Beløb\n31.02.2026;a;1,00\n", None),
    ],
)
def test_a_refusal_names_the_answer_that_would_settle_it(text, asks):
    with pytest.raises(LayoutOpen) as refused:
        read(text)
    assert refused.value.fields["asks"] == asks


amounts = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=12)


def danish(minor: int) -> str:
    whole, rest = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole:,}".replace(",", ".") + f",{rest:02d}"


@given(amounts, st.booleans())
def test_no_money_is_made_or_lost_whichever_end_is_newest(some, newest_first):
    balance, rows = 0, []
    for day, minor in enumerate(some, 1):
        balance += minor
        rows.append(f"{date(2026, 3, day):%d.%m.%Y};t;{danish(minor)};{danish(balance)}")
    text = "Dato;Tekst;Beløb;Saldo\n" + "\n".join(reversed(rows) if newest_first else rows) + "\n"
    statement = read(text)
    assert statement.lines["amount_minor"].sum() == sum(some) and statement.lines.height == len(some)
    assert statement.balances.select("opening_minor", "closing_minor", "ties").rows() == [(0, balance, True)]
    assert statement.lines["line_id"].n_unique() == len(some)
