"""What banks make of MT940 and MT942: small made-up files, one kind of trouble each."""

from datetime import date

import polars as pl
import pytest

from recon.errors import DataRefused
from recon.statements.accounts import account_id, danish_iban
from recon.statements.readers.mt940 import read_mt940

IBAN = "DK8398760012345678"
HEAD = f":20:STARTUMS\n:25:{IBAN}\n:28C:7/1\n"
OPENING = ":60F:C260131DKK1000,00\n"


def read(text: str | bytes, currency: str | None = None, account: str | None = None):
    data = text.encode("latin-1") if isinstance(text, str) else text
    return read_mt940(data, "march.sta", currency, account)


def statement(*entries: str, closing: str = ":62F:C260228DKK1000,00") -> str:
    return "\n".join([HEAD + OPENING.strip(), *entries, closing, "-", ""])


def one(line: str, *further: str) -> dict:
    return read(statement(f":61:{line}", *further)).lines.row(0, named=True)


def found(read_file) -> set[str]:
    return set(read_file.findings["what"])


@pytest.mark.parametrize(
    ("line", "minor", "why"),
    [
        ("2602020202C12,34NTRFNONREF", 1234, "credit: money in"),
        ("2602020202D12,34NTRFNONREF", -1234, "debit: money out"),
        ("2602020202RC12,34NTRFNONREF", -1234, "a credit taken back: money out"),
        ("2602020202RD12,34NTRFNONREF", 1234, "a debit taken back: money in"),
        ("2602020202CR12,34NTRFNONREF", 1234, "R is the third letter of EUR, no reversal"),
        ("2602020202DR12,34NTRFNONREF", -1234, "the same on a debit"),
        ("2602020202RDK12,34NTRFNONREF", 1234, "reversal and third letter"),
        ("2602020202CD12,34NTRFNONREF", 1234, "D is the third letter of USD"),
        ("2602020202CK12,NTRFNONREF", 1200, "bare comma"),
        ("2602020202C12,3NTRFNONREF", 1230, "one decimal"),
        ("2602020202C500NTRFNONREF", 50000, "no comma at all"),
        ("2602020202C000000000012,34NTRFNONREF", 1234, "filled with zeros"),
        ("2602020202C1.234,56NTRFNONREF", 123456, "thousands grouped"),
        ("2602020202C0,00NTRFNONREF", 0, "nothing moved"),
        ("2602020202C12,34S   X", 1234, "type of blanks"),
        ("2602020202C12,34FMSC01916//NONREF", 1234, "type F"),
        ("260202C12,34NTRFNONREF", 1234, "no entry date"),
        ("260202    C12,34NTRFNONREF", 1234, "entry date of blanks"),
    ],
)
def test_marks_and_amounts(line, minor, why):
    assert one(line)["amount_minor"] == minor, why


@pytest.mark.parametrize(
    ("line", "value", "booked", "findings"),
    [
        ("2602020203C1,NTRFNONREF", date(2026, 2, 2), date(2026, 2, 3), set()),
        ("2601021231C1,NTRFNONREF", date(2026, 1, 2), date(2025, 12, 31), set()),
        ("2512310102C1,NTRFNONREF", date(2025, 12, 31), date(2026, 1, 2), set()),
        ("260202C1,NTRFNONREF", date(2026, 2, 2), date(2026, 2, 2), {"no_booking_date"}),
        ("2602020000C1,NTRFNONREF", date(2026, 2, 2), date(2026, 2, 2), {"no_booking_date"}),
        ("2602300302C1,NTRFNONREF", date(2026, 2, 28), date(2026, 3, 2), {"day_moved"}),
        ("2402300301C1,NTRFNONREF", date(2024, 2, 29), date(2024, 3, 1), {"day_moved"}),
        ("2402290229C1,NTRFNONREF", date(2024, 2, 29), date(2024, 2, 29), set()),
        ("2602020230C1,NTRFNONREF", date(2026, 2, 2), date(2026, 2, 28), {"day_moved"}),
        ("9912311231C1,NTRFNONREF", date(1999, 12, 31), date(1999, 12, 31), set()),
    ],
)
def test_days(line, value, booked, findings):
    file = read(statement(f":61:{line}", closing=":62F:C260228DKK1001,00"))
    assert file.lines.select("value_date", "booking_date").row(0) == (value, booked)
    assert found(file) == findings


