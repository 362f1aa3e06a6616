"""OFX 1 and 2 as banks write them: small made-up files, one kind of trouble each."""

from datetime import date

import pytest

from recon.errors import DataRefused
from recon.statements.accounts import account_id
from recon.statements.readers.ofx import read_ofx
from recon.statements.readers.ofx_amounts import decimal_mark, read_amount

SGML = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n'
SIGNON = "<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS></SONRS></SIGNONMSGSRSV1>\n"
ACCOUNT = "<BANKACCTFROM><BANKID>9876<ACCTID>12345678<ACCTTYPE>CHECKING</BANKACCTFROM>"
BALANCE = "<LEDGERBAL><BALAMT>105.00<DTASOF>20260228120000[+1:CET]</LEDGERBAL>"


def entry(
    amount: str = "5.00", day: str = "<DTPOSTED>20260202", ref: str = "REF-0001", more: str = "<NAME>Hansen"
) -> str:
    return f"<STMTTRN><TRNTYPE>CREDIT{day}<TRNAMT>{amount}<FITID>{ref}{more}</STMTTRN>\n"


def statement(*entries: str, currency: str = "DKK", account: str = ACCOUNT, balance: str = BALANCE) -> str:
    listed = "".join(entries)
    return (
        f"<STMTTRNRS><TRNUID>1<STMTRS><CURDEF>{currency}\n{account}\n"
        f"<BANKTRANLIST><DTSTART>20260201<DTEND>20260228\n{listed}</BANKTRANLIST>\n{balance}\n</STMTRS></STMTTRNRS>"
    )


def ofx(*statements: str, head: str = SGML) -> str:
    return f"{head}<OFX>\n{SIGNON}<BANKMSGSRSV1>\n{''.join(statements)}</BANKMSGSRSV1>\n</OFX>\n"


def read(text: str | bytes, currency: str | None = None, account: str | None = None):
    data = text.encode() if isinstance(text, str) else text
    return read_ofx(data, "march.ofx", currency, account)


def closed(text: str) -> str:
    """The same with every element closed, as OFX 2 wants it."""
    leaves = ("CODE", "SEVERITY", "TRNUID", "CURDEF", "BANKID", "ACCTID", "ACCTTYPE", "DTSTART", "DTEND", "TRNTYPE",
              "DTPOSTED", "TRNAMT", "FITID", "NAME", "BALAMT", "DTASOF")  # fmt: skip
    for leaf in leaves:
        pieces = text.split(f"<{leaf}>")
        text = pieces[0] + "".join(
            f"<{leaf}>{piece.partition('<')[0].strip()}</{leaf}><{piece.partition('<')[2]}"
            for piece in pieces[1:]
        )
    return text


PLAIN = ofx(statement(entry()))


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        closed(PLAIN),
        closed(PLAIN).replace(SGML, XML),
        PLAIN.replace(SGML, XML),
        PLAIN.replace(SGML, ""),
        "\n\n" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace("\n", "\r\r\n"),
        SGML.replace("\n", " ") + PLAIN.removeprefix(SGML).replace("\n", ""),
        PLAIN.lower().replace("dkk", "DKK").replace("ref-0001", "REF-0001").replace("hansen", "Hansen"),
        "\ufeff" + PLAIN,
        closed(PLAIN).replace("<NAME>Hansen</NAME>", "<NAME><![CDATA[Hansen]]></NAME><MEMO/>"),
        PLAIN.replace("<NAME>Hansen", "<MEMO><NAME>Hansen"),
        PLAIN.replace("<NAME>Hansen", "<INTU.X>1<NAME>Hansen<!-- not the bank's -->"),
        PLAIN.replace("</STMTTRN>", ""),
        closed(PLAIN).replace("<OFX>", '<ofx:OFX xmlns:ofx="urn:x">').replace("</OFX>", "</ofx:OFX>"),
        PLAIN.encode("utf-16"),
    ],
    ids=["sgml", "closed", "xml", "unclosed_xml", "no_header", "blank_lines", "crlf", "cr", "crcrlf", "one_line",
         "lower_case", "bom", "cdata", "empty_leaf", "own_tags", "entry_not_closed", "prefix", "utf16"],
)  # fmt: skip
def test_spellings_change_nothing(text):
    file = read(text)
    assert file.lines.select("amount_minor", "booking_date", "text").rows() == [
        (500, date(2026, 2, 2), "Hansen")
    ]
    assert file.balances.select("closing_date", "closing_minor", "booked_minor", "ties").rows() == [
        (date(2026, 2, 28), 10500, 500, None)
    ]
    assert file.lines["account_id"].to_list() == [account_id(bban="9876-12345678", currency="DKK")]
    assert file.bank_refs["bank_ref"].to_list() == ["2026-02-02/REF-0001"]
    assert file.findings.is_empty()