ENTRY = ":61:2602020202C5,NTRFNONREF//BANK-0001"
CLOSED = ":62F:C260228DKK1005,00"


@pytest.mark.parametrize(
    "text",
    [
        statement(ENTRY, closing=CLOSED),
        "Dear customer, your statement\n940 00\n" + statement(ENTRY, closing=CLOSED),
        "{1:F01DABADKKKAXXX0000000000}{2:I940DABADKKKXXXXN}{4:\n" + statement(ENTRY, closing=CLOSED).strip() + "}",
        "\x01{1:F01DABADKKKAXXX0}{4:\n" + statement(ENTRY, closing=CLOSED).strip() + "}{5:{CHK:0}}\x03",
        "\x01\n" + statement(ENTRY, closing=CLOSED).strip() + "\x03",
        statement(ENTRY, closing=CLOSED).replace("\n", "\r\n"),
        statement(ENTRY, closing=CLOSED).replace("\n", "\r"),
        statement(ENTRY, closing=CLOSED).replace("\n", "\r\r\n"),
        statement(ENTRY, closing=CLOSED).removesuffix("\n-\n"),
        statement(ENTRY, closing=CLOSED).replace("\n-\n", "\n-XXX\n"),
        statement(ENTRY, closing=CLOSED).replace(":28C:", ":28:"),
        statement(ENTRY, closing=CLOSED + "\n:64:C260228DKK1005,00\n:65:C260301DKK1005,00"),
        statement(ENTRY, closing=CLOSED + "\n:86:Your deposits are covered.\nSee 12\n:20:15 for the time."),
        statement(ENTRY, closing=CLOSED).replace(":20:STARTUMS\n", ""),
        "\ufeff" + statement(ENTRY, closing=CLOSED),
    ],
    ids=["plain", "prose", "envelope", "trailer", "control", "crlf", "cr", "crcrlf", "no_end", "xxx", "28",
         "further_balances", "words_after", "no_20", "bom"],
)  # fmt: skip
def test_wrappings_change_nothing(text):
    file = read(text.encode("utf-8"))
    assert file.lines.select("amount_minor", "booking_date", "text").rows() == [
        (500, date(2026, 2, 2), "BANK-0001")
    ]
    assert file.balances.select("opening_minor", "closing_minor", "booked_minor", "ties").rows() == [
        (100000, 100500, 500, True)
    ]
    assert file.findings.is_empty()
    assert file.accounts["account_id"].to_list() == [account_id(IBAN, currency="DKK")]


@pytest.mark.parametrize(
    ("wrapped", "text"),
    [
        (":86:Betaling kl. 12\n:20:15 i butik", "Betaling kl. 12 :20:15 i butik"),
        (":86:Betaling kl. 12\n:25:15 i butik", "Betaling kl. 12 :25:15 i butik"),
        (":86:Betaling kl. 12\n:21:15 og 12\n:28:15", "Betaling kl. 12 :21:15 og 12 :28:15"),
        (":86:See\n:62F: below", "See :62F: below"),
        (":86:Pris\n-\nper stk", "Pris - per stk"),
        (":86:A\n\n\nB", "A B"),
        (":86:A\n:86:B", "A B"),
        (":86:" + "x" * 64 + "y\nz", "x" * 64 + "yz"),
    ],
)
def test_details_that_look_like_fields_are_words(wrapped, text):
    file = read(statement(ENTRY, wrapped, closing=CLOSED))
    assert file.lines["text"].to_list() == [text]
    assert file.balances["ties"].to_list() == [True]


def test_pages_of_a_statement_join():
    pages = (
        HEAD + OPENING + ENTRY + "\n:62M:C260215DKK1005,00\n-\n"
        ":20:STARTUMS\n" + f":25:{IBAN}\n:28C:7/2\n:60M:C260215DKK1005,00\n"
        ":61:2602160216D7,NTRFNONREF\n:62F:C260228DKK998,00\n-\n"
    )
    file = read(pages)
    assert file.balances.select("statement_no", "opening_minor", "closing_minor", "ties").rows() == [
        ("7/1", 100000, 100500, True),
        ("7/2", 100500, 99800, True),
    ]
    assert file.findings.is_empty()

    torn = read(pages.replace(":60M:C260215DKK1005,00", ":60M:C260215DKK1004,00"))
    assert torn.findings.filter(pl.col("what") == "pages_do_not_join")["amount_minor"].to_list() == [-100]


def test_a_page_inside_one_message_is_a_row_of_its_own():
    text = statement(ENTRY, ":62M:C260215DKK1005,00", ":60M:C260215DKK1005,00", ENTRY.replace("5,", "6,"))
    file = read(text.replace("DKK1000,00\n-", "DKK1011,00\n-"))
    assert file.balances["ties"].to_list() == [True, True]
    assert file.lines["amount_minor"].to_list() == [500, 600]


def test_a_balance_that_does_not_tie_says_by_how_much():
    file = read(statement(ENTRY, closing=":62F:C260228DKK1006,50"))
    assert file.balances["ties"].to_list() == [False]
    [row] = file.findings.rows(named=True)
    assert (row["what"], row["where"], row["amount_minor"]) == ("balance_does_not_tie", "statement 1", 150)
    assert "by 1.50 DKK" in row["words"]


@pytest.mark.parametrize(
    ("closing", "what"),
    [
        ("", "no_closing_balance"),
        (":62F:C260228DKKnull", "balance_unreadable"),
        (":62F:C260228XYZ1005,00", "balance_unreadable"),
        (":62F:C260228EUR1005,00", "balance_does_not_tie"),
    ],
)
def test_balances_missing_unreadable_or_in_another_currency_are_told(closing, what):
    file = read(statement(ENTRY, closing=closing))
    assert found(file) == {what}
    assert file.balances["ties"].to_list() == [False if what == "balance_does_not_tie" else None]


def test_several_accounts_and_currencies_in_one_file():
    second = ":20:B\n:25:12345678/1234567890\n:28C:1\n:60F:D260131EUR1,00\n"
    text = statement(ENTRY, closing=CLOSED) + second + ":61:260202D2,NTRFNONREF\n:62F:D260228EUR3,00\n-\n"
    file = read(text)
    assert file.balances.select("currency", "opening_minor", "closing_minor", "ties").rows() == [
        ("DKK", 100000, 100500, True),
        ("EUR", -100, -300, True),
    ]
    assert file.lines["currency"].to_list() == ["DKK", "EUR"]
    assert file.accounts.select("iban", "bban").rows() == [(IBAN, None), (None, "12345678/1234567890")]


@pytest.mark.parametrize(
    ("field", "iban", "bban", "currency"),
    [
        (IBAN, IBAN, None, "DKK"),
        ("DK83 9876 0012 3456 78", IBAN, None, "DKK"),
        (IBAN + "DKK", IBAN, None, "DKK"),
        ("DABADKKK/" + IBAN, IBAN, None, "DKK"),
        ("9876/0012345678", danish_iban("9876-0012345678"), None, "DKK"),
        ("50880050/0194787400888", None, "50880050/0194787400888", "EUR"),
        ("1291.99.348EUR", None, "1291.99.348EUR", "EUR"),
        ("//AT39364/12345678912/EUR", None, "//AT39364/12345678912/EUR", "EUR"),
        ("9876/0012345678", None, "9876/0012345678", "EUR"),
    ],
)
def test_ways_to_name_the_account(field, iban, bban, currency):
    text = f":20:A\n:25:{field}\n:28C:1\n:60F:C260131{currency}0,\n:62F:C260228{currency}0,\n"
    [account] = read(text).accounts.rows(named=True)
    assert (account["iban"], account["bban"], account["currency"]) == (iban, bban, currency)


def test_a_danish_account_has_one_id_however_it_is_written():
    ids = set()
    for field in (IBAN, "9876/0012345678", "9876-0012345678", "98760012345678"):
        ids.add(read(f":20:A\n:25:{field}\n:60F:C260131DKK0,\n:62F:C260131DKK0,").balances["account_id"][0])
    assert ids == {account_id(IBAN, currency="DKK")}