@pytest.mark.parametrize(
    ("figure", "others", "minor"),
    [
        ("-16.85", (), -1685),
        ("+16,85", (), 1685),
        ("120", (), 12000),
        (".5", (), 50),
        ("-.50", (), -50),
        ("0.4000", (), 40),
        ("1,234.56", (), 123456),
        ("1.234,56", (), 123456),
        ("1.234.567", (), 123456700),
        ("\u22125,00", (), -500),
        ("0.500", (), 50),
        ("1,234", ("5.00",), 123400),
        ("1.000", ("5.00",), 100),
        ("1.000", ("5,00",), 100000),
        ("00000000012.3400", (), 1234),
    ],
)
def test_amounts(figure, others, minor):
    assert read_amount(figure, "DKK", decimal_mark([figure, *others])) == minor


@pytest.mark.parametrize(
    ("figure", "others"),
    [("1,234", ()), ("1.234", ("2.345",)), ("$120", ()), ("12.345", ("5.00",)), ("1 234", ()), ("1e3", ()), ("", ()),
     ("--5", ()), ("5-", ()), ("1,23,456.00", ()), ("1,234", ("5.00", "5,00")), ("9" * 50, ()), (".", ())],
)  # fmt: skip
def test_amounts_that_are_none_or_could_be_two_are_refused(figure, others):
    with pytest.raises(DataRefused):
        read_amount(figure, "DKK", decimal_mark([figure, *others]))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20260202", date(2026, 2, 2)),
        ("20260202235959", date(2026, 2, 2)),
        ("20260202235959.000[-8:PST]", date(2026, 2, 2)),
        ("20260202000000[+13:NZDT]", date(2026, 2, 2)),
        ("20260202093914:014", date(2026, 2, 2)),
        ("2026-02-02", date(2026, 2, 2)),
    ],
)
def test_a_day_is_the_banks_day_whatever_hour_and_zone_stand_behind(written, day):
    assert read(ofx(statement(entry(day=f"<DTPOSTED>{written}")))).lines["booking_date"].to_list() == [day]


def test_card_statements_keep_the_sign_of_the_file():
    card = (
        "<CCSTMTTRNRS><CCSTMTRS><CURDEF>DKK<CCACCTFROM><ACCTID>4571000000001234</CCACCTFROM><BANKTRANLIST>"
        + entry("-50.00", ref="PURCHASE1")
        + entry("20.00", ref="REFUND001")
        + "</BANKTRANLIST><LEDGERBAL><BALAMT>-30.00<DTASOF>20260228</LEDGERBAL></CCSTMTRS></CCSTMTTRNRS>"
    )
    file = read(ofx(card))
    assert file.lines["amount_minor"].to_list() == [-5000, 2000]
    assert file.balances["closing_minor"].to_list() == [-3000]
    assert file.accounts["bban"].to_list() == ["4571000000001234"]


def test_several_statements_accounts_and_currencies():
    other = statement(
        entry("-7.00"), currency="eur", account="<BANKACCTFROM><ACCTID>NL91ABNA0417164300</BANKACCTFROM>"
    )
    file = read(ofx(statement(entry()), other))
    assert file.lines.select("amount_minor", "currency").rows() == [(500, "DKK"), (-700, "EUR")]
    assert file.accounts["iban"].to_list() == ["DK8398760012345678", "NL91ABNA0417164300"]


@pytest.mark.parametrize(
    ("more", "text", "name"),
    [
        ("<NAME>HANSEN<MEMO>Faktura 1042", "HANSEN Faktura 1042", "HANSEN"),
        ("<NAME>EFTPOS ALDI<MEMO>EFTPOS ALDI   GEELONG", "EFTPOS ALDI GEELONG", "EFTPOS ALDI"),
        ("<MEMO>Faktura 1042", "Faktura 1042", None),
        ("<PAYEE><NAME>Hansen &amp; S&#248;n<CITY>X</PAYEE>", "Hansen & Søn", "Hansen & Søn"),
        ("<CHECKNUM>0<NAME>H", "H", "H"),
        ("<CHECKNUM>100200<NAME>H", "H 100200", "H"),
        ("<NAME>A &unknown; B < C", "A &unknown; B < C", "A &unknown; B < C"),
        ("", "CREDIT", None),
    ],
)
def test_words(more, text, name):
    lines = read(ofx(statement(entry(more=more)))).lines
    assert lines.select("text", "counterparty_name").rows() == [(text, name)]


@pytest.mark.parametrize(
    ("data", "head"),
    [("Købmand", "utf-8"), ("Købmand", "cp1252"), ("Købmand", "latin-1"), ("Købmand", "cp865")],
)
def test_letters(data, head):
    text = ofx(statement(entry(more=f"<NAME>{data}")))
    text = text.replace("CHARSET:1252", f"CHARSET:{'865' if head == 'cp865' else '1252'}")
    assert read(text.encode(head)).lines["text"].to_list() == [data]


def test_ids_used_twice_tell_no_lines_apart():
    file = read(ofx(statement(entry(), entry(), entry(ref="REF-0002"))))
    assert file.lines["line_id"].n_unique() == 3
    assert file.bank_refs["bank_ref"].to_list() == ["2026-02-02/REF-0002"]
    assert file.findings["what"].to_list() == ["id_repeated"]


def test_many_entries_that_are_not_closed_are_beside_each_other():
    text = ofx(statement(*(entry(ref=f"REF-{number:04d}") for number in range(100)))).replace(
        "</STMTTRN>", ""
    )
    assert read(text).lines["amount_minor"].to_list() == [500] * 100


def test_pending_entries_are_kept_apart():
    pending = "<BANKTRANLISTP><STMTTRNP><TRNTYPE>POS<DTTRAN>20260227<TRNAMT>-9.00<NAME>Kiosk</STMTTRNP></BANKTRANLISTP>"
    file = read(ofx(statement(entry(), balance=pending + BALANCE)))
    assert file.lines["amount_minor"].to_list() == [500]
    assert file.expected.select("amount_minor", "booking_date").rows() == [(-900, date(2026, 2, 27))]


def test_currencies_of_an_entry():
    foreign = "<NAME>X<CURRENCY><CURRATE>7.45<CURSYM>EUR</CURRENCY>"
    converted = "<NAME>X<ORIGCURRENCY><CURRATE>7,45<CURSYM>EUR</ORIGCURRENCY>"
    file = read(ofx(statement(entry(more=foreign), entry(more=converted, ref="REF-0002"))))
    assert file.lines.select("currency", "original_currency", "exchange_rate").rows() == [
        ("EUR", None, None),
        ("DKK", "EUR", 7.45),
    ]
    assert file.balances["booked_minor"].to_list() == [500]
    assert file.findings["what"].to_list() == ["other_currency"]


def test_of_an_investment_account_only_cash_is_read():
    text = ofx(
        "<INVSTMTTRNRS><INVSTMTRS><CURDEF>USD<INVACCTFROM><BROKERID>b.org<ACCTID>77</INVACCTFROM><INVTRANLIST>"
        "<DTSTART>20260101<DTEND>20260131<BUYSTOCK><INVBUY><TOTAL>-100.00</INVBUY></BUYSTOCK>"
        f"<INVBANKTRAN>{entry('0.2400')}<SUBACCTFUND>CASH</INVBANKTRAN></INVTRANLIST></INVSTMTRS></INVSTMTTRNRS>"
    )
    file = read(text)
    assert file.lines["amount_minor"].to_list() == [24]
    assert file.balances["closing_minor"].to_list() == [None]
    assert file.findings["what"].to_list() == ["securities_not_read"]