def test_a_statement_without_account_goes_to_the_one_given_or_the_files():
    text = f":20:A\n{OPENING}{ENTRY}\n{CLOSED}\n"
    assert read(text, account="acc_mine").lines["account_id"].to_list() == ["acc_mine"]
    file = read(text)
    assert file.lines["account_id"].to_list() == read(text).lines["account_id"].to_list()
    assert found(file) == {"no_account"}


INTERIM = (
    ":20:INT\n:25:" + IBAN + "\n:28C:7/3\n:34F:DKK0,\n:13D:2602021200+0100\n"
    ":61:2602020202C5,NTRFNONREF\n:86:Booked today\n"
    ":61:2602020202D2,NTRFNONREF\n:61:2602030203EC9,NTRFNONREF\n:86:On its way\n"
    ":90D:1DKK2,00\n:90C:2DKK14,00\n-\n"
)


def test_an_interim_report_keeps_what_is_expected_apart():
    file = read(INTERIM)
    assert file.format == "mt942"
    assert file.lines["amount_minor"].to_list() == [500, -200]
    assert file.expected.select("amount_minor", "text").rows() == [(900, "On its way")]
    assert file.balances.select("opening_minor", "closing_minor", "booked_minor", "ties").rows() == [
        (None, None, 300, None)
    ]
    assert file.findings.is_empty()


def test_an_interim_report_whose_sums_miss_its_entries_says_so():
    file = read(INTERIM.replace(":90C:2DKK14,00", ":90C:3DKK15,00"))
    assert file.findings.select("what", "amount_minor").rows() == [("sum_differs", 100)]


def test_an_interim_report_takes_its_currency_from_its_sums():
    text = INTERIM.replace(":34F:DKK0,\n", "").replace("DKK", "JPY").replace(",00", "")
    assert read(text).lines.select("amount_minor", "currency").rows() == [(5, "JPY"), (-2, "JPY")]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (":86:Købmand Østergård".encode(), "Købmand Østergård"),
        (":86:Købmand Østergård".encode("latin-1"), "Købmand Østergård"),
        (":86:Caf\x80 \x93Hansen\x94".encode("latin-1"), "Caf€ “Hansen”"),
        (rb":86:K\BMAND \STERG]RD \sterg}rd", "KØBMAND ØSTERGÅRD Østergård"),
        (rb":86:BR\D [lager] {kasse} A|B 5|6", "BRØD [lager] {kasse} A|B 5|6"),
        (":86:Tranzakci\ufffds".encode(), "Tranzakci?s"),
    ],
    ids=["utf8", "latin1", "cp1252", "7bit", "7bit_brackets", "lost"],
)
def test_letters(data, text):
    file = read(statement(ENTRY, "@", closing=CLOSED).encode().replace(b"@", data))
    assert file.lines["text"].to_list() == [text]
    assert found(file) == ({"letters_lost"} if "?" in text else set())


@pytest.mark.parametrize(
    ("account", "currency", "text"),
    [("SE4550000000058398257466", "SEK", "KÖPMAN"), ("DE89370400440532013000", "EUR", "KÖPMAN"),
     ("NL91ABNA0417164300", "EUR", "K\\PMAN")],
)  # fmt: skip
def test_seven_bit_letters_are_those_of_the_accounts_country(account, currency, text):
    file = read(
        f":20:A\n:25:{account}\n:60F:C260131{currency}0,\n:61:260202C1,NTRFNONREF\n:86:K\\PMAN\n"
        f":62F:C260228{currency}1,\n"
    )
    assert file.lines["text"].to_list() == [text]