@pytest.mark.parametrize(
    ("balance", "closing", "findings"),
    [
        ("", None, []),
        ("<LEDGERBAL><BALAMT> <DTASOF>20260228</LEDGERBAL>", None, []),
        ("<LEDGERBAL><BALAMT>x<DTASOF>20260228</LEDGERBAL>", None, ["balance_unreadable"]),
        ("<LEDGERBAL><BALAMT>1.00<DTASOF>20260231</LEDGERBAL>", None, ["balance_unreadable"]),
        ("<AVAILBAL><BALAMT>1.00<DTASOF>20260228</AVAILBAL>", None, []),
        ("<LEDGERBAL><BALAMT>-1.00</LEDGERBAL>", -100, []),
    ],
)
def test_balances(balance, closing, findings):
    file = read(ofx(statement(entry(), balance=balance)))
    assert file.balances["closing_minor"].to_list() == [closing]
    assert file.findings["what"].to_list() == findings


def test_an_entry_without_booking_day_takes_the_day_it_became_available():
    file = read(ofx(statement(entry(day="<DTPOSTED><DTAVAIL>20260203"))))
    assert file.lines.select("booking_date", "value_date").rows() == [(date(2026, 2, 3), date(2026, 2, 3))]
    assert file.findings["what"].to_list() == ["no_booking_date"]


ERROR = "<STMTTRNRS><STATUS><CODE>2000<SEVERITY>ERROR<MESSAGE>General error</STATUS></STMTTRNRS>"
LISTING = "<ACCTINFOTRNRS><ACCTINFORS><ACCTINFO><DESC>X</ACCTINFO></ACCTINFORS></ACCTINFOTRNRS>"


def test_one_failed_answer_beside_a_statement_is_told():
    file = read(ofx(statement(entry()), ERROR))
    assert file.lines.height == 1
    assert file.findings.select("severity", "what").rows() == [("error", "bank_error")]


def test_a_list_of_accounts_is_valid_and_empty():
    file = read(ofx(LISTING))
    assert file.lines.is_empty()
    assert file.balances.is_empty()


def test_what_a_file_leaves_out_is_taken_from_the_import():
    text = ofx(statement(entry(), currency="", account=""))
    file = read(text, "DKK", "acc_mine")
    assert file.lines.select("currency", "account_id").rows() == [("DKK", "acc_mine")]
    assert file.findings["what"].to_list() == ["no_account"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ofx(ERROR), "General error (code 2000)"),
        (
            ofx(statement(entry())).replace("<CODE>0<SEVERITY>INFO", "<CODE>15500<SEVERITY>ERROR"),
            "code 15500",
        ),
        (ofx(), "without a statement"),
        (ofx(statement(entry(), currency="")), "No currency is stated"),
        (ofx(statement(entry(), currency="XYZ")), "not a currency"),
        (ofx(statement(entry(), entry(day=""))), "statement 1, entry 2: The entry has no day"),
        (ofx(statement(entry(day="<DTPOSTED>20260231"))), "“20260231” is no date"),
        (ofx(statement(entry("$5"))), "“$5” is not an amount"),
        (ofx(statement(entry("1,234"), balance="")), "thousands or decimals"),
        (ofx(statement(entry("5.005"))), "more decimals"),
        (ofx(statement(entry().replace("<TRNAMT>5.00", ""))), "no amount"),
        (ofx(statement(entry(more="<TRNAMT>6.00"))), "2 amounts"),
        (ofx(entry(), statement()), "outside any statement"),
        (ofx(statement(entry()))[:-20], "breaks off"),
    ],
)
def test_refusals_say_where_and_keep_nothing(text, words):
    with pytest.raises(DataRefused, match="Nothing ") as refusal:
        read(text)
    assert words in refusal.value.words
    assert "march.ofx" in refusal.value.words