@pytest.mark.parametrize(
    ("line", "further", "end_to_end", "name", "account"),
    [
        ("NTRFFAK-1042//BANK-1", [], "FAK-1042", None, None),
        ("NTRFNONREF//BANK-1", [], None, None, None),
        ("NTRFKREF+//BANK-1", [":86:166?20KREF+17?21SVWZ+Fak"], None, None, None),
        ("NTRFFAK-1042//BANK-1", [":86:166?20EREF+E-17?21SVWZ+Fak"], "E-17", None, None),
        ("NCHK17", [], None, None, None),
        ("N0440121470966      W.P. Jansen", [], None, "W.P. Jansen", "0121470966"),
        ("N030NONREF          TOMTE", [], None, "TOMTE", None),
        ("NOVBNL91ABNA0417164300", [], None, None, "NL91ABNA0417164300"),
        ("N102EREF", ["NL91ABNA0417164300", ":86:/EREF/E-17/REMI/x"], "E-17", None, "NL91ABNA0417164300"),
    ],
)
def test_references_of_the_entry_line(line, further, end_to_end, name, account):
    row = one(f"2602020202C5,{line}", *further)
    told = row["end_to_end_id"], row["counterparty_name"], row["counterparty_account"]
    assert told == (end_to_end, name, account)


@pytest.mark.parametrize(
    ("line", "details", "kind"),
    [
        ("NTRFNONREF", "x", "transfer"),
        ("NDDTNONREF", "x", "direct_debit"),
        ("NCHGNONREF", "x", "fee"),
        ("NINTNONREF", "x", "interest"),
        ("NMSCNONREF", "106?20x", "card"),
        ("NMSCNONREF", "x", None),
    ],
)
def test_kinds(line, details, kind):
    assert one(f"2602020202C5,{line}", f":86:{details}")["kind"] == kind


def test_an_amount_before_conversion_is_kept_with_its_sign():
    row = one("2602020202D68,50NTRFNONREF", "/OCMT/USD10,00/", ":86:Hotel")
    assert (row["original_minor"], row["original_currency"], row["exchange_rate"]) == (-1000, "USD", 6.85)
    row = one("2602020202D68,50NTRFNONREF", "/OCMT/DKK68,00//CHGS/DKK0,50/")
    assert (row["original_minor"], row["original_currency"]) == (None, None)


def test_same_bank_reference_twice_tells_no_lines_apart():
    file = read(statement(ENTRY, ENTRY, ENTRY.replace("0001", "0002"), closing=":62F:C260228DKK1015,00"))
    assert file.bank_refs["bank_ref"].to_list() == ["2026-02-02/BANK-0002"]
    assert file.lines["line_id"].n_unique() == 3


def test_an_empty_statement_gives_its_balances_and_no_lines():
    file = read(statement())
    assert file.lines.is_empty()
    assert file.balances["ties"].to_list() == [True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (statement(":61:2602020202X12,34NTRF"), "statement 1, entry 1: The entry line"),
        (statement(ENTRY, ":61:"), "entry 2: The entry line"),
        (statement(":61:2602310202C1,NTRF"), "“260231” is no date"),
        (statement(":61:2602021302C1,NTRF"), "“1302” is no entry date"),
        (statement(":61:2602020202C1,234NTRF"), "more decimals"),
        (statement(":61:2602020202C1.234NTRF"), "not an amount"),
        (statement(":61:2602020202C" + "9" * 40 + ",NTRF"), "longer than"),
        (statement(ENTRY, f":25:{IBAN[:-1]}9"), "names two accounts"),
        (HEAD + ":61:2602020202C1,NTRF", "No currency is stated"),
        (HEAD + OPENING + ":61:2602020202C123,4", "ends within"),
        (":20:A\n:25:B\n:28C:1\n", "holds no MT940 statement"),
        ("", "holds no MT940 statement"),
        ("<html>:20:</html>", "holds no MT940 statement"),
    ],
)
def test_refusals_say_where_and_keep_nothing(text, words):
    with pytest.raises(DataRefused, match="Nothing ") as refusal:
        read(text)
    assert words in refusal.value.words
    assert "march.sta" in refusal.value.words


def test_a_long_file_tells_how_far_it_is():
    told = []
    read_mt940(statement(*[ENTRY] * 5000).encode(), "march.sta", None, None, told.append)
    assert told == sorted(told)
    assert len(told) == 2
    assert 0 <= told[0] < 0.1 < told[1] < 1
